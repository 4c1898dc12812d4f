"""Versions as tags of images and files of runtimes write them, compared as far as both say."""

from __future__ import annotations

from enum import IntEnum

from workspai_hooks.patterns import regex

Version = tuple[int, ...]

# A number after the dash is a second version (Scala's before Kafka's, PostgreSQL's before PostGIS'), so that
# which of them counts is not certain; a date is no version that says what has changed.
_TAG = regex(r"v?(\d{1,5}(?:\.\d{1,9}){0,3})(?:[-_+](?:[A-Za-z][\w.+-]{0,100})?)?")
_MOST_MAJOR = 9999


class Change(IntEnum):
    """Which part of two versions differs first."""

    MAJOR = 0
    MINOR = 1
    PATCH = 2


def version_of(tag: str) -> Version | None:
    """The version that a tag starts with (`7.2-alpine` is 7.2); None where it tells none."""
    found = _TAG.fullmatch(tag.strip())
    if found is None:
        return None
    version = tuple(int(part) for part in found[1].split("."))
    return version if version[0] <= _MOST_MAJOR else None


def difference(left: Version, right: Version) -> Change | None:
    """Where two versions part; None where they agree as far as both go: `15` and `15.3` do."""
    for place, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return Change(min(place, Change.PATCH))
    return None


def text_of(version: Version) -> str:
    return ".".join(map(str, version))
