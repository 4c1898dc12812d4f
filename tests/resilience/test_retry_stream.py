"""RT18 retry-stream."""

from __future__ import annotations

from resilience.scenes import found
from resilience.service_configs import RETRY, line, method, scene


def test_rpcs_that_stream_from_the_client() -> None:
    files = scene(method("shop.v1.Cart", retryPolicy=RETRY))
    faults = found(files, "RT18")
    assert sorted(faults) == ["shop.v1.Cart/Chat", "shop.v1.Cart/Upload"]
    assert {one.location.line for one in faults.values()} == {line(files, "retryPolicy")}


def test_an_entry_of_their_own_without_a_retry() -> None:
    own = method("shop.v1.Cart/Upload", "shop.v1.Cart/Chat", timeout="1s")
    assert found(scene(method("shop.v1.Cart", retryPolicy=RETRY), own), "RT18") == {}


def test_rpcs_that_stream_to_the_client_alone() -> None:
    assert found(scene(method("shop.v1.Cart/Watch", retryPolicy=RETRY)), "RT18") == {}
