"""A service config's text as what it says and all of its faults.

One that both runtimes reject is read all the same where it is plain what it means: code generators take such
files for input, and a name in it should still be one that there is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from workspai_hooks.resilience.grpc import core, go, ignored
from workspai_hooks.resilience.grpc.text import (
    MAX_BYTES,
    Members,
    Number,
    Places,
    parse,
    syntax_fault,
    text_faults,
)
from workspai_hooks.resilience.grpc.values import (
    BOTH,
    Config,
    Entry,
    Fault,
    Kind,
    Pointer,
    Runtime,
    Throttle,
)
from workspai_hooks.resilience.model import GRPC_CODES, GRPC_MAX_TRIES, Backoff, Retry

MAX_FAULTS = 500
"""Told of one config; more than a person reads, and a limit on what a hostile one makes of us."""
BOM = "\ufeff"


def read_config(data: bytes) -> Config:
    """Of a config as a file has it."""
    if len(data) > MAX_BYTES:
        return Config((Fault((), Kind.REJECTED, (), f"larger than {MAX_BYTES >> 20} MiB: not read"),))
    try:
        return read_text(data.decode())
    except UnicodeDecodeError:
        read = read_text(data.decode("utf-8", "replace"))
        fault = Fault((), Kind.REJECTED, (Runtime.CORE,), "is not UTF-8")
        return Config(tuple(sorted((fault, *read.faults))), read.entries, read.throttle)


def read_text(text: str) -> Config:
    if not text.strip(" \t\r\n"):
        return Config((Fault((), Kind.REJECTED, BOTH, "is empty"),))
    if text.startswith(BOM):
        read = read_text(text.replace(BOM, "", 1)) if text.count(BOM) == 1 else Config()
        fault = Fault((), Kind.REJECTED, BOTH, "begins with a byte order mark, which is no JSON")
        return Config(tuple(sorted((fault, *read.faults))), read.entries, read.throttle)
    try:
        value = parse(text)
    except json.JSONDecodeError as error:
        return Config((syntax_fault(error),))
    except RecursionError:
        return Config((Fault((), Kind.REJECTED, (Runtime.CORE,), "nested too deeply"),))
    faults = [*islice(text_faults(text, value), MAX_FAULTS), *read_faults(value)]
    return Config(tuple(sorted(faults[:MAX_FAULTS])), tuple(entries(value)), _throttle(value))


def read_value(value: object) -> Config:
    """Of a config that a program holds as a value (a literal): numbers are `Number`."""
    return Config(tuple(sorted(read_faults(value))), tuple(entries(value)), _throttle(value))


def read_faults(value: object) -> list[Fault]:
    merged: dict[tuple[Pointer, bool], list[tuple[Runtime, str]]] = {}
    for runtime, refusals in ((Runtime.CORE, core.refusals), (Runtime.GO, go.refusals)):
        for at, why, sure in islice(refusals(value), MAX_FAULTS):
            merged.setdefault((at, sure), []).append((runtime, why))
    faults = [_rejected(at, sure, said) for (at, sure), said in merged.items()]
    faults.extend(islice(ignored.faults(value), MAX_FAULTS))
    return faults


def _rejected(at: Pointer, sure: bool, said: Iterable[tuple[Runtime, str]]) -> Fault:
    by = tuple(runtime for runtime in BOTH if any(runtime is one for one, _ in said))
    return Fault(at, Kind.REJECTED, by, next(why for _, why in said), sure)


def entries(value: object) -> Iterator[Entry]:
    methods = value.get("methodConfig") if isinstance(value, dict) else None
    for number, method in enumerate(methods if isinstance(methods, list) else ()):
        names = method.get("name") if isinstance(method, dict) else None
        if not isinstance(method, dict) or not isinstance(names, list):
            continue
        timeout, retry = _seconds(method.get("timeout")), retry_of(method.get("retryPolicy"))
        hedges = isinstance(method.get("hedgingPolicy"), dict)
        for index, name in enumerate(names):
            if not isinstance(name, dict):
                continue
            service, rpc = name.get("service") or "", name.get("method") or ""
            if not isinstance(service, str) or not isinstance(rpc, str) or (rpc and not service):
                continue
            at = ("methodConfig", str(number), "name", str(index))
            yield Entry(at, str(service), str(rpc), timeout, retry, hedges)


def _seconds(value: object) -> float | None:
    """As either runtime reads it."""
    nanos = go.go_duration_ns(value)
    if nanos is not None:
        return nanos / 1e9
    millis = core.core_duration_ms(value)
    return None if millis is None else millis / 1e3


def retry_of(policy: object) -> Retry | None:
    """None of what no runtime would retry by, as of a policy without `maxAttempts`, which generators of
    clients are given."""
    if not isinstance(policy, Mapping):
        return None
    tries, factor = _number(policy.get("maxAttempts")), _number(policy.get("backoffMultiplier"))
    initial, longest = _seconds(policy.get("initialBackoff")), _seconds(policy.get("maxBackoff"))
    codes = policy.get("retryableStatusCodes")
    if tries is None or tries < 2 or tries != int(tries) or not factor or not initial or not longest:
        return None
    known = sorted({one for one in codes if one in GRPC_CODES}) if isinstance(codes, list) else []
    if not known or min(factor, initial, longest) <= 0:
        return None
    backoff = Backoff(initial, longest, factor)
    return Retry(int(min(tries, GRPC_MAX_TRIES)), backoff, tuple(known), (), False)


def _number(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, str) and len(value) < 400 else None
    except ValueError:
        return None
    return number if number is not None and abs(number) < 1e300 else None


def _throttle(value: object) -> Throttle | None:
    one = value.get("retryThrottling") if isinstance(value, dict) else None
    if not isinstance(one, dict):
        return None
    tokens, ratio = _number(one.get("maxTokens")), _number(one.get("tokenRatio"))
    return Throttle(tokens, ratio) if tokens and ratio and min(tokens, ratio) > 0 else None


__all__ = ["Members", "Number", "Places", "entries", "read_config", "read_text", "read_value", "retry_of"]
