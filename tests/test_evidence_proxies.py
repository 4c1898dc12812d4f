"""Routes of proxies and gateways: through upstreams and clusters, from mounted files and ConfigMaps."""

# ruff: noqa: E501 (small files, each on its line)

from __future__ import annotations

import pytest
from test_edges import pairs
from test_services import GO, workload

COMPOSE = """services:
  cart: {build: cart}
  web: {build: web}
  edge:
    image: %s
    volumes: ["./conf/%s:/etc/%s:ro"]
    environment: {CART_HOST: cart}
"""
SERVICES = {
    "cart/main.go": GO,
    "cart/Dockerfile": "FROM golang\nEXPOSE 7070\n",
    "web/main.go": GO,
    "web/Dockerfile": "FROM golang\nEXPOSE 80\n",
}
ENVOY = """static_resources:
  listeners:
  - filter_chains:
    - filters:
      - typed_config:
          route_config: {virtual_hosts: [{routes: [{match: {prefix: /}, route: {cluster: c}}]}]}
  clusters:
  - name: c
    load_assignment:
      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: cart, port_value: 7070}}}}]}]
  - name: unused
    load_assignment:
      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: web, port_value: 80}}}}]}]
"""
PROXIES = [
    ("nginx", "nginx.conf", "server { location / { proxy_pass http://cart:7070/; } }\n"),
    ("nginx", "nginx.conf", "upstream c {\n  server cart:7070;\n}\nserver { location / { proxy_pass http://c; } }\n"),
    ("nginx", "nginx.conf", "server { location / { set $c cart:7070; grpc_pass grpc://$c; } }\n"),
    ("nginx", "default.conf.template", "server { location / { proxy_pass http://${CART_HOST}:7070; } }\n"),
    ("nginx", "nginx.conf", "map $request_method $where {\n  default cart:7070;\n}\nserver { location / { proxy_pass http://$where; } }\n"),
    ("haproxy", "haproxy.cfg", "frontend f\n  default_backend c\nbackend c\n  server s1 cart:7070 check\nbackend d\n  server s1 web:80\n"),
    ("caddy", "Caddyfile", "shop.example.com {\n  reverse_proxy /cart/* cart:7070\n}\n"),
    ("httpd", "httpd.conf", "ProxyPass /cart http://cart:7070/\n"),
    ("envoyproxy/envoy", "envoy.yaml", ENVOY),
    ("kong", "kong.yml", '_format_version: "3.0"\nservices:\n- name: c\n  host: cart\n  port: 7070\n  routes: [{paths: [/c]}]\n'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("image", "name", "text"), PROXIES, ids=[f"{one[0]}-{i}" for i, one in enumerate(PROXIES)]
)
def test_a_public_proxy_with_a_mounted_file(image: str, name: str, text: str) -> None:
    files = {"compose.yaml": COMPOSE % (image, name, name), f"conf/{name}": text, **SERVICES}
    assert {(one[0], one[1], one[3]) for one in pairs(files)} == {("edge", "cart", "proven")}


@pytest.mark.parametrize(
    "text",
    [
        "upstream c {\n  server cart:7070;\n}\n",
        "server { location / {\n  # proxy_pass http://cart:7070;\n} }\n",
        "server { location / { proxy_pass http://gone:7070; } }\n",
        "server { location / { proxy_pass http://unix:/run/app.sock; } }\n",
    ],
)
def test_no_route_no_edge(text: str) -> None:
    files = {"compose.yaml": COMPOSE % ("nginx", "nginx.conf", "n"), "conf/nginx.conf": text, **SERVICES}
    assert pairs(files) == []


def test_a_file_that_nobody_mounts_is_nobodys() -> None:
    compose = "services:\n  cart: {build: cart}\n  web: {build: web}\n  edge: {image: nginx}\n"
    files = {"compose.yaml": compose, "conf/nginx.conf": PROXIES[0][2], **SERVICES}
    assert pairs(files) == []


def test_a_config_map_that_is_mounted() -> None:
    manifest = (
        workload("edge", "nginx:1")
        + "      volumes:\n      - {name: conf, configMap: {name: edge-conf}}\n---\n"
        + "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: edge-conf}\ndata:\n  default.conf: |\n"
        + "    server {\n      location / { proxy_pass http://cart:7070; }\n    }\n"
    )
    files = {"k8s/edge.yaml": manifest, "compose.yaml": "services: {cart: {build: cart}}\n", **SERVICES}
    assert [(one[0], one[1]) for one in pairs(files)] == [("edge", "cart")]


def test_a_generated_config_map() -> None:
    manifest = (
        workload("edge", "nginx:1") + "      volumes:\n      - {name: c, configMap: {name: edge-conf}}\n"
    )
    files = {
        "k8s/edge.yaml": manifest,
        "k8s/kustomization.yaml": "configMapGenerator:\n- name: edge-conf\n  files: [default.conf=nginx.conf]\n",
        "k8s/nginx.conf": PROXIES[0][2],
        "compose.yaml": "services: {cart: {build: cart}}\n",
        **SERVICES,
    }
    assert [(one[0], one[1]) for one in pairs(files)] == [("edge", "cart")]


@pytest.mark.parametrize(
    "route",
    [
        '{"DownstreamPathTemplate": "/", "ServiceName": "cart"}',
        '{"DownstreamPathTemplate": "/", "DownstreamHostAndPorts": [{"Host": "cart", "Port": 7070}]}',
    ],
)
def test_ocelot(route: str) -> None:
    compose = "services:\n  cart: {build: cart}\n  web: {build: web}\n"
    files = {"compose.yaml": compose, "web/ocelot.json": f'{{"Routes": [{route}]}}', **SERVICES}
    assert pairs(files) == [("web", "cart", "http", "proven")]


@pytest.mark.parametrize(
    "broken", ["clusters: [socket_address: {", "\x00socket_address", "socket_address: &a [*a, *b]"]
)
def test_a_gateway_file_that_cannot_be_read(broken: str) -> None:
    files = {"compose.yaml": COMPOSE % ("envoy", "envoy.yaml", "e"), "conf/envoy.yaml": broken, **SERVICES}
    assert not [one for one in pairs(files) if one[3] == "proven"]
