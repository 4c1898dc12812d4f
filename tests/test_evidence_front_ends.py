"""Front ends: pages that only a bundler serves, what their server tells them, unpublished ports."""

# ruff: noqa: E501 (small files, each on its line)

from __future__ import annotations

import json

import pytest
from test_edges import pairs
from test_evidence_spring import application

STOCK = application("stock", port=9123)
READS = {
    "ui/src/a.js": "fetch(import.meta.env.VITE_STOCK + '/items');\n",
    "ui/.env": "VITE_STOCK=http://localhost:9123\n",
}
FOUND = [("ui", "stock", "http", "proven")]


def package(scripts: dict[str, str], **more: object) -> dict[str, str]:
    about = {"name": "ui", "scripts": scripts, "devDependencies": {"vite": "5"}, "dependencies": {"vue": "3"}}
    return {"ui/package.json": json.dumps(about | more)}


@pytest.mark.parametrize(
    "scripts",
    [
        {"dev": "vite", "build": "vite build"},
        {"serve": "vue-cli-service serve"},
        {"dev": "next dev --port 4000"},
        {"dev": "NODE_ENV=development webpack serve"},
    ],
)
def test_a_page_that_a_bundler_serves_is_a_service(scripts: dict[str, str]) -> None:
    assert pairs({**STOCK, **READS, **package(scripts)}) == FOUND


@pytest.mark.parametrize(
    ("scripts", "more"),
    [
        ({"build": "vite build"}, {}),
        ({"dev": "vite"}, {"main": "dist/index.js"}),
        ({"dev": "vite build --watch"}, {}),
        ({"dev": "tsc -w"}, {}),
    ],
)
def test_a_library_is_none(scripts: dict[str, str], more: dict[str, object]) -> None:
    assert pairs({**STOCK, **READS, **package(scripts, **more)}) == []


@pytest.mark.parametrize("env", [".env-example", ".env.development"])
def test_a_port_that_nobody_publishes_is_whose_settings_name_it(env: str) -> None:
    files = {**STOCK, **package({"start": "vite"}), "ui/src/a.js": READS["ui/src/a.js"]}
    found = pairs({**files, f"ui/{env}": "VITE_STOCK=ws://localhost:9123/\n"})
    assert [(one[0], one[1]) for one in found] == [("ui", "stock")]
    assert pairs({**files, f"ui/{env}": "VITE_STOCK=ws://localhost:9124/\n"}) == []


def test_a_port_that_a_container_publishes_is_that_ones() -> None:
    compose = "services:\n  other: {image: 'acme/other', ports: ['9123:80']}\n"
    found = pairs({**STOCK, **READS, **package({"start": "vite"}), "compose.yaml": compose})
    assert [(one[0], one[1]) for one in found] == [("ui", "other")]


PAGE = "const app = {{ url: 'http://localhost:9123',\n  async load() {{\n{}\n  }} }}\n"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("const r = await fetch('/where'); const d = await r.json(); this.url = d.url", []),
        ("this.url = (await fetch('/where')).url", []),
        ("fetch(this.url + '/items')", FOUND),
        ("fetch('/own'); this.url = 'http://localhost:9123/v2'", FOUND),
        ("this.url = other.url", FOUND),
    ],
)
def test_an_address_that_the_pages_server_replaces(body: str, found: list[tuple[str, ...]]) -> None:
    files = {**STOCK, **package({"start": "node server.js"}), "ui/static/app.js": PAGE.format(body)}
    assert pairs(files) == found


ROUTED = {
    "gate/package.json": '{"scripts": {"start": "node ."}}',
    "gate/nginx.conf": "location / { proxy_pass http://ui:3000; }\nlocation /api { proxy_pass http://stock; }\n",
    "gate/index.js": "start()\n",
    **STOCK,
}
CLIENT = "const base = '/api/items';\nexport const all = () => {}\n"


@pytest.mark.parametrize(
    ("path", "text", "asks"),
    [
        ("ui/modules/items.ts", CLIENT.format("apiClient.get(base)"), True),
        ("ui/lib/items.ts", CLIENT.format("fetch(`/api/items/${id}`)"), True),
        ("ui/modules/items.ts", CLIENT.format("base"), False),
        ("ui/server.js", CLIENT.format("fetch(base)"), False),
        ("ui/routes.js", "router.get('/api/items', list);\n" + CLIENT.format("fetch(base)"), False),
        ("ui/pages/api/items.ts", CLIENT.format("fetch(base)"), False),
    ],
)
def test_a_package_of_pages_behind_a_gateway(path: str, text: str, asks: bool) -> None:
    found = pairs({**ROUTED, **package({"start": "next start"}), path: text})
    assert (("ui", "gate", "http", "proven") in found) is asks
    other = {"ui/pages/api/own.ts": "export default () => 1\n"}
    assert ("ui", "gate", "http", "proven") not in pairs(
        {**ROUTED, **package({"start": "x"}), path: text, **other}
    )
