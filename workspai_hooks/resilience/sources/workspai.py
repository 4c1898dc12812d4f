"""The key `resilience` of `.workspai.yaml`: a default, and policies of operations, services and contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workspai_hooks.checked_yaml import LINE, TEXT, Schema, object_of
from workspai_hooks.errors import UsageError
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.durations import seconds_of
from workspai_hooks.resilience.model import GRPC_CODES, Backoff, Breaker, Idempotency, Retry
from workspai_hooks.resilience.said import BUILT_IN, OURS, Budget, Level, Said
from workspai_hooks.source import IN_FILE, Location

LONGEST_S = 24 * 3600.0
_DURATION: Schema = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(ms|s|m|h)$"}
_POLICY: Mapping[str, Schema] = {
    "timeout": _DURATION | {"description": "of a whole call, all its tries together"},
    "per_try": _DURATION | {"description": "of one try (HTTP; no gRPC runtime has it)"},
    "retry": object_of(
        (),
        tries={
            "type": "integer",
            "minimum": 1,
            "maximum": 20,
            "description": "all of them, the first one too",
        },
        initial=_DURATION | {"description": "the wait before the second try"},
        max=_DURATION | {"description": "the longest wait"},
        multiplier={"type": "number", "minimum": 1, "maximum": 100},
        jitter={"type": "number", "minimum": 0, "maximum": 1},
        on={
            "type": "array",
            "items": TEXT,
            "description": "gRPC codes (UNAVAILABLE), HTTP statuses (503), transport (no answer at all)",
        },
    ),
    "breaker": object_of(
        (),
        failures={
            "type": "integer",
            "minimum": 0,
            "maximum": 1_000_000,
            "description": "so many failed calls in a row open it; 0: no breaker",
        },
        open=_DURATION | {"description": "so long no call goes out then"},
    ),
}
_DECLARED: Mapping[str, Schema] = {
    "idempotency": {
        "enum": [one.value for one in Idempotency if one is not Idempotency.UNKNOWN],
        "description": "whether a second try is harmless; without a declaration nothing is retried",
    },
    "key": TEXT
    | {"description": "the field (gRPC) or header (HTTP) by which the server tells tries from requests"},
}
KEYS: Schema = object_of(
    (),
    default=object_of((), **_POLICY) | {"description": "where nothing else says anything"},
    policies={
        "type": "array",
        "items": object_of(
            ("for",),
            **{
                "for": TEXT | {"description": "pkg.Service/Rpc, pkg.Service, GET /path, or a contract's path"}
            },
            **_POLICY,
            **_DECLARED,
        ),
    },
    entry_points={
        "type": "array",
        "description": "promises: the time that all work for one request there may take",
        "items": object_of(
            ("for", "timeout_budget"),
            **{"for": TEXT | {"description": "a service, pkg.Service/Rpc or GET /path"}},
            timeout_budget=_DURATION,
        ),
    },
) | {
    "description": "deadlines, retries and breakers: what sidecars of stubs are made of, and what is checked"
}

_RPC = regex(r"[\w.]{1,500}/\w{1,200}")
_SERVICE = regex(r"\w[\w.]{0,500}")
_OPERATION = regex(r"(?:GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH|TRACE) /.{0,2000}")


def from_configuration(values: Mapping[str, Any], name: str) -> tuple[Said, ...]:
    """What the key says; `name` is the file's. `UsageError` with file and line where a value can't be."""
    said = []
    if "default" in values:
        said.append(_said(values["default"], name, Level.DEFAULT, ""))
    for row in values.get("policies", ()):
        scope = row["for"]
        said.append(_said(row, name, _level(scope, f"{name}:{row[LINE]}"), scope))
    return tuple(said)


def budgets_of(values: Mapping[str, Any], name: str) -> tuple[Budget, ...]:
    """The promises of entry points."""
    return tuple(
        Budget(
            row["for"],
            _seconds(row["timeout_budget"], f"{name}:{row[LINE]}", "timeout_budget"),
            Location(name, row[LINE]),
        )
        for row in values.get("entry_points", ())
    )


def _level(scope: str, where: str) -> Level:
    operation = scope.rpartition(IN_FILE)[2]
    if _OPERATION.fullmatch(operation) or (_RPC.fullmatch(scope) and not _is_path(scope)):
        return Level.METHOD
    if _is_path(scope):
        return Level.FILE
    if _SERVICE.fullmatch(scope):
        return Level.SERVICE
    raise UsageError(f"{where}: for: {scope} is no rpc, service, operation or path of a contract")


def _is_path(scope: str) -> bool:
    return scope.endswith((".proto", ".yaml", ".yml", ".json"))


def _said(row: Mapping[str, Any], name: str, level: Level, scope: str) -> Said:
    where = f"{name}:{row[LINE]}"
    timeout = row.get("timeout")
    return Said(
        level,
        scope,
        Location(name, row[LINE]),
        OURS,
        Idempotency(row["idempotency"]) if "idempotency" in row else None,
        row.get("key"),
        _seconds(timeout, where, "timeout") if timeout is not None else None,
        _seconds(row["per_try"], where, "per_try") if "per_try" in row else None,
        _retry(row["retry"], where) if "retry" in row else None,
        _breaker(row["breaker"], where) if "breaker" in row else None,
    )


def _seconds(text: str, where: str, key: str) -> float:
    value = seconds_of(text)
    if value is None or not 0 < value <= LONGEST_S:
        raise UsageError(
            f"{where}: {key}: {text} is no duration above zero and up to a day, as 500ms, 2s or 1m"
        )
    return value


def _retry(row: Mapping[str, Any], where: str) -> Retry:
    usual = BUILT_IN.retry or Retry(3)
    wait = usual.backoff
    initial = _seconds(row["initial"], where, "initial") if "initial" in row else wait.initial_s
    longest = _seconds(row["max"], where, "max") if "max" in row else max(wait.max_s, initial)
    if longest < initial:
        raise UsageError(f"{where}: retry: max is shorter than initial")
    backoff = Backoff(
        initial, longest, row.get("multiplier", wait.multiplier), row.get("jitter", wait.jitter)
    )
    tries = row.get("tries", usual.tries_total)
    if "on" not in row:
        return Retry(tries, backoff)
    return Retry(tries, backoff, *_conditions(row["on"], where))


def _conditions(words: list[str], where: str) -> tuple[tuple[str, ...], tuple[int, ...], bool]:
    codes = tuple(sorted(word for word in set(words) if word in GRPC_CODES))
    statuses = tuple(sorted(int(word) for word in set(words) if word.isascii() and word.isdigit()))
    other = sorted(set(words) - set(codes) - {str(one) for one in statuses} - {"transport"})
    wrong = other or [str(one) for one in statuses if not 400 <= one <= 599]
    if wrong:
        raise UsageError(
            f"{where}: retry: on: {wrong[0]} is no gRPC code, no status from 400 to 599, nor transport"
        )
    if not words:
        raise UsageError(f"{where}: retry: on: is empty; tries: 1 says that nothing is retried")
    return codes, statuses, "transport" in words


def _breaker(row: Mapping[str, Any], where: str) -> Breaker:
    usual = BUILT_IN.breaker or Breaker()
    open_s = _seconds(row["open"], where, "open") if "open" in row else usual.open_s
    return Breaker(row.get("failures", usual.failures), open_s)
