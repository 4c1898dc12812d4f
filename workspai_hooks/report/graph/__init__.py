"""The service map as a picture: a file a format, in the table below."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from workspai_hooks.errors import UsageError
from workspai_hooks.report.graph.chart import Chart
from workspai_hooks.report.report import Survey

FORMATS = ("mermaid", "dot", "graphml", "html")
"""Each has a module of its name with `render(chart) -> str`, loaded only when it is asked for."""


def render(survey: Survey, form: str, link: str = "") -> str:
    """The survey in one of `FORMATS`, with a trailing newline; the same bytes for the same survey.

    `link` is where evidence opens, with `{path}` and `{line}` in it; only html has links.
    """
    if link and ("{path}" not in link or _scripted(link)):
        raise UsageError(f"--link {link}: an address with {{path}} and {{line}} in it, no script")
    draw: Callable[[Chart], str] = import_module(f"{__name__}.{form}").render
    return draw(Chart.of(survey, link))


def _scripted(link: str) -> bool:
    return link.partition(":")[0].strip().lower() in {"javascript", "data", "vbscript", "blob"}
