"""How large the index may become: what the user says in the environment, which no repository can set."""

from __future__ import annotations

import os

from workspai_hooks.errors import UsageError
from workspai_hooks.patterns import regex

VARIABLE = "WORKSPAI_CACHE_LIMIT"
LIMIT = 512 * 1024 * 1024
"""Bytes, with the files that SQLite keeps beside it."""
LEAST = 8 * 1024 * 1024
MOST = 1 << 40
_SIZE = regex(r"([0-9]{1,15})([kmg]?)(?:i?b)?")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def limit() -> int:
    """Bytes. `UsageError` where the variable says no size."""
    said = os.environ.get(VARIABLE, "").strip().lower()
    if not said:
        return LIMIT
    found = _SIZE.fullmatch(said)
    size = int(found[1]) * _UNITS[found[2]] if found else 0
    if not LEAST <= size <= MOST:
        raise UsageError(
            f"{VARIABLE}={said}: say a size from 8M on, as 512M or 2G (WORKSPAI_INDEX=off keeps nothing)"
        )
    return size
