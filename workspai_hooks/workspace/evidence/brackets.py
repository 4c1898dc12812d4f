"""Brackets and commas of any language: where what opens here closes, and the parts in between."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.patterns import regex

MOST_TEXT = 2000
"""A call's arguments are read so far."""
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_QUOTES = "\"'`"
_TOKEN = regex(r"[\"'`()\[\]{}]")


def closing(text: str, opening: int) -> int:
    """Where the bracket that opens here is closed; -1 where that is too far away."""
    stack: list[str] = []
    at, end = opening, min(len(text), opening + MOST_TEXT)
    while match := _TOKEN.search(text, at, end):
        at, character = match.start(), match[0]
        if character in _QUOTES:
            at = _after_quote(text, at, end)
            continue
        if character in _PAIRS:
            stack.append(_PAIRS[character])
        elif stack and character == stack[-1]:
            stack.pop()
            if not stack:
                return at
        at += 1
    return -1


def _after_quote(text: str, at: int, end: int) -> int:
    """Past a quoted text; an apostrophe that nothing closes on its line is none."""
    quote, start = text[at], at
    at += 1
    while at < end:
        if text[at] == "\\":
            at += 1
        elif text[at] == quote:
            return at + 1
        elif text[at] == "\n" and quote != "`":
            return start + 1
        at += 1
    return start + 1


def split(text: str, separators: str = ",") -> Iterator[tuple[int, str]]:
    """The parts between commas that stand in no bracket and no quotes: offset, text."""
    depth, start, at = 0, 0, 0
    while at < len(text):
        character = text[at]
        if character in _QUOTES:
            at = _after_quote(text, at, len(text))
            continue
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character in separators and depth == 0:
            yield start, text[start:at]
            start = at + 1
        at += 1
    if text[start:].strip():
        yield start, text[start:]
