"""The cache that machines share, behind a run: what comes in time is used, and a store that is slow, down or
wrong changes no verdict."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from conftest import Scratch
from git import Repo
from msgspec.structs import replace
from remote.server import BAD, Bucket, serving

from workspai_hooks import service_map
from workspai_hooks.inspection import Request, inspect
from workspai_hooks.kept.limit import LIMIT
from workspai_hooks.remote.asked import asked
from workspai_hooks.remote.pack import encoded, name_of
from workspai_hooks.remote.pull import Order
from workspai_hooks.sharing import push
from workspai_hooks.store import Store, version
from workspai_hooks.tools import filling
from workspai_hooks.tools.filling import Filling, last_of

ORIGIN = "forge.example/books/shop"
KIND = "schema"
NAMES = [f"name {number}" for number in range(filling.MANY)]
KEYS = {name: Store.key(name) for name in (*NAMES, "one more")}


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait until it is over, so that what a test sees does not depend on the machine."""
    monkeypatch.setattr(filling, "SHARE", 1e9)
    monkeypatch.setattr(filling, "MOST_WAIT_S", 60.0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shared folder, which the user names."""
    made = tmp_path / "packs"
    made.mkdir()
    monkeypatch.setenv("WORKSPAI_CACHE_URL", made.as_uri())
    monkeypatch.setenv("WORKSPAI_CACHE_WRITE", "1")
    return made


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """A bucket, which the user names, with a pack of `ORIGIN` in it."""
    with serving() as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        made.objects[f"/team/hooks/{name_of(ORIGIN)}"] = packed()
        yield made


def packed(key: bytes = b"") -> bytes:
    """The answers `told …`, as another machine has made them."""
    store = Store()
    store.remember(KIND, {KEYS[name]: f"told {name}" for name in NAMES})
    rows = [
        (f"{KIND} {version(KIND)}", KEYS[name], store._fresh[f"{KIND} {version(KIND)}", KEYS[name]])
        for name in NAMES
    ]
    return encoded(name_of(ORIGIN), rows, key)


def answers(index: Path, names: list[str] = NAMES) -> tuple[dict[str, str], list[str]]:
    """What a run has for these names, and which of them it made itself."""
    wanted = asked()
    assert wanted is not None
    made: list[str] = []

    def make(missing: list[str]) -> dict[str, str]:
        made.extend(missing)
        return {name: f"told {name}" for name in missing}

    store = Store(index)
    store.behind = Filling(wanted, index, LIMIT, lambda: ORIGIN)
    found = store.each(KIND, {name: KEYS[name] for name in names}, str, make)
    store.close()
    return found, made


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "workspai-hooks" / "index.sqlite"


TOLD = {name: f"told {name}" for name in NAMES}


@pytest.mark.usefixtures("patient")
def test_what_comes_in_time_is_used_and_kept(
    bucket: Bucket, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answers(index) == (TOLD, [])
    assert [status for _, _, status in bucket.asked] == [200]
    assert last_of(index.parent).rows == len(NAMES)
    monkeypatch.setenv("WORKSPAI_CACHE_URL", "s3://team/others")
    assert answers(index) == (TOLD, [])
    assert len(bucket.asked) == 1  # all is known here: nobody is asked


@pytest.mark.usefixtures("patient")
def test_what_is_known_here_is_not_replaced(bucket: Bucket, index: Path) -> None:
    store = Store(index)
    store.remember(KIND, {KEYS[NAMES[0]]: "known here"})
    store.close()
    more = [*NAMES, "one more"]
    found, made = answers(index, more)
    assert found == TOLD | {NAMES[0]: "known here", "one more": "told one more"}
    assert made == ["one more"]
    assert answers(index, more) == (found, [])
    assert [status for _, _, status in bucket.asked] == [200]


@pytest.mark.usefixtures("patient")
def test_a_signed_pack_needs_the_key(
    bucket: Bucket, index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKSPAI_CACHE_KEY", "the key of this team")
    assert answers(index) == (TOLD, NAMES)
    assert "is not signed" in capsys.readouterr().err
    (index.parent / filling.NAME).unlink()
    index.unlink()
    bucket.objects[f"/team/hooks/{name_of(ORIGIN)}"] = packed(b"the key of this team")
    assert answers(index) == (TOLD, [])


@pytest.mark.parametrize("how", [one for one in BAD if one not in ("hangs", "drips", "says no size")])
@pytest.mark.usefixtures("patient")
def test_a_store_that_is_wrong_is_told_once_and_not_used(
    bucket: Bucket, index: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.behaves = how
    assert answers(index) == (TOLD, NAMES)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("workspai-hooks: the shared cache s3://team/hooks is not used: ")
    before = len(bucket.asked)
    index.unlink()
    assert answers(index) == (TOLD, NAMES)  # a moment later nobody asks it again
    assert (len(bucket.asked), capsys.readouterr().err) == (before, "")


@pytest.mark.parametrize("how", ["hangs", "drips"])
def test_a_store_that_is_slow_is_left_behind(
    bucket: Bucket, index: Path, how: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(filling, "WORTH_TELLING_S", 0.0)
    bucket.behaves = how
    assert answers(index) == (TOLD, NAMES)
    assert capsys.readouterr().err.count("it gave nothing within") == 1
    assert last_of(index.parent).why


def test_a_run_waits_for_half_of_its_work_at_most(monkeypatch: pytest.MonkeyPatch, index: Path) -> None:
    """By a clock of our own: whatever a run works, and whatever is missing when."""
    clock = 0.0
    patience: list[float] = []

    class Silent:
        def __init__(self, *_: object, **__: object) -> None: ...
        def tell(self, _: bytes) -> None: ...
        def end(self) -> None: ...
        def answer(self, patience_s: float) -> None:
            nonlocal clock
            patience.append(patience_s)
            clock += patience_s

    monkeypatch.setattr(filling, "Errand", Silent)
    monkeypatch.setattr(filling.time, "monotonic", lambda: clock)
    monkeypatch.setenv("WORKSPAI_CACHE_URL", "s3://team/hooks")
    wanted = asked()
    assert wanted is not None
    behind = Filling(wanted, index, LIMIT, lambda: ORIGIN)
    worked = 0.0
    for step in (0.0, 0.1, 0.0, 0.3, 1.0, 0.0, 2.0, 5.0, 60.0):
        clock, worked = clock + step, worked + step
        assert not behind.arrived(KIND, 1, is_new=True, cost_s=None)
        assert sum(patience) <= min(worked * 0.5, 2.0) + 1e-9
    assert sum(patience) == pytest.approx(2.0)
    behind = Filling(wanted, index, LIMIT, lambda: ORIGIN)
    clock, patience[:] = clock + 10, []
    behind.arrived(KIND, 1, is_new=True, cost_s=0.01)
    assert patience == [0.01]  # no longer than the work is known to take


def test_little_that_is_missing_is_made(bucket: Bucket, index: Path) -> None:
    Store(index).close()
    store = Store(index)
    store.remember("graph", {b"k": 1})
    store.close()
    assert answers(index, NAMES[:-1]) == ({name: TOLD[name] for name in NAMES[:-1]}, NAMES[:-1])
    assert bucket.asked == []


PROTO = 'syntax = "proto3";\npackage a.v1;\n\nmessage A {\n  string x = 1;\n  int32 y = 2;\n}\n'
FILES = {
    "protos/a.proto": PROTO,
    "web/go.mod": "module web\n",
    "web/main.go": 'package main\n\nimport pb "web/a/v1"\n\nfunc f(a *pb.A) int32 { return a.GetY() }\n',
    "deploy/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n",
}


@pytest.fixture
def clones(scratch: Callable[..., Scratch], tmp_path: Path) -> tuple[Path, Path]:
    """Two clones of a small system."""
    made = scratch(FILES)
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        Repo(made.root).clone(str(folder), branch="main").remotes.origin.set_url(f"https://{ORIGIN}.git")
    return first, second


@pytest.mark.usefixtures("patient")
def test_a_fresh_clone_finds_what_another_has_pushed(
    clones: tuple[Path, Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = push(clones[0])
    assert (pushed.exit_code, pushed.told.partition(" ")[2][:7]) == (0, "answers")
    (pack,) = folder.rglob("*.pack")
    assert str(pack.relative_to(folder)) == name_of(ORIGIN)
    here = service_map.map_services(clones[0])
    monkeypatch.setattr(service_map, "_mapped", lambda *_: pytest.fail("it was worked out once more"))
    assert service_map.map_services(clones[1]) == here
    assert here.services


@pytest.mark.usefixtures("patient")
def test_the_verdict_is_the_same(
    clones: tuple[Path, Path],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert push(clones[0]).exit_code == 0
    (pack,) = folder.rglob("*.pack")
    whole = pack.read_bytes()
    Scratch(Repo(clones[1])).replace("protos/a.proto", "  int32 y = 2;\n", "")
    before = set(folder.rglob("*"))
    reports = []
    for data in (whole, whole[:-7]):
        pack.write_bytes(data)
        shutil.rmtree(clones[1] / ".git" / "workspai-hooks", ignore_errors=True)
        reports.append(replace(inspect(Request(clones[1])), timings_ms={}))
        assert capsys.readouterr().err.count("is not used") == (data != whole)
        pack.write_bytes(whole)
    assert before == set(folder.rglob("*"))  # a run writes nothing there
    monkeypatch.delenv("WORKSPAI_CACHE_URL")
    shutil.rmtree(clones[1] / ".git" / "workspai-hooks")
    plain = replace(inspect(Request(clones[1])), timings_ms={})
    assert reports == [plain] * 2
    assert plain.exit_code == 1


def test_what_fetches_ends_with_the_run(bucket: Bucket, index: Path) -> None:
    """Killed runs leave nobody behind."""
    bucket.behaves = "hangs"
    order = msgspec.msgpack.encode(Order("s3://team/hooks", b"", ORIGIN, "", str(index), LIMIT))
    process = subprocess.Popen(
        [sys.executable, "-m", "workspai_hooks.remote.pull"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(len(order).to_bytes(4, "big") + order)
    process.stdin.close()
    assert process.wait(60) == 1


def test_nothing_is_loaded_where_nobody_asks(clones: tuple[Path, Path]) -> None:
    code = (
        "import sys\nfrom workspai_hooks.service_map import map_services\nfrom pathlib import Path\n"
        "map_services(Path.cwd())\n"
        "print([name for name in sys.modules if '.remote' in name or 'filling' in name or 'obstore' in name])"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("WORKSPAI_")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=clones[0], env=env, capture_output=True, check=True
    )
    assert done.stdout == b"[]\n"


BUILD = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main"}
EVENT = {"repository": {"default_branch": "main"}}


@pytest.mark.parametrize(
    ("variables", "writes"),
    [
        (BUILD, True),
        (BUILD | {"GITHUB_REF": "refs/heads/topic"}, False),
        (BUILD | {"GITHUB_REF": "refs/tags/v1"}, False),
        (BUILD | {"GITHUB_BASE_REF": "main", "GITHUB_EVENT_NAME": "pull_request"}, False),
        (BUILD | {"GITHUB_BASE_REF": "main", "GITHUB_EVENT_NAME": "pull_request_target"}, False),
        (BUILD | {"GITHUB_SHA": "1" * 40}, False),
        ({"GITLAB_CI": "true", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"}, True),
        ({"GITLAB_CI": "true", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}, False),
        (
            {"BUILDKITE": "true", "BUILDKITE_BRANCH": "main", "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main"},
            False,
        ),
        ({"JENKINS_URL": "x", "CHANGE_ID": "7", "CHANGE_TARGET": "main", "BRANCH_NAME": "PR-7"}, False),
        ({"JENKINS_URL": "x", "BRANCH_NAME": "main", "BRANCH_IS_PRIMARY": "true"}, True),
        ({"JENKINS_URL": "x", "BRANCH_NAME": "main"}, True),
        ({"JENKINS_URL": "x", "BRANCH_NAME": "topic"}, False),
        ({"TF_BUILD": "True", "BUILD_SOURCEBRANCH": "refs/heads/main"}, True),
        ({"TF_BUILD": "True", "BUILD_SOURCEBRANCH": "refs/heads/topic"}, False),
        ({}, True),
        ({"WORKSPAI_CACHE_WRITE": ""}, False),
    ],
)
def test_a_pull_request_never_writes(
    folder: Path, tmp_path: Path, scratch: Callable[..., Scratch], variables: dict[str, str], writes: bool
) -> None:
    made = scratch({"a.txt": "a\n"})
    made.repo.create_remote("origin", f"https://{ORIGIN}.git")
    made.repo.git.update_ref("refs/remotes/origin/main", "HEAD")
    event = tmp_path / "event.json"
    event.write_text(json.dumps(EVENT))
    asks = {name: os.environ[name] for name in ("WORKSPAI_CACHE_URL", "WORKSPAI_CACHE_WRITE")}
    done = push(made.root, asks | {"GITHUB_EVENT_PATH": str(event)} | variables)
    assert done.exit_code == 0
    assert [path.suffix for path in folder.rglob("*.pack")] == [".pack"] * writes
    assert ("nothing is written" in done.told) != writes


def test_what_is_staged_is_not_pushed(folder: Path, scratch: Callable[..., Scratch]) -> None:
    made = scratch({"a.txt": "a\n"})
    made.repo.create_remote("origin", f"https://{ORIGIN}.git")
    made.write({"a.txt": "b\n"})
    done = push(made.root)
    assert (done.exit_code, list(folder.rglob("*.pack"))) == (2, [])
    assert "is not what is committed" in (done.misused or "")


def test_a_clone_that_does_not_know_the_default_branch(folder: Path, scratch: Callable[..., Scratch]) -> None:
    """Neither the system nor the clone says it, whatever the branch under build says of itself."""
    made = scratch({"a.txt": "a\n", ".workspai.yaml": "default_branch: topic\n"})
    made.repo.create_remote("origin", f"https://{ORIGIN}.git")
    made.repo.git.update_ref("refs/remotes/origin/topic", "HEAD")
    asks = {name: os.environ[name] for name in ("WORKSPAI_CACHE_URL", "WORKSPAI_CACHE_WRITE")}
    done = push(made.root, asks | {"JENKINS_URL": "x", "BRANCH_NAME": "topic"})
    assert (done.exit_code, list(folder.rglob("*.pack"))) == (0, [])
    assert "which branch is the default one" in done.told


def test_a_store_that_can_not_be_written(folder: Path, scratch: Callable[..., Scratch]) -> None:
    made = scratch({"a.txt": "a\n"})
    made.repo.create_remote("origin", f"https://{ORIGIN}.git")
    folder.rmdir()
    done = push(made.root)
    assert done.exit_code == 3
    assert [one.why for one in done.undecided] == ["there is no such folder"]
