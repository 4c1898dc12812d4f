"""The scripts in pages and components (HTML, Vue, Svelte), as JavaScript: everything around them is
blanked out, so that lines and columns stay.
"""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.http import lower_ecmascript
from workspai_hooks.workspace.use_sites.syntax import Source

_SCRIPT = regex(rb"<script\b([^>]{0,500})>", re.IGNORECASE)
_END = regex(rb"</script", re.IGNORECASE)
_OTHER = regex(
    rb"type\s*=\s*[\"']?(?!module|text/javascript|application/javascript|text/babel|ts)", re.IGNORECASE
)
_REST = regex(rb"[^\n]")


def lower(data: bytes) -> Source:
    """The tree of the scripts of a file."""
    pieces: list[bytes] = []
    last = 0
    for start in _SCRIPT.finditer(data):
        if start.start() < last or _OTHER.search(start[1]):
            continue
        end = _END.search(data, start.end())
        stop = end.start() if end is not None else len(data)
        pieces += [_REST.sub(b" ", data[last : start.end()]), data[start.end() : stop]]
        last = stop
    pieces.append(_REST.sub(b" ", data[last:]))
    return lower_ecmascript.lower(b"".join(pieces))
