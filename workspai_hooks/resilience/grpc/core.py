"""What C-core (the runtime of Python, C++, Ruby, PHP and Objective-C) refuses in a service config.

The rules are those of its release 1.85: `json_object_loader.cc` (kinds of values: a number may be text, text
no number; a null is as good as absent in most places), `retry_service_config.cc`,
`client_channel_service_config.cc`, `message_size_filter.cc`, `service_config_impl.cc` and
`lb_policy_registry.cc`. The tests hold these rules against grpcio.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.grpc import balancers
from workspai_hooks.resilience.grpc.text import Number
from workspai_hooks.resilience.grpc.values import Pointer
from workspai_hooks.resilience.model import GRPC_CODES

Refusal = tuple[Pointer, str, bool]
"""Where, why, and whether that is so in every program."""

MAX_SECONDS = 315_576_000_000
_SPACE = " \t\n\v\f\r"
_WHOLE = regex(r"[+-]?[0-9]{1,40}")
_REAL = regex(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_HEX = regex(r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?[0-9]{1,9})?")
_WORD = regex(r"[+-]?(?:inf|infinity|nan(?:\([a-z0-9_]*\))?)", 2)
_CODES = frozenset(("OK", *GRPC_CODES))
DURATION = "is not a duration as 1.5s or 0.01s"


def refusals(value: object) -> Iterator[Refusal]:
    if not isinstance(value, dict):
        yield (), "is not an object", True
        return
    yield from _globals(value)
    methods = value.get("methodConfig", [])
    if not isinstance(methods, list):
        yield ("methodConfig",), "is not a list", True
        return
    paths: set[str] = set()
    for number, method in enumerate(methods):
        at = ("methodConfig", str(number))
        if isinstance(method, dict):
            yield from _method(at, method, paths)
        else:
            yield at, "is not an object", True


def _globals(value: Mapping[str, object]) -> Iterator[Refusal]:
    for name, key in (("healthCheckConfig", "serviceName"), ("connectionScaling", "")):
        one = value.get(name)
        if one is not None and not isinstance(one, dict):
            yield (name,), "is not an object", True
        elif one and key and (text := one.get(key)) is not None and not _is_text(text):
            yield (name, key), "is not text", True
        elif one and not key:
            yield from _size((name, "maxConnectionsPerSubchannel"), one.get("maxConnectionsPerSubchannel"))
    policy = value.get("loadBalancingPolicy")
    if policy is not None and not _is_text(policy):
        yield ("loadBalancingPolicy",), "is not text", True
    elif isinstance(policy, str) and policy and (name := _lower(policy)) not in balancers.CORE:
        known = name in balancers.CORE_NEEDING
        why = "needs a config, in loadBalancingConfig" if known else "names no load balancer"
        sure = known or bool(balancers.meant(name, balancers.CORE))
        yield ("loadBalancingPolicy",), why, sure
    if "loadBalancingConfig" in value:
        yield from _balancers(("loadBalancingConfig",), value["loadBalancingConfig"])
    throttle = value.get("retryThrottling")
    if throttle is not None:
        yield from _throttle(("retryThrottling",), throttle)


def _balancers(at: Pointer, value: object) -> Iterator[Refusal]:
    if not isinstance(value, list):
        yield at, "is not a list", True
        return
    tried: list[str] = []
    for number, one in enumerate(value):
        here = (*at, str(number))
        if not isinstance(one, dict) or len(one) != 1:
            yield here, "is not an object with one load balancer", True
            return
        ((name, config),) = one.items()
        if not isinstance(config, dict):
            yield (*here, name), "is not an object", True
            return
        if name in balancers.CORE | balancers.CORE_NEEDING:
            shuffle = config.get("shuffleAddressList") if name == "pick_first" else None
            if shuffle is not None and not isinstance(shuffle, bool):
                yield (*here, name, "shuffleAddressList"), "is not true or false", True
            if name in balancers.CORE_NEEDING and not config:
                yield (*here, name), "needs a config", True
            return
        tried.append(name)
    sure = not tried or any(balancers.meant(name, balancers.CORE) for name in tried)
    yield at, "names no load balancer that there is", sure


def _throttle(at: Pointer, value: object) -> Iterator[Refusal]:
    if not isinstance(value, dict):
        yield at, "is not an object", True
        return
    tokens = value.get("maxTokens")
    if (count := _whole(tokens, 0, 2**32 - 1)) is None or count == 0:
        yield (*at, "maxTokens"), _absent(value, "maxTokens", "is not a whole number above 0"), True
    ratio = value.get("tokenRatio")
    if not _ratio(ratio):
        yield (*at, "tokenRatio"), _absent(value, "tokenRatio", "is not a decimal number above 0"), True


def _ratio(value: object) -> bool:
    """As C-core reads it: digits, a point, of what follows three digits at most; thousandths, which go round
    at 2**32."""
    if not isinstance(value, str):
        return False
    whole, point, decimals = value.partition(".")
    decimals = decimals[:3]
    units = _atoi(whole, 0, 2**32 - 1)
    rest = _atoi(decimals, 0, 2**32 - 1) if point else 0
    if units is None or rest is None:
        return False
    factor = 1000 if point else 1
    return (units * factor + rest * (10 ** (3 - len(decimals)) if point else 1)) % 2**32 > 0


def _method(at: Pointer, value: Mapping[str, object], paths: set[str]) -> Iterator[Refusal]:
    timeout = value.get("timeout")
    if timeout is not None and core_duration_ms(timeout) is None:
        yield (*at, "timeout"), DURATION, True
    ready = value.get("waitForReady")
    if ready is not None and not isinstance(ready, bool):
        yield (*at, "waitForReady"), "is not true or false", True
    for key in ("maxRequestMessageBytes", "maxResponseMessageBytes"):
        yield from _size((*at, key), value.get(key))
    if (retry := value.get("retryPolicy")) is not None:
        yield from _retry((*at, "retryPolicy"), retry)
    if (names := value.get("name")) is not None:
        yield from _names((*at, "name"), names, paths)


def _size(at: Pointer, value: object) -> Iterator[Refusal]:
    if value is not None and _whole(value, 0, 2**32 - 1) is None:
        yield at, "is not a whole number of 32 bits", True


def _retry(at: Pointer, value: object) -> Iterator[Refusal]:
    if not isinstance(value, dict):
        yield at, "is not an object", True
        return
    tries = _whole(value.get("maxAttempts"), -(2**31), 2**31 - 1)
    if tries is None or tries < 2:
        yield (*at, "maxAttempts"), _absent(value, "maxAttempts", "is not a whole number above 1"), True
    for key in ("initialBackoff", "maxBackoff"):
        if not core_duration_ms(value.get(key)):
            why = DURATION if core_duration_ms(value.get(key)) is None else "is less than a millisecond"
            yield (*at, key), _absent(value, key, why), True
    factor = _float(value.get("backoffMultiplier"))
    if factor is None or factor <= 0:
        why = _absent(value, "backoffMultiplier", "is not a number above 0")
        yield (*at, "backoffMultiplier"), why, True
    codes_at = (*at, "retryableStatusCodes")
    if "retryableStatusCodes" in value and not isinstance(value["retryableStatusCodes"], list):
        yield codes_at, "is not a list", True
        return
    codes = value.get("retryableStatusCodes", [])
    if not codes:
        yield codes_at, _absent(value, "retryableStatusCodes", "is empty"), True
    for number, code in enumerate(codes):
        if not _is_text(code):
            yield (*codes_at, str(number)), "is not the name of a code, as UNAVAILABLE", True
        elif code.partition("\0")[0] not in _CODES:
            yield (*codes_at, str(number)), f"{code[:40]!r} is no code; UNAVAILABLE is one", True


def _names(at: Pointer, value: object, paths: set[str]) -> Iterator[Refusal]:
    if not isinstance(value, list):
        yield at, "is not a list", True
        return
    for number, one in enumerate(value):
        here = (*at, str(number))
        if not isinstance(one, dict):
            yield here, "is not an object", True
            continue
        service, method = one.get("service"), one.get("method")
        wrong = [key for key in ("service", "method") if one.get(key) is not None and not _is_text(one[key])]
        for key in wrong:
            yield (*here, key), "is not text", True
        if wrong:
            continue
        if service is None and method is not None:
            yield here, "has a method and no service", True
        path = f"/{service}/{method or ''}" if service else ""
        if path in paths:
            yield here, f"{path[1:] or 'the default'} has a config already", True
        paths.add(path)


def _absent(value: Mapping[str, object], key: str, otherwise: str) -> str:
    return otherwise if value.get(key) is not None else "is missing"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)


def _lower(text: str) -> str:
    """Of ASCII letters alone, as `absl::AsciiStrToLower`."""
    return "".join(one.lower() if one.isascii() else one for one in text)


def _whole(value: object, low: int, high: int) -> int | None:
    return _atoi(value, low, high) if isinstance(value, str) else None


def _atoi(text: str, low: int, high: int) -> int | None:
    """As `absl::SimpleAtoi`: space around it is none of its business, an unsigned one has no minus."""
    found = _WHOLE.fullmatch(text.strip(_SPACE))
    if found is None or (low == 0 and found[0][0] == "-"):
        return None
    number = int(found[0])
    return number if low <= number <= high else None


def _float(value: object) -> float | None:
    """As `absl::SimpleAtof`, in 32 bits."""
    text = value.strip(_SPACE) if isinstance(value, str) and len(value) < 4096 else ""
    if _WORD.fullmatch(text):
        return float(text.partition("(")[0])
    hexadecimal = bool(_HEX.fullmatch(text))
    if not hexadecimal and not _REAL.fullmatch(text):
        return None
    try:
        number = float.fromhex(text) if hexadecimal else float(text)
        return float(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return float("-inf") if text[0] == "-" else float("inf")


def core_duration_ms(value: object) -> int | None:
    """Milliseconds, in which C-core counts; None where it is no duration for it. A minus may stand before a
    zero only, and makes no difference."""
    if not _is_text(value) or not isinstance(value, str) or not value.endswith("s"):
        return None
    whole, point, decimals = value[:-1].strip(_SPACE).partition(".")
    nanos = _atoi(decimals, -(2**31), 2**31 - 1) if point else 0
    seconds = _atoi(whole, -(2**63), 2**63 - 1)
    if nanos is None or len(decimals) > 9 or seconds is None or not 0 <= seconds <= MAX_SECONDS:
        return None
    nanos *= 10 ** (9 - len(decimals)) if point else 1
    return seconds * 1000 + _truncated(nanos, 10**6)


def _truncated(number: int, by: int) -> int:
    return number // by if number >= 0 else -(-number // by)
