"""Texts as values while types are followed, so that a URL is known wherever its pieces were written.

They are `LibraryOf`s with paths that no library can have, for what is in their `args` is carried along and
exchanged for the arguments of a call like any other value: `LibraryOf("'/orders/")` is a text, `(joined)`
several of them, `(ref)NAME` what the environment or a setting holds, `(hole)name` anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workspai_hooks.workspace.http.values import Part
from workspai_hooks.workspace.use_sites.values import (
    Choice,
    LibraryOf,
    ParameterOf,
    Value,
    alternatives,
    join,
)

QUOTE = "'"
JOINED = "(joined)"
REF = "(ref)"
HOLE = "(hole)"
OPERATION = "(operation)"
LONGEST = 300
"""Characters of a text that are kept; a URL is shorter."""
MOST_PARTS = 24
MOST_WAYS = 8
"""So many texts that a value can be are looked at."""


def text(value: str) -> LibraryOf:
    """A literal text."""
    return LibraryOf(QUOTE + value[:LONGEST])


def reference(name: str, default: str | None = None) -> LibraryOf:
    """What the environment or a setting holds under a name."""
    return LibraryOf(REF + name, () if default is None else (text(default),))


def hole(name: str = "") -> LibraryOf:
    """A piece that is not known, by what the source calls it."""
    return LibraryOf(HOLE + name)


def operation(name: str, owner: str, path: str) -> LibraryOf:
    """The URL of the operation that a generated client's function asks for: the function's name, its class,
    and the file that declares it, empty where that is not in the repository."""
    return LibraryOf(OPERATION + name, (text(owner), text(path)))


def is_text(value: Value) -> bool:
    """Whether a value is a text, as far as is known; parameters may be one."""
    return isinstance(value, LibraryOf) and value.path.startswith((QUOTE, JOINED, REF, HOLE))


def says_text(value: Value) -> bool:
    """Whether a value is a text of which something is known."""
    return any(is_text(one) and not _is_hole(one) for one in alternatives(value))


def _is_hole(value: Value) -> bool:
    return isinstance(value, LibraryOf) and value.path.startswith(HOLE)


def literal(value: Value) -> str | None:
    """The text where it is one that stands as it is."""
    return value.path[1:] if isinstance(value, LibraryOf) and value.path.startswith(QUOTE) else None


def piece(value: Value, name: str = "") -> Value:
    """A value as a part of a text; what is none is a hole that is called `name`."""
    if is_text(value) or isinstance(value, ParameterOf):
        return value
    if isinstance(value, Choice):
        known = [one for one in value.values if is_text(one) and not _is_hole(one)]
        return hole(name) if not known else known[0] if len(known) == 1 else join(known)
    return hole(name)


def joined(parts: Iterable[Value]) -> Value:
    """Several texts one after the other."""
    flat: list[Value] = []
    for part in parts:
        inner = part.args if isinstance(part, LibraryOf) and part.path == JOINED else (part,)
        for one in inner:
            before, now = literal(flat[-1]) if flat else None, literal(one)
            if before is not None and now is not None:
                flat[-1] = text(before + now)
            elif now != "":
                flat.append(one)
    if not flat:
        return text("")
    return flat[0] if len(flat) == 1 and is_text(flat[0]) else LibraryOf(JOINED, tuple(flat[:MOST_PARTS]))


def ways(value: Value) -> Iterator[tuple[Part, ...]]:
    """The texts that a value can be, as parts; a few of them where it can be many."""
    found: list[tuple[Part, ...]] = [()]
    for one in value.args if isinstance(value, LibraryOf) and value.path == JOINED else (value,):
        choices = [part for each in alternatives(one) for part in _parts(each)]
        found = [(*way, *choice) for way in found for choice in choices][:MOST_WAYS]
    for way in dict.fromkeys(found):
        yield _merged(way)


def _parts(value: Value) -> Iterator[tuple[Part, ...]]:
    match value:
        case LibraryOf(path) if path.startswith(QUOTE):
            yield (Part("text", path[1:]),)
        case LibraryOf(path, args) if path.startswith(REF):
            default = literal(args[0]) if args else None
            yield (Part("ref", path.removeprefix(REF), default),)
        case LibraryOf(path) if path.startswith(HOLE):
            yield (Part("hole", path.removeprefix(HOLE)),)
        case LibraryOf(path) if path == JOINED:
            yield from ways(value)
        case LibraryOf(path, (owner, file)) if path.startswith(OPERATION):
            yield (
                Part("operation", path.removeprefix(OPERATION), literal(owner)),
                Part("file", literal(file) or ""),
            )
        case _:
            yield (Part("hole", ""),)


def _merged(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    found: list[Part] = []
    for part in parts:
        if found and part.kind == found[-1].kind == "text":
            found[-1] = Part("text", found[-1].text + part.text)
        elif part != Part("text", ""):
            found.append(part)
    return tuple(found)
