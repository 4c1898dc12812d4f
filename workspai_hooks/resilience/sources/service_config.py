"""gRPC service configs in JSON (grpc-proto `service_config.proto`, proposal A6), as people write them beside
contracts.

Only what is valid is read; what is not is told with the reason, for a runtime would refuse or ignore it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from workspai_hooks.errors import Undecided, UsageError
from workspai_hooks.resilience.durations import proto_seconds
from workspai_hooks.resilience.model import GRPC_CODES, GRPC_MAX_TRIES, Backoff, Retry
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.said import Level, Said
from workspai_hooks.source import Location

SUFFIX = "_grpc_service_config.json"
"""As googleapis names its files, beside the contracts that they are for."""
CONVENTION = "gRPC service config"
MAX_BYTES = 4 * 1024 * 1024


def wanted(path: str) -> bool:
    """Whether a file is a service config by its name."""
    return path.endswith(".json") and "service_config" in path.rpartition("/")[2]


def read(path: str, data: bytes) -> Read:
    """What a file says."""
    try:
        return Read(tuple(from_service_config(path, data)))
    except UsageError as error:
        what, _, why = str(error).partition(": ")
        return Read(undecided=(Undecided(what, why, "mend the service config"),))


def from_service_config(path: str, data: bytes) -> Iterator[Said]:
    """One a name in it; `UsageError` with the reason where it is no valid config."""
    for number, method in enumerate(_methods(path, data)):
        where = f"{path}: methodConfig[{number}]"
        timeout = _timeout(where, method)
        retry = _retry(where, method.get("retryPolicy"))
        for name in _list(where, method.get("name"), "name"):
            if not isinstance(name, Mapping):
                raise UsageError(f"{where}.name: must be a list of objects")
            service, rpc = name.get("service", ""), name.get("method", "")
            if not isinstance(service, str) or not isinstance(rpc, str) or (rpc and not service):
                raise UsageError(f"{where}.name: must have a service, and may have a method of it")
            level = Level.METHOD if rpc else Level.SERVICE if service else Level.DEFAULT
            scope = f"{service}/{rpc}" if rpc else service
            yield Said(level, scope, Location(path), CONVENTION, timeout_s=timeout, retry=retry)


def _methods(path: str, data: bytes) -> list[Mapping[str, Any]]:
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path}: larger than {MAX_BYTES >> 20} MiB")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: is not JSON") from error
    if not isinstance(value, Mapping):
        raise UsageError(f"{path}: must be an object")
    methods = _list(path, value.get("methodConfig", []), "methodConfig")
    if not all(isinstance(one, Mapping) for one in methods):
        raise UsageError(f"{path}: methodConfig: must be a list of objects")
    return methods


def _list(where: str, value: object, key: str) -> list[Any]:
    if not isinstance(value, list):
        raise UsageError(f"{where}: {key}: must be a list")
    return value


def _timeout(where: str, method: Mapping[str, Any]) -> float | None:
    if "timeout" not in method:
        return None
    value = proto_seconds(method["timeout"])
    if not value:
        raise UsageError(f"{where}.timeout: must be a duration above zero, as 1.5s")
    return value


def _retry(where: str, policy: object) -> Retry | None:
    if policy is None:
        return None
    if not isinstance(policy, Mapping):
        raise UsageError(f"{where}.retryPolicy: must be an object")
    tries = policy.get("maxAttempts")
    if not isinstance(tries, int) or isinstance(tries, bool) or tries < 2:
        raise UsageError(f"{where}.retryPolicy.maxAttempts: must be a whole number above 1")
    initial, longest = (proto_seconds(policy.get(key)) for key in ("initialBackoff", "maxBackoff"))
    if not initial or not longest:
        raise UsageError(f"{where}.retryPolicy: initialBackoff and maxBackoff must be durations above zero")
    multiplier = policy.get("backoffMultiplier")
    if not isinstance(multiplier, int | float) or isinstance(multiplier, bool) or not 0 < multiplier < 1e6:
        raise UsageError(f"{where}.retryPolicy.backoffMultiplier: must be a number above zero")
    codes = _list(where, policy.get("retryableStatusCodes"), "retryableStatusCodes")
    if not codes or not all(code in GRPC_CODES for code in codes):
        raise UsageError(f"{where}.retryPolicy.retryableStatusCodes: must be names as UNAVAILABLE")
    backoff = Backoff(initial, longest, float(multiplier))
    return Retry(min(tries, GRPC_MAX_TRIES), backoff, tuple(sorted(set(codes))), (), False)
