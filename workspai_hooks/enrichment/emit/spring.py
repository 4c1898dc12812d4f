"""For clients and servers that openapi-generator's `spring` makes: an overlay of the description (OpenAPI
Overlay 1.0) that has resilience4j's annotations put on its operations, and the settings that these name.

Two documents. The overlay is applied before generating, by any tool for overlays; its
`x-operation-extra-annotation` is what the generator writes above each method. The settings belong into
`application.yaml`. Deadlines are the HTTP client's in Spring (`RestClient`, `WebClient`): an annotation can't
end a call that blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workspai_hooks.enrichment.emit.routes import Offers, milliseconds, text_of
from workspai_hooks.enrichment.values import HttpOperation
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.model import Breaker, Idempotency, Retry

_RETRY = "@io.github.resilience4j.retry.annotation.Retry"
_BREAKER = "@io.github.resilience4j.circuitbreaker.annotation.CircuitBreaker"
_CLIENT = "org.springframework.web.client."
_EXCEPTIONS = {
    429: f"{_CLIENT}HttpClientErrorException$TooManyRequests",
    500: f"{_CLIENT}HttpServerErrorException$InternalServerError",
    502: f"{_CLIENT}HttpServerErrorException$BadGateway",
    503: f"{_CLIENT}HttpServerErrorException$ServiceUnavailable",
    504: f"{_CLIENT}HttpServerErrorException$GatewayTimeout",
}
"""Spring's exceptions by status; it has none of their own for others."""
_TRANSPORT = f"{_CLIENT}ResourceAccessException"
_NOT_PLAIN = regex(r"[^A-Za-z0-9]+")


def emit(offers: Sequence[Offers], host: str) -> str:
    """YAML of the overlay and of the settings; of HTTP operations alone."""
    return text_of("spring", offers, host, _documents(offers))


def _documents(offers: Sequence[Offers]) -> Iterator[object]:
    operations = [(one, each) for one in offers for each in one.operations]
    actions = [_action(offer, each) for offer, each in operations]
    yield {
        "overlay": "1.0.0",
        "info": {"title": "Retries and circuit breakers", "version": "1.0.0"},
        "actions": [one for one in actions if one is not None],
    }
    retries = {_name(each): _retry(each.policy.retry) for _, each in operations if _may_retry(each)}
    breakers = {_breaker_name(one): _breaker(one.breaker) for one in offers if one.operations and one.breaker}
    # The higher order is the outer one: a call counts once for the breaker, with all its tries.
    yield {
        "resilience4j": {
            "retry": {"retryAspectOrder": 2, "instances": retries},
            "circuitbreaker": {"circuitBreakerAspectOrder": 1, "instances": breakers},
        }
    }


def _action(offer: Offers, one: HttpOperation) -> dict[str, object] | None:
    annotations = [f'{_BREAKER}(name = "{_breaker_name(offer)}")'] if offer.breaker is not None else []
    if _may_retry(one):
        annotations.append(f'{_RETRY}(name = "{_name(one)}")')
    if not annotations:
        return None
    path = one.path.replace("\\", "\\\\").replace("'", "\\'")
    target = f"$.paths['{path}'].{one.method.lower()}"
    return {"target": target, "update": {"x-operation-extra-annotation": annotations}}


def _may_retry(one: HttpOperation) -> bool:
    """A key is the caller's here, who may leave it out: an annotation knows nothing of it."""
    return one.policy.tries > 1 and one.policy.idempotency is not Idempotency.KEYED


def _name(one: HttpOperation) -> str:
    return _plain(one.operation_id or f"{one.method} {one.path}")


def _breaker_name(offer: Offers) -> str:
    return _plain(offer.contract.rpartition("/")[2].rpartition(".")[0] or offer.contract)


def _plain(text: str) -> str:
    """A name that is one in Java's text, in YAML and in a property's name."""
    return _NOT_PLAIN.sub("-", text).strip("-") or "operation"


def _retry(retry: Retry | None) -> dict[str, object]:
    assert retry is not None
    exceptions = [_EXCEPTIONS[status] for status in sorted(retry.on_http) if status in _EXCEPTIONS]
    backoff = retry.backoff
    return {
        "maxAttempts": retry.tries_total,
        "waitDuration": f"{milliseconds(backoff.initial_s)}ms",
        "enableExponentialBackoff": True,
        "exponentialBackoffMultiplier": backoff.multiplier,
        "exponentialMaxWaitDuration": f"{milliseconds(backoff.max_s)}ms",
        "enableRandomizedWait": backoff.jitter > 0,
        "randomizedWaitFactor": min(backoff.jitter, 0.99),  # resilience4j wants it below 1
        "retryExceptions": [*exceptions, *([_TRANSPORT] if retry.on_transport else [])],
    }


def _breaker(breaker: Breaker | None) -> dict[str, object]:
    """So many failures in a row are a window of them that failed whole."""
    assert breaker is not None
    return {
        "slidingWindowType": "COUNT_BASED",
        "slidingWindowSize": breaker.failures,
        "minimumNumberOfCalls": breaker.failures,
        "failureRateThreshold": 100,
        "waitDurationInOpenState": f"{milliseconds(breaker.open_s)}ms",
        "permittedNumberOfCallsInHalfOpenState": 1,
        "recordExceptions": [_EXCEPTIONS[status] for status in (502, 503, 504)] + [_TRANSPORT],
    }
