"""Sidecars of gRPC stubs in Python, sync and aio, against a real server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stubs.policies import bench_plan, shop_plan
from stubs.scenarios import NAMES, Outcomes, outcomes
from stubs.server import HERE, PROTOS, running
from workspai_hooks.enrichment.grpc_python import facts, outputs
from workspai_hooks.enrichment.rendering import render

PLANS = {"resilience_pb2_grpc.py": bench_plan, "shop_pb2_grpc.py": shop_plan}


def generate(folder: Path) -> None:
    """The stubs as grpcio-tools makes them, and their sidecars."""
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{HERE}"]
    subprocess.run([*protoc, f"--python_out={folder}", f"--grpc_python_out={folder}", *PROTOS], check=True)
    for stub, plan in PLANS.items():
        read = facts(stub, (folder / stub).read_bytes())
        assert read is not None
        for path, template in outputs(stub, read).items():
            (folder / path).write_text(render(template, plan(stub, read)), "utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grpc_python")
    generate(folder)
    return folder


@pytest.fixture(scope="module", params=["sync", "aio"])
def seen(request: pytest.FixtureRequest, folder: Path) -> Iterator[Outcomes]:
    program = [sys.executable, str(HERE / "clients" / "grpc_python.py"), request.param]
    with running() as server:
        yield outcomes(server, program, folder)


@pytest.mark.parametrize("name", NAMES)
def test_calls_keep_to_the_policies(seen: Outcomes, name: str) -> None:
    assert seen.wrong(name) == []
