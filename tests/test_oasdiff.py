"""The real oasdiff: what it is asked, what its answer becomes, and what it must not read or reach."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from gotool import real, script

from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools import oasdiff
from workspai_hooks.tools.oasdiff import NotMergedError, Oasdiff, Place, Row, changes


@pytest.fixture(scope="module")
def tool() -> Oasdiff:
    return real(oasdiff.resolve_oasdiff)


BOOKS = """\
openapi: 3.0.3
info: {title: Books, version: "1"}
paths:
  /books/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: lang, in: query, schema: {type: string, maxLength: 20}}
    get:
      operationId: getBook
      responses:
        "200":
          description: A book
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Book"}
    post:
      requestBody:
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Book"}
      responses:
        "204": {description: Kept}
components:
  schemas:
    Thing:
      type: object
      properties:
        owner: {type: string}
    Book:
      type: object
      required: [title]
      properties:
        title: {type: string}
        pages: {type: integer}
"""


def write(folder: Path, base: str, head: str) -> tuple[Path, Path]:
    for side, text in (("base", base), ("head", head)):
        (folder / side).mkdir(exist_ok=True)
        (folder / side / "api.yaml").write_text(text)
    return folder / "base" / "api.yaml", folder / "head" / "api.yaml"


def edited(text: str, *edits: tuple[str, str]) -> str:
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def short(rows: tuple[Row, ...]) -> list[str]:
    return [f"{row.operation} {row.path} {row.id}".strip() for row in rows]


def test_two_equal_descriptions_have_no_row(tool: Oasdiff, tmp_path: Path) -> None:
    assert changes(tool, *write(tmp_path, BOOKS, BOOKS)) == ()


def test_a_removed_property_is_a_row_an_operation_with_its_places(tool: Oasdiff, tmp_path: Path) -> None:
    head = edited(BOOKS, ("        title: {type: string}\n", ""), ("      required: [title]\n", ""))
    rows = changes(tool, *write(tmp_path, BOOKS, head))
    assert rows == tuple(sorted(rows))
    (removed,) = (row for row in rows if row.id == "response-required-property-removed")
    assert (removed.operation, removed.path, removed.operation_id) == ("GET", "/books/{id}", "getBook")
    assert (removed.level, removed.section) == (3, "paths")
    assert "`title`" in removed.text
    assert removed.base == Place("api.yaml", BOOKS[: BOOKS.index("title: {")].count("\n") + 1, 9)
    assert removed.revision == Place()
    assert [row.operation for row in rows if row.id == "request-property-removed"] == ["POST"]


def test_changes_that_break_nobody_are_rows_too(tool: Oasdiff, tmp_path: Path) -> None:
    head = edited(BOOKS, ("pages: {type: integer}", "pages: {type: integer}\n        isbn: {type: string}"))
    rows = changes(tool, *write(tmp_path, BOOKS, head))
    assert {row.level for row in rows} == {1}
    assert "GET /books/{id} response-optional-property-added" in short(rows)


def test_a_parameter_of_a_path_is_one_of_its_operations(tool: Oasdiff, tmp_path: Path) -> None:
    rows = changes(tool, *write(tmp_path, BOOKS, edited(BOOKS, ("maxLength: 20", "maxLength: 10"))))
    assert short(rows) == [
        f"{method} /books/{{id}} request-parameter-max-length-decreased" for method in ("GET", "POST")
    ]


def test_json_has_no_lines(tool: Oasdiff, tmp_path: Path) -> None:
    head = edited(BOOKS, ("pages: {type: integer}", "pages: {type: string}"))
    base, head_path = write(tmp_path, *(json.dumps(yaml.safe_load(text)) for text in (BOOKS, head)))
    (row, _) = changes(tool, base, head_path)
    assert row.id == "response-property-type-changed" or row.id == "request-property-type-changed"
    assert (row.base.line, row.revision.line) == (0, 0)


def test_a_change_in_a_file_that_is_referred_to_is_told_there(tool: Oasdiff, tmp_path: Path) -> None:
    root = edited(
        BOOKS,
        ("    Book:\n" + BOOKS.partition("    Book:\n")[2], "    Book: {$ref: 'parts/book.yaml'}\n"),
    )
    base, head = write(tmp_path, root, root)
    for path, kind in ((base, "integer"), (head, "string")):
        (path.parent / "parts").mkdir()
        part = f"type: object\nproperties:\n  pages: {{type: {kind}}}\n"
        (path.parent / "parts" / "book.yaml").write_text(part)
    rows = changes(tool, base, head)
    assert {(row.base.file, row.base.line) for row in rows} == {("parts/book.yaml", 3)}
    assert {row.revision.file for row in rows} == {"parts/book.yaml"}


INCLUDING = edited(
    BOOKS,
    (
        "      type: object\n      required: [title]\n      properties:\n        title",
        "      allOf:\n        - $ref: '#/components/schemas/Thing'\n        - type: object\n"
        "          required: [title]\n          properties:\n            title",
    ),
    ("        pages:", "            pages:"),
)
"""A book is a thing, and more."""


def test_a_property_that_moves_to_what_is_included_is_no_change(tool: Oasdiff, tmp_path: Path) -> None:
    head = edited(
        INCLUDING,
        ("            pages: {type: integer}\n", ""),
        (
            "        owner: {type: string}\n",
            "        owner: {type: string}\n        pages: {type: integer}\n",
        ),
    )
    assert changes(tool, *write(tmp_path, INCLUDING, head)) == ()


def test_a_property_that_a_branch_beside_its_own_requires_became_required(
    tool: Oasdiff, tmp_path: Path
) -> None:
    """Branch by branch nothing changes: `owner` is of the one, `required` of the other."""
    head = edited(INCLUDING, ("required: [title]", "required: [title, owner]"))
    rows = changes(tool, *write(tmp_path, INCLUDING, head))
    assert short(rows) == [
        "GET /books/{id} response-property-became-required",
        "POST /books/{id} request-property-became-required",
    ]


def test_a_change_under_an_all_of_keeps_its_place_and_its_level(tool: Oasdiff, tmp_path: Path) -> None:
    head = edited(INCLUDING, ("pages: {type: integer}", "pages: {type: string}"))
    (asked, answered) = changes(tool, *write(tmp_path, INCLUDING, head))[::-1]
    line = INCLUDING[: INCLUDING.index("pages:")].count("\n") + 1
    for row in (asked, answered):
        assert (row.level, row.disclaimers) == (3, ())
        assert (row.base.line, row.revision.line) == (line, line)
        assert "allOf" not in row.text


def test_what_merging_leaves_out_stays(tool: Oasdiff, tmp_path: Path) -> None:
    """A discriminator of an included schema is dropped when branches are merged."""
    with_kinds = edited(
        INCLUDING,
        (
            "    Thing:\n      type: object\n",
            "    Thing:\n      type: object\n"
            "      discriminator: {propertyName: owner, mapping: {b: '#/components/schemas/Book'}}\n",
        ),
    )
    rows = changes(tool, *write(tmp_path, with_kinds, edited(with_kinds, ("mapping: {b:", "mapping: {c:"))))
    assert "GET /books/{id} response-property-discriminator-mapping-deleted" in short(rows)


def test_an_all_of_that_contradicts_itself_is_undecided_and_tells_the_rest(
    tool: Oasdiff, tmp_path: Path
) -> None:
    broken = edited(
        INCLUDING,
        ("        - type: object\n          required", "        - type: string\n          required"),
    )
    head = edited(broken, ("pages: {type: integer}", "pages: {type: string}"))
    with pytest.raises(NotMergedError, match="allOf") as caught:
        changes(tool, *write(tmp_path, broken, head))
    assert "agree" in caught.value.undecided.remedy
    assert str(tmp_path) not in caught.value.undecided.why
    assert [row.id for row in caught.value.rows if row.disclaimers]


def test_the_same_said_in_another_version_of_openapi_is_no_change(tool: Oasdiff, tmp_path: Path) -> None:
    base = edited(BOOKS, ("pages: {type: integer}", "pages: {type: integer, nullable: true}"))
    head = edited(
        BOOKS,
        ("openapi: 3.0.3", "openapi: 3.1.0"),
        ("pages: {type: integer}", "pages: {type: [integer, 'null']}"),
    )
    assert changes(tool, *write(tmp_path, base, head)) == ()


def test_an_operation_that_is_marked_alpha_is_compared(tool: Oasdiff, tmp_path: Path) -> None:
    base = edited(BOOKS, ("      operationId: getBook\n", "      x-stability-level: alpha\n"))
    rows = changes(
        tool, *write(tmp_path, base, edited(base, ("pages: {type: integer}", "pages: {type: string}")))
    )
    assert "GET /books/{id} response-property-type-changed" in short(rows)


def test_paths_that_differ_in_a_parameters_name_alone_are_compared(tool: Oasdiff, tmp_path: Path) -> None:
    twice = edited(
        BOOKS,
        (
            "components:\n",
            "  /books/{name}:\n    get:\n"
            "      parameters:\n"
            "        - {name: name, in: path, required: true, schema: {type: string, maxLength: 9}}\n"
            "      responses: {'200': {description: Another}}\ncomponents:\n",
        ),
    )
    rows = changes(tool, *write(tmp_path, twice, edited(twice, ("maxLength: 9", "maxLength: 8"))))
    assert short(rows) == ["GET /books/{name} request-parameter-max-length-decreased"]


def test_a_schema_that_several_properties_share_says_so(tool: Oasdiff, tmp_path: Path) -> None:
    base = edited(
        BOOKS,
        (
            "        pages: {type: integer}\n",
            "".join(f"        {one}: {{$ref: '#/components/schemas/Thing'}}\n" for one in "ab"),
        ),
    )
    head = edited(base, ("owner: {type: string}", "owner: {type: integer}"))
    row = changes(tool, *write(tmp_path, base, head))[0]
    assert (row.shared.name, row.shared.properties, row.shared.count) == ("Thing", ("a/owner", "b/owner"), 2)


def test_settings_of_oasdiff_in_the_repository_or_the_environment_are_not_obeyed(
    tool: Oasdiff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, head = write(tmp_path, BOOKS, edited(BOOKS, ("maxLength: 20", "maxLength: 10")))
    for folder in (base.parent, head.parent, tmp_path):
        (folder / ".oasdiff.yaml").write_text("match-path: nothing\n")
    monkeypatch.setenv("OASDIFF_CONFIG", str(tmp_path / ".oasdiff.yaml"))
    monkeypatch.chdir(tmp_path)
    assert changes(tool, base, head)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("openapi: 3.0.3\npaths: [\n", "failed to load head"),
        ("openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths: {/a: {$ref: 'gone.yaml'}}\n", "gone.yaml"),
        (
            "openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths: {/a: {$ref: 'http://a.invalid/b.yaml'}}\n",
            "a.invalid",
        ),
        ("\0\0\0", "failed to load"),
        ("x-a: " + "[" * 50_000, "failed to load"),
        (
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + "".join(
                f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]\n"
                for a, b in zip("abcdefghi", "bcdefghij", strict=True)
            ),
            "excessive aliasing",
        ),
    ],
    ids=["yaml", "missing", "network", "nul", "deep", "aliases"],
)
def test_one_that_can_not_be_loaded_is_undecided_in_oasdiffs_words(
    tool: Oasdiff, tmp_path: Path, text: str, why: str
) -> None:
    with pytest.raises(UndecidedError) as caught:
        changes(tool, *write(tmp_path, BOOKS, text))
    told = caught.value.undecided
    assert why.replace("head", "revision") in told.why
    assert "api.yaml" in told.why
    assert str(tmp_path) not in told.why
    assert told.remedy


def test_a_description_of_one_file_reads_no_other(tool: Oasdiff, tmp_path: Path) -> None:
    """An escaped key that no look at the text finds."""
    (tmp_path / "secret.yaml").write_text("get: {responses: {'200': {description: Secret}}}\n")
    escaped = edited(BOOKS, ("components:\n", '  /s: {"\\u0024ref": "../secret.yaml"}\ncomponents:\n'))
    with pytest.raises(UndecidedError, match="external"):
        changes(tool, *write(tmp_path, BOOKS, escaped))


def test_a_name_that_oasdiff_would_take_for_a_revision_is_undecided(tool: Oasdiff, tmp_path: Path) -> None:
    path = tmp_path / "HEAD:api.yaml"
    path.write_text(BOOKS)
    with pytest.raises(UndecidedError, match="colon"):
        changes(tool, path, path)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("echo broken >&2; exit 1", "exit code 1: broken"),
        ("kill -9 $$", "signal 9"),
        ("echo nonsense", "no row"),
        ("echo '[1]'", "no row"),
        ("""echo '[{"id": "a"}]'""", "no row"),
        ("echo 'fatal error: runtime: out of memory' >&2; exit 2", "MiB of memory"),
        ("exit 102", "said nothing"),
    ],
)
def test_one_that_fails_is_named(tmp_path: Path, body: str, why: str) -> None:
    broken = Oasdiff(str(script(tmp_path, body, "oasdiff")), "1.35.0", "PATH")
    with pytest.raises(UndecidedError) as caught:
        changes(broken, *write(tmp_path, BOOKS, BOOKS))
    assert caught.value.undecided.what == "oasdiff"
    assert why in caught.value.undecided.why


def test_rows_are_read_whatever_their_order() -> None:
    rows = [
        {"id": "b", "text": "B", "level": 1, "section": "paths"},
        {"id": "a", "text": "A", "level": 3, "operation": "GET", "path": "/x", "unknown": {}},
    ]
    read = [
        oasdiff.read_rows(json.dumps(each).encode(), Path("/a"), Path("/b")) for each in (rows, rows[::-1])
    ]
    assert read[0] == read[1]
    assert [row.id for row in read[0]] == ["b", "a"]
