"""Which file an import means, in a repository of unknown layout.

A buf workspace says so itself. Elsewhere the import roots are inferred: every file whose path ends
in the import string is a candidate, and the one nearest to the importing file wins.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from workspai_hooks.contracts.protobuf import bufconfig, known, packaged, registry, standin
from workspai_hooks.contracts.protobuf.scan import Import
from workspai_hooks.contracts.protobuf.tree import CACHED, STANDIN, Tree
from workspai_hooks.errors import Undecided

WELL_KNOWN = frozenset(
    f"google/protobuf/{name}.proto"
    for name in (
        *("any", "api", "compiler/plugin", "cpp_features", "descriptor", "duration", "empty", "field_mask"),
        *("go_features", "java_features", "source_context", "struct", "timestamp", "type", "wrappers"),
    )
)
"""Files that buf brings along (private/gen/data/datawkt)."""


PACKAGED = f"{CACHED}{packaged.PACKAGE}/"
"""Files of packages have virtual paths below this one."""


class Missing(msgspec.Struct, frozen=True):
    """An import that no file of the repository and of buf's cache answers."""

    path: str
    """The file that the question is about: the importing one, or the one that led to it outside."""
    statement: Import
    dependencies: tuple[bufconfig.Dependency, ...]
    near: tuple[str, ...] = ()
    """Files of the same name that stand elsewhere: the import was moved, or is misspelt."""
    submodules: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        return f'import "{self.statement.name}" is in neither the repository nor buf\'s cache'

    @property
    def undecided(self) -> Undecided:
        return Undecided(f"{self.path}:{self.statement.line}", self.why, self.remedy)

    @property
    def remedy(self) -> str:
        """What brings it here: the exact command where it is known who serves it."""
        name = self.statement.name
        if self.near:
            return f"mend the import, it may mean {self.near[0]}; stage it and commit again"
        source = known.source_of(known.canonical(name))
        module = source.module if source is not None else ""
        kept = f", or copy it from {_listed(self.submodules)} (submodules are not looked into)"
        beside = (
            f", or let the hook have {source.distribution} (additional_dependencies)"
            if source and source.distribution
            else ""
        )
        others = (kept if self.submodules else "") + beside
        asked = [item for item in self.dependencies if item.name == module]
        if asked or (self.dependencies and not module):
            pinned = all(item.commit for item in asked or self.dependencies)
            command = "buf build" if pinned else "buf dep update && buf build"
            names = module or ", ".join(sorted(item.name for item in self.dependencies))
            return (
                f"fetch it once with `{command}` (it {'is' if module else 'may be'} in {names}), "
                f"or vendor it: `buf export {module or '<module>'} -o third_party`{others}"
            )
        if module:
            written = f"`buf export {module} -o third_party` writes it into the repository"
            return f"{written}: stage it and commit again{others}"
        return f"add {name} to the repository (or to buf.yaml's deps), stage it and commit again{others}"


_SHOWN = 3


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


class Closure(msgspec.Struct, frozen=True):
    """A file and all that it needs. `names` says which file each import string means; "" is buf's own. `lent`
    are imports that a stand-in takes the place of: they are missing, and only their options are used."""

    target: str
    files: frozenset[str]
    names: Mapping[str, str]
    missing: tuple[Missing, ...]
    lent: tuple[Missing, ...] = ()


def closure(tree: Tree, target: str) -> Closure:
    """Follow the imports from `target`. As for a compiler, one import string means one file throughout."""
    names: dict[str, str] = {}
    files = {target}
    missing: list[Missing] = []
    lent: list[Missing] = []
    queue = [target]
    for path in queue:
        for statement in tree.scan(path).imports:
            if statement.name in names:
                continue
            found = resolve(tree, path, statement.name)
            if found is None or found.startswith(STANDIN):
                (missing if found is None else lent).append(_missing(tree, target, path, statement))
            if found is None:
                continue
            names[statement.name] = found
            if found and found not in files:
                files.add(found)
                queue.append(found)
    return Closure(target, frozenset(files), names, tuple(missing), tuple(lent))


def _missing(tree: Tree, target: str, path: str, statement: Import) -> Missing:
    if path.startswith(CACHED):
        first = tree.scan(target).imports[0]
        path, statement = target, replace(statement, line=first.line)
    module = tree.module(path)
    near = tuple(sorted(tree.named(posixpath.basename(statement.name))))
    if known.canonical(statement.name) in known.OPTIONS or known.source_of(statement.name):
        near = ()  # not misspelt
    dependencies = module.dependencies if module else ()
    return Missing(path, statement, dependencies, near, tuple(tree.submodules()))


def resolve(tree: Tree, importer: str, name: str) -> str | None:
    """The file that `importer` means by `name`; "" for one that buf brings along, None for none."""
    if name in WELL_KNOWN:
        return ""
    key = (importer, name)
    if key not in tree.resolved:
        tree.resolved[key] = _resolve(tree, importer, name)
    return tree.resolved[key]


def _resolve(tree: Tree, importer: str, name: str) -> str | None:
    plain = known.canonical(name)
    return (
        _found(tree, importer, name)
        or (_found(tree, importer, plain) if plain != name else None)
        or _standin(tree, importer, name)
    )


def _found(tree: Tree, importer: str, name: str) -> str | None:
    if importer.startswith(CACHED):
        return (
            _beside(tree, importer, name)
            or _nearest(tree, importer, name)
            or _from_package(tree, name, importer.removeprefix(PACKAGED))
        )
    module = tree.module(importer)
    return (
        _in_workspace(tree, module, name)
        or _nearest(tree, importer, name)
        or _from_registry(tree, module, name)
        or _from_above(tree, name)
        or _from_package(tree, name)
    )


def _from_package(tree: Tree, name: str, importer: str = "") -> str | None:
    data = packaged.find(name, importer)
    return tree.add_outside(f"{PACKAGED}{name}", data) if data is not None else None


def _standin(tree: Tree, importer: str, name: str) -> str | None:
    """An empty file where a file lends options only."""
    if known.canonical(name) not in known.OPTIONS or tree.unreadable(importer):
        return None
    scanned = tree.scan(importer)
    if any(one.public for one in scanned.imports if one.name == name):
        return None
    package = standin.package_for(name, tree.text(importer), scanned.package)
    if package is None:
        return None
    return tree.add_outside(f"{STANDIN}{package}/{name}", standin.text_of(package))


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
