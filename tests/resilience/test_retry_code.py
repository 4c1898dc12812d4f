"""RT06 retry-code."""

from __future__ import annotations

import pytest

from resilience.scenes import found
from resilience.service_configs import RETRY, line, method, scene


@pytest.mark.parametrize("code", ["INVALID_ARGUMENT", "UNAUTHENTICATED", "INTERNAL", "UNKNOWN", "CANCELLED"])
def test_a_code_that_a_second_try_does_not_mend(code: str) -> None:
    retry = {**RETRY, "retryableStatusCodes": ["UNAVAILABLE", code]}
    files = scene(method("shop.v1.Cart/GetCart", "shop.v1.Stock/Count", retryPolicy=retry))
    (one,) = found(files, "RT06").values()
    assert code in one.message
    assert one.location.line == line(files, "retryableStatusCodes")


@pytest.mark.parametrize("code", ["UNAVAILABLE", "RESOURCE_EXHAUSTED", "ABORTED", "DEADLINE_EXCEEDED"])
def test_codes_that_a_server_may_send_for_a_while(code: str) -> None:
    retry = {**RETRY, "retryableStatusCodes": [code]}
    assert found(scene(method("shop.v1.Cart/GetCart", retryPolicy=retry)), "RT06") == {}
