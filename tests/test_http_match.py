"""Which operation a path means, which property a pointer; what an unknown use speaks for."""

from __future__ import annotations

import pytest

from workspai_hooks.workspace.http.clients import resolved, with_base
from workspai_hooks.workspace.http.match import HOLE, begins, body_of, fits, may_mean, operations_of, steps
from workspai_hooks.workspace.http.texts import hole, literal, reference, text
from workspai_hooks.workspace.http.uses import covers
from workspai_hooks.workspace.http.values import HttpUse, Kind, Operation

API = [
    Operation("GET", "/orders"),
    Operation("POST", "/orders"),
    Operation("GET", "/orders/{id}"),
    Operation("GET", "/orders/stats"),
    Operation("GET", "/orders/{id}/items/{item}"),
    Operation("GET", "/files/{name}.json"),
    Operation("GET", "/users/:id", base_paths=("/v1",)),
    Operation("GET", "/pets/*/visits"),
]


def elements(method: str, path: str) -> list[str]:
    return [match.operation.element for match in operations_of(method, path, API)]


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", "/orders", ["GET /orders"]),
        ("GET", "/orders/", ["GET /orders"]),
        ("GET", "/orders?page=2&x=/stats", ["GET /orders"]),
        ("GET", "/orders#top", ["GET /orders"]),
        ("GET", f"/orders/{HOLE}", ["GET /orders/{id}"]),
        ("GET", "/orders/17", ["GET /orders/{id}"]),
        ("GET", f"/orders/o-{HOLE}", ["GET /orders/{id}"]),
        ("GET", "/orders/stats", ["GET /orders/stats"]),
        ("GET", f"/orders/{HOLE}/items/{HOLE}", ["GET /orders/{id}/items/{item}"]),
        ("GET", f"/orders/{HOLE}/items", []),
        ("GET", "/order", []),
        ("GET", "/orders/1/2", []),
        ("DELETE", "/orders", []),
        ("", "/orders", ["GET /orders", "POST /orders"]),
        ("GET", "/files/report.json", ["GET /files/{name}.json"]),
        ("GET", "/files/report.xml", []),
        ("GET", "/v1/users/7", ["GET /users/:id"]),
        ("GET", f"/pets/{HOLE}/visits", ["GET /pets/*/visits"]),
        ("GET", HOLE, []),
        ("GET", f"/{HOLE}/{HOLE}", []),
        ("GET", "/", []),
    ],
)
def test_paths(method: str, path: str, wanted: list[str]) -> None:
    assert elements(method, path) == wanted


def test_what_is_guessed_is_not_sure() -> None:
    def sure(method: str, path: str) -> bool:
        (match,) = operations_of(method, path, API)
        return match.sure

    assert sure("GET", "/orders/17")
    assert not operations_of("", "/orders/17", API)[0].sure, "the method is not known"
    assert not sure("GET", "/shop/orders/17"), "in front of it may be another service's path"
    assert sure("GET", "/v1/users/7")
    assert not sure("GET", "/users/7"), "without the server's base path"


def test_a_literal_that_is_only_put_in_is_a_guess_and_a_parameter_is_not() -> None:
    one = [Operation("GET", "/orders/{id}/lines"), Operation("GET", "/orders/archive/lines")]
    (match,) = operations_of("GET", f"/orders/{HOLE}/lines", one)
    assert match.operation.path == "/orders/{id}/lines"
    (match,) = operations_of("GET", f"/orders/{HOLE}/lines", one[1:])
    assert not match.sure


def test_what_an_open_end_may_mean() -> None:
    def elements_of(method: str, path: str) -> list[str]:
        return [match.operation.element for match in may_mean(method, path, API)]

    assert elements_of("POST", f"/{HOLE}") == ["POST /orders"]
    assert elements_of("GET", f"/orders/{HOLE}") == [
        "GET /orders/{id}",
        "GET /orders/stats",
        "GET /orders/{id}/items/{item}",
    ]
    assert elements_of("GET", f"/v1/{HOLE}") == ["GET /users/:id"]
    assert elements_of("GET", "/elsewhere") == []


@pytest.mark.parametrize(
    ("given", "described", "alike"),
    [
        ("total", "total", True),
        ("items[].price", "items[].price", True),
        ("placedAt", "placed_at", False),
        ("~placedat", "placedAt", True),
        ("~placedat", "placed_at", False),
        ("total", "totals", None),
        ("items.price", "items[].price", None),
        ("rates[]", "rates.*", True),
        ("rates.eur", "rates.*", True),
        ("[].total", "[].total", True),
        ("total", "[].total", None),
    ],
)
def test_pointers(given: str, described: str, alike: bool | None) -> None:
    assert fits(steps(given), steps(described)) is alike


def test_below() -> None:
    assert begins(steps("items"), steps("items[].price"))
    assert begins([], steps("total"))
    assert not begins(steps("items[].price"), steps("items[].price"))
    assert not begins(steps("total"), steps("items[].price"))


def test_bodies() -> None:
    assert body_of("response.200.total") == ("200", "total")
    assert body_of("response.200[].total") == ("200", "[].total")
    assert body_of("response.4XX.message") == ("4XX", "message")
    assert body_of("response.default") == ("default", "")
    assert body_of("request.sku") == ("request", "sku")
    assert body_of("request") == ("request", "")
    assert body_of("parameters.query.page") is None


def unknown(element: str) -> HttpUse:
    return HttpUse("web", element, Kind.UNKNOWN, "a.py", 1, 1)


def test_what_an_unknown_use_speaks_for() -> None:
    whole = unknown("GET /orders/{id}#response")
    assert covers(whole, "GET /orders/{id}#response.200.total")
    assert covers(whole, "GET /orders/{id}#response.default.items[].price")
    assert not covers(whole, "GET /orders#response.200.total")
    assert not covers(whole, "GET /orders/{id}#request.total")
    inner = unknown("GET /orders/{id}#response.items[]")
    assert covers(inner, "GET /orders/{id}#response.200.items[].price")
    assert not covers(inner, "GET /orders/{id}#response.200.total")
    assert covers(unknown("POST /orders#request"), "POST /orders#request.lines[].qty")
    assert covers(unknown("GET /orders"), "GET /orders#request.page")
    assert covers(unknown("GET /orders"), "GET /orders")
    read = HttpUse("web", "GET /orders#response", Kind.READS, "a.py", 1, 1)
    assert not covers(read, "GET /orders#response.200.total")


@pytest.mark.parametrize(
    ("base", "url", "joined", "as_browsers_do"),
    [
        ("http://o/api", "/orders", "http://o/api/orders", "http://o/orders"),
        ("http://o/api/", "/orders", "http://o/api/orders", "http://o/orders"),
        ("http://o/api/", "orders", "http://o/api/orders", "http://o/api/orders"),
        ("http://o/api", "orders", "http://o/api/orders", "http://o/orders"),
        ("http://o:80", "orders", "http://o:80/orders", "http://o:80/orders"),
        ("http://o/api", "http://other/x", "http://other/x", "http://other/x"),
    ],
)
def test_bases(base: str, url: str, joined: str, as_browsers_do: str) -> None:
    assert literal(with_base(text(base), text(url))) == joined
    assert literal(resolved(text(base), text(url))) == as_browsers_do


def test_a_base_that_is_not_known_stays_in_front() -> None:
    assert with_base(hole(), text("/orders")) == text("/orders")
    kept = with_base(reference("ORDERS_URL"), text("orders"))
    assert kept == resolved(reference("ORDERS_URL"), text("orders"))
