"""The command line: flags to a request, a report to text and an exit code. One thin function per verb."""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from workspai_hooks import __version__
from workspai_hooks.asked import colored, pushed, width

if TYPE_CHECKING:
    from workspai_hooks.again import Asked
    from workspai_hooks.report.report import Report

# What a verb needs is imported by that verb: this module is loaded on every commit.

COLLECT_AFTER = 10_000, 20, 20
"""Objects that are new, and rounds, before cycles are looked for. Python's own 700 and 10 are for programs
that run for long: of what an index holds nothing is ever a cycle, and looking took a fifth of reading it."""


def main(argv: Sequence[str] | None = None, *, asks: bool = False, asked: Asked | None = None) -> int:
    """Run one verb; the exit code is 0 clean, 1 findings, 2 wrong usage, 3 could not decide. `asks`: it is
    known that the commit under way asks something. `asked` is the question, where its report can be kept."""
    gc.set_threshold(*COLLECT_AFTER)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal in ASCII shows "?" instead of a traceback
        sys.stdout.reconfigure(errors="replace")
    arguments = _parser().parse_args(argv)
    arguments.asks, arguments.asked = asks, asked
    try:
        code: int = arguments.verb(arguments)
    except BrokenPipeError:
        # The reader went away (`| head`); python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 3
    except KeyboardInterrupt:
        print("workspai-hooks: interrupted, nothing was decided", file=sys.stderr)
        return 3
    except Exception as error:
        return _failed(error, as_json=getattr(arguments, "format", "") == "json")
    return code


def _failed(error: Exception, *, as_json: bool) -> int:
    """A fault of ours is a question that was not decided, in the report's own words: never green."""
    if "WORKSPAI_DEBUG" in os.environ:
        raise error
    from workspai_hooks.errors import Undecided
    from workspai_hooks.report.report import Report

    # Its message may quote what stands in a file: the kind and the place tell enough.
    what = f"{type(error).__name__} at {_place(error)}"
    question = Undecided(
        "workspai-hooks itself failed", what, "run again with WORKSPAI_DEBUG=1 and report what it prints"
    )
    if as_json:
        from workspai_hooks.report.json import render

        _write(render(Report(undecided=(question,))))
    else:
        print(f"{question.what}: {question.why}\n  {question.remedy}", file=sys.stderr)
    return 3


def _place(error: Exception) -> str:
    """Where in this package an error was raised: `breaking/fold.py:42`."""
    package, places = Path(__file__).parent, []
    step = error.__traceback__
    while step is not None:
        file = Path(step.tb_frame.f_code.co_filename)
        if file.is_relative_to(package):
            places.append(f"{file.relative_to(package).as_posix()}:{step.tb_lineno}")
        step = step.tb_next
    return places[-1] if places else "an unknown place"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workspai-hooks",
        description="Tells, before a commit, which services a contract change breaks, and where.",
        epilog="exit codes: 0 clean, 1 findings, 2 wrong usage or configuration, 3 could not decide",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    check = verbs.add_parser("check", help="the hook: the index against the merge base")
    check.add_argument("--stage", choices=("pre-commit", "pre-push", "ci"))
    check.add_argument("--only", choices=("breaking",), help="run this check alone")
    check.add_argument(
        "--base",
        dest="bases",
        metavar="REF",
        action="append",
        default=[],
        help="compare with the merge base with REF, or the last release, tag:v*; "
        "once more: with that too (default: what is taken without it)",
    )
    check.add_argument("--from", dest="old", metavar="REF", help="compare exactly this revision …")
    check.add_argument("--to", dest="new", metavar="REF", help="… with this one (default: HEAD)")
    check.add_argument("--format", choices=("terminal", "json"), default="terminal")
    check.add_argument("--output", metavar="FILE", type=Path, help="write the report here")
    check.set_defaults(verb=_check)

    impact = verbs.add_parser("impact", help="what if these elements went away")
    impact.add_argument(
        "elements", nargs="*", metavar="ELEMENT", help="pkg.Message.field, pkg.Service/Rpc, …"
    )
    impact.add_argument(
        "--path", nargs="+", default=[], metavar="FILE", help="all elements of these contracts"
    )
    impact.add_argument("--format", choices=("terminal", "json"), default="terminal")
    impact.set_defaults(verb=_impact)

    graph = verbs.add_parser("graph", help="the services, and who calls whom, with evidence")
    pictures = ("mermaid", "dot", "graphml", "html")
    graph.add_argument("--format", choices=("terminal", "json", *pictures), default="terminal")
    graph.add_argument("--output", metavar="FILE", type=Path, help="write the map here")
    graph.add_argument(
        "--link", metavar="URL", default="", help="html: where evidence opens, with {path} and {line} in it"
    )
    graph.set_defaults(verb=_graph)

    facts = verbs.add_parser("facts", help="what other repositories know of this one, and this one of them")
    actions = facts.add_subparsers(required=True, metavar="ACTION")
    export = actions.add_parser("export", help="write what HEAD provides and uses into a facts file")
    export.add_argument("output", metavar="FILE", type=Path, help="- prints it")
    export.add_argument("--name", metavar="NAME", help="the repository's name, else that of its remote")
    export.set_defaults(verb=_facts_export)
    update = actions.add_parser("update", help="fetch the facts files that are listed by URL")
    update.add_argument("--pin", action="store_true", help="keep nothing, print what would be pinned now")
    update.set_defaults(verb=_facts_update)

    stubs = verbs.add_parser("stubs", help="generated stubs: their skew, and sidecars beside them")
    stubs.add_argument("--check", action="store_true", help="write nothing; what would be is a finding")
    stubs.add_argument("--stage", choices=("pre-commit",), help="the hook: what the commit touches")
    stubs.add_argument("--format", choices=("terminal", "json"), default="terminal")
    stubs.add_argument(
        "--emit",
        choices=("istio", "gateway-api", "envoy", "spring"),
        help="print the policies for a mesh, a gateway or Spring",
    )
    stubs.add_argument("--host", default="", help="--emit: where calls go to (default: who implements it)")
    stubs.add_argument("paths", nargs="*", metavar="CONTRACT", help="--emit: these contracts alone")
    stubs.set_defaults(verb=_stubs)

    resilience = verbs.add_parser(
        "resilience", help="missing and unsafe timeouts and retries, across services"
    )
    resilience.add_argument("paths", nargs="*", metavar="PATH", help="only what stands there")
    resilience.add_argument("--format", choices=("terminal", "json"), default="terminal")
    resilience.add_argument("--output", metavar="FILE", type=Path, help="write the report here")
    resilience.add_argument(
        "--explain", metavar="OPERATION", help="which line says what of pkg.Service/Rpc or GET /path, and why"
    )
    resilience.add_argument("--patch", action="store_true", help="print what certainly mends as a diff")
    resilience.set_defaults(verb=_resilience)

    approve = verbs.add_parser("approve", help="write down that a break is intended")
    approve.add_argument("rule", nargs="?", metavar="RULE", help="an id (WSP101) or a name (field-removed)")
    approve.add_argument("element", nargs="?", metavar="ELEMENT", help="as the report names it")
    approve.add_argument("--reason", metavar="TEXT", help="why it is right to break it")
    approve.add_argument("--owner", metavar="WHO", help="who answers for it (default: git config user.email)")
    approve.add_argument("--expires", metavar="DATE", help="the last day it holds, as 2027-01-31 (UTC)")
    approve.add_argument("--prune", action="store_true", help="drop what expired, and what is gone or merged")
    approve.add_argument("--baseline", action="store_true", help="take down all that is broken now")
    approve.add_argument(
        "--base", dest="bases", metavar="REF", action="append", default=[], help="as for check"
    )
    approve.set_defaults(verb=_approve)

    cache = verbs.add_parser("cache", help="what is kept of earlier runs, and how much it is")
    cache.add_argument("--clear", action="store_true", help="remove it; the next run makes it anew")
    cache.add_argument(
        "--push", action="store_true", help="write it where WORKSPAI_CACHE_URL says, for others"
    )
    cache.add_argument("--format", choices=("terminal", "json"), default="terminal")
    cache.set_defaults(verb=_cache)

    rules = verbs.add_parser("rules", help="documentation of the rules")
    rules.add_argument("id", nargs="?", metavar="ID", help="an id (WSP101) or a name (field-removed)")
    rules.add_argument("--format", choices=("terminal", "json"), default="terminal")
    rules.set_defaults(verb=_rules)

    doctor = verbs.add_parser(
        "doctor", help="the tools that are used, their versions and where they came from"
    )
    doctor.add_argument("--format", choices=("terminal", "json"), default="terminal")
    doctor.set_defaults(verb=_doctor)

    demo = verbs.add_parser("demo", help="the whole thing on a bundled workspace, in a scratch repository")
    demo.set_defaults(verb=_demo)
    return parser


def _check(arguments: argparse.Namespace) -> int:
    from workspai_hooks.inspection import Request, inspect

    asked: Asked | None = arguments.asked
    said = asked.pushed if asked is not None else pushed() if arguments.stage == "pre-push" else None
    request = Request(
        Path.cwd(),
        arguments.stage,
        tuple(arguments.bases),
        arguments.old,
        arguments.new,
        said,
        arguments.only,
        asks=arguments.asks,
    )
    with _progress() as tell:
        report = inspect(request, tell)
    text = _rendered(report, arguments.format, color=arguments.output is None and colored())
    written = _write(text, arguments.output)
    if report.lasts and asked is not None and asked.is_as_it_was():
        _keep(asked, report, text, arguments.format)
    return written or report.exit_code


def _rendered(report: Report, form: str, *, color: bool) -> str:
    if form == "json":
        from workspai_hooks.report.json import render as render_json

        return render_json(report)
    if report.findings or report.undecided or report.misused or report.idle:
        from workspai_hooks.report.terminal import render as render_terminal

        return render_terminal(report, width=width(), color=color)
    return ""


def _keep(asked: Asked, report: Report, text: str, form: str) -> None:
    """Keep a report for the next time, and for a push of what is committed now: to make its text may take
    longer than all else where there are thousands of findings."""
    from msgspec.structs import replace

    from workspai_hooks.again import MOST_FINDINGS, PLACE, TOOK_MS, timed_as

    if len(report.findings) > MOST_FINDINGS:
        return
    timed = replace(report, timings_ms={"total": TOOK_MS})
    took = (report.timings_ms or {}).get("total", 0.0)
    text = _rendered(timed, form, color=False) if form == "json" else timed_as(text, took, TOOK_MS)
    asked.keep(text, report.exit_code)
    if report.upstream and report.base is not None:
        findings = tuple(replace(one, introduced="branch") for one in report.findings)
        pushed = replace(timed, head=PLACE, at_commit=False, findings=findings)
        text = _rendered(pushed, form, color=colored())
        asked.keep_for_push(text, pushed.exit_code, report.base, report.upstream)


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Tell whoever waits at a terminal what is going on; the line is gone when the work is done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    try:
        yield lambda doing: print(f"\r\x1b[K{doing} …", end="", file=sys.stderr, flush=True)
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _impact(arguments: argparse.Namespace) -> int:
    from workspai_hooks.exploration import what_if
    from workspai_hooks.report.json import outlook_json
    from workspai_hooks.report.terminal import render_outlook

    if not arguments.elements and not arguments.path:
        return _misuse("impact: name an element, or --path FILE")
    outlook = what_if(Path.cwd(), arguments.elements, arguments.path)
    as_json = arguments.format == "json"
    text = outlook_json(outlook) if as_json else render_outlook(outlook, width=width(), color=colored())
    return _write(text) or outlook.exit_code


def _stubs(arguments: argparse.Namespace) -> int:
    if arguments.emit:
        return _emit(arguments)
    if arguments.paths or arguments.host:
        return _misuse("stubs: contracts and --host go with --emit")
    from workspai_hooks.enrich import Request, care_for_stubs

    request = Request(Path.cwd(), check=arguments.check, at_commit=arguments.stage == "pre-commit")
    with _progress() as tell:
        tell("looking at stubs")
        answer = care_for_stubs(request)
    if arguments.format == "json":
        from workspai_hooks.report.json import stubs_json

        text = stubs_json(answer)
    else:
        from workspai_hooks.report.terminal import render_stubs

        text = render_stubs(answer, width=width(), color=colored())
    return _write(text) or answer.exit_code


def _emit(arguments: argparse.Namespace) -> int:
    from workspai_hooks.mesh import emit
    from workspai_hooks.report.printable import inert
    from workspai_hooks.report.terminal import render_questions

    emitted = emit(Path.cwd(), arguments.emit, arguments.paths, arguments.host)
    if emitted.misused is not None:
        return _misuse(emitted.misused)
    if emitted.undecided:
        print(render_questions(emitted.undecided, width=width()), end="", file=sys.stderr)
    return _write(inert(emitted.text)) or emitted.exit_code


def _resilience(arguments: argparse.Namespace) -> int:
    from workspai_hooks import policies
    from workspai_hooks.report import policies as report

    if arguments.explain:
        return _explained(arguments)
    with _progress() as tell:
        asked = policies.Request(Path.cwd(), tuple(arguments.paths), arguments.patch)
        answer = policies.examine(asked, tell)
    if arguments.patch and answer.report.misused is None:
        from workspai_hooks.report.printable import inert, shown

        for one in answer.patch.left:
            print(inert(shown(f"not in this patch (same lines): {one.what}")), file=sys.stderr)
        return _write(inert(answer.patch.text), arguments.output) or (3 if answer.report.undecided else 0)
    if arguments.format == "json":
        from workspai_hooks.report.json import render as render_json

        text = render_json(answer.report)
    else:
        color = arguments.output is None and colored()
        text = report.render(answer.report, width=width(), color=color)
    return _write(text, arguments.output) or answer.report.exit_code


def _explained(arguments: argparse.Namespace) -> int:
    from workspai_hooks.policies import explained
    from workspai_hooks.report.policies import render_explained
    from workspai_hooks.report.terminal import render_questions

    with _progress() as tell:
        found = explained(Path.cwd(), arguments.explain, tell)
    if found.undecided:
        print(render_questions(found.undecided, width=width()), end="", file=sys.stderr)
    elif not found.operations:
        return _misuse(found.misused or f"--explain {arguments.explain}: no contract here has this operation")
    if arguments.format == "json":
        from workspai_hooks.report.json import explained_json

        return _write(explained_json(found.operations)) or found.exit_code
    return _write(render_explained(found.operations, width=width(), color=colored())) or found.exit_code


def _graph(arguments: argparse.Namespace) -> int:
    from workspai_hooks.service_map import map_services

    survey = map_services(Path.cwd())
    if arguments.format == "json":
        from workspai_hooks.report.json import survey_json

        return _write(survey_json(survey), arguments.output) or survey.exit_code
    if arguments.format == "terminal" or survey.exit_code:  # there is nothing to draw, and a reason why
        from workspai_hooks.report.terminal import render_survey

        drawn = arguments.format == "terminal"
        color = arguments.output is None and colored()
        text = render_survey(survey, width=width(), color=color and drawn)
        if not drawn:
            print(text, end="", file=sys.stderr)
            return survey.exit_code
        return _write(text, arguments.output) or survey.exit_code
    from workspai_hooks.errors import UsageError
    from workspai_hooks.report.graph import render
    from workspai_hooks.report.printable import inert

    try:
        text = render(survey, arguments.format, arguments.link)
        return _write(text if arguments.output else inert(text), arguments.output)
    except UsageError as error:
        return _misuse(str(error))


def _facts_export(arguments: argparse.Namespace) -> int:
    from workspai_hooks.facts import export
    from workspai_hooks.report.terminal import render_questions

    exported = export(Path.cwd(), arguments.name)
    if exported.misused is not None:
        return _misuse(exported.misused)
    if exported.undecided:
        print(render_questions(exported.undecided, width=width()), end="", file=sys.stderr)
    text = exported.data.decode("utf-8")
    output = None if str(arguments.output) == "-" else arguments.output
    return (_write(text, output) if text else 0) or exported.exit_code


def _facts_update(arguments: argparse.Namespace) -> int:
    from workspai_hooks.disclosure import address
    from workspai_hooks.errors import UndecidedError, UsageError
    from workspai_hooks.facts import told, update
    from workspai_hooks.report.printable import inert, shown

    try:
        fetched = update(Path.cwd(), pin=arguments.pin)
    except UsageError as error:
        return _misuse(str(error))
    except UndecidedError as error:
        question = error.undecided
        print(inert(shown(f"{question.what}: {question.why}; {question.remedy}")), file=sys.stderr)
        return 3
    failed = [one for one in fetched if one.problem]
    for one in failed:
        print(inert(shown(f"workspai-hooks: {address(one.listed.url)}: {one.problem}")), file=sys.stderr)
    return _write(inert(told(fetched, pin=arguments.pin))) or (3 if failed else 0)


def _approve(arguments: argparse.Namespace) -> int:
    from workspai_hooks import approve
    from workspai_hooks.errors import UndecidedError, UsageError
    from workspai_hooks.report.printable import inert, shown
    from workspai_hooks.report.terminal import render_questions

    given = {name: getattr(arguments, name) for name in ("rule", "element", "reason", "expires")}
    alone = arguments.prune + arguments.baseline
    if alone > 1 or (alone and (any(given.values()) or arguments.owner)):
        return _misuse("approve: --prune and --baseline stand alone")
    missing = [name for name, value in given.items() if not value]
    if missing and not alone:
        flags = [name.upper() if name in ("rule", "element") else f"--{name}" for name in missing]
        return _misuse(f"approve: {', '.join(flags)} is missing")
    try:
        if arguments.prune:
            outcome = approve.prune(Path.cwd(), tuple(arguments.bases))
        elif arguments.baseline:
            outcome = approve.baseline(Path.cwd(), tuple(arguments.bases))
        else:
            wanted = approve.Wanted(owner=arguments.owner or "", **given)
            outcome = approve.approve(Path.cwd(), wanted, tuple(arguments.bases))
    except UsageError as error:
        return _misuse(str(error))
    except UndecidedError as error:
        outcome = approve.Outcome(undecided=(error.undecided,))
    if outcome.undecided:
        print(render_questions(outcome.undecided, width=width()), end="", file=sys.stderr)
    return _write(inert("".join(f"{shown(line)}\n" for line in outcome.lines))) or outcome.exit_code


def _cache(arguments: argparse.Namespace) -> int:
    from workspai_hooks import cache
    from workspai_hooks.errors import UndecidedError, UsageError
    from workspai_hooks.report.printable import inert, shown
    from workspai_hooks.report.terminal import render_questions

    if arguments.push:
        return _cache_push()
    try:
        if arguments.clear:
            return _write(inert(f"{shown(cache.clear(Path.cwd()))}\n"))
        looked = cache.look(Path.cwd())
    except UsageError as error:
        return _misuse(str(error))
    except UndecidedError as error:
        print(render_questions((error.undecided,), width=width()), end="", file=sys.stderr)
        return 3
    text = cache.render(looked, as_json=arguments.format == "json")
    return _write(text if arguments.format == "json" else inert(text))


def _cache_push() -> int:
    from workspai_hooks.report.printable import inert
    from workspai_hooks.report.terminal import render_questions
    from workspai_hooks.sharing import push

    with _progress() as tell:
        tell("working out what others will ask")
        pushed = push(Path.cwd())
    if pushed.misused is not None:
        return _misuse(pushed.misused)
    if pushed.undecided:
        print(render_questions(pushed.undecided, width=width()), end="", file=sys.stderr)
    return _write(inert(pushed.told)) or pushed.exit_code


def _rules(arguments: argparse.Namespace) -> int:
    from workspai_hooks.report import rules

    text = rules.render(arguments.id, as_json=arguments.format == "json")
    if text is None:
        return _misuse(f"{arguments.id}: no such rule; workspai-hooks rules lists them")
    return _write(text)


def _doctor(arguments: argparse.Namespace) -> int:
    from workspai_hooks.doctor import examine, render

    tools = examine()
    return _write(render(tools, as_json=arguments.format == "json")) or (
        0 if all(tool.problem is None for tool in tools) else 3
    )


def _demo(_: argparse.Namespace) -> int:
    from workspai_hooks.demo import demo

    return demo(width=width(), color=colored())


def _misuse(message: str) -> int:
    from workspai_hooks.report.printable import inert, shown

    print(inert(f"workspai-hooks: {shown(message)}"), file=sys.stderr)
    return 2


def _write(text: str, output: Path | None = None) -> int:
    """Print, or write to the user's file; 2 where that is not possible."""
    if output is None:
        if sys.stdout is None:  # closed by who called us: the exit code still says it
            return 0
        sys.stdout.write(text)
        sys.stdout.flush()
        return 0
    try:
        output.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        return _misuse(f"--output {output}: {error.strerror}")
    return 0
