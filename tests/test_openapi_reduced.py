"""What oasdiff says of the reduced pair is what it says of the whole: over made descriptions and edits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from openapi_made import Made
from openapi_side import compared, tool

from workspai_hooks.tools.oasdiff import NotMergedError, Row, changes


def whole(folder: Path, base: Mapping[str, str], head: Mapping[str, str], root: str) -> tuple[Row, ...]:
    """oasdiff's answer on all files of both sides."""
    for side, files in (("base", base), ("head", head)):
        for path, text in files.items():
            file = folder / side / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    try:
        return changes(tool(), folder / "base" / root, folder / "head" / root)
    except NotMergedError as error:
        return error.rows


def told(rows: tuple[Row, ...]) -> set[tuple[str, str, str]]:
    return {(row.id, row.operation, row.path) for row in rows}


@pytest.mark.parametrize("form", ["yaml", "json"])
@pytest.mark.parametrize("seed", range(30))
def test_reduced_and_whole_give_the_same_rows(seed: int, form: str, tmp_path: Path) -> None:
    made = Made(seed)
    base, head = made.files(form), made.edited(1 + seed % 5).files(form)
    root = f"api.{form}"
    expected = whole(tmp_path, base, head, root)
    answer = compared(base, head)
    assert told(tuple(row for _, row in answer.rows)) == told(expected)
