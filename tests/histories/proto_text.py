"""A .proto file of one declaration a line, as lines that an edit can find its way in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

_OPEN = re.compile(r"^\s*(message|enum|service|oneof)\s+(\w+)\s*\{")
_FIELD = re.compile(
    r"^(?P<indent>\s*)(?P<label>(?:repeated |optional )?)(?P<type>map<[^>]*>|[\w.]+) (?P<name>\w+)"
    r" = (?P<number>\d+)(?P<options>(?: \[[^\]]*\])?);$"
)
_VALUE = re.compile(r"^(?P<indent>\s*)(?P<name>[A-Z]\w*) = (?P<number>\d+);$")
_RPC = re.compile(
    r"^(?P<indent>\s*)rpc (?P<name>\w+)\((?P<in>(?:stream )?[\w.]+)\) returns"
    r" \((?P<out>(?:stream )?[\w.]+)\);$"
)
_RESERVED = re.compile(r"^\s*reserved (.+);$")


@dataclass
class Block:
    """A message, enum, service or oneof; `start` and `end` are its first and last line."""

    kind: str
    name: str
    start: int
    end: int
    outer: Block | None


@dataclass
class Member:
    """A field, enum value or rpc, and the block that it stands in."""

    kind: str
    line: int
    match: re.Match[str]
    block: Block


@dataclass
class Proto:
    path: str
    lines: list[str]
    blocks: list[Block]
    members: list[Member]

    @property
    def text(self) -> bytes:
        return "\n".join(self.lines).encode()

    @property
    def package(self) -> str:
        return next((line[8:].rstrip(";") for line in self.lines if line.startswith("package ")), "")

    def of(self, kind: str) -> list[Block]:
        return [block for block in self.blocks if block.kind == kind]

    def members_of(self, kind: str) -> list[Member]:
        return [member for member in self.members if member.kind == kind]

    def owner(self, member: Member) -> Block:
        """The message around a field, also where that stands in a oneof."""
        block = member.block
        while block.kind == "oneof" and block.outer is not None:
            block = block.outer
        return block

    def taken(self, block: Block) -> set[int]:
        """Numbers that a message or enum uses or reserves."""
        found = {
            int(member.match["number"])
            for member in self.members
            if member.kind in ("field", "value") and self.owner(member) is block
        }
        for line in self.lines[block.start : block.end]:
            if match := _RESERVED.match(line):
                found |= {int(number) for number in re.findall(r"\b\d+\b", match[1])}
        return found

    def names(self, block: Block) -> set[str]:
        found = {m.match["name"] for m in self.members if m.kind != "rpc" and self.owner(m) is block}
        for line in self.lines[block.start : block.end]:
            if match := _RESERVED.match(line):
                found |= set(re.findall(r'"(\w+)"', match[1]))
        return found


def parse(path: str, text: bytes) -> Proto:
    lines = text.decode().split("\n")
    blocks: list[Block] = []
    members: list[Member] = []
    stack: list[Block] = []
    for number, line in enumerate(lines):
        if match := _OPEN.match(line):
            block = Block(match[1], match[2], number, number, stack[-1] if stack else None)
            blocks.append(block)
            if "}" not in line:
                stack.append(block)
        elif line.strip() == "}" and stack:
            stack.pop().end = number
        elif stack:
            members += _member(number, line, stack[-1])
    return Proto(path, lines, blocks, members)


def _member(number: int, line: str, block: Block) -> Iterator[Member]:
    kinds = {"service": ("rpc", _RPC), "enum": ("value", _VALUE)}
    kind, pattern = kinds.get(block.kind, ("field", _FIELD))
    if match := pattern.match(line):
        yield Member(kind, number, match, block)


def free_number(proto: Proto, block: Block) -> int:
    taken = proto.taken(block)
    return next(number for number in range(1, 1000) if number not in taken)


def new_name(rng: Random, proto: Proto, block: Block, names: tuple[str, ...]) -> str:
    taken = proto.names(block)
    free = [name for name in names if name not in taken] or ["extra"]
    name = rng.choice(free)
    return name if name not in taken else f"{name}{len(taken)}"
