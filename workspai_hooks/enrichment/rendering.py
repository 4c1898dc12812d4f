"""Renders a sidecar: our templates, or a user's own in their place, in Jinja2's sandbox."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from workspai_hooks.enrichment.filters import FILTERS
from workspai_hooks.enrichment.values import Plan

TEMPLATES = Path(__file__).parent / "templates"


def render(name: str, plan: Plan, own: str | None = None) -> str:
    """The text of one sidecar by the template `name`; `own` is a user's template, used instead."""
    text = own if own is not None else template_text(name)
    return _environment().from_string(text).render(plan=plan, facts=plan.facts)


@cache
def template_text(name: str) -> str:
    """The text of one of our templates."""
    return (TEMPLATES / name).read_text("utf-8")


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),  # for what several templates have in common
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # the output is source text: `text` and `json` quote what stands in it
    )
    environment.filters |= FILTERS
    return environment
