"""How prost and tonic spell names (prost-build: src/ident.rs; the crate heck for the boundaries of words)."""

from __future__ import annotations

import re

MODULE = "::"
"""Behind the name of a module at the beginning of a path, in the tree and among what a file binds."""
TAKEN = frozenset({"self", "super", "extern", "crate", "Self", "_"})
"""Can't be raw; they get an underscore behind."""


def words(name: str) -> list[str]:
    """heck's words: `HTTPRequest2xOk` is HTTP, Request2x, Ok."""
    found: list[str] = []
    for part in re.split(r"[^0-9A-Za-z]+", name):
        found.extend(_split(part))
    return [word for word in found if word]


def _split(part: str) -> list[str]:
    found: list[str] = []
    start, mode = 0, ""
    for index, letter in enumerate(part[:-1]):
        following = part[index + 1]
        after = "lower" if letter.islower() else "upper" if letter.isupper() else mode
        if after == "lower" and following.isupper():
            found.append(part[start : index + 1])
            start, mode = index + 1, ""
        elif mode == "upper" and letter.isupper() and following.islower():
            found.append(part[start:index])
            start, mode = index, ""
        else:
            mode = after
    return [*found, part[start:]]


def snake(name: str) -> str:
    """A field's, a module's or a method's name."""
    word = "_".join(each.lower() for each in words(name))
    return _kept(word)


def camel(name: str) -> str:
    """A type's or a variant's name."""
    return _kept("".join(each[:1].upper() + each[1:].lower() for each in words(name)))


def _kept(word: str) -> str:
    if word[:1].isdigit():
        return f"_{word}"
    return f"{word}_" if word in TAKEN else word


def variant(enum: str, value: str) -> str:
    """`COLOR_DARK_RED` of `Color` is `DarkRed`."""
    prefix, name = camel(enum), camel(value)
    rest = name.removeprefix(prefix)
    return rest if rest != name and rest[:1].isupper() else name
