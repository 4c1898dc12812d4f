"""Contents from git's objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from conftest import Scratch

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.tools.git import Repository


def test_threads_that_read_at_once(scratch: Callable[[Mapping[str, str | bytes]], Scratch]) -> None:
    """Descriptions are compared side by side, and one object reader answers: nothing may be mixed up."""
    files = {f"{number}.txt": f"{number} " * (number * 37 % 5000) for number in range(300)}
    repository = Repository.open(scratch(files).root)
    try:
        snapshot = Snapshot.of_index(repository)
        with ThreadPoolExecutor(8) as pool:
            read = dict(zip(files, pool.map(snapshot.read, files), strict=True))
    finally:
        repository.close()
    assert read == {path: text.encode() for path, text in files.items()}
