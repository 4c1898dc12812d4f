"""The gRPC service config that a sidecar and `<proto>_grpc_service_config.json` carry: retries, in the
dialect that all four runtimes take, and nothing that one of them misreads.

Deadlines are not in it: Python acts on them 1 to 2 s early, and grpc-js misreads fractions; the sidecars put
them on each call (shared/STUBS.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from workspai_hooks.enrichment.values import Rpc, RpcService
from workspai_hooks.resilience.durations import proto_text
from workspai_hooks.resilience.model import GRPC_MAX_TRIES, Retry

COMMENT = "$comment"
"""The key of the header: JSON has no comments, and all runtimes skip keys that they don't know."""


def service_config(services: Iterable[RpcService]) -> dict[str, Any]:
    """One entry for each retry policy, with the names of all rpcs that have it; streams are left out."""
    groups: dict[str, tuple[dict[str, Any], list[dict[str, str]]]] = {}
    for service in services:
        for rpc in service.unary:
            if rpc.policy.tries > 1 and rpc.policy.retry is not None:
                block = _block(rpc.policy.retry)
                name = {"service": service.full_name, "method": rpc.name}
                groups.setdefault(json.dumps(block, sort_keys=True), (block, []))[1].append(name)
    methods: list[dict[str, Any]] = [
        {"name": sorted(names, key=lambda one: (one["service"], one["method"])), "retryPolicy": block}
        for block, names in groups.values()
    ]
    return {"methodConfig": sorted(methods, key=lambda one: json.dumps(one["name"]))} if methods else {}


def _block(retry: Retry) -> dict[str, Any]:
    return {
        "maxAttempts": retry.tries_total,
        "initialBackoff": proto_text(retry.backoff.initial_s),
        "maxBackoff": proto_text(retry.backoff.max_s),
        "backoffMultiplier": retry.backoff.multiplier,
        "retryableStatusCodes": sorted(retry.on_grpc),
    }


def refusal(rpc: Rpc) -> str:
    """Why a runtime of gRPC would not do what the policy of an rpc says; empty where all would."""
    policy = rpc.policy
    if not rpc.unary:
        return ""
    if policy.per_try_s is not None:
        return "per_try: no gRPC runtime limits a single try"
    retry = policy.retry
    if retry is None or policy.tries < 2:
        return ""
    if retry.tries_total > GRPC_MAX_TRIES:
        return f"retry: {retry.tries_total} tries: gRPC makes {GRPC_MAX_TRIES} at most, without a word"
    if not retry.on_grpc:
        return "retry: on: names no gRPC code, so that nothing would be retried"
    if "DEADLINE_EXCEEDED" in retry.on_grpc and len(retry.on_grpc) == 1:
        return "retry: on: a deadline that is over is never tried again"
    if retry.backoff.initial_s < 1e-9 or retry.backoff.multiplier <= 0:
        return "retry: initial and multiplier must be above zero"
    return ""


def text_of(config: Mapping[str, Any], header: str) -> str:
    """The file beside the contract: JSON as its formatters leave it, the header first."""
    return json.dumps({COMMENT: header, **config}, indent=2, ensure_ascii=False) + "\n"
