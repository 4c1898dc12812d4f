"""YAML and JSON as plain values: what the tool behind us reads, with lines, and what hostile text meets."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from openapi_side import ORDERS

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi import yaml_blocks
from workspai_hooks.contracts.openapi.bounds import MAX_DEPTH, Twice, Unreadable
from workspai_hooks.contracts.openapi.json_text import JsonLines, read_json
from workspai_hooks.contracts.openapi.library import Library, read_text
from workspai_hooks.contracts.openapi.outline import outline
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.contracts.openapi.yaml_blocks import lines_of
from workspai_hooks.contracts.openapi.yaml_text import read_yaml, yaml_lines
from workspai_hooks.source import Location
from workspai_hooks.store import Store


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("2024-01-01", "2024-01-01"),
        ("1:30", "1:30"),
        ("true", True),
        ("~", None),
        ("", None),
        ("007", 7),
        ("0x1f", 31),
        ("1_000", 1000),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".inf", ".inf"),
        ("1.2.3", "1.2.3"),
        ('"1"', "1"),
        ("!!str 1", "1"),
        ('!!int "1"', 1),
        ("!other 1", "1"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    assert read_yaml(f"a: {text}\n".encode()) == {"a": value}


def test_keys_are_text_as_it_is_written() -> None:
    assert read_yaml(b"200: a\n1.0: b\ntrue: c\n? d\n: e\n") == {
        "200": "a",
        "1.0": "b",
        "true": "c",
        "d": "e",
    }


def test_aliases_and_merge_keys() -> None:
    text = b"a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, x: 3}\nd: {<<: [{z: 4}, *a]}\n"
    assert read_yaml(text) == {
        "a": {"x": 1, "y": 2},
        "b": {"x": 1, "y": 2},
        "c": {"x": 3, "y": 2},
        "d": {"x": 1, "y": 2, "z": 4},
    }


def test_carriage_returns_and_a_byte_order_mark_change_nothing() -> None:
    plain = b"a: 1\nb:\n  - c\n"
    assert read_text(b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n")) == read_yaml(plain)
    assert read_text(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_a_text_that_begins_like_json_may_be_flow_style() -> None:
    text = b"{a: 1, # said\n b: [2]}"
    assert read_text(text) == {"a": 1, "b": [2]}
    library = Library(Snapshot.of({"a.yaml": text}))
    assert library.location(Place("a.yaml", ("b", "0"))) == Location("a.yaml", 2, 6)


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        (b"a: 1\nb: 2\na: 3\n", "'a' stands twice", 3),
        (b"a:\n  b: 1\n  c: 2\n  b: 3\n", "'b' stands twice", 4),
        (b'{"a": 1,\n "b": 2,\n "a": 3}', "'a' stands twice", 3),
        (b'{"a" :1,\n "a" :3}', "'a' stands twice", 2),
        (b"a: &a [*a]\n", "inside of what it names", 1),
        (b"a: &a 1\n--- \nb: *a\n", "more than one document", 2),
        (b"---\na: 1\n---\nb: 2\n", "more than one document", 3),
        (b"a: *b\n", "names nothing in this document", 1),
        (b"a: 1\n? [b]\n: 2\n", "a key that is no text", 2),
        (b"a: 1\nb: \xff\n", "", 2),
        (b"a: 1\nb: \x00\n", "", 2),
        (b"a:\n\t- b\n", "", 2),
        (b"a: {<<: 1}\n", "merge key", 1),
        (b"# nothing\n", "holds no document", 1),
        (b'{"a": 1,\n "b" 2}', "", 2),
        (b'{"a": "\xff"}', "", 1),
    ],
)
def test_what_can_not_be_read_is_told_with_its_line(text: bytes, why: str, line: int) -> None:
    with pytest.raises(Unreadable) as caught:
        read_text(text)
    assert why in str(caught.value)
    assert caught.value.line == line


def test_keys_that_stand_twice_can_be_read_all_the_same() -> None:
    for text in (b"a: 1\na: 2\n", b'{"a": 1, "a": 2}'):
        assert read_text(text, strict=False) == {"a": 2}
        with pytest.raises(Twice):
            read_text(text)


def test_quotes_inside_of_keys_and_values_are_no_second_key() -> None:
    text = rb'{"a\":": "x\":", "b\\": ["\":", "a"], "c": {"a": 1}, "\u0064\u0022": 1}'
    assert read_json(text) == {'a":': 'x":', "b\\": ['":', "a"], "c": {"a": 1}, 'd"': 1}


BOMBS = {
    "aliases": b"a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n"
    + b"\n".join(b"a%d: &a%d [%s]" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12)),
    "merges": b"a0: &a0 {k: 1}\n"
    + b"\n".join(b"a%d: &a%d {<<: [%s]}" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12)),
    "flow depth": b"[" * 200_000,
    "json depth": b'{"a":' * 200_000,
    "sequence depth": b"- " * 5_000 + b"x",
    "block depth": b"\n".join(b" " * n + b"a:" for n in range(2_000)),
    "long line": b"a: " + b"x" * 5_000_000,
    "many anchors": b"\n".join(b"a%d: &a%d x" % (n, n) for n in range(50_000)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_end_soon(name: str) -> None:
    began = time.process_time()
    with suppress(Unreadable):
        read_text(BOMBS[name])
    assert time.process_time() - began < 8


def test_nesting_is_bounded() -> None:
    deep = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert read_yaml(deep)
    with pytest.raises(Unreadable, match="deep"):
        read_yaml(b"[" + deep + b"]")


def test_lines_of_values_are_those_of_their_keys() -> None:
    text = "a: 1\nb:\n  - c: 2\n    d/e: {f: 3}\n  - ä: 4\n".encode()
    wanted = [("a",), ("b", "0", "c"), ("b", "0", "d/e", "f"), ("b", "1"), ("b", "1", "ä"), ("z",)]
    assert yaml_lines(text, wanted) == {
        ("a",): (1, 1),
        ("b", "0", "c"): (3, 5),
        ("b", "0", "d/e", "f"): (4, 11),
        ("b", "1"): (5, 5),
        ("b", "1", "ä"): (5, 5),
    }


def test_lines_of_json_values() -> None:
    text = '{"a": 1,\n "b": [{"c": 2,\n  "d/e": {"ä": "é",\n "f": 3}},\n  4]}'.encode()
    lines = JsonLines(text)
    assert [lines.find(pointer) for pointer in [("a",), ("b", "0", "c"), ("b", "0", "d/e", "ä")]] == [
        (1, 2),
        (2, 9),
        (3, 11),
    ]
    assert lines.find(("b", "0", "d/e", "f")) == (4, 2)
    assert lines.find(("b", "1")) == (5, 3)
    assert lines.find(("b", "2")) is None
    assert lines.find(("a", "x")) is None


def test_many_lines_of_json_are_found_by_an_index() -> None:
    text = "{" + ",\n".join(f'"k{n}": {n}' for n in range(200)) + "}"
    lines = JsonLines(text.encode())
    assert [lines.find((f"k{n}",)) for n in range(200)] == [(n + 1, 1 if n else 2) for n in range(200)]


FILLS = {
    "newlines": b"openapi: 3.0.0\n" + b"\n" * 60_000,
    "spaces": b"openapi: 3.0.0" + b" " * 60_000,
    "comments": b"#\n" * 30_000 + b"x",
    "markers": b"---\n" * 15_000,
    "open braces": b"{" * 60_000,
    "spaced object": b"{" + b" " * 60_000,
    "references": b"$ref: " * 10_000,
    "quoted references": b"$ref: '" * 8_000,
    "open reference": b"$ref:" + b"\n" * 60_000,
    "escaped quotes": b'{"' + b'\\"' * 30_000,
    "versions": b"openapi: 3." * 6_000,
    "quotes": b'"' * 60_000,
    "colons": b'" :' * 20_000,
}


@pytest.mark.parametrize("name", FILLS)
def test_glances_at_a_text_are_linear(name: str) -> None:
    began = time.process_time()
    outline(FILLS[name])
    JsonLines(FILLS[name]).find(("a", "b"))
    yaml_lines(FILLS[name], [("a", "b")])
    assert time.process_time() - began < 3


ODD = [
    ORDERS,
    ORDERS.replace("\n", "\r\n"),
    ORDERS.replace("  /orders:\n", "  '/orders':   # said\n"),
    ORDERS.replace("  /orders/{id}:\n", '  "/orders/{id}":\n'),
    ORDERS.replace("components:\n", "x-text: |\n  /orders:\n    get: none\ncomponents:\n"),
    ORDERS.replace("description: An order", 'description: "An\n  /orders:\n    get: none\n          order"'),
    ORDERS.replace("    Line:\n", "    Line: &line\n").replace(
        "    NewOrder:\n", "    Other: *line\n    NewOrder:\n"
    ),
    "# first\n---\n" + ORDERS,
    ORDERS.replace("\npaths:", "\n\n  # said\npaths:"),
]


@pytest.mark.parametrize("number", range(len(ODD)))
def test_lines_by_blocks_are_those_of_the_whole(number: int) -> None:
    data = ODD[number].encode()
    value = read_yaml(data, strict=False)
    pointers = list(pointers_of(value))
    assert len(pointers) > 100
    library = Library(Snapshot.of({"a.yaml": data}))
    by_block = lines_of(data, pointers, lambda pointer: library.at(Place("a.yaml", pointer)))
    assert by_block == yaml_lines(data, [pointer for pointer in pointers if pointer])


@pytest.mark.parametrize("number", range(len(ODD)))
def test_lines_that_are_kept_are_those_of_the_text_as_it_is(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text moves, loses what it had, and gets it back."""
    monkeypatch.setattr(yaml_blocks, "_KEPT_FROM", 0)
    store = Store()
    data = ODD[number].encode()
    for text in (data, b"# more\n" + data, data.replace(b"      operationId", b"      operationID"), data):
        value = read_yaml(text, strict=False)
        pointers = list(pointers_of(value))
        library = Library(Snapshot.of({"a.yaml": text}))
        found = lines_of(text, pointers, lambda pointer, of=library: of.at(Place("a.yaml", pointer)), store)
        assert found == yaml_lines(text, [pointer for pointer in pointers if pointer])


def pointers_of(value: object, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [above, *(found for name, child in children for found in pointers_of(child, (*above, str(name))))]
