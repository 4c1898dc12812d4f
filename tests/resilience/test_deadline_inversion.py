"""RT11 deadline-inversion."""

from __future__ import annotations

from resilience.scenes import bookshop, found

ROWS = """resilience:
  policies:
  - {{for: bookshop.orders.v1.Orders, timeout: {}}}
  - {{for: bookshop.catalog.v1.Catalog, timeout: {}}}
"""


def test_who_waits_less_than_its_callees_call_may_take() -> None:
    faults = found(bookshop(**{".workspai.yaml": ROWS.format("1s", "3s")}), "RT11")
    assert list(faults) == ["admin -> orders -> catalog"]
    message = faults["admin -> orders -> catalog"].message
    assert message.startswith("admin, shipping, storefront wait 1 s for orders")
    assert "may take 3 s" in message


def test_who_waits_longer() -> None:
    assert found(bookshop(**{".workspai.yaml": ROWS.format("3s", "3s")}), "RT11") == {}
