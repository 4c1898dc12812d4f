"""Which module an import of JavaScript or TypeScript means: generated code, a file here, or a library.

Stubs need not be committed: a path that no file has is then taken for what a generator would write there, by
the name of the contract (`./gen/shop/v1/cart_pb` is `shop/v1/cart.proto`). `paths` and `baseUrl` of the
nearest tsconfig.json, and packages of the repository by their package.json, are followed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from posixpath import dirname, normpath

import msgspec

from workspai_hooks.contracts.protobuf.schema import File
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.naming import Layout, StubFile
from workspai_hooks.workspace.use_sites.values import LibraryOf, LocalModule, ModuleOf

SUFFIXES = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte")
WRITTEN_AS = {".js": (".ts", ".tsx", ".d.ts"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
"""An import names what the compiler will write."""
EXTENSION = regex(r"(?:\.d)?\.[mc]?[jt]sx?$")
GENERATED = regex(
    r"(?:_pb2?|_connect(?:web|query)?|_grpc(?:_web)?_pb|_pb_service|_twirp|_rpc"
    r"|[.-](?:pb|grpc|client|server|grpc-client|grpc-server|twirp|connect)|-[\w]+_connectquery)$"
)
"""What generators put behind a contract's name."""
DYNAMIC = "dynamic:"
"""A namespace that holds packages, as `loadPackageDefinition` and protobufjs give it; the prefix follows."""
STUB = "stub:"
"""A generated module; the packages that it holds follow."""

Module = ModuleOf | LocalModule | LibraryOf


class Resolved(msgspec.Struct, frozen=True):
    """A module, the contract files behind it, and how sure that is."""

    module: Module
    files: tuple[str, ...] = ()
    confidence: str = "proven"


class Modules:
    """Resolves what imports name against the contracts and the files of the repository."""

    def __init__(self, files: Mapping[str, File], layout: Layout) -> None:
        self._layout = layout
        self._files = files
        self._stems: dict[str, list[File]] = {}
        for path in sorted(files):
            name = files[path].import_path.removesuffix(".proto")
            self._stems.setdefault(name.rpartition("/")[2], []).append(files[path])
        self._aliases, self._packages = _configured(layout)
        self._folders: set[str] | None = None
        self._found: dict[tuple[str, str], Resolved] = {}

    def resolve(self, path: str, written: str) -> Resolved:
        """What `written` means in the file at `path`."""
        folder = dirname(path)
        key = (folder, written)
        if key not in self._found:
            self._found[key] = self._resolve(folder, written, path)
        return self._found[key]

    def _resolve(self, folder: str, written: str, path: str) -> Resolved:
        if written.startswith("."):
            base = normpath(f"{folder}/{written}" if folder else written)
            return self._at(base) or self._missing(base, path) or Resolved(LibraryOf(written))
        for base in (*self._aliased(folder, written), *self._in_packages(written)):
            found = self._at(base)
            if found is not None:
                return found
        for base in self._aliased(folder, written):
            found = self._missing(base, path)
            if found is not None:
                return found
        return self._of_library(written, path) or Resolved(LibraryOf(written))

    def _at(self, base: str) -> Resolved | None:
        """The file that a path without its suffix means."""
        file = self._file(base)
        if file is None:
            return None
        stub = self._layout.stubs.get(file)
        return Resolved(LocalModule(file)) if stub is None else self._stub(file, stub)

    def _file(self, base: str) -> str | None:
        paths = self._layout.paths
        if base in paths and base.endswith(SUFFIXES):
            return base
        stem, dot, suffix = base.rpartition(".")
        for other in WRITTEN_AS.get(f"{dot}{suffix}", ()):
            if f"{stem}{other}" in paths:
                return f"{stem}{other}"
        for end in SUFFIXES:
            if f"{base}{end}" in paths:
                return f"{base}{end}"
        for end in SUFFIXES:
            if f"{base}/index{end}" in paths:
                return f"{base}/index{end}"
        return None

    def _stub(self, path: str, stub: StubFile) -> Resolved:
        """A committed generated file."""
        if stub.generator == "protobufjs":
            return Resolved(ModuleOf(DYNAMIC))
        files = [
            file
            for file in self._files.values()
            if stub.source and (_ends(file.path, stub.source) or _ends(stub.source, file.import_path))
        ]
        if not files and stub.package:
            files = [file for file in self._files.values() if file.package == stub.package]
        files = files or self._by_name(EXTENSION.sub("", path))[0]
        return _stubs(files, path) or Resolved(LocalModule(path))

    def _missing(self, base: str, path: str) -> Resolved | None:
        """A generated file, or a folder of them, that is not committed."""
        bare = EXTENSION.sub("", base)
        files, certain = self._by_name(bare)
        if files:
            return _stubs(files, path, "proven" if certain else "likely")
        parts = bare.split("/")
        parts = parts[:-1] if parts[-1] == "index" else parts
        found = [
            file
            for file in self._files.values()
            if file.package and "/".join(parts).endswith(file.package.replace(".", "/"))
        ]
        return _stubs(found, path, "likely") if found and bare not in self._all_folders() else None

    def _by_name(self, bare: str) -> tuple[list[File], bool]:
        """The contracts whose import path fits a module's best, and whether more than its last name does."""
        words = GENERATED.sub("", bare).split("/")
        candidates = self._stems.get(words[-1], [])
        fits = {
            file.path: _common(words, file.import_path.removesuffix(".proto").split("/"))
            for file in candidates
        }
        best = max(fits.values(), default=0)
        return [file for file in candidates if fits[file.path] == best], bool(best)

    def _of_library(self, written: str, path: str) -> Resolved | None:
        """A package of stubs from elsewhere: its modules end as generated ones do."""
        bare = EXTENSION.sub("", written)
        if not GENERATED.search(bare):
            return None
        files, _ = self._by_name(bare)
        return _stubs(files, path, "proven" if written.startswith("@buf/") else "likely") if files else None

    def _aliased(self, folder: str, written: str) -> list[str]:
        """Where `paths` and `baseUrl` of the tsconfig.json files above say to look, the nearest first."""
        found = []
        while True:
            for prefix, suffix, targets in self._aliases.get(folder, ()):
                if (
                    written.startswith(prefix)
                    and written.endswith(suffix)
                    and len(written) >= len(prefix + suffix)
                ):
                    middle = written[len(prefix) : len(written) - len(suffix)]
                    found += [normpath(target.replace("*", middle)) for target in targets]
            if not folder:
                return found
            folder = dirname(folder)

    def _in_packages(self, written: str) -> list[str]:
        """Files of a package of the repository."""
        parts = written.split("/")
        count = 2 if written.startswith("@") else 1
        known = self._packages.get("/".join(parts[:count]))
        if known is None:
            return []
        folder, entries = known
        inner = "/".join(parts[count:])
        if inner:
            return [_joined(folder, each) for each in (inner, f"src/{inner}", f"lib/{inner}")]
        return [_joined(folder, each) for each in (*entries, "src/index", "index", "lib/index", "src")]

    def _all_folders(self) -> set[str]:
        if self._folders is None:
            self._folders = set()
            for path in self._layout.paths:
                while (path := dirname(path)) and path not in self._folders:
                    self._folders.add(path)
        return self._folders


def _stubs(files: list[File], path: str, confidence: str = "proven") -> Resolved | None:
    """The generated module of one of several copies of a contract: of the nearest."""
    if not files:
        return None
    nearest = min(_distance(file.path, path) for file in files)
    touched = tuple(sorted(file.path for file in files if _distance(file.path, path) == nearest))
    key = ",".join(sorted({file.package for file in files}))
    return Resolved(ModuleOf(f"{STUB}{key}"), touched, confidence)


def _configured(
    layout: Layout,
) -> tuple[dict[str, list[tuple[str, str, list[str]]]], dict[str, tuple[str, list[str]]]]:
    """By folder the path aliases that hold below it; by name the packages of the repository."""
    aliases: dict[str, list[tuple[str, str, list[str]]]] = {}
    packages: dict[str, tuple[str, list[str]]] = {}
    for path in sorted(layout.manifests):
        folder = dirname(path)
        known = _json(layout.manifests[path])
        if path.endswith("package.json"):
            name = known.get("name")
            if isinstance(name, str):
                packages.setdefault(name, (folder, _entries(known)))
        else:
            options = known.get("compilerOptions")
            aliases.setdefault(folder, []).extend(
                _paths(folder, options if isinstance(options, dict) else {})
            )
    return aliases, packages


def _entries(package: Mapping[str, object]) -> list[str]:
    """The files that a package says it is entered by, as they are in its sources."""
    found = []
    for key in ("source", "types", "typings", "module", "main"):
        entry = package.get(key)
        if isinstance(entry, str):
            bare = EXTENSION.sub("", entry.removeprefix("./"))
            found += [bare, re.sub(r"^(?:dist|lib|build|out)/", "src/", bare)]
    return found


def _paths(folder: str, options: Mapping[str, object]) -> list[tuple[str, str, list[str]]]:
    written = options.get("baseUrl")
    base = _joined(folder, written) if isinstance(written, str) else folder
    found = []
    listed = options.get("paths")
    for pattern, targets in sorted(listed.items()) if isinstance(listed, dict) else []:
        before, _, after = str(pattern).partition("*")
        known = [_joined(base, str(target)) for target in targets] if isinstance(targets, list) else []
        if "*" in str(pattern):
            found.append((before, after, known))
        else:
            found.append((before, before, known))
    if isinstance(written, str):
        found.append(("", "", [_joined(base, "*")]))
    return found


def _json(data: bytes) -> dict[str, object]:
    """JSON with comments and commas at the end, as tsconfig.json may have them."""
    text = data.decode("utf-8", "replace")
    for attempt in (text, _without_comments(text)):
        try:
            known = json.loads(attempt)
        except (ValueError, RecursionError):
            continue
        return known if isinstance(known, dict) else {}
    return {}


def _without_comments(text: str) -> str:
    kept = re.sub(
        r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/', lambda found: found[1] or "", text, flags=re.DOTALL
    )
    return re.sub(r",(\s*[}\]])", r"\1", kept)


def _joined(folder: str, path: str) -> str:
    joined = normpath(f"{folder}/{path}" if folder else path)
    return "" if joined == "." else joined


def _ends(path: str, end: str) -> bool:
    return f"/{path}".endswith(f"/{end.removeprefix('./').removeprefix('../')}")


def _common(left: list[str], right: list[str]) -> int:
    """How many parts at the end are the same."""
    count = 0
    while count < min(len(left), len(right)) and left[-1 - count] == right[-1 - count]:
        count += 1
    return count


def _distance(proto: str, path: str) -> int:
    """Steps through folders from one file to the other."""
    left, right = proto.split("/")[:-1], path.split("/")[:-1]
    shared = 0
    while shared < min(len(left), len(right)) and left[shared] == right[shared]:
        shared += 1
    return len(left) + len(right) - 2 * shared
