"""The service map as one page: no request leaves it, and it works from a folder.

The page's parts are files in page/; they and the data are put into page.html.j2. What a browser may do
with the page is stated in it (Content Security Policy): run this script, use this style, nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from workspai_hooks.report.graph.chart import Arrow, Chart
from workspai_hooks.report.graph.layout import Layout, lay_out

SCRIPTS = ("model.js", "elements.js", "map.js", "isolated.js", "panel.js", "search.js", "table.js", "main.js")
"""In the order in which they are joined: what stands in one is known to those after it."""


def render(chart: Chart) -> str:
    """The page's text. Names may hold anything: they are data, escaped as such, and never markup."""
    environment = Environment(
        loader=PackageLoader("workspai_hooks.report.graph", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = files("workspai_hooks.report.graph") / "page"
    style = (page / "page.css").read_text(encoding="utf-8")
    script = '"use strict";\n' + "".join((page / name).read_text(encoding="utf-8") for name in SCRIPTS)
    text = environment.get_template("page.html.j2").render(
        style=Markup(style),  # ours, from the package
        script=Markup(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        data=htmlsafe_json_dumps(data_of(chart), separators=(",", ":")),
        services=len(chart.services),
        arrows=len(chart.arrows),
    )
    return text + "\n"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def data_of(chart: Chart) -> Mapping[str, Any]:
    """What the page's script reads. Paths, kinds of evidence and places in the layout are short on purpose:
    they are most of the page.

    An arrow is `[consumer, provider, edges, route]`, an edge `[protocol, tier, [[path, line, kind], …]]`.
    """
    pairs = [(arrow.consumer, arrow.provider) for arrow in chart.arrows]
    layout = lay_out([service.name for service in chart.services], pairs)
    evidence = [one for arrow in chart.arrows for edge in arrow.edges for one in edge.evidence]
    paths = _numbered(one.location.path for one in evidence)
    kinds = _numbered(one.kind for one in evidence)
    return {
        "services": [
            {
                "name": service.name,
                "kind": service.kind.value,
                "roots": [root or "." for root in service.roots],
                "aliases": list(service.aliases),
                "owners": list(service.owners),
                "box": _box(layout, number),
            }
            for number, service in enumerate(chart.services)
        ],
        "arrows": [_arrow(arrow, layout, paths, kinds) for arrow in chart.arrows],
        "paths": list(paths),
        "evidence": list(kinds),
        "cycles": [list(members) for members in chart.cycles],
        "undecided": [[one.what, one.why, one.remedy] for one in chart.undecided],
        "size": [round(layout.width), round(layout.height)],
        "link": chart.link,
    }


def _numbered(texts: Iterable[str]) -> dict[str, int]:
    return {text: number for number, text in enumerate(sorted(set(texts)))}


def _box(layout: Layout, number: int) -> list[int]:
    box = layout.boxes[number]
    return [round(box.x), round(box.y), round(box.width)]


def _arrow(arrow: Arrow, layout: Layout, paths: Mapping[str, int], kinds: Mapping[str, int]) -> list[Any]:
    edges = [
        [
            edge.protocol,
            edge.tier.value,
            [[paths[one.location.path], one.location.line, kinds[one.kind]] for one in edge.evidence],
        ]
        for edge in arrow.edges
    ]
    route = [[round(value) for value in point] for point in layout.routes[arrow.consumer, arrow.provider]]
    return [arrow.consumer, arrow.provider, edges, route]
