"""The code of EEx and HEEx templates, each part where it stands, everything else blanked."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex

TAG = regex(r"<%(%|#|==|=|!--)?((?:[^%]|%(?!>))*?)-?%>", re.S)
PART = regex(r"<%|<(script|style)\b|\{|<!--", re.I)
BRACE = regex(r"[{}]")
NOT_BLANK = regex(r"[^\n]")
LONGEST = 20_000
"""Characters of one expression in braces."""
COMMENTS = ("%", "#", "!--")


def code_in(text: str) -> str:
    """The code of a template."""
    found: list[str] = []
    at, closed = 0, _closed(text)
    last = text.rfind("%>")
    """Behind it no tag ends: they are not looked for, each to the end of the text."""
    while part := PART.search(text, at):
        found.append(_blank(text[at : part.start()]))
        start = part.start()
        if part[0] == "<%":
            at = _tag(text, start, found, last)
        elif part[0] == "{":
            at = _braces(text, start, found, closed)
        else:
            close = "-->" if part[0] == "<!--" else f"</{part[1]}"
            at = _until(text, start, close, found, last)
    found.append(_blank(text[at:]))
    return "".join(found)


def _tag(text: str, start: int, found: list[str], last: int) -> int:
    """`<%= … %>`."""
    tag = TAG.match(text, start) if start < last else None
    if tag is None:
        found.append("  ")
        return start + 2
    if tag[1] in COMMENTS:
        found.append(_blank(tag[0]))
    else:
        found.append(" " * (tag.start(2) - start) + tag[2])
        found.append(" " * (tag.end() - tag.end(2) - 1) + _closing(tag[2]))
    return tag.end()


def _closing(code: str) -> str:
    """What separates a piece of code from the next: none where a block or a clause opens."""
    return " " if re.search(r"(?:\bdo|->|[(,\[{])\s*$", code) else ";"


def _closed(text: str) -> dict[int, int]:
    """Where each brace is closed, by where it opens; those that are not, or too far away, are left out."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for brace in BRACE.finditer(text):
        if brace[0] == "{":
            opened.append(brace.start())
        elif opened and brace.start() - opened[-1] < LONGEST:
            found[opened.pop()] = brace.start()
        elif opened:
            opened.pop()
    return found


def _braces(text: str, start: int, found: list[str], closed: dict[int, int]) -> int:
    """`{…}` with braces inside; one that does not close is text."""
    end = closed.get(start)
    if end is None:
        found.append(" ")
        return start + 1
    found.append(f" {text[start + 1 : end]};")
    return end + 1


def _until(text: str, start: int, close: str, found: list[str], last: int) -> int:
    """Scripts, styles and comments have no braces of ours; tags inside scripts count."""
    end = text.find(close, start)
    end = len(text) if end < 0 else end
    at = start
    while close != "-->" and (tag := TAG.search(text, at, min(end, last + 2))) is not None:
        found.append(_blank(text[at : tag.start()]))
        at = _tag(text, tag.start(), found, last)
    found.append(_blank(text[at:end]))
    return max(at, end)


def _blank(text: str) -> str:
    return NOT_BLANK.sub(" ", text)
