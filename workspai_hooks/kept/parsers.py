"""Which releases of other people's parsers are installed: another release may make another fact."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

import msgspec

PARSED = "+"
"""At the end of a kind's version: parsers had a part in it."""
_NAMES = ("tree_sitter", "pyyaml", "jinja2", "protobuf", "msgspec")


@cache
def installed() -> str:
    """A digest of their names and versions, as pip's folders beside them say: importlib.metadata would cost
    30 ms. Empty where there are no such folders."""
    found: set[str] = set()
    for folder in {Path(msgspec.__file__).parents[1], Path(__file__).parents[2]}:
        with suppress(OSError):
            found |= {
                name.lower()
                for name in os.listdir(folder)
                if name.endswith(".dist-info") and name.lower().startswith(_NAMES)
            }
    return hashlib.blake2b("\n".join(sorted(found)).encode(), digest_size=4).hexdigest() if found else ""
