"""Breaks of descriptions: their elements, their lines, and one finding for one root cause."""

from __future__ import annotations

import json

import pytest
import yaml
from openapi_side import ORDERS, compared, edited, line_of, named, told

from workspai_hooks.breaking.values import Break
from workspai_hooks.findings import Severity, Surface

EDITS: dict[str, tuple[list[tuple[str, str]], list[str]]] = {
    "a required property is gone": (
        [("        total: {type: integer}\n", ""), ("      required: [total]\n", "")],
        ["property-removed GET /orders#response.200.total"],
    ),
    "a nested property is gone": (
        [("        sku: {type: string}\n        size", "        size")],
        ["property-removed GET /orders#response.200.lines.sku"],
    ),
    "a property may be left out": (
        [("      required: [total]\n", "")],
        ["property-became-optional GET /orders#response.200.total"],
    ),
    "a property may be null": (
        [("total: {type: integer}", "total: {type: integer, nullable: true}")],
        ["property-became-nullable GET /orders#response.200.total"],
    ),
    "a response has another value": (
        [("enum: [s, m]", "enum: [s, m, l]")],
        ["value-added GET /orders#response.200.lines.size"],
    ),
    "a request property is needed": (
        [
            (
                "    NewOrder:\n      type: object\n",
                "    NewOrder:\n      type: object\n      required: [sku]\n",
            )
        ],
        ["property-became-required POST /orders#request.sku"],
    ),
    "a new request property is needed": (
        [
            (
                "    NewOrder:\n      type: object\n      properties:\n",
                "    NewOrder:\n      type: object\n      required: [tenant]\n      properties:\n"
                "        tenant: {type: string}\n",
            )
        ],
        ["required-property-added POST /orders#request.tenant"],
    ),
    "a request property is bounded": (
        [("quantity: {type: integer}", "quantity: {type: integer, maximum: 9}")],
        ["constraint-tightened POST /orders#request.quantity"],
    ),
    "a parameter is gone": (
        [("      - {name: lang, in: query, schema: {type: string, maxLength: 20}}\n", "")],
        ["parameter-removed GET /orders/{id}#query.lang"],
    ),
    "a parameter's value is gone": (
        [("enum: [name, price]", "enum: [name]")],
        ["parameter-value-removed GET /orders#query.sort"],
    ),
    "a parameter is another type": (
        [
            (
                "name: id, in: path, required: true, schema: {type: string}",
                "name: id, in: path, required: true, schema: {type: integer}",
            )
        ],
        ["parameter-type-changed GET /orders/{id}#path.id"],
    ),
    "a new parameter is needed": (
        [
            (
                "      parameters:\n",
                "      parameters:\n"
                "        - {name: X-Tenant, in: header, required: true, schema: {type: string}}\n",
            )
        ],
        ["required-parameter-added GET /orders#header.X-Tenant"],
    ),
    "a parameter is needed": (
        [("{name: lang, in: query,", "{name: lang, in: query, required: true,")],
        ["parameter-became-required GET /orders/{id}#query.lang"],
    ),
    "a body is needed no more but gone": (
        [(ORDERS[ORDERS.index("      requestBody:") : ORDERS.index('      responses:\n        "201"')], "")],
        ["request-body-removed POST /orders#request"],
    ),
    "a request's media type is gone": (
        [('          application/xml:\n            schema: {$ref: "#/components/schemas/NewOrder"}\n', "")],
        ["request-media-type-removed POST /orders#request.media:application/xml"],
    ),
    "a response's media type is gone": (
        [("application/json:\n              schema:\n", "application/yaml:\n              schema:\n")],
        ["response-media-type-removed GET /orders#response.200.media:application/json"],
    ),
    "a status is gone": (
        [('"201": {description: Kept}', '"202": {description: Kept}')],
        ["response-status-removed POST /orders#response.201"],
    ),
    "a header is gone": (
        [("          headers:\n            X-Rate: {required: true, schema: {type: integer}}\n", "")],
        ["response-header-removed GET /orders/{id}#response.200.header:X-Rate"],
    ),
    "a header is another type": (
        [
            (
                "required: true, schema: {type: integer}}\n          content",
                "required: true, schema: {type: string}}\n          content",
            )
        ],
        ["response-header-changed GET /orders/{id}#response.200.header:X-Rate"],
    ),
    "credentials are needed": (
        [
            ("paths:\n", "security: [{token: []}]\npaths:\n"),
            ("components:\n", "components:\n  securitySchemes: {token: {type: http, scheme: bearer}}\n"),
        ],
        ["security-tightened GET /orders"],
    ),
    "an operation is gone": (
        [(ORDERS[ORDERS.index("    post:") : ORDERS.index("components:")], "")],
        ["operation-removed POST /orders"],
    ),
    "an operation's id is another": (
        [("operationId: getOrder", "operationId: fetchOrder")],
        ["operation-id-changed GET /orders/{id}"],
    ),
}


@pytest.mark.parametrize("form", ["yaml", "json"])
@pytest.mark.parametrize("name", EDITS)
def test_what_breaks_is_called_by_its_element(name: str, form: str) -> None:
    edits, expected = EDITS[name]
    base, head = ORDERS, edited(ORDERS, *edits)
    if form == "json":
        base, head = (json.dumps(yaml.safe_load(text), indent=1) for text in (base, head))
    assert told({f"api.{form}": base}, {f"api.{form}": head}) == expected


def one(base: str, head: str) -> Break:
    answer = compared({"api.yaml": base}, {"api.yaml": head})
    assert answer.undecided == ()
    (fault,) = answer.breaks
    return fault


def test_one_root_cause_is_one_finding_with_all_that_it_reaches() -> None:
    """Two responses have the schema, one of them twice."""
    base = edited(
        ORDERS,
        (
            "        note: {type: string}\n",
            "        note: {type: string}\n        first: {$ref: '#/components/schemas/Line'}\n",
        ),
    )
    fault = one(base, edited(base, ("enum: [s, m]", "enum: [s, m, l]")))
    assert fault.operations == ("GET /orders", "GET /orders/{id}")
    assert set(fault.reaches) == {
        "GET /orders#response.200.first.size",
        "GET /orders#response.200.lines.size",
        "GET /orders/{id}#response.200.first.size",
        "GET /orders/{id}#response.200.lines.size",
    }
    assert "1 more operation" in fault.message
    assert fault.upstream_rules == ("response-property-enum-value-added",)
    assert fault.surfaces == (Surface.SOURCE, Surface.JSON)


def test_a_schema_of_requests_and_responses_is_one_root_cause() -> None:
    base = ORDERS.replace("schemas/NewOrder", "schemas/Order")
    fault = one(base, edited(base, ("        note: {type: string}\n", "")))
    assert fault.severity is Severity.WARNING
    assert fault.operations == ("GET /orders", "GET /orders/{id}", "POST /orders")
    assert fault.element == "GET /orders#response.200.note"
    assert "POST /orders#request.note" in fault.reaches


def test_lines_are_those_of_the_fault_and_of_what_is_left_of_it() -> None:
    head = edited(ORDERS, ("        note: {type: string}\n", ""))
    removed = one(ORDERS, head)
    assert (removed.location.line, removed.location.path) == (line_of(head, "    Order:\n"), "api.yaml")
    assert removed.base_location is not None
    assert removed.base_location.line == line_of(ORDERS, "note: {type: string}")
    block = edited(
        ORDERS, ("total: {type: integer}", "total:\n          type: integer\n          format: int32")
    )
    changed = one(
        block,
        edited(block, ("type: integer\n          format: int32", "type: string\n          minLength: 0")),
    )
    assert changed.location.line == line_of(block, "          type: integer\n          format")
    gone = one(ORDERS, edited(ORDERS, *EDITS["an operation is gone"][0]))
    assert gone.base_location is not None
    assert gone.base_location.line == line_of(ORDERS, "    post:")
    assert gone.location.line == line_of(ORDERS, "  /orders:")


def test_comments_order_prose_and_examples_are_no_change() -> None:
    head = edited(
        ORDERS,
        ("info:", "# said\ninfo:"),
        ("description: An order", "description: One order, in other words"),
        (
            "        total: {type: integer}\n        note: {type: string}\n",
            "        note: {type: string}\n        total: {example: 3, type: integer}\n",
        ),
    )
    answer = compared({"api.yaml": ORDERS}, {"api.yaml": head})
    assert answer.breaks == answer.undecided == ()


def test_a_description_that_becomes_json_is_the_same() -> None:
    head = json.dumps(yaml.safe_load(edited(ORDERS, ("total: {type: integer}", "total: {type: string}"))))
    answer = compared({"openapi.yaml": ORDERS}, {"openapi.json": head})
    assert [named(fault) for fault in answer.breaks] == ["type-changed GET /orders#response.200.total"]
    assert answer.breaks[0].location.path == "openapi.json"


def test_a_description_that_goes_is_one_finding() -> None:
    answer = compared({"api.yaml": ORDERS, "a.txt": ""}, {"a.txt": ""})
    (fault,) = answer.breaks
    assert named(fault) == "description-removed file:api.yaml"
    assert fault.operations == ("GET /orders", "GET /orders/{id}", "POST /orders")


def test_a_new_description_breaks_nothing() -> None:
    answer = compared({}, {"api.yaml": ORDERS})
    assert answer.breaks == answer.undecided == answer.rows == ()


def test_two_descriptions_with_one_operation_are_told_apart() -> None:
    other = (
        "openapi: 3.0.3\ninfo: {title: Other, version: '1'}\npaths:\n  /orders:\n    get: {responses: {}}\n"
    )
    base = {"a/api.yaml": ORDERS, "b/api.yaml": other}
    head = {**base, "a/api.yaml": edited(ORDERS, ("total: {type: integer}", "total: {type: string}"))}
    (fault,) = compared(base, head).breaks
    assert fault.element == "a/api.yaml::GET /orders#response.200.total"
    assert fault.reaches == (
        "GET /orders/{id}#response.200.total",
        "a/api.yaml::GET /orders#response.200.total",
    )
    assert fault.operations == ("GET /orders", "GET /orders/{id}")


def test_odd_names_are_quoted() -> None:
    base = edited(ORDERS, ("        note: {type: string}\n", '        "a.b": {type: string}\n'))
    fault = one(base, edited(base, ('"a.b": {type: string}', '"a.b": {type: integer}')))
    assert fault.element == 'GET /orders#response.200."a.b"'


def test_an_address_that_goes_is_a_warning() -> None:
    base = edited(
        ORDERS, ("paths:\n", "servers:\n  - url: https://a.example/v1\n  - url: https://b.example/\npaths:\n")
    )
    fault = one(base, edited(base, ("a.example/v1", "a.example/v2"), ("b.example/", "b.example")))
    assert named(fault) == "server-removed api.yaml::server:https://a.example/v1"
    assert fault.severity is Severity.WARNING
    assert fault.base_location is not None
    assert fault.base_location.line == line_of(base, "a.example")


def test_security_schemes_are_compared() -> None:
    base = edited(
        ORDERS,
        ("components:\n", "components:\n  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}\n"),
    )
    fault = one(base, edited(base, ("name: X-Key", "name: X-Token")))
    assert named(fault) == "security-scheme-changed api.yaml::security:key"
    assert fault.location.line == line_of(base, "name: X-Key")


def test_operations_that_go_to_another_description_are_not_removed() -> None:
    """One description is split in two, and what moved changes on the way."""
    start, end = ORDERS.index("  /orders:\n"), ORDERS.index("components:")
    left = ORDERS[:start] + ORDERS[end:]
    moved = ORDERS[: ORDERS.index("  /orders/{id}:")] + ORDERS[start:]
    worse = edited(moved, ("quantity: {type: integer}", "quantity: {type: string}"))
    assert told({"api.yaml": ORDERS}, {"api.yaml": left, "more/api.yaml": moved}) == []
    assert told({"api.yaml": ORDERS}, {"api.yaml": left, "more/api.yaml": worse}) == [
        "type-changed POST /orders#request.quantity"
    ]
    assert told({"api.yaml": left, "more/api.yaml": worse}, {"api.yaml": ORDERS}) == [
        "type-changed POST /orders#request.quantity"
    ]


def test_many_descriptions_at_once() -> None:
    base = {f"s{n}/api.yaml": ORDERS.replace("/orders", f"/orders{n}") for n in range(12)}
    head = {
        path: text.replace("total: {type: integer}", "total: {type: string}") for path, text in base.items()
    }
    answer = compared(base, head)
    assert [named(fault) for fault in answer.breaks] == sorted(
        f"type-changed GET /orders{n}#response.200.total" for n in range(12)
    )
    assert answer == compared(base, head)


def test_a_part_that_becomes_a_list_is_one_finding() -> None:
    line = 'items: {$ref: "#/components/schemas/Line"}'
    base = edited(
        ORDERS, ("        note: {type: string}\n", "        first: {$ref: '#/components/schemas/Line'}\n")
    )
    base = edited(
        base,
        (f"          type: array\n          {line.replace(chr(34), chr(34))}\n", "          type: string\n"),
    )
    head = edited(base, ("first: {$ref: '#/components/schemas/Line'}", f"first: {{type: array, {line}}}"))
    fault = one(base, head)
    assert named(fault) == "type-changed GET /orders#response.200.first"
    assert "response-optional-property-removed" in fault.upstream_rules
