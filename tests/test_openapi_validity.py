"""What a change makes invalid is an open question; what was invalid before is left alone."""

from __future__ import annotations

import time

import pytest
from openapi_side import ORDERS, compared, edited, line_of, tool

from workspai_hooks.breaking.openapi.comparison import compare
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.validity import faults

FAULTS = {
    "a type that is none": (("total: {type: integer}", "total: {type: strang}"), "total: {type: strang}"),
    "a parameter in no place": (("{name: lang, in: query,", "{name: lang, in: quory,"), "in: quory"),
    "a word that OpenAPI has not": (('responses:\n        "201"', 'response:\n        "201"'), "    post:"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_new_fault_is_open_with_its_line(name: str) -> None:
    edit, part = FAULTS[name]
    head = edited(ORDERS, edit)
    answer = compared({"api.yaml": ORDERS}, {"api.yaml": head})
    assert answer.undecided
    question = answer.undecided[0]
    assert question.why.startswith("is no valid OpenAPI 3.0.3: ")
    path, _, line = question.what.partition(":")
    assert path == "api.yaml"
    assert not part or int(line) == line_of(head, part)


def test_a_fault_that_was_there_before_asks_nothing() -> None:
    base = edited(ORDERS, ("note: {type: string}", "note: {type: strang}"))
    head = edited(base, ("        sku: {type: string}\n        size", "        size"))
    answer = compared({"api.yaml": base}, {"api.yaml": head})
    assert answer.undecided == ()
    assert len(answer.breaks) == 1
    mended = compared({"api.yaml": base}, {"api.yaml": ORDERS})
    assert mended.undecided == mended.base_errors == ()


def test_a_fault_hides_no_break() -> None:
    head = edited(
        ORDERS,
        ("total: {type: integer}", "total: {type: strang}"),
        ("        quantity: {type: integer}\n", ""),
    )
    answer = compared({"api.yaml": ORDERS}, {"api.yaml": head})
    assert answer.undecided
    assert {fault.element for fault in answer.breaks} >= {"POST /orders#request.quantity"}


def test_only_ci_looks_at_what_did_not_change() -> None:
    """An operationId stands twice: that forbids prose, not the shape."""
    head = edited(ORDERS, ("operationId: listOrders", "operationId: getOrder"))
    sides = Snapshot.of({"api.yaml": ORDERS}, "base"), Snapshot.of({"api.yaml": head})
    assert compare(*sides, ["api.yaml"], tool()).undecided == ()
    (question,) = compare(*sides, ["api.yaml"], tool(), whole=True).undecided
    assert "getOrder" in question.why


def test_a_kind_of_fault_that_a_description_lives_with_is_not_new() -> None:
    """Generators write the same fault into whatever they write."""
    base = edited(
        ORDERS,
        ("operationId: listOrders", "operationId: getOrder"),
        ("    Line:\n", "    Line:\n      required: []\n"),
    )
    head = edited(
        base,
        ("operationId: newOrder", "operationId: getOrder"),
        ("    NewOrder:\n", "    NewOrder:\n      required: []\n"),
    )
    sides = Snapshot.of({"api.yaml": base}, "base"), Snapshot.of({"api.yaml": head})
    assert compare(*sides, ["api.yaml"], tool()).undecided == ()
    assert compare(*sides, ["api.yaml"], tool(), whole=True).undecided == ()


def test_swagger_is_validated_as_what_it_is_in_ci() -> None:
    swagger = (
        'swagger: "2.0"\ninfo: {title: A, version: "1"}\n'
        'paths:\n  /a:\n    get: {responses: {"200": {description: A}}}\n'
    )
    head = swagger.replace("description: A}", "descriptoin: A}")
    sides = Snapshot.of({"api.yaml": swagger}, "base"), Snapshot.of({"api.yaml": head})
    (question, *_) = compare(*sides, ["api.yaml"], tool(), whole=True).undecided
    assert question.why.startswith("is no valid Swagger 2.0")


def test_hostile_patterns_and_circles_end_soon() -> None:
    schema = {"type": "string", "pattern": "^(a+)+$", "default": "a" * 60 + "!"}
    circle = {"allOf": [{"$ref": "#/components/schemas/A"}], "items": {"$ref": "#/components/schemas/A"}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "A", "version": "1"},
        "paths": {
            "/a": {
                "get": {"responses": {"200": {"description": "A", "content": {"a/b": {"schema": schema}}}}}
            }
        },
        "components": {"schemas": {"A": circle}},
    }
    began = time.process_time()
    list(faults(document))
    assert time.process_time() - began < 5


def test_nothing_is_fetched() -> None:
    document = {
        "openapi": "3.0.3",
        "info": {"title": "A", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {"$ref": "http://127.0.0.1:1/a.yaml"}}}}},
    }
    assert list(faults(document)) == []


def test_a_new_description_is_validated() -> None:
    head = edited(ORDERS, ("total: {type: integer}", "total: {type: strang}"))
    (question,) = compared({}, {"api.yaml": head}).undecided
    assert question.what == f"api.yaml:{line_of(head, 'total: {type: strang}')}"
