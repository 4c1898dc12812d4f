"""Hosts and paths that a cluster answers from outside: who asks for them finds nothing any more."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from workspai_hooks.breaking.helm.change import Change
from workspai_hooks.breaking.helm.faults import RUNNING, fault
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm.nodes import Step
from workspai_hooks.contracts.helm.objects import Build, Object
from workspai_hooks.contracts.helm.routes import EXACT, PREFIX, Entry, entries, listeners
from workspai_hooks.findings import Severity
from workspai_hooks.source import Location


def find(change: Change) -> Iterator[Break]:
    yield from _entries(change)
    yield from _listeners(change)


def _concerned(change: Change) -> list[Object]:
    """Base's objects that the change touches."""
    return [*(pair.before for pair in (*change.pairs, *change.renamed)), *change.removed]


def _entries(change: Change) -> Iterator[Break]:
    now = _served(change.head)
    same = {(entry.host, entry.path, entry.kind, entry.narrowed, entry.gate) for entry in now}
    for one in _concerned(change):
        lost: dict[str, list[Entry]] = defaultdict(list)
        count = Counter(entry.host for entry in entries(one))
        for entry in entries(one):
            told = (entry.host, entry.path, entry.kind, entry.narrowed, entry.gate)
            if told not in same and not _answered(entry, now):
                lost[entry.host].append(entry)
        after = change.after(one)
        for host, gone in lost.items():
            everything = count[host] == len(gone)
            if everything and not any(_hosts_meet(host, entry.host) for entry in now):
                yield _host(one, after, host, gone, change)
            else:
                for entry in gone:
                    yield _path(one, after, entry, change)


def _served(build: Build) -> list[Entry]:
    return [entry for one in build.objects for entry in entries(one)]


def _answered(entry: Entry, now: Sequence[Entry]) -> bool:
    """Whether something in head takes all that this entry took."""
    return any(_covers(other, entry) for other in now)


def _covers(new: Entry, old: Entry) -> bool:
    if not _host_covers(new.host, old.host) or (new.gate and old.gate and new.gate != old.gate):
        return False
    if (new.kind, new.path) == (old.kind, old.path):
        return not (new.narrowed - old.narrowed)
    if new.kind != PREFIX or old.kind not in (PREFIX, EXACT) or new.narrowed - old.narrowed:
        return False
    head = new.path.rstrip("/")
    # A wider route leads to the same place, or the old path is somebody else's now.
    return (old.path == head or old.path.startswith(head + "/")) and bool(new.backends & old.backends)


def _host_covers(new: str, old: str) -> bool:
    """`*.example.com` takes one label (Ingress) or more (Gateway API, Istio); any host takes all."""
    if new == old or new in ("", "*"):
        return True
    return new.startswith("*.") and old.endswith(new[1:])


def _hosts_meet(old: str, new: str) -> bool:
    return _host_covers(new, old) or _host_covers(old, new)


def _host(one: Object, after: Object | None, host: str, gone: Sequence[Entry], change: Change) -> Break:
    first = gone[0]
    named = host or "any host"
    what = f"{one.title} no longer answers {named}" if after is not None else f"{one.title} was removed"
    rest = "" if after is not None else f": {named} is not answered any more"
    return fault(
        "route-host-removed",
        f"{one.title}:host/{host or '*'}",
        what + rest,
        _near(one, after, first.at, change),
        one.place(*first.host_at),
        surfaces=RUNNING,
        severity=Severity.WARNING if _inside(one, first) else None,
    )


def _path(one: Object, after: Object | None, entry: Entry, change: Change) -> Break:
    shown = entry.path or "/"
    return fault(
        "route-path-removed",
        f"{one.title}:host/{entry.host or '*'}{shown if shown.startswith('/') else '/' + shown}",
        f"{one.title}: path {shown} ({entry.kind}) of {entry.host or 'any host'} is not answered as before",
        _near(one, after, entry.at, change),
        one.place(*entry.at),
        surfaces=RUNNING,
        severity=Severity.WARNING if _inside(one, entry) else None,
    )


def _inside(one: Object, entry: Entry) -> bool:
    """A VirtualService of the mesh alone changes how a Service is reached, which is still there."""
    return one.kind == "VirtualService" and not entry.gate


def _near(one: Object, after: Object | None, at: tuple[Step, ...], change: Change) -> Location:
    return after.place(*at) if after is not None else change.survivor(one.place())


def _listeners(change: Change) -> Iterator[Break]:
    for one in _concerned(change):
        after = change.after(one)
        owners = [after] if after is not None else list(change.head.of("Gateway"))
        now = [(port, host) for owner in owners for _, port, host, _ in listeners(owner)]
        for _, port, host, at in listeners(one):
            if not any(number == port and _host_covers(other, host) for number, other in now):
                of_host = f" for {host}" if host else ""
                yield fault(
                    "gateway-listener-removed",
                    f"{one.title}:listener/{port}{'/' + host if host else ''}",
                    f"{one.title} no longer listens on port {port}{of_host}",
                    _near(one, after, at, change),
                    one.place(*at),
                    surfaces=RUNNING,
                )
