"""A large JSON description as the pieces that change on their own: path items, components, other members.

Only where each begins and ends is worked out, at the speed of skipping over text (a tenth of reading it).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from workspai_hooks.contracts.openapi.json_text import whole_members
from workspai_hooks.contracts.openapi.places import Pointer, Refused, target
from workspai_hooks.patterns import regex

Span = tuple[int, int]
"""Where a value begins and ends in its text."""

SPLIT = frozenset(("paths", "webhooks", "definitions", "parameters", "responses"))
"""Members of the top whose members are pieces."""
SPLIT_TWICE = "components"
_CONTAINERS = SPLIT | {SPLIT_TWICE}
_KINDS = frozenset(
    (
        *("schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes"),
        *("links", "callbacks", "pathItems", "mediaTypes"),
    )
)
_BLOCK = 1 << 16

_REFERENCE = regex(rb'"\$ref"[ \t\r\n]*:[ \t\r\n]*("[^"\\]*(?:\\.[^"\\]*)*")')
_LEADS_IN = regex(rb'"#\\?/(?!components/)|"\$ref"[ \t\r\n]*:[ \t\r\n]*"(?!#\\?/)')
"""Also by its number (`#%2Fpaths`), by the file's own name, or through another file."""
_USUAL = regex(rb'"#/components/(\w+)/([\w.-]+)"')
_HIDDEN = regex(rb"\\u00[2-7]")
"""A sign of `$ref`, or of what it says, may be written as its number."""


class UnsplitError(Exception):
    """A text that is no plain JSON object, or holds a key twice: it has to be read as a whole."""


class Pieces(msgspec.Struct, frozen=True):
    """Where the pieces of a text are, by their pointers, in its order. `leads_in`: some reference may lead to
    an operation or its path item."""

    spans: dict[Pointer, Span]
    leads_in: bool = False


def pieces_of(data: bytes) -> Pieces:
    """The pieces of a text; `UnsplitError` where they can't be told apart."""
    found: dict[Pointer, Span] = {}
    for name, span in _members(data, (0, len(data)), _CONTAINERS):
        if name == SPLIT_TWICE:
            for kind, inner in _members(data, span, _KINDS):
                found.update({(name, kind, one): place for one, place in _members(data, inner)})
        elif name in SPLIT:
            found.update({(name, one): place for one, place in _members(data, span)})
        else:
            found[name,] = span
    for start, end in found.values():
        _refuse_other_than_utf8(data[start:end])
    hidden = b"\\u00" in data and _HIDDEN.search(data) is not None
    return Pieces(found, hidden or _LEADS_IN.search(data) is not None)


def beside(data: bytes, pieces: Pieces, other: bytes) -> tuple[Pieces, set[Pointer]] | None:
    """The pieces of another text that differs from `data` in one of them, and which one; None where it
    differs in more than that.

    What stands around the piece is the same, and in its place stands one whole value: so all other pieces are
    the same as well, and where they were.
    """
    begin = _same(data, other)
    if begin == len(data) == len(other):
        return pieces, set()
    moved = len(other) - len(data)
    found = next(
        (
            (pointer, (start, end))
            for pointer, (start, end) in pieces.spans.items()
            if start <= begin <= end and other[end + moved :] == data[end:]
        ),
        None,
    )
    if found is None:
        return None
    pointer, (start, end) = found
    piece = other[start : end + moved]
    try:
        msgspec.json.decode(piece)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    spans = {
        one: (at, last) if last < start else (at + moved, last + moved)
        for one, (at, last) in pieces.spans.items()
    }
    spans[pointer] = (start, end + moved)
    leads_in = pieces.leads_in or b'"#' in piece or b"\\u00" in piece
    return Pieces(spans, leads_in), {pointer}


def _same(one: bytes, other: bytes) -> int:
    """How many bytes two texts begin with that are the same."""
    least = min(len(one), len(other))
    at = next(
        (at for at in range(0, least, _BLOCK) if one[at : at + _BLOCK] != other[at : at + _BLOCK]), least
    )
    step = _BLOCK
    while step:
        if at + step <= least and one[at : at + step] == other[at : at + step]:
            at += step
        step //= 2
    return at


def _members(data: bytes, span: Span, but: frozenset[str] = frozenset()) -> Iterator[tuple[str, Span]]:
    members = whole_members(data, *span, but)
    if members is None:
        raise UnsplitError
    return ((name, (at, last)) for name, (_, at, last) in members.items())


def _refuse_other_than_utf8(piece: bytes) -> None:
    """What skips over text takes any bytes."""
    if not piece.isascii():
        try:
            piece.decode()
        except UnicodeDecodeError:
            raise UnsplitError from None


class References:
    """Which pieces of a text refer to which. Few references are different ones: each is worked out once."""

    def __init__(self, data: bytes, pieces: Pieces) -> None:
        self.data, self.spans = data, pieces.spans
        self._known: dict[bytes, Pointer] = {}

    def of(self, pointer: Pointer) -> list[Pointer]:
        """The pieces that one refers to, those that are not there as well; `UnsplitError` where it may refer
        to another file, or to what is around pieces. References in examples count."""
        start, end = self.spans[pointer]
        piece = self.data[start:end]
        if b"\\u00" in piece and _HIDDEN.search(piece):
            raise UnsplitError
        found = dict.fromkeys(_REFERENCE.findall(piece))
        for quoted in found:
            if quoted not in self._known:
                self._known[quoted] = _target(quoted)
        return [self._known[quoted] for quoted in found]


def _target(quoted: bytes) -> Pointer:
    usual = _USUAL.fullmatch(quoted)
    if usual is not None:
        return (SPLIT_TWICE, usual[1].decode(), usual[2].decode())
    try:
        ref = msgspec.json.decode(quoted, type=str)
        place = target("", ref)
    except (msgspec.DecodeError, Refused):
        raise UnsplitError from None
    if place.path:
        raise UnsplitError
    pointer = place.pointer
    depth = 3 if pointer[:1] == (SPLIT_TWICE,) else 2 if pointer[:1] and pointer[0] in SPLIT else 1
    if len(pointer) < depth:
        raise UnsplitError
    return pointer[:depth]
