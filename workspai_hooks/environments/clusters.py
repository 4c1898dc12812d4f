"""Workloads of kustomizations and of raw manifests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from workspai_hooks.contracts.helm.kustomize.build import build
from workspai_hooks.contracts.helm.kustomize.kustomization import Graph, read_kustomization
from workspai_hooks.contracts.helm.objects import Build
from workspai_hooks.contracts.helm.side import MANIFEST_SUFFIXES, Side
from workspai_hooks.environments.compared import are_told_apart
from workspai_hooks.environments.objects import workloads
from workspai_hooks.environments.stages import ASIDE, stage_of
from workspai_hooks.environments.values import Means, Stage, Workload
from workspai_hooks.workspace.files import is_for_show, is_for_tests

MOST_KUSTOMIZATIONS = 80
MOST_MANIFESTS = 3000
_BASES = frozenset({"base", "bases"})


def of_clusters(side: Side, wanted: Collection[str]) -> list[Workload]:
    """What kustomizations build, and manifests that are applied as they are: those that `wanted` files are
    part of."""
    if not wanted and not are_told_apart(side.kustomizations.values()):
        return []
    graph = Graph(side)
    found = list(_kustomized(side, graph, wanted))
    reached = graph.everything()
    return found + list(_raw(side, reached, wanted))


def _kustomized(side: Side, graph: Graph, wanted: Collection[str]) -> Iterator[Workload]:
    roots = set(graph.roots())
    bases = {folder for folder in side.kustomizations if folder.rpartition("/")[2] in _BASES}
    staged = [folder for folder in roots if _stage(f"{folder}/") in (Stage.PRODUCTION, Stage.STAGING)]
    apart = staged if len(staged) > 1 else []
    every = [
        folder
        for folder in sorted(roots | bases)
        if folder in apart or not graph.reach(folder).isdisjoint(wanted)
    ]
    for folder in every[:MOST_KUSTOMIZATIONS]:
        one = read_kustomization(side, folder)
        stage = _stage(f"{folder}/")
        if one is None or one.is_component or stage == ASIDE:
            continue
        built = build(side, folder)
        if built.problems and not built.build.objects:
            continue  # the kinds of breaks ask why
        for workload in workloads(built.build, Means.KUSTOMIZE, Stage(stage or Stage.DEFAULT)):
            yield _opened(workload) if built.unfollowed else workload


def _opened(one: Workload) -> Workload:
    from msgspec.structs import replace

    return replace(one, is_open=True)


def _stage(path: str) -> str:
    return ASIDE if is_for_tests(path) or is_for_show(path) else stage_of(path)


def _raw(side: Side, reached: set[str], wanted: Collection[str]) -> Iterator[Workload]:
    """Manifests by the folder around theirs and by stage: the ConfigMaps of one are beside it."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in side.paths:
        if path.endswith(MANIFEST_SUFFIXES) and path not in reached and not path.startswith(".github/"):
            stage = _stage(path)
            if stage != ASIDE:
                groups[_scope(path), stage].append(path)
    left = MOST_MANIFESTS
    for (scope, stage), paths in sorted(groups.items()):
        if not any(path in wanted for path in paths):
            continue
        side.load(paths)
        manifests = [path for path in paths if side.is_manifest(path)][:left]
        left -= len(manifests)
        # Where a key is given twice, which of them counts is not certain.
        read = {path: side.objects(path) for path in manifests}
        objects = tuple(one for path, each in read.items() if path not in side.problems for one in each)
        whole = Build(f"manifests in {scope or '.'}", objects)
        yield from workloads(whole, Means.MANIFESTS, Stage(stage or Stage.DEFAULT))


def _scope(path: str) -> str:
    folder = path.rpartition("/")[0]
    return folder.rpartition("/")[0] or folder
