"""What names of elements share: where one stands, and what a wrong one may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from workspai_hooks.errors import UsageError
from workspai_hooks.findings import Surface
from workspai_hooks.source import IN_FILE

EVERY_SURFACE = (Surface.SOURCE, Surface.JSON, Surface.WIRE)
SHOWN = 5


def one_of(element: str, name: str, homes: Sequence[str], known: Iterable[str]) -> str:
    """The one file that has a name; `UsageError` with the nearest names, or with all the files."""
    if not homes:
        raise UsageError(f"{element}: no such element; {nearest(name, known)}")
    if len(homes) > 1:
        shown = ", ".join(f"{home}{IN_FILE}{name}" for home in sorted(homes)[:SHOWN])
        raise UsageError(f"{element}: it is in {len(homes)} files; name one of {shown}")
    return homes[0]


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for who mistyped a name."""
    near = difflib.get_close_matches(name, sorted(known), n=SHOWN, cutoff=0.6)
    return f"did you mean {', '.join(near)}?" if near else "nothing here is called the like"
