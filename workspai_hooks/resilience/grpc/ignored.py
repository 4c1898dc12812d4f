"""What runtimes take and never look at: keys that they don't know, and entries that reach no call.

The names are those of grpc-proto's `service_config.proto` in JSON. Runtimes know no other spelling of them
(protobuf's own JSON parser would take `retry_policy`; they don't use it), but grpc-go doesn't mind the case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.resilience.grpc import balancers
from workspai_hooks.resilience.grpc.go import folded
from workspai_hooks.resilience.grpc.text import Number
from workspai_hooks.resilience.grpc.values import BOTH, Fault, Kind, Pointer, Runtime
from workspai_hooks.resilience.model import GRPC_MAX_TRIES

CONFIG = (
    "loadBalancingPolicy",
    "loadBalancingConfig",
    "methodConfig",
    "retryThrottling",
    "healthCheckConfig",
    "connectionScaling",
)
METHOD = (
    "name",
    "timeout",
    "waitForReady",
    "maxRequestMessageBytes",
    "maxResponseMessageBytes",
    "retryPolicy",
    "hedgingPolicy",
)
NAME = ("service", "method")
RETRY = (
    "maxAttempts",
    "initialBackoff",
    "maxBackoff",
    "backoffMultiplier",
    "retryableStatusCodes",
    "perAttemptRecvTimeout",
)
HEDGING = ("maxAttempts", "hedgingDelay", "nonFatalStatusCodes")
THROTTLE = ("maxTokens", "tokenRatio")
_LEVELS = {
    "the config itself": CONFIG,
    "methodConfig": METHOD,
    "name": NAME,
    "retryPolicy": RETRY,
    "hedgingPolicy": HEDGING,
    "retryThrottling": THROTTLE,
}
_DIALECTS = {
    "deadline": "timeout",
    "timeout": "timeout",
    "initialbackoff": "initialBackoff",
    "maxbackoff": "maxBackoff",
    "minbackoff": "initialBackoff",
    "backoff": "initialBackoff",
    "initialinterval": "initialBackoff",
    "maxinterval": "maxBackoff",
    "multiplier": "backoffMultiplier",
    "maxretries": "maxAttempts",
    "retries": "maxAttempts",
    "attempts": "maxAttempts",
    "maxattempt": "maxAttempts",
    "retryablecodes": "retryableStatusCodes",
    "retryonstatuscodes": "retryableStatusCodes",
    "retrystatuscodes": "retryableStatusCodes",
    "retry": "retryPolicy",
    "methods": "methodConfig",
    "methodconfigs": "methodConfig",
    "names": "name",
}
"""What other conventions call it, without case, underscores and units."""
_UNITS = ("milliseconds", "millis", "seconds", "secs", "sec", "ms", "s")
_REMARKS = ("$", "_", "//", "#", "@")
"""Begins of keys that say something to people or editors."""


def faults(value: object) -> Iterator[Fault]:
    if not isinstance(value, dict):
        return
    yield from _keys((), value, "the config itself", remarks=True)
    if isinstance(throttle := value.get("retryThrottling"), dict):
        yield from _keys(("retryThrottling",), throttle, "retryThrottling")
    policy = value.get("loadBalancingPolicy")
    if isinstance(policy, str) and (known := balancers.meant(policy, balancers.GO)):
        why = f"{policy[:40]!r} is no load balancer of it, and pick_first is taken; {known!r} is one"
        yield Fault(("loadBalancingPolicy",), Kind.IGNORED, (Runtime.GO,), why)
    methods = value.get("methodConfig")
    for number, method in enumerate(methods if isinstance(methods, list) else ()):
        if isinstance(method, dict):
            yield from _method(("methodConfig", str(number)), method)


def _method(at: Pointer, method: Mapping[str, object]) -> Iterator[Fault]:
    yield from _keys(at, method, "methodConfig", remarks=True)
    if not method.get("name") and any(method.get(key) is not None for key in METHOD[1:]):
        yield Fault(at, Kind.IGNORED, BOTH, "has no name, so that no call comes under it")
    names = method.get("name")
    for number, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, dict):
            yield from _keys((*at, "name", str(number)), name, "name")
    retry = method.get("retryPolicy")
    if isinstance(retry, dict):
        yield from _keys((*at, "retryPolicy"), retry, "retryPolicy")
        tries = retry.get("maxAttempts")
        if isinstance(tries, Number) and tries.isdigit() and len(tries) < 10 and int(tries) > GRPC_MAX_TRIES:
            why = f"more than {GRPC_MAX_TRIES} tries count as {GRPC_MAX_TRIES}"
            yield Fault((*at, "retryPolicy", "maxAttempts"), Kind.IGNORED, BOTH, why)
    hedging = method.get("hedgingPolicy")
    if isinstance(hedging, dict):
        yield from _keys((*at, "hedgingPolicy"), hedging, "hedgingPolicy")
        if isinstance(retry, dict):
            why = "beside a retryPolicy, of which only one may be there; neither runtime hedges"
            yield Fault((*at, "hedgingPolicy"), Kind.IGNORED, BOTH, why)


def _keys(at: Pointer, value: Mapping[str, object], level: str, remarks: bool = False) -> Iterator[Fault]:
    known = _LEVELS[level]
    for key in value:
        if key in known or (remarks and key.startswith(_REMARKS)) or key in ("comment", "description"):
            continue
        same = next((one for one in known if folded(one) == folded(key)), None)
        beside = _spelled(key, level) in value
        if same:
            why = f"is no key of it; {same!r} is"
            yield Fault((*at, key), Kind.IGNORED, (Runtime.CORE,), why, beside=beside)
        else:
            why = f"is no key of it{_instead(key, level)}"
            yield Fault((*at, key), Kind.IGNORED, BOTH, why, beside=beside)


def spelled(at: Pointer) -> str:
    """A key that is ignored as runtimes spell it, where it differs in case and underscores alone."""
    above = next((name for name in reversed(at[:-1]) if not name.isdigit()), "the config itself")
    return _spelled(at[-1], above) if at and above in _LEVELS else ""


def _spelled(key: str, level: str) -> str:
    plain = folded(key).replace("_", "").replace("-", "")
    return next((one for one in _LEVELS[level] if one.lower() == plain), "")


def _instead(key: str, level: str) -> str:
    """What was meant, as a clause; nothing where that is not plain."""
    plain = folded(key).replace("_", "").replace("-", "").strip()
    for where, known in ((level, _LEVELS[level]), *_LEVELS.items()):
        found = next((one for one in known if one.lower() == plain), None)
        if found:
            return f"; {found!r} is" if where == level else f"; {found!r} stands in {where}"
    for unit in ("", *_UNITS):
        if plain.endswith(unit) and (meant := _DIALECTS.get(plain.removesuffix(unit) if unit else plain)):
            spelled = ", a text as 1.5s" if meant in ("timeout", "initialBackoff", "maxBackoff") else ""
            place = next(where for where, known in _LEVELS.items() if meant in known)
            where = "" if place == level else f" in {place}"
            return f"; {meant!r}{where} is{spelled}"
    return ""
