"""Imports of Google's common protos (`google/api/annotations.proto`, `google/type/money.proto`, …) from the
PyPI package googleapis-common-protos, which is installed with us: most repositories import one of them and
have none of them.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = "googleapis-common-protos"
FOLDER = "google/"


def find(name: str) -> Path | None:
    """The packaged file that `import "name"` means."""
    if not name.startswith(FOLDER) or ".." in name.split("/"):
        return None
    from importlib.metadata import PackageNotFoundError, distribution  # 20 ms that few repositories need

    try:
        file = Path(str(distribution(PACKAGE).locate_file(name)))
        return file if file.is_file() else None
    except (PackageNotFoundError, OSError, ValueError):
        return None
