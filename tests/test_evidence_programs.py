"""Programs without a container or a build of their own that call each other on ports of this machine."""

# ruff: noqa: E501 (small files, each on its line)

from __future__ import annotations

import pytest
from test_edges import pairs

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.manifests.servers import read
from workspai_hooks.workspace.services import discover

FLASK = "from flask import Flask\nimport requests\napp = Flask(__name__)\n{}\nif __name__ == '__main__':\n    app.run({})\n"
EXPRESS = "const express = require('express');\nconst app = express();\n{}\napp.listen({});\n"
CALL = "requests.get('http://127.0.0.1:5051/items/{}'.format(item))"
SYSTEM = {
    "parts/cart.py": FLASK.format(CALL, "port=5052, debug=True"),
    "parts/stock.py": FLASK.format("", "host='0.0.0.0', port=5051"),
    "parts/mail.py": FLASK.format("", "port=5053"),
    "parts/__init__.py": "",
}


def names(files: dict[str, str]) -> set[str]:
    return {service.name for service in discover(Snapshot.of(files)).all}


def test_files_of_one_folder_that_listen_on_ports_of_their_own() -> None:
    assert names(SYSTEM) == {"cart", "stock", "mail"}
    assert pairs(SYSTEM) == [("cart", "stock", "http", "proven")]


def test_files_of_one_folder_with_one_manifest_of_packages() -> None:
    files = {
        "package.json": '{"name": "shop", "scripts": {"start": "node cart.js & node stock.js"}}',
        "cart.js": EXPRESS.format("axios.get('http://localhost:4051/items')", "process.env.PORT || 4052"),
        "stock.js": "const PORT = process.env.PORT ?? 4051\n" + EXPRESS.format("", "PORT, () => {}"),
    }
    assert pairs(files) == [("cart", "stock", "http", "proven")]


@pytest.mark.parametrize(
    "changed",
    [
        {"parts/cart.py": FLASK.format("", "port=5052")},  # nobody calls anybody: a collection of examples
        {"parts/mail.py": FLASK.format("", "port=5051")},  # one port for two
        {"parts/cart.py": FLASK.format("from parts.stock import app as other\n" + CALL, "port=5052")},
        {"parts/Dockerfile": "FROM python\nCOPY . .\nCMD python cart.py\n"},
        {"compose.yaml": "services:\n  all:\n    build: .\n"},
        {"parts/cart.py": FLASK.format("# " + CALL, "port=5052")},
    ],
)
def test_what_is_no_system_of_files(changed: dict[str, str]) -> None:
    assert not names(SYSTEM | changed) & {"cart", "stock", "mail"}


def test_tests_and_mocks_are_no_programs() -> None:
    caller = FLASK.format(CALL, "port=5052")
    assert (
        names({"tests/cart.py": caller, "mock/cart.py": caller, "parts/stock.py": SYSTEM["parts/stock.py"]})
        == set()
    )


def test_a_folder_each_whatever_the_file_is_called() -> None:
    files = {
        "cart/cart_api.py": FLASK.format(CALL, "port=5052"),
        "stock/stock.go": 'package main\nfunc main() { http.ListenAndServe(":5051", nil) }\n',
    }
    assert pairs(files) == [("cart", "stock", "http", "proven")]


def test_the_port_that_code_listens_on_is_its_services() -> None:
    package = '{"scripts": {"start": "node src/index.js"}}'
    files = {
        "cart/package.json": package,
        "cart/src/index.js": EXPRESS.format("fetch('http://localhost:4051/items')", "4052"),
        "stock/package.json": package,
        "stock/src/index.js": EXPRESS.format("", "4051"),
    }
    assert pairs(files) == [("cart", "stock", "http", "proven")]
    other = {"more/package.json": package, "more/src/index.js": EXPRESS.format("", "4051")}
    assert pairs(files | other) == []


@pytest.mark.parametrize(
    ("path", "text", "port"),
    [
        ("a.py", "import uvicorn\nuvicorn.run('a:app', host='0.0.0.0', port=int(os.getenv('PORT', '8101')))", 8101),
        ("a.py", "from aiohttp import web\nweb.run_app(app, port=8101)", 8101),
        ("a.py", "import tornado.web\nPORT = 8101\napp.listen(PORT)", 8101),
        ("a.py", "from http.server import HTTPServer\nHTTPServer(('', 8101), H).serve_forever()", 8101),
        ("a.py", "import flask\napp.run()", None),
        ("a.py", "import flask\n# app.run(port=8101)", None),
        ("a.py", "import psycopg2\ncli.run(port=8101)", None),
        ("a.js", "const http = require('http')\nhttp.createServer(f).listen(8101)", 8101),
        ("a.ts", "import Fastify from 'fastify'\nfastify()\napp.listen({ port: 8101, host: '0.0.0.0' })", 8101),
        ("a.js", "const express = require('express')\napp.listen(8101)\nadmin.listen(8102)", None),
        ("a.js", "const express = require('express')\napp.listen(server.port)", None),
        ("a.rb", "require 'sinatra'\nset :port, 8101\n", 8101),
        ("a.go", 'package main\nfunc main() { r := gin.Default(); r.Run(":8101") }', 8101),
        ("a.go", 'package main\nconst addr = ":8101"\nfunc main() { log.Fatal(http.ListenAndServe(addr, nil)) }', 8101),
        ("a.go", 'package shop\nfunc Serve() { http.ListenAndServe(":8101", nil) }', None),
    ],
)  # fmt: skip
def test_where_a_file_listens(path: str, text: str, port: int | None) -> None:
    found = [one.port for one in read(path, text.encode(), Charts()).servers]
    assert found == ([port] if port else [])


def test_packages_that_are_programs_without_a_script() -> None:
    command = {
        "cli/package.json": '{"name": "x", "main": "i.js", "dependencies": {"commander": "9"}}',
        "cli/i.js": "1",
    }
    assert names(command | {"cli2/package.json": '{"bin": {"x": "x.js"}}', "cli2/x.js": "1"}) == {
        "cli",
        "cli2",
    }
    assert names({"site/package.json": '{"name": "x"}', "site/server.js": "1"}) == {"site"}


def test_packages_for_others_are_none() -> None:
    library = '{"name": "x", "main": "i.js", "exports": "./i.js", "dependencies": {"commander": "9"}}'
    assert names({"lib/package.json": library, "lib/i.js": "1"}) == set()
    for_tests = '{"name": "x", "devDependencies": {"commander": "9"}}'
    assert names({"lib/package.json": for_tests, "lib/src/server.js": "1"}) == set()
