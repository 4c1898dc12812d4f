"""Readers of service configs."""

from __future__ import annotations

from collections.abc import Callable

from resilience import test_service_config_code

from hostile import strategies
from hostile.target import Target
from workspai_hooks.resilience.sources import (
    service_config,
    service_config_go,
    service_config_python,
    service_config_values,
)


def _configs() -> tuple[bytes, ...]:
    return (
        b'{"methodConfig": [{"name": [{"service": "a.B", "method": "C"}, {}], "timeout": "1.5s", '
        b'"retryPolicy": {"maxAttempts": 4, "initialBackoff": "0.1s", "maxBackoff": "1s", '
        b'"backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]}',
        b'{"loadBalancingConfig": [{"round_robin": {}}], "methodConfig": [{"name": [], "timeoutMs": 3}]}',
        b'{"methodConfig": [], "methodConfig": [], "retryThrottling": {"maxTokens": "4", "tokenRatio": 0.1}}',
        b'{"x": ' + b"[" * 300 + b"]" * 300 + b"}",
    )


def _seeds(name: str) -> Callable[[], tuple[bytes, ...]]:
    return lambda: (str(getattr(test_service_config_code, name)).encode(),)


def config(data: bytes) -> None:
    service_config.read("a/x_grpc_service_config.json", data)


def go(data: bytes) -> None:
    service_config_go.read("a/client.go", data)


def python(data: bytes) -> None:
    service_config_python.read("a/client.py", data)


def values(data: bytes) -> None:
    service_config_values.read("a/compose.yaml", data)
    service_config_values.read("a/.env", data)


TARGETS = (
    Target("policies: faults of service configs", config, _configs, strategies.documents, weight=0.5),
    Target("policies: service configs in Go", go, _seeds("GO"), weight=0.5),
    Target("policies: service configs in Python", python, _seeds("PYTHON"), weight=0.5),
    Target("policies: service configs in values", values, _seeds("COMPOSE"), weight=0.5),
)
