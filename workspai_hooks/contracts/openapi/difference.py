"""Which operations differ between two sides: by their own text, and by all that they reach through
references.

Nothing else has to be looked at by the tool behind us: it takes 5 s for GitHub's description, and 0.1 s for
the one operation in it that changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from workspai_hooks.contracts.openapi.description import METHODS, Description, Operation, members
from workspai_hooks.contracts.openapi.library import Dangling
from workspai_hooks.contracts.openapi.places import Place, Refused, target
from workspai_hooks.errors import UndecidedError
from workspai_hooks.patterns import regex

_REF = regex(rb'"\$ref":("(?:[^"\\]|\\.)*")')
_INHERITED = ("security", "consumes", "produces")
"""What an operation takes from the description's top where it says nothing itself."""

_encode = msgspec.json.Encoder().encode


class Differing(msgspec.Struct, frozen=True):
    """Operations that differ, of both sides: what stands on one side only among them."""

    base: tuple[Operation, ...]
    head: tuple[Operation, ...]


class _Side:
    """One side's texts: of operations with what they inherit, and of places that references lead to."""

    def __init__(self, description: Description, name: Callable[[str], str]) -> None:
        self._of = description
        self._library = description.library
        self._name = name
        self._texts: dict[Place, bytes | None] = {}
        self._targets: dict[tuple[str, bytes], Place | None] = {}
        self._shared: dict[Place, bytes] = {}

    def text(self, operation: Operation) -> bytes:
        """All that the operation says: its own members, its path item's and what it inherits."""
        value = self._of.value(operation)
        inherited = [self._of.top.get(name) if name not in value else None for name in _INHERITED]
        return b"\n".join((_encode(value), self._shared_text(operation.item), _encode(inherited)))

    def _shared_text(self, item: Place) -> bytes:
        if item not in self._shared:
            value = members(self._library.at(item))
            others = {key: each for key, each in value.items() if key not in METHODS}
            others.pop("additionalOperations", None)
            self._shared[item] = _encode(others)
        return self._shared[item]

    def at(self, place: Place) -> bytes | None:
        """The text at a place, None where nothing can be read there."""
        if place not in self._texts:
            try:
                where, value = self._library.follow(place)
                self._texts[place] = _encode([self._name(where.path), value])
            except (Dangling, UndecidedError):
                self._texts[place] = None
        return self._texts[place]

    def targets(self, of: str, text: bytes) -> list[Place]:
        """Where the references in a text of the file `of` lead; those that lead nowhere are left out."""
        found = []
        for quoted in _REF.findall(text):
            key = (of, quoted)
            if key not in self._targets:
                try:
                    self._targets[key] = target(of, msgspec.json.decode(quoted, type=str))
                except (Refused, msgspec.DecodeError):
                    self._targets[key] = None
            place = self._targets[key]
            if place is not None:
                found.append(place)
        return found


def differing(base: Description, head: Description) -> Differing:
    """The operations of both sides that differ or have no counterpart.

    A superset of those that oasdiff has something to say of, given that it compares path items by their paths
    without the names of parameters. Where a side has two paths that are equal without them, all of both are
    in.
    """
    same_file = {head.path: base.path}
    sides = _Side(base, lambda path: path), _Side(head, lambda path: same_file.get(path, path))
    ambiguous = _ambiguous(base) | _ambiguous(head)
    whole = base.version[:3] != head.version[:3]
    before, after = _by_key(base), _by_key(head)
    texts = {key: sides[0].text(one) for key, one in before.items()}
    tainted = _tainted(
        base, head, sides, {key: (before[key].place.path, text) for key, text in texts.items()}
    )
    changed = {
        key
        for key in before.keys() | after.keys()
        if whole
        or key[:2] in ambiguous
        or key not in before
        or key not in after
        or key in tainted
        or _where(before[key], base) != _where(after[key], base, same_file)
        or texts[key] != sides[1].text(after[key])
    }
    return Differing(
        tuple(one for key, one in before.items() if key in changed),
        tuple(one for key, one in after.items() if key in changed),
    )


_Key = tuple[str, str, str, str]
"""Section, normalised path, method; and the path as written where two of a side are equal without names."""


def _ambiguous(description: Description) -> set[tuple[str, str]]:
    counts = Counter((one.section, one.route[1]) for one in _one_a_path(description))
    return {route for route, count in counts.items() if count > 1}


def _one_a_path(description: Description) -> Iterable[Operation]:
    return {(one.section, one.path): one for one in description.operations}.values()


def _by_key(description: Description) -> dict[_Key, Operation]:
    ambiguous = _ambiguous(description)
    return {
        (*one.route, one.method, one.path if one.route in ambiguous else ""): one
        for one in description.operations
    }


def _where(operation: Operation, base: Description, names: dict[str, str] | None = None) -> str:
    """The file that an operation stands in: relative references mean something else in another."""
    return (names or {}).get(operation.place.path, operation.place.path)


def _tainted(
    base: Description, head: Description, sides: tuple[_Side, _Side], texts: dict[_Key, tuple[str, bytes]]
) -> set[_Key]:
    """Operations of the base that reach a place which differs."""
    users: dict[Place, set[_Key | Place]] = {}
    changed: set[Place] = set()
    waiting: list[tuple[_Key | Place, str, bytes]] = [(key, *text) for key, text in texts.items()]
    while waiting:
        user, path, text = waiting.pop()
        for place in sides[0].targets(path, text):
            if place in users:
                users[place].add(user)
                continue
            users[place] = {user}
            there = sides[0].at(place)
            counterpart = Place(head.path, place.pointer) if place.path == base.path else place
            if there is None or there != sides[1].at(counterpart):
                changed.add(place)
            if there is not None:
                waiting.append((place, base.library.follow(place)[0].path, there))
    found: set[_Key] = set()
    spreading: list[_Key | Place] = list(changed)
    seen: set[_Key | Place] = set(changed)
    while spreading:
        for user in users.get(spreading.pop(), ()):  # type: ignore[arg-type]
            if user not in seen:
                seen.add(user)
                if isinstance(user, Place):
                    spreading.append(user)
                else:
                    found.add(user)
    return found
