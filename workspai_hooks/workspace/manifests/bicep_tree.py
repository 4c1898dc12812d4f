"""Bicep as a tree: parameters, variables, modules and resources, with texts whose open places are `${name}`.

No expression is computed. Of a condition the first way that is an object, a list or a text is taken, of a
call the lists that it is given; what is left has no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.manifests.yaml_tree import EMPTY, Node

MAX_BYTES = 512 * 1024
_MAX_DEPTH = 40
_STATEMENT = regex(
    r"(?m)^[ \t]{0,20}(?:(param|var)[ \t]{1,8}(\w{1,80})(?:[ \t]{1,8}[\w.|?\[\]]{1,80})?[ \t]{0,8}(?:=|$)"
    r"|(resource|module)[ \t]{1,8}(\w{1,80})[ \t]{1,8}'([^'\n]{1,200})'[ \t]{0,8}(existing[ \t]{0,8})?=)"
)
_SPACE = regex(r"(?:[ \t\r]|//[^\n]*|#[^\n]*|/\*(?:[^*]|\*(?!/)){0,4000}\*/)*")
_SPACES = regex(r"(?:\s|//[^\n]*|#[^\n]*|/\*(?:[^*]|\*(?!/)){0,4000}\*/)*")
_KEY = regex(r"(?:([\w-]{1,100})|'([^'\n$]{1,100})')[ \t]{0,8}:")
_PATH = regex(r"[A-Za-z_]\w{0,80}(?:\.[A-Za-z_]\w{0,80}){0,6}")
_NUMBER = regex(r"\d{1,10}\b")
_JOINS = frozenset({"${union}", "${concat}"})
_CONDITION = regex(r"if[ \t]{0,8}\(")
_LOOP = regex(r"for\b[^\n:]{1,200}:")


class Statement(msgspec.Struct, frozen=True):
    """`kind`: param, var, resource, module. `target`: a resource's type with its version, a module's path."""

    kind: str
    name: str
    target: str
    line: int
    value: Node


def statements(text: str) -> Iterator[Statement]:
    """The statements of a file; resources that only name what exists are left out."""
    at = 0
    text = text[:MAX_BYTES]
    while match := _STATEMENT.search(text, at):
        at = match.end()
        kind, name = match[1] or match[3], match[2] or match[4]
        if match[6]:
            continue
        value = EMPTY
        if match[0].endswith("="):
            value, at = _Reader(text).value(match.end(), 0)
        yield Statement(kind, name, match[5] or "", text.count("\n", 0, match.start()) + 1, value)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._counted = (0, 1)

    def value(self, at: int, depth: int) -> tuple[Node, int]:
        """What begins here, up to the end of its line, and where it ends."""
        at = self._past(_SPACE, at)
        if condition := _CONDITION.match(self._text, at):
            at = self._past(_SPACE, self._closed(condition.end() - 1))
        line = self._line(at)
        texts: list[str] = []
        inner: list[Node] = []
        while at < len(self._text) and depth < _MAX_DEPTH:
            char = self._text[at]
            if char == "'":
                said, at = self._quoted(at)
                texts.append(said)
            elif char == "{" or (char == "[" and not self._is_index(at)):
                node, at = self._object(at, depth) if char == "{" else self._list(at, depth)
                inner.append(node)
            elif char == "(":
                joins = bool(texts) and texts[-1] in _JOINS
                node, at = self._given(at, depth, joins)
                inner += [node] if node else []
                if texts and texts[-1].startswith("${"):
                    texts[-1] = ""  # a call's name
            elif char == "[":
                at = self._closed(at)
            elif number := _NUMBER.match(self._text, at):
                texts.append(number[0])
                at = number.end()
            elif match := _PATH.match(self._text, at):
                texts.append(f"${{{match[0]}}}")
                at = match.end()
            elif char in "\n,}])" or self._text.startswith("//", at):
                break
            else:
                if char in "?:" and self._text[at + 1 : at + 2] != char:
                    texts.append("")  # what stood before is a condition, or the first way
                at += 1
            at = self._past(_SPACE, at)
        return self._chosen(texts, inner, line), max(at, 0)

    def _chosen(self, texts: list[str], inner: list[Node], line: int) -> Node:
        lists = [item for node in inner for item in node.items]
        if lists:
            return Node(line, items=tuple(lists))
        if inner:
            return inner[0]
        if "" in texts:  # a condition's ways stand behind it
            texts = [one for one in texts[texts.index("") + 1 :] if one][:1]
        return Node(line, texts[0] if len(texts) == 1 and texts[0] != "${null}" else "")

    def _object(self, at: int, depth: int) -> tuple[Node, int]:
        line, members = self._line(at), {}
        at = self._past(_SPACES, at + 1)
        while at < len(self._text) and self._text[at] != "}":
            if key := _KEY.match(self._text, at):
                place = self._line(at)
                value, at = self.value(key.end(), depth + 1)
                members[key[1] or key[2]] = (place, value)
            else:
                at += 1
            at = self._past(_SPACES, at)
        return Node(line, members=members), at + 1

    def _list(self, at: int, depth: int) -> tuple[Node, int]:
        line, items = self._line(at), []
        at = self._past(_SPACES, at + 1)
        if loop := _LOOP.match(self._text, at):
            at = self._past(_SPACES, loop.end())
        while at < len(self._text) and self._text[at] != "]":
            start = at
            item, at = self.value(at, depth + 1)
            items.append(item)
            at = self._past(_SPACES, at if at > start else at + 1)
            if self._text[at : at + 1] == ",":
                at = self._past(_SPACES, at + 1)
        return Node(line, items=tuple(items)), at + 1

    def _given(self, at: int, depth: int, joins: bool) -> tuple[Node, int]:
        """The lists and objects that a call is given; names of such ones where it joins them."""
        end, found, members = self._closed(at), list[Node](), dict[str, tuple[int, Node]]()
        at = self._past(_SPACES, at + 1)
        while at < end - 1:
            start = at
            node, at = self.value(at, depth + 1)
            found += [node] if joins and node.text.startswith("${") else node.items
            members.update(node.members)
            at = self._past(_SPACES, at if at > start else at + 1)
            if self._text[at : at + 1] == ",":
                at = self._past(_SPACES, at + 1)
        named = [node for node in found if not node.text]
        return Node(self._line(end - 1), members=members, items=tuple(found if named else ())), end

    def _quoted(self, at: int) -> tuple[str, int]:
        """A text: what stands in it for a path keeps its place, for anything else it is nobody's."""
        if self._text.startswith("'''", at):
            end = self._text.find("'''", at + 3)
            return self._text[at + 3 : end], end + 3 if end >= 0 else len(self._text)
        said, at = [], at + 1
        while at < len(self._text) and self._text[at] not in "'\n":
            if self._text.startswith("${", at):
                end = self._closed(at + 1)
                inside = self._text[at + 2 : end - 1].strip()
                said.append(f"${{{inside}}}" if _PATH.fullmatch(inside) else "${?}")
                at = end
            else:
                at += self._text[at] == "\\"
                said.append(self._text[at : at + 1])
                at += 1
        return "".join(said), at + 1

    def _closed(self, at: int) -> int:
        """Past the bracket that closes the one here."""
        pairs, stack = {"(": ")", "[": "]", "{": "}"}, []
        for match in re.compile(r"[()\[\]{}]|'(?:[^'\\\n$]|\\.|\$(?!\{))*'").finditer(self._text, at):
            if match[0] in pairs:
                stack.append(pairs[match[0]])
            elif stack and match[0] == stack[-1]:
                stack.pop()
            if not stack:
                return match.end()
        return len(self._text)

    def _is_index(self, at: int) -> bool:
        return self._text[at - 1 : at].isalnum() or self._text[at - 1 : at] in ("_", ")", "]")

    def _past(self, spaces: re.Pattern[str], at: int) -> int:
        match = spaces.match(self._text, at)
        return match.end() if match else at

    def _line(self, at: int) -> int:
        """The line of an offset; they are asked for in their order, as a rule."""
        seen, line = self._counted
        if at < seen:
            seen, line = 0, 1
        self._counted = (at, line + self._text.count("\n", seen, at))
        return self._counted[1]
