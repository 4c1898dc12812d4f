"""YAML as plain values, the way the tool behind us reads it, from input that nobody vouches for.

Built from libyaml's events: PyYAML's composer recurses in C and knows no bound, and its resolver is the one
of YAML 1.1, where `no` is false and 2024-01-01 a date. Here a scalar is what oasdiff's reader (yaml.v3, the
core schema of YAML 1.2) makes of it; keys are text as it is written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from contextlib import suppress

import yaml

from workspai_hooks.contracts.openapi.bounds import MAX_DEPTH, MAX_VALUES, Empty, Twice, Unreadable
from workspai_hooks.patterns import regex

Pointer = tuple[str, ...]

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {name: name[0] in "tT" for name in ("true", "True", "TRUE", "false", "False", "FALSE")}
_NUMBER_STARTS = frozenset("+-.0123456789")
_INT = regex(r"[-+]?(?:0|[1-9][0-9_]{0,99})")
_BASED = regex(r"([-+]?)0([xob]?)([0-9a-fA-F_]{1,100})")
_BASES = {"x": 16, "o": 8, "b": 2, "": 8}
_FLOAT = regex(r"[-+]?(?:\.[0-9]{1,400}|[0-9]{1,400}(?:\.[0-9]{0,400})?)(?:[eE][-+]?[0-9]{1,9})?")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Cut(Exception):
    """Raised by a watcher that has seen enough."""


Watcher = Callable[[Pointer, int, int], None]
"""Told of every value: where it is, and the line and column (from 1) of its key, or of itself in a list."""


def read_yaml(data: bytes, *, strict: bool = True) -> object:
    """The one document of a text; `Unreadable` says why not and where.

    `strict` refuses a key that stands twice; otherwise the last one counts, as in JSON.
    """
    return _Builder(strict).build(data)


def yaml_lines(data: bytes, wanted: Collection[Pointer]) -> dict[Pointer, tuple[int, int]]:
    """Line and column of values by their pointers; those that are not there are left out."""
    missing = set(wanted)
    found: dict[Pointer, tuple[int, int]] = {}

    def watch(pointer: Pointer, line: int, column: int) -> None:
        if pointer in missing:
            found[pointer] = (line, column)
            missing.discard(pointer)
            if not missing:
                raise Cut

    with suppress(Cut, Unreadable):
        _Builder(strict=False, watch=watch).build(data)
    return found


def _told(error: yaml.YAMLError, data: bytes) -> Unreadable:
    if isinstance(error, yaml.reader.ReaderError):
        at = error.position if isinstance(error.position, int) else 0
        return Unreadable(f"holds what no YAML may: {error.reason}", data.count(b"\n", 0, at) + 1)
    mark = getattr(error, "problem_mark", None)
    return Unreadable(str(getattr(error, "problem", None) or "not valid YAML"), mark.line + 1 if mark else 1)


class _Open:
    """A collection whose end has not come yet. `pointer` is kept only for a watcher."""

    __slots__ = ("anchor", "items", "key", "line", "members", "merged", "pointer", "size", "waiting")

    def __init__(self, mapping: bool, line: int, anchor: str | None, pointer: Pointer) -> None:
        self.members: dict[str, object] | None = {} if mapping else None
        self.items: list[object] = []
        self.key: str | None = None
        self.waiting = False
        self.merged: list[object] = []
        self.line = line
        self.anchor = anchor
        self.pointer = pointer
        self.size = 1


class _Builder:
    def __init__(self, strict: bool, watch: Watcher | None = None) -> None:
        self._strict = strict
        self._watch = watch
        self._anchors: dict[str, tuple[object, int]] = {}
        self._open_anchors: list[str] = []
        self._stack: list[_Open] = []
        self._result: object = None
        self._documents = 0

    def build(self, data: bytes) -> object:
        try:
            self._run(data)
        except yaml.YAMLError as error:
            raise _told(error, data) from error
        except UnicodeDecodeError as error:
            raise Unreadable("not UTF-8 text", data[: error.start].count(b"\n") + 1) from error
        if self._documents != 1:
            raise Empty("holds no document")
        return self._result

    def _run(self, data: bytes) -> None:
        stack = self._stack
        for event in yaml.parse(data, Loader=_LOADER):
            mark = event.start_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event, line, column)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close(line)
            elif isinstance(event, yaml.CollectionStartEvent):
                if len(stack) >= MAX_DEPTH:
                    raise Unreadable(f"nested deeper than {MAX_DEPTH} levels", line)
                mapping = isinstance(event, yaml.MappingStartEvent)
                if stack and stack[-1].members is not None and not stack[-1].waiting:
                    raise Unreadable("a key that is no text", line)
                pointer = self._seen(line, column)
                stack.append(_Open(mapping, line, event.anchor, pointer))
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event, line, column)
            elif isinstance(event, yaml.DocumentStartEvent):
                self._documents += 1
                if self._documents > 1:
                    raise Unreadable("holds more than one document: keep one description in a file", line)
                self._anchors = {}

    def _scalar(self, event: yaml.ScalarEvent, line: int, column: int) -> None:
        text: str = event.value
        stack = self._stack
        if stack and stack[-1].members is not None and not stack[-1].waiting:
            top = stack[-1]
            if event.anchor:
                self._anchors[event.anchor] = (text, 1)
            plain_merge = text == "<<" and event.implicit[0]
            if text in top.members and self._strict and not plain_merge:  # type: ignore[operator]
                raise Twice(f"the key {text[:80]!r} stands twice", line)
            top.key, top.waiting, top.line = text, True, line
            if plain_merge:
                top.key = None
            if self._watch is not None and top.key is not None:
                self._watch((*top.pointer, text), line, column)
            return
        self._seen(line, column)
        value = resolved(text) if event.implicit[0] or _is_plain_tag(event.tag) else text
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._add(value, 1, line)

    def _alias(self, event: yaml.AliasEvent, line: int, column: int) -> None:
        name = event.anchor or ""
        if any(opened.anchor == name for opened in self._stack):
            raise Unreadable(f"the alias *{name[:80]} stands inside of what it names", line)
        if name not in self._anchors:
            raise Unreadable("an alias (*name) names nothing in this document", line)
        stack = self._stack
        value, size = self._anchors[name]
        if stack and stack[-1].members is not None and not stack[-1].waiting:
            if not isinstance(value, str):
                raise Unreadable("a key that is no text", line)
            stack[-1].key, stack[-1].waiting = value, True
            return
        self._seen(line, column)
        self._add(value, size, line)

    def _close(self, line: int) -> None:
        done = self._stack.pop()
        value: object = done.items
        if done.members is not None:
            if done.merged:
                inherited: dict[str, object] = {}
                for base in reversed(done.merged):
                    inherited.update(base)  # type: ignore[call-overload]
                done.members = {**inherited, **done.members}
            value = done.members
        if done.anchor:
            self._anchors[done.anchor] = (value, done.size)
        self._add(value, done.size, done.line)

    def _seen(self, line: int, column: int) -> Pointer:
        """Where the value that begins here will be; list items are told to the watcher."""
        if self._watch is None or not self._stack:
            return ()
        top = self._stack[-1]
        if top.members is not None:
            return (*top.pointer, top.key) if top.key is not None else (*top.pointer, "<<")
        pointer = (*top.pointer, str(len(top.items)))
        self._watch(pointer, line, column)
        return pointer

    def _add(self, value: object, size: int, line: int) -> None:
        if not self._stack:
            self._result = value
            return
        top = self._stack[-1]
        top.size += size
        if top.size > MAX_VALUES:
            raise Unreadable(f"holds more than {MAX_VALUES:,} values once its aliases are written out", line)
        if top.members is None:
            top.items.append(value)
        elif top.key is not None:
            top.members[top.key] = value
            top.waiting = False
        else:
            top.waiting = False
            bases = value if isinstance(value, list) else [value]
            if not all(isinstance(base, dict) for base in bases):
                raise Unreadable("a merge key (<<) of what is no mapping", line)
            top.merged.extend(bases)


def _is_plain_tag(tag: str | None) -> bool:
    """An explicit tag of the core schema other than text: `!!int "1"` is a number."""
    return tag is not None and tag.startswith("tag:yaml.org,2002:") and not tag.endswith((":str", ":binary"))


def resolved(text: str) -> object:
    """A plain scalar's value."""
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _INT.fullmatch(text):
        return _number(int(text.replace("_", "")))
    if found := _BASED.fullmatch(text):
        sign, base, digits = found.groups()
        try:
            return _number(int(sign + digits.replace("_", ""), _BASES[base]))
        except ValueError:
            pass
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text


def _number(number: int) -> int | float:
    """A whole number as a program would hold it: one of more than 64 bits is a float."""
    return number if -(2**63) <= number < 2**64 else float(number)
