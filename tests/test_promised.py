"""What a partial clone left with its remote: nothing is fetched unasked; allowed, one batch and no more."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from conftest import Scratch
from git import Repo
from states.measure import differing, digest

from workspai_hooks.configuration import may_fetch
from workspai_hooks.errors import UndecidedError, UsageError
from workspai_hooks.tools.git import Repository

Cli = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[[Mapping[str, str | bytes]], Scratch]

PROTO = 'syntax = "proto3";\npackage a.v1;\n\nmessage A {\n  string x = 1;\n  int32 y = 2;\n}\n'
FILES = {f"use/{number}.txt": f"{number}\n" for number in range(40)} | {"protos/a.proto": PROTO}


@pytest.fixture(params=["sha1", "sha256"])
def part(request: pytest.FixtureRequest, tmp_path: Path) -> Scratch:
    """A sparse partial clone: of 41 files, one is here."""
    source = tmp_path / "source"
    form = f"--object-format={request.param}"
    subprocess.run(["git", "init", "--quiet", form, "--initial-branch=main", str(source)], check=True)
    for path, text in FILES.items():
        (source / path).parent.mkdir(exist_ok=True)
        (source / path).write_text(text)
    for command in (
        ("add", "."),
        ("commit", "--quiet", "-m", "base"),
        ("config", "uploadpack.allowFilter", "true"),
        ("config", "uploadpack.allowAnySHA1InWant", "true"),
    ):
        subprocess.run(["git", *command], cwd=source, check=True)
    made = tmp_path / "part"
    command = ["git", "clone", "--quiet", "--filter=blob:none", "--sparse", source.as_uri(), str(made)]
    subprocess.run(command, check=True)
    subprocess.run(["git", "sparse-checkout", "set", "protos"], cwd=made, check=True, capture_output=True)
    return Scratch(Repo(made))


def blobs(repository: Repository) -> dict[str, str]:
    return {path: entry.blob for path, entry in repository.tree("HEAD").items()}


def test_nothing_is_fetched_unasked(part: Scratch) -> None:
    before = digest(str(part.root))
    repository = Repository.open(part.root)
    wanted = blobs(repository)
    read = repository.read(wanted.values())
    repository.close()
    here = [path for path, blob in wanted.items() if read[blob] is not None]
    assert "protos/a.proto" in here or not here  # git before 2.45 ends at the first that is missing
    assert not any(path.startswith("use/") for path in here)
    assert repository.missing() >= 40
    assert digest(str(part.root)) == before


def test_what_is_asked_for_is_fetched_in_one_batch_and_nothing_else_is_written(part: Scratch) -> None:
    before = digest(str(part.root))
    repository = Repository.open(part.root, lambda: True)
    wanted = {path: blob for path, blob in blobs(repository).items() if path != "use/7.txt"}
    read = repository.read(wanted.values())
    assert {path: read[blob] for path, blob in wanted.items()} == {
        path: FILES[path].encode() for path in wanted
    }
    repository.read(wanted.values())
    repository.close()
    touched = differing(before, digest(str(part.root)))
    assert all("/objects/" in path for path in touched)
    assert len([path for path in touched if path.endswith(".pack")]) == 1
    assert Repository.open(part.root).read([blobs(repository)["use/7.txt"]]).popitem()[1] is None


def test_a_remote_that_is_gone_is_an_open_question(part: Scratch) -> None:
    part.repo.git.config("remote.origin.url", "file:///nowhere")
    repository = Repository.open(part.root, lambda: True)
    with pytest.raises(UndecidedError, match="git fetch origin"):
        repository.read(blobs(repository).values())
    repository.close()


def test_no_program_of_a_remotes_choice_is_run(part: Scratch, tmp_path: Path) -> None:
    part.repo.git.config("remote.origin.url", f"ext::touch {tmp_path / 'run'}")
    part.repo.git.config("protocol.ext.allow", "always")
    repository = Repository.open(part.root, lambda: True)
    with pytest.raises(UndecidedError):
        repository.read(blobs(repository).values())
    repository.close()
    assert not (tmp_path / "run").exists()


def test_a_whole_clone_does_not_ask_whether_it_may(scratch: Make) -> None:
    def asked() -> bool:
        raise AssertionError

    repository = Repository.open(scratch(FILES).root, asked)
    assert len(repository.read(blobs(repository).values())) == len(FILES)
    repository.close()


def test_only_the_user_allows_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("WORKSPAI_FETCH", raising=False)
    assert not may_fetch()
    (tmp_path / "workspai").mkdir()
    (tmp_path / "workspai/config.yaml").write_text("fetch: true\n")
    assert may_fetch()
    monkeypatch.setenv("WORKSPAI_FETCH", "0")
    assert not may_fetch()
    monkeypatch.setenv("WORKSPAI_FETCH", "perhaps")
    with pytest.raises(UsageError, match="say 1 or 0"):
        may_fetch()


def test_a_repository_can_not_allow_it(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.write({".workspai.yaml": "fetch: true\n", "a.proto": PROTO.replace("int32", "int64")})
    done = cli(made.root, "check", "--format", "json")
    assert done.returncode == 2
    assert "unknown key fetch" in json.loads(done.stdout)["error"]


def test_a_users_configuration_is_enough(scratch: Make, cli: Cli, tmp_path: Path) -> None:
    """The base's version of the contract is not in the clone."""
    source = scratch({"a.proto": PROTO}).write({"a.proto": PROTO.replace("}", "  bool z = 3;\n}")})
    source.commit("topic")
    source.repo.git.switch("--quiet", "main")
    source.repo.git.config("uploadpack.allowFilter", "true")
    source.repo.git.config("uploadpack.allowAnySHA1InWant", "true")
    options = ["--filter=blob:none", "--branch=topic"]
    made = Scratch(Repo.clone_from(source.root.as_uri(), tmp_path / "part", multi_options=options))
    made.replace("a.proto", "message", "// A message.\nmessage")
    home = tmp_path / "home"
    (home / "workspai").mkdir(parents=True)
    check = ("check", "--format", "json")
    unasked = cli(made.root, *check, XDG_CONFIG_HOME=str(home))
    assert unasked.returncode == 3
    assert "WORKSPAI_FETCH=1" in json.loads(unasked.stdout)["undecided"][0]["remedy"]
    (home / "workspai/config.yaml").write_text("fetch: true\n")
    assert cli(made.root, *check, XDG_CONFIG_HOME=str(home)).returncode == 0
