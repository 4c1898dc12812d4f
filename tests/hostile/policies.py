"""Readers of service configs."""

from __future__ import annotations

from hostile import strategies
from hostile.target import Target
from workspai_hooks.resilience.sources import service_config


def _configs() -> tuple[bytes, ...]:
    return (
        b'{"methodConfig": [{"name": [{"service": "a.B", "method": "C"}, {}], "timeout": "1.5s", '
        b'"retryPolicy": {"maxAttempts": 4, "initialBackoff": "0.1s", "maxBackoff": "1s", '
        b'"backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]}',
        b'{"loadBalancingConfig": [{"round_robin": {}}], "methodConfig": [{"name": [], "timeoutMs": 3}]}',
        b'{"methodConfig": [], "methodConfig": [], "retryThrottling": {"maxTokens": "4", "tokenRatio": 0.1}}',
        b'{"x": ' + b"[" * 300 + b"]" * 300 + b"}",
    )


def config(data: bytes) -> None:
    service_config.read("a/x_grpc_service_config.json", data)


TARGETS = (Target("policies: faults of service configs", config, _configs, strategies.documents, weight=0.5),)
