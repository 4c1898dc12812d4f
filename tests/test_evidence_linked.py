"""Pages whose relative paths somebody else answers, ports of Azure Functions, hosts with a type of their own,
packages that a workspace leaves out."""

from __future__ import annotations

import pytest
from test_edges import pairs
from test_services import GO, found

PACKAGE = '{"name": "page", "scripts": {"start": "gulp"}, %s}\n'
EDGE = (
    '[http.routers.s]\n  rule = "PathPrefix(`/`)"\n  service = "%s"\n'
    '[[http.services.shop.loadBalancer.servers]]\n  url = "http://shop:8080"\n'
    '[http.routers.stock]\n  rule = "PathPrefix(`/api`)"\n  service = "stock"\n'
    '[[http.services.stock.loadBalancer.servers]]\n  url = "http://stock:7070"\n'
)
ROUTED = {
    "compose.yaml": "services:\n  edge: {build: edge}\n  shop: {build: shop}\n  stock: {build: stock}\n",
    "edge/Dockerfile": "FROM traefik:1.7\nCOPY traefik.toml /etc/\n",
    "edge/traefik.toml": EDGE % "shop",
    "stock/main.go": GO,
    "shop/package.json": PACKAGE % '"browserslist": ["last 2 versions"]',
    "shop/src/scripts/api.js": "import axios from 'axios';\naxios.create({ baseURL: '/api' });\n",
}


def told(files: dict[str, str]) -> set[tuple[str, str]]:
    return {one[:2] for one in pairs(files) if one[3] == "proven"}


def test_a_page_behind_a_router_of_traefik_in_toml() -> None:
    assert ("shop", "edge") in told(ROUTED)


@pytest.mark.parametrize(
    "files",
    [
        {"edge/traefik.toml": EDGE % "other"},  # the server is of no router
        {"shop/package.json": PACKAGE % '"private": true'},  # nothing says that it runs in a browser
        {"shop/src/scripts/api.js": "axios.create({ baseURL: '/images' });\n"},
    ],
)
def test_a_page_that_the_router_does_not_lead_to_or_that_asks_nobody(files: dict[str, str]) -> None:
    assert ("shop", "edge") not in told(ROUTED | files)


HOST = '{"version": "2.0", "extensionBundle": {"id": "Microsoft.Azure.Functions.ExtensionBundle"}}\n'
FUNCTION = '{"name": "stock", "scripts": {"start": "func start"}}\n'
LINK = '{"configurations": {"shop": {"appLocation": ".", "apiLocation": "%s"}}}\n'
LINKED = {
    "azure.yaml": "name: shop\nservices:\n  ui: {project: ui}\n  stock: {project: stock}\n",
    "stock/package.json": FUNCTION,
    "stock/host.json": HOST,
    "ui/package.json": PACKAGE % '"dependencies": {"@angular/core": "17"}',
    "ui/swa-cli.config.json": LINK % "../stock",
    "ui/src/app/items.ts": "const items = await fetch(`/api/items/${id}`);\n",
}


def test_a_static_web_app_asks_what_it_is_linked_to() -> None:
    assert told(LINKED) == {("ui", "stock")}


@pytest.mark.parametrize(
    "files",
    [
        {"ui/swa-cli.config.json": LINK % "../../stock"},
        {"ui/swa-cli.config.json": LINK % "https://stock.example"},
        {"ui/swa-cli.config.json": '{"configurations": [{"apiLocation": 1}]}'},
        {"ui/swa-cli.config.json": "{" * 5000},
        {"ui/src/app/items.ts": "const items = await fetch(`/assets/items`);\n"},
    ],
)
def test_a_static_web_app_that_is_not_linked_or_asks_nothing(files: dict[str, str]) -> None:
    assert told(LINKED | files) == set()


CALLER = {
    "azure.yaml": "name: shop\nservices:\n  web: {project: web}\n  stock: {project: stock}\n",
    "web/package.json": '{"name": "web", "scripts": {"start": "node ."}}\n',
    "web/index.js": "fetch('http://localhost:7071/api/items');\n",
    "stock/package.json": FUNCTION,
    "stock/host.json": HOST,
}


def test_functions_listen_where_their_tools_start_them() -> None:
    assert told(CALLER) == {("web", "stock")}
    assert told(CALLER | {"stock/host.json": '{"hosts": []}\n'}) == set()
    second = {
        "cart/package.json": FUNCTION.replace("stock", "cart"),
        "cart/host.json": HOST,
        "cart/a.js": "a();\n",
    }
    assert told(CALLER | second) == set()


def test_a_package_that_its_workspace_leaves_out_is_no_service() -> None:
    files = {
        "package.json": '{"workspaces": ["packages/*", "!packages/old"]}\n',
        "packages/stock/package.json": FUNCTION,
        "packages/old/package.json": FUNCTION.replace("stock", "old"),
        "packages/stock/a.js": "a();\n",
        "packages/old/a.js": "a();\n",
    }
    assert set(found(files)) == {"stock"}
    assert set(found(files | {"package.json": '{"workspaces": ["packages/*"]}\n'})) == {"stock", "old"}
    assert set(found(files | {"compose.yaml": "services:\n  old: {build: packages/old}\n"})) == {
        "old",
        "stock",
    }


TYPED = {
    "compose.yaml": "services:\n  web: {build: web}\n  stock: {build: stock}\n",
    "stock/main.go": GO,
    "web/pom.xml": "<project><artifactId>web</artifactId></project>\n",
    "web/src/main/java/Uris.java": (
        'class Uris {\n  URI itemsOf() {\n    return uri(new Hostname("stock"));\n  }\n'
        '  URI uri(Hostname host) { return URI.create("http://" + host.toString() + "/items"); }\n}\n'
    ),
    "web/src/main/java/Main.java": "class Main { void run(Uris uris) { get(uris.itemsOf()); } }\n",
}


def test_a_host_with_a_type_of_its_own() -> None:
    path = "web/src/main/java/Uris.java"
    assert told(TYPED) == {("web", "stock")}
    assert told(TYPED | {path: TYPED[path].replace('"http://" + ', "")}) == set()
    assert told(TYPED | {path: TYPED[path].replace("new Hostname", "new Label")}) == set()
    assert told(TYPED | {"web/src/main/java/Main.java": "class Main {}\n"}) == set()
