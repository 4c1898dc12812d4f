"""What a commit pays that changes no contract: the modules that are loaded for each kind of commit, all of
them, and how often git is started. Start-up is on the path of every commit.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from conftest import Scratch

from workspai_hooks import patterns
from workspai_hooks.changes.glance import may_use_retired
from workspai_hooks.tools import answers, spawn
from workspai_hooks.tools.staged import SETTINGS, Git

Make = Callable[[Mapping[str, str | bytes]], Scratch]

PROTO = """\
syntax = "proto3";
package a.v1;
message M { string name = 1; string colour = 2 [deprecated = true]; reserved shape; }
"""
FILES = {
    "README.md": "# a\n",
    "app/main.go": "package main\n",
    "app/main.py": "import os\n",
    "web/a.ts": "export const a = 1;\n",
    "settings.yaml": "a: 1\n",
    "package.json": '{"version": "1.0.0"}\n',
    "logo.png": "a",
}
CONTRACTS = {"protos/a.proto": PROTO}
CHARTS = {"deploy/Chart.yaml": "name: app\n", "deploy/values.yaml": "a: 1\n"}

ALWAYS = {"entry", "contract_files", "changes", "changes.documents", "tools", "tools.staged", "tools.spawn"}
ALWAYS |= {"tools.answers", "deferred", "changes.policies"}
GLANCE = {"changes.glance", "changes.given_up", "changes.retired_words", "fact_versions", "patterns"}
DESCRIBED = {"changes.described", "patterns"}
SYSTEM = {"_blake2", "select"}
"""All of Python's own that is loaded, but for what each Python brings along with these and with `re`."""

COUNTED = """\
import json, os, sys
before = set(sys.modules)
spawned = []
sys.addaudithook(lambda event, args: spawned.append(args[1]) if event == "os.posix_spawn" else None)
from workspai_hooks.entry import main
code = main()
new = set(sys.modules) - before
print(json.dumps([code, sorted(new), [[str(part) for part in argv] for argv in spawned]]))
"""


class Run:
    """What one hook loaded and asked."""

    def __init__(self, root: Path, *arguments: str) -> None:
        env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "GIT_", "WORKSPAI_"))}
        done = subprocess.run(
            [sys.executable, "-c", COUNTED, *(arguments or ("check", "--stage", "pre-commit"))],
            cwd=root,
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
        self.code, modules, spawned = json.loads(done.stdout.splitlines()[-1])
        ours = "workspai_hooks."
        self.ours = {one.removeprefix(ours) for one in modules if one.startswith(ours)}
        self.others = {one.partition(".")[0] for one in modules} - {"workspai_hooks"}
        self.git = [argv[1 + len(SETTINGS)] for argv in spawned]


@pytest.mark.parametrize(
    ("path", "there", "modules", "asked"),
    [
        ("README.md", {}, ALWAYS, ["diff-index"]),
        ("logo.png", {}, ALWAYS, ["diff-index"]),
        ("app/main.go", {}, ALWAYS, ["diff-index", "cat-file"]),
        ("settings.yaml", {}, ALWAYS | DESCRIBED, ["diff-index", "cat-file", "grep"]),
        ("logo.png", CONTRACTS, ALWAYS | GLANCE, ["diff-index"]),
        ("README.md", CONTRACTS, ALWAYS | GLANCE, ["diff-index", "cat-file"]),
        ("app/main.go", CONTRACTS, ALWAYS | GLANCE, ["diff-index", "cat-file"]),
        ("app/main.py", CONTRACTS, ALWAYS | GLANCE, ["diff-index", "cat-file"]),
        ("web/a.ts", CONTRACTS, ALWAYS | GLANCE, ["diff-index", "cat-file"]),
        ("package.json", CONTRACTS, ALWAYS | GLANCE | DESCRIBED, ["diff-index", "cat-file", "grep"]),
        ("app/main.go", CHARTS, ALWAYS | {"changes.deployed"}, ["diff-index", "cat-file"]),
        (
            "settings.yaml",
            CHARTS,
            ALWAYS | DESCRIBED | {"changes.deployed"},
            ["diff-index", "cat-file", "grep", "grep"],
        ),
        (
            "app/main.py",
            CONTRACTS | CHARTS,
            ALWAYS | GLANCE | {"changes.deployed"},
            ["diff-index", "cat-file"],
        ),
    ],
)
def test_a_commit_without_contracts_loads_this_and_asks_git_so_often(
    scratch: Make, path: str, there: dict[str, str], modules: set[str], asked: list[str]
) -> None:
    """At the second such commit: at the first one the words of contracts are collected."""
    repository = scratch({**FILES, **there}).write({path: FILES[path] + "b = 1\n"})
    first = Run(repository.root)
    repository.commit("one more")
    repository.write({path: FILES[path] + "b = 2\n"})
    run = Run(repository.root)
    assert (first.code, run.code) == (0, 0)
    assert run.git == asked
    assert run.ours == modules
    allowed = SYSTEM | {"fcntl", "math"}
    if "patterns" in modules:
        regular = {"re", "enum", "types", "operator", "functools", "collections", "itertools", "keyword"}
        allowed |= regular | {"reprlib", "copyreg", "_sre", "_functools", "_collections", "_operator"}
    assert run.others <= allowed | {"__future__", "__main__"}


def test_the_other_hooks_pay_as_little(scratch: Make) -> None:
    repository = scratch({**FILES, **CONTRACTS}).write({"app/main.go": "package main\nvar a = 1\n"})
    stubs = Run(repository.root, "stubs", "--stage", "pre-commit")
    assert (stubs.code, stubs.git) == (0, ["diff-index", "cat-file"])
    assert stubs.ours == ALWAYS - {"changes.policies"} | {"changes.generated", *DESCRIBED}
    breaking = Run(repository.root, "check", "--stage", "pre-commit", "--only", "breaking")
    assert (breaking.code, breaking.git) == (0, ["diff-index"])
    assert breaking.ours == ALWAYS - {"changes.policies"}


def words(root: Path) -> list[str]:
    data = (root / ".git" / answers.FOLDER / "words/given-up").read_text()
    return data.split("\n")[3:]


def test_words_are_kept_from_commit_to_commit_and_no_longer(scratch: Make) -> None:
    repository = scratch({**FILES, **CONTRACTS}).write({"app/main.go": "package main\nvar a = 1\n"})
    assert Run(repository.root).git == ["diff-index", "cat-file", "grep", "log", "log", "cat-file"]
    assert words(repository.root) == ["colour", "shape"]
    assert Run(repository.root).git == ["diff-index", "cat-file"]

    # A commit that changes a contract: asked anew.
    repository.write({"protos/a.proto": PROTO.replace("string name = 1;", "")}).commit("lost")
    repository.write({"app/main.go": "package main\nvar a = 2\n"})
    assert "grep" in Run(repository.root).git
    assert words(repository.root) == ["colour", "name", "shape"]

    # The same contracts on top of another commit: asked anew.
    repository.commit("plain")
    repository.write({"README.md": "# b\n"}).commit("not seen by a hook")
    repository.write({"app/main.go": "package main\nvar a = 3\n"})
    assert "grep" in Run(repository.root).git


def test_a_word_that_is_kept_is_a_reason_to_look(scratch: Make) -> None:
    repository = scratch({**FILES, **CONTRACTS}).write({"app/main.go": "package main\nvar a = 1\n"})
    Run(repository.root)
    git = Git(repository.root)
    repository.write({"app/main.go": "package main\nvar a = m.GetColour()\n"})
    assert may_use_retired(git, git.staged())


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "link", "folder", "foreign"])
def test_what_is_kept_is_not_trusted(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / ".git" / answers.FOLDER
    folder.parent.mkdir()
    answers.keep(str(folder), "answer", "v1", b"all is well", most=2)
    assert answers.recalled(str(folder), "answer", "v1") == b"all is well"
    assert answers.recalled(str(folder), "answer", "v2") is None
    file = folder / "answer"
    data = file.read_bytes()
    if damage == "flipped":
        file.write_bytes(data[:-1] + b"k")
    elif damage in ("cut", "empty"):
        file.write_bytes(data[: len(data) - 3 if damage == "cut" else 0])
    elif damage == "link":
        file.rename(folder / "other")
        file.symlink_to(folder / "other")
    elif damage == "folder":
        file.unlink()
        file.mkdir()
    elif os.geteuid() == 0:
        os.chown(file, 12345, 12345)
    else:
        pytest.skip("needs root to give a file away")
    assert answers.recalled(str(folder), "answer", "v1") is None


def test_no_more_is_kept_than_was_said(tmp_path: Path) -> None:
    for number in range(5):
        answers.keep(str(tmp_path), f"answer{number}", "v1", b"x", most=2)
        os.utime(tmp_path / f"answer{number}", (number, number))
    (tmp_path / "killed.part").touch()
    os.utime(tmp_path / "killed.part", (1, 1))
    answers.keep(str(tmp_path), "last", "v1", b"x", most=2)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["answer4", "last"]


def test_a_digest_of_an_index_tells_contents_and_paths(scratch: Make) -> None:
    long = "protos/" + "a/" * 130 + "b.proto"  # longer than its length can say
    even = "protos/" + "a" * (256 - len("protos/.proto")) + ".proto"
    repository = scratch({**CONTRACTS, "a.txt": ""})
    seen = set()
    for files in ({long: "1"}, {long: "2"}, {even: "1"}, {even: "2"}, {"protos/a.proto": PROTO + "\n"}):
        repository.write(files)
        seen.add(Git(repository.root).digest_of((".proto",), 20))
        repository.write({"a.txt": repr(files)})
        assert Git(repository.root).digest_of((".proto",), 20) in seen
    assert len(seen) == 5
    assert None not in seen


@pytest.mark.parametrize("seed", range(4))
def test_words_that_are_kept_hide_nothing(scratch: Make, seed: int) -> None:
    """Whatever happens between hooks: what a run without anything kept would look into, one with it does."""
    chance = random.Random(seed)
    repository = scratch({**FILES, **CONTRACTS})
    names = [f"field{number}" for number in range(8)]
    for step in range(12):
        what = chance.choice(["source", "source", "source", "contract", "amend", "switch"])
        if what == "contract":
            fields = "".join(
                f"  string {name} = {number + 1}{chance.choice(['', ' [deprecated = true]'])};\n"
                for number, name in enumerate(names)
                if chance.random() < 0.7
            )
            repository.write({"protos/a.proto": f'syntax = "proto3";\nmessage M {{\n{fields}}}\n'})
            repository.commit("contract")
        elif what == "switch":
            repository.repo.git.checkout("-q", "-B", f"b{step}", f"HEAD~{chance.randrange(2)}")
        else:
            repository.write({"app/main.go": f"package main\nvar x{step} = m.{chance.choice(names)}\n"})
            with_kept = asked(repository.root)
            plain = asked(repository.root, WORKSPAI_INDEX="off")
            assert with_kept or not plain
            repository.repo.git.commit(
                "-q", "-m", "x", "--allow-empty", *(["--amend"] if what == "amend" else [])
            )


def asked(root: Path, **environment: str) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        git = Git(root)
        return may_use_retired(git, git.staged())


SAID = (
    "import sys; data = sys.stdin.buffer.read(); sys.stdout.buffer.write(data[::-1]); sys.exit(len(data) % 7)"
)


@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_001])
def test_a_child_is_told_and_heard_however_much_it_is(size: int) -> None:
    given = os.urandom(1) * size
    argv = [sys.executable, "-c", SAID]
    told = spawn.answered(argv, cwd=".", env=os.environ, timeout_s=60, stdin=given)
    assert told == (size % 7, given)
    assert spawn.finished(argv, cwd=".", env=os.environ, timeout_s=60, stdin=given)[:2] == told


def test_a_child_that_does_not_listen_die_or_answer() -> None:
    def run(code: str, timeout_s: float = 60) -> tuple[int, bytes]:
        argv = [sys.executable, "-c", code]
        return spawn.answered(argv, cwd=".", env=os.environ, timeout_s=timeout_s, stdin=b"x" * 5_000_000)

    assert run("import os; os.close(0); print(1)") == (0, b"1\n")
    assert run("import os; os.kill(os.getpid(), 9)") == (-9, b"")
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for code in ("import time; time.sleep(60)", "import os, time; os.close(1); time.sleep(60)"):
        with pytest.raises(TimeoutError):
            run(code, timeout_s=0.5)
    with pytest.raises(FileNotFoundError):
        spawn.answered(["no-such-program"], cwd=".", env=os.environ, timeout_s=1, stdin=b"")
    assert before == (len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0)


def test_numbers_that_stand_for_names_of_the_library() -> None:
    import re
    import signal

    assert patterns.DOTALL == re.DOTALL
    assert spawn._SIGPIPE == signal.SIGPIPE
