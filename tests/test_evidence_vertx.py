"""Vert.x: service proxies, records of the discovery, addresses of the event bus, gateways over all endpoints."""

# ruff: noqa: E501 (small files, each on its line)

from __future__ import annotations

import pytest
from test_edges import pairs

POM = "<project><artifactId>%s</artifactId><mainClass>io.vertx.core.Launcher</mainClass></project>\n"


def found(web: str, stock: str, contract: str = "") -> set[tuple[str, str]]:
    files = {
        "web/pom.xml": POM % "web",
        "web/src/main/java/Web.java": f"import io.vertx.core.*;\nclass Web extends Base {{ void go() {{\n{web}\n}} }}\n",
        "stock/pom.xml": POM % "stock",
        "stock/src/main/java/Stock.java": f"import io.vertx.core.*;\nclass Stock extends Base {{ {contract} void go() {{\n{stock}\n}} }}\n",
    }
    return {one[:2] for one in pairs(files)}


FOUND = {("web", "stock")}
PAIRS = [
    ("EventBusService.getProxy(discovery, Items.class, ready);", "publishEventBusService(Items.NAME, Items.AT, Items.class);"),
    ("Items items = Items.createProxy(vertx, AT);", "new ServiceBinder(vertx).setAddress(AT).register(Items.class, this);"),
    ('HttpEndpoint.getClient(discovery, new JsonObject().put("name", "items-api"), f);', 'publishHttpEndpoint(NAME, host, port);'),
    ('vertx.eventBus().request("items.all", q, f);', 'vertx.eventBus().consumer("items.all", f);'),
    ('vertx.eventBus().<JsonObject>consumer("items.new", f);', 'vertx.eventBus().publish("items.new", x);'),
    ('MessageSource.getConsumer(discovery, new JsonObject().put("name", "item-source"), f);', 'publishMessageSource("item-source", AT);'),
    ("discovery.getRecords(r -> r.getType().equals(HttpEndpoint.TYPE), f);", "publishHttpEndpoint(NAME, host, port);"),
]  # fmt: skip


@pytest.mark.parametrize(("web", "stock"), PAIRS)
def test_who_asks_and_who_serves(web: str, stock: str) -> None:
    assert found(web, stock, 'static final String NAME = "items-api";') == FOUND


@pytest.mark.parametrize(
    ("web", "stock"),
    [
        (PAIRS[0][0], PAIRS[0][1].replace("Items.class", "Other.class")),
        (PAIRS[2][0].replace("items-api", "other-api"), PAIRS[2][1]),
        (PAIRS[3][0], PAIRS[3][1].replace("items.all", "items.one")),
        ("// " + PAIRS[6][0], PAIRS[6][1]),
        (PAIRS[6][0], "Future<Void> publishHttpEndpoint(String name, String host) { return f; }"),
        ("events.consumer(AT, f);", "events.publish(AT, x);"),
    ],
)
def test_who_does_not_meet(web: str, stock: str) -> None:
    assert found(web, stock, 'static final String NAME = "items-api";') == set()
