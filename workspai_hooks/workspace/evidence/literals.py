"""Addresses that are written out: a URL, or a quoted `host:port`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.context import only_names, replaced
from workspai_hooks.workspace.evidence.sightings import Clue, Sightings
from workspai_hooks.workspace.evidence.text import Lines, in_comment

MARKS = (b"://", b':"', b":'", *(b":%d" % digit for digit in range(10)))
MOST = 2000
"""A minified bundle or a list of links is no configuration: so many addresses of one file are kept."""
KIND = "literal"

_CONFIGURATION = regex(
    r"(?:^|/)(?:[\w.-]*(?:settings|config|configuration|env|environment|prox(?:y|ies)|default|production|ocelot|yarp"
    r"|routes|gateway|package|conf)[\w.-]*)\.json$",
    re.I,
)
_BEFORE = regex(rb"[A-Za-z][A-Za-z0-9+.-]{0,20}$")
_AFTER = regex(rb"/?[A-Za-z0-9][A-Za-z0-9_.-]*(?::\d{2,5})?(?:/[^\s\"'`<>\\{}$]*)?")
_QUOTED = regex(rb"[\"'`]([A-Za-z][A-Za-z0-9_.-]*:\d{2,5})(?:/[^\"'`\s]*)?[\"'`]")
_VERB = rb"(?:get|post|put|patch|delete|head)"
_CHAINED = regex(
    rb"\b\w{1,60}\(\s{0,40}[\"'`](https?://[\w.-]{1,120}(?::\d{2,5})?/?)[\"'`]\s{0,40}\)\s{0,80}\."
    + _VERB
    + rb"\((?:\s{0,40}[\"'`](/[\w./-]{1,200})|\)\s{0,80}\.uri\(\s{0,40}\"(/[\w./-]{1,200}))"
)
"""A client that is made with an address and asked for a path at once."""
_PORT = regex(rb":\d{2,5}[\"'`/]")


def wanted(path: str) -> bool:
    """Not the files whose addresses are settings (those are used where the setting is), and no data."""
    if path.endswith(".json"):
        return _CONFIGURATION.search(path) is not None
    return not path.endswith((".yml", ".yaml", ".properties"))


def read(data: bytes) -> Sightings:
    """The addresses of a file; comments and logs give none."""
    found: list[Clue] = []
    lines = Lines(data)
    for at, text in _addresses(data):
        if len(found) >= MOST:
            break
        if not in_comment(data, at) and not only_names(data, at) and not _waits(data, at, text):
            found.append(Clue(lines.of(at), KIND, text.decode("ascii", "replace")))
    return Sightings(tuple(found))


def _waits(data: bytes, at: int, text: bytes) -> bool:
    """A page's first idea of an address of this machine, that its server replaces."""
    return b"//localhost" in text and replaced(data, at)


def _addresses(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = data.find(b"://")
    while at >= 0:
        scheme = _BEFORE.search(data[max(0, at - 24) : at])
        rest = _AFTER.match(data, at + 3)
        if scheme and rest:
            yield at - len(scheme[0]), scheme[0] + b"://" + rest[0]
        elif rest and data[at - 1 : at] == b"}":
            yield at, b"http://" + rest[0]  # `${scheme}://cart`
        at = data.find(b"://", at + 3)
    if _PORT.search(data):
        for match in _QUOTED.finditer(data):
            yield match.start(), match[1]
    for match in _CHAINED.finditer(data):
        yield match.start(1), match[1].rstrip(b"/") + (match[2] or match[3])
