"""Descriptions are found by content; references are followed in the repository, and refused elsewhere."""

from __future__ import annotations

import os

import pytest
from conftest import Scratch
from openapi_side import ORDERS, compared, edited, line_of, named, told, tool

from workspai_hooks.breaking.openapi.comparison import compare
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.outline import outline
from workspai_hooks.contracts.openapi.places import Place, Refused, target
from workspai_hooks.tools.git import Repository

ROOT = """\
openapi: 3.1.0
info: {title: Orders, version: "1"}
paths:
  /orders:
    $ref: "./paths/orders%20list.yaml#/~1orders"
  /health:
    get:
      responses:
        "200":
          description: Well
          content:
            application/json:
              schema: {type: object, properties: {up: {type: boolean}}}
"""
PATHS = """\
/orders:
  get:
    responses:
      "200":
        description: All of them
        content:
          application/json:
            schema: {$ref: "../schemas/order.json#/definitions/List"}
"""
SCHEMAS = """\
{
  "definitions": {
    "List": {"type": "array", "items": {"$ref": "#/definitions/Order"}},
    "Order": {
      "type": "object",
      "properties": {
        "total": {"type": "integer"},
        "parent": {"$ref": "#/definitions/Order"}
      }
    }
  }
}
"""
FILES = {"api/openapi.yaml": ROOT, "api/paths/orders list.yaml": PATHS, "api/schemas/order.json": SCHEMAS}


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("openapi: 3.0.3\npaths: {}\n", "3.0.3"),
        ("# said\n---\nopenapi: '3.1.0'\n", "3.1.0"),
        ("info: {}\npaths: {}\nopenapi: 3.2.0\n", "3.2.0"),
        ("openapi: 3.0\n", "3.0"),
        ('swagger: "2.0"\n', "2.0"),
        ("swagger: 2.0\n", "2.0"),
        ('{"paths": {}, "openapi": "3.0.1"}', "3.0.1"),
        ('{"swagger":"2.0"}', "2.0"),
        ("{openapi: 3.0.0, paths: {}}", "3.0.0"),
        ("  openapi: 3.0.0\n  paths: {}\n", "3.0.0"),
        ("\ufeffopenapi: 3.0.0\r\npaths: {}\r\n", "3.0.0"),
        ("openapi: 4.0.0\n", ""),
        ("a:\n  openapi: 3.0.0\n", ""),
        ('{"dependencies": {"swagger": "2.0"}}', ""),
        ("text: |\n  openapi: 3.0.0\n", ""),
        ("openapi: 3.0.0\npaths: {", "3.0.0"),
    ],
)
def test_a_description_is_known_by_its_top(text: str, version: str) -> None:
    assert outline(text.encode()).version == version


def test_references_to_other_files_are_seen_without_parsing() -> None:
    text = """a: {$ref: b.yaml}\nc: {"$ref": "d.json#/e"}\nf:\n  $ref: '../g.yaml'\nh: {$ref: '#/i'}\n"""
    assert outline(text.encode()).refers == ("../g.yaml", "b.yaml", "b.yaml}", "d.json#/e")


def test_where_references_lead() -> None:
    assert target("a/b.yaml", "#/c~1d/e~0f/%7Bg%7D") == Place("a/b.yaml", ("c/d", "e~f", "{g}"))
    assert target("a/b.yaml", "../c.json#/d") == Place("c.json", ("d",))
    assert target("a/b.yaml", "c%20d.yaml") == Place("a/c d.yaml")
    for ref in (
        "http://x/y.yaml",
        "HTTPS://x",
        "file:///etc/passwd",
        "//x/y",
        "/etc/passwd",
        "../../x",
        "#a",
    ):
        with pytest.raises(Refused):
            target("a/b.yaml", ref)


def test_a_change_at_the_end_of_a_chain_is_told_there_for_each_description() -> None:
    head = {**FILES, "api/schemas/order.json": SCHEMAS.replace('"integer"', '"string"')}
    answer = compared(FILES, head)
    (fault,) = answer.breaks
    assert named(fault) == "type-changed GET /orders#response.200.total"
    assert fault.location.path == "api/schemas/order.json"
    assert fault.location.line == line_of(head["api/schemas/order.json"], '"total": {"type"')
    assert fault.base_location == fault.location
    assert answer.undecided == ()


def test_an_operation_may_stand_behind_a_reference_itself() -> None:
    """OpenAPI knows none there; what bundles descriptions does, and public ones are written so."""
    at = "./paths/orders%20list.yaml#/~1orders"
    root = ROOT.replace(f'$ref: "{at}"', f'get: {{$ref: "{at}/get"}}')
    base = {**FILES, "api/openapi.yaml": root}
    head = {**base, "api/schemas/order.json": SCHEMAS.replace('"integer"', '"string"')}
    assert told(base, head) == ["type-changed GET /orders#response.200.total"]
    assert told(FILES, head) == ["type-changed GET /orders#response.200.total"]
    answer = compared(base, {**head, "api/openapi.yaml": root.replace("~1orders/get", "~1orders/gone")})
    assert [(one.what, "names nothing" in one.why) for one in answer.undecided] == [
        ("api/openapi.yaml:5", True)
    ]


def test_a_description_is_compared_once_however_many_of_its_files_changed() -> None:
    head = {
        "api/openapi.yaml": ROOT.replace("{up: {type: boolean}}", "{}"),
        "api/paths/orders list.yaml": PATHS.replace("All of them", "Every one"),
        "api/schemas/order.json": SCHEMAS.replace('"integer"', '"string"'),
    }
    assert told(FILES, head) == [
        "property-removed GET /health#response.200.up",
        "type-changed GET /orders#response.200.total",
    ]


def test_a_fragment_that_nothing_reaches_asks_nothing() -> None:
    base = {**FILES, "other.yaml": "a: {type: integer}\n"}
    assert compared(base, {**base, "other.yaml": "a: {type: string}\n"}).rows == ()


REFUSED = {
    "http": ("https://api.example/order.yaml#/Order", "leads out of this repository"),
    "above the repository": ("../../order.yaml#/Order", "leads out of this repository"),
    "absolute": ("/etc/order.yaml", "absolute path"),
    "not here": ("gone.yaml#/Order", "not in this repository"),
    "no such name": ("schemas/order.json#/definitions/Gone", "names nothing"),
    "anchor": ("#order", "names an anchor"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_references_that_are_not_followed_leave_their_operations_open_and_no_others(name: str) -> None:
    ref, why = REFUSED[name]
    schema = "schema: {type: object, properties: {up: {type: boolean}}}"
    head = {**FILES, "api/openapi.yaml": edited(ROOT, (schema, f"schema: {{$ref: '{ref}'}}"))}
    head["api/schemas/order.json"] = SCHEMAS.replace('"integer"', '"string"')
    answer = compared(FILES, head)
    assert [named(fault) for fault in answer.breaks] == ["type-changed GET /orders#response.200.total"]
    (question,) = answer.undecided
    assert question.what == f"api/openapi.yaml:{line_of(head['api/openapi.yaml'], ref)}"
    assert why in question.why
    assert question.remedy


def test_a_reference_that_was_not_followed_before_asks_nothing_while_its_operation_stays() -> None:
    base = {**FILES, "api/openapi.yaml": ROOT + "  /far: {$ref: 'https://api.example/far.yaml'}\n"}
    head = {**base, "api/openapi.yaml": base["api/openapi.yaml"].replace("{up: {type: boolean}}", "{}")}
    assert told(base, head) == ["property-removed GET /health#response.200.up"]


def test_what_was_not_followed_before_hides_nothing_else_and_may_be_mended() -> None:
    schema = '{$ref: "#/components/schemas/NewOrder"}'
    far = ORDERS.replace(schema, "{$ref: 'https://api.example/order.yaml'}")
    worse = edited(
        far,
        ("enum: [name, price]", "enum: [name]"),
        ('"201": {description: Kept}', '"202": {description: Kept}'),
    )
    assert told({"api.yaml": far}, {"api.yaml": worse}) == [
        "parameter-value-removed GET /orders#query.sort",
        "response-status-removed POST /orders#response.201",
    ]
    assert told({"api.yaml": far}, {"api.yaml": ORDERS}) == []


def test_references_through_links_are_refused_by_name(scratch: object, tmp_path: object) -> None:
    made: Scratch = scratch({"openapi.yaml": "", "real/order.yaml": "Order: {type: object}\n"})  # type: ignore[operator]
    root = ORDERS.replace('{$ref: "#/components/schemas/NewOrder"}', "{$ref: 'parts/order.yaml#/Order'}")
    os.symlink("real", made.root / "parts")
    made.repo.git.add("--", "parts")
    made.write({"openapi.yaml": ORDERS})
    base = made.commit("base")
    made.write({"openapi.yaml": root})
    head = made.commit("head")
    repository = Repository.open(made.root)
    try:
        answer = compare(
            Snapshot.of_commit(repository, base),
            Snapshot.of_commit(repository, head),
            ["openapi.yaml"],
            tool(),
        )
    finally:
        repository.close()
    assert answer.breaks == ()
    assert {question.what.partition(":")[0] for question in answer.undecided} == {"openapi.yaml"}
    assert all("symbolic link parts" in question.why for question in answer.undecided)


def test_circles_of_references_are_followed_and_empty_ones_refused() -> None:
    circle = edited(
        ORDERS,
        (
            "        sku: {type: string}\n        size",
            "        order: {$ref: '#/components/schemas/Order'}\n        size",
        ),
    )
    head = edited(circle, ("total: {type: integer}", "total: {type: string}"))
    assert told({"api.yaml": circle}, {"api.yaml": head}) == ["type-changed GET /orders#response.200.total"]
    empty = edited(
        ORDERS,
        (
            "    Line:\n      type: object\n",
            "    Ring: {$ref: '#/components/schemas/Line'}\n    Line:\n"
            "      $ref: '#/components/schemas/Ring'\n",
        ),
    )
    answer = compared({"api.yaml": ORDERS}, {"api.yaml": empty})
    assert {"circle" in question.why for question in answer.undecided} == {True}


def test_references_of_references_through_a_pointer() -> None:
    base = edited(
        ORDERS,
        (
            'schema: {$ref: "#/components/schemas/Order"}',
            "schema: {$ref: '#/components/schemas/Alias/properties/lines/items'}",
        ),
        ("  schemas:\n", "  schemas:\n    Alias: {$ref: '#/components/schemas/Order'}\n"),
    )
    head = edited(base, ("sku: {type: string}\n        size", "sku: {type: integer}\n        size"))
    assert "type-changed GET /orders#response.200.lines.sku" in told({"api.yaml": base}, {"api.yaml": head})


def test_what_can_not_be_read_is_open_with_its_line() -> None:
    broken = edited(ORDERS, ("        total: {type: integer}\n", "        total: {type: integer\n"))
    answer = compared({"api.yaml": ORDERS}, {"api.yaml": broken})
    assert [question.what.partition(":")[0] for question in answer.undecided] == ["api.yaml"]
    assert int(answer.undecided[0].what.partition(":")[2]) >= line_of(broken, "total: {type: integer\n")
    again = compared({"api.yaml": broken}, {"api.yaml": ORDERS})
    assert again.undecided == ()
    assert [question.what.partition(":")[0] for question in again.base_errors] == ["api.yaml"]


def test_a_key_that_newly_stands_twice_is_open_and_an_old_one_is_not() -> None:
    twice = edited(
        ORDERS,
        ("        note: {type: string}\n", "        note: {type: string}\n        note: {type: string}\n"),
    )
    answer = compared({"api.yaml": ORDERS}, {"api.yaml": twice})
    assert answer.breaks == ()
    (question,) = answer.undecided
    assert question.what == f"api.yaml:{twice[: twice.rindex('        note:')].count(chr(10)) + 1}"
    worse = edited(twice, ("total: {type: integer}", "total: {type: string}"))
    assert told({"api.yaml": twice}, {"api.yaml": worse}) == ["type-changed GET /orders#response.200.total"]
