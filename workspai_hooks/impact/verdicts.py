"""One verdict per service and break: breaks, unknown, exposed or regenerates (shared/DESIGN.md)."""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.protobuf import elements
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.findings import RUNNING, Consumer, HeldStub, Hop, Site, Surface, Verdict
from workspai_hooks.impact.sides import Sides
from workspai_hooks.source import Location
from workspai_hooks.stubs.holding import Held, HeldKind


def judge(fault: Break, schema: Schema, sides: Sides) -> tuple[Consumer, ...]:
    """The verdicts on one break, the worst first, then by name. `schema` knows both sides' elements."""
    touched = _touched(fault, schema)
    rpcs = elements.carriers(schema, touched)
    sites = _sites(fault, touched, sides)
    held = sides.head.holders(touched) | sides.base.holders(touched)
    unfollowed = sides.head.unfollowed(touched, {*held, *sites})
    unknown = {
        service: why for service, why in unfollowed.items() if service in held and service not in sites
    }
    outside = sides.outside(schema, touched, rpcs)
    # What changes no running client hits nobody through others.
    ways = outside.exposed(set(sites) | outside.breaking) if RUNNING & set(fault.surfaces) else {}
    verdicts = [
        *(
            _breaking(fault, service, sites[service], rpcs, held, sides, unfollowed.get(service, ""))
            for service in sites
        ),
        *(
            _other(Verdict.UNKNOWN, service, rpcs, held, sides, why=why, hits=_hits(fault))
            for service, why in unknown.items()
        ),
        *(
            _other(
                Verdict.EXPOSED,
                service,
                rpcs,
                held,
                sides,
                path=path,
                hits=("running",),
                hops=outside.hops(path),
            )
            for service, path in ways.items()
            if service not in sites and service not in unknown and not outside.has(service)
        ),
        *(
            _other(Verdict.REGENERATES, service, rpcs, held, sides)
            for service in held
            if service not in sites and service not in unknown and service not in ways
        ),
        *outside.verdicts(fault.surfaces, ways),
    ]
    return tuple(sorted(verdicts, key=lambda consumer: (consumer.verdict.rank, consumer.service)))


def _touched(fault: Break, schema: Schema) -> frozenset[str]:
    """The elements whose uses are uses of what broke: what is inside goes with it."""
    if fault.element.startswith(elements.FILE) and fault.renamed_to is not None:
        return frozenset({fault.element})  # a moved file lives on: only imports of it by name break
    return elements.parts(schema, fault.element) or frozenset({fault.element})


def _sites(fault: Break, touched: frozenset[str], sides: Sides) -> Mapping[str, tuple[Site, ...]]:
    """Where each service uses the element: in head for the next build, in base for what runs today."""
    found: dict[str, set[Site]] = {}
    for side, workspace in (("base", sides.base), ("head", sides.head)):
        for service, uses in workspace.uses_of(touched).items():
            for use in uses:
                found.setdefault(service, set()).add(
                    Site(
                        Location(use.path, use.line, use.column),
                        use.symbol,
                        side,
                        use.confidence,
                        use.kind == "template",
                        use.writes,
                    )
                )
    return {service: tuple(sorted(found[service])) for service in sorted(found)}


def _breaking(
    fault: Break,
    service: str,
    sites: tuple[Site, ...],
    rpcs: frozenset[str],
    held: Mapping[str, Held],
    sides: Sides,
    why: str,
) -> Consumer:
    """`why`: what else it does with the element that can't be followed, so that its sites are not all."""
    present = {site.side for site in sites}
    hits = [
        *(["running"] if "base" in present and RUNNING & set(fault.surfaces) else []),
        *(["build"] if "head" in present and Surface.SOURCE in fault.surfaces else []),
    ]
    role = _role(sides, service, rpcs)
    return Consumer(
        service=service,
        role=role,
        verdict=Verdict.BREAKS,
        hits=tuple(hits),
        path=_way_to_provider(service, role, rpcs, sides),
        owners=sides.head.owners(service),
        stub=_stub(held.get(service)),
        sites=sites,
        why=why,
    )


def _role(sides: Sides, service: str, rpcs: frozenset[str]) -> str:
    """Its role in head; one that stopped serving with this change still serves those who run."""
    role = sides.head.role(service, rpcs)
    return sides.base.role(service, rpcs) if role == "consumer" else role


def _way_to_provider(service: str, role: str, rpcs: frozenset[str], sides: Sides) -> tuple[str, ...]:
    """From a breaking service to the nearest one that serves the element; itself where it only serves it."""
    if role == "provider":
        return (service,)
    ways = (w.way(service, w.providers(rpcs) - {service}) for w in (sides.head, sides.base))
    way = next((way for way in ways if way), None)
    return way or (service,)


def _other(
    verdict: Verdict,
    service: str,
    rpcs: frozenset[str],
    held: Mapping[str, Held],
    sides: Sides,
    *,
    path: tuple[str, ...] = (),
    hits: tuple[str, ...] = (),
    why: str = "",
    hops: tuple[Hop, ...] = (),
) -> Consumer:
    return Consumer(
        service=service,
        role=_role(sides, service, rpcs),
        verdict=verdict,
        hits=hits,
        path=path or (service,),
        owners=sides.head.owners(service),
        stub=_stub(held.get(service)),
        why=why,
        hops=hops,
    )


def _running(fault: Break) -> tuple[str, ...]:
    return ("running",) if RUNNING & set(fault.surfaces) else ()


def _hits(fault: Break) -> tuple[str, ...]:
    """What a break can hit at all."""
    return (*_running(fault), *(("build",) if Surface.SOURCE in fault.surfaces else ()))


def _stub(held: Held | None) -> HeldStub | None:
    """The stub or copy that it holds; a build or an import that names a contract is none."""
    if held is None or held.kind not in (HeldKind.STUB, HeldKind.COPY):
        return None
    return HeldStub(held.path, held.contract_version)
