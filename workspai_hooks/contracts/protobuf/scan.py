"""Reads package, imports and top-level names off a .proto file's text.

Only to know which files belong together before anything is compiled; what a contract declares is
read from descriptors. It never fails: text that is no protobuf gives few or no names. Repetitions in
its expressions are bounded, so that hostile text takes no more than linear time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from workspai_hooks.contracts.protobuf.literals import unescaped
from workspai_hooks.patterns import regex

# Possessive (`*+`) and atomic (`(?>…)`): comments in a row have one reading, and nothing is looked at again.
_COMMENT = rb"//[^\n]*\n|/\*.*?\*/"
_GAP = rb"(?>\s|" + _COMMENT + rb")*+"
_DOUBLE, _SINGLE = rb'"(?:[^"\\\n]|\\.)*+', rb"'(?:[^'\\\n]|\\.)*+"
_STRING = _DOUBLE + rb'"|' + _SINGLE + rb"'"
_OPEN = _DOUBLE + rb'"?|' + _SINGLE + rb"'?"
"""One that is never closed reaches to the end of its line, so that none is begun inside of it."""
_TOKEN = regex(
    rb"//[^\n]*+(?:\s*+//[^\n]*+)*+|/\*.*?(?:\*/|\Z)|"
    + _OPEN
    + rb"|[{}]|\b(?:import|package|message|enum|service|extend)\b",
    re.DOTALL,
)
_IMPORT = regex(
    rb"import"
    + _GAP
    + rb"(?:(public|weak|option)"
    + _GAP
    + rb")?("
    + rb"(?:"
    + _STRING
    + rb")(?>"
    + _GAP
    + rb"(?:"
    + _STRING
    + rb")){0,50}+)",
    re.DOTALL,
)
"""Literals that follow each other are one."""
_PACKAGE = regex(rb"package" + _GAP + rb"([A-Za-z_](?>[\w.\s]|" + _COMMENT + rb"){0,500}+);", re.DOTALL)
_NO_NAME = regex(rb"\s|" + _COMMENT, re.DOTALL)
_NAMED = regex(rb"(?:message|enum|service)" + _GAP + rb"([A-Za-z_]\w*)" + _GAP + rb"\{", re.DOTALL)
_NUMBERED = regex(rb"\b([A-Za-z_]\w{0,500})\s{0,50}=\s{0,50}-?\d")
"""An extension, or a value of an enum."""


_ASIDE = regex(rb"//[^\n]*+|/\*.*?(?:\*/|\Z)|" + _OPEN, re.DOTALL)


def without_comments(text: bytes) -> bytes:
    """The same text with a space for each comment and string."""
    return _ASIDE.sub(b" ", text)


class Import(msgspec.Struct, frozen=True):
    """An import statement; `span` is the place of its literals in the text, quotes included."""

    name: str
    line: int
    public: bool
    span: tuple[int, int]


class Scan(msgspec.Struct, frozen=True):
    """`symbols` are the full names of the file's own messages, enums, values of these, services and
    extensions; a value is declared beside its enum, not in it."""

    package: str
    imports: tuple[Import, ...]
    symbols: frozenset[str]


def scan(text: bytes) -> Scan:
    """What `text` says at its top level."""
    package = ""
    imports: list[Import] = []
    names: set[str] = set()
    depth = numbered_at = counted = 0
    line = 1
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word == b"{":
            depth += 1
            continue
        if word == b"}":
            depth = max(0, depth - 1)
            if depth == 0 and numbered_at:
                names.update(found.decode() for found in _NUMBERED.findall(text, numbered_at, token.start()))
                numbered_at = 0
            continue
        if depth or word[:1] in b"/\"'":
            continue
        at = token.start()
        if word == b"extend":
            numbered_at = at
        elif word == b"import":
            if found := _IMPORT.match(text, at):
                line += text.count(b"\n", counted, at)
                counted = at
                name = _said(found[2]).decode(errors="surrogateescape")
                imports.append(Import(name, line, found[1] == b"public", found.span(2)))
        elif word == b"package":
            if found := _PACKAGE.match(text, at):
                package = _NO_NAME.sub(b"", found[1]).decode(errors="replace")
        elif found := _NAMED.match(text, at):
            names.add(found[1].decode())
            numbered_at = at if word == b"enum" else 0
    prefix = f"{package}." if package else ""
    return Scan(package, tuple(imports), frozenset(prefix + name for name in names))


def _said(literals: bytes) -> bytes:
    """What one or several string literals say together."""
    if literals.count(literals[:1]) == 2 and b"\\" not in literals:
        return literals[1:-1]
    parts = (part[0] for part in _ASIDE.finditer(literals))
    return b"".join(unescaped(part[1:-1]) for part in parts if part[:1] in b"\"'")


def with_imports(text: bytes, scanned: Scan, names: Mapping[str, str]) -> bytes:
    """The same text with its import strings replaced; no other line moves."""
    parts = []
    done = 0
    for statement in scanned.imports:
        start, end = statement.span
        name = names.get(statement.name, statement.name)
        lines = b"\n" * text.count(b"\n", start, end)
        parts += [text[done:start], b'"', name.encode(errors="surrogateescape"), b'"', lines]
        done = end
    return b"".join([*parts, text[done:]])
