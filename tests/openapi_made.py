"""Descriptions and edits of them by a seeded generator: as varied as what people write, and of any number of
files."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

import yaml

Value = dict[str, Any]
TYPES = ("string", "integer", "boolean", "number")
WORDS = ("id", "total", "note", "status", "owner", "lines", "kind", "size", "rate/limit", "x.y", "items")


class Made:
    """A description as one value, and which of its schemas stand in files of their own."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.version = self.random.choice(("3.0.3", "3.0.3", "3.1.0"))
        self.top: Value = {
            "openapi": self.version,
            "info": {"title": "Made", "version": "1.0.0"},
            "servers": [{"url": "https://made.example/v1"}],
            "tags": [{"name": "one"}],
            "paths": {},
            "components": {"schemas": {}, "parameters": {}, "responses": {}, "securitySchemes": {}},
        }
        if self.random.random() < 0.5:
            self.top["security"] = [{"token": []}]
        self.top["components"]["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer"},
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        }
        self.names = [f"Schema{number}" for number in range(self.random.randint(3, 8))]
        self.outside = {name for name in self.names if self.random.random() < 0.3}
        for name in self.names:
            self.top["components"]["schemas"][name] = self.object(2)
        self.top["components"]["parameters"]["Page"] = self.parameter("page", "query")
        self.top["components"]["responses"]["Fault"] = self.response()
        for number in range(self.random.randint(3, 7)):
            path = f"/things{number}" + self.random.choice(("", "/{id}", "/{id}/parts/{part}"))
            self.top["paths"][path] = self.item(path)
        if self.version.startswith("3.1"):
            self.top["webhooks"] = {"shipped": {"post": self.operation("post", "hook")}}

    def schema(self, depth: int) -> Value:
        kind = self.random.random()
        if kind < 0.35:
            return {"$ref": f"#/components/schemas/{self.random.choice(self.names)}"}
        if depth <= 0 or kind < 0.6:
            return self.scalar()
        if kind < 0.72:
            return {"type": "array", "items": self.schema(depth - 1)}
        if kind < 0.8:
            key = self.random.choice(("oneOf", "anyOf", "allOf"))
            return {key: [self.schema(depth - 1) for _ in range(self.random.randint(1, 3))]}
        if kind < 0.86:
            return {"type": "object", "additionalProperties": self.schema(depth - 1)}
        return self.object(depth - 1)

    def scalar(self) -> Value:
        made: Value = {"type": self.random.choice(TYPES)}
        if made["type"] == "string" and self.random.random() < 0.4:
            made["enum"] = self.random.sample(["a", "b", "c", "d"], 2)
        elif made["type"] == "string" and self.random.random() < 0.4:
            made["maxLength"] = self.random.randint(1, 50)
        elif made["type"] == "integer" and self.random.random() < 0.4:
            made["minimum"] = self.random.randint(0, 9)
        return made

    def object(self, depth: int) -> Value:
        names = self.random.sample(WORDS, self.random.randint(1, 4))
        made: Value = {"type": "object", "properties": {name: self.schema(depth) for name in names}}
        if self.random.random() < 0.6:
            made["required"] = self.random.sample(names, self.random.randint(1, len(names)))
        return made

    def parameter(self, name: str, place: str) -> Value:
        made = {"name": name, "in": place, "schema": self.scalar()}
        return {**made, "required": True} if place == "path" or self.random.random() < 0.2 else made

    def content(self) -> Value:
        types = self.random.sample(
            ("application/json", "application/xml", "text/csv"), self.random.randint(1, 2)
        )
        return {media: {"schema": self.schema(2), "example": {"$ref": "#/nowhere"}} for media in types}

    def response(self) -> Value:
        made: Value = {"description": "…"}
        if self.random.random() < 0.8:
            made["content"] = self.content()
        if self.random.random() < 0.3:
            made["headers"] = {"X-Rate": {"schema": self.scalar()}}
        return made

    def operation(self, method: str, path: str) -> Value:
        made: Value = {"operationId": f"{method}-{path}-{self.random.random()}", "tags": ["one"]}
        made["parameters"] = [self.parameter(name, "query") for name in self.random.sample(WORDS, 2)]
        if self.random.random() < 0.5:
            made["parameters"].append({"$ref": "#/components/parameters/Page"})
        if method != "get":
            made["requestBody"] = {"content": self.content(), "required": self.random.random() < 0.5}
        made["responses"] = {"200": self.response(), "404": {"$ref": "#/components/responses/Fault"}}
        if self.random.random() < 0.3:
            made["security"] = self.random.choice(([{"key": []}], [{}], [{"token": []}, {"key": []}], []))
        if self.random.random() < 0.2:
            made["deprecated"] = True
        return made

    def item(self, path: str) -> Value:
        methods = self.random.sample(("get", "post", "put", "delete"), self.random.randint(1, 3))
        made: Value = {method: self.operation(method, "x") for method in methods}
        made["parameters"] = [self.parameter(name, "path") for name in re.findall(r"\{(\w+)\}", path)]
        return made

    def edited(self, times: int) -> Made:
        """Another one with some edits, of the same files."""
        other = copy.copy(self)
        other.top = copy.deepcopy(self.top)
        for _ in range(times):
            other.edit()
        return other

    def edit(self) -> None:
        edits: list[Callable[[], None]] = [self.edit_schema] * 6
        edits += [
            self.edit_paths,
            self.edit_operation,
            self.edit_operation,
            self.edit_operation,
            self.edit_top,
        ]
        self.random.choice(edits)()

    def edit_schema(self) -> None:
        schemas = [
            node
            for node in walk(self.top)
            if isinstance(node, dict) and isinstance(node.get("properties"), dict) and node["properties"]
        ]
        if not schemas:
            return
        node = self.random.choice(schemas)
        name = self.random.choice(list(node["properties"]))
        match self.random.randint(0, 6):
            case 0:
                del node["properties"][name]
                self.require(node, [each for each in node.get("required", []) if each != name])
            case 1:
                node["properties"][name] = self.schema(1)
            case 2:
                node["properties"]["added"] = self.scalar()
                node["required"] = [*node.get("required", []), "added"]
            case 3:
                node["required"] = sorted({*node.get("required", []), name})
            case 4:
                self.require(node, [])
            case 5:
                node["description"] = "other words"
            case _:
                node["properties"] = dict(reversed(node["properties"].items()))

    @staticmethod
    def require(node: Value, names: list[str]) -> None:
        """An empty list is not valid."""
        node.pop("required", None)
        if names:
            node["required"] = names

    def edit_paths(self) -> None:
        paths = self.top["paths"]
        path = self.random.choice(list(paths))
        methods = [key for key in paths[path] if key != "parameters"]
        match self.random.randint(0, 4):
            case 0 if len(paths) > 1:
                del paths[path]
            case 1 if methods:
                del paths[path][self.random.choice(methods)]
            case 2:
                item = paths[path.replace("{id}", "{thing}")] = paths.pop(path)
                for parameter in item["parameters"]:
                    parameter["name"] = parameter["name"].replace("id", "thing")
            case 3:
                added = f"/added{len(paths)}/{{id}}"
                paths[added] = self.item(added)
            case _:
                kept = [each for each in paths[path]["parameters"] if each["in"] == "path"]
                paths[path]["parameters"] = [*kept, self.parameter("all", "query")]

    def edit_operation(self) -> None:
        item = self.random.choice(list(self.top["paths"].values()))
        methods = [key for key in item if key != "parameters"]
        if not methods:
            return
        operation = item[self.random.choice(methods)]
        match self.random.randint(0, 7):
            case 0:
                operation["parameters"] = operation["parameters"][1:]
            case 1:
                operation["parameters"].append(self.parameter("extra", "query"))
            case 2:
                operation["responses"]["200"] = self.response()
            case 3:
                operation["responses"] = {"201": self.response()}
            case 4:
                operation["security"] = [{"key": []}]
            case 5:
                operation.pop("security", None)
            case 6:
                operation["operationId"] = f"other{self.random.random()}"
            case _:
                operation["requestBody"] = {"content": self.content(), "required": True}

    def edit_top(self) -> None:
        components = self.top["components"]
        match self.random.randint(0, 6):
            case 0:
                self.top["security"] = [{"key": []}]
            case 1:
                self.top.pop("security", None)
            case 2:
                components["securitySchemes"]["key"]["name"] = "X-Other"
            case 3:
                self.top["info"]["version"] = self.random.choice(("1.0.1", "2.0.0", "0.9.0"))
            case 4:
                self.top["servers"] = [{"url": "https://made.example/v2"}]
            case 5:
                components["schemas"]["Unused"] = self.object(1)
            case _:
                components["responses"]["Fault"] = self.response()

    def one_file(self, form: str) -> dict[str, str]:
        """The whole description in one file, `json` or `yaml`."""
        return {f"api.{form}": dumped(self.top, form)}

    def files(self, form: str) -> dict[str, str]:
        """The same in several files; schemas that stand outside are referred to."""
        top = copy.deepcopy(self.top)
        outside = {name: top["components"]["schemas"].pop(name) for name in sorted(self.outside)}
        files: dict[str, str] = {}
        for name, schema in outside.items():
            refer(
                schema,
                lambda other: (
                    f"{other}.{form}" if other in outside else f"../api.{form}#/components/schemas/{other}"
                ),
            )
            files[f"parts/{name}.{form}"] = dumped(schema, form)
        refer(
            top,
            lambda other: f"parts/{other}.{form}" if other in outside else f"#/components/schemas/{other}",
        )
        return {f"api.{form}": dumped(top, form), **files}


def walk(value: object) -> list[object]:
    """All values inside, itself first."""
    found = [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        found += walk(child)
    return found


def refer(value: object, where: Callable[[str], str]) -> None:
    """Point references to schemas somewhere else."""
    prefix = "#/components/schemas/"
    for node in walk(value):
        if isinstance(node, dict) and str(node.get("$ref", "")).startswith(prefix):
            node["$ref"] = where(str(node["$ref"]).removeprefix(prefix))


def dumped(value: object, form: str) -> str:
    if form == "json":
        return json.dumps(value, indent=2)
    plain = json.loads(json.dumps(value))  # no aliases
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
