"""In which order breaks can be rolled out, and what they ask of the contract's version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workspai_hooks.contracts.protobuf.elements import package_of
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.findings import Consumer, Finding, Severity, Site, Step, Verdict
from workspai_hooks.impact.plans import PLANS, Phase, Who
from workspai_hooks.impact.plans_deployed import DEPLOYED
from workspai_hooks.patterns import regex
from workspai_hooks.rules import BY_ID
from workspai_hooks.workspace.files import is_test

SHOWN = 3
"""More elements than this are counted, not named."""

VERSION = regex(r"^(?P<whole>package:)?(?P<before>(?:\w+\.)*)v(?P<number>\d+)(?(whole)(?:\.|$)|\.)")
"""A package whose version is part of its name, and stable (AIP-185): `shop.cart.v1`, not `v1beta1`."""


def rollout(findings: Sequence[Finding]) -> tuple[Step, ...]:
    """The steps of every break's plan, taken together; who has nothing to do in a step is not in it.

    Empty where no service breaks: then there is nobody to wait for.
    """
    breaking = [finding for finding in findings if finding.severity is Severity.ERROR and _hit(finding)]
    phases: dict[Phase, tuple[list[str], set[str]]] = {}
    for finding in breaking:
        known = BY_ID.get(finding.rule)
        for phase in _plan(known.name) if known is not None else ():
            services = _services(phase.who, finding)
            if services or phase.who is Who.OWNERS:
                elements, movers = phases.setdefault(phase, ([], set()))
                elements.append(finding.element)
                movers |= services
    steps = [
        Step(tuple(sorted(movers)), phase.why.format(names=_names(elements)))
        for phase, (elements, movers) in sorted(phases.items(), key=lambda item: item[0])
    ]
    return (Step(steps[0].services, steps[0].why + _beside(breaking)), *steps[1:]) if steps else ()


def _plan(rule: str) -> tuple[Phase, ...]:
    """The plan of a rule by its name; none where nobody has to wait for anybody."""
    return PLANS.get(rule) or DEPLOYED.get(rule, ())


def _hit(finding: Finding) -> bool:
    return any(consumer.verdict is Verdict.BREAKS for consumer in finding.consumers)


def _services(who: Who, finding: Finding) -> set[str]:
    if who is Who.OWNERS:
        return set()
    verdict = Verdict.UNKNOWN if who is Who.UNKNOWN else Verdict.BREAKS
    return {
        consumer.service
        for consumer in finding.consumers
        if consumer.verdict is verdict and _takes_part(who, consumer)
    }


def _takes_part(who: Who, consumer: Consumer) -> bool:
    match who:
        case Who.READERS:
            return any(not site.writes for site in _deployed(consumer))
        case Who.WRITERS:
            return any(site.writes for site in _deployed(consumer))
        case Who.CALLERS:
            return consumer.role != "provider"
        case Who.SERVERS:
            return consumer.role != "consumer"
        case _:
            return True


def _deployed(consumer: Consumer) -> Sequence[Site]:
    """Its sites outside of tests; where there are only tests, these."""
    return [site for site in consumer.sites if not is_test(site.location.path)] or consumer.sites


def _names(elements: Sequence[str]) -> str:
    named = list(dict.fromkeys(elements))  # one may break in two ways
    more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
    return ", ".join(named[:SHOWN]) + more


def _beside(findings: Iterable[Finding]) -> str:
    """Where packages carry their version, the other way: all of it in the next one, beside this one."""
    found = {
        (f"{match['before']}v{match['number']}", f"{match['before']}v{int(match['number']) + 1}")
        for finding in findings
        if (match := VERSION.match(finding.element))
    }
    ways = ", ".join(f"{old} as it is and release the change as {new}" for old, new in sorted(found)[:SHOWN])
    return f"; or leave {ways}" if ways else ""


def bumps(findings: Iterable[Finding], packages: Iterable[str], base: Schema, head: Schema) -> dict[str, str]:
    """Per changed package: major where something breaks, minor where something is new, else patch."""
    broken = {package_of(base, finding.element) for finding in findings if finding.severity is Severity.ERROR}
    grown = {head.package_of(name.partition("/")[0]) for name in _declared(head) - _declared(base)}
    return {
        package: "major" if package in broken else "minor" if package in grown else "patch"
        for package in sorted(packages)
        if package
    }


def _declared(schema: Schema) -> set[str]:
    """Full names of everything a schema declares, members with their owner's name in front of a slash."""
    members = {
        f"{name}/{member}"
        for name, inside in (
            *((name, message.fields) for name, message in schema.messages.items()),
            *((name, enum.values) for name, enum in schema.enums.items()),
            *((name, service.methods) for name, service in schema.services.items()),
        )
        for member in inside
    }
    return members | schema.messages.keys() | schema.enums.keys() | schema.services.keys()
