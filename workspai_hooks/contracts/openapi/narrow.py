"""Both sides of a large description without what is the same and has to do with nothing that differs.

What is left out is found by its bytes: an operation whose path item is the same text on both sides, and all
that it reaches as well. Whoever compares what is left finds what comparing the whole finds (difference.py);
lines come from the whole text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.bounds import Unreadable
from workspai_hooks.contracts.openapi.description import SECTIONS, Members, normalized
from workspai_hooks.contracts.openapi.json_text import read_json
from workspai_hooks.contracts.openapi.pieces import (
    SPLIT_TWICE,
    Pieces,
    References,
    Span,
    UnsplitError,
    beside,
    pieces_of,
)
from workspai_hooks.contracts.openapi.places import Pointer

WORTH_BYTES = 1_000_000
"""Smaller ones are read as they are. Faults that small ones had before are looked for in all of them
(validity.py), which needs the whole."""
_FREE = frozenset(("info", "tags", "externalDocs"))
"""Members of the top that no operation takes anything from; extensions are others."""

Kept = tuple[tuple[Pointer, Span], ...]


class Narrowed(msgspec.Struct, frozen=True):
    """What is left of each side, by where it stands; the pieces that differ; and the schemas that a side
    declares, left out or not. Nothing where the whole has to be compared."""

    base: Kept = ()
    head: Kept = ()
    base_changed: Kept = ()
    head_changed: Kept = ()
    base_names: tuple[Pointer, ...] = ()
    head_names: tuple[Pointer, ...] = ()

    @property
    def changed(self) -> list[Pointer]:
        return sorted({pointer for pointer, _ in (*self.base_changed, *self.head_changed)})

    @property
    def is_whole(self) -> bool:
        return not self.base


WHOLE = Narrowed()


def narrowed(base: bytes, head: bytes, pieces: Callable[[], Pieces]) -> Narrowed:
    """What is left of two texts of one description, given the `pieces` of the base (none where they can't be
    told apart); `WHOLE` where they don't come apart."""
    if min(len(base), len(head)) < WORTH_BYTES:
        return WHOLE
    return cut(base, head, pieces())


def cut(base: bytes, head: bytes, before: Pieces) -> Narrowed:
    """The same of texts of any size."""
    try:
        return _cut(base, head, before) if before.spans else WHOLE
    except (UnsplitError, Unreadable):
        return WHOLE


def pieces_or_none(text: bytes) -> Pieces:
    """The pieces of a text, none where it has to be read as a whole."""
    try:
        return pieces_of(text)
    except UnsplitError:
        return Pieces({})


def _cut(base: bytes, head: bytes, before: Pieces) -> Narrowed:
    after, changed = beside(base, before, head) or _apart(base, before, head)
    if any(len(one) == 1 and one[0] not in _FREE and not one[0].startswith("x-") for one in changed):
        raise UnsplitError  # all operations inherit it, or nobody knows what it means
    for pointer in changed & after.spans.keys():
        read_json(head[slice(*after.spans[pointer])])  # a key that stands twice is for who reads the whole
    sides = References(base, before), References(head, after)
    kept = {pointer for pointer in changed if pointer[0] in SECTIONS} | _alike(before) | _alike(after)
    if any(pointer[0] not in (*SECTIONS, *_FREE) for pointer in changed) or before.leads_in:
        kept |= _users(changed, sides[0])
    return Narrowed(
        _closed(sides[0], kept),
        _closed(sides[1], kept),
        _at(before, changed),
        _at(after, changed),
        _names(before),
        _names(after),
    )


def _apart(base: bytes, before: Pieces, head: bytes) -> tuple[Pieces, set[Pointer]]:
    """The pieces of the head, and those in which it differs."""
    after = pieces_of(head)
    first, second = before.spans, after.spans
    changed = {
        pointer
        for pointer in first.keys() | second.keys()
        if pointer not in first
        or pointer not in second
        or base[slice(*first[pointer])] != head[slice(*second[pointer])]
    }
    return after, changed


def _at(pieces: Pieces, wanted: set[Pointer]) -> Kept:
    return tuple((one, pieces.spans[one]) for one in sorted(wanted) if one in pieces.spans)


def _names(pieces: Pieces) -> tuple[Pointer, ...]:
    """The schemas that a side declares."""
    return tuple(
        one for one in pieces.spans if one[0] == "definitions" or one[:2] == (SPLIT_TWICE, "schemas")
    )


def value_of(text: bytes, kept: Kept, names: Iterable[Pointer]) -> Members:
    """What is left of a text, as reading the whole would give it; schemas that are left out are empty.
    `Unreadable` where the whole can't be read either."""
    top: Members = {}
    for pointer, (start, end) in kept:
        _put(top, pointer, read_json(text[start:end], strict=False))
    for pointer in names:
        _put(top, pointer, {})
    return top


def _put(top: Members, pointer: Pointer, value: object) -> None:
    holder = top
    for name in pointer[:-1]:
        holder = holder.setdefault(name, {})  # type: ignore[assignment]
    holder.setdefault(pointer[-1], value)


def _users(changed: set[Pointer], references: References) -> set[Pointer]:
    """The path items and webhooks that reach what differs."""
    users: dict[Pointer, list[Pointer]] = {}
    for pointer in references.spans:
        for one in references.of(pointer):
            users.setdefault(one, []).append(pointer)
    seen, waiting = set(changed), list(changed)
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user not in seen:
                seen.add(user)
                waiting.append(user)
    return {pointer for pointer in seen if pointer[0] in SECTIONS}


def _alike(pieces: Pieces) -> set[Pointer]:
    """Path items whose paths are equal without the names of parameters (difference.py takes all of them)."""
    routes = {one: (one[0], normalized(one[1])) for one in pieces.spans if one[0] in SECTIONS}
    counts = Counter(routes.values())
    return {pointer for pointer, route in routes.items() if counts[route] > 1}


def _closed(references: References, kept: Iterable[Pointer]) -> Kept:
    """The pieces that are kept, with all that they reach, in the order of their text."""
    spans = references.spans
    seen: set[Pointer] = set()
    waiting = [
        *kept,
        *(one for one in spans if len(one) == 1 and not one[0].startswith("x-")),
        *(one for one in spans if one[:2] == (SPLIT_TWICE, "securitySchemes")),
    ]
    while waiting:
        pointer = waiting.pop()
        if pointer in spans and pointer not in seen:
            seen.add(pointer)
            waiting.extend(references.of(pointer))
    return tuple((pointer, span) for pointer, span in spans.items() if pointer in seen)


def narrowed_in(base: Snapshot, head: Snapshot, path: str) -> Narrowed:
    """What is left of the description at `path`, which both sides have."""
    first, second = (side.entries[path].blob for side in (base, head))

    def pieces() -> Pieces:
        key = bytes.fromhex(first)
        return head.store.once("openapi pieces", key, Pieces, lambda: pieces_or_none(base.read(path)))

    return head.store.once(
        "openapi narrowed",
        head.store.key(first, second),
        Narrowed,
        lambda: narrowed(base.read(path), head.read(path), pieces),
    )
