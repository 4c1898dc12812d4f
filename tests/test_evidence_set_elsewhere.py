"""Services whose settings are elsewhere: tokens; pages behind a gateway; a bus for settings."""

from __future__ import annotations

import pytest
from test_edges import pairs
from test_evidence_one_image import REMOTE, zuul
from test_evidence_spring import application

from workspai_hooks.workspace.edges.values import Tier

AUTH = {"mail/src/Tokens.java": "@EnableAuthorizationServer class Tokens {}\n"}
SECURED = {"cart/src/Secured.java": "@EnableResourceServer class Secured {}\n"}


def test_a_resource_server_asks_the_one_who_gives_out_tokens() -> None:
    assert ("cart", "mail", "http", Tier.DECLARED) in pairs(zuul(REMOTE) | AUTH | SECURED)
    signed_on = {"cart/src/Secured.java": "@EnableOAuth2Sso class Secured {}\n"}
    assert ("cart", "mail", "http", Tier.DECLARED) in pairs(zuul(REMOTE) | AUTH | signed_on)


@pytest.mark.parametrize(
    "other",
    [
        {"cart/src/Keys.java": 'class Keys { void k() { converter.setSigningKey("k"); } }\n'},
        {
            "cart/src/main/resources/application.yml": "security: {oauth2: {resource: {userInfoUri: http://idp/me}}}\n"
        },
        {"gate/src/Tokens.java": "@EnableAuthorizationServer class Tokens {}\n"},  # two give out tokens
        {"cart/src/Secured.java": "// @EnableResourceServer\nclass Secured {}\n"},
        {"config/src/main/resources/application.yml": "server.port: 8888\n"},  # no repository elsewhere
    ],
)
def test_who_does_not_ask_for_tokens(other: dict[str, str]) -> None:
    assert not [one for one in pairs(zuul(REMOTE) | AUTH | SECURED | other) if one[:2] == ("cart", "mail")]


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
