"""Lines that name an address and call it not: logs, start orders, who may call, ways back, documents."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex

_BEFORE = 160
_NEAR = 10_000
_ASIDE = regex(
    rb"\bwait[-_]?for|\bdockerize\b|\bnc -|health-?_?check|pg_isready"
    rb"|\bcors|cross_?origin|allowed_?-?(?:origin|host)|redirect_?-?ur[il]|post_?logout|call_?back_?-?ur[il]|valid_?(?:issuer|audience)|swagger|open_?-?api|@server\(|xmlns|schemalocation|\$schema|\bnamespace\b"
    rb"|\blog(?:ger|ging)?(?:\(\))?\.\w{1,12}\(|\bconsole\.\w{1,8}\(|Console\.Write"
    rb"|\b(?:e?print(?:ln|f)?|puts|echo|print_r|fprintf)!?[ (]|\bfmt\.(?:Print|Fprint)\w{0,2}\(",
    re.IGNORECASE,
)
_REGISTRATION = regex(rb"\bAllowedGrantTypes\b|\bRegisteredClient\.with")
"""A list of the applications that may sign in here: its addresses are theirs, to come back to."""


def only_names(data: bytes, at: int) -> bool:
    """What stands before an address on its line, or in the call that it stands in, is no use of it."""
    if _REGISTRATION.search(data, max(0, at - _NEAR), at + _NEAR):
        return True
    start = data.rfind(b"\n", 0, at) + 1
    line = data[max(start, at - _BEFORE) : at]
    if _ASIDE.search(line):
        return True
    # The first argument on a line of its own: `allowedOrigins(` ends the line before.
    above = data[max(data.rfind(b"\n", 0, max(start - 1, 0)) + 1, start - _BEFORE) : max(start - 1, 0)]
    return above.rstrip().endswith((b"(", b"[", b"{", b":")) and _ASIDE.search(above) is not None
