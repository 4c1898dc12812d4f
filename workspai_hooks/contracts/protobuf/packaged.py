"""Imports that packages of PyPI serve, from those that are installed beside us.

googleapis-common-protos is one of our own dependencies: most repositories import one of its files
(`google/api/annotations.proto`, `google/type/money.proto`, …) and have none of them. Others count where a
user installs them beside us (`additional_dependencies` of a hook). A package brings `.proto` files, or stubs
whose descriptors are printed (printed.py); nothing of it is run.
"""

from __future__ import annotations

import sysconfig
from contextlib import suppress
from functools import cache
from pathlib import Path

from workspai_hooks.contracts.protobuf.known import source_of

PACKAGE = "PyPI"
_MOST_BYTES = 16 * 1024 * 1024


@cache
def folders() -> tuple[Path, ...]:
    """Where packages are installed that this interpreter runs us with, never a folder of a repository."""
    found = [sysconfig.get_path(kind) for kind in ("purelib", "platlib")]
    with suppress(KeyError):
        found.append(sysconfig.get_path("purelib", sysconfig.get_preferred_scheme("user")))
    ours = Path(__file__).parents[3]  # `pip install --target` puts all into one folder
    return tuple(dict.fromkeys([*map(Path, found), ours]))


def installed() -> list[str]:
    """Names and versions of the packages there, to tell whether they are as they were."""
    return sorted(one.name for folder in folders() for one in folder.glob("*.dist-info"))


def find(name: str, importer: str = "") -> bytes | None:
    """The packaged text that `import "name"` means, in a file that is imported as `importer` itself."""
    if not name.endswith(".proto") or name.startswith("/") or ".." in name.split("/") or "\0" in name:
        return None
    for folder in folders():
        for path in _places(name, importer):
            data = _content(folder / path)
            if data is None:
                data = _from_stub(folder, path)
            if data is not None:
                return data
    return None


def _beside(name: str, importer: str) -> list[str]:
    """Where the distribution of the importing file keeps a file of this name, below a folder of its own."""
    source = source_of(importer)
    own = source is not None and source.folder.endswith(f"/{source.prefix}")
    return [source.folder.removesuffix(source.prefix) + name] if own and source is not None else []


def _places(name: str, importer: str) -> list[str]:
    """Where distributions keep a file. Names that nobody is known to serve are the repository's own: an older
    release of it may be installed here."""
    found = _beside(name, importer)
    if (source := source_of(name)) is not None:
        found += [name, source.folder + name[len(source.prefix) :] if source.folder else name]
    return list(dict.fromkeys(found))


def _from_stub(folder: Path, path: str) -> bytes | None:
    """The text of the descriptor in the stub that protoc makes for a file of this path."""
    file = folder / f"{path.removesuffix('.proto').replace('-', '_').replace('.', '/')}_pb2.py"
    data = _content(file)
    if data is None:
        return None
    from workspai_hooks.contracts.protobuf.embedded import descriptor
    from workspai_hooks.contracts.protobuf.printed import printed

    found = descriptor(data, file.name)
    return printed(found) if found is not None else None


def _content(file: Path) -> bytes | None:
    try:
        if not file.is_file():
            return None
        with file.open("rb") as opened:
            return opened.read(_MOST_BYTES + 1)
    except (OSError, ValueError):
        return None


def distribution_of(name: str) -> str:
    """The distribution that would serve an import if it were installed; empty where none is known."""
    source = source_of(name)
    return source.distribution if source is not None else ""
