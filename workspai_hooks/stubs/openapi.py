"""How an OpenAPI client differs from the description as it is, and which description it was made of.

Compared is the best that the client has: the description inside it, element by element; else the operations
and fields that its code declares, by name. Of what can't be read of a client nothing is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from workspai_hooks.stubs.matching import Match, nearest, nearness
from workspai_hooks.stubs.openapi_clients import Client
from workspai_hooks.stubs.openapi_declared import Declared, Face, Key, Said
from workspai_hooks.stubs.skew import Difference, Grade

OVERLAP = 0.5
"""A client is of a description that has at least so much of its operations, unless the titles say so."""


_READS = {
    "go-swagger": "2.",
    "oapi-codegen": "3.",
    "ogen": "3.",
    "openapi-python-client": "3.",
    "progenitor": "3.",
    "swift-openapi-generator": "3.",
}
"""Generators that take descriptions of one dialect alone, by their READMEs. The same API is often there in
both: protoc-gen-openapiv2 and -openapiv3 write two descriptions of one contract."""


class Candidate(msgspec.Struct, frozen=True):
    """A description of the repository; `blob` is its content's id, `dialect` like `3.0.3`."""

    path: str
    blob: str
    face: Face | Declared
    dialect: str = ""


def differences(
    contract: Declared, client: Client, carried: Declared | None = None
) -> tuple[Difference, ...]:
    """Everything that differs, the worst first; `carried` is the description that the client has inside."""
    found = _of_descriptions(contract, carried) if carried is not None else _of_code(contract, client)
    return tuple(sorted(set(found), key=lambda it: (it.grade.rank, it.element, it.contract, it.stub)))


def _of_descriptions(contract: Declared, stub: Declared) -> Iterator[Difference]:
    yield from _of_servers(contract, stub)
    common = frozenset(contract.schemas.keys() & stub.schemas.keys())
    ours, theirs = dict(contract.said(common)), dict(stub.said(common))
    for key in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(key), theirs.get(key)
        if (one and one.text) == (other and other.text) or _has_no_home(key, ours, theirs):
            continue
        said = one or other
        assert said is not None
        yield Difference(said.grade, said.element, one.text if one else "", other.text if other else "")


def _of_servers(contract: Declared, stub: Declared) -> Iterator[Difference]:
    """Where the paths of all servers differ, requests go elsewhere; hosts are a matter of where it runs."""
    if contract.bases and stub.bases and not set(contract.bases) & set(stub.bases):
        ours, theirs = (", ".join(sorted(set(one.bases))) for one in (contract, stub))
        yield Difference(Grade.WIRE, "servers", ours, theirs)


def _has_no_home(key: Key, ours: Mapping[Key, Said], theirs: Mapping[Key, Said]) -> bool:
    """Whether a part belongs to an operation that only one side has: that is told of the operation."""
    home = ("operation", *key[1:2])
    return key[0] not in ("operation", "info", "schema", "field") and (home in ours) != (home in theirs)


def _of_code(contract: Declared, client: Client) -> Iterator[Difference]:
    said, version = client.contract_version, contract.version
    if said and version and said.removeprefix("v") != version.removeprefix("v"):
        yield Difference(Grade.COSMETIC, "info.version", contract.version, client.contract_version)
    own = {_without_base(one, contract): one for one in client.operations}
    for name in sorted(own.keys() - contract.operations.keys()):
        yield Difference(Grade.WIRE, own[name], "", own[name])
    if client.is_whole and own:
        for name in sorted(contract.operations.keys() - own.keys()):
            element = contract.operations[name]
            yield Difference(Grade.WIRE, element, element, "")
    schemas = {_folded(name): name for name in contract.schemas}
    told = Counter(_folded(model.name) for model in client.models)
    for model in client.models:
        if told[_folded(model.name)] > 1:
            continue  # go-swagger calls the body of an answer as a schema may be called
        name = schemas.get(_folded(model.name), "")
        fields = contract.fields(name) if name else None
        if not fields:
            continue
        for field in sorted(set(fields) ^ set(model.fields)):
            ours = field in fields
            yield Difference(Grade.WIRE, f"{name}.{field}", field if ours else "", "" if ours else field)


def _without_base(operation: str, contract: Face | Declared) -> str:
    """An operation as the description has it: some generators write the server's path into it."""
    method, _, path = operation.partition(" ")
    if operation in contract.operations:
        return operation
    for base in contract.bases:
        if path.startswith(f"{base}/"):
            return f"{method} {path.removeprefix(base)}"
    return operation


def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace(".", "").lower()


def match(
    client: Client,
    candidates: Iterable[Candidate],
    service_at: Callable[[str], str | None],
    carried: Declared | None = None,
) -> Match:
    """The description that a client was made of: of those with its title, or else with most of its
    operations, the nearest one; copies that are the same byte by byte are one."""
    reads = _READS.get(client.generator, "")
    read = [one for one in candidates if not one.dialect or one.dialect.startswith(reads)]
    scored = {one.path: _score(one.face, client, carried) for one in read}
    every = [one for one in read if scored[one.path] > (0, 0.0)]
    if not every:
        return Match()
    best = max(scored[one.path] for one in every)
    fitting = [one for one in every if scored[one.path] == best]
    return nearest(
        sorted(fitting, key=lambda one: one.path),
        lambda path: nearness(client.root, client.root, path, service_at),
    )


def _score(contract: Face | Declared, client: Client, carried: Declared | None) -> tuple[int, float]:
    """Whether the titles are one, and the share of the client's operations that the description has."""
    operations = set(carried.operations) if carried is not None else set(client.operations)
    named = carried.title if carried is not None else client.title
    own = {_without_base(one, contract) for one in operations}
    share = len(own & contract.operations.keys()) / len(own) if own else 0.0
    titled = bool(named) and named.strip() == contract.title.strip()
    if titled:
        return 1, share
    return (0, share) if share >= OVERLAP else (0, 0.0)
