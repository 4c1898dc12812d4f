"""The work tree as a snapshot, in memory of a bounded size."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from conftest import Scratch

from workspai_hooks.changes import worktree
from workspai_hooks.changes.worktree import of_worktree
from workspai_hooks.tools.git import Repository

Make = Callable[[Mapping[str, str | bytes]], Scratch]


@pytest.mark.parametrize("most", [0, 6, 1 << 20])
def test_what_differs_is_read_again_where_it_is_too_much(
    scratch: Make, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(worktree, "MOST_BYTES", most)
    made = scratch({"same.txt": "same", "edited.txt": "old", "gone.txt": "gone"})
    for path, text in {"edited.txt": "edited", "new.txt": "new", "other.txt": "edited"}.items():
        (made.root / path).write_text(text)
    (made.root / "gone.txt").unlink()
    repository = Repository.open(made.root)
    try:
        snapshot = of_worktree(repository, lambda _: True)
        wanted = {"same.txt": b"same", "edited.txt": b"edited", "new.txt": b"new", "other.txt": b"edited"}
        assert snapshot.read_many(snapshot.paths()) == wanted
        (made.root / "new.txt").write_text("another by now")
        kept = {} if most < 9 else {"new.txt": b"new"}
        assert snapshot.read_many(["new.txt"]) == kept
        assert snapshot.store.is_partial is not bool(kept)
    finally:
        repository.close()
