"""C#: `deadline:` of a stub's call; HttpClient ends after 100 s by itself, a gRPC channel never."""

from __future__ import annotations

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.deadlines.site import Site
from workspai_hooks.resilience.deadlines.values import NONE, UNKNOWN, Deadline, set_to

HTTP_CLIENT_S = 100.0
"""`HttpClient.Timeout` where nobody sets it."""
STANDARD_S = 30.0
"""`TotalRequestTimeout` of `AddStandardResilienceHandler` (Microsoft.Extensions.Http.Resilience)."""
_SET = regex(r"\bdeadline\s*:|\bCallOptions\(|\.WithDeadline\(")
_AMOUNT = regex(r"(?:Add|TimeSpan\.From)(Milliseconds|Seconds|Minutes)\(\s*(\d{1,9}(?:\.\d{1,9})?)\s*\)")
_UNITS = {"Milliseconds": 1e-3, "Seconds": 1.0, "Minutes": 60.0}
_STANDARD = regex(r"ConfigureHttpClientDefaults\([\s\S]{0,500}?\.AddStandardResilienceHandler\(\s*\)")
"""For all clients of a program, with nothing said otherwise; of a single client it is not known here."""
_MAY = regex(
    r"AddStandardResilienceHandler|AddResilienceHandler|AddPolicyHandler|EnableCallContextPropagation|"
    r"\bdeadline\s*:|new CallOptions\(|: Interceptor\b[\s\S]{0,5000}[Dd]eadline|CancelAfter\(|"
    r"CancellationTokenSource\(\s*[^)\s]|HttpClient\.Timeout|\.Timeout\s*="
)


def of_rpc(site: Site) -> Deadline:
    """At the call; the clients' factory may give all one."""
    text = site.file.nodes.text(site.call)
    if _SET.search(text):
        found = _AMOUNT.search(text)
        return set_to(float(found[2]) * _UNITS[found[1]] if found else None, "deadline:")
    if site.anywhere(_STANDARD):
        return set_to(STANDARD_S, "AddStandardResilienceHandler")
    return UNKNOWN if len(site.arguments) > 2 or site.anywhere(_MAY) else NONE


def of_request(site: Site) -> Deadline:
    """HttpClient always has one."""
    if site.anywhere(_STANDARD):
        return set_to(STANDARD_S, "AddStandardResilienceHandler")
    known = "HttpClient" in site.file.text and not site.anywhere(_MAY)
    return set_to(HTTP_CLIENT_S, "HttpClient") if known else UNKNOWN
