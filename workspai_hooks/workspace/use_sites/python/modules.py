"""Which module a Python import means: generated code, a file of the repository, or a library.

Generated modules need not be committed (many builds run protoc): `a.b.cart_pb2` is then found by name, from
the contract that other protos import as `…/a/b/cart.proto`; protoc turns dashes into underscores.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from posixpath import dirname

import msgspec

from workspai_hooks.contracts.protobuf.schema import File
from workspai_hooks.workspace.use_sites.naming import Layout, StubFile
from workspai_hooks.workspace.use_sites.values import LibraryOf, LocalModule, ModuleOf

SUFFIXES = {
    "_pb2_grpc": "grpc",
    "_pb2": "messages",
    "_grpc": "grpclib",
    "_connect": "connect",
    "_connecpy": "connect",
    "_twirp": "connect",
}
"""What follows the proto's name in a generated module's, and whose work that is."""

Module = ModuleOf | LocalModule | LibraryOf


class Resolved(msgspec.Struct, frozen=True):
    """A module, the contract files behind it, and how sure that is."""

    module: Module
    files: tuple[str, ...] = ()
    confidence: str = "proven"


class Modules:
    """Resolves dotted names against the contracts and the files of the repository."""

    def __init__(self, files: Mapping[str, File], layout: Layout) -> None:
        self._layout = layout
        self._folders = {"."}
        for path in layout.paths:
            while (path := dirname(path)) and path not in self._folders:
                self._folders.add(path)
        self._found: dict[tuple[tuple[str, ...], str], Resolved | None] = {}
        self._protos: dict[str, list[tuple[tuple[str, ...], File]]] = {}
        for path in sorted(files):
            file = files[path]
            parts = tuple(file.import_path.removesuffix(".proto").replace("-", "_").split("/"))
            self._protos.setdefault(parts[-1], []).append((parts, file))

    def absolute(self, dotted: str, path: str) -> Resolved:
        """What `import dotted` means in the file at `path`."""
        parts = tuple(dotted.split("."))
        key = (parts, path)
        if key not in self._found:
            self._found[key] = self._find(parts, _roots(dirname(path)), path)
        return self._found[key] or Resolved(LibraryOf(dotted))

    def relative(self, dotted: str, path: str) -> Resolved:
        """What `.a.b` means: one dot is the file's own folder, each further one a step up."""
        tail = dotted.lstrip(".")
        folder = dirname(path)
        for _ in range(len(dotted) - len(tail) - 1):
            folder = dirname(folder)
        parts = (*_parts(folder), *(tail.split(".") if tail else ()))
        return self._find(parts, (".",), path) or Resolved(LibraryOf(".".join(parts)))

    def submodule(self, module: Module, name: str, path: str = "") -> Resolved | None:
        """The module `name` inside another one; None where there is no such module."""
        match module:
            case LocalModule(unit) if unit.endswith("__init__.py"):
                parts = (*_parts(dirname(unit)), name)
                return self._find(parts, (".",), path or unit)
            case LibraryOf(dotted):
                return self._generated((*dotted.split("."), name), None, path)
            case _:
                return None

    def _find(self, parts: tuple[str, ...], roots: tuple[str, ...], path: str) -> Resolved | None:
        """A generated module, or a file or folder below one of the roots, the nearest first."""
        tail = "/".join(parts)
        bases = [tail if root == "." else f"{root}/{tail}" for root in roots]
        paths = self._layout.paths
        committed = next((f"{base}.py" for base in bases if f"{base}.py" in paths), None)
        generated = self._generated(parts, committed, path)
        if generated is not None:
            return generated
        for base in bases:
            if f"{base}.py" in paths:
                return Resolved(LocalModule(f"{base}.py"))
            if base in self._folders:
                return self._package(base)
        return None

    def _package(self, folder: str) -> Resolved:
        """A folder with modules; betterproto writes a whole package into one `__init__.py`."""
        init = "__init__.py" if folder in ("", ".") else f"{folder}/__init__.py"
        stub = self._layout.stubs.get(init)
        return Resolved(
            ModuleOf(f"betterproto:{stub.package}") if stub and stub.package else LocalModule(init)
        )

    def _generated(self, parts: tuple[str, ...], committed: str | None, path: str) -> Resolved | None:
        """The contract behind a module with a generated module's name, whether or not it is committed."""
        suffix = next((each for each in SUFFIXES if parts[-1].endswith(each)), "")
        stub = self._layout.stubs.get(committed) if committed else None
        if not suffix or (committed and stub is None and "_pb2" not in suffix):
            return None
        words = (*parts[:-1], parts[-1].removesuffix(suffix))
        files, certain = self._matching(words, stub)
        if not files or not (certain or committed or self._is_local(words)):
            return None
        nearest = min(_distance(file.path, path) for file in files)
        touched = tuple([file.path for file in files if _distance(file.path, path) == nearest])
        key = ",".join(sorted({file.package for file in files}))
        confidence = "proven" if certain or committed else "likely"
        return Resolved(ModuleOf(f"{SUFFIXES[suffix]}:{key}"), touched, confidence)

    def _matching(self, words: tuple[str, ...], stub: StubFile | None) -> tuple[list[File], bool]:
        """The protos whose import path fits the module's name best, and whether it fits to an end."""
        candidates = self._protos.get(words[-1], [])
        if stub is not None and stub.source:
            exact = [file for _, file in candidates if _fits(file.import_path, stub.source)]
            if exact:
                return exact, True
        if stub is not None and stub.package:
            candidates = [each for each in candidates if each[1].package == stub.package] or candidates
        best = max((_common(words, proto) for proto, _ in candidates), default=0)
        chosen = [(proto, file) for proto, file in candidates if _common(words, proto) == best]
        whole = [file for proto, file in chosen if best in (len(proto), len(words))]
        return whole or [file for _, file in chosen], bool(whole)

    def _is_local(self, words: tuple[str, ...]) -> bool:
        """Whether the package is a folder of the repository, anywhere."""
        return any(folder == words[0] or folder.endswith(f"/{words[0]}") for folder in self._folders)


def _parts(folder: str) -> tuple[str, ...]:
    return tuple(folder.split("/")) if folder else ()


@lru_cache(maxsize=4096)
def _roots(folder: str) -> tuple[str, ...]:
    """Where absolute imports of a folder's files may start: it and those above it, and their `src`."""
    roots = []
    while True:
        roots += [folder or ".", f"{folder}/src" if folder else "src"]
        if not folder:
            return tuple(roots)
        folder = dirname(folder)


def _fits(import_path: str, source: str) -> bool:
    return f"/{import_path}".endswith(f"/{source}") or f"/{source}".endswith(f"/{import_path}")


def _common(left: tuple[str, ...], right: tuple[str, ...]) -> int:
    """How many parts at the end are the same."""
    count = 0
    while count < min(len(left), len(right)) and left[-1 - count] == right[-1 - count]:
        count += 1
    return count


@lru_cache(maxsize=65536)
def _distance(proto: str, path: str) -> int:
    """Steps through folders from one file to the other: which of several copies is the likely one."""
    left, right = proto.split("/")[:-1], path.split("/")[:-1]
    shared = 0
    while shared < min(len(left), len(right)) and left[shared] == right[shared]:
        shared += 1
    return len(left) + len(right) - 2 * shared
