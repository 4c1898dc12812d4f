"""The facts file: what one repository provides and consumes of contracts, as JSON (docs/facts.md).

Lists are tables and numbers in rows are places in them; everything is sorted, so that the same repository
gives the same bytes. A file comes from somebody else: its size is bounded, and so is every value in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypeVar

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


class Sealed(Struct, frozen=True):
    """A package as it is read: its rows stay as they came until somebody asks for them."""

    name: Text
    paths: list[Text] = []
    words: list[Text] = []
    uses: dict[Text, msgspec.Raw] = {}
    contracts: msgspec.Raw = msgspec.Raw(b"[]")
    unfollowed: dict[Text, msgspec.Raw] = {}


class Received(Struct, frozen=True):
    """The whole file as it is read."""

    schema: str
    repository: Repository
    services: list[Service] = []
    edges: list[Edge] = []
    packages: list[Sealed] = []
    opaque: list[Opaque] = []
    unread: list[Unread] = []


class _Version(Struct):
    schema: str = ""


def encode(facts: FactsFile) -> bytes:
    """The file's bytes."""
    return msgspec.json.encode(facts) + b"\n"


def decode(data: bytes) -> Received:
    """The facts in a file; `FactsError` where it is none of ours, or lies about its own tables."""
    if len(data) > MAX_BYTES:
        raise FactsError(f"is larger than {MAX_BYTES >> 20} MiB", AGAIN)
    version = _decoded(data, _VERSION).schema
    if version != SCHEMA:
        raise FactsError(
            f"is of schema {version[:80] or 'unknown'}; this version reads {SCHEMA}",
            "export it with this version of workspai-hooks, or upgrade this one",
        )
    facts = _decoded(data, _RECEIVED)
    ends = (at for edge in facts.edges for at in (edge.consumer, edge.provider))
    _within((*ends, *(one.service for one in facts.opaque)), len(facts.services))
    return facts


def opened_uses(data: bytes, services: int, paths: int, words: int) -> list[Use]:
    """The uses of one element; `FactsError` where a number points nowhere."""
    uses = _decoded(data, _USES)
    _within((use.service for use in uses), services)
    _within((use.path for use in uses), paths)
    _within((at for use in uses for at in (use.symbol, use.kind)), words)
    return uses


def opened_contracts(data: bytes, services: int, paths: int, words: int) -> list[Contract]:
    """The contracts of one package; `FactsError` where a number points nowhere."""
    contracts = _decoded(data, _CONTRACTS)
    held = [one for contract in contracts for one in contract.held]
    _within((one.service for one in held), services)
    _within((one.path for one in held), paths)
    _within((one.kind for one in held), words)
    return contracts


def opened_unfollowed(data: bytes, services: int, words: int) -> list[Unfollowed]:
    """Who can't be followed with one element; `FactsError` where a number points nowhere."""
    unfollowed = _decoded(data, _UNFOLLOWED)
    _within((one.service for one in unfollowed), services)
    _within((one.said for one in unfollowed), words)
    return unfollowed


T = TypeVar("T")
AGAIN = "export it anew"
_VERSION = msgspec.json.Decoder(_Version)
_RECEIVED = msgspec.json.Decoder(Received)
_USES = msgspec.json.Decoder(list[Use])
_CONTRACTS = msgspec.json.Decoder(list[Contract])
_UNFOLLOWED = msgspec.json.Decoder(list[Unfollowed])


def _decoded(data: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise FactsError(f"is no facts file: {str(error)[:200]}", AGAIN) from error


def _within(numbers: Iterable[int], count: int) -> None:
    if any(at >= count for at in numbers):
        raise FactsError("is no facts file: a number in it points nowhere", AGAIN)
