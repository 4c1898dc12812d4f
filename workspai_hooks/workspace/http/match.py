"""Which operation a request means, and which property a pointer: no sources, no services.

A literal segment of a path must be the same; `{id}` stands for one segment that is put in or written; what
is put in may be anything, so it only likely is a literal segment of the description. Of several operations
the one with the most literal segments wins: `/orders/stats` is not `/orders/{id}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.http.fields_go import ANY_CASE
from workspai_hooks.workspace.http.values import Operation

HOLE = "\x01"
"""Stands in a path for what is put in."""
MOST_BEFORE = 2
"""Segments in front of a described path that a context path, a gateway or a version may have."""
_SLOT = regex(r"\{[^{}/]*\}|:\w+|<[\w:]+>|^\*+$")
_STEP = regex(r"\[\]|[^.\[\]]+|\[")
_STATUS = regex(r"^response\.([1-5](?:\d\d|XX|xx)|default)(?=[.\[]|$)")


class Match(msgspec.Struct, frozen=True, order=True):
    """An operation that a request may mean. `rank`: the better is greater; `sure`: nothing was guessed;
    `open`: the request may mean any operation, for its path is put together when it runs."""

    rank: tuple[int, ...]
    operation: Operation
    sure: bool
    open: bool = False


def operations_of(
    method: str, path: str, operations: Iterable[Operation], begins_open: bool = False
) -> list[Match]:
    """The operations that `path` (with HOLE where something is put in) means, as good as the best of them.
    `begins_open`: a base of which nothing is known stands before it."""
    called = segments(path)
    if not any(_is_literal(one) for one in called):
        return []
    found = [
        match
        for operation in operations
        if not method or operation.method.upper() == method
        for match in (
            *_matches(called, operation, bool(method)),
            *(_behind(called, operation) if begins_open else ()),
        )
    ]
    best = max((match.rank for match in found), default=())
    chosen: dict[str, Match] = {}
    for match in found:
        if match.rank == best:
            chosen.setdefault(match.operation.element, match)
    return list(chosen.values())


def may_mean(method: str, path: str, operations: Iterable[Operation]) -> list[Match]:
    """The operations that a path can mean whose end is put in, and may be several segments: those that begin
    with what is written."""
    called = segments(path)
    first = next((index for index, one in enumerate(called) if HOLE in one), None)
    if first is None:
        return []
    return [
        Match((), operation, True, open=True)
        for operation in operations
        if (not method or operation.method.upper() == method)
        and any(_begins(called[:first], operation, base) for base in operation.base_paths or ("",))
    ]


def _begins(written: Sequence[str], operation: Operation, base: str) -> bool:
    described = [*segments(base), *segments(operation.path)]
    return (
        len(described) > len(written) and _compared([*written, "x"], [*described[: len(written)], "x"]) == 0
    )


@lru_cache(maxsize=4096)  # every request is compared with the paths of every operation
def segments(path: str) -> tuple[str, ...]:
    """The segments of a path without query, fragment and empty ones."""
    plain = re.split(r"[?#]", path, maxsplit=1)[0]
    return tuple([_SLOT.sub(HOLE, one) for one in plain.split("/") if one])


def _matches(called: Sequence[str], operation: Operation, known_method: bool) -> Iterator[Match]:
    own = segments(operation.path)
    based = [(*segments(base), *own) for base in operation.base_paths] or [own]
    for described in based:
        guesses = _compared(called, described)
        if guesses is not None:
            yield Match(
                (1, -guesses, _literals(described), -len(described)), operation, known_method and not guesses
            )
    if own not in based:
        guesses = _compared(called, own)
        if guesses is not None:
            yield Match((0, -guesses, _literals(own), -len(own)), operation, False)
    for skipped in range(1, min(MOST_BEFORE, len(called) - 1) + 1):
        if not _literals(own):
            break
        if _compared(called[skipped:], own) == 0:
            yield Match((-skipped, 0, _literals(own), -len(own)), operation, False)


def _behind(called: Sequence[str], operation: Operation) -> Iterator[Match]:
    """Where the base that is not known has what the description begins with."""
    own = segments(operation.path)
    for skipped in range(1, min(MOST_BEFORE, len(own) - 1) + 1):
        rest = own[skipped:]
        written = HOLE not in "".join(own[:skipped])
        if written and _literals(rest) and _compared(called, rest) == 0:
            yield Match((-skipped, 0, _literals(rest), -len(rest)), operation, False)


def _compared(called: Sequence[str], described: Sequence[str]) -> int | None:
    """How many literal segments of the description are only put in; None where the paths differ."""
    if len(called) != len(described):
        return None
    guesses = 0
    for given, wanted in zip(called, described, strict=True):
        if wanted == HOLE or given == wanted:
            continue
        if HOLE not in given:
            if HOLE in wanted and _pattern(wanted).fullmatch(given):
                continue
            if given.lower() != wanted.lower():
                return None
            guesses += 1  # some servers don't care
            continue
        if given != HOLE and not _pattern(given).fullmatch(wanted):
            return None
        guesses += 1
    # Nothing of a path but what is put in says nothing.
    return guesses if any(_is_literal(one) for one in called) else None


def _pattern(segment: str) -> re.Pattern[str]:
    """A segment with something put in, `order-{id}`, as a pattern."""
    return re.compile(".{0,200}".join(re.escape(one) for one in segment.split(HOLE)[:8]), re.DOTALL)


def _literals(described: Sequence[str]) -> int:
    return sum(HOLE not in one for one in described)


def _is_literal(segment: str) -> bool:
    return bool(segment.replace(HOLE, ""))


# -- pointers


def steps(pointer: str) -> list[str]:
    """`items[].price` as `items`, `[]`, `price`."""
    return _STEP.findall(pointer)


def body_of(pointer: str) -> tuple[str, str] | None:
    """Status and the pointer into the body of `response.200.total`; `request` has the status `request`."""
    status = _STATUS.match(pointer)
    if status is not None:
        return status[1], pointer[status.end() :].lstrip(".")
    if pointer == "request" or pointer.startswith(("request.", "request[")):
        return "request", pointer.removeprefix("request").lstrip(".")
    return None


def fits(given: Sequence[str], described: Sequence[str]) -> bool | None:
    """Whether steps of the source mean the described ones: True, False where only their spelling is alike;
    None where they are others."""
    if len(given) != len(described):
        return None
    sure = True
    for one, other in zip(given, described, strict=True):
        if one == other or other == "*" or (one == "*" and other == "[]"):
            continue
        if one.startswith(ANY_CASE) and one[1:] == other.lower():
            continue
        if one.startswith("[") or other.startswith("["):
            return None
        if _plain(one) != _plain(other):
            return None
        sure = False
    return sure


def _plain(name: str) -> str:
    return name.lstrip(ANY_CASE).replace("_", "").replace("-", "").lower()


def begins(given: Sequence[str], described: Sequence[str]) -> bool:
    """Whether the described steps go on below the given ones."""
    return len(described) > len(given) and fits(given, described[: len(given)]) is not None
