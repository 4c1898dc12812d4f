"""Thrift: who serves and who calls a contract's service, in the languages that it is generated for."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from test_edges import edges, pairs

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.workspace.evidence import thrift
from workspai_hooks.workspace.services import Service, discover

CONTRACT = """namespace * shop
// service Old { void gone(1: i32 id) }
service Base { bool ping() }
service Stock extends Base {
  i32 left(1: string item, 2: map<string, string> carrier) throws (1: Failed failed),
  oneway void take_one(1: string item)  # "{" is no bracket here
}
service Prices { i32 of(1: string item) }
"""
COMPOSE = "services:\n  stock: {build: stock}\n  web: {build: web}\n"
SHOP = {
    "idl/shop.thrift": CONTRACT,
    "compose.yaml": COMPOSE,
    "stock/Dockerfile": "FROM x\n",
    "web/Dockerfile": "FROM x\n",
}
EDGE = ("web", "stock", "thrift", "proven")


def called(files: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    return pairs(SHOP | dict(files))


def test_what_a_contract_declares() -> None:
    found = thrift.contract(CONTRACT.encode())
    assert found.namespaces == ("shop",)
    assert [(one.name, one.functions, one.parent) for one in found.services] == [
        ("Base", ("ping",), ""),
        ("Stock", ("left", "take_one"), "Base"),
        ("Prices", ("of",), ""),
    ]


LANGUAGES = {
    "C++": (
        {"stock/Handler.h": "class Handler : virtual public shop::StockIf {\n};\n"},
        {
            "web/Web.h": "class Web {\n  Pool<ThriftClient<StockClient>> *_pool;\n};\n"
            "void Web::Show() {\n  auto client = _pool->Pop();\n  client->left(item, carrier);\n}\n"
        },
    ),
    "Java": (
        {"stock/src/S.java": "var processor = new Stock.Processor<>(new Shelf());\n"},
        {"web/src/W.java": "Stock.Client client = new Stock.Client(protocol);\nint n = client.left(item);\n"},
    ),
    "Java, by the interface": (
        {"stock/src/S.java": "public class Shelf\n    implements Closeable, Stock.Iface {\n}\n"},
        {
            "web/src/W.java": "class W {\n  private Stock.Iface stock;\n"
            "  int n() { return stock.left(i); }\n}\n"
        },
    ),
    "Go": (
        {"stock/main.go": "package main\n\nvar p = shop.NewStockProcessor(handler)\n"},
        {
            "web/main.go": "package main\n\nfunc show() {\n\tc := shop.NewStockClientFactory(t, f)\n"
            "\tc.TakeOne(ctx, item)\n}\n"
        },
    ),
    "Go, the client in another file of its package": (
        {"stock/main.go": "package main\n\nvar p = shop.NewStockProcessor(handler)\n"},
        {
            "web/main.go": "package main\n\nvar stock = shop.NewStockClient(c)\n",
            "web/show.go": "package main\n\nfunc show() { stock.Left(ctx, item) }\n",
        },
    ),
    "Go, Kitex": (
        {"stock/main.go": 'import s "shop/kitex_gen/shop/stock"\n\nvar srv = s.NewServer(new(Shelf))\n'},
        {
            "web/main.go": 'import "shop/kitex_gen/shop/stock"\n\nvar c, _ = stock.NewClient("stock")\n'
            "func show() { c.Left(ctx, item) }\n"
        },
    ),
    "Python": (
        {"stock/app.py": "from shop import Stock\n\nprocessor = Stock.Processor(Shelf())\n"},
        {"web/app.py": "from shop import Stock as S\n\nclient = S.Client(protocol)\nclient.left('a')\n"},
    ),
    "Python, thriftpy2": (
        {"stock/app.py": "server = make_server(shop_thrift.Stock, Shelf(), port=1)\n"},
        {"web/app.py": "stock = make_client(shop_thrift.Stock, host, 1)\npool.submit(stock.left, 'a')\n"},
    ),
    "Ruby": (
        {"stock/app.rb": "processor = Shop::Stock::Processor.new(Shelf.new)\n"},
        {"web/app.rb": "client = Shop::Stock::Client.new(protocol)\nclient.left 'a'\n"},
    ),
    "PHP": (
        {"stock/app.php": "<?php\nclass Shelf implements \\shop\\StockIf {\n}\n"},
        {"web/app.php": "<?php\n$client = new \\shop\\StockClient($protocol);\n$client->left('a');\n"},
    ),
    "Node": (
        {"stock/app.js": "const Stock = require('./gen/Stock');\nthrift.createServer(Stock, {left});\n"},
        {
            "web/app.js": "var service = require('./gen/Stock');\n"
            "const client = thrift.createClient(service, connection);\nclient.left('a', done);\n"
        },
    ),
    "C#": (
        {"stock/S.cs": "var processor = new Stock.AsyncProcessor(new Shelf());\n"},
        {"web/W.cs": "var client = new Stock.Client(protocol);\nawait client.LeftAsync(item);\n"},
    ),
    "Lua": (
        {"stock/app.py": "processor = Stock.Processor(Shelf())\n"},
        {
            "web/stock.lua": "local StockClient = require 'shop_Stock'\n"
            "local client = Pool:connection(StockClient, 'stock', 9090)\npcall(client.left, client, 'a')\n"
        },
    ),
    "Rust": (
        {"stock/src/main.rs": "let p = StockSyncProcessor::new(Shelf {});\n"},
        {"web/src/main.rs": "let mut c = StockSyncClient::new(i, o);\nc.take_one(item)?;\n"},
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_and_the_one_that_serves_it(language: str) -> None:
    server, client = LANGUAGES[language]
    assert called(server | client) == [EDGE]


def test_a_function_that_the_service_took_over_is_its_own() -> None:
    server, _ = LANGUAGES["Python"]
    assert called(server | {"web/app.py": "client = Stock.Client(protocol)\nclient.ping()\n"}) == [EDGE]


@pytest.mark.parametrize(
    "code",
    [
        "client = Stock.Client(protocol)\n",
        "client = Stock.Client(protocol)\n# client.left('a')\n",
        "# client = Stock.Client(protocol)\nclient.left('a')\n",
        "client = Stock.Client(protocol)\nself.left('a')\n",
        "#\n# Autogenerated by Thrift Compiler (0.20)\n#\nclass Client: pass\nStock.Client(p).left('a')\n",
        "client = Prices.Client(protocol)\nclient.left('a')\n",
    ],
)
def test_a_client_that_is_never_called_is_no_edge(code: str) -> None:
    server, _ = LANGUAGES["Python"]
    assert called(server | {"web/app.py": code}) == []


def test_names_without_a_contract_say_nothing() -> None:
    server, client = LANGUAGES["Java"]
    assert pairs({**SHOP, **server, **client, "idl/shop.thrift": "struct Stock {}\n"}) == []


def test_of_two_functions_of_one_name_the_receiver_tells() -> None:
    contract = "service Stock { i32 get(1: i32 id) }\nservice Prices { i32 get(1: i32 id) }\n"
    files = {
        "idl/shop.thrift": contract,
        "compose.yaml": f"{COMPOSE}  prices: {{build: prices}}\n",
        "prices/Dockerfile": "FROM x\n",
        "stock/S.java": "new Stock.Processor<>(shelf)",
        "prices/P.java": "new Prices.Processor<>(list)",
        "web/W.java": "Stock.Client stockClient;\nPrices.Client prices;\nint n = stockClient.get(1);\n",
    }
    assert called(files) == [EDGE]


def test_stubs_of_grpc_with_the_same_name_are_not_meant() -> None:
    server, client = LANGUAGES["Go"]
    files = server | client | {"protos/shop.proto": "service Stock {\n}\n"}
    assert called(files) == []
    assert called({path: f"{text}// thrift\n" for path, text in files.items()}) == [EDGE]


def test_two_systems_with_services_of_one_name() -> None:
    files: dict[str, str] = {}
    for name, function in (("books", "lend"), ("toys", "sell")):
        files |= {
            f"{name}/{name}.thrift": f"namespace * {name}\nservice Stock {{ i32 {function}(1: i32 id) }}\n",
            f"{name}/compose.yaml": f"services:\n  {name}-stock: {{build: s}}\n  {name}-web: {{build: w}}\n",
            f"{name}/s/Dockerfile": "FROM x\n",
            f"{name}/w/Dockerfile": "FROM x\n",
            f"{name}/s/S.java": "new Stock.Processor<>(shelf)",
            f"{name}/w/W.java": f"Stock.Client client;\nint n = client.{function}(1);\n",
        }
    found = edges(files)
    assert [(one.consumer, one.provider) for one in found.all] == [
        ("books-web", "books-stock"),
        ("toys-web", "toys-stock"),
    ]
    assert found.undecided == ()


def test_several_that_serve_one_service_are_told_as_undecided() -> None:
    server, client = LANGUAGES["Python"]
    other = {
        "compose.yaml": f"{COMPOSE}  depot: {{build: depot}}\n",
        "depot/Dockerfile": "FROM x\n",
        "depot/app.py": "processor = Stock.Processor(Depot())\n",
    }
    found = edges(SHOP | server | client | other)
    assert found.all == ()
    assert [one.what for one in found.undecided] == [
        "web/app.py:4: which service web calls through shop.Stock"
    ]


CMAKE = {
    "CMakeLists.txt": "project(shop)\n# add_executable(Old old.cpp)\nadd_subdirectory(src)\n",
    "src/Stock/CMakeLists.txt": "add_executable(\n    StockServer\n    Main.cpp\n)\n",
    "src/Stock/Main.cpp": "int main() { make<StockProcessor>(); }\n",
    "src/Web/CMakeLists.txt": "add_executable(WebServer Main.cpp)\n",
    "src/Web/Main.cpp": "StockClient client(protocol);\nint main() { client.left(item); }\n",
    "Dockerfile": "FROM x AS builder\nCOPY . .\nRUN cmake . && make install\nFROM ubuntu\n",
    "idl/shop.thrift": CONTRACT,
}


@pytest.mark.parametrize(
    "compose",
    [
        "  stock: {image: all, entrypoint: StockServer}\n  web: {image: all, command: WebServer -v}\n",
        "  stock: {build: ., entrypoint: [/usr/bin/StockServer]}\n  web: {build: ., command: [WebServer]}\n",
        "  stock: {image: all, command: sh -c 'exec ./StockServer'}\n  web: {build: ., command: WebServer}\n",
    ],
)
def test_programs_of_one_image_are_told_apart_by_what_is_started(compose: str) -> None:
    files = {**CMAKE, "compose.yaml": f"services:\n{compose}"}
    assert {name: one.roots for name, one in found_in(files).items()} == {
        "stock": ("src/Stock",),
        "web": ("src/Web",),
    }
    assert pairs(files) == [EDGE]


def test_programs_that_nothing_starts_are_no_services() -> None:
    assert set(found_in(CMAKE | {"compose.yaml": "services:\n  x: {image: shop/all, command: other}\n"})) == {
        "x",
        "repository",
    }


def test_a_web_server_runs_the_lua_that_is_mounted_beside_its_configuration() -> None:
    server, client = LANGUAGES["Lua"]
    compose = (
        "services:\n  stock: {build: stock}\n  edge:\n    image: acme/openresty\n    volumes:\n"
        "      - ./front/lua:/lua\n      - ./front/conf/nginx.conf:/nginx.conf\n      - ./gen:/gen\n"
    )
    files = {
        **SHOP,
        **server,
        "compose.yaml": compose,
        "front/lua/stock.lua": client["web/stock.lua"],
        "front/conf/nginx.conf": "events {}\n",
        "gen/shop_Stock.lua": "-- Autogenerated by Thrift Compiler\n",
    }
    del files["web/Dockerfile"]
    assert found_in(files)["edge"].roots == ("front",)
    assert pairs(files) == [("edge", "stock", "thrift", "proven")]


def found_in(files: Mapping[str, str]) -> dict[str, Service]:
    return {one.name: one for one in discover(Snapshot.of(dict(files))).all}
