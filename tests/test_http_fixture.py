"""The parcel depot: every line of its consumers does what it says, and nothing else is found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml
from conftest import FIXTURES
from http_annotated import said, told, uses_in

from workspai_hooks.workspace.http.values import Operation

DEPOT = FIXTURES / "depot"
METHODS = ("get", "post", "put", "delete")


def operations() -> list[Operation]:
    """The operations of the depot's description, with their properties by pointer."""
    description = yaml.safe_load((DEPOT / "parcels/openapi.yaml").read_text(encoding="utf-8"))
    return [
        Operation(
            method.upper(), path, given.get("operationId", ""), properties=tuple(_bodies(given, description))
        )
        for path, item in description["paths"].items()
        for method, given in item.items()
        if method in METHODS
    ]


def _bodies(operation: Any, description: Any) -> Iterator[str]:
    bodies = [("request", operation.get("requestBody", {}))]
    bodies += [(f"response.{status}", body) for status, body in operation["responses"].items()]
    for start, body in bodies:
        schema = body.get("content", {}).get("application/json", {}).get("schema", {})
        yield from _properties(start, schema, description)


def _properties(start: str, schema: Any, description: Any) -> Iterator[str]:
    if "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if schema.get("type") == "array":
        yield from _properties(f"{start}[]", schema["items"], description)
    for name, inner in schema.get("properties", {}).items():
        yield f"{start}.{name}"
        yield from _properties(f"{start}.{name}", inner, description)


def test_the_depot() -> None:
    files = {
        str(path.relative_to(DEPOT)): path.read_text(encoding="utf-8")
        for path in sorted(DEPOT.rglob("*"))
        if path.is_file() and path.name != "README.md"
    }
    uses = uses_in(files, "parcels", operations())
    got = {f"{use.path}:{use.line} {told(use)}" for use in uses}
    want = said(files)
    assert got == want, f"missing {sorted(want - got)}, extra {sorted(got - want)}"
    assert {use.consumer for use in uses} == {"console", "counter", "kiosk", "ledger", "scanner", "tariffs"}
