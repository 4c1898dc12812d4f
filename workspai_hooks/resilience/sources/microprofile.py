"""MicroProfile Fault Tolerance and REST clients in configuration (Quarkus, Helidon, Open Liberty).

`<class>/<method>/Retry/maxRetries`, `Retry/maxRetries`, and Quarkus' `quarkus.fault-tolerance."…".retry.*`
override what annotations say; -1 retries have no limit, and a duration of 0 is none. A REST client's times
are
milliseconds (MicroProfile Fault Tolerance 4.0, section "Configuration";
<https://quarkus.io/guides/rest-client>).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.errors import Undecided
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.model import Provenance, Where
from workspai_hooks.resilience.reading import Fault, Read
from workspai_hooks.resilience.sources.application_settings import Settings, Value, first_line, question

CONVENTION = "MicroProfile"
MARKS = (b"Retry/", b"fault-tolerance", b"rest-client", b"mp-rest")
CONNECT_S, READ_S = 15.0, 30.0
"""Quarkus' REST client where nobody says anything."""
_RETRY = regex(r"(?:(.{1,300})/)?Retry/(\w{1,40})")
_REST = regex(r"(.{1,300})/mp-rest/(\w{1,40})")
_HOST = regex(r"[a-z+]{1,20}://([A-Za-z0-9.-]{1,200})")
Values = Mapping[str, Value]


def read(path: str, data: bytes) -> Read:
    """What a file of settings says."""
    settings = Settings(path, data)
    questions: list[Undecided] = [*settings.undecided]
    layers = [
        layer
        for name, values in sorted(_clients(settings).items())
        if (layer := _layer(path, name, values, questions)) is not None
    ]
    faults = [
        fault for name, values in sorted(_retries(settings).items()) for fault in _faults(path, name, values)
    ]
    return Read((), tuple(layers), tuple(faults), tuple(questions))


def _retries(settings: Settings) -> dict[str, dict[str, Value]]:
    """The values of each retry, an empty name for all of them."""
    found: dict[str, dict[str, Value]] = {}
    for (name,), value in settings.find("**"):
        match = _RETRY.fullmatch(name)
        if match is not None:
            found.setdefault(match[1] or "", {})[match[2].lower()] = value
    for (name, key), value in settings.find("quarkus.faulttolerance.*.retry.*"):
        found.setdefault("" if name == "global" else name, {})[key.replace("-", "").lower()] = value
    return found


def _clients(settings: Settings) -> dict[str, dict[str, Value]]:
    found: dict[str, dict[str, Value]] = {}
    for (name,), value in settings.find("**"):
        match = _REST.fullmatch(name)
        if match is not None:
            found.setdefault(match[1].strip('"'), {})[match[2].lower()] = value
    for (name, key), value in settings.find("quarkus.restclient.*.*"):
        found.setdefault(name, {})[key.replace("-", "").lower()] = value
    return found


def _layer(path: str, name: str, values: Values, questions: list[Undecided]) -> Layer | None:
    """A client stands for the service that it is called like, or that its URL names."""
    told = [values[key] for key in ("connecttimeout", "readtimeout") if key in values]
    connect = values["connecttimeout"].seconds() if "connecttimeout" in values else CONNECT_S
    answer = values["readtimeout"].seconds() if "readtimeout" in values else READ_S
    questions += [
        question(one, "timeout", "number of milliseconds")
        for one in told
        if one.seconds() is None and one.known is not None
    ]
    if not told or not connect or not answer:
        return None
    url = values.get("url") or values.get("uri")
    match = _HOST.match(url.text) if url is not None else None
    hosts = tuple(one for one in (name, match[1] if match else "") if one and "/" not in one)
    place = first_line(told)
    whole = round(connect + answer, 9)
    lines = tuple(Provenance(one, place, CONVENTION) for one in ("per_try_s", "timeout_s"))
    return Layer(
        Where.CLIENT,
        CONVENTION,
        place,
        hosts,
        caller=path,
        group=f"{CONVENTION} {name}",
        timeout_s=whole,
        per_try_s=whole,
        lines=lines,
    )


def _faults(path: str, name: str, values: Values) -> Iterator[Fault]:
    of, element = name or "all", f"file:{path}#{name + '/' if name else ''}Retry"
    retries, duration = values.get("maxretries"), values.get("maxduration")
    if (
        retries is not None
        and (retries.known or "") == "-1"
        and duration is not None
        and duration.number == 0
    ):
        message = f"the retry of {of} has no limit: maxRetries is -1, and maxDuration 0"
        yield Fault("retry-uncapped", element, message, retries.location, related=(duration.location,))
    jitter = values.get("jitter")
    if jitter is not None and jitter.number == 0:
        message = f"the retry of {of} has no jitter: all clients come back at once"
        yield Fault("retry-backoff", element, message, jitter.location)
