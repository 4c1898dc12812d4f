"""Renders a sidecar: our templates, or a user's own in their place, in Jinja2's sandbox."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from workspai_hooks.enrichment.operations import most_literal_first
from workspai_hooks.enrichment.values import Plan

TEMPLATES = Path(__file__).parent / "templates"


def render(name: str, plan: Plan, own: str | None = None) -> str:
    """The text of one sidecar by the template `name`; `own` is a user's template, used instead."""
    environment = _environment()
    text = own if own is not None else (TEMPLATES / name).read_text("utf-8")
    return environment.from_string(text).render(plan=plan, facts=plan.facts)


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
    environment.filters |= {
        "text": quoted,
        "seconds": seconds,
        "milliseconds": milliseconds,
        "compact": compact,
        "most_literal_first": most_literal_first,
    }
    return environment


def quoted(value: object) -> str:
    """A string literal, the same in Python, Go, TypeScript and Java: in double quotes, ASCII alone."""
    return json.dumps(str(value)).replace("\x7f", "\\u007f")


def seconds(value: float) -> str:
    """Seconds as a decimal number without an exponent: `0.5`, `2`."""
    text = f"{value:.9f}".rstrip("0").rstrip(".")
    return text if text not in ("", "-0") else "0"


def milliseconds(value: float) -> int:
    """Whole milliseconds, rounded up: a deadline is never earlier than the policy says."""
    return math.ceil(round(value * 1000, 6))


def compact(value: Any) -> str:
    """JSON on one line with sorted keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
