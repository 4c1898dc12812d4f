"""RT09 path-amplification."""

from __future__ import annotations

from resilience.scenes import bookshop, found
from workspai_hooks.findings import Severity

ROW = "  - {{for: bookshop.{}, timeout: 9s, idempotency: safe, retry: {{tries: {}}}}}\n"


def policies(orders: int, catalog: int, stock: int) -> str:
    rows = (("orders.v1.Orders", orders), ("catalog.v1.Catalog", catalog), ("stock.v1.StockRoom", stock))
    return "resilience:\n  policies:\n" + "".join(ROW.format(*row) for row in rows)


def test_retries_multiply_along_the_worst_path() -> None:
    faults = found(bookshop(**{".workspai.yaml": policies(3, 4, 3)}), "RT09")
    assert list(faults) == ["admin -> orders -> catalog -> warehouse"]
    fault = faults["admin -> orders -> catalog -> warehouse"]
    assert (fault.severity, fault.change) == (Severity.ERROR, "36 tries")
    hops = fault.consumers[0].hops
    assert [(one.consumer, one.provider) for one in hops] == [
        ("admin", "orders"),
        ("orders", "catalog"),
        ("catalog", "warehouse"),
    ]
    assert all(one.evidence for one in hops)


def test_up_to_27_it_is_a_warning() -> None:
    faults = found(bookshop(**{".workspai.yaml": policies(3, 3, 3)}), "RT09")
    assert [one.severity for one in faults.values()] == [Severity.WARNING]


def test_ten_are_borne() -> None:
    assert found(bookshop(**{".workspai.yaml": policies(1, 2, 5)}), "RT09") == {}
