"""What `resilience` prints on a terminal: findings by rule, and the explanation of one operation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from workspai_hooks import rules
from workspai_hooks.findings import Finding, Hop
from workspai_hooks.report.printable import shown
from workspai_hooks.report.report import Report
from workspai_hooks.report.terminal import SEVERITY_STYLE, approvals_of, misused, question, summary, text_of
from workspai_hooks.resilience.explain import Explained

MOST_PLACES = 6
MOST_OF_A_RULE = 10
"""So many findings of one rule are told; `--format json` has all, a path tells those in it."""


def render(report: Report, *, width: int, color: bool) -> str:
    """The findings, the worst rules first, of each rule so many."""
    if report.misused is not None:
        return text_of(misused(report.misused), width, color)
    mine = [one for one in report.findings if one.approved is None]
    parts: list[RenderableType] = []
    mine.sort(key=lambda one: (one.severity.rank, one.rule))
    for (_, rule), group in groupby(mine, key=lambda one: (one.severity.rank, one.rule)):
        parts += _of_rule(rule, list(group))
    parts += [question(one) for one in report.undecided]
    parts += [Text(shown(line), "dim") for line in approvals_of(report)]
    parts.append(summary(report, mine, "nothing found"))
    return text_of(Group(*parts), width, color)


def _of_rule(rule: str, findings: Sequence[Finding]) -> list[RenderableType]:
    known = rules.BY_ID[rule]
    severity = findings[0].severity
    head = Text.assemble(
        (f"{severity.value:8}", SEVERITY_STYLE[severity]),
        (f"{rule} {known.name}  ", "bold"),
        (f"{len(findings)} × {known.summary}", "dim"),
    )
    parts: list[RenderableType] = [head]
    parts += [Padding(_finding(one), (0, 0, 0, 2)) for one in findings[:MOST_OF_A_RULE]]
    if len(findings) > MOST_OF_A_RULE:
        more = f"and {len(findings) - MOST_OF_A_RULE} more: --format json has all of them"
        parts.append(Padding(Text(more, "dim"), (0, 0, 0, 2)))
    parts.append(Text(""))
    return parts


def _finding(finding: Finding) -> RenderableType:
    rows: list[RenderableType] = [Text(shown(finding.message))]
    lines = list(dict.fromkeys(map(str, (finding.location, *finding.related))))
    more = f" and {len(lines) - MOST_PLACES} more" if len(lines) > MOST_PLACES else ""
    places = " · ".join(lines[:MOST_PLACES]) + more
    rows.append(Padding(Text(shown(places), "cyan"), (0, 0, 0, 2)))
    hops = next((one.hops for one in finding.consumers if one.hops), ())
    if hops:
        rows.append(Padding(_way(hops), (0, 0, 0, 2)))
    if finding.fix is not None:
        rows.append(Padding(Text(shown(f"fix: {finding.fix.what} (--patch)"), "green"), (0, 0, 0, 2)))
    return Group(*rows)


def _way(hops: Sequence[Hop]) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for one in hops:
        places = " · ".join(dict.fromkeys(map(str, one.evidence[:4])))
        table.add_row(Text(shown(f"{one.consumer} → {one.provider}")), Text(shown(places), "dim cyan"))
    return table


def render_explained(operations: Sequence[Explained], *, width: int, color: bool) -> str:
    """Each value of each operation with the lines that speak of it, then each way that it is called."""
    parts: list[RenderableType] = []
    for one in operations:
        parts.append(Text.assemble((shown(one.operation), "bold"), "  ", (shown(str(one.location)), "cyan")))
        table = Table.grid(padding=(0, 2), expand=True)
        for column in ({"no_wrap": True}, {"no_wrap": True}, {"ratio": 1, "overflow": "fold"}):
            table.add_column(**column)
        for line in one.lines:
            mark = Text(f"  {'✓' if line.wins else '·'} {line.value}", "green" if line.wins else "dim")
            where = f"{line.convention}, {line.location}: {line.why}"
            table.add_row(mark, Text(shown(line.said)), Text(shown(where), "" if line.wins else "dim"))
        parts.append(table if one.lines else Text("  nobody says anything of it", "dim"))
        for way in one.ways:
            parts.append(Text(shown(f"  {way.consumer} → {way.provider}: {way.outcome}"), "bold"))
            parts += [Text(shown(f"    {where:8} {said}  {place}")) for where, said, place in way.acting]
        parts.append(Text(""))
    return text_of(Group(*parts), width, color)
