"""GraphML with typed attributes: opens in yEd, Gephi and networkx."""

from __future__ import annotations

from collections.abc import Iterable

import networkx

from workspai_hooks.patterns import regex
from workspai_hooks.report.graph.chart import Chart
from workspai_hooks.workspace.edges import Tier

_NOT_XML = regex("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 can't hold, not even escaped (section 2.2, Char)."""


def render(chart: Chart) -> str:
    """A directed multigraph: nodes `s0` … with their name as `label`, an edge for each protocol of a pair.

    Lists (roots, aliases, owners, evidence) are a line each.
    """
    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    graph.graph["undecided"] = _text(f"{one.what}: {one.why}" for one in chart.undecided)
    circle = {member: number for number, members in enumerate(chart.cycles, 1) for member in members}
    for number, service in enumerate(chart.services):
        graph.add_node(
            f"s{number}",
            label=_clean(service.name),
            kind=service.kind.value,
            roots=_text(root or "." for root in service.roots),
            aliases=_text(service.aliases),
            owners=_text(service.owners),
            cycle=circle.get(number, 0),
        )
    edges = ((arrow, edge) for arrow in chart.arrows for edge in arrow.edges)
    for number, (arrow, edge) in enumerate(edges):
        graph.add_edge(
            f"s{arrow.consumer}",
            f"s{arrow.provider}",
            key=f"e{number}",
            label=_clean(edge.protocol),
            tier=edge.tier.value,
            proven=edge.tier is Tier.PROVEN,
            weight=len(edge.evidence),
            evidence=_text(f"{one.location} {one.kind}" for one in edge.evidence),
        )
    return "\n".join(networkx.generate_graphml(graph, named_key_ids=True)) + "\n"


def _text(items: Iterable[str]) -> str:
    return "\n".join(_clean(item) for item in items)


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)
