"""A change of shapes alone in a large description: what policies look at is the same, whatever was edited."""

from __future__ import annotations

import json

import pytest
import yaml
from test_openapi_narrow import texts

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi import narrow
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.contracts.openapi.library import Library
from workspai_hooks.resilience import shapes
from workspai_hooks.resilience.checks.retry_after_missing import _without
from workspai_hooks.resilience.sources.openapi import read

PATH = "api.json"


@pytest.fixture(autouse=True)
def _of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrow, "WORTH_BYTES", 0)
    monkeypatch.setattr(shapes, "MAX_BYTES", 0)


def told(side: Snapshot) -> object:
    """All that policies take from a description, without lines."""
    description = Description(Library(side), PATH)
    found = read(description)
    return (
        [(one.level, one.scope, one.convention, one.idempotency, one.key) for one in found.said],
        [(one.rule, one.element, one.message) for one in found.faults],
        found.undecided,
        [(place.pointer, *rest) for place, *rest in _without(description)],
        [(one.element, one.place.pointer) for one in description.operations],
    )


def sides(base: bytes, head: bytes) -> tuple[Snapshot, Snapshot]:
    return Snapshot.of({PATH: base}, "base"), Snapshot.of({PATH: head})


@pytest.mark.parametrize("seed", range(0, 300, 50))
def test_where_shapes_alone_differ_policies_read_the_same(seed: int) -> None:
    for each in range(seed, seed + 50):
        base, head = sides(*texts(each))
        if shapes.are_alone(base, head, [PATH]):
            assert told(base) == told(head), each


def test_some_edits_are_of_shapes_alone() -> None:
    alone = [shapes.are_alone(*sides(*texts(seed)), [PATH]) for seed in range(100)]
    assert (sum(alone) > 15, len(alone) - sum(alone) > 15) == (True, True)


BASE = {
    "openapi": "3.0.3",
    "info": {"title": "A", "version": "1"},
    "paths": {
        "/a": {
            "get": {
                "summary": "x",
                "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
                "responses": {"200": {"description": "ok"}, "429": {"description": "wait", "content": {}}},
            }
        }
    },
    "components": {"schemas": {"S": {"type": "string"}}, "responses": {"R": {"description": "x"}}},
}


@pytest.mark.parametrize(
    ("old", "new", "alone"),
    [
        ('"summary": "x"', '"summary": "y"', True),
        ('"schema": {"type": "string"}', '"schema": {"type": "integer"}', True),
        ('{"S": {"type": "string"}}', '{"S": {"type": "integer"}}', True),
        ('"description": "wait"', '"description": "later"', True),
        ('"version": "1"', '"version": "2"', True),
        ('"title": "A"', '"title": "B"', False),
        ('"name": "q"', '"name": "Idempotency-Key"', False),
        ('"description": "wait"', '"description": "wait", "headers": {}', False),
        ('"429": {', '"428": {', False),
        ('"200": {"description": "ok"}', '"503": {"description": "ok"}', False),
        ('"summary": "x"', '"summary": "x", "x-workspai-retry-budget": 0.1', False),
        ('"get": {', '"put": {', False),
        ('"R": {"description": "x"}', '"R": {"description": "y"}', False),
        ('{"S": {"type": "string"}}', '{"S": {"type": "string", "headers": {}}}', False),
        ('{"S": {"type": "string"}}', '{"S": {"get": {"responses": {}, "x-fern-retries": 1}}}', False),
        ('{"description": "wait", "content": {}}', "null", False),
        ('"S": {"type": "string"}', '"T": {"type": "string"}', False),
    ],
)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_what_counts_as_a_shape(old: str, new: str, alone: bool, form: str) -> None:
    """YAML whose values are those of the JSON."""
    base = json.dumps(BASE)
    assert base.count(old) == 1
    path = f"api.{form}"
    texts = (base, base.replace(old, new))
    if form == "yaml":
        texts = tuple(yaml.safe_dump(json.loads(text), sort_keys=False) for text in texts)
    assert shapes.are_alone(*(Snapshot.of({path: text}) for text in texts), [path]) is alone


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"get": null}', '{"get": {}}'),
        ('{"get": {"responses": {"429": null}}}', '{"get": {"responses": {"429": {}}}}'),
        ('{"get": {"responses": {"503": []}}}', '{"get": {"responses": {"503": {}}}}'),
    ],
)
def test_what_is_no_object_is_no_shape(before: str, after: str) -> None:
    """An operation comes of it, or an answer that asks to wait."""
    assert not shapes.is_shape(("paths", "/a"), before.encode(), after.encode())
    assert not shapes.is_shape(("paths", "/a"), after.encode(), before.encode())
