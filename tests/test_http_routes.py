"""Requests through gateways: what these make of paths."""

from __future__ import annotations

import pytest
from http_annotated import check

from workspai_hooks.workspace.http.routes import Route

PAGE = """\
export async function show(id) {
  const res = await fetch(`/shop/orders/${id}`); // @http GET /orders/{id}
  const order = await res.json();
  return order.total + 1; // @http GET /orders/{id} total
}
export async function other() {
  await fetch(`/pets/orders/1`);
}
"""
COMPOSE = """\
services:
  orders:
    build: ./orders
  users:
    build: ./users
  gate:
    build: ./gate
  web:
    build: ./web
    environment:
      GATE_URL: http://gate:8080
"""
AROUND = {
    "compose.yaml": COMPOSE,
    "orders/Dockerfile": "FROM scratch\n",
    "orders/main.go": "package main\n",
    "users/Dockerfile": "FROM scratch\n",
    "users/main.go": "package main\n",
    "web/Dockerfile": "FROM scratch\n",
    "web/package.json": "{}\n",
}
SPRING = """\
spring:
  cloud:
    gateway:
      routes:
        - id: orders
          uri: lb://orders
          predicates:
            - Path=/shop/**
          filters:
            - StripPrefix=1
        - id: users
          uri: lb://users
          predicates:
            - Path=/pets/**
          filters:
            - StripPrefix=1
"""
REWRITE = SPRING.replace("- StripPrefix=1", r"- RewritePath=/shop/(?<rest>.*), /$\{rest}", 1)
ZUUL = """\
zuul:
  routes:
    orders:
      path: /shop/**
      serviceId: orders
    users:
      path: /pets/**
      serviceId: users
"""
JAVA = {
    "gate/Dockerfile": "FROM eclipse-temurin\n",
    "gate/pom.xml": "<project><artifactId>gate</artifactId></project>",
}


@pytest.mark.parametrize("settings", [SPRING, REWRITE, ZUUL], ids=["strip", "rewrite", "zuul"])
def test_a_page_that_a_spring_gateway_hands_out(settings: str) -> None:
    check(
        {
            **JAVA,
            "gate/src/main/resources/application.yml": settings,
            "gate/src/main/resources/static/js/app.js": PAGE,
        },
        AROUND,
    )


def test_a_consumer_of_a_gateway() -> None:
    check(
        {
            **JAVA,
            "gate/src/main/resources/application.yml": SPRING,
            "web/app.js": """\
const base = process.env.GATE_URL;
export async function show(id) {
  const res = await fetch(`${base}/shop/orders/${id}`); // @http GET /orders/{id}
  const order = await res.json();
  console.log(order.total); // @http GET /orders/{id} total
  await fetch(`${base}/pets/orders/1`);
}
""",
        },
        AROUND,
    )


YARP = """\
{
  "ReverseProxy": {
    "Routes": {
      "one": {
        "ClusterId": "first",
        "Match": {"Path": "/shop/{**rest}"},
        "Transforms": [{"PathPattern": "{**rest}"}]
      },
      "two": {
        "ClusterId": "second",
        "Match": {"Path": "/pets/{**rest}"},
        "Transforms": [{"PathRemovePrefix": "/pets"}]
      }
    },
    "Clusters": {
      "first": {"Destinations": {"a": {"Address": "http://orders:8080"}}},
      "second": {"Destinations": {"a": {"Address": "http://users:8080"}}}
    }
  }
}
"""
OCELOT = """\
{
  "Routes": [
    {
      "UpstreamPathTemplate": "/shop/{everything}",
      "DownstreamPathTemplate": "/{everything}",
      "DownstreamScheme": "http",
      "DownstreamHostAndPorts": [{"Host": "orders", "Port": 8080}]
    },
    {
      "UpstreamPathTemplate": "/pets/{everything}",
      "DownstreamPathTemplate": "/{everything}",
      "DownstreamScheme": "http",
      "DownstreamHostAndPorts": [{"Host": "users", "Port": 8080}]
    }
  ]
}
"""


@pytest.mark.parametrize(("path", "settings"), [("appsettings.json", YARP), ("ocelot.json", OCELOT)])
def test_gateways_of_dotnet(path: str, settings: str) -> None:
    program = 'services.AddReverseProxy().LoadFromConfig(configuration.GetSection("ReverseProxy"));\n'
    check(
        {
            "gate/Dockerfile": "FROM mcr.microsoft.com/dotnet/aspnet:8.0\n",
            "gate/Gate.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web" />\n',
            "gate/Program.cs": program,
            f"gate/{path}": settings,
            "web/app.js": """\
const base = process.env.GATE_URL;
export async function show(id) {
  const order = await (await fetch(`${base}/shop/orders/${id}`)).json(); // @http GET /orders/{id}
  console.log(order.total); // @http GET /orders/{id} total
  await fetch(`${base}/pets/orders/1`);
}
""",
        },
        AROUND,
    )


@pytest.mark.parametrize(
    ("location", "passed"),
    [("/shop/", "http://orders:8080/"), ("/shop/orders", "http://orders:8080/orders")],
)
def test_nginx(location: str, passed: str) -> None:
    conf = f"server {{\n  location {location} {{\n    proxy_pass {passed};\n  }}\n}}\n"
    check(
        {
            "gate/Dockerfile": "FROM nginx\nCOPY default.conf /etc/nginx/conf.d/default.conf\n",
            "gate/default.conf": conf,
            "web/app.js": """\
const base = process.env.GATE_URL;
export async function show(id) {
  const order = await (await fetch(`${base}/shop/orders/${id}`)).json(); // @http GET /orders/{id}
  console.log(order.total); // @http GET /orders/{id} total
}
""",
        },
        AROUND,
    )


@pytest.mark.parametrize(
    ("prefix", "instead", "path", "wanted"),
    [
        ("/shop", "", "/shop/orders/1", "/orders/1"),
        ("/shop", "", "/shop", "/"),
        ("/shop", "", "/shopping", None),
        ("/shop", "", "/shop?x=1", "?x=1"),
        ("/shop", "/v2", "/shop/orders", "/v2/orders"),
        ("", "/v2", "/orders", "/v2/orders"),
    ],
)
def test_what_is_handed_on(prefix: str, instead: str, path: str, wanted: str | None) -> None:
    assert Route(prefix, instead).handed_on(path) == wanted
