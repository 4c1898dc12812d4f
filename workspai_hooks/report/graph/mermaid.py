"""A Mermaid flowchart: what GitHub, GitLab and most wikis draw in a ```mermaid block."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.report.graph.chart import Chart, briefly, listed
from workspai_hooks.workspace.edges import Tier
from workspai_hooks.workspace.services import Kind

MOST_ARROWS = 500
"""Mermaid's own limit (`maxEdges`), which a diagram can't raise: only the site that draws it."""

_NAME = 60
_PLAIN = regex(r"[A-Za-z0-9 _./:,+…-]")
_SHAPES = {Kind.APPLICATION: '["{}"]', Kind.INFRASTRUCTURE: '[("{}")]', Kind.EXTERNAL: '(["{}"])'}
# Mermaid draws solid and dotted lines; dashes are told from dots by style.
_ARROWS = {Tier.PROVEN: "-->", Tier.DECLARED: "-.->", Tier.ORDERING: "-.->"}
_DASHES = {Tier.DECLARED: "6 4", Tier.ORDERING: "1 4"}
# Fill, line and text with contrast enough on a page of either colour.
_STYLES = {
    Kind.APPLICATION: "fill:#e7f0fd,stroke:#2f6feb,color:#0b2a5b",
    Kind.INFRASTRUCTURE: "fill:#efeaf7,stroke:#7a5cc2,color:#34215f",
    Kind.EXTERNAL: "fill:#fdf1df,stroke:#b7791f,color:#5b3a05,stroke-dasharray:4 3",
}


def render(chart: Chart) -> str:
    """`flowchart LR`: a shape and a class for each kind, one arrow for each pair, its protocols on it."""
    return "\n".join(_lines(chart)) + "\n"


def _lines(chart: Chart) -> Iterator[str]:
    yield "flowchart LR"
    if len(chart.arrows) > MOST_ARROWS:
        yield f"  %% {len(chart.arrows)} arrows: more than Mermaid draws unless maxEdges is raised; see html"
    for question in chart.undecided:
        yield f"  %% undecided: {_remark(question.what)}: {_remark(question.why)}"
    for number, service in enumerate(chart.services):
        label = _escaped(briefly(service.name, _NAME))
        yield f"  s{number}{_SHAPES[service.kind].format(label)}:::{service.kind.value}"
    for arrow in chart.arrows:
        label = _escaped(briefly(listed(arrow.protocols), _NAME))
        yield f'  s{arrow.consumer} {_ARROWS[arrow.tier]}|"{label}"| s{arrow.provider}'
    for tier, dashes in _DASHES.items():
        numbers = [str(number) for number, arrow in enumerate(chart.arrows) if arrow.tier is tier]
        if numbers:
            yield f"  linkStyle {','.join(numbers)} stroke-dasharray:{dashes}"
    for kind in sorted({service.kind for service in chart.services}):
        yield f"  classDef {kind.value} {_STYLES[kind]}"


def _escaped(text: str) -> str:
    """Mermaid's entity codes for all that could end a label, start markup or confuse a renderer."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in text) or " "
    return "".join(
        letter if _PLAIN.match(letter) or (letter.isalnum() and ord(letter) > 127) else f"#{ord(letter)};"
        for letter in shown
    )


def _remark(text: str) -> str:
    """A comment's text: one line, and no brace, for `%%{` starts a directive."""
    return re.sub(r"[\s{}]+", " ", "".join(letter if letter.isprintable() else " " for letter in text))
