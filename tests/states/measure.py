"""A digest of everything below a folder. Each hook loads it: nothing but the standard library."""

from __future__ import annotations

import hashlib
import os

OURS = "workspai-hooks"
"""Our own cache in a git directory: the one place that a check may write to."""


def digest(folder: str) -> dict[str, str]:
    """SHA-256 of each file (path below `folder` -> digest of its mode and content), git directories
    among them: index, configuration, refs, logs, objects, work trees."""
    found = {}
    for here, folders, files in os.walk(folder):
        if OURS in folders:
            folders.remove(OURS)
        for name in [*files, *(one for one in folders if os.path.islink(os.path.join(here, one)))]:
            path = os.path.join(here, name)
            found[os.path.relpath(path, folder)] = _one(path)
    return found


def _one(path: str) -> str:
    mode = os.lstat(path).st_mode
    if os.path.islink(path):
        content = os.fsencode(os.readlink(path))
    else:
        with open(path, "rb") as file:
            content = file.read()
    return hashlib.sha256(b"%o\0%s" % (mode, content)).hexdigest()


def differing(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Paths that are not the same in both."""
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
