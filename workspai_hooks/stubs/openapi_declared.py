"""What a description of an API declares, element by element, in words by which two versions are compared.

References are followed on the way (contracts/openapi/bundle.py). A schema that both sides name is told once,
by that name; one that only one side names is written out where it is used, as generators give names to what
had none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.bundle import Bundle
from workspai_hooks.contracts.openapi.description import Description, Members, entries, members, normalized
from workspai_hooks.contracts.openapi.library import Library
from workspai_hooks.stubs.openapi_words import Words, name_in
from workspai_hooks.stubs.skew import Grade

_POLICIES = (
    *("x-speakeasy-retries", "x-speakeasy-timeout", "x-fern-retries", "x-fern-idempotent"),
    *("x-fern-idempotency-headers", "x-kong-service-defaults", "x-amazon-apigateway-integration"),
    *("x-google-backend", "x-workspai-"),
)
"""Extensions of an operation that say how often and how long it is tried (shared/POLICY.md)."""

Key = tuple[str, ...]


class Said(msgspec.Struct, frozen=True):
    """One element and what a description says of it."""

    element: str
    text: str
    grade: Grade


class Declared(msgspec.Struct, frozen=True):
    """A description, ready to be compared. `bases` are the paths of its servers; `operations` are
    `GET /orders/{}` -> as it is written; `schemas` are resolved; `document` holds what operations say;
    `policies` are by operation, those of all under an empty name."""

    title: str
    version: str
    bases: tuple[str, ...]
    operations: Mapping[str, str]
    schemas: Members
    document: Members
    policies: Mapping[str, Members]

    def fields(self, schema: str) -> tuple[str, ...] | None:
        """The properties of a schema by name, of those that it is put together of as well; None where it is
        one of several, or holds any."""
        merged = self._merged(schema)
        return None if merged is None else tuple(sorted(str(name) for name in members(merged["properties"])))

    def _merged(self, schema: str) -> Members | None:
        """A schema with the properties of all that it is put together of (`allOf`)."""
        properties: Members = {}
        required: list[object] = []
        waiting: list[object] = [self.schemas.get(schema)]
        seen: set[str] = set()
        while waiting:
            one = members(waiting.pop())
            if "oneOf" in one or "anyOf" in one:
                return None
            if "$ref" in one:
                name = name_in(one["$ref"])
                waiting += [self.schemas.get(name)] if name not in seen else []
                seen.add(name)
            own = members(one.get("properties"))
            properties = {**own, **properties}
            # Generators take a name for required where it is declared.
            required += [name for name in entries(one.get("required")) if str(name) in own]
            waiting += entries(one.get("allOf"))
        return {"properties": properties, "required": required}

    def said(self, common: frozenset[str]) -> Iterator[tuple[Key, Said]]:
        """Every element; `common` are names of schemas that both sides have."""
        yield ("info", "title"), Said("info.title", self.title, Grade.COSMETIC)
        yield ("info", "version"), Said("info.version", self.version, Grade.COSMETIC)
        for key, each in self.policies.get("", {}).items():
            yield ("info", key), Said("all operations", f"{key} = {_json(each)}", Grade.POLICY)
        words = Words(self.schemas, common)
        for path, item in members(self.document.get("paths")).items():
            for method, value in members(item).items():
                name = f"{method.upper()} {normalized(path)}"
                if isinstance(value, dict) and name in self.operations:
                    yield from self._operation(name, f"{method.upper()} {path}", members(item), value, words)
        for name in sorted(one for one in common & self.schemas.keys() if words.is_told(one)):
            yield (
                ("schema", name),
                Said(name, words.text(self.schemas[name], whole=False), Grade.WIRE),
            )
            merged = self._merged(name) or {}
            required = frozenset(str(one) for one in entries(merged.get("required")))
            for field, schema in members(merged.get("properties")).items():
                text = words.text(schema) + (" required" if field in required else "")
                yield ("field", name, field), Said(f"{name}.{field}", text, Grade.WIRE)

    def _operation(
        self, name: str, element: str, item: Members, value: Members, words: Words
    ) -> Iterator[tuple[Key, Said]]:
        yield ("operation", name), Said(element, name, Grade.WIRE)
        for parameter in (*entries(item.get("parameters")), *entries(value.get("parameters"))):
            one = members(parameter)
            kind = f"{one.get('in')} {one.get('name')}"
            if one.get("in") == "path":  # their names are not on the wire, their places are
                place = element.partition(f"{{{one.get('name')}}}")[0].count("{")
                kind = f"path parameter {place + 1}"
            text = f"{kind}: {words.text(one.get('schema'))}"
            text += " required" if one.get("required") is True else ""
            of = Grade.POLICY if kind.lower() == "header idempotency-key" else Grade.WIRE
            yield ("parameter", name, kind), Said(f"{element} {kind}", text, of)
        body = members(value.get("requestBody"))
        for media, content in members(body.get("content")).items():
            text = words.text(members(content).get("schema"))
            needed = " required" if body.get("required") is True else ""
            yield ("body", name, media), Said(f"{element} body {media}", text + needed, Grade.WIRE)
        for status, response in members(value.get("responses")).items():
            content = members(members(response).get("content"))
            if not content:
                yield ("response", name, str(status)), Said(f"{element} {status}", "no content", _of(status))
            for media, each in content.items():
                text = words.text(members(each).get("schema"))
                yield (
                    ("response", name, str(status), media),
                    Said(f"{element} {status} {media}", text, Grade.WIRE),
                )
        if "operationId" in value:  # some generators begin it with a capital
            told = str(value["operationId"])
            told = told[:1].lower() + told[1:]
            yield ("id", name), Said(f"{element} operationId", told, Grade.COSMETIC)
        for key, each in self.policies.get(name, {}).items():
            yield ("policy", name, key), Said(element, f"{key} = {_json(each)}", Grade.POLICY)


def _of(status: object) -> Grade:
    return Grade.WIRE if str(status).startswith("2") else Grade.COSMETIC


class Face(msgspec.Struct, frozen=True):
    """What tells descriptions apart: as in `Declared`, and cheap."""

    title: str
    bases: tuple[str, ...]
    operations: Mapping[str, str]


def face(description: Description) -> Face:
    """A description seen from outside."""
    title = str(members(description.top.get("info")).get("title", ""))
    return Face(title, tuple(_bases(description)), _names(description))


def _names(description: Description) -> dict[str, str]:
    operations = [one for one in description.operations if one.section == "paths"]
    return {f"{one.method.upper()} {normalized(one.path)}": f"{one.method} {one.path}" for one in operations}


def declared(description: Description) -> Declared:
    """What a description declares, of its paths; webhooks are what others are called by."""
    operations = [one for one in description.operations if one.section == "paths"]
    document = Bundle(description).document(operations)
    info = members(description.top.get("info"))
    policies = {
        f"{one.method.upper()} {normalized(one.path)}": _policies(description.value(one))
        for one in operations
    }
    policies[""] = _policies(description.top)
    return Declared(
        str(info.get("title", "")),
        str(info.get("version", "")),
        tuple(_bases(description)),
        _names(description),
        members(members(document["components"]).get("schemas")),
        document,
        policies,
    )


def _policies(value: Members) -> Members:
    return {key: each for key, each in value.items() if key.startswith(_POLICIES)}


def of_text(text: bytes) -> Declared:
    """The same of a description that a stub carries; `UndecidedError` where it is none."""
    path = "description.json" if text.lstrip()[:1] == b"{" else "description.yaml"
    return declared(Description(Library(Snapshot.of({path: text})), path))


def _bases(description: Description) -> Iterator[str]:
    if description.is_swagger:
        base = str(description.top.get("basePath", "")).rstrip("/")
        yield from [base] if base else []
    for server in entries(description.top.get("servers")):
        try:
            base = urlsplit(str(members(server).get("url", ""))).path.rstrip("/")
        except ValueError:
            continue
        if base:
            yield base


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)[:400]
