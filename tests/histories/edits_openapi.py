"""Edits of OpenAPI descriptions and of the files that they refer to."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import yaml

from histories.edits import Changes, Edit, Table
from histories.layout import Layout
from histories.parts import FIELDS, dumped
from histories.repository import Files

METHODS = ("get", "put", "post", "delete", "patch")
Value = dict[str, Any]
OneFile = Callable[[Random, Value], bool]
PARTS = ("schemas.yaml", "schemas.json", "orders.yaml", "orders.json")


def read(path: str, text: bytes) -> Any:
    return json.loads(text) if path.endswith(".json") else yaml.safe_load(text)


def is_description(path: str, text: bytes) -> bool:
    if not path.endswith((".yaml", ".yml", ".json")) or b"openapi" not in text:
        return False
    try:
        value = read(path, text)
    except (ValueError, yaml.YAMLError):
        return False
    return isinstance(value, dict) and "openapi" in value


def documents(files: Files) -> list[str]:
    """Descriptions, and what made repositories keep beside them."""
    found = [path for path, text in files.items() if is_description(path, text)]
    parts = [path for path in files if path.rpartition("/")[2] in PARTS] if found else []
    return sorted({*found, *parts})


def _in_one_file(edit: OneFile) -> Edit:
    def run(rng: Random, files: Files, layout: Layout) -> Changes | None:
        paths = documents(files)
        if not paths:
            return None
        path = rng.choice(paths)
        try:
            value = read(path, files[path])
        except (ValueError, yaml.YAMLError):  # an edit before this one saw to that
            return None
        return {path: dumped(value, path)} if edit(rng, value) else None

    return run


def walk(value: Any) -> Iterator[Value]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from walk(each)
    elif isinstance(value, list):
        for each in value:
            yield from walk(each)


def objects(value: Any) -> list[Value]:
    return [one for one in walk(value) if isinstance(one.get("properties"), dict) and "type" in one]


def operations(value: Any) -> list[tuple[Value, str]]:
    return [
        (one, method) for one in walk(value) for method in METHODS if "responses" in (one.get(method) or ())
    ]


def _property(
    rng: Random, value: Any, wanted: Callable[[Any], bool] = lambda _: True
) -> tuple[Value, str] | None:
    found = [
        (one, name) for one in objects(value) for name, schema in one["properties"].items() if wanted(schema)
    ]
    return rng.choice(found) if found else None


def add_property(rng: Random, value: Value) -> bool:
    found = objects(value)
    if not found:
        return False
    one = rng.choice(found)
    name = rng.choice([each for each in FIELDS if each not in one["properties"]])
    one["properties"][name] = {"type": rng.choice(("string", "integer", "boolean"))}
    if rng.random() < 0.35:
        one["required"] = [*one.get("required", ()), name]
    return True


def remove_property(rng: Random, value: Value) -> bool:
    chosen = _property(rng, value)
    if chosen is None or len(chosen[0]["properties"]) < 2:
        return False
    one, name = chosen
    del one["properties"][name]
    left = [each for each in one.get("required", ()) if each != name]
    if "required" in one:
        if left:
            one["required"] = left
        else:
            del one["required"]
    return True


def rename_property(rng: Random, value: Value) -> bool:
    chosen = _property(rng, value)
    if chosen is None:
        return False
    one, name = chosen
    new = rng.choice([each for each in FIELDS if each not in one["properties"]])
    one["properties"] = {(new if key == name else key): each for key, each in one["properties"].items()}
    if "required" in one:
        one["required"] = [new if key == name else key for key in one["required"]]
    return True


def retype_property(rng: Random, value: Value) -> bool:
    chosen = _property(
        rng, value, lambda schema: schema.get("type") in ("string", "integer", "boolean", "number")
    )
    if chosen is None:
        return False
    one, name = chosen
    old = one["properties"][name]["type"]
    one["properties"][name] = {
        "type": rng.choice([each for each in ("string", "integer", "number") if each != old])
    }
    return True


def require(rng: Random, value: Value) -> bool:
    """A property becomes required or optional."""
    chosen = _property(rng, value)
    if chosen is None:
        return False
    one, name = chosen
    required = [*one.get("required", ())]
    required = [each for each in required if each != name] if name in required else [*required, name]
    if required:
        one["required"] = required
    else:
        one.pop("required", None)
    return True


def bound(rng: Random, value: Value) -> bool:
    chosen = _property(rng, value, lambda schema: schema.get("type") in ("string", "integer"))
    if chosen is None:
        return False
    schema = chosen[0]["properties"][chosen[1]]
    key = "maxLength" if schema["type"] == "string" else "maximum"
    if "enum" in schema:
        return False
    if key in schema and rng.random() < 0.3:
        del schema[key]
    else:
        schema[key] = rng.choice((10, 100, 200, 1000))
    return True


def change_enum(rng: Random, value: Value) -> bool:
    found = [one for one in walk(value) if isinstance(one.get("enum"), list)]
    if not found:
        return False
    one = rng.choice(found)
    if len(one["enum"]) > 1 and rng.random() < 0.5:
        one["enum"] = one["enum"][:-1]
    else:
        one["enum"] = [*one["enum"], f"new{rng.randrange(100)}"]
    return True


def prose(rng: Random, value: Value) -> bool:
    found = [method[0][method[1]] for method in operations(value)] or objects(value)
    if not found:
        return False
    rng.choice(found)["description"] = f"It is told here, {rng.randrange(1000)}."
    return True


def reorder(rng: Random, value: Value) -> bool:
    found = [one for one in objects(value) if len(one["properties"]) > 1]
    if not found:
        return False
    one = rng.choice(found)
    rows = list(one["properties"].items())
    rng.shuffle(rows)
    one["properties"] = dict(rows)
    return True


def add_operation(rng: Random, value: Value) -> bool:
    found = operations(value)
    if not found:
        return False
    item, method = rng.choice(found)
    free = [one for one in METHODS if one not in item and one != "post"]
    if not free:
        return False
    item[rng.choice(free)] = {
        "operationId": f"added{rng.randrange(10000)}",
        **({"parameters": copy.deepcopy(item[method]["parameters"])} if "parameters" in item[method] else {}),
        "responses": {"204": {"description": "done"}},
    }
    return True


def add_path(rng: Random, value: Value) -> bool:
    if "paths" not in value:
        return False
    name = f"/{rng.choice(FIELDS)}{rng.randrange(100)}"
    value["paths"][name] = {
        "get": {"operationId": f"path{rng.randrange(10000)}", "responses": {"204": {"description": "ok"}}}
    }
    return True


def remove_operation(rng: Random, value: Value) -> bool:
    found = [(item, method) for item, method in operations(value) if sum(m in item for m in METHODS) > 1]
    if not found:
        return False
    item, method = rng.choice(found)
    del item[method]
    return True


def remove_path(rng: Random, value: Value) -> bool:
    paths = value.get("paths", {})
    if len(paths) < 2:
        return False
    del paths[rng.choice(list(paths))]
    return True


def rename_path(rng: Random, value: Value) -> bool:
    paths = value.get("paths", {})
    if not paths:
        return False
    old = rng.choice(list(paths))
    new = f"/v2{old}" if rng.random() < 0.5 else f"{old}/now"
    value["paths"] = {(new if path == old else path): item for path, item in paths.items()}
    return True


def add_parameter(rng: Random, value: Value) -> bool:
    found = operations(value)
    if not found:
        return False
    item, method = rng.choice(found)
    listed = item[method].setdefault("parameters", [])
    name = rng.choice([one for one in FIELDS if all(each.get("name") != one for each in listed)])
    required = rng.random() < 0.4
    listed.append({"name": name, "in": "query", "required": required, "schema": {"type": "string"}})
    return True


def _parameters(value: Any) -> list[tuple[Value, int]]:
    return [
        (one, number)
        for one in walk(value)
        for number, each in enumerate(one.get("parameters") or ())
        if isinstance(each, dict) and each.get("in") == "query"
    ]


def change_parameter(rng: Random, value: Value) -> bool:
    found = _parameters(value)
    if not found:
        return False
    owner, number = rng.choice(found)
    one = owner["parameters"][number]
    kind = rng.randrange(3)
    if kind == 0:
        one["required"] = not one.get("required", False)
    elif kind == 1:
        one["schema"] = {"type": rng.choice(("string", "integer", "boolean"))}
    else:
        del owner["parameters"][number]
        if not owner["parameters"]:
            del owner["parameters"]
    return True


def change_status(rng: Random, value: Value) -> bool:
    found = operations(value)
    if not found:
        return False
    item, method = rng.choice(found)
    answers = item[method]["responses"]
    if rng.random() < 0.5 and len(answers) > 1:
        del answers[rng.choice(list(answers))]
    else:
        answers[rng.choice(("400", "409", "202"))] = {"description": "another answer"}
    return True


def change_servers(rng: Random, value: Value) -> bool:
    if "openapi" not in value:
        return False
    value["servers"] = [{"url": f"https://host{rng.randrange(9)}.example"}]
    return True


def deprecate(rng: Random, value: Value) -> bool:
    found = operations(value)
    if not found:
        return False
    item, method = rng.choice(found)
    item[method]["deprecated"] = True
    return True


def rename_description(rng: Random, files: Files, layout: Layout) -> Changes | None:
    """A description under another name, sometimes with an edit besides, sometimes in the other notation."""
    paths = [path for path, text in files.items() if is_description(path, text)]
    if not paths:
        return None
    path = rng.choice(sorted(paths))
    stem, _, suffix = path.rpartition(".")
    refers = b"schemas." in files[path]
    kind = suffix if refers or rng.random() < 0.6 else ("json" if suffix == "yaml" else "yaml")
    new = f"{stem}-public.{kind}" if kind == suffix else f"{stem}.{kind}"
    if new in files:
        return None
    value = read(path, files[path])
    if rng.random() < 0.4:
        remove_property(rng, value)
    return {path: None, new: dumped(value, new)}


def delete_description(rng: Random, files: Files, layout: Layout) -> Changes | None:
    paths = sorted(path for path, text in files.items() if is_description(path, text))
    return {rng.choice(paths): None} if paths else None


def other_style(rng: Random, files: Files, layout: Layout) -> Changes | None:
    """Another indentation, the keys of schemas sorted: nothing changes."""
    paths = documents(files)
    if not paths:
        return None
    path = rng.choice(paths)
    value = read(path, files[path])
    if path.endswith(".json"):
        return {path: json.dumps(value, indent=rng.choice((None, 1, 4))).encode()}
    return {path: yaml.safe_dump(value, sort_keys=rng.random() < 0.5, indent=rng.choice((2, 4))).encode()}


def no_yaml(rng: Random, files: Files, layout: Layout) -> Changes | None:
    """It can't be read any more: an open question."""
    paths = documents(files)
    if not paths:
        return None
    path = rng.choice(paths)
    return {path: files[path] + (b"}" if path.endswith(".json") else b"\n: [")}


ONE_FILE: dict[str, tuple[int, OneFile]] = {
    "property added": (5, add_property),
    "property removed": (4, remove_property),
    "property renamed": (2, rename_property),
    "property retyped": (3, retype_property),
    "property required": (3, require),
    "property bounded": (2, bound),
    "enumeration changed": (3, change_enum),
    "prose": (4, prose),
    "reordered": (3, reorder),
    "operation added": (2, add_operation),
    "path added": (2, add_path),
    "operation removed": (2, remove_operation),
    "path removed": (1, remove_path),
    "path renamed": (1, rename_path),
    "parameter added": (2, add_parameter),
    "parameter changed": (2, change_parameter),
    "status changed": (2, change_status),
    "servers changed": (1, change_servers),
    "operation deprecated": (1, deprecate),
}
TABLE: Table = {
    **{name: (weight, _in_one_file(edit)) for name, (weight, edit) in ONE_FILE.items()},
    "description renamed": (2, rename_description),
    "description deleted": (1, delete_description),
    "description restyled": (2, other_style),
    "description unreadable": (1, no_yaml),
}
