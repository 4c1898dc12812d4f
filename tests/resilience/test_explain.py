"""`resilience --explain`: which line won, and why."""

from __future__ import annotations

from conftest import Scratch

from workspai_hooks.policies import explained


def test_every_line_that_speaks_is_told_and_one_wins(shop: Scratch) -> None:
    shop.write(
        {
            ".workspai.yaml": "resilience:\n  policies:\n"
            "  - {for: bookshop.catalog.v1.Catalog/GetBook, timeout: 2s, idempotency: safe}\n"
            "  - {for: bookshop.catalog.v1.Catalog, timeout: 5s, retry: {tries: 4}}\n"
        }
    )
    (one,) = explained(shop.root, "bookshop.catalog.v1.Catalog/GetBook").operations
    told = [(line.value, line.said, line.location.line, line.wins) for line in one.lines]
    assert told == [
        ("idempotency", "safe", 3, True),
        ("timeout", "2 s", 3, True),
        ("timeout", "5 s", 4, False),
        ("retry", "4 tries on UNAVAILABLE, 429, 502, 503, 504", 4, True),
    ]
    assert {way.outcome for way in one.ways} == {"up to 4 tries by what is read here, waits 2 s"}


def test_an_unknown_operation_is_wrong_usage(shop: Scratch) -> None:
    assert explained(shop.root, "bookshop.catalog.v1.Catalog/Nothing").operations == ()
