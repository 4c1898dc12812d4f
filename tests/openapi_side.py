"""What tests of OpenAPI descriptions share: a small one, both sides compared, and the bare tool beside us."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from gotool import real

from workspai_hooks import rules
from workspai_hooks.breaking.openapi.comparison import OpenApiComparison, compare
from workspai_hooks.breaking.values import Break
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.tools.oasdiff import Oasdiff, resolve_oasdiff

Files = Mapping[str, str | bytes]

ORDERS = """\
openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: lang, in: query, schema: {type: string, maxLength: 20}}
    get:
      operationId: getOrder
      responses:
        "200":
          description: An order
          headers:
            X-Rate: {required: true, schema: {type: integer}}
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Order"}
  /orders:
    get:
      operationId: listOrders
      parameters:
        - {name: sort, in: query, schema: {type: string, enum: [name, price]}}
      responses:
        "200":
          description: All of them
          content:
            application/json:
              schema:
                type: array
                items: {$ref: "#/components/schemas/Order"}
    post:
      operationId: newOrder
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/NewOrder"}
          application/xml:
            schema: {$ref: "#/components/schemas/NewOrder"}
      responses:
        "201": {description: Kept}
components:
  schemas:
    Order:
      type: object
      required: [total]
      properties:
        total: {type: integer}
        note: {type: string}
        lines:
          type: array
          items: {$ref: "#/components/schemas/Line"}
    Line:
      type: object
      properties:
        sku: {type: string}
        size: {type: string, enum: [s, m]}
    NewOrder:
      type: object
      properties:
        sku: {type: string}
        quantity: {type: integer}
"""


def tool() -> Oasdiff:
    return real(resolve_oasdiff)


def edited(text: str, *edits: tuple[str, str]) -> str:
    """The text with each old part, which stands in it once, replaced."""
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def compared(base: Files, head: Files, changed: tuple[str, ...] | None = None) -> OpenApiComparison:
    """Our answer; what changed is what differs where it is not said."""
    paths = {path for path in (*base, *head) if base.get(path) != head.get(path)}
    return compare(Snapshot.of(base, "base"), Snapshot.of(head), changed or paths, tool())


def named(fault: Break) -> str:
    """Rule and element of a break."""
    return f"{rules.BY_ID[fault.rule].name} {fault.element}"


def told(base: Files, head: Files) -> list[str]:
    """Rules and elements of all breaks, sorted; nothing may stay open."""
    answer = compared(base, head)
    assert answer.undecided == answer.base_errors == ()
    return sorted(map(named, answer.breaks))


def line_of(text: str, part: str) -> int:
    """The line of a part that stands in a text once."""
    assert text.count(part) == 1, f"{part!r} stands {text.count(part)} times"
    return text[: text.index(part)].count("\n") + 1


def bare(folder: Path, base: str, head: str, *flags: str, files: tuple[Files, Files] = ({}, {})) -> list[str]:
    """The ids that the tool itself gives for two files, without anything of ours around it."""
    for side, text, others in (("base", base, files[0]), ("head", head, files[1])):
        for path, content in {"api.yaml": text, **others}.items():
            file = folder / side / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
    argv = [tool().path, "changelog", "--format", "json", *flags, "base/api.yaml", "head/api.yaml"]
    done = subprocess.run(argv, cwd=folder, check=True, capture_output=True, timeout=60)
    return sorted(row["id"] for row in json.loads(done.stdout))
