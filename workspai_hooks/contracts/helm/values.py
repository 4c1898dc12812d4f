"""Values of charts: layers laid over each other as helm does, each key with the place that sets it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from workspai_hooks.contracts.helm.nodes import Node, Plain, Scalar
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location

Keys = tuple[str, ...]
"""A key of values: `("service", "port")`."""

_MOST_KEYS = 50_000
_INDEX = regex(r"\[\d{1,4}\]$")
_NUMBER = regex(r"-?(?:0|[1-9]\d{0,17})")


class Setting(msgspec.Struct, frozen=True, order=True):
    """A key that a command sets, its value as helm types it, and where it stands."""

    key: Keys
    value: Plain
    place: Location


def dotted(key: Keys) -> str:
    """A key as `--set` writes it: dots inside of a name have a backslash."""
    return ".".join(part.replace(".", "\\.") for part in key)


def leaves(node: Node | None, key: Keys = ()) -> Iterator[tuple[Keys, Location, Node]]:
    """Every key of values, those that hold others included, in order; lists are leaves."""
    waiting: list[tuple[Keys, Node]] = [(key, node)] if node is not None else []
    count = 0
    while waiting:
        at, one = waiting.pop()
        inner = [((*at, name), place, child) for name, (place, child) in (one.members or {}).items()]
        count += len(inner)
        if count > _MOST_KEYS:
            return
        yield from inner
        waiting += [(path, child) for path, _, child in reversed(inner) if child.members]


def merged(
    layers: Iterable[Node | None], settings: Iterable[Setting] = ()
) -> dict[Keys, tuple[Location, Plain]]:
    """What the last layer says of every leaf: its place and value. Maps are merged, all else replaced."""
    found: dict[Keys, tuple[Location, Plain]] = {}
    for layer in layers:
        for key, place, node in leaves(layer):
            if not node.members:
                _drop_below(found, key)
                found[key] = (place, node.plain())
    for setting in settings:
        _drop_below(found, setting.key)
        found[setting.key] = (setting.place, setting.value)
    return found


def _drop_below(found: dict[Keys, tuple[Location, Plain]], key: Keys) -> None:
    for size in range(1, len(key)):
        found.pop(key[:size], None)


def nested(settings: Iterable[Setting]) -> dict[str, Plain]:
    """Settings as one values file."""
    root: dict[str, Plain] = {}
    for setting in settings:
        target = root
        for part in setting.key[:-1]:
            inner = target.get(part)
            if not isinstance(inner, dict):
                inner = target[part] = {}
            target = inner
        target[setting.key[-1]] = setting.value
    return root


def assignments(text: str, place: Location, *, strings: bool = False) -> list[Setting]:
    """What `--set` takes apart: `a.b=1,c\\.d=x,list={x,y}`; a key with an index ends before it."""
    found = []
    for name, value in _pairs(text):
        key = _key(name)
        if key:
            found.append(Setting(key, _typed(value, strings), place))
    return found


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Names and values, at commas that no backslash and no braces hide."""
    part, depth, escaped = "", 0, False
    for sign in text[:20_000] + ",":
        if escaped:
            part, escaped = part + "\\" + sign, False
        elif sign == "\\":
            escaped = True
        elif sign == "," and depth == 0:
            name, equals, value = part.partition("=")
            if equals:
                yield name.strip(), value
            part = ""
        else:
            depth += (sign == "{") - (sign == "}" and depth > 0)
            part += sign


def _key(name: str) -> Keys:
    parts = [""]
    escaped = False
    for sign in name:
        if escaped:
            parts[-1] += sign
            escaped = False
        elif sign == "\\":
            escaped = True
        elif sign == ".":
            parts.append("")
        else:
            parts[-1] += sign
    key: list[str] = []
    for part in parts:
        plain = _INDEX.sub("", part)
        key.append(plain)
        if plain != part:
            break
    return tuple(key) if all(key) else ()


def _typed(value: str, strings: bool) -> Plain:
    if value.startswith("{") and value.endswith("}"):
        return [_scalar(one.strip(), strings) for one in value[1:-1].split(",") if one.strip()]
    return _scalar(value, strings)


def _scalar(value: str, strings: bool) -> Scalar:
    value = value.replace("\\,", ",").replace("\\.", ".").replace("\\\\", "\\")
    if strings:
        return value
    if value in ("true", "false"):
        return value == "true"
    if value == "null":
        return None
    return int(value) if _NUMBER.fullmatch(value) else value


def changed(
    before: Mapping[Keys, tuple[Location, Plain]], after: Mapping[Keys, tuple[Location, Plain]]
) -> set[Keys]:
    """Leaves that differ."""
    return {key for key in {*before, *after} if _said(before, key) != _said(after, key)}


def _said(values: Mapping[Keys, tuple[Location, Plain]], key: Keys) -> Plain:
    return values[key][1] if key in values else "(not set)"
