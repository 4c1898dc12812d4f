"""HCL as rows of text: enough of it to read names, images and environments; expressions stay as written."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from workspai_hooks.patterns import regex

_COMMENT = regex(r"^\s*(?:#|//).*$")
_BLOCK = regex(r"^\s*([\w-]+)((?:\s+\"[^\"]*\")*)\s*(=?)\s*\{\s*$")
_PAIR = regex(r"^\s*\"?([\w.-]+)\"?\s*=\s*(.+?)\s*,?\s*$")
_INLINE = regex(r"^\s*([\w-]+)((?:\s+\"[^\"]*\")*)\s*=?\s*\{\s*(\S.*?)\s*\}\s*$")
_HEREDOC = regex(r"<<[-~]?\"?(\w+)\"?\s*$")
_MAX_LINES = 10_000
_MAX_DEPTH = 30


class Row(msgspec.Struct, frozen=True):
    """`key = text` inside of blocks: (kind, label, line where it begins), the outermost first."""

    blocks: tuple[tuple[str, str, int], ...]
    key: str
    text: str
    line: int

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind, _, _ in self.blocks)

    def within(self, kind: str) -> tuple[str, str, int] | None:
        """The innermost block of this kind."""
        return next((block for block in reversed(self.blocks) if block[0] == kind), None)


def rows(text: str) -> Iterator[Row]:
    """The settings of a file in their order, heredocs left out; a file that is something else gives what it
    gives."""
    blocks: list[tuple[str, str, int]] = []
    ends = ""
    for number, line in enumerate(text.splitlines()[:_MAX_LINES], 1):
        if ends:
            ends = "" if line.strip() == ends else ends
            continue
        if _COMMENT.match(line):
            continue
        if found := _HEREDOC.search(line):
            ends = found[1]
        elif (found := _BLOCK.match(line)) and len(blocks) < _MAX_DEPTH:
            blocks.append((found[1], found[2].strip().strip('"'), number))
        elif found := _INLINE.match(line):
            inner = (*blocks, (found[1], found[2].strip().strip('"'), number))
            for pair in re.findall(r"[\w.-]+\s*=\s*(?:\"[^\"]*\"|[^,\s]+)", found[3]):
                key, _, value = pair.partition("=")
                yield Row(inner, key.strip(), value.strip().strip('"'), number)
        elif re.match(r"^\s*[}\]]", line):
            if blocks and "}" in line:
                blocks.pop()
        elif found := _PAIR.match(line):
            yield Row(tuple(blocks), found[1], _text(found[2]), number)


def _text(written: str) -> str:
    """A quoted text without what follows it, anything else as it is written."""
    quoted = re.match(r'"((?:[^"\\]|\\.)*)"', written)
    return quoted[1] if quoted else written
