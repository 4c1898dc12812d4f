"""A Graphviz digraph, a cluster for each kind."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.report.graph.chart import Arrow, Chart, briefly, listed
from workspai_hooks.workspace.edges import Tier
from workspai_hooks.workspace.services import Kind

_LABEL = 60
_TOOLTIP = 400
_LINES = {Tier.PROVEN: "solid", Tier.DECLARED: "dashed", Tier.ORDERING: "dotted"}
_LOOKS = {
    Kind.APPLICATION: 'shape=box, style="rounded,filled", fillcolor="#e7f0fd", color="#2f6feb"',
    Kind.INFRASTRUCTURE: 'shape=cylinder, style="filled", fillcolor="#efeaf7", color="#7a5cc2"',
    Kind.EXTERNAL: 'shape=box, style="rounded,dashed,filled", fillcolor="#fdf1df", color="#b7791f"',
}


def render(chart: Chart) -> str:
    """The text of a `.dot` file: `dot -Tsvg` draws it left to right, callers first."""
    return "\n".join(_lines(chart)) + "\n"


def _lines(chart: Chart) -> Iterator[str]:
    for question in chart.undecided:
        yield f"// undecided: {_flat(question.what)}: {_flat(question.why)}"
    yield "digraph services {"
    yield '  graph [rankdir=LR, ranksep=1.2, nodesep=0.2, fontname="Helvetica", charset="UTF-8"]'
    yield '  node [fontname="Helvetica", fontsize=11, height=0.35, fontcolor="#1b1f24"]'
    yield '  edge [fontname="Helvetica", fontsize=9, color="#57606a", fontcolor="#57606a", arrowsize=0.7]'
    for kind in Kind:
        members = [(n, service) for n, service in enumerate(chart.services) if service.kind is kind]
        if members:
            yield f"  subgraph cluster_{kind.value} {{"
            yield f'    label="{kind.value}"; labeljust=l; style="rounded"; color="#d0d7de"'
            yield f"    node [{_LOOKS[kind]}]"
            for number, service in members:
                roots = ", ".join(root or "." for root in service.roots)
                tooltip = briefly(f"{service.name} {roots}".strip(), _TOOLTIP)
                yield f"    s{number} [label={_quoted(briefly(service.name, _LABEL))}, {_tip(tooltip)}]"
            yield "  }"
    for arrow in chart.arrows:
        label = _quoted(briefly(listed(arrow.protocols), _LABEL))
        attributes = f"label={label}, style={_LINES[arrow.tier]}, {_tip(_evidence(arrow))}"
        # A start order says nothing of who is called: it must not pull services into ranks.
        free = ", constraint=false" if arrow.tier is Tier.ORDERING else ""
        yield f"  s{arrow.consumer} -> s{arrow.provider} [{attributes}{free}]"
    yield "}"


def _evidence(arrow: Arrow) -> str:
    places = sorted({str(one.location) for edge in arrow.edges for one in edge.evidence})
    return briefly(f"{arrow.tier.value}: {listed(places)}", _TOOLTIP)


def _tip(text: str) -> str:
    return f"tooltip={_quoted(text)}"


def _quoted(text: str) -> str:
    r"""A string of the DOT language: a backslash starts an escape (`\N`, `\l`), an ampersand an entity."""
    return '"' + _flat(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"') + '"'


def _flat(text: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in text)
