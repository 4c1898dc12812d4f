"""Literals of programming languages as the bytes that they stand for, read from generated code.

Each reader takes the text and a place in it, and joins the literals that follow each other there. Whatever is
no literal ends the run, so that reading a file takes time that is linear in its size.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from workspai_hooks.patterns import regex

_SIMPLE = {
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"v": b"\v",
    b"e": b"\x1b",
    b"s": b" ",
}
_ESCAPE = regex(
    rb"\\(?:x([0-9a-fA-F]{1,2})|u+([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|(\r?\n[ \t]*)|(.))", re.S
)
_HEX = regex(rb"[^0-9a-fA-F]")
_GO_BYTE = regex(rb"0x([0-9a-fA-F]{1,2})|(?<![\w/])(\d{1,3})(?=\s*[,}])")
_COMMENT = regex(rb"//[^\n]*")
_SINGLE = regex(rb"\\([\\'])")

DOUBLE = regex(rb'\s*[+.,]?\s*"((?:[^"\\]|\\[\s\S])*)"')
"""A literal in double quotes, joined to those before it by nothing, `+`, `.` or `,`."""
_GO_STRING = regex(rb'\s*\+?\s*(?:"((?:[^"\\\n]|\\.)*)"|`([^`]*)`)')
_CHARACTER = regex(rb"\s*,?\s*'((?:[^'\\]|\\(?:[0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)))'")
_PHP = regex(rb"\s*\.?\s*(?:\"((?:[^\"\\]|\\[\s\S])*)\"|'((?:[^'\\]|\\[\s\S])*)')")
_BASE64 = regex(rb"\s*,?\s*\+?\s*\"{1,3}([A-Za-z0-9+/=_\s-]*)\"{1,3}")


def utf8(code: int) -> bytes:
    return chr(code).encode("utf-8", "replace") if code < 0x110000 else b"?"


def latin1(code: int) -> bytes:
    """What Java's strings hold of a descriptor: a byte in each character."""
    return bytes([code]) if code < 256 else b"?"


def unescaped(text: bytes, character: Callable[[int], bytes] = utf8) -> bytes:
    """The bytes of a literal's inside; `character` encodes what is given by its code point."""

    def value(match: re.Match[bytes]) -> bytes:
        if match[1]:
            return bytes([int(match[1], 16)])
        if match[2] or match[3]:
            return character(int(match[2] or match[3], 16))
        if match[4]:
            return bytes([int(match[4], 8) & 0xFF])
        if match[5]:  # Rust: a line that goes on
            return b""
        return _SIMPLE.get(match[6], match[6])

    return _ESCAPE.sub(value, text) if b"\\" in text else text


def strings(data: bytes, at: int, character: Callable[[int], bytes] = utf8) -> bytes:
    """Literals in double quotes from a place on: C++, Java, Ruby, Rust."""
    return b"".join(unescaped(one[1], character) for one in _run(DOUBLE, data, at))


def characters(data: bytes, at: int) -> bytes:
    """A list of character literals: C++ where a string would be too long for a compiler."""
    return b"".join(unescaped(one[1]) for one in _run(_CHARACTER, data, at))


def go_strings(data: bytes, at: int) -> bytes:
    """Literals that are joined by `+`, raw ones among them."""
    return b"".join(
        one[2] if one[2] is not None else unescaped(one[1]) for one in _run(_GO_STRING, data, at, rb"\s*\+")
    )


def go_bytes(data: bytes, at: int) -> bytes:
    """The numbers of a `[]byte{…}` from behind its brace on."""
    end = data.find(b"}", at)
    body = _COMMENT.sub(b"", data[at : end + 1])
    values = (int(one[1], 16) if one[1] else int(one[2]) for one in _GO_BYTE.finditer(body))
    return bytes(value for value in values if value < 256)


def php_strings(data: bytes, at: int) -> bytes:
    """Literals that are joined by `.`; in single quotes only quotes and backslashes are escaped."""
    return b"".join(
        unescaped(one[1]) if one[1] is not None else _SINGLE.sub(rb"\1", one[2])
        for one in _run(_PHP, data, at)
    )


def hexadecimal(text: bytes) -> bytes:
    """Bytes that are spelt with two digits each."""
    digits = _HEX.sub(b"", text)
    return bytes.fromhex(digits[: len(digits) & ~1].decode())


def base64_text(data: bytes, at: int) -> bytes:
    """Literals of Base64 in one piece, without blanks."""
    return b"".join(b"".join(one[1].split()) for one in _run(_BASE64, data, at))


def _run(literal: re.Pattern[bytes], data: bytes, at: int, joint: bytes = b"") -> Iterator[re.Match[bytes]]:
    """Literals that follow each other from a place on; with `joint`, only where it stands between them."""
    between = re.compile(joint)
    while (match := literal.match(data, at)) is not None:
        yield match
        at = match.end()
        if between.match(data, at) is None:
            return
