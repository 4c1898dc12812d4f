"""The other direction: a change in a consumer that begins to use what its contract has given up.

New is what a service did not use at the base: compared by service and element, never by line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from workspai_hooks.contracts.protobuf.elements import FILE, carriers, parts
from workspai_hooks.findings import Consumer, Finding, Site, Surface, Verdict
from workspai_hooks.impact.retired import Contracts, Copy, Retired
from workspai_hooks.rules import BY_NAME
from workspai_hooks.source import Location
from workspai_hooks.workspace.use_sites.found import Use
from workspai_hooks.workspace.workspace import Workspace

SERVING = frozenset({"handler", "registration"})
"""Who serves a deprecated rpc does what its clients need."""


class NewUse(msgspec.Struct, frozen=True, order=True):
    """A service that uses an element which it did not use before, where, and what that hits."""

    retired: Retired
    service: str
    hits: tuple[str, ...]
    uses: tuple[Use, ...]


def newly_used(contracts: Contracts, before: Callable[[], Workspace], after: Workspace) -> tuple[NewUse, ...]:
    """What each service newly uses; of an element inside of another one that is told, only the outer.

    `before` is looked at only where there is anything to compare.
    """
    found: list[NewUse] = []
    told: set[tuple[str, str]] = set()
    for element in sorted(contracts.elements, key=lambda one: (not one.startswith(FILE), len(one), one)):
        touched = parts(contracts.schema, element) or frozenset({element})
        now = _proven(after, touched)
        earlier = _proven(before(), touched) if now else {}
        for service, uses in now.items():
            if service in earlier or (service, element) in told:
                continue
            given_up = _given_up(element, service, contracts, after)
            if given_up is not None:
                told.update((service, part) for part in touched)
                found.append(NewUse(given_up[0], service, given_up[1], tuple(sorted(set(uses)))))
    return tuple(sorted(found))


def _proven(workspace: Workspace, touched: Iterable[str]) -> dict[str, list[Use]]:
    """Uses by service, of those whose types were followed."""
    uses = workspace.uses_of(frozenset(touched))
    kept = {
        service: [use for use in mine if use.confidence == "proven" and use.kind not in SERVING]
        for service, mine in uses.items()
    }
    return {service: mine for service, mine in kept.items() if mine}


def _given_up(
    element: str, service: str, contracts: Contracts, workspace: Workspace
) -> tuple[Retired, tuple[str, ...]] | None:
    """What the files that decide for this service say of the element, and what its use will hit.

    One file deprecates for all. An element is gone where none of them has it: from those that are common to
    all or of a service that serves it, or, for a service without a copy of its own, from the common ones
    alone: then its next build fails, though it may still be served.
    """
    copies = _copies(element, contracts)
    homes = {copy.path: workspace.service_at(copy.path) for copy in copies}
    common = [copy for copy in copies if homes[copy.path] is None]
    rpcs = carriers(contracts.schema, parts(contracts.schema, element) or {element})
    serving = workspace.providers(rpcs)
    served = [copy for copy in copies if homes[copy.path] in serving]
    deciding = [*common, *served] or [copy for copy in copies if homes[copy.path] != service] or copies
    if (proof := _gone(element, deciding)) is not None:
        return proof, ("running", "build")
    if service not in homes.values() and (proof := _gone(element, common)) is not None:
        return proof, ("build",)
    marked = [one for copy in deciding if (one := copy.retired.get(element)) is not None and not one.gone]
    return (_nearest(marked), ()) if marked else None


def _copies(element: str, contracts: Contracts) -> list[Copy]:
    owner = element.rpartition("/" if "/" in element else ".")[0]
    return [
        copy
        for copy in contracts.copies.values()
        if element in copy.retired or element in copy.declares or owner in copy.declares
    ]


def _gone(element: str, copies: Sequence[Copy]) -> Retired | None:
    """The proof that none of these copies has the element any more."""
    said = [one for copy in copies if (one := copy.retired.get(element)) is not None and one.gone]
    there = any(element in copy.declares for copy in copies)
    return _nearest(said) if said and not there else None


def _nearest(said: Sequence[Retired]) -> Retired:
    return min(said, key=lambda one: (len(one.location.path), one))


def findings(
    new: Sequence[NewUse], contracts: Contracts, after: Workspace, introduced: Callable[[NewUse], str]
) -> tuple[Finding, ...]:
    """One finding per element, with every service that newly uses it."""
    by_element: dict[tuple[str, bool], list[NewUse]] = {}
    for one in new:
        by_element.setdefault((one.retired.element, one.retired.gone), []).append(one)
    return tuple(_finding(uses, contracts, after, introduced) for _, uses in sorted(by_element.items()))


def _finding(
    uses: Sequence[NewUse], contracts: Contracts, after: Workspace, introduced: Callable[[NewUse], str]
) -> Finding:
    retired = uses[0].retired
    rule = BY_NAME["removed-element-used" if retired.gone else "deprecated-element-used"]
    names = ", ".join(one.service for one in uses)
    rpcs = carriers(contracts.schema, parts(contracts.schema, retired.element) or {retired.element})
    consumers = tuple(
        Consumer(
            one.service,
            after.role(one.service, rpcs),
            Verdict.BREAKS,
            one.hits,
            (one.service,),
            after.owners(one.service),
            sites=tuple(_site(use) for use in one.uses),
        )
        for one in uses
    )
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        contract=rule.contract,
        element=retired.element,
        message=f"{retired.element} {retired.said}, and {names} uses it newly",
        location=min(site.location for one in consumers for site in one.sites),
        surfaces=_surfaces(uses),
        base_location=retired.location,
        introduced="commit" if any(introduced(one) == "commit" for one in uses) else "branch",
        consumers=consumers,
        change=f"{retired.said}, and {names} uses it newly",
    )


def _surfaces(uses: Sequence[NewUse]) -> tuple[Surface, ...]:
    hits = {hit for use in uses for hit in use.hits}
    return tuple(Surface) if "running" in hits else (Surface.SOURCE,) if hits else ()


def _site(use: Use) -> Site:
    return Site(
        Location(use.path, use.line, use.column),
        use.symbol,
        "head",
        use.confidence,
        use.kind == "template",
        use.writes,
    )
