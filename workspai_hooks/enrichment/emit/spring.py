"""Spring: an OpenAPI overlay (1.0.0) for clients that openapi-generator makes for Spring Cloud OpenFeign.

Applied to the description before the client is generated, it puts spring-retry's `@Retryable` on the methods
of operations that are retried (openapi-generator's `x-operation-extra-annotation`; needs spring-retry and
`@EnableRetry`). An annotation knows no deadline over all tries, no `Retry-After`, no key and no breaker:
timeouts stay those of Feign's configuration, and operations with a key are left out, as each try of a call
would carry another key or none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import yaml

from workspai_hooks.enrichment.emit.routes import CAUTION, Offers, milliseconds
from workspai_hooks.enrichment.paths import most_literal_first
from workspai_hooks.enrichment.plans import header_of
from workspai_hooks.resilience.model import Policy, Retry

NO_ANSWER = -1
"""The status of Feign's RetryableException where no answer came."""


def emit(offers: Sequence[Offers], host: str) -> str:
    """YAML of one overlay for each description; `host` is not in it."""
    return "---\n".join(filter(None, (_overlay(one) for one in offers)))


def _overlay(offer: Offers) -> str:
    actions = list(_actions(offer))
    if not actions:
        return ""
    overlay = {
        "overlay": "1.0.0",
        "info": {"title": f"Retries of {offer.contract}", "version": "1"},
        "actions": actions,
    }
    header = header_of(offer.contract, "spring", actions)
    return f"# {header}\n# {CAUTION}\n" + yaml.safe_dump(overlay, sort_keys=False, width=1_000_000)


def _actions(offer: Offers) -> Iterator[dict[str, object]]:
    for one in most_literal_first(offer.operations):
        annotation = _annotation(one.policy)
        if annotation:
            path = one.path.replace("\\", "\\\\").replace("'", "\\'")  # RFC 9535, 2.3.1
            update = {"x-operation-extra-annotation": annotation}
            yield {"target": f"$.paths['{path}'].{one.method.lower()}", "update": update}


def _annotation(policy: Policy) -> str:
    if policy.tries < 2 or policy.retry is None or policy.key:
        return ""
    backoff = policy.retry.backoff
    waits = {
        "delay": milliseconds(backoff.initial_s),
        "maxDelay": milliseconds(backoff.max_s),
        "multiplier": backoff.multiplier,
        "random": "true" if backoff.jitter else "false",
    }
    parts = {
        "retryFor": "feign.FeignException.class",
        "maxAttempts": policy.tries,
        "exceptionExpression": f'"{{{_statuses(policy.retry)}}}.contains(status())"',
        "backoff": f"@org.springframework.retry.annotation.Backoff({_arguments(waits)})",
    }
    return f"@org.springframework.retry.annotation.Retryable({_arguments(parts)})"


def _arguments(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _statuses(retry: Retry) -> str:
    return ", ".join(map(str, sorted({*retry.on_http, *([NO_ANSWER] if retry.on_transport else ())})))
