"""The same under another name on both sides: descriptions that moved, operations whose path changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from workspai_hooks.contracts.openapi.description import Description, Operation, members
from workspai_hooks.patterns import regex

_VERSION = regex(r"/v\d{1,4}(?:[.-]?\d{1,4})?(?:(?:alpha|beta|rc)\d{0,4})?(?=/|$)")
_ALIKE = 0.5
"""So much of the smaller one's operations are in the other where it is taken for the same description."""


def moved(gone: Mapping[str, Description], there: Mapping[str, Description]) -> dict[str, str]:
    """Descriptions that are gone -> where most of their operations are now, the likeliest first."""
    keys = {path: _routes(one) for side in (gone, there) for path, one in side.items()}
    likely = []
    for old in gone:
        for new in there:
            least = min(len(keys[old]), len(keys[new]))
            share = len(keys[old] & keys[new]) / least if least else 0.0
            if share >= _ALIKE:
                likely.append((-share, _title(gone[old]) != _title(there[new]), old, new))
    found: dict[str, str] = {}
    for *_, old, new in sorted(likely):
        if old not in found and new not in found.values():
            found[old] = new
    return found


def _routes(description: Description) -> set[tuple[str, str, str]]:
    return {(*one.route, one.method) for one in description.operations}


def _title(description: Description) -> object:
    return members(description.top.get("info")).get("title")


class Renamed(msgspec.Struct, frozen=True):
    """An operation of the base and the one of the head that took its place under another path."""

    base: Operation
    head: Operation


def renamed(
    base: Description, head: Description, gone: Iterable[Operation], new: Iterable[Operation]
) -> tuple[Renamed, ...]:
    """Operations whose path changed: by operationId, else by a path that is the same but for its version.

    An operation takes the place of one other; where several could, the path that is most alike decides.
    """
    left, right = list(gone), list(new)
    found = []
    for key_of in (_by_id, _by_path):
        before = _unique(left, base, key_of)
        after = _unique(right, head, key_of)
        for key, old in before.items():
            if key in after:
                found.append(Renamed(old, after[key]))
        left = [one for one in left if one not in {pair.base for pair in found}]
        right = [one for one in right if one not in {pair.head for pair in found}]
    return tuple(sorted(found, key=lambda pair: pair.base))


def _by_id(description: Description, one: Operation) -> object:
    return description.value(one).get("operationId") or None


def _by_path(description: Description, one: Operation) -> object:
    return one.section, one.method, _VERSION.sub("", one.route[1])


def _unique(some: Sequence[Operation], of: Description, key_of: object) -> dict[object, Operation]:
    found: dict[object, list[Operation]] = {}
    for one in some:
        key = key_of(of, one)  # type: ignore[operator]
        if key is not None:
            found.setdefault(key, []).append(one)
    return {key: listed[0] for key, listed in found.items() if len(listed) == 1}


def shown_path(old: str, new: str) -> str:
    """The new path with the old one's names of parameters, so that only what is no path is compared."""
    names = _PARAMETER.findall(old)
    if len(names) != len(_PARAMETER.findall(new)):
        return new
    rest = iter(names)
    return _PARAMETER.sub(lambda _: next(rest), new)


_PARAMETER = regex(r"\{[^{}]*\}")
