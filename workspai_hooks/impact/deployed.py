"""One verdict per service on a break of what is deployed: who reaches it at the address that broke.

A Service of Kubernetes is asked for by its name and port, in manifests, configuration and code: the lines
that speak for an edge of the graph are the lines that break. Of other objects the workload itself is hit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import commonpath, dirname

import msgspec

from workspai_hooks.breaking.values import Break
from workspai_hooks.findings import RUNNING, Consumer, Site, Surface, Verdict
from workspai_hooks.impact.hops import hops
from workspai_hooks.impact.sides import Sides
from workspai_hooks.patterns import regex
from workspai_hooks.source import IN_FILE, Location
from workspai_hooks.workspace.edges.values import Evidence, Tier
from workspai_hooks.workspace.files import is_test
from workspai_hooks.workspace.services import Services
from workspai_hooks.workspace.workspace import Workspace

_NO_ADDRESS = frozenset({"call", "implements", "depends-on", "configured"})
"""Evidence that speaks for an edge without naming where the provider is."""
_DEPLOYED = frozenset({"address", "argument"})
"""Evidence in what deploys the consumer: each way to install has its own."""
_SILENT = "calls it, and where it finds it is not in this repository"
_PORT = regex(r":(\d{1,5})\b")


class Target(msgspec.Struct, frozen=True):
    """What an element names: `Service/cart:port/7070` is the `port/7070` of the `Service` named `cart`."""

    kind: str
    name: str
    part: str

    @staticmethod
    def of(element: str) -> Target | None:
        """None for what is no object of Kubernetes (`chart:shop:values.port`)."""
        said = element.rpartition(IN_FILE)[2]
        title, _, part = said.partition(":")
        kind, slash, name = title.partition("/")
        return Target(kind, name, part) if slash else None

    @property
    def port(self) -> str:
        """The number of the port that broke; empty where all of it did."""
        what, _, port = self.part.partition("/")
        return port if what == "port" else ""


def judge(faults: Sequence[Break], sides: Sides) -> Iterator[tuple[Break, tuple[Consumer, ...]]]:
    """Each fault with the verdicts on it: the worst first, then by name."""
    return ((fault, _all(fault, sides)) for fault in faults)


def _all(fault: Break, sides: Sides) -> tuple[Consumer, ...]:
    """The verdicts on all elements that one cause breaks; the worst of each service, with its lines."""
    found: dict[str, Consumer] = {}
    for element in fault.reaches or (fault.element,):
        for one in _verdicts(fault, element, sides):
            known = found.get(one.service)
            if known is None or one.verdict.rank < known.verdict.rank:
                found[one.service] = one
            elif one.verdict is known.verdict:
                sites = tuple(sorted({*known.sites, *one.sites}))
                found[one.service] = msgspec.structs.replace(known, sites=sites)
    return tuple(sorted(found.values(), key=lambda one: (one.verdict.rank, one.service)))


def _verdicts(fault: Break, element: str, sides: Sides) -> tuple[Consumer, ...]:
    target = Target.of(element)
    if target is None:
        return ()
    provider = _service(sides, target)
    if target.kind != "Service":
        return (_itself(fault, provider, sides),) if provider else ()
    if provider is None:
        return ()
    found: dict[str, set[Site]] = {}
    silent: set[str] = set()
    for side, workspace in (("base", sides.base), ("head", sides.head)):
        for consumer, evidence in _asking(workspace, provider).items():
            sites = set(_sites(fault, target, evidence, workspace, side))
            if sites:
                found.setdefault(consumer, set()).update(sites)
            elif all(one.kind in _NO_ADDRESS for one in evidence):
                silent.add(consumer)
    silent -= found.keys()
    ways = sides.head.callers.exposed(set(found)) if RUNNING & set(fault.surfaces) else {}
    verdicts = [
        *(_breaks(fault, name, provider, found[name], sides) for name in found),
        *(
            _consumer(
                name, Verdict.UNKNOWN, (name, provider), sides, why="calls it; where it finds it is not here"
            )
            for name in silent
        ),
        *(
            msgspec.structs.replace(
                _consumer(name, Verdict.EXPOSED, path, sides), hops=hops(path, frozenset(), sides.head)
            )
            for name, path in ways.items()
            if name not in silent and name != provider
        ),
    ]
    return tuple(sorted(verdicts, key=lambda one: (one.verdict.rank, one.service)))


def _service(sides: Sides, target: Target) -> str | None:
    """The service that an object deploys, or leads to."""
    for workspace in (sides.base, sides.head):
        known = _named(workspace.services, target.name)
        if known is not None:
            return known
    return None


def _named(services: Services, name: str) -> str | None:
    known = services.named(name)
    if known is not None:
        return known.name
    reached = [one.name for one in services.all if name.lower() in one.hosts]
    return reached[0] if len(reached) == 1 else None


def _asking(workspace: Workspace, provider: str) -> Mapping[str, list[Evidence]]:
    """Who calls the provider, with the lines that say so."""
    asking: dict[str, list[Evidence]] = {}
    for edge in workspace.edges:
        if edge.provider == provider != edge.consumer and edge.tier is not Tier.ORDERING:
            asking.setdefault(edge.consumer, []).extend(edge.evidence)
    return asking


def _sites(
    fault: Break, target: Target, evidence: Iterable[Evidence], workspace: Workspace, side: str
) -> list[Site]:
    """The lines that name the broken address. One that names another port is none; where the line of the
    deployment is none, those that read it are none either."""
    lines = [one for one in evidence if one.kind not in _NO_ADDRESS]
    deployed = _nearest(fault, [one for one in lines if one.kind in _DEPLOYED])
    asked = [one for one in deployed if _asks(workspace, one.location, target)]
    if deployed and not asked:
        return []
    others = [one for one in lines if one.kind not in _DEPLOYED and _asks(workspace, one.location, target)]
    return [
        Site(one.location, target.name, side, "proven" if one.kind in _DEPLOYED else "likely")
        for one in sorted({*asked, *others})
        if not is_test(one.location.path)
    ]


def _nearest(fault: Break, deployed: list[Evidence]) -> list[Evidence]:
    """Those of the same chart or set of manifests as what broke, where there are any."""
    folder = dirname((fault.base_location or fault.location).path)
    shared = {one: len(commonpath([f"/{folder}", f"/{dirname(one.location.path)}"])) for one in deployed}
    nearest = max(shared.values(), default=0)
    return [one for one in deployed if shared[one] == nearest]


def _asks(workspace: Workspace, place: Location, target: Target) -> bool:
    """Whether a line may ask for the port: it names it, or none."""
    if not target.port:
        return True
    data = workspace.snapshot.read_many([place.path]).get(place.path, b"")
    lines = data.splitlines()
    line = lines[place.line - 1] if 0 < place.line <= len(lines) else b""
    named = set(_PORT.findall(line.decode("utf-8", "replace")))
    return target.port in named or not named


def _breaks(fault: Break, service: str, provider: str, sites: set[Site], sides: Sides) -> Consumer:
    way = sides.head.way(service, {provider}) or (service, provider)
    return msgspec.structs.replace(
        _consumer(service, Verdict.BREAKS, way, sides),
        hits=("running",) if RUNNING & set(fault.surfaces) else ("build",),
        sites=tuple(sorted(sites)),
    )


def _itself(fault: Break, service: str, sides: Sides) -> Consumer:
    """Whose own object broke."""
    location = fault.base_location or fault.location
    hits = [
        *(["running"] if RUNNING & set(fault.surfaces) else []),
        *(["build"] if Surface.SOURCE in fault.surfaces else []),
    ]
    return msgspec.structs.replace(
        _consumer(service, Verdict.BREAKS, (service,), sides),
        role="provider",
        hits=tuple(hits),
        sites=(Site(location, fault.element, "base" if fault.base_location else "head"),),
    )


def _consumer(
    service: str, verdict: Verdict, path: tuple[str, ...], sides: Sides, *, why: str = ""
) -> Consumer:
    return Consumer(
        service=service,
        role="consumer",
        verdict=verdict,
        hits=("running",),
        path=path,
        owners=sides.head.owners(service),
        why=why,
    )
