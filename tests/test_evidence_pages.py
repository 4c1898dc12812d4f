"""Addresses that a browser is given: ports of this machine in variables, and what a gateway's files say."""

# ruff: noqa: E501 (small files, each on its line)

from __future__ import annotations

import pytest
from test_edges import pairs
from test_services import GO

PACKAGE = '{"name": "ui", "dependencies": {"react": "18", "vite": "5"}, "scripts": {"start": "vite"}}\n'
COMPOSE = """services:
  stock: {build: stock, ports: ["%s:7070"]}
  ui:
    build: ui
    ports: ["8088:80"]
    environment: {%s}
"""
PLAIN = {
    "stock/main.go": GO,
    "stock/Dockerfile": "FROM golang\nEXPOSE 7070\n",
    "ui/Dockerfile": "FROM node\n",
    "ui/main.go": GO,
}
PAGES = PLAIN | {"ui/package.json": PACKAGE, "ui/src/index.js": "start();\n"}
MEANT = {("ui", "stock")}
HERE = "http://localhost:9000"


def edges(files: dict[str, str], given: str = "", port: str = "9000") -> set[tuple[str, str]]:
    found = pairs({"compose.yaml": COMPOSE % (port, given)} | files)
    return {(one[0], one[1]) for one in found if one[3] == "proven"}


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("VITE_API", {"ui/src/a.js": "fetch(import.meta.env.VITE_API);\n"}),
        ("STOCK", {"ui/server.js": "app.get('/c', (q, r) => r.json({url: process.env.STOCK}));\n"}),
        ("STOCK", {"ui/env.template.js": "window.env = {stock: '${STOCK}'};\n"}),
        ("STOCK", {"ui/start.sh": 'sed -i "s#STOCK_URL#$STOCK#" index.html\n'}),
        ("NUXT_PUBLIC_STOCK_BASE", {"ui/nuxt.config.ts": "runtimeConfig: {public: {stockBase: ''}}\n"}),
    ],
)
def test_a_port_of_this_machine_that_a_page_asks(name: str, files: dict[str, str]) -> None:
    assert edges(PAGES | files, f"{name}: '{HERE}/v1'") == MEANT


def test_a_server_that_hands_an_address_to_its_page() -> None:
    page = {"ui/static/index.html": "<script src=a.js></script>\n", "ui/a.go": 'os.Getenv("STOCK")\n'}
    assert edges(PLAIN | page, f"STOCK: '{HERE}'") == MEANT
    assert edges(PLAIN | {"ui/a.go": page["ui/a.go"]}, f"STOCK: '{HERE}'") == set()


def test_a_variable_of_the_build_and_of_env_files() -> None:
    code = {"ui/src/a.js": "fetch(process.env.REACT_APP_URL);\n"}
    assert edges(PAGES | code | {"ui/.env.production": f"REACT_APP_URL={HERE}\n"}) == MEANT


def test_a_host_and_a_port_that_the_environment_tells() -> None:
    code = {"ui/src/a.js": "fetch(process.env.REACT_APP_URL);\n"}
    assert edges(PAGES | code, "REACT_APP_URL: 'http://${MACHINE}:9000'") == MEANT
    assert edges(PAGES | code, f"REACT_APP_URL: '{HERE}'", "${STOCK_PORT:-9000}") == MEANT


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("STOCK", ""),  # nobody reads it
        ("REDIRECT_URL", "process.env.REDIRECT_URL;\n"),
        ("CorsOrigin", "process.env.CorsOrigin;\n"),
        ("FRONTEND_URL", "process.env.FRONTEND_URL;\n"),
        ("STOCK", "options.allowedOrigins = [process.env.STOCK];\n"),
    ],
)
def test_what_leads_back_is_no_call(name: str, code: str) -> None:
    assert edges(PAGES | {"ui/src/a.js": code}, f"{name}: '{HERE}'") == set()


def test_whoever_signs_in_knows_where_to_come_back_to() -> None:
    files = {
        "ui/Login.cshtml": "<script src=a.js></script>\n",
        "ui/A.cs": 'services.AddIdentityServer(); clients.Add("stock", configuration["Stock"]);\n',
    }
    assert edges(PLAIN | files, f"Stock: '{HERE}'") == set()


@pytest.mark.parametrize(
    "text",
    [
        "fetch(location.protocol + '//' + location.hostname + ':9000/items');\n",
        "fetch(`${window.location.protocol}//${window.location.hostname}:9000/items`);\n",
    ],
)
def test_a_page_on_the_machine_that_it_came_from(text: str) -> None:
    assert edges(PAGES | {"ui/src/a.js": text}) == MEANT


def test_settings_in_the_folder_that_a_browser_loads() -> None:
    text = '{"StockUrl": "http://localhost:9000"}\n'
    code = {"ui/Program.cs": 'builder.Configuration["StockUrl"];\n'}
    assert edges(PLAIN | code | {"ui/wwwroot/appsettings.json": text}) == MEANT
    assert edges(PLAIN | code | {"ui/appsettings.json": text}) == set()


TRAEFIK = (
    "http:\n  routers:\n    s: {rule: 'PathPrefix(`/s`)', service: %s}\n  services:\n    stock:\n      loadBalancer:\n"
    "        servers:\n        - url: http://stock:7070\n"
)
EXPRESS = "serviceEndpoints:\n  s:\n    url: http://stock:7070\npipelines:\n  p:\n    policies:\n    - proxy: [{action: {serviceEndpoint: %s}}]\n"
KRAKEND = '{"version": 3, "endpoints": [{"endpoint": "/s", "backend": [{"url_pattern": "/s", "host": ["http://%s:7070"]}]}]}\n'
APISIX = "routes:\n- uri: /s\n  upstream_id: %s\nupstreams:\n- id: 1\n  nodes: {'stock:7070': 1}\n"
ENVOY = "routes: [{match: {prefix: /}, route: {cluster: dapr, prefix_rewrite: /v1.0/invoke/%s/method/}}]\n"
GATEWAYS = [
    ("dynamic.yml", TRAEFIK, "stock", "other"),
    ("gateway.config.yml", EXPRESS, "s", "other"),
    ("krakend.json", KRAKEND, "stock", "gone"),
    ("apisix.yaml", APISIX, "1", "2"),
    ("supergraph.yaml", "subgraphs:\n  stock:\n    routing_url: http://%s:7070/graphql\n", "stock", "gone"),
    ("api.json", '{"proxy": {"listen_path": "/s/", "target_url": "http://%s:7070"}}\n', "stock", "gone"),
    ("ocelot.json", '{"ReRoutes": [{"DownstreamPathTemplate": "/s", "DownstreamHost": "%s", "DownstreamPort": 7070}]}\n', "stock", "gone"),
    ("envoy.yaml", ENVOY, "stock", "gone"),
    ("nginx.conf", "location / { proxy_pass http://localhost:3500/v1.0/invoke/%s/method/; }\n", "stock", "gone"),
    ("yarp.json", '{"Transforms": [{"RequestHeader": "dapr-app-id", "Set": "%s"}]}\n', "stock", "gone"),
    ("routes.yaml", "headers:\n- header:\n    key: dapr-app-id\n    value: %s\n", "stock", "gone"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "right", "wrong"), GATEWAYS, ids=[one[0] for one in GATEWAYS])
def test_a_gateways_file_beside_its_code(name: str, text: str, right: str, wrong: str) -> None:
    assert edges(PLAIN | {f"ui/{name}": text % right}) == MEANT
    assert edges(PLAIN | {f"ui/{name}": text % wrong}) == set()


def test_a_proxy_takes_a_whole_section() -> None:
    given = "ReverseProxy__Clusters__a__Destinations__b__Address: 'http://stock:7070'"
    code = 'services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"));\n'
    assert edges(PLAIN | {"ui/Program.cs": code}, given) == MEANT
    other = 'services.Configure<Other>(builder.Configuration.GetSection("ReverseProxy"));\n'
    assert edges(PLAIN | {"ui/Program.cs": other}, given) == set()
