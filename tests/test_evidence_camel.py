"""Endpoints of Apache Camel's routes."""

# ruff: noqa: E501 (small files, each on its line)

from __future__ import annotations

import pytest
from test_edges import pairs
from test_evidence_spring import application

SHOP = {**application("cart", port=8081), **application("web", "cart.at=cart:8081\n"), **application("mail")}
ROUTES = "import org.apache.camel.builder.RouteBuilder;\nclass Routes extends RouteBuilder { void configure() {\n%s\n} }\n"


def found(web: str, mail: str = "") -> set[tuple[str, str, str]]:
    files = {
        **SHOP,
        "web/src/main/java/Routes.java": ROUTES % web,
        "mail/src/main/java/Routes.java": ROUTES % mail,
    }
    return {one[:3] for one in pairs(files) if one[3] == "proven"}


@pytest.mark.parametrize(
    "route",
    [
        'from("direct:a").to("http://cart:8081/items");',
        'from("direct:a").toD("http4://{{env:CART:cart:8081}}/items/${header.id}");',
        'from("direct:a").to("netty4-http:http://{{cart.at}}/items");',
        'from("direct:a").setHeader(Exchange.HTTP_URI, simple("http://{{CART:cart}}/items/${body}"));',
        'from("direct:a").enrich(\n    "undertow:http://cart:8081/items");',
    ],
)
def test_a_route_that_calls(route: str) -> None:
    assert found(route) == {("web", "cart", "http")}


@pytest.mark.parametrize(
    "route",
    [
        'from("jetty:http://0.0.0.0:8089/items").to("direct:b");',
        '// .to("http4://{{env:CART:cart:8081}}/items");',
        'from("direct:a").to("http4://{{env:CART:basket:8081}}/items");',
        'from("direct:a").to("direct:cart");',
    ],
)
def test_a_route_that_calls_nobody(route: str) -> None:
    assert found(route) == set()


@pytest.mark.parametrize(
    ("writes", "reads", "protocol"),
    [
        ('.to("kafka:paid?brokers=k:9092")', 'from("kafka:paid?groupId=m")', "kafka:paid"),
        ('.to("jms:queue:paid")', 'from("activemq:paid")', "jms:paid"),
        (
            '.to("rabbitmq:shop?routingKey=paid")',
            'from("rabbitmq:default?queue=paid")',
            "",
        ),
        (
            '.to("spring-rabbitmq:default?routingKey=paid")',
            'from("spring-rabbitmq:x?queues=paid")',
            "amqp:paid",
        ),
        ('.to("kafka:paid")', 'from("jms:paid")', ""),
        ('.to("kafka:paid")', 'from("kafka:refunded")', ""),
    ],
)
def test_messages(writes: str, reads: str, protocol: str) -> None:
    edges = found(f'from("direct:a"){writes};', f'{reads}.to("direct:b");')
    assert edges == ({("mail", "web", protocol)} if protocol else set())


def test_routes_in_xml() -> None:
    route = (
        '<camelContext><route><from uri="direct:a"/><to uri="http://cart:8081/items"/></route></camelContext>'
    )
    files = {**SHOP, "web/src/main/resources/routes.xml": route}
    assert [one[:3] for one in pairs(files)] == [("web", "cart", "http")]
