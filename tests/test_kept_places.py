"""An index where it can't be: no locks, no room, somebody else's, no file at all. The run goes on without
one, says why, once, and waits for nothing."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Scratch
from hostile import refused

from workspai_hooks.kept import place
from workspai_hooks.store import Store

KIND = "schema"
NOBODY = 65534
KEY = Store.key("a")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "workspai-hooks" / "index.sqlite"


def keep(path: Path, value: str = "one") -> None:
    store = Store(path)
    store.remember(KIND, {KEY: value})
    store.close()


def known(path: Path) -> str | None:
    store = Store(path)
    try:
        return store.recall(KIND, [KEY], str).get(KEY)
    finally:
        store.close()


def used(path: Path, capfd: pytest.CaptureFixture[str]) -> list[str]:
    """What a run says that reads and writes."""
    capfd.readouterr()
    store = Store(path)
    store.once(KIND, KEY, str, lambda: "made")
    store.once("graph", KEY, str, lambda: "made")
    store.close()
    return capfd.readouterr().err.splitlines()


@pytest.mark.parametrize("suffix", place.SUFFIXES)
@pytest.mark.parametrize(
    "make",
    [os.mkfifo, os.mkdir, lambda at: os.symlink("/dev/zero", at), lambda at: os.symlink("nowhere", at)],
    ids=["pipe", "folder", "link", "dangling link"],
)
def test_what_is_no_file_is_not_opened(
    path: Path, suffix: str, make: Callable[[Path], None], capfd: pytest.CaptureFixture[str]
) -> None:
    keep(path)
    at = path.with_name(path.name + suffix)
    at.unlink(missing_ok=True)
    make(at)
    began = time.monotonic()
    (said,) = used(path, capfd)
    assert said == f"workspai-hooks: goes on without the index {path}: {at.name} is no regular file"
    assert time.monotonic() - began < 5.0
    assert not stat.S_ISREG(os.lstat(at).st_mode)


@pytest.mark.parametrize("make", [lambda at: at.write_text(""), lambda at: at.symlink_to("..")])
def test_a_folder_that_is_none(
    path: Path, make: Callable[[Path], None], capfd: pytest.CaptureFixture[str]
) -> None:
    make(path.parent)
    (said,) = used(path, capfd)
    assert "is no folder" in said


def test_a_file_with_a_second_name_is_made_anew(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`cp -al` of a repository, and backups made like that."""
    keep(path)
    other = path.parent.parent / "backup"
    os.link(path, other)
    before = other.read_bytes()
    (said,) = used(path, capfd)
    assert "built anew: index.sqlite has a second name" in said
    assert other.read_bytes() == before
    assert used(path, capfd) == []


@pytest.mark.parametrize("number", [3, 99])
def test_a_file_of_another_version(path: Path, number: int, capfd: pytest.CaptureFixture[str]) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as index:
        index.execute(
            "CREATE TABLE facts (kind TEXT NOT NULL, key BLOB NOT NULL, data BLOB NOT NULL, "
            "PRIMARY KEY (kind, key)) WITHOUT ROWID"
        )
        index.execute(f"PRAGMA user_version = {number}")
        index.execute("PRAGMA journal_mode = WAL")
    (said,) = used(path, capfd)
    assert said == f"workspai-hooks: the index {path} is built anew: it is of another version"
    assert used(path, capfd) == []


def test_what_would_run_is_not_asked(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    keep(path)
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, 1 AS kind, x'' AS key"
    )
    with closing(sqlite3.connect(path)) as index:
        index.execute("DROP TABLE facts")
        index.execute(f"CREATE VIEW facts AS {endless}, x'' AS data FROM n")
    (said,) = used(path, capfd)
    assert "built anew: it is laid out otherwise" in said


def test_a_process_that_never_lets_go(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It was stopped, or hangs, with SQLite's own lock."""
    keep(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as index:
        index.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        (said,) = used(path, capfd)
        assert "database is locked" in said
        assert time.monotonic() - began < 5.0
    assert used(path, capfd) == []


def test_a_process_that_never_ends_making_it(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from workspai_hooks.kept.turns import Turn

    keep(path)
    turn = Turn(path.parent)
    assert turn.alone(0.0)
    began = time.monotonic()
    (said,) = used(path, capfd)
    assert "other runs use it" in said
    assert time.monotonic() - began < 5.0
    turn.end()
    assert used(path, capfd) == []


def test_a_damaged_file_that_others_use_is_left_to_them(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    keep(path)
    other = Store(path)
    assert other.recall(KIND, [KEY], str)
    with closing(sqlite3.connect(path)) as index, index:
        index.execute("UPDATE facts SET data = x'00'")
    (said,) = used(path, capfd)
    assert "goes on without the index" in said
    other.close()
    (said,) = used(path, capfd)
    assert "is built anew" in said
    assert used(path, capfd) == []


def test_on_a_file_system_of_several_machines_nothing_is_shared_in_memory(
    path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    keep(path)
    monkeypatch.setattr(place, "is_shared", lambda _: True)
    assert known(path) is None
    assert capfd.readouterr().err.endswith("is built anew: it was made on a disk of one machine\n")
    keep(path)
    with closing(sqlite3.connect(path)) as index:
        assert index.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    store = Store(path)
    assert store.recall(KIND, [KEY], str) == {KEY: "one"}
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    store.close()


def test_file_systems_are_known_by_their_device() -> None:
    rows = (
        "22 28 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"
        "97 28 0:52 /vol /home/x\\040y rw,relatime shared:50 - nfs4 server:/vol rw,vers=4.2\n"
        "98 28 8:1 / / rw - ext4 /dev/sda1 rw\n"
    )
    assert place.kind_of("0:52", rows) == "nfs4"
    assert place.kind_of("8:1", rows) == "ext4"
    assert place.kind_of("0:1", rows) == ""
    assert not place.is_shared(Path("/"))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that every user may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def as_nobody(run: Callable[[], object]) -> str:
    """What it prints on standard error as a user who has no rights here."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        os.dup2(writer, 2)
        sys.stderr = os.fdopen(2, "w", closefd=False)
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        try:
            run()
            code = 0
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            code = 1
        sys.stderr.flush()
        os._exit(code)
    os.close(writer)
    with open(reader) as stream:
        said = stream.read()
    assert os.waitpid(child, 0)[1] == 0, said
    return said


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_what_can_not_be_written_is_read(open_folder: Path) -> None:
    path = open_folder / "workspai-hooks" / "index.sqlite"
    keep(path)
    path.chmod(0o444)
    path.parent.chmod(0o555)

    def run() -> None:
        assert known(path) == "one"
        keep(path, "two")

    said = as_nobody(run)
    path.parent.chmod(0o755)
    assert said == f"workspai-hooks: nothing new is kept in the index {path}: its folder can't be written\n"
    assert known(path) == "one"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("content", [b"", b"garbage" * 5000])
def test_what_can_be_neither_written_nor_read(open_folder: Path, content: bytes) -> None:
    path = open_folder / "workspai-hooks" / "index.sqlite"
    path.parent.mkdir()
    path.write_bytes(content)
    path.parent.chmod(0o555)
    said = as_nobody(lambda: keep(path))
    path.parent.chmod(0o755)
    assert said.startswith(f"workspai-hooks: goes on without the index {path}: ")
    assert said.count("\n") == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to give files away")
def test_what_belongs_to_another_user_is_not_trusted(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    keep(path)
    os.chown(path, 12345, 12345)
    (said,) = used(path, capfd)
    assert said.endswith("index.sqlite belongs to another user (12345)")
    os.chown(path.parent.parent, 12345, 12345)  # whose repository it is: git has agreed to that, or refused
    assert used(path, capfd) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to give files away")
def test_what_root_makes_belongs_to_whom_the_repository_belongs(tmp_path: Path, path: Path) -> None:
    os.chown(tmp_path, 12345, 12345)
    store = Store(path)
    store.remember(KIND, {KEY: "one"})
    store._write()
    assert {one.stat().st_uid for one in (path.parent, *path.parent.iterdir())} == {12345}
    assert len([*path.parent.iterdir()]) == 3
    store.close()


Cli = Callable[..., subprocess.CompletedProcess[str]]
PROTO = 'syntax = "proto3";\npackage a.v1;\nmessage M { %s a = 1; }\n'


@pytest.fixture
def made(tmp_path: Path) -> Scratch:
    """A repository with a break that is staged."""
    made = Scratch.init(tmp_path / "repository").write({"a/v1/a.proto": PROTO % "string"})
    made.commit("base")
    return made.branch("topic").write({"a/v1/a.proto": PROTO % "bytes"})


def test_worktrees_share_one(made: Scratch, tmp_path: Path, cli: Cli) -> None:
    made.commit("break")
    other = tmp_path / "other"
    made.repo.git.worktree("add", "--quiet", "--detach", str(other))
    asked = ("check", "--from", "main", "--to", "topic")
    assert cli(made.root, *asked).returncode == 1
    path = made.root / ".git/workspai-hooks/index.sqlite"
    before = path.read_bytes()
    assert cli(other, *asked).returncode == 1
    assert path.read_bytes() == before  # all was known
    assert not [*(made.root / ".git/worktrees").rglob("index.sqlite")]
    assert json.loads(cli(other, "cache", "--format", "json").stdout)["path"] == str(path)


def test_a_bare_repository_has_its_own(made: Scratch, tmp_path: Path, cli: Cli) -> None:
    made.commit("break")
    bare = tmp_path / "bare.git"
    made.repo.clone(str(bare), bare=True)
    for _ in range(2):
        done = cli(bare, "check", "--from", "main", "--to", "topic")
        assert (done.returncode, done.stderr) == (1, "")
    assert (bare / "workspai-hooks/index.sqlite").is_file()


def test_the_verb_shows_and_clears(made: Scratch, cli: Cli) -> None:
    path = made.root / ".git/workspai-hooks/index.sqlite"
    assert "0 rows" in cli(made.root, "cache").stdout
    assert not path.parent.exists()
    cli(made.root, "check")
    looked = json.loads(cli(made.root, "cache", "--format", "json").stdout)
    assert looked["bytes"] == path.stat().st_size
    assert "compiled file" in {
        kind["name"] for kind in looked["kinds"] if kind["rows"] and not kind["others"]
    }
    path.with_name("index.sqlite-wal").mkdir()
    assert "PROBLEM  index.sqlite-wal is no regular file" in cli(made.root, "cache").stdout
    assert cli(made.root, "cache", "--clear").returncode == 3
    path.with_name("index.sqlite-wal").rmdir()
    assert cli(made.root, "cache", "--clear").stdout.startswith("removed ")
    assert not path.exists()
    assert json.loads(cli(made.root, "cache", "--format", "json", WORKSPAI_INDEX="off").stdout) is None


@pytest.mark.skipif(not refused.IS_POSSIBLE, reason="the kernel's filter is known for some machines only")
@pytest.mark.parametrize(("what", "why"), [("locks", "no locks"), ("room", "full")])
def test_the_verdict_where_the_kernel_refuses(made: Scratch, what: str, why: str) -> None:
    for question in (["check"], ["check", "--only", "breaking"]):
        done = subprocess.run(
            [sys.executable, refused.__file__, what, *question],
            cwd=made.root,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1, done
        assert "a.v1.M.a" in done.stdout
        (said,) = done.stderr.splitlines()
        assert said.startswith("workspai-hooks: goes on without the index ")
        assert why in said
