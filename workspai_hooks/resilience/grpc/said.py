"""What the entries of a service config say of operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workspai_hooks.resilience.grpc.values import CONVENTION, Config, Pointer
from workspai_hooks.resilience.said import Level, Said
from workspai_hooks.source import Location


def said_of(config: Config, where: Callable[[Pointer], Location], path: str) -> Iterator[Said]:
    """One a name, for the calls of the service whose file `path` is. Of a config the most specific name that
    fits a call counts, with all that it says and with all that it leaves out."""
    for one in config.entries:
        method = one.at[:2]
        retry = (*method, "retryPolicy")
        lines = {
            "timeout_s": (*method, "timeout"),
            "retry": retry,
            "on_grpc": (*retry, "retryableStatusCodes"),
            "max_backoff": (*retry, "maxBackoff"),
        }
        if one.retry is None:
            lines = {"timeout_s": lines["timeout_s"]}
        yield Said(
            Level.METHOD if one.method else Level.SERVICE if one.service else Level.DEFAULT,
            f"{one.service}/{one.method}" if one.method else one.service,
            where(one.at),
            CONVENTION,
            timeout_s=one.timeout_s or None,
            retry=one.retry,
            caller=path,
            group=str(where(())),
            lines=tuple((value, where(at).line) for value, at in lines.items()),
        )
