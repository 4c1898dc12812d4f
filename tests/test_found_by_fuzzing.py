"""What hostile input did to readers until it was mended: a test for each, named by what it was."""

from __future__ import annotations

import contextlib

import pytest

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.contracts.openapi.difference import differing
from workspai_hooks.contracts.openapi.json_text import JsonLines
from workspai_hooks.contracts.openapi.library import Library
from workspai_hooks.contracts.protobuf.bufconfig import read_modules
from workspai_hooks.contracts.protobuf.describe import describe
from workspai_hooks.contracts.protobuf.images import as_imports, files_of, renamed
from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools import buf, git, staged


@pytest.mark.parametrize(
    "answer",
    [
        b"\x0a",
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x0a\x7f123",
        b"no image at all",
        b"\x0a\x04\x0a\x02\xff\xfe",
        # a field that is part of a oneof which its message has not
        b"\x0a\x16\x0a\x07a.proto\x22\x0b\x0a\x01A\x12\x06\x0a\x01xH\x80\x10",
    ],
)
@pytest.mark.parametrize("number", range(4))
def test_an_image_that_is_none_ended_in_a_traceback(answer: bytes, number: int) -> None:
    readers = (
        lambda: list(files_of(answer)),
        lambda: as_imports(answer, ["a.proto"]),
        lambda: renamed(answer, {"a": "b"}),
        lambda: describe(answer, ["a.proto"], lambda path: path),
    )
    with contextlib.suppress(UndecidedError):
        readers[number]()


@pytest.mark.parametrize("answer", [b":100644 100644 a b\0path\0", b"words\0path\0", b":1 2 3 4 M\0"])
def test_rows_of_git_that_are_none_ended_in_a_traceback(answer: bytes) -> None:
    with pytest.raises(UndecidedError, match="no row"):
        list(git._differences(answer))


def test_rows_of_git_that_are_cut_off_ended_in_a_traceback_at_a_glance() -> None:
    with pytest.raises(OSError, match="no row"):
        staged._rows(":100644 100644\0path\0")


def test_an_endless_column_of_buf_ended_in_a_traceback() -> None:
    with pytest.raises(UndecidedError):
        buf.read_rows(b'{"path": "a", "start_column": 1e400, "type": "A", "message": "m"}')


DESCRIPTION = """\
openapi: 3.0.3
info: {title: A, version: "1"}
paths:
  /a:
    get:
      responses:
        "200":
          description: an answer
          content: {application/json: {schema: {$ref: "parts/a.yaml"}}}
"""


def test_a_file_that_a_description_refers_to_and_that_neither_side_has_ended_in_a_traceback() -> None:
    changed = DESCRIPTION.replace("an answer", "another")
    base, head = (
        Description(Library(Snapshot.of({"a.yaml": text})), "a.yaml") for text in (DESCRIPTION, changed)
    )
    assert [one.element for one in differing(base, head).head] == ["GET /a"]


def test_lines_of_json_that_nests_too_deeply_ended_in_a_traceback() -> None:
    assert JsonLines(b"[" * 100_000).find(("0", "0")) is None


@pytest.mark.parametrize(
    "text", ["? !!int :\n: x\n", "version: !!timestamp x\n", "a: !!binary é\n", "? [a]\n: b\n"]
)
def test_tags_in_bufs_configuration_ended_in_a_traceback(text: str) -> None:
    read_modules(Snapshot.of({"buf.yaml": text}))


def test_bufs_configuration_without_a_word_says_nothing() -> None:
    for text in ("", "# nothing\n", "---\n"):
        modules, undecided = read_modules(Snapshot.of({"buf.yaml": text}))
        assert [module.root for module in modules] == [""]
        assert undecided == ()
