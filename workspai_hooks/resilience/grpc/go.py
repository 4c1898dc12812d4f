"""What grpc-go refuses in a service config: `service_config.go`, `internal/serviceconfig` and `codes` of its
release 1.85, and `encoding/json` under them, which finds fields whatever the case of their names, reads one
key twice as one value after the other, and takes a null for nothing said. The tests hold these rules against
grpc-go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.grpc import balancers
from workspai_hooks.resilience.grpc.core import MAX_SECONDS, Refusal
from workspai_hooks.resilience.grpc.text import Number, pairs_of
from workspai_hooks.resilience.grpc.values import Pointer
from workspai_hooks.resilience.model import GRPC_CODES

_WHOLE = regex(r"[+-]?[0-9]{1,40}")
_CODES = frozenset(("OK", *GRPC_CODES))
_MAX_INT = 2**63
DURATION = "is not a duration as 1.5s or .01s"


class Bad:
    """Of a value that could not be read: told already."""


BAD = Bad()


class _Struct(msgspec.Struct, frozen=True):
    fields: Mapping[str, object]


class _List(msgspec.Struct, frozen=True):
    of: object


_BOOL, _TEXT, _INT, _REAL, _DURATION, _CODE, _RAW = "bool", "text", "int", "real", "duration", "code", "raw"


class _Pointer(msgspec.Struct, frozen=True):
    """May be nil, which a null makes of it."""

    to: object


_RETRY = _Struct(
    {
        "maxattempts": _INT,
        "initialbackoff": _DURATION,
        "maxbackoff": _DURATION,
        "backoffmultiplier": _REAL,
        "retryablestatuscodes": _List(_CODE),
    }
)
_METHOD = _Struct(
    {
        "name": _Pointer(_List(_Struct({"service": _TEXT, "method": _TEXT}))),
        "waitforready": _Pointer(_BOOL),
        "timeout": _Pointer(_DURATION),
        "maxrequestmessagebytes": _Pointer(_INT),
        "maxresponsemessagebytes": _Pointer(_INT),
        "retrypolicy": _Pointer(_RETRY),
    }
)
_CONFIG = _Struct(
    {
        "loadbalancingpolicy": _Pointer(_TEXT),
        "loadbalancingconfig": _Pointer(_RAW),
        "methodconfig": _Pointer(_List(_METHOD)),
        "retrythrottling": _Pointer(_Struct({"maxtokens": _REAL, "tokenratio": _REAL})),
        "healthcheckconfig": _Pointer(_Struct({"servicename": _TEXT})),
    }
)
_ZERO = {_BOOL: False, _TEXT: "", _INT: 0, _REAL: 0.0, _DURATION: 0, _CODE: "OK", _RAW: None}
_KEYS = {
    one.lower(): one
    for one in (
        "maxAttempts",
        "initialBackoff",
        "maxBackoff",
        "backoffMultiplier",
        "retryableStatusCodes",
        "maxTokens",
        "tokenRatio",
    )
}


def folded(key: str) -> str:
    """As `encoding/json` compares names: without case, by Unicode's simple folding."""
    return key if key.isascii() and key.islower() else key.replace("ſ", "s").lower()


def refusals(value: object) -> Iterator[Refusal]:
    wrong: list[Refusal] = []
    read = _read(_CONFIG, value, _zero(_CONFIG), (), wrong)
    yield from wrong
    yield from _balancer(read["loadbalancingconfig"])
    paths: set[str] = set()
    methods = read["methodconfig"]
    for number, method in enumerate(methods if isinstance(methods, list) else ()):
        if isinstance(method, dict) and isinstance(method["name"], list):
            at = ("methodConfig", str(number))
            yield from _retry((*at, "retryPolicy"), method["retrypolicy"])
            yield from _names((*at, "name"), method["name"], paths)
    throttle = read["retrythrottling"]
    # Never looked at where no method is configured.
    if isinstance(throttle, dict) and isinstance(methods, list):
        tokens, ratio = throttle["maxtokens"], throttle["tokenratio"]
        if tokens is not BAD and not 0 < tokens <= 1000:
            yield ("retryThrottling", "maxTokens"), "is not above 0 and at most 1000", True
        if ratio is not BAD and not ratio > 0:
            yield ("retryThrottling", "tokenRatio"), "is not above 0", True


def _zero(kind: object) -> Any:
    if isinstance(kind, _Struct):
        return {name: _zero(field) for name, field in kind.fields.items()}
    return None if isinstance(kind, _Pointer | _List) else _ZERO[str(kind)]


def _read(kind: object, value: object, old: Any, at: Pointer, wrong: list[Refusal]) -> Any:
    """What a variable that holds `old` holds afterwards; what can't be read goes into `wrong`."""
    if isinstance(kind, _Pointer):
        if value is None:
            return None
        return _read(kind.to, value, _zero(kind.to) if old is None or old is BAD else old, at, wrong)
    if isinstance(kind, _Struct):
        return _read_object(kind, value, _zero(kind) if old is BAD else old, at, wrong)
    if isinstance(kind, _List):
        return _read_list(kind, value, old, at, wrong)
    if kind == _RAW:
        return at, value
    if value is None and kind != _DURATION:
        return old
    read = _scalar(str(kind), value)
    if read is BAD:
        wrong.append((at, _EXPECTED[str(kind)], True))
    return read


def _read_object(kind: _Struct, value: object, old: Any, at: Pointer, wrong: list[Refusal]) -> Any:
    if value is None:
        return old
    if not isinstance(value, dict):
        wrong.append((at, "is not an object", True))
        return old
    for key, one in pairs_of(value):
        name = folded(key)
        if name in kind.fields:
            old[name] = _read(kind.fields[name], one, old[name], (*at, key), wrong)
    return old


def _read_list(kind: _List, value: object, old: Any, at: Pointer, wrong: list[Refusal]) -> Any:
    if value is None:
        return None
    if not isinstance(value, list):
        wrong.append((at, "is not a list", True))
        return BAD
    before = old if isinstance(old, list) else []
    # An element of a list that is read again begins with what it was (golang/go#21092).
    return [
        _read(kind.of, one, before[i] if i < len(before) else _zero(kind.of), (*at, str(i)), wrong)
        for i, one in enumerate(value)
    ]


_EXPECTED = {
    _BOOL: "is not true or false",
    _TEXT: "is not text",
    _INT: "is not a whole number (one in quotes is text)",
    _REAL: "is not a number (one in quotes is text)",
    _DURATION: DURATION,
    _CODE: "is no code; UNAVAILABLE is one",
}


def _scalar(kind: str, value: object) -> Any:
    number = isinstance(value, Number)
    if kind == _BOOL:
        return value if isinstance(value, bool) else BAD
    if kind == _TEXT:
        return value if isinstance(value, str) and not number else BAD
    if kind == _DURATION:
        read = go_duration_ns(value)
        return BAD if read is None else read
    if kind == _CODE:
        if isinstance(value, Number):
            return value if value.isdigit() and len(value) < 3 and int(value) < 17 else BAD
        return value if isinstance(value, str) and value in _CODES else BAD
    if not isinstance(value, Number):
        return BAD
    if kind == _INT:
        whole = _parse_int(value)
        return BAD if whole is None else whole
    real = float(value)
    return real if abs(real) != float("inf") else BAD


def _parse_int(text: str) -> int | None:
    """As `strconv.ParseInt(text, 10, 64)`."""
    found = _WHOLE.fullmatch(text)
    return int(text) if found and -_MAX_INT <= int(text) < _MAX_INT else None


def go_duration_ns(value: object) -> int | None:
    """Nanoseconds, in which grpc-go counts, held to 64 bits; None where it is no duration for it."""
    if not isinstance(value, str) or isinstance(value, Number) or not value.endswith("s"):
        return None
    negative = value.startswith("-")
    parts = value[1 if negative else 0 : -1].split(".")
    if len(parts) > 2 or not any(parts):
        return None
    seconds = _parse_int(parts[0]) if parts[0] else 0
    decimals = parts[1] if len(parts) == 2 else ""
    nanos = _parse_int(decimals) if decimals else 0
    if seconds is None or nanos is None or len(decimals.encode()) > 9 or seconds > MAX_SECONDS:
        return None
    nanos *= 10 ** (9 - len(decimals)) if decimals else 1
    total = seconds * 10**9 + nanos
    return max(-_MAX_INT, min(_MAX_INT - 1, -total if negative else total))


def _balancer(raw: Any) -> Iterator[Refusal]:
    if raw is None:
        return
    at, value = raw
    if not isinstance(value, list):
        yield at, "is not a list", True
        return
    if any(one is not None and not isinstance(one, dict) for one in value):
        yield at, "is not a list of objects", True
        return
    tried: list[str] = []
    for number, one in enumerate(value):
        if one is None or len(one) != 1:
            yield (*at, str(number)), "is not an object with one load balancer", True
            return
        ((name, config),) = one.items()
        if name in balancers.GO:
            if name == "pick_first":
                yield from _pick_first((*at, str(number), name), config)
            return
        tried.append(name)
    sure = not tried or any(balancers.meant(name, balancers.GO) for name in tried)
    yield at, "names no load balancer that comes with grpc-go itself", sure


def _pick_first(at: Pointer, config: object) -> Iterator[Refusal]:
    wrong: list[Refusal] = []
    kind = _Struct({"shuffleaddresslist": _BOOL})
    _read(kind, config, _zero(kind), at, wrong)
    yield from wrong


def _retry(at: Pointer, retry: Any) -> Iterator[Refusal]:
    if not isinstance(retry, dict):
        return
    wanted = {
        "maxattempts": "is not above 1",
        "initialbackoff": "is not above 0",
        "maxbackoff": "is not above 0",
        "backoffmultiplier": "is not above 0",
    }
    for key, why in wanted.items():
        value = retry[key]
        if value is not BAD and not value > (1 if key == "maxattempts" else 0):
            yield (*at, _KEYS[key]), why, True
    if not retry["retryablestatuscodes"]:
        yield (*at, "retryableStatusCodes"), "is empty", True


def _names(at: Pointer, names: list[Any], paths: set[str]) -> Iterator[Refusal]:
    for number, one in enumerate(names):
        here = (*at, str(number))
        service, method = one["service"], one["method"]
        if BAD in (service, method):
            continue
        if method and not service:
            yield here, "has a method and no service", True
        path = f"/{service}/{method}" if service else ""
        if path in paths:
            yield here, f"{path[1:] or 'the default'} has a config already", True
        paths.add(path)
