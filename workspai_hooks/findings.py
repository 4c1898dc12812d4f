"""What a run reports: findings, and for each of them a verdict per consumer."""

from __future__ import annotations

import hashlib
from enum import StrEnum

import msgspec

from workspai_hooks.source import IN_FILE, Location


class Severity(StrEnum):
    """How bad a finding is; `rank` orders them, the worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        return ("error", "warning", "note").index(self.value)


class Surface(StrEnum):
    """What a break changes: the source that is built against it, the JSON or the wire format."""

    SOURCE = "source"
    JSON = "json"
    WIRE = "wire"


RUNNING = frozenset({Surface.WIRE, Surface.JSON})
"""What clients meet that are not built again."""


class Verdict(StrEnum):
    """What a break does to one consumer; the first that applies, in this order."""

    BREAKS = "breaks"
    UNKNOWN = "unknown"
    EXPOSED = "exposed"
    REGENERATES = "regenerates"

    @property
    def rank(self) -> int:
        return ("breaks", "unknown", "exposed", "regenerates").index(self.value)


class Site(msgspec.Struct, frozen=True, order=True):
    """A line of a consumer that uses the broken element.

    `side` is `head` (it hits the next build) or `base` (it hits running clients);
    `confidence` is `proven` (its type was followed) or `likely`. `writes`: it sets the field or gives the
    enum's value away, otherwise it reads, calls or names the element.
    """

    location: Location
    symbol: str
    side: str
    confidence: str = "proven"
    in_template: bool = False
    writes: bool = False


class HeldStub(msgspec.Struct, frozen=True):
    """A generated stub (or a copy of the contract) that a consumer holds."""

    path: str
    contract_version: str | None = None


class Hop(msgspec.Struct, frozen=True):
    """One step of the way to what breaks. `passes_on`: the broken element itself goes through it; otherwise
    the consumer only depends on a service that may fail. `evidence`: the lines that speak for the edge.
    """

    consumer: str
    provider: str
    protocols: tuple[str, ...]
    passes_on: bool
    evidence: tuple[Location, ...]


class Consumer(msgspec.Struct, frozen=True):
    """The verdict for one service and one finding. `path` runs from it to the nearest breaking service.

    `repository` is empty for a service of this one; of another, sites and stub are seen from its top, and the
    service is called `repository:service`.
    """

    service: str
    role: str
    verdict: Verdict
    hits: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    stub: HeldStub | None = None
    sites: tuple[Site, ...] = ()
    why: str = ""
    hops: tuple[Hop, ...] = ()
    repository: str = ""


class Approval(msgspec.Struct, frozen=True, order=True):
    """A break that somebody intends. `rule` is an id; `change` what it was and became, empty for any change.

    `expires` is an ISO date, the last day it holds (UTC); empty in a baseline, which is for what was there
    before anybody looked. `location` is where the approval stands. One in a contract covers breaks of that
    `file` alone (the description's, also where a part of it has the approval); `also` are other names of its
    element. `operations` are those that it stands at: it covers what is wrong in them, and `also` are the
    parts that it is about then; none: all.
    """

    rule: str
    element: str
    location: Location
    change: str = ""
    reason: str = ""
    owner: str = ""
    expires: str = ""
    also: tuple[str, ...] = ()
    file: str = ""
    operations: tuple[str, ...] = ()


class Idle(msgspec.Struct, frozen=True, order=True):
    """An approval that covers nothing, and why: `gone`, `changed` (the element breaks in another way now),
    `partly` (the break is in more operations or copies than it stands at) or `expired`."""

    approval: Approval
    why: str


class Mending(msgspec.Struct, frozen=True, order=True):
    """A change that certainly mends a fault: in words, and as a unified diff from the repository's top."""

    what: str
    patch: str


class Finding(msgspec.Struct, frozen=True):
    """One fault of one element, as the report shows it."""

    rule: str
    severity: Severity
    contract: str
    element: str
    message: str
    location: Location
    surfaces: tuple[Surface, ...] = ()
    upstream_rules: tuple[str, ...] = ()
    base_location: Location | None = None
    introduced: str = "commit"
    consumers: tuple[Consumer, ...] = ()
    related: tuple[Location, ...] = ()
    operations: tuple[str, ...] = ()
    change: str = ""
    """What the element was and what it became; not who is hit by it."""
    names: tuple[str, ...] = ()
    """All that it is called, `element` among them: in each operation that a shared schema is in."""
    home: str = ""
    """The path of the description, chart or manifest that it is a fault of; empty for protobuf."""
    approved: Approval | None = None
    fix: Mending | None = None
    against: tuple[str, ...] = ()
    """The bases that it is a fault against, where a run compares with several."""

    @property
    def is_use(self) -> bool:
        """Whether it is about a use of an unchanged contract (rules WSP2xx): `base_location` is the
        contract's line then."""
        return self.rule.startswith("WSP2")

    @property
    def plain_names(self) -> frozenset[str]:
        """`names` without the path that tells descriptions with the same operation apart."""
        start = f"{self.home}{IN_FILE}"
        return frozenset(name.removeprefix(start) for name in (self.element, *self.names))

    @property
    def fingerprint(self) -> str:
        """The same as long as rule, element and fault are the same; independent of lines and wording."""
        key = "\0".join((self.rule, self.element, *sorted(self.upstream_rules)))
        return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:16]


class Step(msgspec.Struct, frozen=True):
    """One step of a rollout: who moves, and why at this point. No services: the contract's owners."""

    services: tuple[str, ...]
    why: str
