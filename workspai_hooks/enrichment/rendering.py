"""Renders a sidecar: our templates, or a user's own in their place, in Jinja2's sandbox."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from workspai_hooks.enrichment.values import Plan
from workspai_hooks.patterns import regex

TEMPLATES = Path(__file__).parent / "templates"
_WORD = regex(r"(?:^|_|(?<=[^A-Za-z_]))([a-z])")


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
        "exploded": exploded,
        "go_name": go_name,
        "go_raw": go_raw,
        "go_duration": go_duration,
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


def exploded(value: Any, depth: int = 0) -> str:
    """A literal of Python, each element on a line of its own and with a comma behind, so that black and ruff
    leave it as it is; `depth` is how far the line that it begins on is indented, in steps."""
    if isinstance(value, Mapping):
        rows = [f"{quoted(key)}: {exploded(value[key], depth + 1)}" for key in sorted(value)]
    elif isinstance(value, list | tuple):
        rows = [exploded(one, depth + 1) for one in value]
    else:
        return quoted(value) if isinstance(value, str) else repr(value)
    left, right = "{}" if isinstance(value, Mapping) else "[]"
    indent = "    " * depth
    return "".join((left, *(f"\n{indent}    {row}," for row in rows), f"\n{indent}" if rows else "", right))


def go_name(field: str) -> str:
    """A field's name as protoc-gen-go writes it (GoCamelCase of google.golang.org/protobuf): `requestId` and
    `request_id` are RequestId, `_id` is XId, `a_1` is A_1."""
    first, rest = ("X", field[1:]) if field.startswith("_") else ("", field)
    return first + _WORD.sub(lambda found: found[1].upper(), rest)


def go_duration(value: float) -> str:
    """Seconds as a time.Duration, a fraction of a millisecond rounded up."""
    whole, rest = divmod(milliseconds(value), 1000)
    return f"{whole * 1000 + rest} * time.Millisecond" if rest or not whole else f"{whole} * time.Second"


def go_raw(text: str) -> str:
    """A string of Go that is easy to read: between backquotes, which it must not hold then."""
    return quoted(text) if "`" in text else f"`{text}`"
