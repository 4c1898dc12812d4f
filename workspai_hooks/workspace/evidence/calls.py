"""Lines that call a client: a table row says how the call looks, which argument tells, and what it does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.brackets import closing, split
from workspai_hooks.workspace.evidence.expressions import File
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

MOST = 500
MOST_TRIED = 200
_KEYWORD = regex(r"\s*[\"']?(\w+)[\"']?\s*(?::(?!:)|=(?!=)>?)\s*", re.DOTALL)
_NOTE = regex(r"(?<=[\s,(])//[ \t][^\n]{0,400}(?=\n)")
"""A comment behind an argument on a line of its own."""
_LOWER = str.maketrans("", "", "_-")


class Call(msgspec.Struct, frozen=True, dict=True):
    """A call that takes a topic, a queue or the like.

    `looks` ends where its bracket opens. `at`: the position of the argument, or names of a keyword, a
    field or a property. `mark`: the file holds this text as well, in any case. `asks`: also empty, where
    the call alone tells something (text is `scheme:` then).
    """

    role: Role
    scheme: str
    looks: re.Pattern[str]
    at: int | tuple[str, ...]
    mark: re.Pattern[str] | None = None
    last_segment: bool = False
    kind: str = "topic"
    unnamed: bool = False


def call(
    role: Role,
    scheme: str,
    looks: str,
    at: int | str = 0,
    mark: str = "",
    *,
    last_segment: bool = False,
    unnamed: bool = False,
) -> Call:
    """A row of a table. `at` as text: names, separated by spaces."""
    return Call(
        role,
        scheme,
        regex(looks),
        at if isinstance(at, int) else tuple(at.lower().split()),
        regex(mark, re.IGNORECASE) if mark else None,
        last_segment,
        unnamed=unnamed,
    )


def tried(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The first matches: a generated or hostile file may hold any number."""
    return islice(pattern.finditer(text), MOST_TRIED)


def clues_of(data: bytes, calls: Iterable[Call]) -> Sightings:
    """What the calls of a table say in one file; comments say nothing."""
    text = data.decode("latin-1")
    file = File(text)
    found: list[Clue] = []
    for one in _marked(text, calls):
        for match in tried(one.looks, text):
            if not in_comment(data, match.start()):
                said = list(dict.fromkeys(_said(file, one, match.end() - 1)))
                line = line_of(data, match.start())
                found += [Clue(line, one.kind, f"{one.scheme}:{name}", one.role) for name in said]
                if one.unnamed and not said:
                    found.append(Clue(line, one.kind, f"{one.scheme}:", one.role))
            if len(found) >= MOST:
                break
    return Sightings(tuple(found))


def _marked(text: str, calls: Iterable[Call]) -> Iterator[Call]:
    """The rows whose mark the file holds; a mark that many rows share is looked for once."""
    known: dict[str, bool] = {}
    for one in calls:
        if one.mark and one.mark.pattern not in known:
            known[one.mark.pattern] = one.mark.search(text) is not None
        if one.mark is None or known[one.mark.pattern]:
            yield one


def _said(file: File, one: Call, opening: int) -> Iterator[str]:
    for value in argument(file, opening, one.at):
        name = re.split(r"[/:]", value.rstrip("/"))[-1] if one.last_segment and "${" not in value else value
        if is_name(name):
            yield name


def is_name(name: str) -> bool:
    """May be the name of a topic: no sentence, no markup, no path with spaces."""
    return 1 < len(name) <= 200 and not re.search(r"[\s<>\"'`\\]", name)


def argument(file: File, opening: int, at: int | tuple[str, ...]) -> list[str]:
    """The texts of one argument of the call whose bracket opens here."""
    if isinstance(at, int):
        given = arguments(file, opening)
        return file.values(given[at]) if at < len(given) else []
    return [value for _, each in keyed(file, opening, at) for value in file.values(each)]


def arguments(file: File, opening: int) -> list[str]:
    """The arguments of the call whose bracket opens here."""
    end = closing(file.text, opening)
    written = _NOTE.sub("", file.text[opening + 1 : end]) if end > 0 else ""
    return [part.strip() for _, part in split(written)]


def keyed(file: File, opening: int, names: tuple[str, ...], depth: int = 3) -> Iterator[tuple[str, str]]:
    """Keyword arguments, fields and properties of these names in a bracket: name, expression."""
    end = closing(file.text, opening)
    if end < 0:
        return
    yield from _keyed(file.text[opening + 1 : end], names, depth)


def _keyed(text: str, names: tuple[str, ...], depth: int) -> Iterator[tuple[str, str]]:
    for _, part in split(text, ",;\n" if "\n" in text else ",;"):
        match = _KEYWORD.match(part)
        if match and (name := match[1].translate(_LOWER).lower()) in names:
            yield name, part[match.end() :]
        elif match is None and (short := part.strip().lower()) in names and re.fullmatch(r"\w+", short):
            yield short, part.strip()  # JavaScript's `{ topic }`
        elif depth and (opened := re.search(r"[\[({]", part)):
            inner_end = closing(part, opened.start())
            if inner_end > 0:
                yield from _keyed(part[opened.start() + 1 : inner_end], names, depth - 1)
