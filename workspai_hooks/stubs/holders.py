"""Which services hold an element of a contract: in a generated stub, in a copy of the contract, or by a build
that reads a contract outside of the service."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, cached_property

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.elements import PACKAGE, by_parent
from workspai_hooks.patterns import regex
from workspai_hooks.store import Store
from workspai_hooks.stubs.holding import Group, Held, HeldKind, Place, Reference, Some, gained, held_of
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


class _Stub(msgspec.Struct, frozen=True):
    """A stub's elements; none where it has no descriptor that can be read."""

    service: str
    held: Held
    elements: frozenset[str] = frozenset()
    source: str = ""
    is_opaque: bool = False


class Foreign(msgspec.Struct, frozen=True):
    """A stub of a contract that is not in this repository; it has no elements where it does not tell them."""

    service: str
    held: Held
    package: str
    source: str
    elements: frozenset[str]


class Holders:
    """Everything that is held in a snapshot. `contracts`: path of a .proto -> the elements in it."""

    def __init__(
        self,
        stubs: Sequence[_Stub] = (),
        copies: Sequence[tuple[str, str]] = (),
        references: Sequence[Reference] = (),
        contracts: Mapping[str, Collection[str]] | None = None,
        text: Callable[[str], bytes] = lambda path: b"",
    ) -> None:
        self._stubs = stubs
        self._copies = copies
        self._references = references
        self.contracts = contracts or {}
        self._text = cache(text)

    def of(self, elements: Collection[str]) -> dict[str, tuple[Held, ...]]:
        """The services that hold one of the elements, each with where, the best kind first."""
        return held_of(elements, self)

    def groups(self, parents: Iterable[str]) -> Mapping[str, Group]:
        """See `holding.Known`."""
        return {one: self.all_groups[one] for one in parents if one in self.all_groups}

    def places(self, paths: Iterable[str]) -> Mapping[str, Place]:
        """See `holding.Known`."""
        return {one: self.all_places[one] for one in paths if one in self.all_places}

    def nameless(self) -> Sequence[tuple[str, Held]]:
        """See `holding.Known`."""
        return [(stub.service, stub.held) for stub in self._stubs if stub.is_opaque and not stub.source]

    def text(self, path: str) -> bytes:
        """See `holding.Known`."""
        return self._text(path)

    @cached_property
    def all_groups(self) -> dict[str, Group]:
        """All elements by what they are declared in, and who has them."""
        contracts: dict[str, list[tuple[str, frozenset[str]]]] = {}
        stubs: dict[str, list[tuple[_Stub, frozenset[str]]]] = {}
        for path, elements in self.contracts.items():
            for name, inside in by_parent(elements).items():
                contracts.setdefault(name, []).append((path, inside))
        for stub in self._stubs:
            for name, inside in by_parent(stub.elements).items():
                stubs.setdefault(name, []).append((stub, inside))
        found = {}
        for name in sorted(contracts.keys() | stubs.keys()):
            declaring, having = contracts.get(name, []), stubs.get(name, [])
            every = frozenset().union(*(inside for _, inside in (*declaring, *having)))
            found[name] = Group(
                every,
                [(path, _some(inside, every)) for path, inside in declaring],
                [(stub.service, stub.held, _some(inside, every)) for stub, inside in having],
            )
        return found

    @cached_property
    def all_places(self) -> dict[str, Place]:
        """All paths that are a contract, or that a build names."""
        opaque: dict[str, list[tuple[str, Held]]] = {}
        for stub in self._stubs:
            for path in self._sources.of(stub.source) if stub.is_opaque and stub.source else ():
                opaque.setdefault(path, []).append((stub.service, stub.held))
        references: dict[str, list[Reference]] = {}
        for reference in self._references:
            if not self._committed(reference):
                for path in reference.paths:
                    references.setdefault(path, []).append(reference)
        copies = {path: service for service, path in self._copies}
        return {
            path: Place(
                _package(self.contracts[path]) if path in self.contracts else None,
                copies.get(path),
                opaque.get(path, []),
                references.get(path, []),
            )
            for path in sorted(self.contracts.keys() | references.keys())
        }

    def foreign(self) -> tuple[Foreign, ...]:
        """The stubs whose contract is not here, each with the elements that no contract here declares."""
        declared = frozenset(one for names in self.contracts.values() for one in names)
        found = []
        for stub in self._stubs:
            elements = stub.elements - declared
            if elements or (not stub.elements and stub.source and not self._sources.of(stub.source)):
                package = _package(sorted(stub.elements))
                found.append(Foreign(stub.service, stub.held, package, stub.source, elements))
        return tuple(sorted(found, key=lambda one: (one.service, one.held)))

    def _committed(self, reference: Reference) -> bool:
        """The build takes a folder and its stubs are committed: they tell what is held, not the folder."""
        if reference.files:
            return False
        taken = {
            path for source in self._read.get(reference.service, ()) for path in self._sources.of(source)
        }
        return any(reference.names(path) for path in taken)

    @cached_property
    def _read(self) -> dict[str, set[str]]:
        """The sources of each service's stubs that have a descriptor."""
        found: dict[str, set[str]] = {}
        for stub in self._stubs:
            if stub.elements:
                found.setdefault(stub.service, set()).add(stub.source)
        return found

    @cached_property
    def _sources(self) -> _Sources:
        return _Sources(self.contracts)


class _Sources:
    """Contracts by the end of their path, as stubs name what they were generated from."""

    def __init__(self, contracts: Iterable[str]) -> None:
        self._named: dict[str, list[str]] = {}
        self._all = list(contracts)
        for path in self._all:
            self._named.setdefault(posixpath.basename(path), []).append(path)

    def of(self, source: str) -> list[str]:
        """The contracts that this can be."""
        name = posixpath.basename(source)
        return [path for path in self._named.get(name, ()) if f"/{path}".endswith(f"/{source}")]


def _some(inside: frozenset[str], every: frozenset[str]) -> Some:
    return None if inside == every else tuple(sorted(inside))


def _package(elements: Iterable[str]) -> str:
    """The package among elements; empty where there is none."""
    return next((one.removeprefix(PACKAGE) for one in elements if one.startswith(PACKAGE)), "")


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
            stubs.append(_Stub(service, held, file.declares, file.source, file.is_opaque))
        elif file.paths:
            held = Held(path, HeldKind.BUILD_REFERENCE)
            references.append(Reference(service, held, file.paths, file.files))
    owned = ((service_of(path), path) for path in protos)
    copies = tuple((service, path) for service, path in owned if service is not None)

    def text(path: str) -> bytes:
        return snapshot.read_many([path]).get(path, b"")

    return Holders(stubs, copies, references, known, text)


_MOST_SAID = 200
"""Elements that a text is looked through for, one by one."""


def begin_to_hold(
    before: Snapshot, after: Snapshot, paths: Collection[str], elements: Collection[str]
) -> bool:
    """Whether one of the stubs at these paths of both snapshots may hold one of the elements after, and not
    before: an old one that was made anew."""
    was, now = (_carried(one, sorted(paths)) for one in (before, after))
    if any(not (now[path].declares - was[path].declares).isdisjoint(elements) for path in now if path in was):
        return True
    opaque = [path for path in now if now[path].is_opaque]
    if opaque and len(elements) > _MOST_SAID:
        return True
    old, new = before.read_many(opaque), after.read_many(opaque)
    return any(gained(elements, old.get(path, b""), new.get(path, b"")) for path in opaque)


class _Carried(msgspec.Struct, frozen=True):
    """What one file carries, whoever's it is: a stub's or a contract's elements, or the paths that a build
    names."""

    generator: str = ""
    source: str = ""
    declares: frozenset[str] = frozenset()
    is_opaque: bool = False
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
    return _Carried(header.generator, header.source, is_opaque=True)


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
