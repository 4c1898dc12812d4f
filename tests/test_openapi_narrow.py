"""Of a large description only what differs is read: what is asked of oasdiff, and what comes of it, is what
reading all of it gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from openapi_made import Made
from openapi_side import ORDERS, compared, edited

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi import narrow
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.contracts.openapi.library import Library
from workspai_hooks.contracts.openapi.narrow import Narrowed, narrowed, pieces_or_none, value_of
from workspai_hooks.contracts.openapi.pieces import SPLIT, SPLIT_TWICE, Pieces, beside, pieces_of
from workspai_hooks.contracts.openapi.reduced import Reduced, reduce

PATH = "api.json"


@pytest.fixture(autouse=True)
def _of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrow, "WORTH_BYTES", 0)


def cut(base: bytes, head: bytes) -> Narrowed:
    return narrowed(base, head, lambda: pieces_or_none(base))


def read(base: bytes, head: bytes, *, whole: bool) -> Reduced:
    """What oasdiff is shown."""
    found = Narrowed() if whole else cut(base, head)
    libraries = [Library(Snapshot.of({PATH: text}, text[:1].decode())) for text in (base, head)]
    if not found.is_whole:
        libraries[0].narrow(PATH, value_of(base, found.base, found.base_names), dict(found.base))
        libraries[1].narrow(PATH, value_of(head, found.head, found.head_names), dict(found.head))
    return reduce(*(Description(one, PATH) for one in libraries))


def more(made: Made) -> Made:
    """What descriptions have besides: callbacks, discriminators, paths that are alike, references into
    operations, security and servers of an operation's own."""
    random, top = made.random, made.top
    paths, components = top["paths"], top["components"]
    names = list(components["schemas"])
    first = random.choice(list(paths))
    one = next(value for key, value in paths[first].items() if key != "parameters")
    schemas = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    mapping = {"a": schemas[0]["$ref"]}
    either = {"oneOf": schemas[:2], "discriminator": {"propertyName": "kind", "mapping": mapping}}
    answers = f"#/paths/{first.replace('/', '~1')}/{next(iter(paths[first]))}/responses"
    kinds: list[Callable[[], object]] = [
        lambda: one.update(callbacks={"done": {"{$url}": {"post": made.operation("post", "told")}}}),
        lambda: components["schemas"].update(Either=either),
        lambda: one["responses"].update({"202": {"$ref": "#/components/responses/Fault"}}),
        lambda: paths.update({f"/same/{{{name}}}": made.item(f"/same/{{{name}}}") for name in "ab"}),
        lambda: components["schemas"].update(Inside={"$ref": answers}),
        lambda: one.update(requestBody={"content": {"application/json": {"schema": schemas[-1]}}}),
        lambda: one.update(parameters=[{"$ref": "#/components/parameters/Page"}]),
        lambda: one.update(servers=[{"url": "https://elsewhere.example"}]),
        lambda: one.update(security=[{"key": []}, {}]),
        lambda: top.update({"x-other": schemas[0]}),
    ]
    for each in random.sample(kinds, random.randint(1, 5)):
        each()
    return made


SHAPES: list[dict[str, Any]] = [
    {"indent": 2},
    {"separators": (",", ":")},
    {"indent": "\t", "ensure_ascii": False},
]


def texts(seed: int) -> tuple[bytes, bytes]:
    """Both sides. No reference leads nowhere: reading the whole shows oasdiff operations with such ones
    though they are the same, and it may then tell a circle another way."""
    base = more(Made(seed))
    head = base.edited(Random(seed).randint(1, 3))
    if seed % 4 == 0:  # a path item behind a reference, which differs or not
        items = base.item("/shared"), base.item("/shared")
        for side, item in zip((base, head), (items[0], items[seed % 8 // 4]), strict=True):
            side.top["components"]["pathItems"] = {"Shared": item}
            side.top["paths"]["/shared"] = {"$ref": "#/components/pathItems/Shared"}
    shape = SHAPES[seed % 3]
    sides = (json.dumps(one.top, **shape).replace("#/nowhere", "#/info") for one in (base, head))
    return next(sides).encode(), next(sides).encode()


@pytest.mark.parametrize("seed", range(0, 400, 20))
def test_what_is_shown_is_the_same(seed: int) -> None:
    for each in range(seed, seed + 20):
        base, head = texts(each)
        ours, whole = read(base, head, whole=False), read(base, head, whole=True)
        assert ours.differing == whole.differing, each
        assert (json.loads(ours.base), json.loads(ours.head)) == (
            json.loads(whole.base),
            json.loads(whole.head),
        ), each


def test_most_edits_leave_something_out() -> None:
    """Else the test above shows nothing."""
    sizes = [(cut(*texts(seed)), pieces_of(texts(seed)[0])) for seed in range(60)]
    left_out = [len(found.base) < len(pieces.spans) for found, pieces in sizes if not found.is_whole]
    assert (len(left_out) > 30, sum(left_out) > 20) == (True, True)


@pytest.mark.parametrize("seed", range(1000, 1006))
def test_the_answer_is_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With lines, elements and open questions, by the real tool."""
    base, head = texts(seed)
    ours = compared({PATH: base}, {PATH: head})
    monkeypatch.setattr(narrow, "WORTH_BYTES", 1 << 30)
    assert ours == compared({PATH: base}, {PATH: head})


def test_a_text_with_one_other_piece_is_not_cut_anew() -> None:
    base = json.dumps({"openapi": "3.0.3", "paths": {"/a": {"get": {}}, "/b": {"x": 1}}}, indent=1).encode()
    head = base.replace(b'"x": 1', b'"x": [1, 2]')
    found = beside(base, pieces_of(base), head)
    assert found == (Pieces(pieces_of(head).spans), {("paths", "/b")})


@pytest.mark.parametrize(
    "text",
    [
        b'{"paths": {"/a": {}, "/a": {"x": 1}}}',
        b'{"paths": {"/a": {"x": 1}, "/a": {}}}',
        b'{"info": 1, "info": 1}',
        b'{"paths": {"/a": 1}} x',
        b'{"paths": {"/a": "\xff"}}',
        b'{"paths": {"/a": tru}}',
        b'{"paths": []}',
        b"paths: {}",
        b"",
        b"{",
    ],
)
def test_what_does_not_come_apart_is_read_as_a_whole(text: bytes) -> None:
    assert not pieces_or_none(text).spans


@pytest.mark.parametrize("seed", range(4))
def test_damaged_texts_come_apart_as_they_are_read(seed: int) -> None:
    """Wherever pieces are told, they are the values that reading the whole gives, and no key stands twice
    around them."""
    random, told = Random(seed), 0
    for _ in range(400):
        text = bytearray(texts(random.randrange(40))[0][: random.choice((400, 100_000))])
        for _ in range(random.randint(0, 2)):
            at, other = random.randrange(len(text)), random.randrange(len(text))
            piece = random.choice(
                (b"", b'"paths": {},', b'"/a": 1,', b" ", b"}", bytes(text[other : other + 60]))
            )
            text[at : at + random.choice((0, 0, 1))] = piece
        pieces = pieces_or_none(bytes(text))
        if pieces.spans:
            whole = json.loads(text)
            value = value_of(bytes(text), tuple(pieces.spans.items()), ())
            assert without_empty(value) == without_empty(whole)
            assert list(pieces.spans.values()) == sorted(pieces.spans.values())
            told += 1
    assert told > 50


def without_empty(top: dict[str, Any]) -> object:
    """A description without its containers that hold nothing, which are no pieces."""
    kept = {name: value for name, value in top.items() if name not in SPLIT or value}
    inner = {kind: value for kind, value in top.get(SPLIT_TWICE, {}).items() if value}
    return {name: value for name, value in kept.items() if name != SPLIT_TWICE} | {SPLIT_TWICE: inner}


@pytest.mark.parametrize(
    "ref", ["other.json#/x", "#", "#/components", "#/paths", "https://example.com/a.json"]
)
def test_references_that_may_lead_anywhere_are_read_as_a_whole(ref: str) -> None:
    base = json.dumps({"openapi": "3.0.3", "paths": {"/a": {"get": {"x": {"$ref": ref}}}}}).encode()
    assert cut(base, base.replace(b'"get"', b'"put"')).is_whole


def test_a_key_that_newly_stands_twice_is_told() -> None:
    base = json.dumps({"openapi": "3.0.3", "info": {}, "paths": {"/a": {"get": {"responses": {}}}}})
    head = base.replace('"responses": {}', '"responses": {}, "tags": [], "tags": []')
    asked = [one.why for one in compared({PATH: base}, {PATH: head}).undecided]
    assert asked[:1] == ["the key 'tags' stands twice"]


def test_yaml_is_read_as_a_whole() -> None:
    head = edited(ORDERS, ("maxLength: 20", "maxLength: 10"))
    assert cut(ORDERS.encode(), head.encode()).is_whole


@pytest.mark.parametrize(
    "ref", ["#/paths/~1a", "#%2Fpaths%2F~1a", "api.json#/paths/~1a", "./api.json#/paths/~1a", "other.json#/x"]
)
def test_whoever_stands_on_the_operation_breaks_with_it(ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its place, by that in escapes, by the file's own name, through another file."""
    answer = {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "string"}}}}}
    paths = {"/a": {"get": {"responses": answer}}, "/b": {"$ref": ref}}
    top = {"openapi": "3.0.3", "info": {"title": "a", "version": "1"}, "paths": paths}
    base = json.dumps(top)
    files = {"other.json": json.dumps({"x": {"$ref": "api.json#/paths/~1a"}})}
    sides = {PATH: base, **files}, {PATH: base.replace('"string"', '"integer"'), **files}
    ours = compared(*sides)
    assert "GET /b" in repr(ours.breaks), "told with the operation that it is"
    monkeypatch.setattr(narrow, "WORTH_BYTES", 1 << 30)
    assert ours == compared(*sides)
