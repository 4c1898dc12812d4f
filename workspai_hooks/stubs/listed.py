"""Files that a generator lists beside them instead of marking each.

openapi-generator and swagger-codegen keep a hidden folder with their version, the former with the names of
all that it wrote.
"""

from __future__ import annotations

import posixpath

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.stubs.marker import Contract
from workspai_hooks.stubs.recognise import Generated

_FOLDERS = {".openapi-generator": "openapi-generator", ".swagger-codegen": "swagger-codegen"}
MAX_LISTED = 100_000


def listed(snapshot: Snapshot) -> dict[str, Generated]:
    """Every file that such a list names and that is there; a folder without a list has an entry by its own
    path with a slash behind it."""
    markers = [
        path
        for path in snapshot.paths()
        if posixpath.basename(path) in ("VERSION", "FILES")
        and posixpath.basename(posixpath.dirname(path)) in _FOLDERS
    ]
    if not markers:
        return {}
    texts = {path: data for path, data in snapshot.read_many(markers).items() if data}
    there = frozenset(snapshot.paths())
    found: dict[str, Generated] = {}
    for hidden in sorted({posixpath.dirname(path) for path in texts}):
        version = texts.get(f"{hidden}/VERSION", b"").strip()[:40].decode("ascii", "replace")
        row = Generated(_FOLDERS[posixpath.basename(hidden)], version, "", Contract.OPENAPI)
        folder = posixpath.dirname(hidden)
        found[f"{folder}/" if folder else ""] = row
        names = texts.get(f"{hidden}/FILES", b"").decode("utf-8", "replace").splitlines()[:MAX_LISTED]
        paths = {posixpath.normpath(posixpath.join(folder, name.strip())) for name in names if name.strip()}
        inside = {path for path in paths if not folder or path.startswith(f"{folder}/")}
        found |= dict.fromkeys(sorted(inside & there), row)
    return found
