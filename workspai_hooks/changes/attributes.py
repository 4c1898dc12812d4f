"""Which files a repository marks as generated: `linguist-generated` in its .gitattributes files.

Read from the snapshot that is inspected, by git's rules (gitattributes(5), gitignore(5) for patterns): nested
files, the last line that fits, macros of the top. What a machine's own configuration adds is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from workspai_hooks.changes.snapshot import ATTRIBUTES, GENERATED

ATTRIBUTE = GENERATED.decode()
MOST_RULES = 2_000
"""With more of them nothing is marked: whoever wrote them did not."""
_LONGEST_LINE = 2048
"""Bytes; git passes over longer ones."""
_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": "!-/:-@\\[-`{-~",
    "space": " \\t-\\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a"}

Said = tuple[str, bool | None]
"""An attribute and what a line makes of it: set, unset, or None for *unspecified*."""


class Rule(msgspec.Struct, frozen=True):
    """A line that says something of our attribute, for files below `folder`."""

    folder: str
    pattern: re.Pattern[str]
    by_name: bool
    said: tuple[Said, ...]

    def fits(self, path: str) -> bool:
        if self.folder and not path.startswith(f"{self.folder}/"):
            return False
        text = path.rpartition("/")[2] if self.by_name else path[len(self.folder) :].lstrip("/")
        return self.pattern.fullmatch(text) is not None


def marked(files: Mapping[str, bytes], paths: Iterable[str]) -> frozenset[str]:
    """Those of `paths` that are marked. `files` are the contents of all .gitattributes files by path."""
    macros = _macros(_lines(files.get(ATTRIBUTES, b"")))
    rules = list(_rules(files, macros))
    if len(rules) > MOST_RULES:
        return frozenset()
    last_first = rules[::-1]
    return frozenset(path for path in paths if _is_set(path, last_first, macros))


def _is_set(path: str, last_first: Iterable[Rule], macros: Mapping[str, tuple[Said, ...]]) -> bool:
    """Whether our attribute is set for a path: the last word on each attribute counts, and a macro says what
    it stands for only where it is set in the end."""
    known: dict[str, bool | None] = {}
    for rule in last_first:
        waiting = list(rule.said) if rule.fits(path) else []
        while waiting:
            name, value = waiting.pop()
            if name not in known:
                known[name] = value
                waiting += macros.get(name, ()) if value else ()
        if ATTRIBUTE in known:
            break
    return bool(known.get(ATTRIBUTE))


def _rules(files: Mapping[str, bytes], macros: Mapping[str, tuple[Said, ...]]) -> Iterator[Rule]:
    """The rules of all files, those that win last."""
    for path in sorted(files, key=lambda one: (one.count("/"), one)):
        folder = path.rpartition("/")[0]
        for pattern, attributes in _lines(files[path]):
            said = tuple(_said(attributes, {ATTRIBUTE, *macros}))
            if said and not pattern.startswith(("[attr]", "!")) and (made := _compiled(pattern)) is not None:
                yield Rule(folder, made, "/" not in pattern, said)


def _lines(data: bytes) -> Iterator[tuple[str, list[str]]]:
    for raw in data.split(b"\n"):
        line = raw.decode("utf-8", "surrogateescape").strip(" \t\r")
        if not line or line.startswith("#") or len(raw) > _LONGEST_LINE:
            continue
        if line.startswith('"'):
            pattern, rest = _unquoted(line)
        else:
            pattern, *more = re.split(r"[ \t\r]+", line, maxsplit=1)
            rest = more[0] if more else ""
        if pattern:
            yield pattern, re.split(r"[ \t\r]+", rest) if rest else []


def _unquoted(line: str) -> tuple[str, str]:
    """A pattern in C's quotes, and the rest of its line."""
    found = re.match(r'"((?:[^"\\]|\\.)*+)"(.*)', line)
    if found is None:
        return "", ""
    text = re.sub(
        r"\\([0-7]{3}|.)",
        lambda m: chr(int(m[1], 8)) if len(m[1]) == 3 else _ESCAPES.get(m[1], m[1]),
        found[1],
    )
    return text, found[2].strip(" \t\r")


def _said(attributes: Iterable[str], names: Iterable[str]) -> Iterator[Said]:
    """What a line says of these attributes, in order."""
    for one in attributes:
        name, equals, value = one.lstrip("-!").partition("=")
        if name in names:
            if one.startswith(("-", "!")):
                yield name, False if one[0] == "-" else None
            elif name == ATTRIBUTE or not equals:
                yield name, value != "false" if equals else True
            else:
                yield name, None  # a macro with a value stands for nothing


def _macros(lines: Iterable[tuple[str, list[str]]]) -> dict[str, tuple[Said, ...]]:
    """Macros by name, with what each says of our attribute and of other macros."""
    told = {
        pattern.removeprefix("[attr]"): attributes
        for pattern, attributes in lines
        if pattern.startswith("[attr]")
    }
    return {name: tuple(_said(attributes, {ATTRIBUTE, *told})) for name, attributes in told.items()}


def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern as git's wildmatch reads it; None for one that fits nothing. Stars have one reading each
    (the shortest that lets the next fixed part fit), so that no pattern takes more than linear time."""
    if pattern.endswith("/"):
        return None  # a folder, and attributes are of files
    if "/" not in pattern:
        return _regex(_segment(pattern))
    parts = pattern.removeprefix("/").split("/")
    groups: list[list[str]] = [[]]
    for number, part in enumerate(parts):
        if len(part) > 1 and not part.strip("*"):
            if number == len(parts) - 1:
                groups[-1].append("**")
            elif groups[-1] or len(groups) == 1:
                groups.append([])
        else:
            groups[-1].append(part)
    made = [_together(group) for group in groups]
    if any(one is None for one in made):
        return None
    first, *others = [one for one in made if one is not None]
    text = first
    for number, group in enumerate(others):
        is_last = number == len(others) - 1
        before = "/" if number == 0 and first else ""
        between = "(?:[^/]+/)*" if is_last else "(?:[^/]+/)*?"
        part = f"{between}{group}"
        text += before + (part if is_last else f"(?>{part}/)")
    return _regex(text)


def _together(group: list[str]) -> str | None:
    parts = [".+" if part == "**" else _segment(part) for part in group]
    return None if any(part is None for part in parts) else "/".join(part or "" for part in parts)


def _regex(text: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(text, re.DOTALL) if text is not None else None
    except re.error:
        return None


def _segment(text: str) -> str | None:
    """A part without a slash: fixed chunks with stars between them."""
    chunks: list[str] = [""]
    at = 0
    while at < len(text):
        sign = text[at]
        at += 1
        if sign == "*":
            chunks.append("")
        elif sign == "?":
            chunks[-1] += "[^/]"
        elif sign == "[":
            inside, at = _class(text, at)
            if inside is None:
                return None
            chunks[-1] += inside
        elif sign == "\\":
            if at >= len(text):
                return None
            chunks[-1] += re.escape(text[at])
            at += 1
        else:
            chunks[-1] += re.escape(sign)
    first, *rest = chunks
    middle = "".join(f"(?>[^/]*?{chunk})" for chunk in rest[:-1] if chunk)
    return first + middle + (f"[^/]*{rest[-1]}" if rest else "")


def _class(text: str, at: int) -> tuple[str | None, int]:
    """A class behind its bracket as an expression, and where it ends; None for one that is never closed."""
    negated = text[at : at + 1] in ("!", "^")
    at += negated
    inside, start = "", at
    while at < len(text) and (text[at] != "]" or at == start):
        if text.startswith("[:", at):
            end = text.find(":]", at)
            known = _CLASSES.get(text[at + 2 : end]) if end > 0 else None
            if known is None:
                return None, at
            inside, at = inside + known, end + 2
            continue
        at += text[at] == "\\"
        low = text[at : at + 1]
        at += 1
        if text[at : at + 1] == "-" and text[at + 1 : at + 2] not in ("]", ""):
            at += 1 + (text[at + 1] == "\\")
            high = text[at : at + 1]
            at += 1
            if not low or not high:
                return None, at
            inside += f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""
        else:
            inside += re.escape(low)
    if at >= len(text):
        return None, at
    if not inside:
        return ("[^/]" if negated else "(?!)"), at + 1
    return (f"(?!/)[^{inside}]" if negated else f"(?!/)[{inside}]"), at + 1
