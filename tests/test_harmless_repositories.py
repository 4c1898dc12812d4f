"""Repositories that are traps by what git itself keeps: a bare one inside of another, objects that a remote
promised, a network that is not there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import Scratch
from traps import PROTO, Server, bait

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the traps are POSIX scripts")

Cli = Callable[..., subprocess.CompletedProcess[str]]
LESS = PROTO.replace(" int32 total = 2;", "")


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.shutdown()


def test_a_bare_repository_that_a_clone_brings_along_runs_nothing(tmp_path: Path, cli: Cli) -> None:
    """A folder of a repository can be a git repository, with a configuration that its author wrote."""
    made = Scratch.init(tmp_path / "work").write({"a.proto": PROTO})
    first = made.commit("base")
    made.branch("topic").write({"a.proto": LESS}).commit("less")
    inner = tmp_path / "outer/docs/examples"
    made.repo.clone(str(inner), bare=True)
    bait(inner / "bait", tmp_path / "snapped")
    for name in (
        "core.fsmonitor",
        "gpg.program",
        "core.pager",
        "core.sshCommand",
        "uploadpack.packObjectsHook",
    ):
        subprocess.run(["git", "config", name, str(inner / "bait")], cwd=inner, check=True)
    subprocess.run(["git", "config", "log.showSignature", "true"], cwd=inner, check=True)
    done = cli(inner, "check", "--from", first, "--to", "topic", "--format", "json")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in cli(inner, "graph").stderr
    assert not (tmp_path / "snapped").exists()


def test_what_a_remote_promised_is_not_fetched(tmp_path: Path, cli: Cli, server: Server) -> None:
    """In a partial clone git fetches what is missing, of itself, by whatever the configuration says."""
    made = Scratch.init(tmp_path / "work")
    made.write({"a.proto": PROTO, "src/main.go": "package main\n\n// total Order\nfunc main() {}\n"})
    made.commit("base")
    made.branch("topic").write({"a.proto": LESS})
    blob = made.repo.git.rev_parse("HEAD:src/main.go")
    (made.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    bait(tmp_path / "bait", tmp_path / "snapped")
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "other",
        "remote.other.url": f"http://127.0.0.1:{server.server_address[1]}/x.git",
        "remote.other.promisor": "true",
        "remote.other.uploadpack": str(tmp_path / "bait"),
        "remote.more.url": f"ext::{tmp_path}/bait %S",
        "remote.more.promisor": "true",
        "protocol.ext.allow": "always",
        "protocol.allow": "always",
    }.items():
        made.repo.git.config(name, value)
    done = cli(made.root, "check", "--format", "json")
    report = json.loads(done.stdout)
    assert [finding["element"] for finding in report["findings"]] == ["shop.v1.Order.total"]
    assert report["undecided"]
    assert server.calls == 0
    assert not (tmp_path / "snapped").exists()


def _without_network() -> bool:
    """Whether a process can be started where there is no network, not even this machine's own."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _without_network(), reason="unshare -rn is not there, or not allowed")
def test_without_any_network_the_verdict_is_the_same(shop: Scratch, cli: Cli) -> None:
    shop.replace("protos/bookshop/catalog/v1/catalog.proto", "  string title = 2;\n", "")
    argv = ["unshare", "-rn", sys.executable, "-m", "workspai_hooks", "check", "--format", "json"]
    trusted = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    environment = {**os.environ, **trusted, "WORKSPAI_INDEX": "off"}  # it is another user in there
    alone = subprocess.run(argv, cwd=shop.root, env=environment, capture_output=True, text=True, check=False)
    reports = [
        json.loads(text) for text in (alone.stdout, cli(shop.root, "check", "--format", "json").stdout)
    ]
    for report in reports:
        del report["timings_ms"]
    assert alone.returncode == 1
    assert reports[0] == reports[1]


def test_a_folder_of_ours_that_leads_elsewhere_is_not_written(tmp_path: Path, cli: Cli) -> None:
    made = Scratch.init(tmp_path / "work").write({"a.proto": PROTO})
    made.commit("base")
    made.branch("topic").write({"a.proto": LESS})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (made.root / ".git/workspai-hooks").symlink_to(elsewhere)
    assert cli(made.root, "check").returncode == 1
    assert cli(made.root, "facts", "update").returncode == 3
    assert list(elsewhere.iterdir()) == []
