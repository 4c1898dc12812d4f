"""A stream of YAML documents taken apart by its separators, so that equal documents need no parsing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from workspai_hooks.patterns import regex

# A document's end and start stand in column 1; what a block scalar holds is indented.
_SEPARATOR = regex(rb"^(?:---|\.\.\.)(?=[ \t\r\n]|\Z)", re.MULTILINE)
_KIND = regex(
    rb"^(?:\xef\xbb\xbf)?(?:[\"']?kind[\"']?[ \t]*:[ \t]*[\"']?([A-Za-z0-9.]{1,80})"
    rb"|[ \t]*[{,\[].{0,9}\"kind\")",
    re.MULTILINE,
)
_API = regex(rb"^(?:\xef\xbb\xbf)?[ \t{]*[\"']?apiVersion[\"']?[ \t]*:", re.MULTILINE)
_JSON_KIND = regex(rb"\"kind\"[ \t]*:[ \t]*\"")


_ONLY_ACTIONS = regex(rb"^[ \t]*(?:\{[{%#][^\n{}]{0,1000}[}%#]\}[ \t]*)+$", re.MULTILINE)
_ACTION = regex(rb"\{[{%#][^\n{}]{0,1000}[}%#]\}")
_WORDS = regex(rb"\w{1,100}")
_ONLY_EXPRESSION = regex(rb"^[ \t]*\{\{-?[^{}\n]{0,500}\}\}[ \t]*$", re.MULTILINE)
_EXPRESSION = regex(rb"\{\{[^{}\n]{0,500}\}\}")


class Document(msgspec.Struct, frozen=True):
    """One document's text, and the line of its file that it starts on."""

    text: bytes
    line: int


def split(data: bytes) -> Iterator[Document]:
    """The documents of a stream, in order; what holds nothing but comments is left out."""
    start, line = 0, 1
    for separator in _SEPARATOR.finditer(data):
        text = data[start : separator.start()]
        if _says_something(text):
            yield Document(text, line)
        line += text.count(b"\n")
        start = separator.end()
    if _says_something(data[start:]):
        yield Document(data[start:], line)


def _says_something(text: bytes) -> bool:
    return any(part and not part.startswith(b"#") for part in map(bytes.strip, text.split(b"\n")))


def looks_like_manifest(data: bytes) -> bool:
    """Whether bytes name an `apiVersion` and a `kind`, as every object of Kubernetes does."""
    if b"apiVersion" not in data or _API.search(data) is None:  # looking for a word is ten times faster
        return False
    return _KIND.search(data) is not None or _JSON_KIND.search(data) is not None


def without_actions(text: bytes) -> bytes:
    """A text with templates of another tool (Jinja, Go's): lines of nothing else are blank, and what is open
    inside of a line is its own words, so that equal ones stay equal. Lines keep their numbers."""
    text = _ONLY_ACTIONS.sub(b"", text)
    return _ACTION.sub(lambda match: b"_".join(_WORDS.findall(match[0])) or b"_", text)


def without_expressions(text: bytes) -> bytes:
    """A text with Go's templates of helmfile: what one would print stands for anything, whatever it is."""
    return _EXPRESSION.sub(b"${any}", _ONLY_EXPRESSION.sub(b"", text))
