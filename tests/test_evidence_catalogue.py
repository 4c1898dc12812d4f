"""Calls that name their service by a member of a type that lists the services."""

# ruff: noqa: E501 (small files, each on its line)

from __future__ import annotations

import pytest
from test_edges import pairs
from test_evidence_spring import application

ENUM = (
    'public enum Service {\n  STOCK("shop-stock"), RATES("shop-rates"), WEB("web");\n  final String id;\n}\n'
)
POM = "<project><artifactId>%s</artifactId>%s</project>\n"
DEPENDS = "<dependency><artifactId>kit</artifactId></dependency>"
SHOP = {
    **application("shop-stock"),
    **application("shop-rates"),
    **application("web"),
    "web/pom.xml": POM % ("web", DEPENDS + "spring-boot-maven-plugin"),
    "kit/pom.xml": POM % ("kit", ""),
    "kit/src/main/java/Service.java": ENUM,
}
CALLER = "web/src/main/java/Caller.java"
FOUND = [("web", "shop-stock", "http", "proven")]


@pytest.mark.parametrize(
    "code",
    [
        'items = Balancer.call(Service.STOCK, "items", Item.class);\n',
        'class Caller {\n  Response all() {\n    return client\n      .send(new Request(\n          Service.STOCK, "/items"));\n  }\n}\n',
        "Balancer.multicast(Service.STOCK.getId());\n",
    ],
)
def test_a_member_that_is_handed_to_a_call(code: str) -> None:
    assert pairs({**SHOP, CALLER: code}) == FOUND


@pytest.mark.parametrize(
    "code",
    [
        "// Balancer.call(Service.STOCK);\n",
        "if (target == Service.STOCK) { stop(); }\n",
        "client.runWhenAvailable(Service.STOCK, this::start);\n",
        "Balancer.initialize(Service.STOCK, Service.RATES);\n",
        'throw new TimeoutException("late", Service.STOCK);\n',
        'log.info("asks {}", Service.STOCK);\n',
        "Service target = Service.STOCK;\n",
        "Balancer.call(Service.WEB);\n",
        "Balancer.call(Other.STOCK);\n",
    ],
)
def test_what_asks_nobody(code: str) -> None:
    assert pairs({**SHOP, CALLER: code}) == []


OPERATIONS = """public final class Stocks {
  public static Item one(long id) { return Balancer.call(Service.STOCK, "items"); }
}
final class Rates {
  static Rate now() { return Balancer.call(Service.RATES, "now"); }
}
"""


def test_a_kit_speaks_for_who_uses_its_class_and_method() -> None:
    kit = {**SHOP, "kit/src/main/java/Stocks.java": OPERATIONS}
    assert pairs(kit) == []
    assert pairs({**kit, CALLER: "Item item = Stocks.one(7);\n"}) == FOUND
    assert pairs({**kit, CALLER: "Class<?> kind = Stocks.class;\n"}) == []


@pytest.mark.parametrize(
    ("enum", "call"),
    [
        (ENUM.replace("Service", "Topic"), "Balancer.send(Topic.STOCK, item);\n"),
        (
            ENUM.replace("shop-rates", "gone").replace('WEB("web")', 'X("y")'),
            "Balancer.call(Service.STOCK);\n",
        ),
    ],
)
def test_a_type_that_lists_something_else(enum: str, call: str) -> None:
    assert pairs({**SHOP, "kit/src/main/java/Service.java": enum, CALLER: call}) == []


def test_in_other_languages() -> None:
    package = '{"name": "%s", "scripts": {"start": "node ."}}'
    files = {f"{name}/package.json": package % name for name in ("stock", "rates", "web")}
    files |= {f"{name}/index.js": "start()\n" for name in ("stock", "rates", "web")}
    files["web/services.ts"] = "export enum Services {\n  Stock = 'stock',\n  Rates = 'rates',\n}\n"
    assert pairs(files) == []
    files["web/items.ts"] = "const items = await mesh.request(Services.Stock, '/items')\n"
    assert pairs(files) == [("web", "stock", "http", "proven")]
