"""Words of contract elements that are deprecated, reserved or gone, read from text: a filter before any work.

Nothing rests on it but whether it is worth to look: a commit whose added lines have none of these words uses
no such element newly. On the path of many commits, so that it loads next to nothing.
"""

from __future__ import annotations

from itertools import pairwise

from workspai_hooks.contract_files import SOURCE_SUFFIXES
from workspai_hooks.patterns import DOTALL, regex

TYPE_CHECKING = False  # as in typing, which takes longer to load than all of this
if TYPE_CHECKING:
    from collections.abc import Iterable

_FILLED = regex(rb"\{\{|\{%|<%|\$\{|\bth:")

SHORT = 3
"""A word of so many letters is looked for as a word; a longer one inside of others as well."""

_TOKEN = regex(
    rb"//[^\n]*|/\*.*?(?:\*/|\Z)"
    rb"|\breserved\b(?P<reserved>[^;{}]*)(?:;|(?=[{}])|\Z)"
    rb"|\b(?P<kind>message|enum|service|oneof|extend|group)\s+(?P<open>[\w.]+)[^;{}]{0,200}\{"
    rb"|\brpc\s+(?P<rpc>\w+)"
    rb"|\b(?P<option>option\s+deprecated\s*=\s*true\b)|\b(?P<marked>deprecated\s*=\s*true\b)"
    rb"|(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    rb"|(?P<member>\b[A-Za-z_]\w*)\s*=\s*-?(?:0x)?\d"
    rb"|(?P<brace>[{}])",
    DOTALL,
)
_QUOTED = regex(rb"[\"']([A-Za-z_]\w*)[\"']")
_BARE = regex(rb"\b(?!to\b|max\b)[A-Za-z_]\w*")
_IDENTIFIER = regex(rb"[A-Za-z_$][\w$]*")
_PART = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class _Block:
    """An open brace: what it is called, what was declared inside, and whether it is deprecated as a whole."""

    def __init__(self, name: bytes = b"", kind: bytes = b"") -> None:
        self.name, self.kind = name, kind
        self.inside: set[bytes] = {name} if name else set()
        self.deprecated = False

    def forms(self, name: bytes) -> set[bytes]:
        """A member's name; an enum's value also without the enum's name, as some generators write it."""
        flat, own = name.replace(b"_", b"").lower(), self.name.replace(b"_", b"").lower()
        if self.kind != b"enum" or not own or not flat.startswith(own):
            return {name}
        rest = name
        while own and rest:
            own, rest = (own if rest[:1] == b"_" else own[1:]), rest[1:]
        return {name, rest.strip(b"_")}


def retired_in(text: bytes) -> frozenset[str]:
    """Names that a contract deprecates or reserves, and all that is declared inside of them."""
    return _names(text)[0] if b"deprecated" in text or b"reserved" in text else frozenset()


def declared_in(text: bytes) -> frozenset[str]:
    """Names that a contract declares."""
    return _names(text)[1]


def _names(text: bytes) -> tuple[frozenset[str], frozenset[str]]:
    retired: set[bytes] = set()
    blocks = [_Block()]
    latest: set[bytes] = set()
    for token in _TOKEN.finditer(text):
        if (inside := token["reserved"]) is not None:
            for name in _QUOTED.findall(inside) or _BARE.findall(inside):
                retired |= blocks[-1].forms(name)
        elif token["open"]:
            blocks.append(_Block(token["open"].rpartition(b".")[2], token["kind"]))
            latest = set(blocks[-1].inside)
        elif token["rpc"] or token["member"]:
            latest = blocks[-1].forms(token["rpc"] or token["member"])
            blocks[-1].inside |= latest
        elif token["brace"] == b"{":
            blocks.append(_Block())  # an rpc's options, or a message literal in brackets
            blocks[-1].inside |= latest
        elif token["brace"] == b"}":
            if len(blocks) > 1:
                _close(blocks, retired)
        elif token["option"]:
            blocks[-1].deprecated = True
        elif token["marked"]:
            retired |= latest
    while len(blocks) > 1:
        _close(blocks, retired)
    if blocks[0].deprecated:
        retired |= blocks[0].inside
    return _decoded(retired), _decoded(blocks[0].inside)


def _close(blocks: list[_Block], retired: set[bytes]) -> None:
    block = blocks.pop()
    if block.deprecated:
        retired |= block.inside
    blocks[-1].inside |= block.inside


def _decoded(words: Iterable[bytes]) -> frozenset[str]:
    return frozenset(word.decode("ascii", "replace") for word in words if word)


def added_lines(old: Iterable[bytes], new: Iterable[tuple[str, bytes]]) -> bytes:
    """The lines of sources (path, content) that stood in none of the `old` ones."""
    before = {line for data in old for line in data.splitlines()}
    return b"\n".join(
        line
        for path, data in new
        if path.endswith(SOURCE_SUFFIXES) or _FILLED.search(data)
        for line in data.splitlines()
        if line not in before
    )


class Spoken:
    """The identifiers of a text, to be asked for names in any of the forms that generators make of them."""

    def __init__(self, text: bytes) -> None:
        identifiers = sorted(set(_IDENTIFIER.findall(text)))
        self._flat = b"\n".join(identifiers).replace(b"_", b"").lower()
        self._parts = {part.lower() for one in identifiers for part in _parts(one.decode("ascii", "replace"))}

    def __bool__(self) -> bool:
        return bool(self._parts)

    def of(self, words: Iterable[str]) -> bool:
        """Whether one of the names is there: a long one anywhere, a short one as a word."""
        for word in words:
            folded = word.replace("_", "").lower()
            if len(folded) > SHORT and folded.encode() in self._flat:
                return True
            if folded in self._parts:
                return True
        return False


def _parts(identifier: str) -> list[str]:
    """Its words, alone and two by two: a short name may be made of two of them (`is_a`)."""
    words = _PART.findall(identifier)
    return [*words, *(a + b for a, b in pairwise(words)), identifier.replace("_", "")]
