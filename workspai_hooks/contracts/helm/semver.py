"""Versions and what constraints on them allow, as Helm reads them (Masterminds/semver).

https://github.com/Masterminds/semver#checking-version-constraints
"""

from __future__ import annotations

import msgspec

from workspai_hooks.patterns import regex

_VERSION = regex(
    r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:-([0-9A-Za-z.-]{1,100}))?(?:\+[0-9A-Za-z.-]{1,100})?"
)
_PART = regex(
    r"(=|==|!=|>=|=>|<=|=<|>|<|~>|~|\^)?\s*v?(\d{1,9}|[xX*])(?:\.(\d{1,9}|[xX*]))?(?:\.(\d{1,9}|[xX*]))?(?:[-+][0-9A-Za-z.+-]{1,100})?"
)
_RANGE = regex(r"([^\s,|]{1,100})\s+-\s+([^\s,|]{1,100})")

Triple = tuple[int, int, int]
_MOST = 1 << 40


class Version(msgspec.Struct, frozen=True, order=True):
    """`pre` is what follows a dash: such a version comes before the one without."""

    triple: Triple
    release: bool = True
    pre: str = ""

    def __str__(self) -> str:
        return ".".join(map(str, self.triple)) + (f"-{self.pre}" if self.pre else "")


def parse(text: str) -> Version | None:
    """A version; None where the text is none."""
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        return None
    triple = (int(match[1]), int(match[2] or 0), int(match[3] or 0))
    return Version(triple, not match[4], match[4] or "")


def allows(constraint: str, version: Triple) -> bool:
    """Whether a constraint takes a version (none of before a release); one that can't be read takes all."""
    if not constraint.strip():
        return True
    return any(_all_of(part, version) for part in constraint[:1000].split("||"))


def _all_of(text: str, version: Triple) -> bool:
    text = _RANGE.sub(r">=\1 <=\2", text)
    parts = [match for match in _PART.finditer(text) if match[0].strip()]
    return all(_holds(match[1] or "=", (match[2], match[3], match[4]), version) for match in parts)


def _holds(sign: str, written: tuple[str, str | None, str | None], version: Triple) -> bool:
    low, high = _span(written)
    match sign:
        case ">=" | "=>":
            return version >= low
        case ">":
            return version >= high
        case "<":
            return version < low
        case "<=" | "=<":
            return version < high
        case "!=":
            return not low <= version < high
        case "~" | "~>":
            return low <= version < (_next(low, 1) if written[1] is not None else _next(low, 0))
        case "^":
            place = next((number for number, part in enumerate(low) if part), 2)
            return low <= version < _next(low, place)
        case _:
            return low <= version < high


def _span(written: tuple[str, str | None, str | None]) -> tuple[Triple, Triple]:
    """What a version with parts left open means: from, and the first one after it."""
    known = []
    for part in written:
        if part is None or not part.isdigit():
            break
        known.append(int(part))
    if not known:
        return (0, 0, 0), (_MOST, 0, 0)
    low = (known[0], known[1] if len(known) > 1 else 0, known[2] if len(known) > 2 else 0)
    return low, _next(low, len(known) - 1)


def _next(version: Triple, place: int) -> Triple:
    major, minor, patch = version
    return ((major + 1, 0, 0), (major, minor + 1, 0), (major, minor, patch + 1))[place]
