"""Calls over Thrift: who serves a service of a contract, and who calls it.

Several contracts of a repository may declare a service of one name. Copies of one contract (by the name of
the file, a namespace, or the same functions) are one; of others the one nearest to the code is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.patterns import regex
from workspai_hooks.store import Store
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import RpcUse
from workspai_hooks.workspace.evidence import is_text, thrift
from workspai_hooks.workspace.evidence.thrift import Contract, Line
from workspai_hooks.workspace.files import is_code, is_read_at_run_time, is_test
from workspai_hooks.workspace.manifests.paths import folder_of, in_common
from workspai_hooks.workspace.programs import stem

PROTOCOL = "thrift"
_PROTO = regex(rb"(?m)^\s{0,40}service\s{1,20}(\w{1,80})")
_DEEPEST = 8
"""So many services take over each other's functions."""


def uses(scene: Scene, snapshot: Snapshot) -> list[RpcUse]:
    """The lines that serve and call services of the repository's Thrift contracts; none without one."""
    contracts = _contracts(snapshot)
    if not contracts.functions:
        return []
    seen = _seen(snapshot, contracts)
    found = []
    for path, lines in seen.items():
        called = {one.service for one in lines if one.role == "calls"}
        for one in lines:
            if one.role != "client":
                found.append(_use(contracts, path, one))
            elif one.service not in called:
                found += _elsewhere(scene, contracts, path, one.service, seen)
    return found


def _use(contracts: _Contracts, path: str, one: Line) -> RpcUse:
    return RpcUse(contracts.meant(one.service, path), one.rpc, path, one.line, one.role)


class _Contracts(msgspec.Struct, frozen=True, dict=True):
    """All contracts: path -> what it declares."""

    files: Mapping[str, Contract]

    @cached_property
    def functions(self) -> dict[str, list[str]]:
        """Service -> the functions that any contract gives it, its parents' as well."""
        own: dict[str, set[str]] = {}
        parents: dict[str, set[str]] = {}
        for each in self.files.values():
            for one in each.services:
                own.setdefault(one.name, set()).update(one.functions)
                parents.setdefault(one.name, set()).update([one.parent] if one.parent else [])
        found = {}
        for name in own:
            known, above = set(own[name]), {name}
            for _ in range(_DEEPEST):
                above = {parent for one in above for parent in parents.get(one, ())}
                known.update(function for one in above for function in own.get(one, ()))
            found[name] = sorted(known)
        return found

    def meant(self, service: str, path: str) -> str:
        """The full name of the service that code at a path means: its contract's name, its own."""
        nearest = max(self._declaring[service], key=lambda one: (in_common(one, path), one))
        return f"{self._names[service, nearest]}.{service}"

    @cached_property
    def _declaring(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path, each in self.files.items():
            for one in each.services:
                found.setdefault(one.name, []).append(path)
        return found

    @cached_property
    def _names(self) -> dict[tuple[str, str], str]:
        """Service and contract -> the name of the first contract that is a copy of it."""
        found: dict[tuple[str, str], str] = {}
        for service, paths in self._declaring.items():
            groups: list[tuple[str, set[object]]] = []
            for path in sorted(paths):
                marks = set(self._marks(path, service))
                same = next((group for group in groups if group[1] & marks), None)
                if same is None:
                    same = (stem(path), marks)
                    groups.append(same)
                same[1].update(marks)
                found[service, path] = same[0] if same is groups[0] else f"{same[0]}-{groups.index(same)}"
        return found

    def _marks(self, path: str, service: str) -> Iterator[object]:
        """What two copies of a contract have in common: one of these."""
        yield stem(path)
        yield from self.files[path].namespaces
        yield from (tuple(sorted(one.functions)) for one in self.files[path].services if one.name == service)


def _contracts(snapshot: Snapshot) -> _Contracts:
    paths = [path for path in snapshot.paths(".thrift") if not is_test(path)]
    keys = {path: Store.key(snapshot.entries[path].blob) for path in paths}

    def read(missing: Sequence[str]) -> dict[str, Contract]:
        contents = snapshot.read_many(missing)
        return {path: thrift.contract(data) for path, data in contents.items() if is_text(data)}

    return _Contracts(snapshot.store.each("thrift", keys, Contract, read) if keys else {})


def _seen(snapshot: Snapshot, contracts: _Contracts) -> dict[str, tuple[Line, ...]]:
    """What each file of code does with the services. Where there are contracts of gRPC as well, whose
    generators make the same names, a file has to say that it speaks Thrift."""
    rivals = _of_grpc(snapshot) & contracts.functions.keys()
    about = Store.key(sorted(contracts.functions.items()), sorted(rivals))
    keys = {
        path: Store.key(snapshot.entries[path].blob, path.rpartition(".")[2], about)
        for path in snapshot.paths(*thrift.CODE)
        if is_read_at_run_time(path) and path not in snapshot.generated
    }
    words = [way.encode() for name in contracts.functions for way in (name, name.lower())]

    def look(path: str, data: bytes) -> tuple[Line, ...]:
        if not is_text(data) or not any(word in data for word in words):
            return ()
        found = thrift.lines(path, data, contracts.functions)
        return found if b"hrift" in data else tuple(one for one in found if one.service not in rivals)

    def read(missing: Sequence[str]) -> dict[str, tuple[Line, ...]]:
        return {path: look(path, data) for path, data in snapshot.contents(missing)}

    found = snapshot.store.each("thrift lines", keys, tuple[Line, ...], read)
    return {path: lines for path, lines in found.items() if lines}


def _of_grpc(snapshot: Snapshot) -> set[str]:
    """The services that contracts of gRPC declare."""
    paths = snapshot.paths(".proto")

    def look() -> list[str]:
        contents = snapshot.contents(paths)
        return sorted({name.decode() for _, data in contents for name in _PROTO.findall(data)})

    about = Store.key([snapshot.entries[path].blob for path in paths])
    return set(snapshot.store.once("thrift", about, list[str], look) if paths else ())


def _elsewhere(
    scene: Scene, contracts: _Contracts, path: str, service: str, seen: Mapping[str, tuple[Line, ...]]
) -> Iterator[RpcUse]:
    """The calls of a client in other files of the programs that it is made for: those that name the file
    that makes it, or in Go its package. Files that hold a client themselves were looked at for themselves."""
    name = stem(path) if not path.endswith(".go") else folder_of(path).rpartition("/")[2]
    word = re.compile(rb"(?<![A-Za-z0-9_])" + re.escape(name.encode()) + rb"(?![A-Za-z0-9_])")
    holding = {other for other, lines in seen.items() for one in lines if one.service == service}
    for builder in scene.services.builders_of(path):
        for other, data in scene.tree(builder).files.items():
            near = other.endswith(".go") and folder_of(other) == folder_of(path)
            if other in holding or not is_code(other) or is_test(other) or not (near or word.search(data)):
                continue
            for line in thrift.calls(other, data, contracts.functions):
                if line.service == service:
                    yield _use(contracts, other, line)
