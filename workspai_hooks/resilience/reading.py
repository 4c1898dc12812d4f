"""What a source gives: what it says of policies, layers, faults seen while reading, open questions."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from workspai_hooks.errors import Undecided
from workspai_hooks.findings import Hop, Severity
from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.said import Said
from workspai_hooks.source import Location


class Edit(msgspec.Struct, frozen=True, order=True):
    """Lines of a file that a fix takes away and puts there: from `line` (1 is the first) on, `removed` go and
    `added` come, both without line ends. Nothing removed: `added` goes before `line`."""

    path: str
    line: int
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


class Fix(msgspec.Struct, frozen=True, order=True):
    """A change that certainly mends a fault; `what` tells a person in the imperative."""

    what: str
    edits: tuple[Edit, ...]


class Fault(msgspec.Struct, frozen=True):
    """A fault as a check or a source finds it. `rule` is a name of rules_policies.py; `element` is stable:
    an operation, a path of services `a -> b -> c`, or `file:<path>` with what is meant after `#`.

    `severity` where this one is worse or less bad than the rule says. `operations` are those that it is
    about, `services` who is hit, `hops` the way from the first to the last. `change`: what is told apart when
    the element is the same (`4 tries`); `weight` grows with how bad it is then.
    """

    rule: str
    element: str
    message: str
    location: Location
    severity: Severity | None = None
    related: tuple[Location, ...] = ()
    operations: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    hops: tuple[Hop, ...] = ()
    change: str = ""
    fix: Fix | None = None
    weight: float = 0.0

    def path_from(self, service: str) -> tuple[str, ...]:
        """The way from a service to the end, where it is on it."""
        way = (self.hops[0].consumer, *(one.provider for one in self.hops)) if self.hops else ()
        return way[way.index(service) :] if service in way else ()


class Read(msgspec.Struct, frozen=True):
    """All that one file, or many, give."""

    said: tuple[Said, ...] = ()
    layers: tuple[Layer, ...] = ()
    faults: tuple[Fault, ...] = ()
    undecided: tuple[Undecided, ...] = ()


def joined(many: Iterable[Read]) -> Read:
    """What several give, as one."""
    each = list(many)
    return Read(
        tuple(said for one in each for said in one.said),
        tuple(layer for one in each for layer in one.layers),
        tuple(fault for one in each for fault in one.faults),
        tuple(dict.fromkeys(question for one in each for question in one.undecided)),
    )
