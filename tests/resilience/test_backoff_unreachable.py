"""RT22 backoff-unreachable."""

from __future__ import annotations

import pytest

from resilience.scenes import found
from resilience.service_configs import RETRY, line, method, scene


def test_a_largest_wait_that_no_try_waits_for() -> None:
    files = scene(method("shop.v1.Cart/GetCart", retryPolicy={**RETRY, "maxBackoff": "60s"}))
    (one,) = found(files, "RT22").values()
    assert "the longest wait of 3 tries is" in one.message
    assert one.location.line == line(files, "maxBackoff")


@pytest.mark.parametrize("longest", ["0.2s", "0.1s", "0.05s"])
def test_one_that_is_reached(longest: str) -> None:
    files = scene(method("shop.v1.Cart/GetCart", retryPolicy={**RETRY, "maxBackoff": longest}))
    assert found(files, "RT22") == {}
