"""Contents from git's objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
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


NAMES = (
    "a.go",
    "go",
    "d/go",
    "d.go/x",
    "Makefile",
    "d/x.Makefile",
    "d/Makefile",
    "x.tar.gz",
    "gz",
    "a.",
    "d/.env",
)


@pytest.mark.parametrize(
    "suffixes",
    [(".go",), ("go",), (".tar.gz", "gz"), ("/Makefile", "Makefile"), ("file",), (".env", "."), ("d/go",)],
)
def test_paths_by_suffix_are_those_that_end_so(suffixes: tuple[str, ...]) -> None:
    snapshot = Snapshot.of(dict.fromkeys(NAMES, b""))
    assert snapshot.paths(*suffixes) == sorted(name for name in NAMES if name.endswith(suffixes))
