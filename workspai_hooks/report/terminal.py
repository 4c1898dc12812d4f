"""The report as a person reads it: on a terminal in color, elsewhere plain, never wider than asked."""

from __future__ import annotations

import io
import shlex
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from posixpath import dirname

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from workspai_hooks.errors import Undecided
from workspai_hooks.findings import Consumer, Finding, Severity, Site, Step, Verdict
from workspai_hooks.report.printable import inert, shown
from workspai_hooks.report.report import Outlook, Report, Survey
from workspai_hooks.report.stubs import Listed, StubReport

SEVERITY_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}
VERDICT_STYLE = {
    Verdict.BREAKS: "red",
    Verdict.UNKNOWN: "magenta",
    Verdict.EXPOSED: "yellow",
    Verdict.REGENERATES: "dim",
}
SHORT_REV = 9
IDLE_WORDING = {
    "expired": "expired",
    "changed": "made for another change of the same element",
    "partly": "not beside all operations or copies that the break is in",
    "gone": "of no use any more (workspai-hooks approve --prune drops them)",
}
MOST_OPERATIONS = 5
"""More operations than this are counted, not named."""


def render(report: Report, *, width: int, color: bool) -> str:
    """The whole report as text of lines no wider than `width`, with ANSI colors where `color`."""
    return text_of(_page(report), width, color)


def render_stubs(answer: StubReport, *, width: int, color: bool) -> str:
    """The findings of `stubs`, what was written, and how many stubs there are of what."""
    report = answer.report
    if report.misused is not None:
        return text_of(misused(report.misused), width, color)
    mine = [one for one in report.findings if one.introduced == "commit" or not report.at_commit]
    parts: list[RenderableType] = [_finding(finding) for finding in mine]
    parts += [question(one) for one in report.undecided]
    removed = set(answer.removed)
    for path in answer.written:
        done = "removed" if path in removed else "wrote"
        parts.append(Text.assemble((f"  {done:9}", "bold green"), (shown(path), "cyan")))
    if answer.written and report.at_commit:
        parts.append(
            Text("  stage what was written and commit again: git add --all -- the paths above", "dim")
        )
    parts.append(Text.assemble((_counted(answer.stubs), "dim"), " · ", summary(report, mine)))
    return text_of(Group(*parts), width, color)


def _counted(stubs: Sequence[Listed]) -> str:
    """How many stubs there are, of how many contracts."""
    made = [one for one in stubs if one.made_of != "other"]
    contracts = {one.contract for one in made if one.contract}
    parts = [f"{_count(len(made), 'stub')} of {_count(len(contracts), 'contract')}"]
    if elsewhere := sum(1 for one in made if not one.contract):
        parts.append(f"{elsewhere} of contracts that are not here")
    if others := len(stubs) - len(made):
        parts.append(f"{_count(others, 'other generated file')}")
    return ", ".join(parts)


def render_outlook(outlook: Outlook, *, width: int, color: bool) -> str:
    """The elements of `impact`, each with its verdicts."""
    if outlook.misused is not None:
        return text_of(misused(outlook.misused), width, color)
    parts: list[RenderableType] = [question(one) for one in outlook.undecided]
    for element, verdicts in outlook.verdicts.items():
        said = _verdicts(verdicts) if verdicts else Text("no service here uses or holds it", "dim")
        parts.append(Group(Text(shown(element), "bold"), Padding(said, (0, 0, 1, 2))))
    return text_of(Group(*parts), width, color)


def render_survey(survey: Survey, *, width: int, color: bool) -> str:
    """The services of `graph`, each with those that it calls and one line of evidence."""
    if survey.misused is not None:
        return text_of(misused(survey.misused), width, color)
    table = Table.grid(padding=(0, 2), expand=True)
    for column in ({"no_wrap": True}, {"no_wrap": True}, {"no_wrap": True}, {"ratio": 1, "overflow": "fold"}):
        table.add_column(**column)
    for service in survey.services:
        edges = [edge for edge in survey.edges if edge.consumer == service.name]
        roots = ", ".join(root or "." for root in service.roots) or service.kind.value
        table.add_row(Text(shown(service.name), "bold"), "", "", Text(shown(roots), "dim"))
        for edge in edges:
            place = str(edge.evidence[0].location) if edge.evidence else ""
            kind = Text(f"{edge.protocol or '?'} {edge.tier.value}", "" if edge.tier == "proven" else "dim")
            table.add_row("", Text(shown(f"→ {edge.provider}")), kind, Text(shown(place), "cyan"))
    questions = [question(one) for one in survey.undecided]
    return text_of(Group(table, *questions), width, color)


def render_questions(questions: Iterable[Undecided], *, width: int) -> str:
    """What could not be decided, alone."""
    return text_of(Group(*map(question, questions)), width, color=False)


def text_of(page: RenderableType, width: int, color: bool) -> str:
    """What a page is on a terminal."""
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        emoji=False,
        markup=False,
    )
    console.print(page)
    output = console.file
    assert isinstance(output, io.StringIO)
    return inert("\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n")


def misused(message: str) -> Text:
    """Wrong usage."""
    return Text.assemble(("workspai-hooks: ", "bold red"), shown(message))


def _page(report: Report) -> Group:
    if report.misused is not None:
        return Group(misused(report.misused))
    open_ones = [finding for finding in report.findings if finding.approved is None]
    mine = [finding for finding in open_ones if finding.introduced == "commit" or not report.at_commit]
    earlier = len(open_ones) - len(mine)
    parts: list[RenderableType] = []
    if mine:
        parts += [_headline(report), *(_finding(finding) for finding in mine)]
    if mine and report.rollout:
        parts.append(_plan(report))
    failing = next((finding for finding in mine if report.fails(finding)), None)
    if failing is not None and report.how != "--from":  # the verb compares the index, and not exactly
        parts.append(_intended(failing, report.asked))
    parts += [question(one) for one in report.undecided]
    parts += [Text(shown(line), "dim") for line in approvals_of(report)]
    if earlier:
        parts.append(
            Text(f"{_count(earlier, 'more finding')} of this branch came with earlier commits", "dim")
        )
    parts.append(summary(report, mine))
    return Group(*parts)


def _headline(report: Report) -> Text:
    head = "the index" if report.head == "index" else report.head[:SHORT_REV]
    bases = report.bases or (((report.base, report.how),) if report.base else ())
    told = " and ".join(f"{rev[:SHORT_REV]} ({how})" for rev, how in bases) or report.how
    return Text.assemble(head, " against ", told, "\n", style="dim")


def _intended(finding: Finding, bases: Sequence[str]) -> RenderableType:
    named = [word for base in bases for word in ("--base", shown(base))]
    words = ("workspai-hooks", "approve", finding.rule, shown(finding.element), *named)
    command = f"{shlex.join(words)} --reason … --owner … --expires YYYY-MM-DD"
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_row(Text("intended?", "bold"), Text(command))
    return Padding(table, (0, 0, 1, 9))


def approvals_of(report: Report) -> Iterator[str]:
    """A line for each approved break, one for the baseline, one for each way of covering nothing."""
    known = 0
    for finding in report.findings:
        approval = finding.approved
        if approval is None:
            continue
        if not approval.expires:
            known += 1
            continue
        why = f"until {approval.expires}, {approval.owner}: {approval.reason}"
        yield f"approved  {finding.rule} {finding.element}  {why}"
    if known:
        yield f"{_count(known, 'finding')} in the baseline"
    for why, wording in IDLE_WORDING.items():
        idle = [one.approval for one in report.idle if one.why == why]
        if idle:
            names = _some([f"{one.rule} {one.element} ({one.location})" for one in idle])
            yield f"{_count(len(idle), 'approval')} {wording}: {names}"


def _finding(finding: Finding) -> RenderableType:
    title = Table.grid(padding=(0, 2), expand=True)
    title.add_column(no_wrap=True)
    title.add_column(ratio=1, overflow="fold")
    title.add_column(justify="right", no_wrap=True)
    surfaces = " ".join(surface.value for surface in finding.surfaces)
    title.add_row(
        Text(f"  {finding.severity.value}", SEVERITY_STYLE[finding.severity]),
        Text(shown(finding.message), "bold"),
        Text(f"{surfaces}   {finding.rule}", "dim"),
    )
    where = [f"{finding.location}"]
    if len(finding.against) == 1:
        where.append(f"against {finding.against[0]} only")
    if finding.base_location is not None and finding.base_location != finding.location:
        where.append(f"{'contract' if finding.is_use else 'was'} {finding.base_location}")
    places = " · ".join([*where, *(str(location) for location in finding.related)])
    rows: list[RenderableType] = [title, Padding(Text(shown(places), "cyan"), (0, 0, 0, 9))]
    if len(finding.operations) > 1:
        rows.append(Padding(Text(shown("reaches " + _some(finding.operations)), "dim"), (0, 0, 0, 9)))
    if finding.consumers:
        rows.append(Padding(_verdicts(finding.consumers, finding.is_use), (1, 0, 0, 9)))
    return Padding(Group(*rows), (0, 0, 1, 0))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_OPERATIONS} more" if len(names) > MOST_OPERATIONS else ""
    return ", ".join(names[:MOST_OPERATIONS]) + more


def _verdicts(consumers: Sequence[Consumer], used: bool = False) -> Table:
    """`used`: nothing broke by a change of the contract, it is used newly."""
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, max_width=32)
    table.add_column(ratio=1, overflow="fold")
    for verdict, group in groupby(consumers, key=lambda consumer: consumer.verdict):
        members = list(group)
        label = Text("uses" if used else verdict.value, VERDICT_STYLE[verdict])
        if verdict is Verdict.REGENERATES:
            names = ", ".join(consumer.service for consumer in members)
            table.add_row(label, Text(""), Text(shown(names)))
            continue
        for consumer in members:
            table.add_row(label, Text(shown(consumer.service)), _detail(consumer))
            label = Text("")
    return table


def _detail(consumer: Consumer) -> Text:
    owners = f"  {' '.join(consumer.owners)}" if consumer.owners else ""
    if consumer.verdict is Verdict.EXPOSED:
        carried = "  which passes it on" if consumer.hops and consumer.hops[0].passes_on else ""
        way = "through " + " → ".join(consumer.path[1:]) if len(consumer.path) > 1 else ""
        return Text(shown(way + carried + owners))
    if consumer.verdict is Verdict.UNKNOWN:
        return Text(shown(consumer.why + owners))
    also = f" · also {consumer.why}" if consumer.why else ""
    told = sites_line(consumer.sites, consumer.repository) + also
    return Text.assemble(shown(told), (shown(owners), "dim"))


def sites_line(sites: Iterable[Site], repository: str = "") -> str:
    """`src/a/x.go:3, 7 · y.go:9`: lines grouped by file, later files relative to the first one's folder.

    Those of another repository begin with its name: `shop-web:src/a/x.go:3`.
    """
    lines: dict[str, set[int]] = {}
    templates = set()
    for site in sites:
        lines.setdefault(site.location.path, set()).add(site.location.line)
        if site.in_template:
            templates.add(site.location.path)
    folder = dirname(next(iter(lines), ""))
    parts = []
    for number, (path, numbers) in enumerate(lines.items()):
        inside = number and folder and path.startswith(folder + "/")
        name = path[len(folder) + 1 :] if inside else path
        note = " (no compiler sees this one)" if path in templates else ""
        parts.append(f"{name}:{', '.join(map(str, sorted(numbers)))}{note}")
    return (f"{repository}:" if repository and parts else "") + " · ".join(parts)


def _plan(report: Report) -> RenderableType:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    steps = [f"{number} {_step(step)}" for number, step in enumerate(report.rollout, 1)]
    table.add_row(Text("rollout", "bold"), Text("\n".join(map(shown, steps))))
    if report.bump:
        bumps = ", ".join(f"{name} {bump}" for name, bump in sorted(report.bump.items()))
        table.add_row(Text("bump", "bold"), Text(shown(bumps)))
    return Padding(table, (0, 0, 1, 9))


def _step(step: Step) -> str:
    return f"{', '.join(step.services)}: {step.why}" if step.services else step.why


def question(one: Undecided) -> RenderableType:
    """A question that stays open."""
    head = Text.assemble(("  undecided  ", "bold magenta"), (shown(one.what), "bold"))
    remedy = Text.assemble(("remedy: ", "bold"), shown(one.remedy))
    return Group(head, Padding(Group(Text(shown(one.why)), remedy), (0, 0, 1, 13)))


def summary(report: Report, mine: Sequence[Finding], nothing: str = "nothing new") -> Text:
    """The last line: how many of what."""
    parts = [
        _count(number, severity.value)
        for severity in Severity
        if (number := sum(1 for finding in mine if finding.severity is severity))
    ]
    for verdict, wording in (
        (Verdict.BREAKS, "break"),
        (Verdict.UNKNOWN, "unknown"),
        (Verdict.EXPOSED, "exposed"),
    ):
        broken = [finding for finding in mine if not finding.is_use]
        services = {c.service for finding in broken for c in finding.consumers if c.verdict is verdict}
        if services and verdict is Verdict.BREAKS:
            parts.append(f"{_count(len(services), 'service')} {'breaks' if len(services) == 1 else wording}")
        elif services:
            parts.append(f"{len(services)} {wording}")
    if report.undecided:
        parts.append(f"{len(report.undecided)} undecided")
    if approved := sum(1 for finding in report.findings if finding.approved is not None):
        parts.append(f"{approved} approved")
    parts = parts or [nothing]
    total = (report.timings_ms or {}).get("total")
    took = f" · {total / 1000:.1f} s" if total is not None else ""
    return Text.assemble((", ".join(parts), "bold"), (took, "dim"))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
