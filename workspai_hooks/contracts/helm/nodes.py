"""YAML as a tree with types and places, from input that nobody vouches for.

Built from libyaml's events: PyYAML's own composer recurses in C and crashes the process on deep nesting.
Tags are never followed but for the types of YAML 1.1 that kubectl and helm know, an alias is its anchor's
node (never a copy), and depth, size and what aliases would grow to are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import msgspec
import yaml

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location

MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 100
MAX_NODES = 300_000
"""So many nodes of a document with its aliases written out: about two seconds of reading."""

Scalar = str | int | float | bool | None
Plain = Scalar | list["Plain"] | dict[str, "Plain"]
Step = str | int
"""A key of a mapping or a position in a sequence."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_INT = regex(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_OTHER_INT = regex(r"[-+]?0(?:x[0-9a-fA-F]{1,15}|o?[0-7]{1,18}|b[01]{1,60})")
_FLOAT = regex(r"[-+]?(?:[0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18}|[0-9]{1,18}(?=[eE]))(?:[eE][-+]?[0-9]{1,3})?")
_BOM = b"\xef\xbb\xbf"


class YamlError(ValueError):
    """The text can't be read as YAML, or goes past a bound. `line` is where, counted from 1."""

    def __init__(self, why: str, line: int) -> None:
        super().__init__(why)
        self.line = line


class Node(msgspec.Struct, frozen=True, dict=True):
    """A scalar (`value`), a mapping (`members`: key -> place of the key and value) or a sequence (`items`).

    `size` counts its nodes with aliases written out; `again` are keys that a mapping in it gives twice.
    """

    place: Location
    value: Scalar = None
    members: dict[str, tuple[Location, Node]] | None = None
    items: tuple[Node, ...] | None = None
    size: int = 1

    @property
    def type(self) -> str:
        """`map`, `list`, or the type of a scalar: `string`, `number`, `bool`, `null`."""
        if self.members is not None:
            return "map"
        if self.items is not None:
            return "list"
        if self.value is None:
            return "null"
        if isinstance(self.value, bool):
            return "bool"
        return "string" if isinstance(self.value, str) else "number"

    def child(self, step: Step) -> Node | None:
        """The node under a key, or at a position."""
        if isinstance(step, str):
            found = (self.members or {}).get(step)
            return found[1] if found else None
        items = self.items or ()
        return items[step] if 0 <= step < len(items) else None

    def at(self, *path: Step) -> Node | None:
        """The node under these steps, one inside the other."""
        node: Node | None = self
        for step in path:
            node = node.child(step) if node is not None else None
        return node

    def text(self, *path: Step) -> str:
        """The scalar there as text; empty where there is none."""
        node = self.at(*path)
        return "" if node is None or node.value is None else as_text(node.value)

    def nearest(self, *path: Step) -> Location:
        """Where the path stands, as far as it exists: the place of the last key that is there."""
        node, place = self, self.place
        for step in path:
            inner = node.child(step)
            if inner is None:
                break
            place = (node.members or {})[step][0] if isinstance(step, str) else inner.place
            node = inner
        return place

    def plain(self) -> Plain:
        """The value without places, made once; what aliases share is shared there, too. Not to be changed."""
        return self._as_plain

    @cached_property
    def _as_plain(self) -> Plain:
        return _plain(self, {})


def _plain(node: Node, known: dict[int, Plain]) -> Plain:
    if node.members is None and node.items is None:
        return node.value
    made = known.get(id(node))
    if made is None:
        if node.members is not None:
            made = {key: _plain(inner, known) for key, (_, inner) in node.members.items()}
        else:
            made = [_plain(inner, known) for inner in node.items or ()]
        known[id(node)] = made
    return made


def as_text(value: Scalar) -> str:
    """A scalar as YAML writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


class Repeated(msgspec.Struct, frozen=True, order=True):
    """A key that a mapping gives twice: where it stands again, and the line of the first."""

    place: Location
    key: str
    first: int


class Read(msgspec.Struct, frozen=True):
    """The documents of a text (empty ones left out), and what it gives twice."""

    documents: tuple[Node, ...]
    repeated: tuple[Repeated, ...] = ()


def read(path: str, data: bytes, first_line: int = 1) -> Read:
    """A YAML (or JSON) text as trees; raises `YamlError`. `first_line` is the line that `data` starts on."""
    if len(data) > MAX_BYTES:
        raise YamlError(f"larger than {MAX_BYTES // 1024} KiB", first_line)
    if data.startswith(_BOM):
        data = data[len(_BOM) :]
    reader = _Reader(path, first_line)
    try:
        return Read(tuple(reader.documents(data)), tuple(sorted(reader.repeated)))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "not valid YAML")
        line = mark.line if mark else data.count(b"\n", 0, getattr(error, "position", 0) or 0)
        raise YamlError(why, first_line + line) from error
    except UnicodeDecodeError as error:
        raise YamlError("not UTF-8 text", first_line) from error


def read_inside(path: str, node: Node) -> Read:
    """Read a text that stands as a value in another file. Its lines are those of the file where the text is a
    block (`|`), which begins below its key; a text in one line is all in that line."""
    text = str(node.value)
    return read(path, text.encode(), node.place.line + (1 if "\n" in text.strip() else 0))


class _Reader:
    def __init__(self, path: str, first_line: int) -> None:
        self.path = path
        self.repeated: list[Repeated] = []
        self._first = first_line

    def documents(self, data: bytes) -> Iterator[Node]:
        anchors: dict[str, Node] = {}
        stack: list[_Open] = []
        count = 0
        for event in yaml.parse(data, Loader=_LOADER):
            mark = event.start_mark
            place = Location(
                self.path, self._first + (mark.line if mark else 0), (mark.column if mark else 0) + 1
            )
            if isinstance(event, yaml.ScalarEvent):
                done = Node(place, _value(event))
                if event.anchor:
                    anchors[event.anchor] = done
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in anchors:
                    raise YamlError("an alias (*name) has no anchor before it in its document", place.line)
                done = anchors[event.anchor]
            elif isinstance(event, yaml.CollectionStartEvent):
                if len(stack) >= MAX_DEPTH:
                    raise YamlError(f"nested deeper than {MAX_DEPTH} levels", place.line)
                stack.append(_Open(isinstance(event, yaml.MappingStartEvent), place, event.anchor))
                continue
            elif isinstance(event, yaml.CollectionEndEvent):
                opened = stack.pop()
                done = opened.node()
                self.repeated += opened.repeated
                if opened.anchor:
                    anchors[opened.anchor] = done
            else:
                anchors = {} if isinstance(event, yaml.DocumentStartEvent) else anchors
                continue
            count += 1
            if count > MAX_NODES or done.size > MAX_NODES:
                raise YamlError(f"more than {MAX_NODES} nodes, aliases written out", place.line)
            if stack:
                stack[-1].add(done, place)
            elif done.value is not None or done.members is not None or done.items is not None:
                yield done


class _Open:
    """A collection whose end has not come yet."""

    def __init__(self, mapping: bool, place: Location, anchor: str | None) -> None:
        self.anchor = anchor
        self.repeated: list[Repeated] = []
        self._mapping = mapping
        self._place = place
        self._key: tuple[str, Location] | None = None
        self._members: dict[str, tuple[Location, Node]] = {}
        self._merged: dict[str, tuple[Location, Node]] = {}
        self._items: list[Node] = []
        self._size = 1

    def add(self, node: Node, place: Location) -> None:
        self._size += node.size
        if not self._mapping:
            self._items.append(node)
        elif self._key is None:
            self._key = (as_text(node.value), place)
        else:
            (key, at), self._key = self._key, None
            if key == "<<" and (node.members is not None or node.items is not None):
                for base in node.items or (node,):
                    self._merged = {**(base.members or {}), **self._merged}
                return
            if key in self._members:
                self.repeated.append(Repeated(at, key, self._members[key][0].line))
            self._members[key] = (at, node)

    def node(self) -> Node:
        if self._mapping:
            return Node(self._place, None, {**self._merged, **self._members}, None, self._size)
        return Node(self._place, None, None, tuple(self._items), self._size)


def _value(event: yaml.ScalarEvent) -> Scalar:
    """The scalar's value by the rules of YAML 1.1, as sigs.k8s.io/yaml resolves it."""
    text = str(event.value)
    if not event.implicit[0]:
        return _tagged(event.tag, text)
    if text in _NULL:
        return None
    if (
        len(text) <= 5
        and text.lower() in _TRUE | _FALSE
        and text in (text.lower(), text.upper(), text.title())
    ):
        return text.lower() in _TRUE
    if len(text) > 64:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _OTHER_INT.fullmatch(text):
        return int(text, 0) if text.lstrip("+-")[1:2].isalpha() else int(text, 8)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _tagged(tag: str | None, text: str) -> Scalar:
    if tag == "tag:yaml.org,2002:int" and _INT.fullmatch(text):
        return int(text)
    if tag == "tag:yaml.org,2002:bool" and text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    return None if tag == "tag:yaml.org,2002:null" else text
