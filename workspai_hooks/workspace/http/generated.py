"""Files of clients that a generator made of the description of an API, by the headers that generators leave.

They are read for what they declare only (`calls_generated.py`).
"""

from __future__ import annotations

from workspai_hooks.changes.generated import HEADER_BYTES as HEAD
from workspai_hooks.patterns import regex
from workspai_hooks.stubs.recognise import described

_BANNER = regex(rb"\s{0,20}/\*(?:!|[^/]{0,200}@(?:license|preserve))[^/]{0,600}?\bv?\d+\.\d+\.\d+")


def is_client(path: str, data: bytes) -> bool:
    """Whether a generator of clients, or of their models, made a file."""
    return described(data, path) is not None


def is_library(path: str, data: bytes) -> bool:
    """Whether a script is a copy of a library: it begins with a licence that is kept, and a version."""
    return path.endswith((".js", ".mjs", ".cjs")) and _BANNER.match(data[:HEAD]) is not None
