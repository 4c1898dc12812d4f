"""Who calls whom, with evidence: one finder a file, in the table below; their hints are joined here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec.structs import replace

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.errors import Undecided
from workspai_hooks.source import Location
from workspai_hooks.store import Store
from workspai_hooks.workspace.edges import (
    arguments,
    calls,
    catalogue,
    clues,
    environment,
    fronts,
    included,
    lent,
    named,
    ordering,
    paths,
    settings,
    static_web_apps,
    thrift,
    through_gateway,
    topics,
)
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.steps import stages
from workspai_hooks.workspace.edges.values import (
    CONFIGURATION,
    Edge,
    Edges,
    Evidence,
    Hint,
    RpcUse,
    Tier,
)
from workspai_hooks.workspace.manifests.env_file import meant_by
from workspai_hooks.workspace.services import EdgeOverride, Services

FINDERS: tuple[Callable[[Scene], list[Hint]], ...] = (
    environment.find,
    arguments.find,
    settings.find,
    clues.find,
    catalogue.find,
    lent.find,
    named.find,
    fronts.find,
    paths.find,
    static_web_apps.find,
    included.find,
    topics.find,
    ordering.find,
)


class _Pointing(msgspec.Struct, frozen=True):
    """What of a tree points from one service to another, whatever contract they speak.

    `pointed`: who is given an address of whom; `through` are ways back to a gateway, which are no addresses;
    `thrifty` the calls of Thrift, whose contracts are read with the sources.
    """

    hints: list[Hint]
    through: list[Hint]
    pointed: set[tuple[str, str]]
    thrifty: list[Hint]
    undecided: list[Undecided]


def find_edges(
    snapshot: Snapshot,
    services: Services,
    rpc_uses: Iterable[RpcUse] = (),
    overrides: Sequence[EdgeOverride] = (),
) -> Edges:
    """The edges between the services of a snapshot, kept by its whole tree (`discover`)."""
    uses = list(rpc_uses)
    once, key = snapshot.store.once, Store.key(services.key, uses, list(overrides))

    def find() -> Edges:
        known = once("pointing", services.key, _Pointing, lambda: _pointing(snapshot, services))
        return _found(known, services, uses, overrides)

    if not services.key:
        return _found(_pointing(snapshot, services), services, uses, overrides)
    return once("edges", key, Edges, find)


def _pointing(snapshot: Snapshot, services: Services) -> _Pointing:
    scene = Scene.of(snapshot, services)
    hints = [hint for finder in FINDERS for hint in finder(scene)]
    pointed = environment.pointed(scene)
    uses = thrift.uses(scene, snapshot)
    thrifty, unclear = calls.find(uses, services, _addressed(hints), pointed, thrift.PROTOCOL)
    unclear += fronts.undecided(scene)
    return _Pointing(hints, through_gateway.find(scene, hints), pointed, thrifty, unclear)


def _addressed(hints: Iterable[Hint]) -> set[tuple[str, str]]:
    return {(hint.consumer, hint.provider) for hint in hints if hint.tier is not Tier.ORDERING}


def _found(
    known: _Pointing, services: Services, rpc_uses: Iterable[RpcUse], overrides: Sequence[EdgeOverride]
) -> Edges:
    called, undecided = calls.find(rpc_uses, services, _addressed(known.hints), known.pointed)
    evidence = (Evidence(Location(CONFIGURATION), "configured"),)
    said = [Hint(one.consumer, one.provider, one.protocol, Tier.PROVEN, evidence) for one in overrides]
    stage = stages(services.all)
    found = [
        _trusted(one)
        for one in (*known.hints, *known.through, *called, *known.thrifty)
        if _is_between_two(one, services, known.pointed)
        and stage.get(one.consumer, "") in ("", stage.get(one.provider, "") or stage.get(one.consumer, ""))
    ]
    return Edges(_joined([*found, *said]), tuple(sorted([*undecided, *known.undecided])))


def _is_between_two(hint: Hint, services: Services, pointed: set[tuple[str, str]]) -> bool:
    """Deployments of one folder hold the same code: one calls the other where it is given its address."""
    pair = (hint.consumer, hint.provider)
    return pair in pointed or not services.are_one_program(*pair)


def _trusted(hint: Hint) -> Hint:
    """What only the example of an env file says is declared: everybody's own file may say something else."""
    shown = any(one.kind == "address" and meant_by(one.location.path) for one in hint.evidence)
    return replace(hint, tier=Tier.DECLARED) if shown and hint.tier is Tier.PROVEN else hint


def _joined(hints: Iterable[Hint]) -> tuple[Edge, ...]:
    """One edge per consumer, provider and protocol, of the best tier; a start order only where it is all."""
    pairs: dict[tuple[str, str], list[Hint]] = {}
    for hint in hints:
        if hint.consumer != hint.provider:
            pairs.setdefault((hint.consumer, hint.provider), []).append(hint)
    order = list(Tier)
    edges = []
    for (consumer, provider), members in pairs.items():
        pointing = [hint for hint in members if hint.tier is not Tier.ORDERING] or members
        known = sorted({hint.protocol for hint in pointing} - {""}) or ["tcp"]
        for protocol in known:
            # What doesn't say its protocol speaks for every one that is spoken.
            fitting = [hint for hint in pointing if hint.protocol in ("", protocol)]
            tier = min((hint.tier for hint in fitting), key=order.index)
            evidence = {one for hint in fitting for one in hint.evidence}
            edges.append(Edge(consumer, provider, protocol, tier, tuple(sorted(evidence))))
    return tuple(sorted(edges))
