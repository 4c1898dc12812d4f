"""`graph` as a picture: Mermaid, DOT, GraphML, and the page in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import xml.etree.ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import browser
import networkx
import pytest
from made_surveys import made

from workspai_hooks.errors import Undecided, UsageError
from workspai_hooks.report.graph import FORMATS, render
from workspai_hooks.report.graph.chart import Chart
from workspai_hooks.report.graph.layout import ROW, lay_out
from workspai_hooks.report.report import Survey
from workspai_hooks.source import Location
from workspai_hooks.workspace.closure import Callers
from workspai_hooks.workspace.edges import Edge, Evidence, Tier
from workspai_hooks.workspace.services import Kind, Service

HOSTILE = (
    "</script><script>window.hurt = 1</script>",
    '"><img src=x onerror="window.hurt = 1">',
    "{{ 7 * 7 }} {% raw %}",
    "end",
    "back\\slash \\N `tick` #quot; %%{init}%% --> |x|",
    "two\nlines\tand \x00\x1b[31m control \u2028",
    "surrogate \udcff",
    "café 在线支付服务 😀 \u202eltr",
    "n" * 500,
    "漢" * 500,
    "",
)
LINK = "https://code.example/blob/main/{path}#L{line}"


def service(name: str, kind: Kind = Kind.APPLICATION, **more: Any) -> Service:
    return Service(name, kind, (f"services/{name}",), (), (), **more)


def edge(consumer: str, provider: str, protocol: str = "grpc", tier: Tier = Tier.PROVEN) -> Edge:
    return Edge(consumer, provider, protocol, tier, (Evidence(Location(f"{consumer}/main.go", 7), "call"),))


@pytest.fixture(scope="module")
def small() -> Survey:
    services = [service("web"), service("cart", owners=("@shop",)), service("price"), service("tax")]
    services += [service("db", Kind.INFRASTRUCTURE)]
    edges = [
        edge("web", "cart", "http"),
        edge("web", "cart", "grpc", Tier.DECLARED),
        edge("cart", "price"),
        edge("price", "cart", "http", Tier.DECLARED),
        edge("cart", "db", "redis", Tier.ORDERING),
        edge("price", "elsewhere"),
    ]
    questions = (Undecided("chart a/Chart.yaml", "it can't be\nparsed", "mend it"),)
    return Survey(tuple(sorted(services, key=lambda one: one.name)), tuple(sorted(edges)), questions)


@pytest.fixture(scope="module")
def hostile() -> Survey:
    services = tuple(service(name, owners=(name,)) for name in sorted(HOSTILE))
    names = sorted(HOSTILE)
    edges = [edge(one, other, f"kafka:{one}") for one in names for other in names if one < other]
    return Survey(services, tuple(sorted(edges)))


@pytest.fixture(scope="module")
def large() -> Survey:
    return made(300, 900)


def test_parallel_edges_are_one_arrow_and_unknown_ends_are_external(small: Survey) -> None:
    chart = Chart.of(small)
    names = [one.name for one in chart.services]
    assert names == ["cart", "db", "elsewhere", "price", "tax", "web"]
    assert chart.services[2].kind is Kind.EXTERNAL
    web = next(arrow for arrow in chart.arrows if names[arrow.consumer] == "web")
    assert (web.protocols, web.tier) == (("grpc", "http"), Tier.PROVEN)
    assert chart.cycles == ((0, 3),)


def test_a_start_order_closes_no_cycle() -> None:
    services = (service("a"), service("b"))
    around = (edge("a", "b"), edge("b", "a", "tcp", Tier.ORDERING))
    assert Chart.of(Survey(services, around)).cycles == ()


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_survey_gives_the_same_bytes(form: str, large: Survey) -> None:
    assert render(large, form) == render(large, form)


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_a_picture_too(form: str) -> None:
    assert render(Survey((), ()), form).endswith("\n")


def test_mermaid(small: Survey) -> None:
    assert render(small, "mermaid").splitlines() == [
        "flowchart LR",
        "  %% undecided: chart a/Chart.yaml: it can't be parsed",
        '  s0["cart"]:::application',
        '  s1[("db")]:::infrastructure',
        '  s2(["elsewhere"]):::external',
        '  s3["price"]:::application',
        '  s4["tax"]:::application',
        '  s5["web"]:::application',
        '  s0 -.->|"redis"| s1',
        '  s0 -->|"grpc"| s3',
        '  s3 -.->|"http"| s0',
        '  s3 -->|"grpc"| s2',
        '  s5 -->|"grpc, http"| s0',
        "  linkStyle 2 stroke-dasharray:6 4",
        "  linkStyle 0 stroke-dasharray:1 4",
        "  classDef application fill:#e7f0fd,stroke:#2f6feb,color:#0b2a5b",
        "  classDef external fill:#fdf1df,stroke:#b7791f,color:#5b3a05,stroke-dasharray:4 3",
        "  classDef infrastructure fill:#efeaf7,stroke:#7a5cc2,color:#34215f",
    ]


def test_mermaid_labels_hold_nothing_that_mermaid_reads(hostile: Survey, large: Survey) -> None:
    lines = render(hostile, "mermaid").splitlines()
    labels = [label for line in lines for label in re.findall(r'"(.*)"', line)]
    assert len(labels) == len(hostile.services) + len(hostile.edges)
    assert all(re.fullmatch(r"(?:[\w \-./:,+…]|#\d+;)+", label) for label in labels)
    assert "raised" in render(large, "mermaid").splitlines()[1], "Mermaid draws 500 arrows at most"


def test_dot(small: Survey) -> None:
    text = render(small, "dot")
    assert 'subgraph cluster_infrastructure {\n    label="infrastructure"' in text
    assert re.search(r's5 -> s0 \[label="grpc, http", style=solid, tooltip="proven: web/main.go:7"\]', text)
    assert re.search(r's0 -> s1 \[label="redis", style=dotted, .*constraint=false\]', text)
    assert text.startswith("// undecided: chart a/Chart.yaml: it can't be")


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz (dot) is not installed")
def test_graphviz_draws_hostile_names(hostile: Survey, small: Survey) -> None:
    for survey in (hostile, small):
        given = render(survey, "dot").encode()
        drawn = subprocess.run(["dot", "-Tsvg"], input=given, capture_output=True, check=True)
        assert not drawn.stderr
        assert drawn.stdout.count(b'class="node"') == len(Chart.of(survey).services)


def test_graphml_goes_round_through_networkx(small: Survey) -> None:
    graph = networkx.parse_graphml(render(small, "graphml"), force_multigraph=True)
    labels = {node: row["label"] for node, row in graph.nodes(data=True)}
    assert sorted(labels.values()) == ["cart", "db", "elsewhere", "price", "tax", "web"]
    ends = {(labels[one], labels[other], row["label"]) for one, other, row in graph.edges(data=True)}
    assert ends == {(one.consumer, one.provider, one.protocol) for one in small.edges}
    cart = graph.nodes["s0"]
    assert (cart["kind"], cart["owners"], cart["cycle"]) == ("application", "@shop", 1)
    row = next(row for _, _, row in graph.edges(data=True) if row["tier"] == "declared")
    assert (row["proven"], row["weight"]) == (False, 1)
    assert "chart a/Chart.yaml" in graph.graph["undecided"]


def test_graphml_of_hostile_names_is_xml_with_ids_of_its_own(hostile: Survey) -> None:
    root = xml.etree.ElementTree.fromstring(render(hostile, "graphml").encode("utf-8"))
    ids = [one.get("id") for one in root.iter() if one.tag.endswith(("}node", "}edge"))]
    assert len(ids) == len(set(ids)) == len(hostile.services) + len(hostile.edges)


def test_boxes_of_a_column_do_not_overlap_and_calls_mostly_go_right(large: Survey) -> None:
    chart = Chart.of(large)
    pairs = [(arrow.consumer, arrow.provider) for arrow in chart.arrows]
    boxes = lay_out([one.name for one in chart.services], pairs).boxes
    columns: dict[float, list[float]] = {}
    for box in boxes.values():
        columns.setdefault(box.x, []).append(box.y)
    for rows in columns.values():
        assert all(
            below - above > ROW - 0.01 for above, below in zip(sorted(rows), sorted(rows)[1:], strict=False)
        )
    assert sum(boxes[one].x > boxes[other].x for one, other in pairs) < 0.02 * len(pairs)
    assert sum(boxes[one].x == boxes[other].x for one, other in pairs) < 0.15 * len(pairs)


@pytest.mark.parametrize("count", [2, 40, 400])
def test_a_layout_of_a_ring_a_chain_and_a_star_is_bounded(count: int) -> None:
    names = [f"s{number}" for number in range(count)]
    ring = [(number, (number + 1) % count) for number in range(count)]
    star = [(number, 0) for number in range(1, count)]
    for pairs in (ring, ring[:-1], star, [(0, 0)]):
        layout = lay_out(names, sorted(set(pairs)))
        assert len(layout.boxes) == count
        assert layout.width < 30 * count + 3000


def test_three_hundred_services_are_a_small_page_and_soon_made(large: Survey) -> None:
    render(Survey((), ()), "html")  # imports are not what is measured
    started = time.process_time()
    text = render(large, "html", LINK)
    assert time.process_time() - started < 2  # 0.45 s where it was written
    assert len(text.encode()) < 1_000_000


def test_a_link_is_an_address_and_no_script(small: Survey) -> None:
    for link in ("javascript:alert('{path}')", " JavaScript://%0aalert({path})", "data:,{path}", "https://x"):
        with pytest.raises(UsageError):
            render(small, "html", link)


def test_the_command_line(shop: Any, cli: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    done = cli(shop.root, "graph", "--format", "html", "--output", str(file), "--link", LINK)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "storefront" in file.read_text(encoding="utf-8")
    assert cli(shop.root, "graph", "--format", "mermaid").stdout.startswith("flowchart LR\n")
    assert cli(shop.root, "graph", "--format", "html", "--link", "javascript:1").returncode == 2
    nowhere = cli(tmp_path, "graph", "--format", "dot")
    assert (nowhere.returncode, nowhere.stdout) == (3, "")
    assert "git" in nowhere.stderr


# The page in a browser.

needs_browser = pytest.mark.skipif(browser.installed() is None, reason="no Chromium or Chrome is installed")


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Page]:
    with browser.opened(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def show(tab: browser.Page, tmp_path: Path) -> Iterator[Callable[..., browser.Page]]:
    """Open a survey's page; afterwards nothing was complained of, and nothing but the page was asked for."""
    file = tmp_path / "map.html"

    def opened(survey: Survey, address: str = "") -> browser.Page:
        # Files are written as the command line does: a name that UTF-8 can't hold must not stop it.
        file.write_text(render(survey, "html", LINK), encoding="utf-8", errors="replace")
        tab.open("about:blank")
        tab.problems.clear()
        tab.requests.clear()
        tab.open(file.as_uri() + address)
        return tab

    yield opened
    tab.run("0")
    assert tab.problems == []
    assert {request.partition("#")[0] for request in tab.requests} == {file.as_uri()}


def hub(survey: Survey) -> str:
    """Whose break reaches most."""
    callers = Callers.of(survey.edges)
    return max((one.name for one in survey.services), key=lambda name: len(callers.exposed({name})))


@needs_browser
def test_search_finds_and_a_service_shows_its_consumers(
    show: Callable[..., browser.Page], large: Survey
) -> None:
    page, name = show(large), hub(large)
    page.press("/")
    page.type(name)
    assert page.text("#suggestions [role=option] span:first-child")[0] == name
    page.press("Enter")
    assert page.text("#panel h2") == [name]
    consumers = sorted({one.consumer for one in large.edges if one.provider == name})
    assert page.text("#consumers > li > button") == consumers
    providers = sorted({one.provider for one in large.edges if one.consumer == name})
    assert page.text("#providers > li > button") == providers
    known = next(one for one in large.services if one.name == name)
    assert page.text("#panel dd") == [*known.owners, *known.roots]
    assert len(page.text(".service.on")) == len({name, *consumers, *providers})


@needs_browser
def test_evidence_is_a_link_to_file_and_line(show: Callable[..., browser.Page], large: Survey) -> None:
    name = hub(large)
    page = show(large, f"#service={quote(name)}")
    first = min((one for one in large.edges if one.provider == name), key=lambda one: one.consumer)
    page.click("#consumers details summary")
    assert page.run("document.querySelector('#consumers details').open")
    assert page.text("#consumers details[open] a") == [str(one.location) for one in first.evidence]
    place = first.evidence[0].location
    href = page.run("document.querySelector('#consumers .evidence a').href")
    assert href == f"https://code.example/blob/main/{place.path}#L{place.line}"
    page.click("#consumers .copy")
    assert page.text("#consumers .copy")[0] == "copied"


@needs_browser
@pytest.mark.parametrize("many", [False, True])
def test_the_blast_radius_is_the_closure(
    show: Callable[..., browser.Page], large: Survey, many: bool
) -> None:
    named = {one.name for one in large.services[:: 60 if many else 500]} | {hub(large)}
    page = show(large, "#" + "&".join(f"service={quote(name)}" for name in sorted(named)))
    page.press("b")
    shown = page.run(
        "[...document.querySelectorAll('.reached > li')]"
        ".map(one => [...one.querySelectorAll('button')].map(hop => hop.textContent))"
    )
    expected = Callers.of(large.edges).exposed(named)
    assert {way[0]: tuple(way) for way in shown} == dict(expected)
    assert len(expected) > 50
    assert [len(way) for way in shown] == sorted(len(way) for way in shown)
    assert len(page.text(".service.on")) == len(expected) + len(named)
    page.press("i")
    assert len(page.text(".service:not(.absent)")) == len(expected) + len(named)


@needs_browser
def test_filters_leave_out_but_never_who_is_hit(show: Callable[..., browser.Page], small: Survey) -> None:
    page = show(small)
    assert page.text(".service:not(.absent) title") == ["cart", "db", "elsewhere", "price", "tax", "web"]
    page.click("[data-filter='kind:infrastructure']")
    assert page.text(".service:not(.absent) title") == ["cart", "elsewhere", "price", "tax", "web"]
    page.click("[data-filter='tier:declared']")
    assert page.text(".arrow:not(.absent) title") == ["cart → price", "price → elsewhere", "web → cart"]
    page.click("[data-filter='kind:external']")
    page.click("[data-filter='kind:application']")
    assert page.text(".service:not(.absent)") == []
    page.press("/")
    page.type("price")
    page.press("Enter")
    page.press("Escape")
    page.run("document.activeElement.blur()")
    page.run("update({chosen: [3], blast: true})")
    assert page.text(".service:not(.absent) title") == ["cart", "price", "web"]
    assert page.text(".notice summary") == ["1 question could not be decided: this map may lack connections"]


@needs_browser
def test_keys_follow_connections_and_the_table_sorts(
    show: Callable[..., browser.Page], small: Survey
) -> None:
    page = show(small)
    page.run("MAP.marks[5].focus()")
    page.press("ArrowRight")
    assert page.run("document.activeElement.querySelector('title').textContent") == "cart"
    page.press("Enter")
    assert page.text("#panel h2") == ["cart"]
    assert page.run("location.hash") == "#service=cart"
    page.click("#view-table")
    page.click("#table thead th:nth-child(6) button")
    assert page.text("#table tbody th button")[0] == "elsewhere"
    assert page.text("#table tbody tr:first-child td")[-2:] == ["3", ""]
    page.click("#view-map")
    page.click("[data-service='5'] rect")
    assert page.text("#panel h2") == ["web"]


@needs_browser
def test_hostile_names_are_text(show: Callable[..., browser.Page], hostile: Survey) -> None:
    page = show(hostile)
    assert set(page.text(".service > title")) == set(HOSTILE)
    for number in range(len(hostile.services)):
        page.run(f"update({{chosen: [{number}], blast: true, view: 'table'}})")
        page.run(f"update({{chosen: [{number}], blast: false, view: 'map'}})")
    assert page.run("window.hurt") is None
    assert page.run("document.querySelectorAll('img, script:not([type]):not(:last-of-type)').length") == 0
    assert page.run("document.scripts.length") == 2
    assert page.run("document.documentElement.scrollWidth <= innerWidth")


@needs_browser
def test_labels_stay_in_their_boxes_and_both_colours_have_contrast(
    show: Callable[..., browser.Page], large: Survey
) -> None:
    page = show(large)
    inside = """MAP.marks.every(mark => mark.querySelector('text').getBBox().width
        <= mark.querySelector('rect').getBBox().width - 12)"""
    assert page.run(inside)
    assert page.run("MAP.scale") > 0.45, "three hundred services fit on a screen in letters that can be read"
    colours = (
        "['--text', '--page'].map(one => getComputedStyle(document.documentElement).getPropertyValue(one))"
    )
    seen = {}
    for scheme in ("light", "dark"):
        page.colors(scheme)
        seen[scheme] = page.run(colours)
    page.colors("light")
    assert seen["light"] != seen["dark"]
