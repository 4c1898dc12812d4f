"""The report as a person reads it: wording, width, color, and text of a hostile repository."""

from __future__ import annotations

import re

import pytest

from workspai_hooks.errors import Undecided
from workspai_hooks.findings import Consumer, Finding, Severity, Site, Step, Surface, Verdict
from workspai_hooks.report.report import Report
from workspai_hooks.report.terminal import render, sites_line
from workspai_hooks.source import Location


def site(path: str, line: int, side: str = "head", template: bool = False) -> Site:
    return Site(Location(path, line), "GetCount", side, in_template=template)


CONSUMERS = (
    Consumer(
        "cart",
        "provider",
        Verdict.BREAKS,
        owners=("@shop/cart",),
        sites=(site("src/cart/store/redis.cs", 45), site("src/cart/store/redis.cs", 53, "base")),
    ),
    Consumer("mail", "consumer", Verdict.BREAKS, sites=(site("src/mail/receipt.html", 47, template=True),)),
    Consumer("audit", "consumer", Verdict.UNKNOWN, why="turns Line into JSON or back (src/audit/a.go:3)"),
    Consumer("load", "consumer", Verdict.EXPOSED, path=("load", "web", "cart")),
    Consumer("ads", "consumer", Verdict.REGENERATES),
    Consumer("stock", "consumer", Verdict.REGENERATES),
)
FINDING = Finding(
    "WSP101",
    Severity.ERROR,
    "protobuf",
    "shop.v1.Line.count",
    "shop.v1.Line.count (field 2) was removed",
    Location("protos/shop.proto", 29),
    surfaces=(Surface.SOURCE, Surface.JSON, Surface.WIRE),
    base_location=Location("protos/shop.proto", 31),
    consumers=CONSUMERS,
)
REPORT = Report(
    base="1f3c9ab5521f0f1b6de2a70f1c9f5cfa83a7a5b2",
    how="merge-base of HEAD and origin/main",
    findings=(FINDING,),
    rollout=(Step((), "keep it"), Step(("mail",), "move off it")),
    bump={"shop.v1": "major"},
    timings_ms={"total": 412.0},
)

EXPECTED = """\
the index against 1f3c9ab55 (merge-base of HEAD and origin/main)

  error  shop.v1.Line.count (field 2) was removed                  source json wire   WSP101
         protos/shop.proto:29 · was protos/shop.proto:31

         breaks       cart  src/cart/store/redis.cs:45, 53  @shop/cart
                      mail  src/mail/receipt.html:47 (no compiler sees this one)
         unknown      audit  turns Line into JSON or back (src/audit/a.go:3)
         exposed      load  through web → cart
         regenerates        ads, stock

         rollout  1 keep it
                  2 mail: move off it
         bump     shop.v1 major

        intended?  workspai-hooks approve WSP101 shop.v1.Line.count --reason … --owner …
                   --expires YYYY-MM-DD

1 error, 2 services break, 1 unknown, 1 exposed · 0.4 s
"""


def squeezed(text: str) -> list[str]:
    return [re.sub(r"\s{2,}", "  ", line).strip() for line in text.splitlines()]


def test_a_whole_report() -> None:
    assert squeezed(render(REPORT, width=92, color=False)) == squeezed(EXPECTED)


@pytest.mark.parametrize("width", [60, 72, 100, 160])
def test_no_line_is_wider_than_asked_and_no_line_number_is_lost(width: int) -> None:
    long = (
        "services/a-service-with-a-long-name/internal/a-package-with-a-long-name/a_file_with_a_long_name.go"
    )
    consumer = Consumer(
        "checkout", "both", Verdict.BREAKS, sites=tuple(site(long, n) for n in range(7001, 7020))
    )
    report = Report(
        base=REPORT.base, how="x", findings=(Finding(**{**fields(FINDING), "consumers": (consumer,)}),)
    )
    text = render(report, width=width, color=False)
    assert max(map(len, text.splitlines())) <= width
    flat = re.sub(r"\s+", "", text)
    assert all(str(line) in flat for line in range(7001, 7020))
    assert "a_file_with_a_long_name.go:7001" in flat


def fields(finding: Finding) -> dict[str, object]:
    return {name: getattr(finding, name) for name in finding.__slots__}


def test_colors_only_where_asked() -> None:
    assert "\x1b[" not in render(REPORT, width=100, color=False)
    assert "\x1b[" in render(REPORT, width=100, color=True)


def test_control_characters_of_a_repository_are_shown_and_not_obeyed() -> None:
    evil = Finding(**{**fields(FINDING), "message": "x\x1b[2J\x07\nrm", "location": Location("a\x1b]0;b", 1)})
    text = render(Report(base=REPORT.base, how="x", findings=(evil,)), width=100, color=False)
    assert not set(text) & {"\x1b", "\x07", "\r"}
    assert "x\\x1b[2J\\x07\\nrm" in text


def test_what_could_not_be_decided_comes_with_its_remedy() -> None:
    question = Undecided("a.proto:3:8", "imports b.proto, which is not here", "buf dep update")
    text = render(Report(undecided=(question,)), width=100, color=False)
    assert squeezed(text) == [
        "undecided  a.proto:3:8",
        "imports b.proto, which is not here",
        "remedy: buf dep update",
        "",
        "1 undecided",
    ]


def test_what_the_branch_had_before_is_one_line() -> None:
    earlier = Finding(**{**fields(FINDING), "introduced": "branch"})
    text = render(Report(findings=(earlier,), at_commit=True), width=100, color=False)
    assert text.startswith("1 more finding of this branch came with earlier commits")
    assert "cart" not in text


def test_files_of_one_folder_are_named_once() -> None:
    sites = [site("src/web/a.go", 9), site("src/web/a.go", 3), site("src/web/b.go", 1), site("test/c.go", 2)]
    assert sites_line(sites) == "src/web/a.go:3, 9 · b.go:1 · test/c.go:2"


def test_operations_that_one_fault_reaches_are_named_and_counted() -> None:
    operations = tuple(f"GET /orders/{number}" for number in range(7))
    finding = Finding(
        "WSP301",
        Severity.ERROR,
        "openapi",
        "GET /orders/0",
        "gone",
        Location("a.yaml"),
        operations=operations,
    )
    text = render(Report(findings=(finding,)), width=200, color=False)
    assert (
        "reaches GET /orders/0, GET /orders/1, GET /orders/2, GET /orders/3, GET /orders/4 and 2 more" in text
    )
