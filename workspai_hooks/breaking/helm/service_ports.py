"""Ports of Services: removed, on another number, under another name, with another protocol or node port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from workspai_hooks.breaking.helm.change import Change, Pair
from workspai_hooks.breaking.helm.faults import fault
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm.nodes import Plain
from workspai_hooks.contracts.helm.objects import Object
from workspai_hooks.findings import Severity
from workspai_hooks.source import Location


class ServicePort(msgspec.Struct, frozen=True):
    """A port of a Service at its position in `spec.ports`."""

    number: int
    name: str
    protocol: str
    target: str
    node: int
    at: int

    @property
    def title(self) -> str:
        return f"port {self.number}" + (f" ({self.name})" if self.name else "")


def ports_of(service: Object) -> list[ServicePort]:
    """The ports of a Service; what has no number is left out."""
    return [
        ServicePort(
            number,
            _text(port, "name"),
            _text(port, "protocol") or "TCP",
            _text(port, "targetPort") or str(number),
            _number(port.get("nodePort")),
            at,
        )
        for at, port in enumerate(service.items("spec", "ports"))
        if (number := _number(port.get("port")))
    ]


def _text(port: Mapping[str, Plain], key: str) -> str:
    value = port.get(key)
    return "" if value is None or isinstance(value, (dict, list)) else str(value)


def _number(value: Plain) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isdigit() and len(value) <= 5 else 0


def find(change: Change) -> Iterator[Break]:
    """Faults of the ports of Services that are on both sides."""
    for pair in change.pairs_of("Service"):
        yield from _compared(pair, change)


def _compared(pair: Pair, change: Change) -> Iterator[Break]:
    before, after = ports_of(pair.before), ports_of(pair.after)
    for port, now in partners(before, after):
        if now is None:
            yield _removed(pair, port, change)
        elif now.number != port.number:
            yield _renumbered(pair, port, now, change)
        elif now.protocol != port.protocol:
            yield _protocol(pair, port, now)
        else:
            if now.name != port.name:
                yield from _renamed(pair, port, now, change)
            if port.node and now.node != port.node:
                yield _node_port(pair, port, now)


def partners(
    before: Sequence[ServicePort], after: Sequence[ServicePort]
) -> list[tuple[ServicePort, ServicePort | None]]:
    """Each port with what took its place: of the same number, else of the same name, else of the same target,
    else the only one that is new where only one is gone."""
    free = list(after)
    found: dict[int, ServicePort] = {}
    for same in (
        lambda one, other: (one.number, one.protocol) == (other.number, other.protocol),
        lambda one, other: one.number == other.number,
        lambda one, other: bool(one.name) and one.name == other.name,
        lambda one, other: one.target == other.target and one.protocol == other.protocol,
    ):
        for port in before:
            if port.at not in found:
                mate = next((other for other in free if same(port, other)), None)
                if mate is not None:
                    found[port.at] = mate
                    free.remove(mate)
    left = [port for port in before if port.at not in found]
    if len(left) == 1 and len(free) == 1 and len(before) == len(after):
        found[left[0].at] = free[0]
    return [(port, found.get(port.at)) for port in before]


def _element(pair: Pair, port: ServicePort) -> str:
    return f"{pair.title}:port/{port.number}"


def _removed(pair: Pair, port: ServicePort, change: Change) -> Break:
    return fault(
        "service-port-removed",
        _element(pair, port),
        f"{pair.title} no longer has {port.title}",
        pair.after.place("spec", "ports"),
        pair.before.place("spec", "ports", port.at, "port"),
        related=_users(pair, port, change),
    )


def _renumbered(pair: Pair, port: ServicePort, now: ServicePort, change: Change) -> Break:
    return fault(
        "service-port-changed",
        _element(pair, port),
        f"{pair.title}: {port.title} became {now.number}",
        pair.after.place("spec", "ports", now.at, "port"),
        pair.before.place("spec", "ports", port.at, "port"),
        renamed_to=f"{pair.after.title}:port/{now.number}",
        related=_users(pair, port, change),
    )


def _renamed(pair: Pair, port: ServicePort, now: ServicePort, change: Change) -> Iterator[Break]:
    if not port.name:
        return
    users = _users(pair, port, change, by_name=True)
    new = f"is called {now.name} now" if now.name else "has no name any more"
    yield fault(
        "service-port-renamed",
        _element(pair, port),
        f"{pair.title}: {port.title} {new}",
        pair.after.place("spec", "ports", now.at, "name"),
        pair.before.place("spec", "ports", port.at, "name"),
        severity=Severity.ERROR if users else None,
        related=users,
    )


def _node_port(pair: Pair, port: ServicePort, now: ServicePort) -> Break:
    new = f"became {now.node}" if now.node else "is no longer fixed"
    return fault(
        "service-node-port-changed",
        f"{pair.title}:nodePort/{port.node}",
        f"{pair.title}: node port {port.node} of {port.title} {new}",
        pair.after.place("spec", "ports", now.at, "nodePort"),
        pair.before.place("spec", "ports", port.at, "nodePort"),
    )


def _protocol(pair: Pair, port: ServicePort, now: ServicePort) -> Break:
    return fault(
        "service-port-protocol-changed",
        _element(pair, port),
        f"{pair.title}: {port.title} speaks {now.protocol} now, not {port.protocol}",
        pair.after.place("spec", "ports", now.at, "protocol"),
        pair.before.place("spec", "ports", port.at, "protocol"),
    )


def _users(pair: Pair, port: ServicePort, change: Change, by_name: bool = False) -> list[Location]:
    """Who still asks for the port in head: routes and monitors."""
    wanted = {port.name} if by_name else {port.name, str(port.number)}
    return [use.place for use in change.uses.of("Service", pair.after.name) if use.key and use.key in wanted]
