"""Sidecars of gRPC stubs in Go, against a real server: two contracts generated into one package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stubs.policies import bench_plan, shop_plan
from stubs.scenarios import NAMES, Outcomes, outcomes
from stubs.server import HERE, PROTOS, running
from workspai_hooks.enrichment.grpc_go import KINDS
from workspai_hooks.enrichment.rendering import render

PLANS = {"benchpb/resilience_grpc.pb.go": bench_plan, "benchpb/shop_grpc.pb.go": shop_plan}
GENERATORS = (
    "google.golang.org/protobuf/cmd/protoc-gen-go",
    "google.golang.org/grpc/cmd/protoc-gen-go-grpc",
)


def go(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
    return subprocess.run(
        ["go", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )


def built(folder: Path, *arguments: str) -> None:
    """Builds; skips where the modules can't be had, which says nothing of the sidecars."""
    downloaded = go(folder, "mod", "download")
    if downloaded.returncode:
        pytest.skip(f"the Go modules can't be fetched: {downloaded.stderr.strip()[-200:]}")
    done = go(folder, "build", *arguments)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A module with freshly generated stubs and their sidecars."""
    if shutil.which("go") is None:
        pytest.skip("there is no Go")
    folder = tmp_path_factory.mktemp("grpc_go") / "module"
    shutil.copytree(HERE / "clients" / "grpc_go", folder)
    (folder / "bin").mkdir()
    built(folder, "-o", "bin/", *GENERATORS)
    module = "module=example.com/bench"
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{HERE}", "--go_out=.", "--go-grpc_out=."]
    subprocess.run(
        [*protoc, f"--go_opt={module}", f"--go-grpc_opt={module}", *PROTOS],
        cwd=folder,
        env={**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"},
        check=True,
    )
    for path, content in sidecars(folder).items():
        (folder / path).write_text(content, "utf-8")
    return folder


def sidecars(folder: Path) -> dict[str, str]:
    made: dict[str, str] = {}
    for stub, plan in PLANS.items():
        for kind in KINDS:
            if kind.generator != "protoc-gen-go-grpc":
                continue
            read = kind.facts(stub, (folder / stub).read_bytes())
            assert read is not None
            for path, template in kind.outputs(stub, read).items():
                content = render(template, plan(stub, read))
                assert made.setdefault(path, content) == content
    return made


@pytest.fixture(scope="module")
def seen(folder: Path) -> Iterator[Outcomes]:
    built(folder, "-o", "bin/", ".")
    with running() as server:
        yield outcomes(server, [str(folder / "bin" / "bench")], folder)


@pytest.mark.parametrize("name", NAMES)
def test_calls_keep_to_the_policies(seen: Outcomes, name: str) -> None:
    assert seen.wrong(name) == []


def test_gofmt_and_vet_leave_the_sidecars_alone(folder: Path) -> None:
    listed = subprocess.run(
        ["gofmt", "-l", *sidecars(folder)], cwd=folder, capture_output=True, text=True, check=True
    )
    assert listed.stdout == ""
    vetted = go(folder, "vet", "./...")
    assert vetted.returncode == 0, vetted.stderr
