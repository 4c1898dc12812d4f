"""Spring Cloud Gateway in Spring's configuration: its Retry filter, and how long it waits for an answer.

Three retries on a 5xx status of a GET are what the filter does by itself, without a wait between
(<https://docs.spring.io/spring-cloud-gateway/reference/spring-cloud-gateway-server-webflux/gatewayfilter-factories/retry-factory.html>).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus

import msgspec

from workspai_hooks.errors import Undecided
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.layers import Layer, Route
from workspai_hooks.resilience.model import Backoff, Breaker, Provenance, Retry, Where
from workspai_hooks.resilience.reading import Fault, Read
from workspai_hooks.resilience.sources.application_settings import Settings, Value, first_line, question
from workspai_hooks.source import Location

CONVENTION = "Spring Cloud Gateway"
MARKS = (b"gateway",)
_PREFIXES = (
    "spring.cloud.gateway.server.webflux",
    "spring.cloud.gateway.server.webmvc",
    "spring.cloud.gateway.mvc",
    "spring.cloud.gateway",
)
_RETRIES = 3
_SHORT = ("retries", "statuses", "methods", "firstbackoff", "maxbackoff", "factor", "basedonpreviousvalue")
"""The order of `Retry=3,SERVICE_UNAVAILABLE,GET,10ms,50ms,2,false`."""
_SERVER_ERRORS = (500, 502, 503, 504)
_HOST = regex(r"(?:lb|lb:ws|https?|wss?)://([A-Za-z0-9.-]{1,200})")
_UNSAFE = ("PATCH", "POST")
"""RFC 9110, section 9.2.2."""
_NONE = Backoff(0.0, 0.0, 1.0, 0.0)
Values = Mapping[str, Value]


class _Filter(msgspec.Struct, frozen=True):
    """A Retry filter: what it does, of which methods, where it stands."""

    retry: Retry
    methods: tuple[str, ...]
    location: Location


def read(path: str, data: bytes) -> Read:
    """What a file of settings says."""
    settings = Settings(path, data)
    questions: list[Undecided] = [*settings.undecided]
    layers: list[Layer] = []
    filters: list[_Filter] = []
    for prefix in _PREFIXES:
        everywhere, short = settings.groups(f"{prefix}.defaultfilters.*.**"), _plain(settings, prefix)
        general, breaker = _retry_of(everywhere, short, questions), _breaker(everywhere, short)
        waits = settings.one(f"{prefix}.httpclient.responsetimeout")
        filters += [general] if general else []
        for _, values in sorted(settings.groups(f"{prefix}.routes.*.**").items()):
            found = _HOST.match(values["uri"].text) if "uri" in values else None
            mine, inline = _below(values, "filters"), _short(values)
            own, breaks = _retry_of(mine, inline, questions), breaker or _breaker(mine, inline)
            filters += [own] if own else []
            if found is not None:
                place = first_line(list(values.values()))
                timeout = _timeout(waits, values, questions)
                layers += _layers(path, found[1], place, own or general, timeout, breaks)
    return Read((), tuple(layers), tuple(_faults(path, filters)), tuple(questions))


def _below(values: Values, name: str) -> dict[str, dict[str, Value]]:
    """`filters.0.args.retries` of a route as filters by number."""
    found: dict[str, dict[str, Value]] = {}
    for key, value in values.items():
        head, _, rest = key.partition(".")
        number, _, inner = rest.partition(".")
        if head == name and inner:
            found.setdefault(number, {})[inner] = value
    return found


def _short(values: Values) -> list[Value]:
    return [value for key, value in values.items() if key.startswith("filters.") and key.count(".") == 1]


def _plain(settings: Settings, prefix: str) -> list[Value]:
    return [value for _, value in settings.find(f"{prefix}.defaultfilters.*")]


def _retry_of(
    filters: Mapping[str, Values], short: list[Value], questions: list[Undecided]
) -> _Filter | None:
    """The Retry filter among those that are written out, or in one line."""
    for values in filters.values():
        if values.get("name") is not None and values["name"].text == "Retry":
            args = {key.removeprefix("args."): one for key, one in values.items() if key.startswith("args.")}
            named = {key.removeprefix("backoff."): one for key, one in args.items()}
            return _filter(named, values["name"].location, questions)
    for value in short:
        name, equals, rest = value.text.partition("=")
        if name.strip() == "Retry" and equals:
            texts = [Value(one.strip(), value.location) for one in rest.split(",")]
            return _filter(dict(zip(_SHORT, texts, strict=False)), value.location, questions)
    return None


def _breaker(filters: Mapping[str, Values], short: Sequence[Value]) -> Breaker | None:
    """Whether a breaker is among filters; what it does is configured elsewhere."""
    names = [values["name"].text for values in filters.values() if "name" in values]
    names += [value.text.partition("=")[0].strip() for value in short]
    return Breaker() if "CircuitBreaker" in names else None


def _filter(args: Values, place: Location, questions: list[Undecided]) -> _Filter | None:
    told = args.get("retries")
    retries = told.number if told else float(_RETRIES)
    if told is not None and retries is None and told.known is not None:
        questions.append(question(told, "retries", "number of retries"))
    if retries is None or retries > 1000:
        return None
    statuses = tuple(sorted({one for text in _listed(args, "statuses") for one in _status(text)}))
    methods = tuple(sorted(one.upper() for one in _listed(args, "methods"))) or ("GET",)
    first = args["firstbackoff"].seconds() if "firstbackoff" in args else None
    longest = args["maxbackoff"].seconds() if "maxbackoff" in args else None
    factor = (args["factor"].number if "factor" in args else None) or 2.0
    backoff = Backoff(first, longest or 86_400.0, max(factor, 1.0), 0.0) if first else _NONE
    retry = Retry(int(retries) + 1, backoff, (), statuses or _SERVER_ERRORS, True)
    return _Filter(retry, methods, place)


def _listed(args: Values, name: str) -> Iterator[str]:
    for key, value in args.items():
        if key == name or key.startswith(f"{name}."):
            yield from (one.strip() for one in (value.known or "").split(",") if one.strip())


def _status(text: str) -> tuple[int, ...]:
    if text.isdigit() and len(text) == 3:
        return (int(text),)
    return (HTTPStatus[text].value,) if text in HTTPStatus.__members__ else ()


def _timeout(
    general: Value | None, values: Values, questions: list[Undecided]
) -> tuple[float, Location] | None:
    """A route's own time is in milliseconds, that of all a duration."""
    told = values.get("metadata.responsetimeout") or general
    seconds = told.seconds() if told else None
    if told is not None and seconds is None and told.known is not None:
        questions.append(question(told, "response-timeout", "duration, as 5s"))
    return (seconds, told.location) if told is not None and seconds else None


def _layers(
    path: str,
    host: str,
    place: Location,
    found: _Filter | None,
    timeout: tuple[float, Location] | None,
    breaker: Breaker | None,
) -> Iterator[Layer]:
    """One for the methods that are retried, one for the others."""
    group = f"{CONVENTION} {host}"
    lines = [Provenance("per_try_s", timeout[1], CONVENTION)] if timeout else []
    per_try = timeout[0] if timeout else None
    if found is not None:
        yield Layer(
            Where.GATEWAY,
            CONVENTION,
            place,
            (host,),
            (Route(methods=found.methods),),
            caller=path,
            group=group,
            per_try_s=per_try,
            retry=found.retry,
            breaker=breaker,
            lines=tuple(sorted((*lines, Provenance("retry", found.location, CONVENTION)))),
        )
    if per_try is not None:
        lines.append(Provenance("timeout_s", lines[0].location, CONVENTION))
        yield Layer(
            Where.GATEWAY,
            CONVENTION,
            place,
            (host,),
            caller=path,
            group=group,
            rank=1,
            timeout_s=per_try,
            per_try_s=per_try,
            breaker=breaker,
            lines=tuple(sorted(lines)),
        )


def _faults(path: str, filters: list[_Filter]) -> Iterator[Fault]:
    for one in filters:
        if one.retry.tries_total < 2:
            continue
        element = f"file:{path}#Retry:{','.join(one.methods)}"
        if one.retry.backoff.initial_s == 0:
            message = "the gateway's Retry filter has no backoff: it tries again at once"
            yield Fault("retry-backoff", element, message, one.location)
        unsafe = [method for method in one.methods if method in _UNSAFE]
        if unsafe:
            told = f"the gateway's Retry filter sends {' and '.join(unsafe)} again, which is not idempotent"
            yield Fault("retry-unsafe", element, told, one.location)
