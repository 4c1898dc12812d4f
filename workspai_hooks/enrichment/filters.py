"""What templates can do with values: literals and names of the languages that they write."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from workspai_hooks.enrichment.paths import most_literal_first
from workspai_hooks.patterns import regex

_WORD_START = regex(r"(^|[^A-Za-z])([a-z])")
_NO_ALNUM = regex(r"[^A-Za-z0-9]")
_WORD = regex(r"(?:^|_|(?<=[^A-Za-z_]))([a-z])")


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


def camel(value: str) -> str:
    """A field's name as JSON has it, by protoc's rule: `request_id` is `requestId`."""
    words = re.split("_+([a-zA-Z0-9]?)", value)
    return "".join(word.upper() if index % 2 else word for index, word in enumerate(words))


def template_literal(value: Any) -> str:
    """JSON over several lines in a template literal of TypeScript, which formatters leave as it is."""
    text = json.dumps(value, sort_keys=True, indent=2)
    return "`" + re.sub(r"[\\`]|\$\{", lambda found: "\\" + found[0], text) + "`"


def java_field(field: str) -> str:
    """What stands behind `get` and `set` in Java's accessors, by protoc's rule: `request_id` is `RequestId`,
    `line2of` is `Line2Of`."""
    name = _WORD_START.sub(lambda found: found[1] + found[2].upper(), field)
    return _NO_ALNUM.sub("", name)


def java_value(value: Any, depth: int = 0) -> str:
    """An expression of Java for a value of a service config: numbers are doubles, as gRPC wants them; maps
    are made by a method `object` of keys and values. `depth` is as for `exploded`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(float(value))
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        made = "object"
        rows = [f"{quoted(key)}, {java_value(value[key], depth + 1)}" for key in sorted(value)]
    else:
        made = "Arrays.asList"
        rows = [java_value(one, depth + 1) for one in value]
    indent = "    " * (depth + 1)
    return f"{made}({','.join(f'{chr(10)}{indent}{row}' for row in rows)})"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "text": quoted,
    "seconds": seconds,
    "milliseconds": milliseconds,
    "compact": compact,
    "exploded": exploded,
    "go_name": go_name,
    "go_raw": go_raw,
    "go_duration": go_duration,
    "camel": camel,
    "template_literal": template_literal,
    "java_field": java_field,
    "java_value": java_value,
    "most_literal_first": most_literal_first,
}
