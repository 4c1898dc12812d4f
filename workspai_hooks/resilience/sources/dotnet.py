"""Resilience of .NET's HttpClient in `appsettings.json`: the options of Microsoft.Extensions.Http.Resilience,
which stand wherever the program binds them from.

An object that has `Retry` with `MaxRetryAttempts` is one, or one with two of `Retry`, `AttemptTimeout` and
`TotalRequestTimeout`. Retries are counted without the first try; three of them, exponential from 2 s on with
jitter, and 30 s for all together are what holds where nothing is said
(<https://learn.microsoft.com/dotnet/core/resilience/http-resilience>).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.errors import Undecided
from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.model import Backoff, Breaker, Provenance, Retry, Where
from workspai_hooks.resilience.reading import Fault, Read
from workspai_hooks.resilience.sources.application_settings import Settings, Value, first_line, question
from workspai_hooks.source import Location

CONVENTION = "HttpClient resilience"
MARKS = (b"MaxRetryAttempts", b"TotalRequestTimeout", b"AttemptTimeout", b"ShouldRetryAfterHeader")
_RETRIES, _DELAY_S, _TOTAL_S, _ATTEMPT_S = 3, 2.0, 30.0, 10.0
_BREAKER = Breaker(100, 5.0)
"""`HttpStandardResilienceOptions`: at least 100 calls are seen before it opens, for 5 s."""
_MOST = 1_000_000
_KEYS = frozenset(
    {"maxretryattempts", "delay", "backofftype", "usejitter", "shouldretryafterheader", "maxdelay"}
)
_SECTIONS = ("retry", "totalrequesttimeout", "attempttimeout")
_GENERIC = frozenset(
    {"resilience", "httpclient", "httpclients", "options", "standard", "pipeline", "clients"}
)
Values = Mapping[str, Value]


def wanted(path: str) -> bool:
    """`appsettings.json`, `appsettings.Production.json`, not those of development."""
    name = path.rpartition("/")[2].lower()
    return name.startswith("appsettings") and name.endswith(".json") and "development" not in name


def read(path: str, data: bytes) -> Read:
    """What a file of settings says."""
    settings = Settings(path, data)
    questions: list[Undecided] = [*settings.undecided]
    layers: list[Layer] = []
    faults: list[Fault] = []
    for owner, values in sorted(_objects(settings).items()):
        retry = _retry(values, questions)
        hosts = tuple(one for one in owner if one.lower() not in _GENERIC)
        if hosts:
            layers.append(_layer(path, owner, hosts, values, retry, questions))
        faults += _faults(path, owner, values, retry)
    return Read((), tuple(layers), tuple(faults), tuple(questions))


def _objects(settings: Settings) -> dict[tuple[str, ...], dict[str, Value]]:
    """The values of each object with sections of ours, by its way through the file."""
    found: dict[tuple[str, ...], dict[str, Value]] = {}
    for (name,), value in settings.find("**"):
        parts = name.split(".")
        section, key = parts[-2:] if len(parts) > 1 else ("", "")
        section, key = section.lower(), key.lower()
        if (section == "retry" and key in _KEYS) or (section in _SECTIONS[1:] and key == "timeout"):
            found.setdefault(tuple(parts[:-2]), {})[f"{section}.{key}"] = value
    named = {
        owner: values for owner, values in found.items() if len({key.partition(".")[0] for key in values}) > 1
    }
    return named | {
        owner: values
        for owner, values in found.items()
        if "retry.maxretryattempts" in values and owner not in named
    }


def _retry(values: Values, questions: list[Undecided]) -> Retry | None:
    told = values.get("retry.maxretryattempts")
    retries = told.number if told else float(_RETRIES)
    if told is not None and (retries is None or retries < 1) and told.known is not None:
        questions.append(question(told, "MaxRetryAttempts", "number of retries above zero"))
    delay = values.get("retry.delay")
    seconds = delay.seconds(86_400.0) if delay else _DELAY_S
    if delay is not None and seconds is None and delay.known is not None:
        questions.append(question(delay, "Delay", "duration, as 00:00:02"))
    if retries is None or seconds is None or not retries >= 1:
        return None
    kind = (values["retry.backofftype"].known or "") if "retry.backofftype" in values else "Exponential"
    jitter = "retry.usejitter" not in values or values["retry.usejitter"].is_true
    backoff = Backoff(
        seconds,
        86_400.0 if kind == "Exponential" else seconds,
        2.0 if kind == "Exponential" else 1.0,
        0.25 * jitter,
    )
    return Retry(1 + min(int(retries), _MOST), backoff, (), (408, 429, 500, 502, 503, 504), True)


def _layer(
    path: str,
    owner: tuple[str, ...],
    hosts: tuple[str, ...],
    values: Values,
    retry: Retry | None,
    questions: list[Undecided],
) -> Layer:
    """An object stands for the services that the keys around it are called like."""
    total = _timeout(values, "totalrequesttimeout.timeout", _TOTAL_S, questions)
    attempt = _timeout(values, "attempttimeout.timeout", _ATTEMPT_S, questions)
    lines = [
        Provenance(name, place.location, CONVENTION)
        for name, key in (
            ("retry", "retry.maxretryattempts"),
            ("timeout_s", "totalrequesttimeout.timeout"),
            ("per_try_s", "attempttimeout.timeout"),
        )
        if (place := values.get(key)) is not None
    ]
    return Layer(
        Where.CLIENT,
        CONVENTION,
        first_line(list(values.values())),
        hosts,
        caller=path,
        group=f"{CONVENTION} {'.'.join(owner)}",
        timeout_s=total,
        per_try_s=attempt,
        retry=retry,
        breaker=_BREAKER,
        lines=tuple(sorted(lines)),
    )


def _timeout(values: Values, key: str, usual: float, questions: list[Undecided]) -> float | None:
    if key not in values:
        return usual
    found = values[key].seconds(86_400.0)
    if found is None and values[key].known is not None:
        questions.append(question(values[key], "Timeout", "duration, as 00:00:30"))
    return found


def _faults(path: str, owner: tuple[str, ...], values: Values, retry: Retry | None) -> Iterator[Fault]:
    element = f"file:{path}#{'.'.join((*owner, 'Retry'))}"
    if retry is not None and retry.tries_total > 1:
        if retry.backoff.initial_s == 0:
            message = "the retry has no wait: Delay is zero"
            yield Fault("retry-backoff", element, message, _at(values, "retry.delay"))
        elif retry.backoff.jitter == 0:
            message = "the retry has no jitter: all clients come back at once"
            yield Fault("retry-backoff", element, message, _at(values, "retry.usejitter"))
    told = values.get("retry.shouldretryafterheader")
    if told is not None and (told.known or "").lower() == "false":
        message = "the retry does not wait as long as Retry-After says: ShouldRetryAfterHeader is false"
        yield Fault("retry-after-ignored", element, message, told.location)


def _at(values: Values, key: str) -> Location:
    return values[key].location if key in values else first_line(list(values.values()))
