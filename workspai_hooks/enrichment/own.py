"""Users' own templates, in place of ours. A template of a repository may be a stranger's: Jinja2's sandbox
keeps it from everything but what it is given, and a process with limits of time and memory keeps its loops.

    python -m workspai_hooks.enrichment.own    reads jobs on standard input, writes answers
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from workspai_hooks.enrichment.values import Plan
from workspai_hooks.errors import UndecidedError, UsageError
from workspai_hooks.tools.process import Limits, environment, run

TIMEOUT_S = 30.0
MAX_OUTPUT_BYTES = 64 * 1024 * 1024


class Job(msgspec.Struct, frozen=True):
    """A template's path and text, and what it gets."""

    path: str
    text: str
    plan: Plan


class Answer(msgspec.Struct, frozen=True):
    """What came of a job: its text, or what is wrong with the template and at which line."""

    text: str = ""
    fault: str = ""
    line: int = 0


def render_all(jobs: Sequence[Job]) -> list[str]:
    """The texts, in order; `UsageError` with file and line where a template is wrong, `UndecidedError` where
    it takes more time or memory than any template needs."""
    if not jobs:
        return []
    given = msgspec.msgpack.encode(jobs)
    done = run(
        [sys.executable, "-I", "-m", "workspai_hooks.enrichment.own"],
        cwd=Path(sys.prefix),
        env=environment({}),
        timeout_s=TIMEOUT_S,
        stdin=given,
        limits=Limits.of(len(given), MAX_OUTPUT_BYTES),
        remedy="make the template simpler",
    )
    names = ", ".join(sorted({job.path for job in jobs}))
    if done.code != 0:
        why = "rendering it took more time or memory than a template may"
        raise UndecidedError(names, why, "make the template simpler")
    texts = []
    for job, answer in zip(jobs, msgspec.msgpack.decode(done.stdout, type=list[Answer]), strict=True):
        if answer.fault:
            line = f":{answer.line}" if answer.line else ""
            raise UsageError(f"{job.path}{line}: {answer.fault}")
        texts.append(answer.text)
    return texts


def _answered(job: Job) -> Answer:
    from jinja2 import TemplateError, TemplateSyntaxError

    from workspai_hooks.enrichment.rendering import render

    try:
        return Answer(render("", job.plan, job.text))
    except TemplateSyntaxError as error:
        return Answer(fault=str(error.message), line=error.lineno)
    except TemplateError as error:
        return Answer(fault=f"{type(error).__name__}: {error.message}")
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        return Answer(fault=f"{type(error).__name__} while rendering")


def main() -> None:
    """Answer all jobs."""
    jobs = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=list[Job])
    sys.stdout.buffer.write(msgspec.msgpack.encode([_answered(job) for job in jobs]))


if __name__ == "__main__":
    main()
