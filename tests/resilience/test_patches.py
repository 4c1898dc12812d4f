"""Fixes as a diff that git takes."""

from __future__ import annotations

import difflib
from pathlib import Path
from random import Random

import pytest
from conftest import Scratch

from resilience.scenes import bookshop, policies
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.resilience.patches import patch_of
from workspai_hooks.resilience.reading import Edit, Fix


def applied(tmp_path: Path, files: dict[str, str], fixes: list[Fix]) -> dict[str, str]:
    made = Scratch.init(tmp_path / "x").write({"seed": "", **files})
    patch = tmp_path / "patch"
    patch.write_bytes(patch_of(Snapshot.of(files), fixes).text.encode())
    made.repo.git.apply(str(patch))
    paths = {edit.path for fix in fixes for edit in fix.edits} | set(files)
    return {path: (made.root / path).read_bytes().decode() for path in sorted(paths)}


@pytest.mark.parametrize("text", ["a\nb\nc\n", "a\nb\nc", "a\r\nb\r\nc\r\n"])
def test_lines_that_go_and_come(tmp_path: Path, text: str) -> None:
    fixes = [Fix("x", (Edit("f", 2, ("b",), ("B", "BB")),)), Fix("y", (Edit("f", 4, (), ("d",)),))]
    end = "\r\n" if "\r" in text else "\n"
    assert applied(tmp_path, {"f": text}, fixes) == {"f": end.join(("a", "B", "BB", "c", "d", ""))}


def test_a_file_that_is_not_there_yet(tmp_path: Path) -> None:
    head = Edit("new.yaml", 1, (), ("top:",))
    fixes = [Fix(one, (head, Edit("new.yaml", 1, (), (f"  - {one}",)))) for one in ("a", "b")]
    assert applied(tmp_path, {}, fixes) == {"new.yaml": "top:\n  - a\n  - b\n"}


def test_of_two_fixes_of_one_line_the_first() -> None:
    fixes = [Fix("x", (Edit("f", 1, ("a",), ("A",)),)), Fix("y", (Edit("f", 1, ("a",), ("Z",)),))]
    patch = patch_of(Snapshot.of({"f": "a\n"}), fixes)
    assert ("+A" in patch.text, [one.what for one in patch.left]) == (True, ["y"])


def test_a_line_that_is_not_as_it_was() -> None:
    patch = patch_of(Snapshot.of({"f": "a\n"}), [Fix("x", (Edit("f", 1, ("b",), ("A",)),))])
    assert (patch.text, len(patch.left)) == ("", 1)


OWN = """resilience:
  policies:
  - {for: bookshop.orders.v1.Orders, timeout: 5s}
  - {for: bookshop.stock.v1.StockRoom, timeout: 2s}
"""
BUDGET = "  entry_points: [{for: admin, timeout_budget: 3s}]\n"


@pytest.mark.parametrize(
    ("own", "given"),
    [(OWN, "2.2s"), (OWN + BUDGET, "3s"), (OWN + BUDGET.replace("3s", "1s"), "")],
    ids=["what the callee needs", "what is left on the way", "what is left is not enough"],
)
def test_a_missing_timeout_is_worked_out_over_the_path(own: str, given: str) -> None:
    files = bookshop(**{".workspai.yaml": own})
    (missing,) = [
        one
        for one in policies(files).findings
        if (one.rule, one.element) == ("RT01", "bookshop.catalog.v1.Catalog/SearchBooks")
    ]
    patch = missing.fix.patch if missing.fix else ""
    row = f"+  - for: bookshop.catalog.v1.Catalog/SearchBooks\n+    timeout: {given}\n"
    assert (row in patch) if given else (patch == "")


@pytest.mark.parametrize("seed", range(40))
def test_hunks_are_those_of_the_whole_file(seed: int) -> None:
    """Only the lines around edits are compared; what comes of it is what comparing all lines gives."""
    random = Random(seed)
    lines = [f"line {number}\n" for number in range(random.randint(0, 60))]
    if lines and random.random() < 0.3:
        lines[-1] = lines[-1].removesuffix("\n")
    places = random.sample(range(1, len(lines) + 2), min(random.randint(1, 5), len(lines) + 1))
    edits = []
    for place in places:
        removed = lines[place - 1 : place - 1 + random.randint(0, 2)]
        added = [f"new {place}.{number}" for number in range(random.randint(0 if removed else 1, 3))]
        edits.append(Edit("a", place, tuple(one.removesuffix("\n") for one in removed), tuple(added)))
    snapshot = Snapshot.of({"a": "".join(lines)})
    after = list(lines)
    patch = patch_of(snapshot, [Fix("mend", (edit,)) for edit in edits])
    taken = [edit for edit in edits if Fix("mend", (edit,)) not in patch.left]
    if after and not after[-1].endswith("\n") and any(edit.line > len(after) for edit in taken):
        after[-1] += "\n"
    for edit in sorted(taken, key=lambda one: -one.line):
        after[edit.line - 1 : edit.line - 1 + len(edit.removed)] = [f"{line}\n" for line in edit.added]
    told = difflib.unified_diff(lines, after, "a/a", "b/a")
    whole = [one if one.endswith("\n") else f"{one}\n\\ No newline at end of file\n" for one in told]
    assert patch.text == "".join(whole)
