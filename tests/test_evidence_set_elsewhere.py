"""Services whose settings are elsewhere: pages behind a gateway; a bus for settings."""

from __future__ import annotations

import pytest
from test_edges import pairs
from test_evidence_spring import application

GATE = application("gate", "zuul.routes.cart=/cart/**\nzuul.routes.page=/**\n", "@EnableZuulProxy\n")
PAGE = application("page") | application("cart") | GATE
SCRIPT = "page/public/js/items.js"


@pytest.mark.parametrize(
    "script",
    [
        "const items = '/api/items';\n$http.get(items);\n",
        "fetch(`/cart/items/${id}`).then(show);\n",
        "axios.post('/api/v1/items?all=1', item);\n",
    ],
)
def test_a_page_behind_a_gateway_requests_through_it(script: str) -> None:
    found = {one[:2] for one in pairs(PAGE | {SCRIPT: script})}
    assert found == {("gate", "cart"), ("gate", "page"), ("page", "gate")}


@pytest.mark.parametrize(
    "files",
    [
        {SCRIPT: "const items = '/api/items';\n"},  # nothing is requested
        {SCRIPT: "fetch('/images/items');\n"},
        {SCRIPT: "fetch('/api/items.json');\n"},
        {SCRIPT: "// fetch('/api/items');\nfetch(x);\n"},
        {"page/public/lib/items.js": "fetch('/api/items');\n"},
        {
            SCRIPT: "fetch('/api/items');\n",
            "page/src/main/java/Api.java": '@RequestMapping("/api/items") class A {}\n',
        },
        {SCRIPT: "fetch('/api/items');\n", "page/nginx.conf": "location /api {\n  return 404;\n}\n"},
        {"page/test/public/items.js": "fetch('/api/items');\n"},
    ],
)
def test_what_a_page_answers_itself_or_does_not_request(files: dict[str, str]) -> None:
    assert {one[:2] for one in pairs(PAGE | files)} == {("gate", "cart"), ("gate", "page")}


def test_behind_two_gateways_it_is_not_told() -> None:
    second = application("back", "zuul.routes.page=/**\n", "@EnableZuulProxy\n")
    found = {one[:2] for one in pairs(PAGE | second | {SCRIPT: "fetch('/api/items');\n"})}
    assert not {one for one in found if one[0] == "page"}


BUS = "<artifactId>spring-cloud-starter-bus-amqp</artifactId>\n"


@pytest.mark.parametrize(
    ("more", "is_edge"),
    [
        ({"cart/pom.xml": BUS}, False),
        ({"cart/pom.xml": f"{BUS}<artifactId>spring-boot-starter-amqp</artifactId>\n"}, True),
        (
            {
                "cart/pom.xml": BUS,
                "cart/src/main/java/L.java": '@RabbitListener(queues = "q") void on() {}\n',
            },
            True,
        ),
        ({}, True),
    ],
)
def test_a_broker_for_news_of_settings_alone(more: dict[str, str], is_edge: bool) -> None:
    cart = application("cart", "spring.rabbitmq.host=rabbit\n")
    files = {"compose.yaml": "services:\n  cart: {build: cart}\n  rabbit: {image: rabbitmq}\n", **cart}
    files["cart/Dockerfile"] = "FROM openjdk\n"
    for path, text in more.items():
        files[path] = files.get(path, "") + text
    assert bool([one for one in pairs(files) if one[1] == "rabbit"]) == is_edge
