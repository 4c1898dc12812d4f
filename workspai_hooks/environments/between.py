"""Clusters' environments among each other: what one lacks that all others have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from workspai_hooks.environments.joined import Sides
from workspai_hooks.environments.values import Means, Setting, Stage, Workload

_CLUSTERS = (Means.CHART, Means.KUSTOMIZE, Means.MANIFESTS)


def environments(sides: Sides) -> Iterator[Mapping[str, list[Workload]]]:
    """The environments of a service that are told apart, by their labels: those that one chart is installed
    in, those that one folder of overlays builds. Values differ between them on purpose."""
    groups: dict[tuple[Means, str], dict[str, list[Workload]]] = defaultdict(lambda: defaultdict(list))
    for one in sides.every:
        if one.means in _CLUSTERS and one.stage in (Stage.STAGING, Stage.PRODUCTION):
            groups[one.means, one.label.partition(" with ")[0] if one.means is Means.CHART else ""][
                one.label
            ].append(one)
    yield from (group for group in groups.values() if len(group) > 1)


def lacks(group: Mapping[str, Sequence[Workload]]) -> Iterator[tuple[Setting, Workload, Workload]]:
    """Variables that all environments but one have; nothing is said of one that may have more."""
    for label, here in sorted(group.items()):
        if any(one.is_open for one in here):
            continue
        others = [
            {
                name: (setting, one)
                for one in each
                for name, setting in one.variables.items()
                if setting.is_firm
            }
            for other, each in sorted(group.items())
            if other != label
        ]
        mine = {name for one in here for name in one.variables}
        for name in sorted(set.intersection(*map(set, others)) - mine):
            setting, one = others[0][name]
            yield setting, one, here[0]
