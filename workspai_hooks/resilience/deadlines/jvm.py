"""Java and Kotlin: `withDeadlineAfter` of a stub. Of HTTP clients RestTemplate waits for ever as it is made
without a request factory; Feign ends after 60 s, MicroProfile's client after 30, OkHttp after 10."""

from __future__ import annotations

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.deadlines.site import Site
from workspai_hooks.resilience.deadlines.values import INHERITED, NONE, UNKNOWN, Deadline, set_to

_SET = regex(r"\.withDeadline(?:After)?\(\s*([^)]{0,200})")
_AFTER = regex(r"(\d{1,9})L?\s*,\s*(?:TimeUnit\.)?(NANOSECONDS|MICROSECONDS|MILLISECONDS|SECONDS|MINUTES)")
_DURATION = regex(r"(?:Duration\.of(Millis|Seconds|Minutes)\(\s*(\d{1,9}))")
_UNITS = {
    "NANOSECONDS": 1e-9,
    "MICROSECONDS": 1e-6,
    "MILLISECONDS": 1e-3,
    "SECONDS": 1.0,
    "MINUTES": 60.0,
    "Millis": 1e-3,
    "Seconds": 1.0,
    "Minutes": 60.0,
}
_AROUND = regex(
    r"\.get\(\s*\w{1,40}\s*,\s*(?:TimeUnit\.)?[A-Z]+\s*\)|withTimeout(?:OrNull)?\(|\.orTimeout\(|\.ifNoItem\(\)|\.timeout\("
    r"|@Timeout\b|@TimeLimiter\b|@HystrixCommand\b|@EnableHystrix|@EnableCircuitBreaker|CircuitBreakerFactory"
)
"""What ends the work around a call: Hystrix's commands do after a second where nobody says anything."""
_MAY_RPC = regex(r"withDeadline|ClientInterceptor|\bdeadline\b|grpc-client|setDeadline")
_MAY_HTTP = regex(
    r"(?i)read-?Timeout|connect-?Timeout|RequestFactory|HttpClientBuilder|responseTimeout|\.timeout\(|CircuitBreakerFactory"
    r"|ClientHttpRequestFactory|OkHttp3"
)
_TEMPLATE = regex(r"\bRestTemplate\b")
_OTHERS = regex(r"\b(?:WebClient|RestClient|OkHttpClient|FeignClient|HttpClient|WebTarget)\b")


def of_rpc(site: Site) -> Deadline:
    """At the call, or, in another place of the service, perhaps on the same stub."""
    found = _SET.search(site.statement)
    if found:
        return set_to(_seconds(found[0]), "withDeadlineAfter")
    return UNKNOWN if site.anywhere(_MAY_RPC) or site.anywhere(_AROUND) else INHERITED


def of_request(site: Site) -> Deadline:
    """Of a RestTemplate alone it is known that it waits."""
    if site.anywhere(_MAY_HTTP) or site.anywhere(_AROUND):
        return UNKNOWN
    text = site.file.text
    return NONE if _TEMPLATE.search(text) and not _OTHERS.search(text) else UNKNOWN


def _seconds(text: str) -> float | None:
    after = _AFTER.search(text)
    if after:
        return float(after[1]) * _UNITS[after[2]]
    duration = _DURATION.search(text)
    return float(duration[2]) * _UNITS[duration[1]] if duration else None
