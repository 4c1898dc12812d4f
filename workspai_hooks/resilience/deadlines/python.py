"""Python: `timeout=` at the call. By itself httpx waits 5 s, aiohttp 5 minutes, requests and urllib for
ever."""

from __future__ import annotations

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.deadlines.site import Site
from workspai_hooks.resilience.deadlines.values import NONE, UNKNOWN, Deadline, set_to

_INTERCEPTS = regex(r"ClientInterceptor[\s\S]{0,5000}timeout|intercept_channel\(|grpclib|betterproto")
_ADAPTERS = regex(
    r"\(\s*(?:\w+\.)?HTTPAdapter\s*\)|setdefaulttimeout\(|functools\.partial\([^)]{0,200}timeout"
)
_LIBRARIES = regex(r"(?m)^\s*(?:import|from)\s+(requests|httpx|aiohttp|urllib\.request|niquests)\b")
_AROUND = regex(r"\b(?:wait_for|timeout|fail_after|move_on_after)\(")
_NUMBER = regex(r"\d{1,9}(?:\.\d{1,9})?")
_DEFAULTS = {"httpx": (5.0, "httpx"), "aiohttp": (300.0, "aiohttp")}


def of_rpc(site: Site) -> Deadline:
    """A stub's `timeout`, in seconds."""
    told = _told(site)
    return told or (UNKNOWN if site.anywhere(_INTERCEPTS) else NONE)


def of_request(site: Site) -> Deadline:
    """By the library that the file asks with, where it is one alone."""
    told = _told(site)
    if told is not None:
        return told
    libraries = {found[1] for found in _LIBRARIES.finditer(site.file.text)}
    first = site.target.partition(".")[0].strip()
    library = first if first in libraries else next(iter(libraries)) if len(libraries) == 1 else ""
    if library in _DEFAULTS:
        return UNKNOWN if "timeout" in site.file.text else set_to(*_DEFAULTS[library])
    if library in ("requests", "niquests") and site.called in _REQUESTS and not site.anywhere(_ADAPTERS):
        return NONE if library == "requests" else UNKNOWN
    return UNKNOWN


_REQUESTS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})


def _told(site: Site) -> Deadline | None:
    for text in site.texts:
        name, equals, value = text.partition("=")
        if text.startswith("**"):
            return UNKNOWN
        if equals and name.strip() == "timeout":
            value = value.strip()
            if value == "None":
                return NONE
            return set_to(float(value), "timeout=") if _NUMBER.fullmatch(value) else set_to(None, "timeout=")
    if _AROUND.search(site.function):
        return UNKNOWN
    return None
