"""CustomResourceDefinitions: versions that are gone, schemas that refuse resources that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.breaking.helm.change import Change, Pair
from workspai_hooks.breaking.helm.faults import BOTH, NEXT, fault
from workspai_hooks.breaking.helm.schemas import tightened
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm.nodes import Plain
from workspai_hooks.findings import Severity

_MOST = 50
"""So many places of one definition are told."""


def find(change: Change) -> Iterator[Break]:
    for pair in change.pairs_of("CustomResourceDefinition"):
        before, after = _versions(pair, before=True), _versions(pair, before=False)
        for name, (at, version) in before.items():
            if version.get("served") is False:
                continue
            now = after.get(name)
            if now is None or now[1].get("served") is False:
                yield _gone(pair, name, at, now)
            else:
                yield from _schema(pair, name, at, now[0])


def _versions(pair: Pair, *, before: bool) -> dict[str, tuple[int, Mapping[str, Plain]]]:
    one = pair.before if before else pair.after
    return {str(item.get("name")): (at, item) for at, item in enumerate(one.items("spec", "versions"))}


def _gone(pair: Pair, name: str, at: int, now: tuple[int, Mapping[str, Plain]] | None) -> Break:
    return fault(
        "crd-version-removed",
        f"{pair.title}:{name}",
        f"{pair.title}: version {name} is no longer {'served' if now else 'there'}",
        pair.after.place("spec", "versions", *((now[0], "served") if now else ())),
        pair.before.place("spec", "versions", at, "name"),
        surfaces=BOTH,
    )


def _schema(pair: Pair, name: str, was: int, at: int) -> Iterator[Break]:
    root = ("schema", "openAPIV3Schema")
    old = pair.before.get("spec", "versions", was, *root)
    new = pair.after.get("spec", "versions", at, *root)
    for number, found in enumerate(
        tightened(old if old is not None else True, new if new is not None else True)
    ):
        if number >= _MOST:
            return
        yield fault(
            "crd-schema-tightened",
            f"{pair.title}:{name}.{found.key}",
            f"{pair.title}: {found.key or 'the resource'} of {name} {found.why}",
            pair.after.place("spec", "versions", at, *root, *found.at),
            pair.before.place("spec", "versions", was, *root, *found.gone) if found.gone else None,
            surfaces=NEXT,
            severity=None if found.certain else Severity.WARNING,
        )
