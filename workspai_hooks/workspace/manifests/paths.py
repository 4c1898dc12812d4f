"""Paths inside the repository as text; nothing here looks at a disk."""

from __future__ import annotations

import posixpath


def folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def inside(folder: str, relative: str) -> str | None:
    """`relative` as seen from `folder`, as a path in the repository; None where it leads out of it."""
    relative = relative.strip().replace("\\", "/")
    if not relative or relative.startswith(("/", "~", "git@")) or "://" in relative:
        return None
    path = posixpath.normpath(posixpath.join(folder, relative))
    if path == ".." or path.startswith("../"):
        return None
    return "" if path == "." else path


def holds(folder: str, path: str) -> bool:
    """`path` is `folder` or lies in it; the empty folder is the repository's top."""
    return not folder or path == folder or path.startswith(folder + "/")


def ancestors(path: str) -> list[str]:
    """The folders that hold `path`, the innermost first, the repository's top (`""`) last."""
    found = []
    while path:
        path = folder_of(path)
        found.append(path)
    return found


def in_common(left: str, right: str) -> int:
    """How many folders two paths have in common from the top; a folder is told by a slash at its end."""
    count = 0
    for one, other in zip(folder_of(left).split("/"), folder_of(right).split("/"), strict=False):
        if one != other or not one:
            break
        count += 1
    return count
