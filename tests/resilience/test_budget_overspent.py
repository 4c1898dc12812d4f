"""RT25 budget-overspent."""

from __future__ import annotations

from resilience.scenes import bookshop, found

ROWS = """resilience:
  policies:
  - {for: bookshop.orders.v1.Orders, timeout: 1s}
  - {for: bookshop.catalog.v1.Catalog, timeout: 1s}
  - {for: bookshop.stock.v1.StockRoom, timeout: 3s}
  entry_points:
"""


def test_the_hop_that_overspends_is_told() -> None:
    own = ROWS + "  - {for: catalog, timeout_budget: 1500ms}\n"
    faults = found(bookshop(**{".workspai.yaml": own}), "RT25")
    assert list(faults) == ["catalog: catalog -> warehouse"]
    assert "may take 2 s" in faults["catalog: catalog -> warehouse"].message


def test_an_operation_is_an_entry_point_too() -> None:
    own = ROWS + "  - {for: bookshop.catalog.v1.Catalog/GetBook, timeout_budget: 1500ms}\n"
    assert list(found(bookshop(**{".workspai.yaml": own}), "RT25")) == [
        "bookshop.catalog.v1.Catalog/GetBook: catalog -> warehouse"
    ]


def test_enough_is_enough() -> None:
    own = ROWS + "  - {for: catalog, timeout_budget: 4s}\n"
    assert found(bookshop(**{".workspai.yaml": own}), "RT25") == {}
