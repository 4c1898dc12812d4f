"""RT13 retry-deadline-exceeded."""

from __future__ import annotations

from resilience.scenes import found
from resilience.service_configs import RETRY, line, method, scene


def test_a_retry_when_the_time_is_over() -> None:
    retry = {**RETRY, "retryableStatusCodes": ["UNAVAILABLE", "DEADLINE_EXCEEDED"]}
    files = scene(method("shop.v1.Cart/GetCart", "shop.v1.Stock", retryPolicy=retry))
    (one,) = found(files, "RT13").values()
    assert one.location.line == line(files, "retryableStatusCodes")


def test_without_the_code() -> None:
    assert found(scene(method("shop.v1.Cart/GetCart", retryPolicy=RETRY)), "RT13") == {}
