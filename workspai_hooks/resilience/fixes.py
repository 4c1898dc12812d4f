"""Certain changes of values where they stand: a longer timeout, fewer tries, in the dialect of the line."""

from __future__ import annotations

import math
from collections.abc import Callable

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.calls import Acting
from workspai_hooks.resilience.durations import proto_text, seconds_of, told_seconds
from workspai_hooks.resilience.reading import Edit, Fix
from workspai_hooks.source import Location

Line = Callable[[Location], str]
_DURATION = regex(r"(?<![\w.])(\d{1,12}(?:\.\d{1,9})?)(ms|s|m|h)(?![\w.])")
_NUMBER = regex(r"(?<![\w.])\d{1,9}(?![\w.])")
MARGIN = 1.1
"""A tenth on top of what a callee may take, for its own work and the way."""


class Fixes:
    """`line` gives the text of a place's line, empty where there is none."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def longer_timeout(self, acting: Acting, needed_s: float) -> Fix | None:
        """The total timeout of a layer as long as its callee needs, in whole tenths of a second."""
        place = next((one.location for one in acting.policy.provenance if one.value == "timeout_s"), None)
        timeout = acting.policy.timeout_s
        if place is None or timeout is None:
            return None
        wanted = math.ceil(needed_s * MARGIN * 10) / 10
        text = self._line(place)
        said = [one for one in _DURATION.finditer(text) if seconds_of(one[0]) == timeout]
        if len(said) != 1:
            return None
        new = (
            f"{round(wanted * 1000)}ms" if said[0][2] == "ms" else proto_or_short(wanted, quoted='"' in text)
        )
        changed = f"{text[: said[0].start()]}{new}{text[said[0].end() :]}"
        edit = Edit(place.path, place.line, (text,), (changed,))
        return Fix(f"wait {told_seconds(wanted)} instead of {told_seconds(timeout)}", (edit,))

    def no_retry(self, acting: Acting) -> Fix | None:
        """One try instead of several, where the number stands alone in its line and may be one."""
        place = next((one.location for one in acting.policy.provenance if one.value == "retry"), None)
        once = _ONCE.get(acting.convention)
        if place is None or once is None:
            return None
        offset, least = once
        text = self._line(place)
        said = [one for one in _NUMBER.finditer(text) if int(one[0]) == acting.tries - offset]
        if len(said) != 1:
            return None
        changed = f"{text[: said[0].start()]}{least}{text[said[0].end() :]}"
        return Fix(f"do not retry in {place.path}", (Edit(place.path, place.line, (text,), (changed,)),))


def proto_or_short(seconds: float, *, quoted: bool) -> str:
    """`2.5s`; in JSON as protobuf has it."""
    return proto_text(seconds) if quoted else f"{seconds:g}s"


_ONCE = {"workspai-hooks": (0, 1), "Istio VirtualService": (1, 0), "resilience4j": (0, 1)}
"""Convention -> what it counts less than tries, and what it writes for a single one. gRPC's `maxAttempts`
can't be one: the whole policy would have to go."""
