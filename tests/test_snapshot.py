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


def test_what_differs_tells_the_same_files_as_a_list_of_all(
    scratch: Callable[[Mapping[str, str | bytes]], Scratch],
) -> None:
    """Index and commits, each by itself and by what it has that another one has not: files that come, go,
    change, become links or submodules and back, are only announced, or are in conflict."""
    shop = scratch(
        {name: f"{name}\n" for name in ("both", "edited", "gone", "link", "module", "theirs gone")}
    )
    git, root = shop.repo.git, shop.root
    commits = [git.rev_parse("HEAD")]
    git.checkout("-q", "-b", "theirs")
    shop.write({"both": "theirs\n", "edited": "theirs\n", "new": "theirs\n"})
    git.rm("-q", "theirs gone")
    git.update_index("--cacheinfo", f"160000,{commits[0]},module")
    git.commit("-q", "-m", "theirs")
    commits.append(git.rev_parse("HEAD"))
    git.checkout("-q", "-f", "-B", "ours", commits[0])
    shop.write({"both": "ours\n", "theirs gone": "ours\n", "\x01 odd\tpath": "x", "d/more": "x"})
    git.rm("-q", "gone")
    (root / "link").unlink()
    (root / "link").symlink_to("both")
    git.add("link")
    git.commit("-q", "-m", "ours")
    commits.append(git.rev_parse("HEAD"))

    def told() -> None:
        apart = [Repository.open(root) for _ in range(3)]
        together, backwards = Repository.open(root), Repository.open(root)
        whole = [one.tree(commit) for one, commit in zip(apart, commits, strict=True)]
        assert [together.tree(commit) for commit in commits] == whole
        assert [backwards.tree(commit) for commit in reversed(commits)] == whole[::-1]
        for commit in commits:
            assert backwards.next_commit(commit) == apart[0].next_commit()

    told()
    git.merge("theirs", with_exceptions=False)
    assert Repository.open(root).unmerged() == ["both", "theirs gone"]
    told()
    git.reset("-q", "--hard")
    (root / "announced").write_text("x")
    git.add("--intent-to-add", "announced")
    shop.write({"link": "a file again"})
    git.rm("-q", "--cached", "edited")
    told()
