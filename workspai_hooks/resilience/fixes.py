"""Certain changes of values where they stand: a longer timeout, fewer tries, in the dialect of the line."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.calls import Acting
from workspai_hooks.resilience.durations import proto_text, seconds_of, told_seconds
from workspai_hooks.resilience.reading import Edit, Fix
from workspai_hooks.source import Location

CONFIGURATION = ".workspai.yaml"
_DURATION = regex(r"(?<![\w.])(\d{1,12}(?:\.\d{1,9})?)(ms|s|m|h)(?![\w.])")
_NUMBER = regex(r"(?<![\w.])\d{1,9}(?![\w.])")
_KEY = regex(r"""([A-Za-z_]\w*)["']?\s{0,20}[:=]\s{0,20}["']?""")
MARGIN = 1.1
"""A tenth on top of what a callee may take, for its own work and the way."""
NEAR = 12
"""Lines below the place of a block in which its value is looked for."""


class Once(msgspec.Struct, frozen=True):
    """How a convention writes a single try: the `key` of its number, and what that counts less than tries."""

    key: str
    less: int

    @property
    def least(self) -> int:
        return 1 - self.less


ONCE = {
    "workspai-hooks": Once("tries", 0),
    "Istio": Once("attempts", 1),
    "Envoy": Once("num_retries", 1),
    "Envoy Gateway": Once("numRetries", 1),
    "resilience4j": Once("maxAttempts", 0),
    "urllib3 Retry": Once("total", 1),
}
"""Conventions whose number may be set so that nothing is retried. gRPC's `maxAttempts` can't be one: the
whole policy would have to go."""


class Fixes:
    """`texts` gives the lines of a file, none where there is none."""

    def __init__(self, texts: Callable[[str], list[str]]) -> None:
        self._texts = texts

    def _line(self, place: Location) -> str:
        lines = self._texts(place.path)
        return lines[place.line - 1] if 0 < place.line <= len(lines) else ""

    def new_timeout(self, operation: str, seconds: float) -> Fix | None:
        """A timeout of an operation in the configuration; None where its policies are not written in a
        block."""
        told = f"{seconds:g}s" if seconds >= 1 else f"{seconds * 1000:g}ms"
        row = (f"for: {operation}", f"timeout: {told}")
        what = f"give {operation} {told}, in {CONFIGURATION}"
        lines = self._texts(CONFIGURATION)
        top = next((number for number, line in enumerate(lines, 1) if _begins(line, "resilience")), None)
        if top is None:
            end = len(lines) + 1
            head = Edit(CONFIGURATION, end, (), ("resilience:", "  policies:"))
            return Fix(what, (head, Edit(CONFIGURATION, end, (), (f"    - {row[0]}", f"      {row[1]}"))))
        if lines[top - 1].rstrip() != "resilience:":
            return None
        for number, line in enumerate(lines[top:], top + 1):
            if line.strip() and not line.startswith((" ", "#")):
                break
            if line.strip() == "policies:" and number < len(lines):
                dash = lines[number]
                if not dash.lstrip().startswith("- "):
                    return None
                indent = " " * _indent(dash)
                added = (f"{indent}- {row[0]}", f"{indent}  {row[1]}")
                return Fix(what, (Edit(CONFIGURATION, number + 1, (), added),))
        step = _indent(lines[top]) if top < len(lines) and lines[top].strip() else 2
        indent = " " * (step or 2)
        head = Edit(CONFIGURATION, top + 1, (), (f"{indent}policies:",))
        added = (f"{indent}  - {row[0]}", f"{indent}    {row[1]}")
        return Fix(what, (head, Edit(CONFIGURATION, top + 1, (), added)))

    def longer_timeout(self, acting: Acting, needed_s: float) -> Fix | None:
        """The timeouts of a layer, total and of a try, as long as its callee needs, in whole tenths of a
        second; None where one of those that are too short can't be written so."""
        policy = acting.policy
        wanted = math.ceil(needed_s * MARGIN * 10) / 10
        edits = []
        for value, limit in (("timeout_s", policy.timeout_s), ("per_try_s", policy.per_try_s)):
            if limit is None or limit >= needed_s:
                continue
            place = next((one.location for one in policy.provenance if one.value == value), None)
            edit = self._edit(place, partial(_with_duration, limit, wanted)) if place is not None else None
            if edit is None:
                return None
            edits.append(edit)
        short = min(one for one in (policy.timeout_s, policy.per_try_s, needed_s) if one is not None)
        what = f"wait {told_seconds(wanted)} instead of {told_seconds(short)}"
        return Fix(what, tuple(edits)) if edits else None

    def no_retry(self, acting: Acting) -> Fix | None:
        """One try instead of several, where the number of tries stands under its key and may be one."""
        place = next((one.location for one in acting.policy.provenance if one.value == "retry"), None)
        once = ONCE.get(acting.convention)
        if place is None or once is None:
            return None

        def changed(text: str) -> str | None:
            said = [
                one
                for one in _NUMBER.finditer(text)
                if int(one[0]) == acting.tries - once.less and _key_before(text, one.start()) == once.key
            ]
            if len(said) != 1:
                return None
            return f"{text[: said[0].start()]}{once.least}{text[said[0].end() :]}"

        edit = self._edit(place, changed)
        return Fix(f"do not retry in {edit.path}:{edit.line}", (edit,)) if edit else None

    def _edit(self, place: Location, changed: Callable[[str], str | None]) -> Edit | None:
        """The first line from the place on, in its block, that can be changed so."""
        top = self._line(place)
        for number in range(place.line, place.line + NEAR):
            text = self._line(Location(place.path, number))
            if number > place.line and _indent(text) <= _indent(top) and text.strip():
                return None
            new = changed(text)
            if new is not None:
                return Edit(place.path, number, (text,), (new,))
        return None


def _with_duration(old_s: float, new_s: float, text: str) -> str | None:
    """A line with another duration under a key of a timeout; None where the old one does not stand there."""
    said = [
        one
        for one in _DURATION.finditer(text)
        if seconds_of(one[0]) == old_s
        and _key_before(text, one.start()).lower().endswith(("timeout", "per_try"))
    ]
    if len(said) != 1:
        return None
    new = f"{round(new_s * 1000)}ms" if said[0][2] == "ms" else _seconds(new_s, quoted='"' in text)
    return f"{text[: said[0].start()]}{new}{text[said[0].end() :]}"


def _begins(line: str, key: str) -> bool:
    return line.startswith(f"{key}:")


def _key_before(text: str, at: int) -> str:
    """The key whose value begins there."""
    for found in _KEY.finditer(text):
        if found.end() == at:
            return str(found[1])
    return ""


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _seconds(seconds: float, *, quoted: bool) -> str:
    """`2.5s`; in JSON as protobuf has it."""
    return proto_text(seconds) if quoted else f"{seconds:g}s"
