"""What certainly mends a fault of a service config: the same value in the dialect that run times read, the
same key as they spell it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.durations import proto_text, seconds_of
from workspai_hooks.resilience.grpc.ignored import spelled
from workspai_hooks.resilience.grpc.values import Fault, Kind, Pointer
from workspai_hooks.resilience.model import GRPC_CODES
from workspai_hooks.resilience.reading import Edit, Fix
from workspai_hooks.source import Location

_TOKEN = regex(r'"([A-Za-z_]{1,40})"')
_DURATION = regex(r'("[A-Za-z]{1,40}"\s*:\s*)"\s*(\d*\.?\d{1,12}\s*[a-z]{1,2})\s*"')
_DURATIONS = ("timeout", "initialBackoff", "maxBackoff")
_OTHER_SPELLING = {"CANCELED": "CANCELLED"}


def fix_of(faults: Iterable[Fault], where: Callable[[Pointer], Location], lines: Sequence[str]) -> Fix | None:
    """A change that mends all of the faults; None where one needs a decision."""
    changed: dict[int, str] = {}
    places = sorted({fault.at: fault for fault in faults}.values(), key=lambda one: where(one.at))
    for fault in reversed(places):  # from the end of a line, so that columns before it stay
        place = where(fault.at)
        line = changed.get(place.line, lines[place.line - 1] if place.line <= len(lines) else "")
        mended = _mended(fault, line, place.column - 1)
        if mended is None:
            return None
        changed[place.line] = mended
    if not changed:
        return None
    path = where(()).path
    edits = tuple(Edit(path, line, (lines[line - 1],), (text,)) for line, text in sorted(changed.items()))
    return Fix("write it as gRPC's run times read it", edits)


def _mended(fault: Fault, line: str, column: int) -> str | None:
    name = fault.at[-1] if fault.at else ""
    if fault.kind is Kind.IGNORED:
        key = _TOKEN.match(line, column)
        right = spelled(fault.at)
        known = key is not None and key[1] == name and right and not fault.beside
        return f'{line[:column]}"{right}"{line[key.end() :]}' if known and key is not None else None
    if len(fault.at) > 1 and fault.at[-2] == "retryableStatusCodes":
        code = _TOKEN.match(line, column)
        right = _code(code[1]) if code is not None else ""
        return f'{line[:column]}"{right}"{line[code.end() :]}' if code is not None and right else None
    found = _DURATION.match(line, column) if name in _DURATIONS else None
    if found is None:
        return None
    text = found[2].replace(" ", "")
    seconds = seconds_of(f"0{text}" if text.startswith(".") else text)
    if not seconds or seconds < 0.001:
        return None
    return f'{line[:column]}{found[1]}"{proto_text(seconds)}"{line[found.end() :]}'


def _code(text: str) -> str:
    name = text.upper()
    name = _OTHER_SPELLING.get(name, name)
    return name if name in GRPC_CODES else ""
