"""Ports of one's own machine, names of several systems, words of telemetry: who is meant."""

# ruff: noqa: E501 (small files, each on its line)

from __future__ import annotations

import pytest
from test_edges import edges, pairs
from test_evidence_spring import application

NODE = '{"name": "x", "scripts": {"start": "node ."}}'


def node(name: str, code: str, env: str = "") -> dict[str, str]:
    files = {f"{name}/package.json": NODE, f"{name}/index.js": code}
    return files | ({f"{name}/.env": env, f"{name}/env.js": "require('dotenv').config()\n"} if env else {})


ASKS = "fetch(process.env.STOCK_SERVICE_URL + '/items')\n"


@pytest.mark.parametrize("value", ["http://localhost:4001", "http://127.0.0.1:4001/v1"])
def test_a_port_that_nobody_is_known_to_take_leaves_it_to_the_name(value: str) -> None:
    web = node("web", ASKS, f"STOCK_SERVICE_URL={value}\n")
    assert pairs({**web, **node("stock", "listen()\n")}) == [("web", "stock", "http", "proven")]


def test_a_port_that_somebody_takes_tells_more_than_the_name() -> None:
    web = node("web", ASKS, "STOCK_SERVICE_URL=http://localhost:4001\n")
    others = {**node("stock", "listen()\n"), **node("proxy", "listen()\n", "PORT=4001\n")}
    assert pairs({**web, **others}) == []


def test_the_variable_port_is_where_a_program_listens() -> None:
    stock = node("stock", "listen(process.env.PORT)\n", "PORT=4001\n")
    assert pairs({**node("web", "fetch('http://localhost:4001/items')\n"), **stock}) == [
        ("web", "stock", "http", "proven")
    ]
    assert pairs({**node("web", "fetch('http://localhost:4002/items')\n"), **stock}) == []


SETTINGS = "shop.stockServiceUrl=http://${HOST:localhost}:4001\n"


@pytest.mark.parametrize(
    ("code", "settings", "found"),
    [
        ('@Value("${shop.stockServiceUrl}") String url;\n', SETTINGS, True),
        ("class Empty {}\n", SETTINGS, False),
        (
            '@Value("${shop.stockServiceUrl}") String url;\n',
            SETTINGS.replace("localhost", "example.com"),
            False,
        ),
        ('@Value("${shop.otherUrl}") String url;\n', SETTINGS.replace("stockService", "other"), False),
        ('@Value("${shop.stock}") String name;\n', SETTINGS.replace("stockServiceUrl", "stock"), False),
    ],
)
def test_a_setting_that_is_called_like_a_service(code: str, settings: str, found: bool) -> None:
    files = {**application("web", settings), **application("stock-service"), "web/src/main/java/A.java": code}
    assert bool(pairs(files)) is found


def test_systems_in_one_repository_mean_their_own_services() -> None:
    calls = {"A.java": 'rest.getForObject("http://stock/items", Item.class);\n'}
    files = {}
    for system in ("one", "two"):
        for name in ("stock", "web"):
            files |= {f"{system}/{path}": text for path, text in application(name).items()}
        files |= {f"{system}/web/src/main/java/{path}": text for path, text in calls.items()}
    found = {
        (one.consumer, one.provider, one.evidence[0].location.path.partition("/")[0])
        for one in edges(files).all
    }
    assert len(found) == 2
    assert {consumer.startswith("two") == provider.startswith("two") for consumer, provider, _ in found} == {
        True
    }


def test_a_word_of_telemetry_in_one_of_two_images() -> None:
    compose = "services:\n  cart: {image: 'acme/cart-with-tracing:1', environment: {PAY_HOST: pay}}\n  pay: {image: 'acme/pay'}\n"
    other = "services:\n  cart: {image: 'acme/cart:1'}\n"
    assert pairs({"compose.yaml": compose}) == []
    found = pairs({"compose.yaml": compose, "two/compose.yaml": other})
    assert [(one[0], one[1], one[3]) for one in found] == [("cart", "pay", "declared")]
