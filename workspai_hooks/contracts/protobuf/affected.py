"""Which contract files a change touches: itself, its packages, its importers, its copies."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from workspai_hooks.contracts.protobuf.resolve import resolve
from workspai_hooks.contracts.protobuf.tree import Tree

_TOGETHER = 100
"""Files that are read at once: who asks for a few importers does not read them all."""


def with_packages(tree: Tree, changed: Iterable[str], packages: Iterable[str]) -> set[str]:
    """The changed files of this side, and all files of `packages` (copies of a contract among them).

    Without a package, a file's folder stands for it.
    """
    found = {path for path in changed if path in tree}
    folders = {posixpath.dirname(path) for path in found if not tree.scan(path).package}
    for package in packages:
        if package:
            may = tree.declaring(package)
            tree.load(may)
            found.update(path for path in may if tree.scan(path).package == package)
    names = {posixpath.basename(path) for path in found}
    for path in tree.paths if folders else ():
        near = posixpath.dirname(path) in folders or posixpath.basename(path) in names
        if near and not tree.scan(path).package:
            found.add(path)
    return found


def packages_of(tree: Tree, paths: Iterable[str]) -> set[str]:
    """The packages that these files declare; "" for those without one."""
    return {tree.scan(path).package for path in paths if path in tree}


def may_import(tree: Tree, paths: Iterable[str]) -> set[str]:
    """All `importers` of `paths`, and others that seem to be some; no text is looked at for it."""
    found: set[str] = set()
    public = set(tree.public())
    names = {posixpath.basename(path) for path in paths}
    queue = sorted(names)
    for name in queue:
        users = tree.importing(name)
        found.update(users)
        for path in public.intersection(users):
            if (other := posixpath.basename(path)) not in names:
                names.add(other)
                queue.append(other)
    return found


def importers(
    tree: Tree, paths: Iterable[str], *, transitive: bool = False, most: int | None = None
) -> set[str]:
    """Files that import one of `paths`, directly or through public imports (or through any, `transitive`).
    Where there are more than `most`, some of them, more than `most`."""
    found: set[str] = set()
    seen = set(paths)
    queue = sorted(seen)
    for path in queue:
        users = tree.importing(posixpath.basename(path))
        for start in range(0, len(users), _TOGETHER):
            if most is not None and len(found) > most:
                return found
            some = users[start : start + _TOGETHER]
            tree.load(some)
            for user in some:
                public = [
                    statement.public
                    for statement in tree.scan(user).imports
                    if posixpath.basename(statement.name) == posixpath.basename(path)
                    and resolve(tree, user, statement.name) == path
                ]
                if public and user not in found:
                    found.add(user)
                    if (transitive or any(public)) and user not in seen:
                        seen.add(user)
                        queue.append(user)
    return found
