"""In which order breaks can be rolled out, and what they ask of the contract's version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workspai_hooks.contracts.protobuf.elements import package_of
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.findings import Finding, Severity, Step, Verdict

SHOWN = 3
"""More elements than this are counted, not named."""


def rollout(findings: Sequence[Finding]) -> tuple[Step, ...]:
    """Both forms side by side first, then everybody who calls, then the removal with who only serves.

    Empty where no service breaks: then there is nobody to wait for.
    """
    breaking = [finding for finding in findings if finding.severity is Severity.ERROR and _hit(finding)]
    roles: dict[str, set[str]] = {}
    for finding in breaking:
        for consumer in finding.consumers:
            if consumer.verdict is Verdict.BREAKS:
                roles.setdefault(consumer.service, set()).add(consumer.role)
    if not roles:
        return ()
    serving = tuple(sorted(service for service, seen in roles.items() if seen == {"provider"}))
    calling = tuple(sorted(roles.keys() - set(serving)))
    names = _names(breaking)
    steps = [Step((), f"keep {names} beside the new form, marked deprecated, and release the contract")]
    if calling:
        steps.append(Step(calling, "move off it, regenerate and deploy"))
    steps.append(Step(serving, f"remove {names}, reserve its numbers and names"))
    return tuple(steps)


def _hit(finding: Finding) -> bool:
    return any(consumer.verdict is Verdict.BREAKS for consumer in finding.consumers)


def _names(findings: Sequence[Finding]) -> str:
    elements = [finding.element for finding in findings]
    more = f" and {len(elements) - SHOWN} more" if len(elements) > SHOWN else ""
    return ", ".join(elements[:SHOWN]) + more


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
