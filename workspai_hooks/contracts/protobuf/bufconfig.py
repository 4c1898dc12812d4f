"""The repository's buf configuration: modules with their roots, what they leave out, and what may break.

buf.yaml v1beta1, v1 and v2, and buf.work.yaml. https://buf.build/docs/configuration/v2/buf-yaml/
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.errors import Undecided

_CONFIGS = ("buf.yaml", "buf.yml", "buf.mod")
_WORKSPACES = ("buf.work.yaml", "buf.work")
_REMEDY = "correct the file, stage it and commit again"


class BreakingPolicy(msgspec.Struct, frozen=True):
    """What the repository counts as a break. Paths are relative to the repository's top.

    An empty `use` means that nothing was configured.
    """

    use: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    ignore_only: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    ignore_unstable_packages: bool = False


class Dependency(msgspec.Struct, frozen=True, order=True):
    """A module of a registry, pinned by buf.lock; `commit` is empty where it is not pinned."""

    name: str
    commit: str


class Module(msgspec.Struct, frozen=True):
    """A folder that is an import root. `workspace` is the folder whose modules see each other."""

    root: str
    workspace: str
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    breaking: BreakingPolicy = msgspec.field(default_factory=BreakingPolicy)
    dependencies: tuple[Dependency, ...] = ()

    def holds(self, path: str) -> bool:
        """Whether the file is the module's own: below its root and not left out."""
        if not within(path, self.root) or any(within(path, out) for out in self.excludes):
            return False
        return not self.includes or any(within(path, part) for part in self.includes)


def within(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or lies below it; the empty folder is the repository's top."""
    return not folder or path == folder or path.startswith(folder + "/")


def join(folder: str, relative: str) -> str:
    """A path in the repository; the top is the empty string."""
    joined = posixpath.normpath(posixpath.join(folder, relative))
    return "" if joined == "." else joined


def read_modules(snapshot: Snapshot) -> tuple[tuple[Module, ...], tuple[Undecided, ...]]:
    """All modules, and the configuration files that could not be read (`what` is the file's path)."""
    names = snapshot.paths(*_CONFIGS, *_WORKSPACES, "buf.lock")
    wanted = [path for path in names if posixpath.basename(path) in _KNOWN]
    if not wanted:
        return (), ()
    from workspai_hooks.contracts.openapi.bounds import Empty, Unreadable  # loads yaml
    from workspai_hooks.contracts.openapi.yaml_text import read_yaml

    texts = snapshot.read_many(wanted)
    parsed: dict[str, Mapping[str, Any]] = {}
    undecided = [snapshot.missing(path) for path in wanted if path not in texts]
    for path, text in sorted(texts.items()):
        try:
            document = read_yaml(text, strict=False)  # buf reads it with Go's yaml.v3, as this does
        except Empty:
            document = {}
        except Unreadable as error:
            undecided.append(Undecided(path, f"it is no YAML: {error} (line {error.line})", _REMEDY))
            continue
        parsed[path] = document if isinstance(document, Mapping) else {}
    return _modules(parsed), tuple(undecided)


_KNOWN = frozenset((*_CONFIGS, *_WORKSPACES, "buf.lock"))


def module_of(modules: Iterable[Module], path: str) -> Module | None:
    """The module with the deepest root around `path`, whether or not it leaves the file out."""
    around = [module for module in modules if within(path, module.root)]
    return max(around, key=lambda module: (module.holds(path), len(module.root)), default=None)


def _modules(parsed: Mapping[str, Mapping[str, Any]]) -> tuple[Module, ...]:
    modules: dict[str, Module] = {}
    for path, document in parsed.items():
        if posixpath.basename(path) in _CONFIGS:
            folder = posixpath.dirname(path)
            locked = parsed.get(join(folder, "buf.lock"), {})
            for module in _of_config(folder, document, _dependencies(document, locked)):
                modules[module.root] = module
    for path, document in parsed.items():
        if posixpath.basename(path) in _WORKSPACES:
            folder = posixpath.dirname(path)
            for relative in _strings(document.get("directories")):
                root = join(folder, relative)
                known = modules.get(root, Module(root, folder))
                modules[root] = Module(
                    root, folder, known.includes, known.excludes, known.breaking, known.dependencies
                )
    return tuple(modules[root] for root in sorted(modules))


def _of_config(
    folder: str, document: Mapping[str, Any], dependencies: tuple[Dependency, ...]
) -> Iterable[Module]:
    version = document.get("version", "v1")
    if version != "v2":
        build = _mapping(document.get("build"))
        roots = _strings(build.get("roots")) if version == "v1beta1" else ()
        policy = _policy(folder, document.get("breaking"))
        for root in roots or (".",):
            excludes = tuple(join(folder, path) for path in _strings(build.get("excludes")))
            yield Module(join(folder, root), folder, (), excludes, policy, dependencies)
        return
    shared = document.get("breaking")
    entries = document.get("modules")
    for item in entries if isinstance(entries, list) and entries else [{}]:
        entry = _mapping(item)
        yield Module(
            join(folder, str(entry.get("path", "."))),
            folder,
            tuple(join(folder, path) for path in _strings(entry.get("includes"))),
            tuple(join(folder, path) for path in _strings(entry.get("excludes"))),
            _policy(folder, entry.get("breaking", shared)),
            dependencies,
        )


def _policy(folder: str, section: object) -> BreakingPolicy:
    values = _mapping(section)
    only = _mapping(values.get("ignore_only"))
    return BreakingPolicy(
        _strings(values.get("use")),
        _strings(values.get("except")),
        tuple(join(folder, path) for path in _strings(values.get("ignore"))),
        {str(rule): tuple(join(folder, path) for path in _strings(only[rule])) for rule in only},
        values.get("ignore_unstable_packages") is True,
    )


def _dependencies(document: Mapping[str, Any], locked: Mapping[str, Any]) -> tuple[Dependency, ...]:
    """The lock's pins, and what buf.yaml asks for beyond them."""
    pinned: dict[str, str] = {}
    entries = locked.get("deps")
    for item in entries if isinstance(entries, list) else []:
        entry = _mapping(item)
        parts = [str(entry.get(key, "")) for key in ("remote", "owner", "repository")]
        name = str(entry.get("name") or "/".join(parts))
        pinned[name] = str(entry.get("commit", ""))
    for asked in _strings(document.get("deps")):
        pinned.setdefault(asked.partition(":")[0], "")
    return tuple(sorted(Dependency(name, commit) for name, commit in pinned.items()))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
