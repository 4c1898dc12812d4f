"""What oasdiff alone misses in silence (each asserted with the bare tool), and what we say of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from conftest import Scratch
from openapi_side import ORDERS, bare, compared, edited, line_of, named, told, tool

from workspai_hooks import rules

RETYPED = edited(ORDERS, ("total: {type: integer}", "total: {type: string}"))


def test_a_renamed_description_that_breaks(tmp_path: Path) -> None:
    scratch = Scratch.init(tmp_path / "repo").write({"api.yaml": ORDERS})
    scratch.commit("base")
    scratch.repo.git.mv("api.yaml", "openapi.yaml")
    scratch.write({"openapi.yaml": RETYPED})
    scratch.commit("renamed")
    argv = [tool().path, "changelog", "--format", "json", "HEAD~1:openapi.yaml", "HEAD:openapi.yaml"]
    done = subprocess.run(argv, cwd=scratch.root, check=False, capture_output=True, timeout=60)
    assert done.returncode != 0 or done.stdout.strip() in (
        b"",
        b"[]",
    )  # no such file before: nothing to compare
    base = compared({"api.yaml": ORDERS}, {"openapi.yaml": RETYPED})
    (fault,) = base.breaks
    assert named(fault) == "type-changed GET /orders#response.200.total"
    assert fault.location.path == "openapi.yaml"
    assert fault.base_location is not None
    assert fault.base_location.path == "api.yaml"
    assert base.undecided == ()


ROOT = """\
openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders:
    get:
      responses:
        "200":
          description: All of them
          content:
            application/json:
              schema: {$ref: "parts/order.yaml#/Order"}
"""
PART = """\
Order:
  type: object
  required: [total]
  properties:
    total: {type: integer}
"""


def test_a_change_in_a_fragment_that_a_description_reaches(tmp_path: Path) -> None:
    argv = [tool().path, "changelog", "--format", "json", "base.yaml", "head.yaml"]
    (tmp_path / "base.yaml").write_text(PART)
    (tmp_path / "head.yaml").write_text(PART.replace("integer", "string"))
    done = subprocess.run(argv, cwd=tmp_path, check=False, capture_output=True, timeout=60)
    assert done.stdout.strip() in (b"", b"[]")  # only the fragment is what a hook is given
    base = {"api.yaml": ROOT, "other/api.yaml": ROOT.replace("parts/", "../parts/"), "parts/order.yaml": PART}
    head = {**base, "parts/order.yaml": PART.replace("integer", "string")}
    answer = compared(base, head)
    assert [named(fault) for fault in answer.breaks] == [
        "type-changed api.yaml::GET /orders#response.200.total",
        "type-changed other/api.yaml::GET /orders#response.200.total",
    ]
    for fault in answer.breaks:
        assert (fault.location.path, fault.location.line) == ("parts/order.yaml", 5)


SWAGGER = """\
swagger: "2.0"
info: {title: Orders, version: "1"}
host: orders.example
basePath: /v1
consumes: [application/json]
produces: [application/json]
parameters:
  lang: {name: lang, in: query, type: string, maxLength: 20}
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, type: string}
      - {$ref: "#/parameters/lang"}
    get:
      responses:
        "200":
          description: An order
          headers:
            X-Rate: {type: integer}
          schema: {$ref: "#/definitions/Order"}
    put:
      parameters:
        - {name: order, in: body, required: true, schema: {$ref: "#/definitions/Order"}}
      responses:
        "204": {description: Kept}
  /files:
    post:
      consumes: [multipart/form-data]
      parameters:
        - {name: upload, in: formData, type: file, required: true}
        - {name: title, in: formData, type: string}
      responses:
        "201": {description: Kept}
definitions:
  Order:
    type: object
    required: [total]
    properties:
      total: {type: integer}
      note: {type: string}
"""


def test_what_swagger_2_says_of_types_and_bodies(tmp_path: Path) -> None:
    head = edited(SWAGGER, ("total: {type: integer}", "total: {type: string}"))
    assert not [id for id in bare(tmp_path, SWAGGER, head, "--flatten-params") if id.startswith("response")]
    answer = compared({"api.yaml": SWAGGER}, {"api.yaml": head})
    (fault,) = answer.breaks
    assert named(fault) == "type-changed GET /orders/{id}#response.200.total"
    assert fault.operations == ("GET /orders/{id}", "PUT /orders/{id}")
    assert "PUT /orders/{id}#request.total" in fault.reaches
    assert fault.location.line == line_of(head, "total: {type: string}")
    assert answer.undecided == ()


def test_what_else_breaks_in_swagger_2() -> None:
    head = edited(
        SWAGGER,
        ("in: query, type: string, maxLength: 20", "in: query, type: integer"),
        ("            X-Rate: {type: integer}\n", "            X-Rate: {type: string}\n"),
        ("in: formData, type: string", "in: formData, type: string, required: true"),
        ("      note: {type: string}\n", ""),
        ("consumes: [application/json]\nproduces", "consumes: [application/xml]\nproduces"),
    )
    assert told({"api.yaml": SWAGGER}, {"api.yaml": head}) == [
        "parameter-type-changed GET /orders/{id}#query.lang",
        "property-became-required POST /files#request.title",
        "property-removed GET /orders/{id}#response.200.note",
        "request-media-type-removed PUT /orders/{id}#request.media:application/json",
        "response-header-changed GET /orders/{id}#response.200.header:X-Rate",
    ]


def test_a_renamed_path_hides_nothing_of_its_bodies(tmp_path: Path) -> None:
    head = edited(
        ORDERS, ("  /orders:\n", "  /v2/orders:\n"), ("quantity: {type: integer}", "quantity: {type: string}")
    )
    assert "request-property-type-changed" not in bare(tmp_path, ORDERS, head, "--flatten-params")
    answer = compared({"api.yaml": ORDERS}, {"api.yaml": head})
    assert sorted(map(named, answer.breaks)) == [
        "operation-renamed GET /orders",
        "operation-renamed POST /orders",
        "type-changed POST /orders#request.quantity",
    ]
    renamed = {fault.element: fault.renamed_to for fault in answer.breaks}
    assert renamed["GET /orders"] == "GET /v2/orders"


def test_a_path_without_its_operation_id_is_known_by_its_version() -> None:
    plain = ORDERS.replace("      operationId: newOrder\n", "")
    base = edited(plain, ("  /orders:\n", "  /v1/orders:\n"))
    head = edited(
        plain, ("  /orders:\n", "  /v2/orders:\n"), ("quantity: {type: integer}", "quantity: {type: string}")
    )
    assert "type-changed POST /v1/orders#request.quantity" in told({"api.yaml": base}, {"api.yaml": head})


def test_a_parameter_that_is_only_called_otherwise_is_no_break_and_hides_none(tmp_path: Path) -> None:
    head = edited(ORDERS, ("/orders/{id}:", "/orders/{order}:"), ("{name: id,", "{name: order,"))
    assert told({"api.yaml": ORDERS}, {"api.yaml": head}) == []
    worse = edited(head, ("total: {type: integer}", "total: {type: string}"))
    assert told({"api.yaml": ORDERS}, {"api.yaml": worse}) == ["type-changed GET /orders#response.200.total"]


def test_parameters_of_a_path_are_its_operations(tmp_path: Path) -> None:
    head = edited(ORDERS, ("maxLength: 20", "maxLength: 10"))
    assert bare(tmp_path, ORDERS, head) == []
    assert told({"api.yaml": ORDERS}, {"api.yaml": head}) == [
        "parameter-tightened GET /orders/{id}#query.lang",
    ]


def test_rules_of_the_misses_exist() -> None:
    for name in ("operation-renamed", "description-removed", "server-removed"):
        assert rules.BY_NAME[name].contract == "openapi"


HOOKS = """\
openapi: 3.1.0
info: {title: Orders, version: "1"}
paths:
  /watch:
    post:
      callbacks:
        moved:
          "{$request.body#/url}":
            post:
              requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Event"}}}}
              responses: {"200": {description: Heard}}
      responses: {"201": {description: Kept}}
webhooks:
  shipped:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Event"}}}}
      responses: {"200": {description: Heard}}
components:
  schemas:
    Event:
      type: object
      required: [id]
      properties:
        id: {type: string}
        kind: {type: string, enum: [a, b]}
"""


def test_who_is_told_reads_what_is_sent(tmp_path: Path) -> None:
    """oasdiff takes a webhook's body for what a client sends, and looks at no callback."""
    head = edited(HOOKS, ("      required: [id]\n", ""), ("enum: [a, b]", "enum: [a, b, c]"))
    assert not [
        id for id in bare(tmp_path, HOOKS, head) if "enum-value-added" not in id and "optional" not in id
    ]
    answer = compared({"api.yaml": HOOKS}, {"api.yaml": head})
    assert sorted(map(named, answer.breaks)) == [
        "property-became-optional POST callback:moved (POST /watch)#request.id",
        "value-added POST callback:moved (POST /watch)#request.kind",
    ]
    assert answer.breaks[0].operations == (
        "POST callback:moved (POST /watch)",
        "POST webhook:shipped",
    )
    more = edited(
        HOOKS,
        ("      required: [id]\n", "      required: [id, at]\n"),
        ("        kind:", "        at: {type: string}\n        kind:"),
    )
    assert "new-required-request-property" in bare(tmp_path, HOOKS, more)
    assert told({"api.yaml": HOOKS}, {"api.yaml": more}) == []


def test_a_callback_or_a_webhook_that_goes() -> None:
    lines = HOOKS[HOOKS.index("      callbacks:") : HOOKS.index('      responses: {"201"')]
    assert told({"api.yaml": HOOKS}, {"api.yaml": edited(HOOKS, (lines, ""))}) == [
        "webhook-removed POST callback:moved (POST /watch)"
    ]
    lines = HOOKS[HOOKS.index("webhooks:") : HOOKS.index("components:")]
    assert told({"api.yaml": HOOKS}, {"api.yaml": edited(HOOKS, (lines, ""))}) == [
        "webhook-removed POST webhook:shipped"
    ]


SHAPES = """\
openapi: 3.0.3
info: {title: Shapes, version: "1"}
paths:
  /shapes:
    get:
      responses:
        "200":
          description: Some
          content:
            application/json:
              schema:
                oneOf:
                  - type: object
                    properties: {circle: {$ref: "#/components/schemas/Colour"}}
                  - type: object
                    properties: {square: {$ref: "#/components/schemas/Colour"}}
components:
  schemas:
    Colour: {type: object, properties: {red: {type: integer}, blue: {type: integer}}}
"""


def test_alternatives_without_names_hide_nothing_that_changed_in_them(tmp_path: Path) -> None:
    head = edited(SHAPES, ("red: {type: integer}, ", ""))
    assert set(bare(tmp_path, SHAPES, head)) == {"response-body-one-of-added", "response-body-one-of-removed"}
    answer = compared({"api.yaml": SHAPES}, {"api.yaml": head})
    assert [named(fault) for fault in answer.breaks] == [
        "property-removed GET /shapes#response.200.circle.red"
    ]
    assert answer.breaks[0].reaches == (
        "GET /shapes#response.200.circle.red",
        "GET /shapes#response.200.square.red",
    )
