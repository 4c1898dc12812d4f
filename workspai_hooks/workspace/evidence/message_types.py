"""Types of messages that code tells apart by their names: `switch (messageType) { case "OrderPaid":`.

Of a topic with messages of many kinds this says which of them a reader takes: what falls through is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.patterns import regex, starting
from workspai_hooks.workspace.evidence.brackets import closing, split
from workspai_hooks.workspace.evidence.calls import is_name, tried
from workspai_hooks.workspace.evidence.expressions import File
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

MARKS = (b"ype", b"TYPE", b"outingKey", b"outing_key", b"ventName", b"event_name", b"essageName")
KIND = "event-type"
_MOST_CASES = 60
_MOST_TEXT = 4000
_EXPRESSION = r"[\w@][\w@.?]{0,80}(?:\(\)[\w.]{0,30}){0,2}(?:\[[\"'][\w.-]{1,40}[\"']\])?"
_SWITCHED = regex(
    starting(("switch", "when", "match"))
    + rf"\s{{0,4}}\(?\s{{0,4}}({_EXPRESSION})\s{{0,4}}\)?\s{{0,40}}\{{"
    + rf"|{starting(['return'])}\s({_EXPRESSION})\s{{1,4}}switch\s{{0,40}}\{{"
)
_MATCHED = regex(rf"^([ \t]{{0,40}})match\s{{1,4}}({_EXPRESSION})\s{{0,4}}:", re.MULTILINE)
_SAYS_TYPE = regex(r"(?:message|event|msg|notification|command|cmd)(?:type|name|kind)s?|routingkey")
_OF_MESSAGE = frozenset(
    [
        "event",
        "message",
        "msg",
        "evt",
        "envelope",
        "record",
        "notification",
        "cloudevent",
        "integrationevent",
        "delivery",
        "e",
    ]
)
_CASE = regex(
    r"(?:\bcase\s|[{,;\n])\s{0,60}((?:\"[^\"\n]{1,120}\"|'[^'\n]{1,120}'|nameof\([\w.]{1,120}\)|[A-Z][\w.:]{1,120})(?:\s{0,4}[,|]\s{0,60}(?:\"[^\"\n]{1,120}\"|'[^'\n]{1,120}'|[A-Z][\w.:]{1,120})){0,12})\s{0,4}(?::(?!:)|=>|->)"
)
_QUOTED = r"(\"[^\"\n]{1,120}\"|'[^'\n]{1,120}'|nameof\([\w.]{1,120}\))"
_COMPARED = regex(rf"(?:={{2,3}}\s{{0,4}}|\.(?:equals|Equals|equalsIgnoreCase|eq)\(\s{{0,4}}){_QUOTED}")
_BEFORE = regex(rf"(?<![\w@.?])({_EXPRESSION})\s{{0,4}}$")
_MOST_BEFORE = 250
_COMPARED_WITH = regex(rf"{_QUOTED}\.(?:equals|equalsIgnoreCase)\(\s{{0,4}}({_EXPRESSION})\s{{0,4}}\)")
_TYPED = regex(r"[A-Z][\w.:]{1,120}")


def read(data: bytes) -> Sightings:
    """The names of the types that a file tells apart."""
    text = data.decode("latin-1")
    file = File(text)
    found: dict[str, Clue] = {}
    for at, name in _told(file):
        if is_name(name) and re.search(r"[A-Za-z]", name) and not in_comment(data, at):
            found.setdefault(name, Clue(line_of(data, at), KIND, name, Role.HANDLES))
    return Sightings(tuple(found.values()))


def _told(file: File) -> Iterator[tuple[int, str]]:
    for match in _SWITCHED.finditer(file.text):
        if tells_type(match[1] or match[2]):
            end = closing(file.text, match.end() - 1)  # a long one is read so far
            yield from _cases(file, match.end() - 1, end if end > 0 else match.end() + _MOST_TEXT)
    for match in tried(_MATCHED, file.text) if "match" in file.text else ():
        if tells_type(match[2]):
            outside = re.compile(rf"^[ \t]{{0,{len(match[1])}}}(?=[^\s])", re.MULTILINE)
            after = outside.search(file.text, match.end() + 1)
            yield from _cases(file, match.end(), after.start() if after else match.end() + _MOST_TEXT)
    for at, expression, quoted in sorted(_tested(file.text)):
        if tells_type(expression):
            for name in file.values(quoted):
                yield at, name


def _tested(text: str) -> Iterator[tuple[int, str, str]]:
    """Expressions that are compared with a text: offset, expression, text. What compares is rare in a file,
    so it is looked for, and what stands before it then."""
    for match in _COMPARED.finditer(text):
        if before := _BEFORE.search(text, max(0, match.start() - _MOST_BEFORE), match.start()):
            yield before.start(), before[1], match[1]
    if ".equals" in text:
        for match in _COMPARED_WITH.finditer(text):
            yield match.start(), match[2], match[1]


def tells_type(expression: str) -> bool:
    """Whether it says of which type a message is: `messageType`, `event.Type`, `headers["eventType"]`."""
    parts = [one for one in re.split(r"[^a-z]+", expression.replace("_", "").lower()) if one]
    while parts and parts[-1] in ("tostring", "string", "value", "tolower", "tolowercase", "asstring"):
        parts.pop()
    if not parts:
        return False
    last, before = parts[-1].removeprefix("get"), parts[-2] if len(parts) > 1 else ""
    if any(one.endswith("header") or one == "headers" for one in parts[:-1]):
        return last.endswith("type")
    said = last if before != "gettype" else "type"
    holder = before if before != "gettype" else (parts[-3] if len(parts) > 2 else "event")
    return re.search(rf"(?:{_SAYS_TYPE.pattern})$", last) is not None or (
        said in ("type", "name") and holder in _OF_MESSAGE
    )


def _cases(file: File, start: int, end: int) -> Iterator[tuple[int, str]]:
    for count, case in enumerate(_CASE.finditer(file.text, start, end)):
        if count >= _MOST_CASES:
            return
        for _, each in split(case[1].replace("|", ",")):
            written = each.strip()
            if _TYPED.fullmatch(written) and not case[0].lstrip().startswith("case"):
                continue
            for name in file.values(written):
                yield case.start(1), name
