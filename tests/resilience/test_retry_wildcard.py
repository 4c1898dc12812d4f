"""RT05 retry-wildcard."""

from __future__ import annotations

from resilience.scenes import found
from resilience.service_configs import CONFIG, RETRY, line, method, scene


def test_a_retry_of_a_whole_service_covers_what_nobody_declared_safe() -> None:
    files = scene(method("shop.v1.Cart", retryPolicy=RETRY))
    faults = found(files, "RT05")
    assert list(faults) == [f"file:{CONFIG}#shop.v1.Cart"]
    (one,) = faults.values()
    assert one.location.line == line(files, '"service": "shop.v1.Cart"') - 1
    assert "Pay" in one.message
    assert "GetCart" not in one.message


def test_a_retry_of_everything() -> None:
    faults = found(scene(method("", retryPolicy=RETRY)), "RT05")
    assert list(faults) == [f"file:{CONFIG}#all services"]


def test_a_service_all_of_whose_rpcs_are_declared_safe_may_be_named_whole() -> None:
    assert found(scene(method("shop.v1.Stock", retryPolicy=RETRY)), "RT05") == {}


def test_rpcs_with_an_entry_of_their_own_are_not_covered() -> None:
    own = method(*(f"shop.v1.Cart/{one}" for one in ("Pay", "Upload", "Chat", "Watch")), timeout="1s")
    assert found(scene(method("shop.v1.Cart", retryPolicy=RETRY), own), "RT05") == {}


def test_rpcs_that_are_named_are_no_wildcard() -> None:
    assert found(scene(method("shop.v1.Cart/Pay", retryPolicy=RETRY)), "RT05") == {}
