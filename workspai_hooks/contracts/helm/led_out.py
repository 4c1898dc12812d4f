"""Where the schema of a chart's values leads out of the chart.

helm fetches what such a schema refers to: over http (a request to this very machine passes by every proxy
that leads nowhere) and from the disk (`file://`). So a chart that has one is not given to it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import msgspec

from workspai_hooks.disclosure import address
from workspai_hooks.patterns import regex

SCHEMA = "values.schema.json"
PACKED = ".tgz"
MAX_BYTES = 64 * 1024 * 1024
MAX_FILES = 5_000
"""Of a chart, however it is packed."""
_MOST_DEPTH = 4
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef", "$schema")
# Every validator brings those along.
_KNOWN = regex(r"https?://json-schema\.org/(?:draft-0[4-7]/|draft/20\d\d-\d\d/)?schema#?")


def led_out(name: str, data: bytes) -> str | None:
    """Why a file of a chart (its path in it) is not given to helm: it refers to what is outside of the chart,
    or can't be read well enough to tell."""
    if name.rpartition("/")[2] == SCHEMA:
        return _of_schema(data)
    if name.endswith(PACKED):
        import tarfile  # few charts have packed ones
        import zlib

        try:
            schemas = _unpacked(data, 0, [MAX_BYTES, MAX_FILES])
            return next((why for each in schemas if (why := _of_schema(each)) is not None), None)
        except (OSError, EOFError, ValueError, tarfile.TarError, zlib.error):
            return "can't be unpacked, which helm would do"
    return None


def _of_schema(data: bytes) -> str | None:
    try:
        waiting: list[object] = [msgspec.json.decode(data) if data.strip() else None]
    except (ValueError, RecursionError):
        return "a schema of values in it is no JSON"
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
            for key in _REFERENCES:
                reference = one.get(key)
                if isinstance(reference, str) and not _stays(reference):
                    told = address(reference)[:200]
                    return f"refers to {told}, which helm would fetch or open: that is not allowed here"
    return None


def _stays(reference: str) -> bool:
    return reference[:1] in ("", "#") or _KNOWN.fullmatch(reference) is not None


def _unpacked(data: bytes, depth: int, left: list[int]) -> Iterator[bytes]:
    """Schemas in a packed chart, and in charts that are packed in it. `left` are bytes and files."""
    import tarfile

    if depth > _MOST_DEPTH:
        raise ValueError("charts in charts in charts")
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        for member in archive:
            left[0] -= member.size
            left[1] -= 1
            if min(left) < 0:
                raise ValueError("too large")
            if not member.isfile() or not member.name.endswith((SCHEMA, PACKED)):
                continue
            file = archive.extractfile(member)
            content = file.read() if file is not None else b""
            if member.name.endswith(PACKED):
                yield from _unpacked(content, depth + 1, left)
            else:
                yield content
