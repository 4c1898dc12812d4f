"""Rust's modules: which file, stub or library a path of names means.

A module is known by its file and, inside it, by its path: `svc/src/main.rs`, `svc/src/main.rs::tests`. Stubs
that are made at build have no file: they are the packages that `include_proto!` and `include!` name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from posixpath import basename, dirname, join, normpath

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.workspace.use_sites.naming import Layout
from workspai_hooks.workspace.use_sites.syntax import Import, Source
from workspai_hooks.workspace.use_sites.values import LibraryOf, LocalModule, ModuleOf

Module = ModuleOf | LocalModule | LibraryOf
ROOTS = frozenset({"main.rs", "lib.rs", "mod.rs", "build.rs"})
"""Files whose modules stand beside them; those of any other file stand in a folder of its name."""
DEEPEST = 12
"""Re-exports that are followed; broken sources can import in a circle."""
Inside = Callable[[ModuleOf, str], ModuleOf | None]
"""A module inside a generated one."""
Has = Callable[[ModuleOf, str], bool]
"""Whether a generated module has a name."""


def unit_of(path: str, package: str) -> str:
    """What a module is known by."""
    return f"{path}::{package}" if package else path


class Modules:
    """All modules of a repository."""

    def __init__(
        self, schema: Schema, layout: Layout, sources: Mapping[str, Source], inside: Inside, has: Has
    ) -> None:
        self._has = has
        self._packages = {file.package for file in schema.files.values()}
        self._layout = layout
        self._inside = inside
        self._sources: dict[str, Source] = {}
        for path, source in sources.items():
            if source.language == "rust":
                for one in _with_inner(source):
                    self._sources[unit_of(path, one.package)] = one
        self._files = {unit.partition("::")[0] for unit in self._sources}
        self._by_folder: dict[str, list[str]] = {}
        for path in sorted(self._files):
            self._by_folder.setdefault(dirname(path), []).append(path)

    def imported(self, path: str, imported: Import, depth: int = DEEPEST) -> Module:
        """The module that an import's path means in a file, or in the module of it that the path names."""
        kind, colon, what = imported.path.partition(":")
        if colon and kind == "include":
            return self._included(path, what)
        if colon and kind == "path":
            return self._file(normpath(join(dirname(path), what))) or LibraryOf(what)
        package, _, written = imported.path.rpartition("|")
        return self.resolve(unit_of(path, package), written.split("::"), depth)

    def step(self, module: Module, name: str, depth: int = DEEPEST) -> Module | None:
        """The module `name` in a module; None where it is none."""
        if isinstance(module, ModuleOf):
            return self._inside(module, name)
        if isinstance(module, LibraryOf):
            return LibraryOf(f"{module.path}.{name}")
        return self._child(module.unit, name) or self._brought(module.unit, name, depth)

    def resolve(self, unit: str, names: list[str], depth: int) -> Module:
        """A path, as it is read in a module."""
        at, rest = self._start(unit, names, depth)
        for number, name in enumerate(rest):
            inner = self.step(at, name, depth - 1) if depth > 0 else None
            if inner is None:
                return LibraryOf(".".join((_path_of(at), *rest[number:])))
            at = inner
        return at

    def _start(self, unit: str, names: list[str], depth: int) -> tuple[Module, list[str]]:
        first, rest = names[0], names[1:]
        if first == "crate":
            return LocalModule(self._root(unit)), rest
        if first == "self":
            return LocalModule(unit), rest
        if first == "super":
            above = self._above(unit)
            while rest[:1] == ["super"]:
                above, rest = self._above(above), rest[1:]
            return LocalModule(above), rest
        local = self.step(LocalModule(unit), first, depth - 1) if depth > 0 else None
        if local is not None and not isinstance(local, LibraryOf):
            return local, rest
        for folder, name in sorted(self._layout.crates.items()):
            if name == first:
                return self._crate(folder), rest
        return LibraryOf(first), rest

    def crates(self) -> dict[str, Module]:
        """The libraries of the repository's crates, by what paths call them."""
        found = {name: self._crate(folder) for folder, name in sorted(self._layout.crates.items()) if name}
        return {name: module for name, module in found.items() if not isinstance(module, LibraryOf)}

    def _crate(self, folder: str) -> Module:
        """The library of another crate of the repository."""
        for name in ("src/lib.rs", "lib.rs", "src/main.rs"):
            found = self._file(join(folder, name))
            if found is not None:
                return found
        return LibraryOf(basename(folder))

    def _file(self, path: str) -> Module | None:
        """A source, or a stub by its package."""
        if path in self._files:
            return LocalModule(path)
        stub = self._layout.stubs.get(path)
        return None if stub is None else ModuleOf(stub.package)

    def _included(self, path: str, what: str) -> Module:
        """What a generator wrote, here or only at build: a package of the contract, or all of them."""
        known = None if "$" in what else self._file(normpath(join(dirname(path), what.lstrip("/"))))
        if known is not None:
            return known
        package = basename(what).removesuffix(".rs").removesuffix(".tonic")
        return ModuleOf(package if package in self._packages else "")

    def _child(self, unit: str, name: str) -> Module | None:
        """A module that stands inside another one, in its file or in a file of its own."""
        path, _, package = unit.partition("::")
        inner = unit_of(path, f"{package}::{name}" if package else name)
        if inner in self._sources:
            return LocalModule(inner)
        for imported in self._sources[unit].imports if unit in self._sources else ():
            if imported.alias == name and imported.path.startswith("path:"):
                return self.imported(path, imported)
        for folder in self._folders(path, package):
            for candidate in (f"{name}.rs", f"{name}/mod.rs"):
                found = self._file(join(folder, candidate))
                if found is not None and found != LocalModule(path):
                    return found
        return None

    def _folders(self, path: str, package: str) -> Iterator[str]:
        """Where the files of a module's modules are."""
        folder = dirname(path)
        inner = package.replace("::", "/")
        own = basename(path) in ROOTS
        if not own:
            yield join(folder, basename(path).removesuffix(".rs"), inner).rstrip("/")
        if own or self._above(path) == path:
            yield join(folder, inner).rstrip("/")

    def _brought(self, unit: str, name: str, depth: int) -> Module | None:
        """A module that a module imports: `pub use other::pb;`."""
        source = self._sources.get(unit)
        if source is None or depth <= 0:
            return None
        path = unit.partition("::")[0]
        for imported in source.imports:
            written = imported.path.rpartition("|")[2]
            if imported.alias == name and written not in (name, f"self::{name}"):
                return self.imported(path, imported, depth - 1)
            for word, alias in imported.names:
                if alias == name or word == "*":
                    owner = self.imported(path, imported, depth - 1)
                    inner = name if word == "*" else word
                    found = None if isinstance(owner, LibraryOf) else self.step(owner, inner, depth - 1)
                    if found is not None:
                        return found
        return None

    def origin(self, module: Module, name: str, depth: int = DEEPEST) -> tuple[ModuleOf, str] | None:
        """The generated module that a name comes from, however often it was handed on."""
        if isinstance(module, ModuleOf):
            return module, name
        source = self._sources.get(module.unit) if isinstance(module, LocalModule) else None
        if source is None or not isinstance(module, LocalModule) or depth <= 0:
            return None
        path = module.unit.partition("::")[0]
        found = None
        for imported in source.imports:
            for word, alias in imported.names:
                if name == alias or word == "*":
                    owner = self.imported(path, imported, depth - 1)
                    found = self.origin(owner, name if word == "*" else word, depth - 1)
                    if found is not None and (word != "*" or self._has(*found)):
                        return found
        return None

    def _above(self, unit: str) -> str:
        """The module around a module; the root of a crate is around itself."""
        path, _, package = unit.partition("::")
        if package:
            return unit_of(path, package.rpartition("::")[0])
        folder, name = dirname(path), basename(path)
        if name in ("main.rs", "lib.rs", "build.rs"):
            return path
        word = basename(folder) if name == "mod.rs" else name.removesuffix(".rs")
        home = dirname(folder) if name == "mod.rs" else folder
        candidates = [join(home, each) for each in ("lib.rs", "main.rs", "mod.rs")]
        candidates.append(f"{home}.rs")
        candidates += self._roots_in(home, path)  # a crate's root may have any name
        there = [each for each in candidates if each in self._files and each != path]
        naming = [each for each in there if self._declares(each, word)]
        return (naming or [path])[0]

    def _roots_in(self, folder: str, path: str) -> list[str]:
        """The files in a folder whose modules may stand beside them."""
        word = basename(path)
        return [
            each
            for each in self._by_folder.get(folder, ())
            if join(folder, basename(each).removesuffix(".rs"), word) not in self._files
        ]

    def _declares(self, path: str, word: str) -> bool:
        return (
            any(one.alias == word for one in self._sources[path].imports) if path in self._sources else False
        )

    def _root(self, unit: str) -> str:
        """The root of a module's crate."""
        at = unit.partition("::")[0]
        for _ in range(DEEPEST):
            above = self._above(at)
            if above == at:
                return at
            at = above
        return at


def _with_inner(source: Source) -> Iterator[Source]:
    yield source
    for one in source.inner:
        yield from _with_inner(one)


def _path_of(module: Module) -> str:
    match module:
        case LibraryOf(path):
            return path
        case LocalModule(unit):
            return unit
        case ModuleOf(key):
            return key
