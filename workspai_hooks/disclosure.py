"""What of a file's values a message may say.

A report is read by more people than a repository: it stands in logs of CI systems, comments and artifacts.
So keys, types, names, paths and places are told, and values are not, but for those that can't be a secret:
numbers, truth values, and what a contract is made of (names of enumeration values, patterns, hosts and paths
that are routed, ports, versions, image tags). Whoever puts a value from a file into a message asks here.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator

from workspai_hooks.patterns import regex

HIDDEN = "…"
MOST_DEPTH = 100
_WHOLE, _ANYWHERE = 6, 12
"""Letters from which on a text is hidden where it stands as a word, and wherever it stands; a shorter one is
hidden only where it is quoted: messages have `true` and `name` in them for other reasons."""
_BEGINNING, _END = 24, 8192
_NUMBER = regex(r"[-+]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][-+]?\d{1,4})?|true|false|null|inf|nan")
_CREDENTIALS = regex(r"(?<=//)[^/?#\s]{0,2000}@")
_REFERENCE = regex(r"[^\s{}\"'`]{1,300}")
_BEHIND = regex(r"[?#].*")
# go-yaml cuts texts off (cannot unmarshal !!str `abcdefg...` into int), and takes `*secret` for a name
_CUT_OFF = regex(r"(!![\w:]{1,40} `|unknown anchor ')[^`']{0,2000}(?=[`'])")


def address(url: str) -> str:
    """A URL without user, password, query and fragment: where it leads, not what opens it."""
    return _BEHIND.sub("", _CREDENTIALS.sub("", url))


def reference(text: str) -> str:
    """The file, chart or address that something is taken from. Where the thing itself stands in its place, it
    is not told."""
    shown = address(text)
    return shown if _REFERENCE.fullmatch(shown) else "one that is written in place"


def harmless(text: str) -> bool:
    """Whether a value can be told whatever it stands for: a number or a truth value."""
    return _NUMBER.fullmatch(text) is not None


def without(words: str, given: Iterable[str]) -> str:
    """What a tool says, with the texts hidden that it was given: it may quote them, in base64, or the
    beginning of one. Of very many words, both ends."""
    if len(words) > 2 * _END:
        words = f"{words[:_END]} {HIDDEN} {words[-_END:]}"
    words = _CUT_OFF.sub(rf"\1{HIDDEN}", words)
    texts = {one.strip() for one in given}
    texts |= {line.strip() for one in texts if "\n" in one for line in one.splitlines()}
    texts -= {one for one in texts if not one or harmless(one)}
    texts |= {b64encode(one.encode("utf-8", "replace")).decode() for one in texts}
    for text in sorted(texts, key=lambda one: (-len(one), one)):
        if text in words:
            words = re.sub(_anywhere(text), HIDDEN, words)
        elif len(text) > _BEGINNING and text[:_BEGINNING] in words:
            words = re.sub(re.escape(text[:_BEGINNING]) + r"\S*", HIDDEN, words)
    return words


def _anywhere(text: str) -> str:
    """A pattern for a text where it is surely meant."""
    plain = re.escape(text)
    ways = [rf"(?<=[\"'`]){plain}(?=[\"'`])"]
    ways += [rf"(?<![\w/.-]){plain}(?![\w/-])"] if len(text) >= _WHOLE else []
    ways += [plain] if len(text) >= _ANYWHERE else []
    return "|".join(ways)


def texts_of(value: object, depth: int = 0) -> Iterator[str]:
    """All texts that are values (not keys) somewhere in what YAML or JSON holds."""
    if isinstance(value, str):
        yield value
    elif depth < MOST_DEPTH and isinstance(value, dict):
        for each in value.values():
            yield from texts_of(each, depth + 1)
    elif depth < MOST_DEPTH and isinstance(value, (list, tuple)):
        for each in value:
            yield from texts_of(each, depth + 1)
