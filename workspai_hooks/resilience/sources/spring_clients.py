"""Spring Cloud's clients in its configuration: OpenFeign, and of older systems Hystrix and Ribbon.

All times are milliseconds. Ribbon's tries are `(1 + MaxAutoRetries) * (1 + MaxAutoRetriesNextServer)`; a
Hystrix timeout is over all of them (<https://cloud.spring.io/spring-cloud-netflix/reference/html/>). Where a
Zuul proxy is configured in the same file, what is set for all clients acts on all that it routes.
"""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.errors import Undecided
from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.model import Backoff, Provenance, Retry, Where
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.sources.application_settings import Settings, Value, question

MARKS = (b"feign", b"Feign", b"hystrix", b"ribbon")
FEIGN, RIBBON = "OpenFeign", "Ribbon and Hystrix"
_FEIGN_CONNECT_S, _FEIGN_READ_S = 10.0, 60.0
"""`feign.Request.Options` where nobody says anything."""
_AT_ONCE = Backoff(0.0, 0.0, 1.0, 0.0)
_ALL = "default"
_HYSTRIX = "execution.isolation.thread.timeoutinmilliseconds"
Values = Mapping[str, Value]


def read(path: str, data: bytes) -> Read:
    """What a file of settings says."""
    settings = Settings(path, data)
    questions: list[Undecided] = [*settings.undecided]
    layers = [*_feign(settings, questions), *_ribbon(settings, questions)]
    return Read((), tuple(layers), (), tuple(questions))


def _feign(settings: Settings, questions: list[Undecided]) -> list[Layer]:
    """Times of a client are those of one try; who is called is the client's name."""
    groups: dict[str, Values] = {}
    for prefix in ("spring.cloud.openfeign", "feign"):
        for name, values in settings.groups(f"{prefix}.client.config.*.**").items():
            groups.setdefault(name, values)
    shared = groups.pop(_ALL, {})
    layers = []
    for name, own in sorted(groups.items()):
        values = {**shared, **own}
        connect = _seconds(values, "connecttimeout", questions, _FEIGN_CONNECT_S)
        answer = _seconds(values, "readtimeout", questions, _FEIGN_READ_S)
        told = own.get("readtimeout") or own.get("connecttimeout")
        if told is not None and connect and answer:
            whole = round(connect + answer, 9)
            lines = tuple(Provenance(one, told.location, FEIGN) for one in ("per_try_s", "timeout_s"))
            layers.append(
                Layer(
                    Where.CLIENT,
                    FEIGN,
                    told.location,
                    (name,),
                    caller=settings.path,
                    group=f"{FEIGN} {name}",
                    timeout_s=whole,
                    per_try_s=whole,
                    lines=lines,
                )
            )
    return layers


def _ribbon(settings: Settings, questions: list[Undecided]) -> list[Layer]:
    ribbon: dict[str, Values] = {
        name: values for name, values in settings.groups("*.ribbon.**").items() if name != "spring"
    }
    general = {_name(rest): value for (rest,), value in settings.find("ribbon.**")}
    hystrix = settings.groups("hystrix.command.*.**")
    names = {*ribbon, *(name for name in hystrix if name != _ALL)}
    proxies = any(True for _ in settings.find("zuul.routes.**"))
    layers = [
        _of_name(settings, name, {**general, **ribbon.get(name, {})}, hystrix.get(name) or {}, questions)
        for name in sorted(names)
    ]
    if proxies and (general or _ALL in hystrix):
        layers.append(_of_name(settings, "", general, hystrix.get(_ALL) or {}, questions))
    return [one for one in layers if one is not None]


def _of_name(
    settings: Settings, name: str, ribbon: Values, hystrix: Values, questions: list[Undecided]
) -> Layer | None:
    """Ribbon and Hystrix of one client; an empty name is all of a proxy's."""
    lines: list[Provenance] = []

    def value(values: Values, key: str, *meanings: str) -> float | None:
        if key not in values:
            return None
        lines.extend(Provenance(one, values[key].location, RIBBON) for one in meanings)
        return values[key].number

    whole = value(hystrix, _HYSTRIX, "timeout_s")
    connect = value(ribbon, "connecttimeout")
    answer = value(ribbon, "readtimeout", "per_try_s")
    same = value(ribbon, "maxautoretries", "retry")
    others = value(ribbon, "maxautoretriesnextserver", "retry")
    for values in (hystrix, ribbon):
        for key in (_HYSTRIX, "connecttimeout", "readtimeout", "maxautoretries", "maxautoretriesnextserver"):
            if key in values and values[key].number is None and values[key].known is not None:
                questions.append(question(values[key], key, "whole number"))
    if not lines:
        return None
    retry = None
    if same is not None or others is not None:
        tries = int((1 + (same or 0)) * (1 + (others if others is not None else 1)))
        retry = Retry(tries, _AT_ONCE, (), (), True) if tries <= 1000 else None
    per_try = None if answer is None else (answer + (connect or 0)) / 1000
    return Layer(
        Where.CLIENT,
        RIBBON,
        min(one.location for one in lines),
        (name,) if name else (),
        caller=settings.path,
        group=RIBBON,
        rank=0 if name else 1,
        timeout_s=whole / 1000 if whole else None,
        per_try_s=per_try,
        retry=retry,
        lines=tuple(sorted(set(lines))),
    )


def _seconds(values: Values, key: str, questions: list[Undecided], usual: float) -> float | None:
    if key not in values:
        return usual
    found = values[key].number
    if found is None and values[key].known is not None:
        questions.append(question(values[key], key, "number of milliseconds"))
    return found / 1000 if found else None


def _name(text: str) -> str:
    return text.replace("-", "").replace("_", "").lower()
