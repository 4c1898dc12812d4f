"""Clients in shared modules, and clients that lie with the service that they call."""

# ruff: noqa: E501 (small files, each on its line)

from __future__ import annotations

import pytest
from test_edges import pairs
from test_evidence_spring import application

POM = "<project><artifactId>{}</artifactId>{}</project>\n"
DEPENDS = "<dependency><artifactId>{}</artifactId></dependency>"
CLIENT = (
    '@FeignClient("stock")\npublic interface StockClient {\n  @GetMapping("/items") List<Item> items();\n}\n'
)
FOUND = [("web", "stock", "http", "proven")]


def shop(home: str, client: str, code: str, taken: bool = True) -> dict[str, str]:
    """A client in a module of its own at `home`, and who takes it in."""
    name = home.rpartition("/")[2]
    needs = DEPENDS.format(name) if taken else ""
    return {
        **application("stock"),
        **application("web"),
        "web/pom.xml": POM.format("web", needs + "spring-boot-maven-plugin"),
        f"{home}/pom.xml": POM.format(name, ""),
        f"{home}/src/main/java/StockClient.java": client,
        "web/src/main/java/Page.java": code,
    }


CALLS = [
    "class Page {\n  @Autowired StockClient stock;\n  List<Item> all() { return stock.items(); }\n}\n",
    "class Page {\n  Page(StockClient c) { this.c = c; }\n  List<Item> all() { return pages.map(c::items); }\n}\n",
    "class Page {\n  private final StockClient stock;\n  List<Item> all() {\n    return this.stock\n        .items();\n  }\n}\n",
]


@pytest.mark.parametrize("home", ["clients", "stock/stock-api"])
@pytest.mark.parametrize("code", CALLS)
def test_who_calls_a_client_of_another_module(home: str, code: str) -> None:
    assert pairs(shop(home, CLIENT, code)) == FOUND


@pytest.mark.parametrize(
    "code",
    [
        "class Page {\n  @Autowired StockClient stock;\n}\n",  # injected and never called
        "import shop.StockClient;\nclass Page {}\n",
        "class Page {\n  @Autowired StockClient stock;\n  // stock.items();\n}\n",
        "class Page {\n  @Autowired OtherClient stock;\n  List<Item> all() { return stock.items(); }\n}\n",
    ],
)
def test_a_client_that_nobody_calls(code: str) -> None:
    assert pairs(shop("clients", CLIENT, code)) == []


def test_a_client_that_is_not_taken_in() -> None:
    assert pairs(shop("clients", CLIENT, CALLS[0], taken=False)) == []


ADDRESS = 'public class Stocks {\n  public Item oneItem(long id) {\n    return rest.get("http://stock:8080/items/" + id);\n  }\n  public Item byName(String n) { return null; }\n}\n'


def test_an_address_in_a_shared_class_is_whoevers_calls_the_method() -> None:
    calls = "class Page { Stocks s; Item a() { return s.oneItem(7); } }\n"
    assert pairs(shop("clients", ADDRESS, calls)) == FOUND
    assert pairs(shop("clients", ADDRESS, calls.replace("oneItem", "byName"))) == []
    assert pairs(shop("clients", ADDRESS, calls.replace("Stocks s", "Other s"))) == []


def test_functions_of_a_shared_package() -> None:
    package = '{"name": "%s", "scripts": {"start": "node ."}, "dependencies": {"@shop/kit": "*"}}'
    files = {
        "package.json": '{"workspaces": ["*"]}',
        "kit/package.json": '{"name": "@shop/kit", "main": "index.js"}',
        "kit/index.js": "export function stockItems(id) {\n  return fetch('http://stock:8080/items/' + id)\n}\n",
        "stock/package.json": '{"name": "stock", "scripts": {"start": "node ."}}',
        "stock/index.js": "listen()\n",
        "web/package.json": package % "web",
        "web/index.js": "import {stockItems} from '@shop/kit'\nshow(stockItems(7))\n",
    }
    assert pairs(files) == FOUND
    assert pairs({**files, "web/index.js": "import {stockItems} from '@shop/kit'\nlisten()\n"}) == []
