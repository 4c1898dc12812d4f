"""JavaScript and TypeScript: `deadline` in the options of grpc-js, `timeoutMs` of Connect. Of HTTP clients
axios waits for ever by itself; fetch ends after five minutes in Node (undici), and when the browser does."""

from __future__ import annotations

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.deadlines.site import Site
from workspai_hooks.resilience.deadlines.values import NONE, UNKNOWN, Deadline, set_to

_OPTION = regex(r"\bdeadline\b|\btimeoutMs\b")
_AHEAD = regex(
    r"\bdeadline\s*:\s*(?:new Date\()?\s*Date\.now\(\)\s*\+\s*(\d{1,9})\b|\btimeoutMs\s*:\s*(\d{1,9})\b"
)
_MAY_RPC = regex(
    r"\bdeadline\b|timeoutMs|defaultTimeoutMs|InterceptingCall|interceptors|\btimeout\s*\(|Promise\.race"
)
_PLAIN = regex(
    r"(?i)\{[\s\S]*\}|(?:async\s*)?\([\s\S]*=>[\s\S]*|(?:async\s*)?\w+\s*=>[\s\S]*|(?:async\s+)?function\b[\s\S]*"
    r"|\w*(?:callback|cb|done|next|metadata|meta|headers)|new [\w.]*Metadata\(\)|resolve|reject"
)
_MAY_HTTP = regex(r"\btimeout\b|AbortSignal|AbortController|\bsignal\b|cancelToken|interceptors")
_AXIOS_TIMEOUT = regex(r"\btimeout\s*:\s*(\d{1,9})\b")
_AXIOS = regex(r"""from\s+['"]axios['"]|require\(\s*['"]axios['"]\s*\)""")
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "axios"})


def of_rpc(site: Site) -> Deadline:
    """The options come after the request (and metadata); a variable there may be anything."""
    text = site.file.nodes.text(site.call)
    if _OPTION.search(text):
        found = _AHEAD.search(text)
        return set_to(float(found[1] or found[2]) / 1000 if found else None, "deadline")
    if any(not _PLAIN.fullmatch(one) for one in site.texts[1:]) or site.anywhere(_MAY_RPC):
        return UNKNOWN
    return NONE


def of_request(site: Site) -> Deadline:
    """Of axios alone it is known that it waits."""
    text = site.file.nodes.text(site.call)
    if "timeout" in text or "signal" in text:
        found = _AXIOS_TIMEOUT.search(text)
        return set_to(float(found[1]) / 1000 if found and float(found[1]) else None, "timeout")
    known = _AXIOS.search(site.file.text) and site.target.partition(".")[0].strip() == "axios"
    return NONE if known and site.called in _VERBS and not site.anywhere(_MAY_HTTP) else UNKNOWN
