"""Breaks of an OpenAPI description: which services are told, with which lines, and how bad it is for them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from conftest import Scratch
from gotool import real

from workspai_hooks.tools.oasdiff import resolve_oasdiff

COMPOSE = """\
services:
  orders: {build: orders}
  web: {build: web, environment: {ORDERS_URL: "http://orders:8080"}}
  mail: {build: mail, environment: {ORDERS_URL: "http://orders:8080"}}
  desk: {build: desk, environment: {WEB_URL: "http://web:3000"}}
"""
DESCRIPTION = """\
openapi: 3.0.3
info: {title: Orders API, version: "1.0"}
paths:
  /orders/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses:
        "200":
          description: An order
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Order"}
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Draft"}
      responses: {"201": {description: Made}}
components:
  schemas:
    Order:
      type: object
      properties:
        id: {type: string}
        total: {type: number}
        note: {type: string}
        colour: {type: string}
    Draft:
      type: object
      properties:
        book: {type: string}
"""
WEB = """\
const base = process.env.ORDERS_URL;

export async function total(id: string) {
  const response = await fetch(`${base}/orders/${id}`);
  const order = await response.json();
  return order.total;
}

export async function buy(book: string) {
  await fetch(`${base}/orders`, {method: "POST", body: JSON.stringify({book: book})});
}
"""
MAIL = """\
import os

import requests

BASE = os.environ["ORDERS_URL"]


def send(order_id):
    order = requests.get(f"{BASE}/orders/{order_id}").json()
    print("note", order["note"])
"""
DESK = """\
import os

import requests


def look():
    return requests.get(os.environ["WEB_URL"] + "/totals").json()["sum"]
"""
SERVER = """\
from flask import Flask

app = Flask(__name__)


@app.get("/orders/<id>")
def order(id):
    return {}
"""
FILES: dict[str, str | bytes] = {
    "docker-compose.yml": COMPOSE,
    "orders/openapi.yaml": DESCRIPTION,
    "orders/app.py": SERVER,
    "web/src/orders.ts": WEB,
    "web/package.json": '{"name": "web"}',
    "mail/main.py": MAIL,
    "desk/main.py": DESK,
    **{f"{name}/Dockerfile": "FROM scratch\n" for name in ("orders", "web", "mail", "desk")},
}

Make = Callable[[Mapping[str, str | bytes]], Scratch]
Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True, scope="module")
def _oasdiff() -> None:
    real(resolve_oasdiff)


@pytest.fixture
def orders(scratch: Make) -> Scratch:
    return scratch(FILES)


def finding(cli: Cli, repository: Scratch, exit_code: int) -> dict[str, Any]:
    """The one finding of a check."""
    done = cli(repository.root, "check", "--format", "json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["undecided"]) == (exit_code, []), done.stdout + done.stderr
    (only,) = report["findings"]
    found: dict[str, Any] = only
    return found


def verdicts(found: Mapping[str, Any]) -> dict[str, tuple[str, list[str]]]:
    return {
        one["service"]: (one["verdict"], sorted({f"{site['path']}:{site['line']}" for site in one["sites"]}))
        for one in found["consumers"]
    }


def test_a_removed_property_breaks_who_reads_it(orders: Scratch, cli: Cli) -> None:
    found = finding(cli, orders.replace("orders/openapi.yaml", "        total: {type: number}\n", ""), 1)
    assert (found["id"], found["contract"], found["element"]) == (
        "WSP340",
        "openapi",
        "GET /orders/{id}#response.200.total",
    )
    assert verdicts(found) == {"web": ("breaks", ["web/src/orders.ts:6"]), "desk": ("exposed", [])}
    assert found["consumers"][0]["hits"] == ["running"]
    assert found["consumers"][0]["path"] == ["web", "orders"]
    assert found["severity"] == "error"
    assert found["message"].endswith("an error and no warning, because web reads it")


def test_what_no_consumer_reads_is_a_note(orders: Scratch, cli: Cli) -> None:
    found = finding(cli, orders.replace("orders/openapi.yaml", "        colour: {type: string}\n", ""), 0)
    assert (found["severity"], found["consumers"]) == ("note", [])
    assert found["message"].endswith("a note and no warning, because none of its consumers reads it")


def test_a_consumer_that_hands_the_body_on_is_unknown_and_no_note(orders: Scratch, cli: Cli) -> None:
    orders.replace("mail/main.py", 'print("note", order["note"])', "forward(order)").commit()
    orders.repo.git.branch("--force", "main")
    found = finding(cli, orders.replace("orders/openapi.yaml", "        colour: {type: string}\n", ""), 0)
    assert found["severity"] == "warning"
    assert verdicts(found)["mail"][0] == "unknown"


def test_a_removed_property_of_a_description_that_nobody_serves_is_a_warning(scratch: Make, cli: Cli) -> None:
    made = scratch({"docs/openapi.yaml": DESCRIPTION})
    made.replace("docs/openapi.yaml", "        note: {type: string}\n", "")
    found = finding(cli, made, 0)
    assert (found["severity"], found["consumers"]) == ("warning", [])


def test_a_removed_operation_breaks_its_callers(orders: Scratch, cli: Cli) -> None:
    at = DESCRIPTION.index("  /orders:\n")
    end = DESCRIPTION.index("components:")
    found = finding(cli, orders.write({"orders/openapi.yaml": DESCRIPTION[:at] + DESCRIPTION[end:]}), 1)
    assert found["element"] == "POST /orders"
    assert verdicts(found)["web"] == ("breaks", ["web/src/orders.ts:10"])
    assert "mail" not in verdicts(found)


def test_a_newly_required_property_breaks_who_sends_the_request(orders: Scratch, cli: Cli) -> None:
    old = "        book: {type: string}\n"
    new = f"{old}        address: {{type: string}}\n      required: [address]\n"
    found = finding(cli, orders.replace("orders/openapi.yaml", old, new), 1)
    assert found["element"] == "POST /orders#request.address"
    assert verdicts(found)["web"] == ("breaks", ["web/src/orders.ts:10"])


def test_a_copy_of_the_description_at_a_consumer_speaks_for_the_provider(scratch: Make, cli: Cli) -> None:
    files = dict(FILES)
    files["web/contracts/orders.yaml"] = files.pop("orders/openapi.yaml")
    changed = scratch(files).replace("web/contracts/orders.yaml", "        total: {type: number}\n", "")
    assert verdicts(finding(cli, changed, 1))["web"][0] == "breaks"


def test_what_the_branch_broke_before_does_not_fail_the_next_commit(orders: Scratch, cli: Cli) -> None:
    orders.replace("orders/openapi.yaml", "        total: {type: number}\n", "").commit()
    orders.replace("orders/openapi.yaml", "title: Orders API", "title: The orders API")
    assert finding(cli, orders, 0)["introduced"] == "branch"
    done = cli(orders.root, "check", "--stage", "ci")
    assert done.returncode == 1


def test_without_the_tool_nothing_is_green(orders: Scratch, cli: Cli) -> None:
    orders.replace("orders/openapi.yaml", "        total: {type: number}\n", "")
    done = cli(orders.root, "check", WORKSPAI_OASDIFF="/nowhere/oasdiff")
    assert done.returncode == 3
    assert "WORKSPAI_OASDIFF" in done.stdout


def test_a_base_that_can_not_be_read_is_taken_from_its_ancestor(scratch: Make, cli: Cli) -> None:
    """Or nobody could commit what mends it."""
    repository = scratch(FILES)
    repository.repo.git.switch("--quiet", "main")
    repository.write({"orders/openapi.yaml": DESCRIPTION + "  : [}\n"}).commit("broken")
    repository.branch("mended").write({"orders/openapi.yaml": DESCRIPTION.replace("total:", "sum:")})
    report = json.loads(cli(repository.root, "check", "--format", "json").stdout)
    assert report["undecided"] == []
    assert "nearest ancestor" in report["base"]["how"]
    assert [one["element"] for one in report["findings"]] == ["GET /orders/{id}#response.200.total"]


def test_the_bump_follows_what_consumers_make_of_a_change(orders: Scratch, cli: Cli) -> None:
    orders.replace("orders/openapi.yaml", "        total: {type: number}\n", "")
    assert json.loads(cli(orders.root, "check", "--format", "json").stdout)["bump"] == {
        "orders/openapi.yaml": "major"
    }
    orders.write({"orders/openapi.yaml": DESCRIPTION.replace("        colour: {type: string}\n", "")})
    assert json.loads(cli(orders.root, "check", "--format", "json").stdout)["bump"] == {
        "orders/openapi.yaml": "minor"
    }
