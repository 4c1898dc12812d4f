"""The JSON of a service config as plain values, with what the runtimes' own parsers see of its text: how
numbers are written, and keys that stand twice."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.grpc.values import BOTH, Fault, Kind, Pointer, Runtime

MAX_BYTES = 4 * 1024 * 1024
CORE_DEPTH = 255
"""`GRPC_JSON_MAX_DEPTH` of C-core."""
DEEPEST = 8
"""Levels that a config has, and two more: places below are those of what they stand in."""
_SURROGATE = regex(r"\\u[dD][89a-fA-F]")
_TOKEN = regex(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


class Number(str):
    """A number as it is written: C-core reads `2.0` and `2` differently."""

    __slots__ = ()


class Members(dict[str, object]):
    """An object in which a key stands twice, `pairs` in order; as a dict the last one counts."""

    pairs: tuple[tuple[str, object], ...] = ()


def pairs_of(value: Mapping[str, object]) -> tuple[tuple[str, object], ...]:
    return value.pairs if isinstance(value, Members) else tuple(value.items())


def parse(text: str) -> object:
    """Objects as dicts or `Members`, numbers as `Number`; ValueError, RecursionError where it is no JSON."""
    return json.loads(
        text, object_pairs_hook=_members, parse_int=Number, parse_float=Number, parse_constant=_no_json
    )


def _no_json(text: str) -> object:
    raise json.JSONDecodeError(f"{text} is no JSON", "", 0)


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    twice = Members(members)
    twice.pairs = tuple(pairs)
    return twice


def text_faults(text: str, value: object) -> Iterator[Fault]:
    """What C-core's parser refuses and others take: a key twice, half a surrogate, deep nesting."""
    if text.count("{") + text.count("[") > CORE_DEPTH and _depth(text) > CORE_DEPTH:
        why = f"nested deeper than {CORE_DEPTH} levels"
        yield Fault((), Kind.REJECTED, (Runtime.CORE,), why)
    if _SURROGATE.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            yield Fault((), Kind.REJECTED, (Runtime.CORE,), "half of a surrogate pair in a string")
    yield from _twice(value)


def _twice(value: object) -> Iterator[Fault]:
    todo: list[tuple[_Link, object]] = [(None, value)]
    while todo:
        link, value = todo.pop()
        if isinstance(value, dict):
            if isinstance(value, Members):
                seen: set[str] = set()
                for key, _ in value.pairs:
                    if key in seen:
                        at = _pointer((link, key))
                        yield Fault(at, Kind.REJECTED, (Runtime.CORE,), "this key stands twice")
                    seen.add(key)
            todo.extend(((link, key), one) for key, one in value.items() if isinstance(one, dict | list))
        elif isinstance(value, list):
            todo.extend(((link, str(i)), one) for i, one in enumerate(value) if isinstance(one, dict | list))


_Link = tuple["_Link", str] | None
"""The names on the way to a value, the last first: siblings share all but one."""


def _pointer(link: _Link) -> Pointer:
    names: list[str] = []
    while link is not None:
        link, name = link
        names.append(name)
    return tuple(reversed(names[-DEEPEST:]))


def _depth(text: str) -> int:
    depth = deepest = 0
    for found in _TOKEN.finditer(text):
        if found[0] in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif found[0] in "}]":
            depth -= 1
    return deepest


class Places:
    """Where values stand in a text, worked out at the first question: offsets of a key in an object (the last
    one of those that stand twice), of an element in a list, and of the text's begin. A place that is not
    there stands where the nearest one around it does."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._offsets: dict[Pointer, int] | None = None
        self._starts: list[int] = []

    def offset(self, at: Pointer) -> int:
        if self._offsets is None:
            self._offsets = dict(_offsets(self._text))
        while at and at not in self._offsets:
            at = at[:-1]
        return self._offsets.get(at, 0)

    def line(self, at: Pointer) -> tuple[int, int]:
        """Line and column, both from 1, in characters."""
        if not self._starts:
            self._starts = list(accumulate((len(one) + 1 for one in self._text.split("\n")), initial=0))
        offset = self.offset(at)
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


class _Open:
    __slots__ = ("at", "index", "key", "key_at")

    def __init__(self, at: Pointer, index: int) -> None:
        self.at, self.index, self.key, self.key_at = at, index, "", 0


def _offsets(text: str) -> Iterator[tuple[Pointer, int]]:
    """Of a text that is JSON; of any other they end somewhere."""
    stack: list[_Open] = []
    name = True  # a string that comes now is a key
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token in "}]":
            if stack:
                stack.pop()
            name = False
            continue
        if token == ",":
            if stack and stack[-1].index >= 0:
                stack[-1].index += 1
            name = bool(stack) and stack[-1].index < 0
            continue
        if token == ":":
            name = False
            continue
        if name and stack and stack[-1].index < 0 and token[0] == '"':
            try:
                stack[-1].key = str(json.loads(token, strict=False))
            except ValueError:
                return
            stack[-1].key_at = found.start()
            continue
        at: Pointer = ()
        begin = found.start()
        if stack:
            top = stack[-1]
            at = (*top.at, top.key if top.index < 0 else str(top.index)) if len(stack) <= DEEPEST else ()
            begin = top.key_at if top.index < 0 else begin
        if len(stack) <= DEEPEST:
            yield at, begin
        if token in "{[":
            stack.append(_Open(at, -1 if token == "{" else 0))
            name = token == "{"


def syntax_fault(error: json.JSONDecodeError) -> Fault:
    return Fault((), Kind.REJECTED, BOTH, f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]}")
