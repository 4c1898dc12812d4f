"""References that led to something before the change and lead nowhere now, because they were changed."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.breaking.helm.change import Change
from workspai_hooks.breaking.helm.config_keys import HOLDERS, keys_of, made
from workspai_hooks.breaking.helm.faults import BOTH, fault
from workspai_hooks.breaking.helm.service_ports import ports_of
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm.objects import Build, Object
from workspai_hooks.contracts.helm.references import ALL, Reference, references_of
from workspai_hooks.findings import Severity

_ELSEWHERE = frozenset({"ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim"})
"""Kinds that are often made by somebody else, so that one that is not here may be there."""


def find(change: Change) -> Iterator[Break]:
    for pair in change.pairs:
        before = {use.path: use for use in references_of(pair.before)}
        for use in references_of(pair.after):
            old = before.get(use.path)
            if old is None or _target(old) == _target(use) or not use.name or use.optional:
                continue
            if resolves(old, change.base) and not resolves(use, change.head):
                yield _fault(old, use, change.head)


def _target(use: Reference) -> tuple[str, str, str]:
    return use.kind, use.name, use.key


def resolves(use: Reference, build: Build) -> bool:
    """Whether what is referred to stands in the build."""
    owners = _owners(use, build)
    if not owners or use.key in ("", ALL):
        return bool(owners)
    if use.kind == "Service":
        return any(use.key in _ports(one) for one in owners)
    return any(use.key in keys_of(one) for one in owners) or any(
        one.kind == "ExternalSecret" for one in owners
    )


def _owners(use: Reference, build: Build) -> list[Object]:
    if use.kind in ("ConfigMap", "Secret"):
        return [one for one in build.of(*HOLDERS) if made(one) == (use.kind, use.name)]
    return [one for one in build.of(use.kind) if one.name == use.name]


def _ports(service: Object) -> set[str]:
    return {text for port in ports_of(service) for text in (port.name, str(port.number), port.target) if text}


def _fault(old: Reference, use: Reference, head: Build) -> Break:
    known = bool(_owners(use, head))
    what = f"{use.kind}/{use.name}" + (f" {use.key}" if use.key not in ("", ALL) else "")
    where = (
        "has no such port"
        if known and use.kind == "Service"
        else "has no such key"
        if known
        else "is not there"
    )
    return fault(
        "reference-missing",
        f"{use.source.title}:{use.how.partition(' ')[0]}/{use.name}{'/' + use.key if use.key else ''}",
        f"{use.source.title} refers to {what}, which {where}; it referred to {old.kind}/{old.name} {old.key}".rstrip(),
        use.place,
        old.place,
        surfaces=BOTH,
        severity=Severity.WARNING if use.kind in _ELSEWHERE and not known else None,
    )
