"""RT19 retry-after-missing."""

from __future__ import annotations

import json

import pytest

from resilience.scenes import policies, view
from workspai_hooks.contracts.openapi.library import read_text
from workspai_hooks.resilience.checks.retry_after_missing import find
from workspai_hooks.resilience.reading import Fault

BLOCK = """\
openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders:
    get:
      responses:
        "200": {description: ok}
        "429":
          description: too many requests
    post:
      responses:
        '429': {$ref: '#/components/responses/Slow'}
        503:
          description: |
            not now
          content: {}
    put:
      responses:
        '429': {$ref: '#/components/responses/Slow'}
    delete:
      responses:
        '429': {description: well, headers: {retry-after: {schema: {type: integer}}}}
        '503': {$ref: '#/components/responses/Told'}
components:
  responses:
    Slow:
        headers:
            RateLimit-Reset:
                schema: {type: integer}
        description: slow down
    Told:
      description: later
      headers:
        Retry-After: {$ref: '#/components/headers/After'}
  headers:
    After: {schema: {type: integer}}
"""
FLOW = "{openapi: 3.0.3, paths: {/a: {get: {responses: {'503': {description: no}}}}}}\n"
INLINE = """\
swagger: "2.0"
paths:
  /a:
    get:
      responses:
        429: {description: no, headers: {X-Left: {type: integer}}}
"""


def faults(text: str, name: str = "api.yaml") -> list[Fault]:
    return list(find(view({name: text})))


def mended(text: str, found: list[Fault]) -> str:
    """The text with all fixes in it."""
    lines = text.split("\n")
    edits = [edit for one in found if one.fix for edit in one.fix.edits]
    assert len(edits) == len(found)
    for edit in sorted(edits, key=lambda one: -one.line):
        assert lines[edit.line - 1 :][: len(edit.removed)] == list(edit.removed)
        lines[edit.line - 1 : edit.line - 1 + len(edit.removed)] = edit.added
    return "\n".join(lines)


def test_one_a_response_and_one_a_shared_response_with_its_operations() -> None:
    found = faults(BLOCK)
    assert [(one.element, one.location.line) for one in found] == [
        ("GET /orders#response.429", 8),
        ("file:api.yaml#components.responses.Slow", 26),
        ("POST /orders#response.503", 13),
    ]
    assert found[1].operations == ("POST /orders", "PUT /orders")
    assert "RateLimit-Reset alone" in found[1].message


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (BLOCK, "api.yaml"),
        (INLINE, "api.yaml"),
        (FLOW, "api.yaml"),
        (json.dumps(read_text(BLOCK.encode()), indent=4), "api.json"),
        (json.dumps(read_text(INLINE.encode())), "api.json"),
    ],
)
def test_the_fix_adds_the_header_and_nothing_else(text: str, name: str) -> None:
    after = mended(text, faults(text, name))
    assert faults(after, name) == []
    assert set(after.split("\n")) >= set(text.split("\n")) or "\n" not in text.strip() or text is INLINE


def test_the_lines_are_indented_as_the_file_is() -> None:
    after = mended(BLOCK, faults(BLOCK))
    assert (
        '        "429":\n          headers:\n            Retry-After:\n              schema:\n'
        "                type: integer\n          description: too many requests\n"
    ) in after
    assert (
        "        headers:\n            Retry-After:\n                schema:\n"
        "                    type: integer\n            RateLimit-Reset:\n"
    ) in after
    assert "429: {description: no, headers: {Retry-After: {type: integer}, X-Left:" in mended(
        INLINE, faults(INLINE)
    )


def test_what_leads_nowhere_is_an_open_question() -> None:
    text = "openapi: 3.0.3\npaths:\n  /a:\n    get:\n      responses: {'429': {$ref: '#/nowhere'}}\n"
    assert faults(text) == []
    assert [one.what for one in policies({"api.yaml": text}).undecided] == ["api.yaml:5"]


def test_other_statuses_are_no_fault() -> None:
    assert faults("openapi: 3.0.3\npaths: {/a: {get: {responses: {'500': {description: no}}}}}") == []
