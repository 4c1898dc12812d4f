"""Proxies of a machine that nothing declares, and parts of pages that are put in on their way."""

# ruff: noqa: E501 (small files, each on its line)

from __future__ import annotations

import pytest
from test_edges import COMPOSE, pairs
from test_evidence_spring import application

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.workspace.service import Kind
from workspai_hooks.workspace.services import discover

NGINX = "server {\n location /cart { proxy_pass http://127.0.0.1:8081; }\n location / { proxy_pass http://localhost:8082/; }\n}\n"
HTTPD = 'ProxyPass "/cart" "http://localhost:8081"\nProxyPass "/" "http://localhost:8082/"\n'
PROGRAMS = {**application("cart", port=8081), **application("web", port=8082)}


@pytest.mark.parametrize(("path", "text"), [("nginx/site.conf", NGINX), ("conf/httpd-shop.conf", HTTPD)])
def test_a_proxy_that_is_only_configured(path: str, text: str) -> None:
    files = {path: text, **PROGRAMS}
    name = path.partition("/")[0]
    assert pairs(files) == [(name, "cart", "http", "proven"), (name, "web", "http", "proven")]
    (proxy,) = [one for one in discover(Snapshot.of(files)).all if one.name == name]
    assert (proxy.kind, proxy.roots) == (Kind.INFRASTRUCTURE, (name,))


def test_a_file_at_the_top_is_called_like_its_program() -> None:
    assert {one[0] for one in pairs({"shop.conf": NGINX, **PROGRAMS})} == {"nginx"}


@pytest.mark.parametrize(
    ("path", "text", "others"),
    [
        ("nginx/site.conf", NGINX.replace("8081", "8082"), {}),  # any server has one proxy before it
        ("nginx/site.conf", NGINX.replace("127.0.0.1", "cart").replace("localhost", "web"), {}),
        ("cart/site.conf", NGINX, {}),
        ("examples/site.conf", NGINX, {}),
        ("nginx/site.conf", NGINX, {"compose.yaml": "services:\n  front: {image: nginx}\n"}),
        ("nginx/site.conf", NGINX, {"nginx/Dockerfile": "FROM debian\nCOPY site.conf /etc/\n"}),
    ],
)
def test_configuration_that_is_no_service(path: str, text: str, others: dict[str, str]) -> None:
    names = {one.name for one in discover(Snapshot.of({path: text, **PROGRAMS, **others})).all}
    assert names - {"front"} == {"cart", "web"} | ({"nginx"} if "nginx/Dockerfile" in others else set())


PAGES = {
    "compose.yaml": COMPOSE,
    "cart/Dockerfile": "FROM node\n",
    "cart/server.js": "listen()\n",
    "cart/public/parts/summary.html": "<b>2</b>\n",
    "web/Dockerfile": "FROM node\n",
    "web/server.js": "listen()\n",
}
FOUND = [("web", "cart", "http", "proven")]


@pytest.mark.parametrize(
    "part",
    [
        '<!--#include virtual="/parts/summary.html" -->',
        '<!--#include virtual="[[${cartRoute}]]/parts/summary.html" -->',
        '<esi:include src="/parts/summary.html" onerror="continue"/>',
        '<fragment async src="${cart}/parts/summary.html?short"></fragment>',
        '<!--#include virtual="/cart/summary" -->',
    ],
)
def test_a_part_of_a_page_that_another_serves(part: str) -> None:
    assert pairs({**PAGES, "web/views/index.html": f"<html>{part}</html>\n"}) == FOUND


@pytest.mark.parametrize(
    ("part", "others"),
    [
        ('<!--#include virtual="/parts/other.html" -->', {}),
        ('<!--#include file="parts/summary.html" -->', {}),
        ('<a href="/parts/summary.html">cart</a>', {}),
        ('<!--#include virtual="/parts/summary.html" -->', {"web/public/parts/summary.html": "own\n"}),
        ('<!--#include virtual="/web/summary" -->', {}),
    ],
)
def test_a_part_that_nobody_else_serves(part: str, others: dict[str, str]) -> None:
    assert pairs({**PAGES, "web/views/index.html": f"<html>{part}</html>\n", **others}) == []
