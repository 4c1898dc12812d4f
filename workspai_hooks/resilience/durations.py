"""Durations as the conventions write them, in seconds."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex

_TEXT = regex(r"(\d{1,12}(?:\.\d{1,9})?)(ns|us|ms|s|m|h)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PROTO = regex(r"(\d{1,12})(?:\.(\d{1,9}))?s")
LONGEST_S = 315_576_000_000.0
"""The longest that `google.protobuf.Duration` allows."""


def seconds_of(text: str) -> float | None:
    """`0.5s`, `500ms`, `2m`: seconds; None for anything else."""
    found = _TEXT.fullmatch(text)
    return round(float(found[1]) * _UNITS[found[2]], 9) if found else None


def told_seconds(seconds: float) -> str:
    """For a person: `1.5 s`, `250 ms`, `2 min`."""
    if seconds < 1:
        return f"{seconds * 1000:.4g} ms"
    if seconds >= 120 and seconds % 60 == 0:
        return f"{seconds / 60:.4g} min"
    return f"{seconds:.4g} s"


def proto_seconds(text: object) -> float | None:
    """A duration as protobuf's JSON has it (`1.5s`, nothing else); None for anything else."""
    found = _PROTO.fullmatch(text) if isinstance(text, str) else None
    value = float(text[:-1]) if found and isinstance(text, str) else None
    return value if value is not None and value <= LONGEST_S else None


def proto_text(seconds: float) -> str:
    """The same as text that all four gRPC runtimes read alike: whole seconds, or exactly nine digits (grpc-js
    misreads others, shared/STUBS.md)."""
    nanos = round(seconds * 1e9)
    whole, rest = divmod(nanos, 10**9)
    return f"{whole}.{rest:09d}s" if rest else f"{whole}s"


_GO = regex(r"(?:\d{1,9}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h)){1,6}")
_GATEWAY = regex(r"(?:[0-9]{1,5}(?:h|m|s|ms)){1,4}")
_PART = regex(r"(\d{1,12}(?:\.\d{1,9})?)(ns|us|µs|ms|s|m|h|d)")
_LINKERD = regex(r"\d{1,12}(?:ms|s|m|h|d)")
_ALL_UNITS = {**_UNITS, "µs": 1e-6, "d": 86400.0}


def go_seconds(value: object) -> float | None:
    """What Go's `time.ParseDuration` reads: `1m30s`, `250ms`, `0`."""
    return _sum(value, _GO)


def gateway_seconds(value: object) -> float | None:
    """A duration of the Gateway API (GEP-2257): whole numbers of h, m, s and ms, each up to five digits."""
    return _sum(value, _GATEWAY)


def linkerd_seconds(value: object) -> float | None:
    """A duration of Linkerd's annotations: as the Gateway API's, and one whole number of days."""
    whole = _sum(value, _LINKERD)
    return whole if whole is not None else gateway_seconds(value)


def _sum(value: object, form: re.Pattern[str]) -> float | None:
    if value in ("0", 0) and value is not False and form is not _GATEWAY:
        return 0.0
    if not isinstance(value, str) or not form.fullmatch(value):
        return None
    parts = _PART.findall(value)
    return round(sum(float(number) * _ALL_UNITS[unit] for number, unit in parts), 9)
