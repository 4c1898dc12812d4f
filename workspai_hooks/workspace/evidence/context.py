"""Lines that name an address and call it not: logs, start orders, who may call, ways back, documents."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex

_BEFORE = 160
_NEAR = 10_000
_ASIDE = regex(
    rb"\bwait[-_]?for|\bdockerize\b|\bnc -|health-?_?check|\baddurlgroup\b|pg_isready"
    rb"|\bcors|cross_?origin|allowed_?-?(?:origin|host)|redirect_?-?ur[il]|post_?logout|call_?back_?-?ur[il]|valid_?(?:issuer|audience)|swagger|open_?-?api|@server\(|xmlns|schemalocation|\$schema|\bnamespace\b"
    rb"|\blocation(?:\.href)?\s{0,4}=\s{0,4}[\"'`(]|\blocation\.(?:assign|replace)\(|\bwindow\.open\(|<a\s[^<>]{0,80}href\s{0,4}="
    rb"|\blog(?:ger|ging)?(?:\(\))?\.\w{1,12}\(|\bconsole\.\w{1,8}\(|Console\.Write"
    rb"|\b(?:e?print(?:ln|f)?|puts|echo|print_r|fprintf)!?[ (]|\bfmt\.(?:Print|Fprint)\w{0,2}\(",
    re.IGNORECASE,
)
_REGISTERING = (b"AllowedGrantTypes", b"RegisteredClient.with")
_CHECK = regex(rb"health_?-?check|\bAddUrlGroup\b", re.IGNORECASE)
_REGISTRATION = regex(rb"\bAllowedGrantTypes\b|\bRegisteredClient\.with")
"""A list of the applications that may sign in here: its addresses are theirs, to come back to."""


_NAMED = regex(rb"(?<![\w$])([A-Za-z_$][\w$]{0,60})\s{0,4}[:=]\s{0,4}[\"'`]$")
_ASKS_ITS_SERVER = regex(
    rb"(?:\bfetch|\baxios(?:\.get)?|\$\.(?:get|getJSON|ajax)|\.open)\(\s{0,20}(?:[\"']GET[\"'],\s{0,4})?[\"'`]/[\w-]"
)


def replaced(data: bytes, at: int) -> bool:
    """Whether a text of a page is only what a name holds until the page's own server has told it another:
    `url: "http://localhost:5001"`, and later `this.url = data.url` in a file that asks `fetch("/config")`."""
    named = _NAMED.search(data[max(0, at - 80) : at])
    if named is None or not _ASKS_ITS_SERVER.search(data):
        return False
    given = rb"\w\." + re.escape(named[1]) + rb"\s{0,4}=\s{0,4}\(?(?:await\s|[a-z]\w{0,40}\.\w)"
    return re.search(given, data) is not None


def is_check(data: bytes, at: int) -> bool:
    """Whether what stands before on the line asks whether somebody is well."""
    return _CHECK.search(data, max(data.rfind(b"\n", 0, at) + 1, at - _BEFORE), at) is not None


def only_names(data: bytes, at: int) -> bool:
    """What stands before an address on its line, or in the call that it stands in, is no use of it."""
    around = data[max(0, at - _NEAR) : at + _NEAR]
    if any(word in around for word in _REGISTERING) and _REGISTRATION.search(around):
        return True
    start = data.rfind(b"\n", 0, at) + 1
    line = data[max(start, at - _BEFORE) : at]
    if _ASIDE.search(line):
        return True
    # The first argument on a line of its own: `allowedOrigins(` ends the line before.
    above = data[max(data.rfind(b"\n", 0, max(start - 1, 0)) + 1, start - _BEFORE) : max(start - 1, 0)]
    return above.rstrip().endswith((b"(", b"[", b"{", b":")) and _ASIDE.search(above) is not None
