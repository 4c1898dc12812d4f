"""Names of contract elements in source of languages that are not followed: enough to say *unknown*."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.source import Location
from workspai_hooks.workspace.files import is_code
from workspai_hooks.workspace.use_sites.languages import is_generated, language_of

# What generators of any language put around a member's name: getTotal, setTotal, hasTotal, clear_total,
# getItemsList, getItemsCount, getRatesMap, total_case, TotalAsync, TOTAL_FIELD_NUMBER.
_BEFORE = rb"(?:get|set|has|clear|add|addAll|put|putAll|remove|mutable|is|with|take|on|handle)?_?"
_AFTER = (
    rb"(?:_?(?:list|map|count|builder|bytes|value|orbuilder|ordefault|orthrow|case|async|stream|field_number)"
    rb"|List|Map|Count|Builder|Bytes|Value|OrBuilder|OrDefault|OrThrow|Case|Async|Stream)?"
)


def spellings(element: str) -> frozenset[str]:
    """The short name of an element as generators of other languages may write it."""
    name = re.split(r"[./:]", element)[-1]
    words = [word for word in re.split(r"_+|(?<=[a-z0-9])(?=[A-Z])", name) if word]
    if not words:
        return frozenset()
    pascal = "".join(word[:1].upper() + word[1:] for word in words)
    return frozenset(
        {
            name,
            pascal,
            pascal[:1].lower() + pascal[1:],
            "_".join(word.lower() for word in words),
            "_".join(word.upper() for word in words),
        }
    )


def is_unfollowed(snapshot: Snapshot, path: str) -> bool:
    """Whether a file is code of a language that is not followed, and not marked as generated."""
    return is_code(path) and language_of(path) is None and path not in snapshot.generated


def find_mentions(snapshot: Snapshot, paths: Iterable[str], elements: Iterable[str]) -> dict[str, Location]:
    """The first line of each file that names one of the elements, for files of languages not followed."""
    names = sorted({name for element in elements for name in spellings(element)})
    if not names:
        return {}
    alternatives = b"|".join(re.escape(name.encode()) for name in names)
    pattern = re.compile(
        rb"(?<![A-Za-z0-9])" + _BEFORE + rb"(?:" + alternatives + rb")" + _AFTER + rb"(?![A-Za-z0-9])"
    )
    found = {}
    for path, data in snapshot.contents(sorted(path for path in paths if is_unfollowed(snapshot, path))):
        hit = None if is_generated(path, data) else pattern.search(data)
        if hit is not None:
            found[path] = Location(path, data.count(b"\n", 0, hit.start()) + 1)
    return found
