"""The facts file: what one repository provides and consumes of contracts, as JSON (docs/facts.md).

Lists are tables and numbers in rows are places in them; everything is sorted, so that the same repository
gives the same bytes. A file comes from somebody else: its size is bounded, and so is every value in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

SCHEMA = "workspai-hooks/facts/1"
MAX_BYTES = 32 * 1024 * 1024

LIKELY, IN_TEST, WRITES = 1, 2, 4
"""The bits of `Use.flags`."""

Text = Annotated[str, Meta(max_length=4096)]
Number = Annotated[int, Meta(ge=0, lt=2**31)]


class FactsError(Exception):
    """Why a file is not a facts file that can be read; `remedy` is what can be done."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.remedy = remedy


class Use(Struct, frozen=True, array_like=True):
    """A line that uses an element. `service` is a place in the file's services, `path` in the package's
    paths, `symbol` and `kind` in its words."""

    service: Number
    path: Number
    line: Number
    column: Number
    symbol: Number
    kind: Number
    flags: Number


class Held(Struct, frozen=True, array_like=True):
    """Where a service holds a contract: a stub or copy of it where `kind` (a word) says so."""

    service: Number
    path: Number
    kind: Number


class Contract(Struct, frozen=True, array_like=True):
    """What one contract declares there, and who holds it."""

    declares: list[Text]
    held: list[Held]


class Unfollowed(Struct, frozen=True, array_like=True):
    """A service handles an element in a way that can't be followed; `said` is a word."""

    service: Number
    said: Number


class Package(Struct, frozen=True, omit_defaults=True):
    """All that is known of the elements of one protobuf package.

    `uses` is by element, files by the path that they are imported by. `unfollowed` is by element or, for all
    of its members, by message.
    """

    name: Text
    paths: list[Text] = []
    words: list[Text] = []
    uses: dict[Text, list[Use]] = {}
    contracts: list[Contract] = []
    unfollowed: dict[Text, list[Unfollowed]] = {}


class Service(Struct, frozen=True, omit_defaults=True):
    """A service or library. `calls` are rpcs (`pkg.Service/Rpc`), `serves` contract services."""

    name: Text
    aliases: list[Text] = []
    hosts: list[Text] = []
    owners: list[Text] = []
    calls: list[Text] = []
    serves: list[Text] = []


class Place(Struct, frozen=True, array_like=True):
    """A line that speaks for an edge."""

    path: Text
    line: Number


class Edge(Struct, frozen=True, array_like=True):
    """A proven edge between two of the file's services."""

    consumer: Number
    provider: Number
    protocol: Text
    evidence: list[Place]


class Opaque(Struct, frozen=True, array_like=True):
    """A stub that says neither what it declares nor has its contract beside it; `source` as it names it."""

    service: Number
    path: Text
    source: Text


class Unread(Struct, frozen=True, array_like=True):
    """A contract that could not be read when the facts were exported; `package` is empty where unknown."""

    package: Text
    what: Text
    why: Text


class Repository(Struct, frozen=True, omit_defaults=True):
    """`url` without scheme and credentials (`github.com/shop/web`), empty where there is none."""

    name: Text
    url: Text = ""
    commit: Text = ""


class FactsFile(Struct, frozen=True, omit_defaults=True):
    """The whole file."""

    schema: str
    repository: Repository
    services: list[Service] = []
    edges: list[Edge] = []
    packages: list[Package] = []
    opaque: list[Opaque] = []
    unread: list[Unread] = []


class _Version(Struct):
    schema: str = ""


def encode(facts: FactsFile) -> bytes:
    """The file's bytes."""
    return msgspec.json.encode(facts) + b"\n"


def decode(data: bytes) -> FactsFile:
    """The facts in a file; `FactsError` where it is none of ours, or lies about its own tables."""
    if len(data) > MAX_BYTES:
        raise FactsError(f"is larger than {MAX_BYTES >> 20} MiB", "export it anew")
    try:
        version = msgspec.json.decode(data, type=_Version).schema
        if version != SCHEMA:
            raise FactsError(
                f"is of schema {version[:80] or 'unknown'}; this version reads {SCHEMA}",
                "export it with this version of workspai-hooks, or upgrade this one",
            )
        facts = msgspec.json.decode(data, type=FactsFile)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise FactsError(f"is no facts file: {str(error)[:200]}", "export it anew") from error
    if not _sound(facts):
        raise FactsError("is no facts file: a number in it points nowhere", "export it anew")
    return facts


def _sound(facts: FactsFile) -> bool:
    """Whether all numbers are places in their tables."""
    count = len(facts.services)
    rows: Iterable[int] = (
        *(at for edge in facts.edges for at in (edge.consumer, edge.provider)),
        *(one.service for one in facts.opaque),
    )
    return all(at < count for at in rows) and all(_sound_package(one, count) for one in facts.packages)


def _sound_package(package: Package, services: int) -> bool:
    paths, words = len(package.paths), len(package.words)
    return (
        all(
            use.service < services and use.path < paths and use.symbol < words and use.kind < words
            for uses in package.uses.values()
            for use in uses
        )
        and all(
            held.service < services and held.path < paths and held.kind < words
            for contract in package.contracts
            for held in contract.held
        )
        and all(
            one.service < services and one.said < words
            for many in package.unfollowed.values()
            for one in many
        )
    )
