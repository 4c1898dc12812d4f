"""What every picture is drawn from: the services, one arrow per consumer and provider, and the cycles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import msgspec

from workspai_hooks.errors import Undecided
from workspai_hooks.report.report import Survey
from workspai_hooks.workspace.edges import Edge, Tier
from workspai_hooks.workspace.services import Kind, Service

_TIERS = list(Tier)


class Arrow(msgspec.Struct, frozen=True):
    """All edges of one consumer and one provider, by their places in `Chart.services`; `edges` sorted."""

    consumer: int
    provider: int
    edges: tuple[Edge, ...]

    @property
    def tier(self) -> Tier:
        """The best of its edges."""
        return min((edge.tier for edge in self.edges), key=_TIERS.index)

    @property
    def protocols(self) -> tuple[str, ...]:
        return tuple(sorted({edge.protocol for edge in self.edges}))


class Chart(msgspec.Struct, frozen=True, dict=True):
    """Services by name and arrows by their ends, both sorted. `link`: where evidence opens, or empty."""

    services: tuple[Service, ...]
    arrows: tuple[Arrow, ...]
    undecided: tuple[Undecided, ...] = ()
    link: str = ""

    @staticmethod
    def of(survey: Survey, link: str = "") -> Chart:
        known = {service.name: service for service in survey.services}
        # An edge by hand may name a service of another repository.
        for name in sorted({end for edge in survey.edges for end in (edge.consumer, edge.provider)}):
            known.setdefault(name, Service(name, Kind.EXTERNAL, (), (), ()))
        services = tuple(known[name] for name in sorted(known))
        place = {service.name: number for number, service in enumerate(services)}
        ends: dict[tuple[int, int], list[Edge]] = {}
        for edge in survey.edges:
            ends.setdefault((place[edge.consumer], place[edge.provider]), []).append(edge)
        arrows = tuple(Arrow(*pair, tuple(sorted(ends[pair]))) for pair in sorted(ends))
        return Chart(services, arrows, survey.undecided, link)

    @cached_property
    def cycles(self) -> tuple[tuple[int, ...], ...]:
        """Services that call each other in a circle, by place; an order of starting is no call."""
        calls = [arrow for arrow in self.arrows if arrow.tier is not Tier.ORDERING]
        return circles((arrow.consumer, arrow.provider) for arrow in calls)


def circles(pairs: Iterable[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """The strongly connected components of two members or more, sorted."""
    import networkx  # 200 ms, and only pictures need it

    graph: networkx.DiGraph[int] = networkx.DiGraph(list(pairs))
    components = networkx.strongly_connected_components(graph)
    return tuple(sorted(tuple(sorted(members)) for members in components if len(members) > 1))


def briefly(text: str, limit: int) -> str:
    """At most `limit` characters: the middle goes, for names often differ at either end."""
    if len(text) <= limit:
        return text
    tail = limit // 3
    return f"{text[: limit - tail - 1]}…{text[-tail:]}"


def listed(texts: Sequence[str], most: int = 3) -> str:
    """A few of them by name, the others by number."""
    more = f" +{len(texts) - most}" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
