"""Service configs that code holds: the text or value of a literal, and where its parts stand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import msgspec
from msgspec.structs import replace
from tree_sitter import Node

from workspai_hooks.errors import Undecided
from workspai_hooks.resilience.deadlines.site import SourceFile
from workspai_hooks.resilience.grpc.faults import faults_of
from workspai_hooks.resilience.grpc.reading import read_text, read_value
from workspai_hooks.resilience.grpc.said import said_of
from workspai_hooks.resilience.grpc.text import Number, Places
from workspai_hooks.resilience.grpc.values import Config, Pointer, Runtime
from workspai_hooks.resilience.reading import Fault, Read
from workspai_hooks.resilience.said import Said
from workspai_hooks.source import Location

Where = Callable[[Pointer], Location]


class Unknown:
    """A value that only a run of the program would tell."""


UNKNOWN = Unknown()


class Held(msgspec.Struct, frozen=True):
    """A config in a file of code."""

    config: Config
    where: Where


def read_of(path: str, held: Collection[Held], runtimes: Collection[Runtime]) -> Read:
    """What a file's configs say for its service's calls, and their faults for those who may read them."""
    said: list[Said] = []
    faults: list[Fault] = []
    for number, one in enumerate(held):
        said += said_of(one.config, one.where, path)
        part = f"config {number + 1}" if number else ""
        faults += faults_of(path, one.config, one.where, runtimes, part)
    return Read(tuple(said), faults=tuple(faults))


def template(path: str, line: int) -> Read:
    """Of a config whose text is made while the program runs."""
    why = "the service config there is put together while the program runs"
    return Read(undecided=(Undecided(f"{path}:{line}", why, "write it as one literal"),))


def of_text(path: str, text: str, begin: tuple[int, int], verbatim: bool) -> Held:
    """Of a literal whose content begins at a line and column; not `verbatim`: places in it are its begin."""
    places = Places(text)

    def where(at: Pointer) -> Location:
        if not verbatim:
            return Location(path, *begin)
        line, column = places.line(at)
        return Location(path, begin[0] + line - 1, column + (begin[1] - 1 if line == 1 else 0))

    return Held(read_text(text), where)


def of_value(path: str, value: object, places: dict[Pointer, tuple[int, int]]) -> Held:
    """Of a literal value; what is `UNKNOWN` in it may be right."""
    config = read_value(value)
    faults = tuple(one for one in config.faults if not _hangs_on_unknown(value, one.at))

    def where(at: Pointer) -> Location:
        while at and at not in places:
            at = at[:-1]
        return Location(path, *places.get(at, (1, 1)))

    return Held(replace(config, faults=faults), where)


def _hangs_on_unknown(value: object, at: Pointer) -> bool:
    if value is UNKNOWN:
        return True
    for name in at:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list):
            value = value[int(name)] if name.isdigit() and int(name) < len(value) else None
        if value is UNKNOWN:
            return True
    return isinstance(value, dict | list) and _has_unknown(value)


def _has_unknown(value: object) -> bool:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(one is UNKNOWN for one in children)


def nodes_of(file: SourceFile) -> Iterator[Node]:
    """All nodes of a file, in no order."""
    waiting = [file.nodes.root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.children


def number(text: str) -> object:
    """A number as JSON has it; what is no such number is not known."""
    plain = text.replace("_", "")
    whole = plain.removeprefix("-").replace(".", "", 1)
    return Number(plain) if whole.isdigit() and not plain.endswith(".") else UNKNOWN
