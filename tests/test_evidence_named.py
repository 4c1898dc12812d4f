"""Variables that nothing gives a value: their name says whose address they hold."""

from __future__ import annotations

import pytest
from test_edges import pairs
from test_services import GO, found, workload

COMPOSE = """services:
  stock-service: {build: stock}
  mail-service: {build: mail}
  web: {build: web}
  shop-ui: {build: ui%s}
"""
SERVICES = {
    f"{name}/{file}": text
    for name in ("stock", "mail", "web", "ui")
    for file, text in (("main.go", GO), ("Dockerfile", "FROM golang\n"))
}
MEANT = {("shop-ui", "stock-service")}


def edges(files: dict[str, str], given: str = "") -> set[tuple[str, str]]:
    rows = pairs({"compose.yaml": COMPOSE % given} | SERVICES | files)
    return {(one[0], one[1]) for one in rows if one[3] == "proven"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.js", "fetch(process.env.REACT_APP_STOCK_URL_BASE + 'items');\n"),
        ("a.ts", "const base = import.meta.env.VITE_STOCKS_API_URL;\nget(`${base}/items`);\n"),
        ("a.js", "export const stockUrl = process.env.REACT_APP_SOTCK_URL;\nget(stockUrl + 'items');\n"),
        ("a.js", "get(window._env_.STOCK_URL);\n"),
        ("a.js", "import { PUBLIC_STOCK_URL } from '$env/static/public';\nget(PUBLIC_STOCK_URL);\n"),
        ("a.py", 'requests.get(os.environ["STOCK_SERVICE_URL"] + "/items")\n'),
        ("a.go", 'http.Get(os.Getenv("STOCK_SERVICE_ADDR") + "/items")\n'),
        ("a.go", 'type C struct {\n\tStock string `env:"STOCK_SVC_HOST"`\n}\nvar u = c.Stock\n'),
        ("a.ts", "this.config.get<string>('STOCK_SERVICE_URL')\n"),
        ("a.js", "get(process.env.STOCK_URL || 'http://localhost:3001');\n"),
        ("application.yml", "shop:\n  stock: ${STOCK_SERVICE_URL}\n"),
        ("default.conf.template", "location / { proxy_pass $STOCK_URL; }\n"),
    ],
)
def test_a_name_says_whose_address_it_is(path: str, text: str) -> None:
    assert edges({f"ui/{path}": text}) == MEANT


@pytest.mark.parametrize(
    "text",
    [
        "get(process.env.STOCK_DB_URL);\n",  # not the service
        "get(process.env.STOCK_HOST);\n",  # a host alone can be a database's
        "get(process.env.STOCK_NAME);\n",
        "connect(process.env.MAIL_URL);\n",  # a mail server
        "get(process.env.WEB_URL);\n",  # a page to come back to
        "cors({origin: process.env.STOCK_URL});\n",
        "get(process.env.STOCK_URL || 'https://stock.example.com/v1');\n",
        "export const stock = process.env.STOCK_URL;\n",  # nobody uses it
        "const STOCK_URL = `${base}/stock`;\nget(`${STOCK_URL}/items`);\n",
        "// get(process.env.STOCK_URL);\n",
        "get(process.env.STOCKIST_URL);\n",
    ],
)
def test_names_that_do_not_say_it(text: str) -> None:
    assert edges({"ui/a.js": text}) == set()


def test_a_value_says_more_than_a_name() -> None:
    given = ", environment: {STOCK_URL: 'https://stock.example.com'}"
    assert edges({"ui/a.js": "get(process.env.STOCK_URL);\n"}, given) == set()


def test_of_several_services_nobody_is_meant() -> None:
    compose = "services: {a-stock: {build: web}, b-stock: {build: mail}, shop-ui: {build: ui}}\n"
    files = {"ui/a.js": "get(process.env.STOCK_URL);\n", "compose.yaml": compose}
    files |= {path: "" for path in SERVICES if path.startswith("stock/")}
    assert edges(files) == set()


def test_folders_that_all_end_alike_are_called_without_that() -> None:
    names = ("stock", "mail", "user")
    files = {f"{one}-acme-service/main.go": GO for one in names}
    files |= {f"{one}-acme-service/Dockerfile": "FROM golang\n" for one in names}
    files |= {f"k8s/{one}.yaml": workload(one, f"{one}:1") for one in names}
    services = found(files)
    assert {name: services[name].roots for name in services} == {
        one: (f"{one}-acme-service",) for one in names
    }
