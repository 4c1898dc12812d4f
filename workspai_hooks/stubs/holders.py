"""Which services hold an element of a contract: in a generated stub, in a copy of the contract, or by a build
that reads a contract outside of the service."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from functools import cached_property

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.patterns import regex
from workspai_hooks.store import Store
from workspai_hooks.stubs.recognise import generated, may_be_generated

ServiceOf = Callable[[str], str | None]
"""Path -> the name of the service (or library) that holds it."""

MAX_BYTES = 16 * 1024 * 1024
_BUILD_FILE = regex(
    r"\.(?:csproj|fsproj|vbproj|props|targets|sh|bash|mk|cmake|bzl|gradle|kts)$"
    r"|(?:^|/)(?:Makefile|makefile|GNUmakefile|justfile|Justfile|Taskfile\.ya?ml|CMakeLists\.txt|pom\.xml|"
    r"buf\.gen(?:\.[\w-]+)?\.yaml|package\.json|build\.rs|Rakefile|BUILD|BUILD\.bazel|WORKSPACE|setup\.py|"
    r"pyproject\.toml|[\w.-]*Dockerfile[\w.-]*|nx\.json|project\.json)$"
)
_LOADS = (".js", ".mjs", ".cjs", ".ts", ".py", ".rb", ".php", ".go", ".rs")
_MENTIONS_PROTO = regex(rb"\.proto\b|protoc|protobuf|Protobuf|\bbuf\b|protos?[/\\\"']")
_TOKEN = regex(  # from its start only, or a file that is one long word takes quadratic time
    r"(?<![\w.@${}()*-])[\w.@${}()*-]*(?:[/\\][\w.@${}()*-]+)+|(?<![\w-])[\w-]+\.proto\b"
)
_NAMES_PROTO = regex(rb"\.proto\b")
_COMMENT = regex(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_PACKAGE = regex(r"^[ \t]*package\s+([\w.]+)\s*;", re.MULTILINE)


class HeldKind(StrEnum):
    """How an element is held; the first that applies is told."""

    STUB = "stub"
    COPY = "copy"
    BUILD_REFERENCE = "build-reference"
    IMPORT = "import"


class Held(msgspec.Struct, frozen=True, order=True):
    """Where a service holds an element. `contract_version` stays None until skew is measured."""

    path: str
    kind: str = HeldKind.STUB
    generator: str = ""
    contract_version: str | None = None


class _Stub(msgspec.Struct, frozen=True):
    """A stub's elements; `text` where it has no descriptor that can be read."""

    service: str
    held: Held
    elements: frozenset[str] = frozenset()
    source: str = ""
    text: bytes = b""


class _Reference(msgspec.Struct, frozen=True):
    """A build file, or source that loads a contract, and the paths in the repository that it may name.

    `files`: the .proto files that it names one by one, as written; empty where it takes whole folders.
    """

    service: str
    held: Held
    paths: frozenset[str]
    files: frozenset[str]

    def names(self, contract: str) -> bool:
        """It names the contract, or a folder that holds it; named one by one, that file in that folder."""
        if contract in self.paths:
            return True
        within = any(contract.startswith(path + "/") for path in self.paths)
        return within and (not self.files or any(f"/{contract}".endswith(f"/{file}") for file in self.files))


class Foreign(msgspec.Struct, frozen=True):
    """A stub of a contract that is not in this repository; it has no elements where it does not tell them."""

    service: str
    held: Held
    package: str
    source: str
    elements: frozenset[str]


_OF_PACKAGE = "package:"


def _is_package(element: str) -> bool:
    return element.startswith(_OF_PACKAGE)


class Holders(msgspec.Struct, frozen=True, dict=True):
    """Everything that is held in a snapshot. `contracts`: path of a .proto -> the elements in it."""

    stubs: tuple[_Stub, ...]
    copies: tuple[tuple[str, str], ...]
    references: tuple[_Reference, ...]
    contracts: Mapping[str, Collection[str]]

    def of(self, elements: Collection[str]) -> dict[str, tuple[Held, ...]]:
        """The services that hold one of the elements, each with where, the best kind first."""
        wanted = frozenset(elements)
        found: dict[str, set[Held]] = {}
        declaring = {path for path in self.contracts if self._declares(path, wanted)}
        packages = {self._packages[path] for path in declaring}
        for stub in self.stubs:
            if stub.elements & wanted or (stub.text and _says(stub, wanted, declaring, packages)):
                found.setdefault(stub.service, set()).add(stub.held)
        for service, path in self.copies:
            if path in declaring:
                found.setdefault(service, set()).add(Held(path, HeldKind.COPY))
        for reference in self.references:
            named = any(reference.names(contract) for contract in declaring)
            if named and not self._committed(reference):
                found.setdefault(reference.service, set()).add(reference.held)
        order = list(HeldKind)
        return {
            service: tuple(sorted(found[service], key=lambda held: (order.index(HeldKind(held.kind)), held)))
            for service in sorted(found)
        }

    def foreign(self) -> tuple[Foreign, ...]:
        """The stubs whose contract is not here, each with the elements that no contract here declares."""
        declared = frozenset(one for names in self.contracts.values() for one in names)
        found = []
        for stub in self.stubs:
            elements = stub.elements - declared
            if elements or (not stub.elements and stub.source and not self._beside(stub)):
                packages = sorted(one.removeprefix(_OF_PACKAGE) for one in stub.elements if _is_package(one))
                package = packages[0] if packages else ""
                found.append(Foreign(stub.service, stub.held, package, stub.source, elements))
        return tuple(sorted(found, key=lambda one: (one.service, one.held)))

    def _beside(self, stub: _Stub) -> bool:
        return any(f"/{path}".endswith(f"/{stub.source}") for path in self.contracts)

    def _declares(self, path: str, wanted: frozenset[str]) -> bool:
        return not wanted.isdisjoint(self.contracts[path]) or f"file:{path}" in wanted

    def _committed(self, reference: _Reference) -> bool:
        """The build takes a folder and its stubs are committed: they tell what is held, not the folder."""
        if reference.files:
            return False
        sources = {stub.source for stub in self.stubs if stub.service == reference.service and stub.elements}
        taken = [path for path in self.contracts if reference.names(path)]
        return any(f"/{path}".endswith(f"/{source}") for path in taken for source in sources)

    @cached_property
    def _packages(self) -> dict[str, str]:
        """The package of each contract."""
        return {
            path: next((one.removeprefix(_OF_PACKAGE) for one in elements if _is_package(one)), "")
            for path, elements in self.contracts.items()
        }


def find_holders(
    snapshot: Snapshot, service_of: ServiceOf, contracts: Mapping[str, Collection[str]] | None = None
) -> Holders:
    """Look through a snapshot once.

    `contracts` gives what is known of .proto files from their descriptors, by repository path; of others the
    declared names are read from their text, enough to say that a copy is held.
    """
    known = dict(contracts or {})
    paths = snapshot.paths()
    protos = [path for path in paths if path.endswith(".proto")]
    wanted = [
        path for path in paths if may_be_generated(path) or _BUILD_FILE.search(path) or path.endswith(_LOADS)
    ]
    missing = [path for path in protos if path not in known]
    carried = _carried(snapshot, [*wanted, *missing])
    known |= {path: carried[path].declares for path in missing if path in carried}
    stubs, references = [], []
    for path in wanted:
        service = service_of(path) if path in carried else None
        if service is None:
            continue
        file = carried[path]
        if file.generator:
            held = Held(path, HeldKind.STUB, file.generator)
            stubs.append(_Stub(service, held, file.declares, file.source, file.text))
        elif file.paths:
            held = Held(path, HeldKind.BUILD_REFERENCE)
            references.append(_Reference(service, held, file.paths, file.files))
    owned = ((service_of(path), path) for path in protos)
    copies = tuple((service, path) for service, path in owned if service is not None)
    return Holders(tuple(stubs), copies, tuple(references), known)


class _Carried(msgspec.Struct, frozen=True):
    """What one file carries, whoever's it is: a stub's or a contract's elements, or the paths that a build
    names."""

    generator: str = ""
    source: str = ""
    declares: frozenset[str] = frozenset()
    text: bytes = b""
    paths: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()


def _carried(snapshot: Snapshot, paths: list[str]) -> dict[str, _Carried]:
    def read(some: list[str]) -> dict[str, _Carried]:
        return {path: _carried_by(path, data) for path, data in snapshot.contents(some)}

    keys = {path: Store.key(path, snapshot.entries[path].blob) for path in paths}
    return snapshot.store.each("holders", keys, _Carried, read)


def _carried_by(path: str, data: bytes) -> _Carried:
    if path.endswith(".proto"):
        return _Carried(declares=declared_names(data))
    if not data or len(data) > MAX_BYTES:
        return _Carried()
    header = generated(data, path) if may_be_generated(path) else None
    if header is None:
        return _reference(path, data)
    from workspai_hooks.contracts.protobuf.embedded import descriptor  # needs the protobuf runtime
    from workspai_hooks.stubs.descriptors import elements_of

    file = descriptor(data, path)
    if file is not None:
        return _Carried(header.generator, file.name, elements_of(file))
    return _Carried(header.generator, header.source, text=data)


def _says(stub: _Stub, wanted: frozenset[str], declaring: set[str], packages: set[str]) -> bool:
    """A stub without a descriptor holds an element where it is of that contract and names it.

    Of the contract: its header names the file, or it names the package. Generators write names in their
    language's case, so that case and underscores don't count.
    """
    of_contract = (
        any(f"/{path}".endswith(f"/{stub.source}") for path in declaring)
        if stub.source
        else any(package and package.encode() in stub.text for package in packages)
    )
    if not of_contract:
        return False
    folded = re.sub(rb"_", b"", stub.text).lower()
    return any(all(word in folded for word in _words(element)) for element in wanted if ":" not in element)


def _words(element: str) -> list[bytes]:
    """What must stand in a stub that holds an element: its own name and that of what it is declared in."""
    last = re.split(r"[./]", element)[-2:]
    return [word.replace("_", "").lower().encode() for word in last]


def _reference(path: str, data: bytes) -> _Carried:
    builds = _BUILD_FILE.search(path) is not None
    if not (_MENTIONS_PROTO if builds else _NAMES_PROTO).search(data):
        return _Carried()
    folder = posixpath.dirname(path)
    paths: set[str] = set()
    files: set[str] = set()
    for token in _TOKEN.findall(data.decode("utf-8", "replace")):
        text = _FROM_VARIABLE.sub("", token.replace("\\", "/"))
        is_file = text.endswith(".proto")
        if builds or is_file:
            paths.update(_resolved(folder, text))
        if is_file and not _VARIES.search(text):
            files.add(_UPWARDS.sub("", text))
    whole = b"*.proto" in data or b"**/" in data
    return _Carried(paths=frozenset(paths), files=frozenset() if whole else frozenset(files))


_FROM_VARIABLE = regex(r"^(?:\$\{?\(?[\w.]+[)}]*/)+")  # $(ProjectDir)/, ${ROOT}/
_VARIES = regex(r"[*$({]")
_UPWARDS = regex(r"^(?:\.{0,2}/)+")


def _resolved(folder: str, text: str) -> Iterable[str]:
    """What a path may be in the repository: seen from its file's folder, and from the top."""
    fixed = re.split(r"/?[^/]*[*$({]", text)[0]
    for base in {folder, ""}:
        path = posixpath.normpath(posixpath.join(base, fixed.lstrip("/"))) if fixed.strip("./") else ""
        if path and not path.startswith("..") and path not in (".", base):
            yield path


def declared_names(data: bytes) -> frozenset[str]:
    """Elements that a .proto declares, read from its text for want of a descriptor.

    A single pass over tokens: blocks give the names around, `= number` gives members.
    """
    text = _COMMENT.sub(" ", data[:MAX_BYTES].decode("utf-8", "replace"))
    package = _PACKAGE.search(text)
    around: list[tuple[str, str]] = []
    found = {f"package:{package[1]}"} if package else set()
    prefix = f"{package[1]}." if package else ""
    for token in _PROTO.finditer(text):
        if token["open"]:
            kind, name = token["kind"], token["name"]
            within = next((known for _, known in reversed(around) if known), prefix.rstrip("."))
            full = f"{within}.{name}" if within else name
            around.append((kind, within if kind == "oneof" else full))
            found.add(full)
        elif token["rpc"]:
            if around and around[-1][0] == "service":
                found.add(f"{around[-1][1]}/{token['rpc']}")
        elif token["brace"] == "{":
            around.append(("", ""))
        elif token["brace"] == "}":
            if around:
                around.pop()
        elif token["member"] and around and around[-1][0] in ("message", "enum", "oneof", "extend", "group"):
            found.add(f"{around[-1][1]}.{token['member']}")
    return frozenset(found)


_PROTO = regex(
    r"(?P<open>\b(?P<kind>message|enum|service|oneof|extend)\s+(?P<name>[\w.]+)\s*\{)"
    r"|\brpc\s+(?P<rpc>\w+)|\"(?:[^\"\\\n]|\\.)*+\"?|'(?:[^'\\\n]|\\.)*+'?"
    r"|(?P<member>\b[A-Za-z_]\w*)\s*=\s*-?(?:0x)?\d|(?P<brace>[{}])"
)
