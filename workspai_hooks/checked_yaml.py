"""YAML that a person writes for us, checked against a schema: what is wrong is told with line and suggestion.

The schema is the part of JSON Schema that our files need: objects without further keys, arrays, strings (also
`format: date`), numbers with bounds, enums and booleans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from workspai_hooks.deferred import deferred
from workspai_hooks.errors import UsageError

if TYPE_CHECKING:
    import yaml
else:
    yaml = deferred("yaml")

MAX_DEPTH = 10

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
DATE: Schema = {"type": "string", "format": "date"}
LINE = "(line)"
"""An object's key for the line that it begins at: no key that a file can have."""


def object_of(required: tuple[str, ...], **properties: Schema) -> Schema:
    """The schema of an object that has these keys and no others."""
    value: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return value | ({"required": list(required)} if required else {})


class _WrongError(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def read_checked(data: bytes, wanted: Schema, name: str, *, max_bytes: int = 1 << 20) -> Any:
    """The file's content as plain values, None where it is empty; every object has its line under `LINE`.

    `UsageError` where it is not as `wanted`; `name` is what the file is called in the message.
    """
    if len(data) > max_bytes:
        raise UsageError(f"{name}: larger than {max_bytes >> 20} MiB")
    try:
        text = data.decode("utf-8")
        _refuse_bombs(text)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        return None if node is None or _is_null(node) else _value(node, wanted, "the file")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: is not UTF-8 (byte {error.start})") from error
    except _WrongError as error:
        raise UsageError(f"{name}:{error.line}: {error}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "is not YAML"
        if "nesting" in problem:  # PyYAML 6.0.4 and later refuse it before we count
            problem = "nested too deeply"
        raise UsageError(f"{name}{line}: {problem}") from error


def _refuse_bombs(text: str) -> None:
    """Aliases and deep nesting can make a small file cost any time and memory; our files need none."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > MAX_DEPTH:
            fault = "aliases (*name) are not used here" if depth <= MAX_DEPTH else "nested too deeply"
            raise _WrongError(_line(event.start_mark), fault)


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _value(node: yaml.Node, wanted: Schema, what: str) -> Any:
    """The node's value where it is as the schema wants it."""
    return _READERS[wanted.get("format") or wanted.get("type", "enum")](node, wanted, what)


def _mapping(node: yaml.Node, wanted: Schema, what: str) -> dict[str, Any]:
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(node, f"{what} must be a mapping of keys to values")
    known: Mapping[str, Schema] = wanted.get("properties", {})
    others: Schema | bool = wanted["additionalProperties"]
    values: dict[str, Any] = {LINE: _line(node.start_mark)}
    for key, value in _pairs(node):
        form = known.get(key.value, others)
        if isinstance(form, bool):
            raise _wrong(key, _unknown(key.value, known))
        if key.value in values:
            raise _wrong(key, f"{key.value} is given twice")
        values[key.value] = _value(value, form, key.value)
    missing = [name for name in wanted.get("required", ()) if name not in values]
    if missing:
        raise _wrong(node, f"{what}: {', '.join(missing)} is missing")
    return values


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _wrong(key, "a key must be a plain word")
        yield key, value


def _unknown(key: str, known: Mapping[str, Schema]) -> str:
    import difflib

    near = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(known)}"
    return f"unknown key {key}; {hint}"


def _sequence(node: yaml.Node, wanted: Schema, what: str) -> list[Any]:
    if not isinstance(node, yaml.SequenceNode):
        raise _wrong(node, f"{what} must be a list")
    return [_value(item, wanted["items"], f"an entry of {what}") for item in node.value]


def _text(node: yaml.Node, _: Schema, what: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or _is_null(node) or not node.value:
        raise _wrong(node, f"{what} must be text")
    return str(node.value)


def _date(node: yaml.Node, wanted: Schema, what: str) -> str:
    from datetime import date

    value = _text(node, wanted, what)
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise _wrong(node, f"{what} must be a date as 2027-01-31") from error


def _enum(node: yaml.Node, wanted: Schema, what: str) -> str:
    value = _text(node, wanted, what)
    if value not in wanted["enum"]:
        raise _wrong(node, f"{what} must be one of {', '.join(wanted['enum'])}")
    return value


def _number(node: yaml.Node, wanted: Schema, what: str) -> float:
    whole = wanted["type"] == "integer"
    lowest, highest = wanted["minimum"], wanted["maximum"]
    tags = ("tag:yaml.org,2002:int",) if whole else ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
    try:
        if not isinstance(node, yaml.ScalarNode) or node.tag not in tags:
            raise ValueError
        value = int(node.value) if whole else float(node.value)
        if not lowest <= value <= highest:
            raise ValueError
    except ValueError as error:
        kind = "a whole number" if whole else "a number"
        raise _wrong(node, f"{what} must be {kind} from {lowest} to {highest}") from error
    return value


def _boolean(node: yaml.Node, _: Schema, what: str) -> bool:
    if not isinstance(node, yaml.ScalarNode) or node.tag != "tag:yaml.org,2002:bool":
        raise _wrong(node, f"{what} must be true or false")
    return str(node.value).lower() in ("true", "yes", "on")


_READERS: Mapping[str, Callable[[yaml.Node, Schema, str], Any]] = {
    "object": _mapping,
    "array": _sequence,
    "string": _text,
    "date": _date,
    "enum": _enum,
    "boolean": _boolean,
    "integer": _number,
    "number": _number,
}


def _line(mark: object) -> int:
    return int(getattr(mark, "line", 0)) + 1


def _wrong(node: yaml.Node, message: str) -> _WrongError:
    return _WrongError(_line(node.start_mark), message)
