"""Which file an import means, in a repository of unknown layout.

A buf workspace says so itself. Elsewhere the import roots are inferred: every file whose path ends
in the import string is a candidate, and the one nearest to the importing file wins.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

import msgspec

from workspai_hooks.contracts.protobuf import bufconfig, packaged, registry
from workspai_hooks.contracts.protobuf.scan import Import
from workspai_hooks.contracts.protobuf.tree import CACHED, Tree
from workspai_hooks.errors import Undecided

WELL_KNOWN = frozenset(
    f"google/protobuf/{name}.proto"
    for name in (
        *("any", "api", "compiler/plugin", "cpp_features", "descriptor", "duration", "empty", "field_mask"),
        *("go_features", "java_features", "source_context", "struct", "timestamp", "type", "wrappers"),
    )
)
"""Files that buf brings along (private/gen/data/datawkt)."""


class Missing(msgspec.Struct, frozen=True):
    """An import that no file of the repository and of buf's cache answers."""

    path: str
    statement: Import
    dependencies: tuple[bufconfig.Dependency, ...]
    near: tuple[str, ...] = ()
    """Files of the same name that stand elsewhere: the import was moved, or is misspelt."""

    @property
    def undecided(self) -> Undecided:
        name = self.statement.name
        if self.near:
            remedy = f"mend the import, it may mean {self.near[0]}; stage it and commit again"
        elif self.dependencies:
            names = ", ".join(sorted(item.name for item in self.dependencies))
            remedy = (
                f"fetch it once with `buf dep update && buf build` (it may be in {names}), "
                f"or vendor it: `buf export` writes its files into the repository"
            )
        else:
            remedy = f"add {name} to the repository (or to buf.yaml's deps), stage it and commit again"
        why = f'import "{name}" is in neither the repository nor buf\'s cache'
        return Undecided(f"{self.path}:{self.statement.line}", why, remedy)


class Closure(msgspec.Struct, frozen=True):
    """A file and all that it needs. `names` says which file each import string means; "" is buf's own."""

    target: str
    files: frozenset[str]
    names: Mapping[str, str]
    missing: tuple[Missing, ...]


def closure(tree: Tree, target: str) -> Closure:
    """Follow the imports from `target`. As for a compiler, one import string means one file throughout."""
    names: dict[str, str] = {}
    files = {target}
    missing = []
    queue = [target]
    for path in queue:
        for statement in tree.scan(path).imports:
            if statement.name in names:
                continue
            found = resolve(tree, path, statement.name)
            if found is None:
                module = tree.module(path)
                near = tuple(sorted(tree.named(posixpath.basename(statement.name))))
                missing.append(Missing(path, statement, module.dependencies if module else (), near))
                continue
            names[statement.name] = found
            if found and found not in files:
                files.add(found)
                queue.append(found)
    return Closure(target, frozenset(files), names, tuple(missing))


def resolve(tree: Tree, importer: str, name: str) -> str | None:
    """The file that `importer` means by `name`; "" for one that buf brings along, None for none."""
    if name in WELL_KNOWN:
        return ""
    key = (importer, name)
    if key not in tree.resolved:
        tree.resolved[key] = _resolve(tree, importer, name)
    return tree.resolved[key]


def _resolve(tree: Tree, importer: str, name: str) -> str | None:
    if importer.startswith(CACHED):
        return _beside(tree, importer, name) or _nearest(tree, importer, name) or _from_package(tree, name)
    module = tree.module(importer)
    return (
        _in_workspace(tree, module, name)
        or _nearest(tree, importer, name)
        or _from_registry(tree, module, name)
        or _from_above(tree, name)
        or _from_package(tree, name)
    )


def _from_package(tree: Tree, name: str) -> str | None:
    file = packaged.find(name)
    return tree.add_outside(f"{CACHED}{packaged.PACKAGE}/{name}", file) if file else None


def _from_above(tree: Tree, name: str) -> str | None:
    """An import root above the repository, as in a GOPATH: `host/repo/api/x.proto` is `api/x.proto`."""
    folders = name.split("/")
    tails = ("/".join(folders[start:]) for start in range(1, len(folders) - 1))
    return next((tree.real(tail) for tail in tails if tail in tree), None)


def _in_workspace(tree: Tree, module: bufconfig.Module | None, name: str) -> str | None:
    if module is None:
        return None
    mates = [mate for mate in tree.modules if mate.workspace == module.workspace and mate != module]
    for mate in (module, *mates):
        path = bufconfig.join(mate.root, name)
        if path in tree and mate.holds(path):
            return tree.real(path)
    return None


def _nearest(tree: Tree, importer: str, name: str) -> str | None:
    ending = "/" + name
    candidates = [  # a file that imports its own name means another root's, which it comes second to
        path
        for path in tree.named(posixpath.basename(name))
        if (path == name or path.endswith(ending)) and path != importer
    ]
    if not candidates:
        return None
    return tree.real(min(candidates, key=lambda path: (-shared(importer, path), len(path), path)))


def shared(one: str, other: str) -> int:
    """How many folders two paths have in common, from the top."""
    count = 0
    for left, right in zip(one.split("/")[:-1], other.split("/")[:-1], strict=False):
        if left != right:
            break
        count += 1
    return count


def _from_registry(tree: Tree, module: bufconfig.Module | None, name: str) -> str | None:
    if module is None:
        return None
    dependencies = [
        *module.dependencies,
        *(item for mate in tree.modules if mate.workspace == module.workspace for item in mate.dependencies),
    ]
    found = registry.find(dict.fromkeys(dependencies), name)
    return tree.add_outside(f"{CACHED}{found[0]}/{name}", found[1]) if found else None


def _beside(tree: Tree, importer: str, name: str) -> str | None:
    """An import of a cached file: the lock of the module that led there lists all it needs, too."""
    every = dict.fromkeys(item for module in tree.modules for item in module.dependencies)
    mine = [item for item in every if importer.startswith(CACHED + item.name + "/")]
    found = registry.find([*mine, *every], name)
    return tree.add_outside(f"{CACHED}{found[0]}/{name}", found[1]) if found else None


def import_path(tree: Tree, path: str, imported_as: Iterable[str] = ()) -> str:
    """How others import this file: by buf's roots, by what importers write, or by its package's folders."""
    module = tree.module(path)
    if module is not None:
        return path[len(module.root) + 1 :] if module.root else path
    names = sorted(imported_as, key=lambda name: (-len(name), name))
    if names:
        return names[0]
    folders = path.split("/")[:-1]
    package = tree.scan(path).package.split(".")
    depth = next(
        (
            size
            for size in range(min(len(folders), len(package)), 0, -1)
            if folders[-size:] == package[-size:]
        ),
        0,
    )
    return "/".join([*folders[len(folders) - depth :], posixpath.basename(path)])
