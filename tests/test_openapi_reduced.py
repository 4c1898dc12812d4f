"""What oasdiff says of the reduced pair is what it says of the whole: over made descriptions and edits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from openapi_made import Made
from openapi_side import compared, tool

from workspai_hooks.breaking.openapi.alternatives import is_unnamed
from workspai_hooks.breaking.openapi.events import is_about_body
from workspai_hooks.breaking.openapi.pinned import judged
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


def breaking(rows: list[Row]) -> set[str]:
    """The rules of rows that break something and are told as they are: not what a webhook sends (events.py),
    and not what may become another row (alternatives.py)."""
    told_so = (row for row in rows if not is_about_body(row) and not is_unnamed(row))
    return {row.id for row in told_so if judged(row) is not None}


@pytest.mark.parametrize(("seed", "form"), [(seed, ("yaml", "json")[seed % 3 == 0]) for seed in range(30)])
def test_reduced_and_whole_give_the_same_rows(seed: int, form: str, tmp_path: Path) -> None:
    """The whole is shown in one file: of circles that lead through several files oasdiff unrolls a part, and
    tells alternatives removed and added in it that are the same."""
    made = Made(seed)
    other = made.edited(1 + seed % 5)
    expected = told(whole(tmp_path, made.one_file(form), other.one_file(form), f"api.{form}"))
    for base, head in ((made.one_file(form), other.one_file(form)), (made.files(form), other.files(form))):
        answer = compared(base, head)
        assert told(tuple(row for _, row in answer.rows)) == expected
        assert answer.undecided == answer.base_errors == ()
        assert breaking([row for _, row in answer.rows]) <= {
            id for fault in answer.breaks for id in fault.upstream_rules
        }
