"""YAML as a tree with lines, from input that nobody vouches for.

Built from libyaml's events: PyYAML's own composer recurses in C and crashes the process on deep nesting.
Tags are never followed, every scalar is text, an alias is its anchor's node (never a copy), and depth and
number of nodes are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from workspai_hooks.deferred import deferred

if TYPE_CHECKING:
    import yaml
else:
    yaml = deferred("yaml")

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 60
MAX_NODES = 200_000


class YamlError(ValueError):
    """The text can't be read as YAML, or goes past a bound. `line` is where, counted from 1."""

    def __init__(self, why: str, line: int) -> None:
        super().__init__(why)
        self.line = line


class Node(msgspec.Struct, frozen=True):
    """A scalar (`text`), a mapping (`members`: key -> line of the key and value) or a sequence (`items`).

    What isn't there is an empty node, so that a path through hostile input never raises.
    """

    line: int = 1
    text: str = ""
    members: dict[str, tuple[int, Node]] = msgspec.field(default_factory=dict)
    items: tuple[Node, ...] = ()

    def at(self, *keys: str) -> Node:
        """The node under these keys, one inside the other."""
        node = self
        for key in keys:
            node = node.members.get(key, (0, EMPTY))[1]
        return node

    def __bool__(self) -> bool:
        return bool(self.text or self.members or self.items)

    def texts(self) -> list[str]:
        """A scalar, or the scalars of a sequence."""
        return [self.text] if self.text else [item.text for item in self.items if item.text]

    def scalars(self) -> dict[str, str]:
        """The scalar members of a mapping."""
        return {key: value.text for key, (_, value) in self.members.items() if value.text}


EMPTY = Node()


def documents(data: bytes, first_line: int = 1, lines: Sequence[int] = ()) -> Iterator[Node]:
    """The documents of a YAML stream; raises `YamlError`. `first_line` is the line that `data` starts on;
    where its lines are not in a row, `lines` has each one's number."""
    if len(data) > MAX_BYTES:
        raise YamlError(f"larger than {MAX_BYTES // 1024} KiB", first_line)
    try:
        yield from _build(data, first_line, lines)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark else 0)
        raise YamlError(str(getattr(error, "problem", None) or "not valid YAML"), line) from error
    except UnicodeDecodeError as error:
        raise YamlError("not UTF-8 text", first_line) from error


def _build(data: bytes, first_line: int, lines: Sequence[int]) -> Iterator[Node]:
    anchors: dict[str, Node] = {}
    stack: list[_Open] = []
    nodes = 0
    for event in yaml.parse(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        at = event.start_mark.line if event.start_mark else 0
        line = lines[at] if at < len(lines) else first_line + at
        if isinstance(event, yaml.ScalarEvent):
            done = Node(line, event.value)
        elif isinstance(event, yaml.AliasEvent):
            done = anchors.get(event.anchor or "", EMPTY)
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(stack) >= MAX_DEPTH:
                raise YamlError(f"nested deeper than {MAX_DEPTH} levels", line)
            stack.append(_Open(isinstance(event, yaml.MappingStartEvent), line, event.anchor))
            continue
        elif isinstance(event, yaml.CollectionEndEvent):
            opened = stack.pop()
            done = opened.node()
            if opened.anchor:
                anchors[opened.anchor] = done
        else:
            if isinstance(event, yaml.DocumentStartEvent):
                anchors = {}
            continue
        if isinstance(event, yaml.ScalarEvent) and event.anchor:
            anchors[event.anchor] = done
        nodes += 1 + len(done.members)
        if nodes > MAX_NODES:
            raise YamlError(f"more than {MAX_NODES} nodes", line)
        if stack:
            stack[-1].add(done, line)
        else:
            yield done


class _Open:
    """A collection whose end has not come yet."""

    def __init__(self, mapping: bool, line: int, anchor: str | None) -> None:
        self.mapping = mapping
        self.line = line
        self.anchor = anchor
        self.key: tuple[str, int] | None = None
        self.members: dict[str, tuple[int, Node]] = {}
        self.inherited: dict[str, tuple[int, Node]] = {}
        self.items: list[Node] = []

    def add(self, node: Node, line: int) -> None:
        if not self.mapping:
            self.items.append(node)
        elif self.key is None:
            self.key = (node.text, line)
        else:
            key, key_line = self.key
            self.key = None
            if key == "<<":
                for base in node.items or (node,):
                    self.inherited = {**base.members, **self.inherited}
            else:
                self.members[key] = (key_line, node)

    def node(self) -> Node:
        return Node(self.line, "", {**self.inherited, **self.members}, tuple(self.items))
