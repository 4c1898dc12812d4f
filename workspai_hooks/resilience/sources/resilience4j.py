"""resilience4j in Spring's configuration: `resilience4j.retry|timelimiter|circuitbreaker.instances.*`.

`maxAttempts` counts all tries; the time limiter is inside of the retry, so that it limits a single try
(<https://resilience4j.readme.io/docs/getting-started-3>, "Aspect order"). An instance stands for the service
that it is called like; one that is called otherwise acts on nobody knows what, and only its faults are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.errors import Undecided
from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.model import Backoff, Breaker, Provenance, Retry, Where
from workspai_hooks.resilience.reading import Fault, Read
from workspai_hooks.resilience.sources.application_settings import (
    Settings,
    Value,
    first_line,
    question,
)
from workspai_hooks.source import Location

CONVENTION = "resilience4j"
MARKS = (b"resilience4j",)
_TRIES, _WAIT_S, _MULTIPLIER, _FACTOR, _LIMIT_S = 3, 0.5, 1.5, 0.5, 1.0
_CALLS, _OPEN_S = 100, 60.0
"""What holds where an instance says nothing: `RetryConfig`, `TimeLimiterConfig`, `CircuitBreakerConfig`."""
_LONGEST_S = 86_400.0
Values = Mapping[str, Value]


def read(path: str, data: bytes) -> Read:
    """What a file of settings says."""
    settings = Settings(path, data)
    retries, limits, breakers = (
        _instances(settings, kind) for kind in ("retry", "timelimiter", "circuitbreaker")
    )
    questions: list[Undecided] = [*settings.undecided]
    layers: list[Layer] = []
    faults: list[Fault] = []
    for name in sorted({*retries, *limits, *breakers}):
        retry = _retry(retries[name], questions) if name in retries else None
        layers.append(_layer(path, name, retry, retries, limits, breakers))
        if name in retries and retry is not None and retry.tries_total > 1:
            faults += _faults(path, name, retries[name], retry)
    return Read((), tuple(layers), tuple(faults), tuple(questions))


def _instances(settings: Settings, kind: str) -> dict[str, Values]:
    """The values of each instance with those of the configuration that it builds on."""
    shared = settings.groups(f"resilience4j.{kind}.configs.*.**")
    found: dict[str, Values] = {}
    for owner in ("instances", "backends"):
        for name, own in settings.groups(f"resilience4j.{kind}.{owner}.*.**").items():
            base = own["baseconfig"].known if "baseconfig" in own else "default"
            found[name] = {**shared.get(base or "", {}), **own}
    return found


def _layer(
    path: str,
    name: str,
    retry: Retry | None,
    retries: Mapping[str, Values],
    limits: Mapping[str, Values],
    breakers: Mapping[str, Values],
) -> Layer:
    lines: list[Provenance] = []

    def at(value: str, values: Values) -> None:
        lines.append(Provenance(value, first_line(list(values.values())), CONVENTION))

    per_try = breaker = None
    if name in limits:
        limit = limits[name].get("timeoutduration")
        per_try = limit.seconds() if limit else _LIMIT_S
        at("per_try_s", limits[name])
    if name in breakers:
        values = breakers[name]
        calls = values.get("minimumnumberofcalls") or values.get("slidingwindowsize")
        open_s = values["waitdurationinopenstate"].seconds() if "waitdurationinopenstate" in values else None
        breaker = Breaker(int((calls.number if calls else None) or _CALLS), open_s or _OPEN_S)
        at("breaker", values)
    if name in retries:
        at("retry", retries[name])
    return Layer(
        Where.CLIENT,
        CONVENTION,
        min(one.location for one in lines),
        (name,),
        caller=path,
        group=f"{CONVENTION} {name}",
        per_try_s=per_try,
        retry=retry,
        breaker=breaker,
        lines=tuple(sorted(lines)),
    )


def _retry(values: Values, questions: list[Undecided]) -> Retry | None:
    """None where a value is set elsewhere, or can't be read."""
    told = values.get("maxattempts") or values.get("maxretryattempts")
    tries = told.number if told else float(_TRIES)
    wait = values.get("waitduration")
    seconds = wait.seconds() if wait else _WAIT_S
    for value, read, what, form in (
        (told, tries, "maxAttempts", "number of tries"),
        (wait, seconds, "waitDuration", "duration, as 500ms"),
    ):
        if value is not None and read is None and value.known is not None:
            questions.append(question(value, what, form))
    if tries is None or seconds is None or not 1 <= tries <= 1_000_000 or seconds > _LONGEST_S:
        return None
    exponential = "enableexponentialbackoff" in values and values["enableexponentialbackoff"].is_true
    random = "enablerandomizedwait" in values and values["enablerandomizedwait"].is_true
    multiplier = _number(values, "exponentialbackoffmultiplier", _MULTIPLIER) if exponential else 1.0
    longest = values.get("exponentialmaxwaitduration")
    most = (longest.seconds() if longest else None) or (_LONGEST_S if exponential else seconds)
    factor = _number(values, "randomizedwaitfactor", _FACTOR) if random else 0.0
    return Retry(int(tries), Backoff(seconds, most, max(multiplier, 1.0), factor), (), (), True)


def _number(values: Values, name: str, usual: float) -> float:
    found = values[name].number if name in values else None
    return usual if found is None else found


def _faults(path: str, name: str, values: Values, retry: Retry) -> Iterator[Fault]:
    where = _line(values, "waitduration", "maxattempts", "maxretryattempts")
    element = f"file:{path}#resilience4j.retry.instances.{name}"
    if retry.backoff.initial_s == 0:
        yield Fault("retry-backoff", element, f"resilience4j retries {name} without a wait", where)
    elif retry.backoff.jitter == 0:
        told = f"waits {retry.backoff.initial_s:g} s before a second try of {name}, as all clients do"
        yield Fault("retry-backoff", element, f"resilience4j {told}: enableRandomizedWait is not set", where)


def _line(values: Values, *names: str) -> Location:
    found = next((values[name] for name in names if name in values), None)
    return found.location if found else first_line(list(values.values()))
