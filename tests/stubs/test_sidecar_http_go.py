"""The sidecar of openapi-generator's Go client, against a real server."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from stubs import http_policies
from stubs.http_checks import Checks, Program, Ran, played
from stubs.http_clients import clients, enrich, need, run, variants
from stubs.toolchain import once
from workspai_hooks.enrichment.openapi_go import KIND

ANCHOR = "made/client.go"
FILE = Path(__file__).parent / "http_programs" / "go" / "program.go"


def prepare(root: Path, generated: Path) -> None:
    """The client with its sidecar, which needs the standard library alone, and a program beside it."""
    need("go")
    shutil.copytree(generated / "go", root / "made")
    (root / "made" / "go.mod").write_text("module example.test/bench\n\ngo 1.23\n")
    enrich(KIND, root, ANCHOR, breaker=http_policies.BREAKER)
    (root / "made" / "program").mkdir()
    shutil.copy(FILE, root / "made" / "program")
    run(["go", "build", "-o", "../program", "./program"], root / "made")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "http-go", partial(prepare, generated=clients(tmp_path_factory)))


def program(client: Path) -> Program:
    def play(phases: Path, url: str) -> str:
        return run(["./program", str(phases), url], client)

    return play


@pytest.fixture(scope="module")
def ran(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return played(tmp_path_factory, "http-go", program(client))


class TestGo(Checks):
    pass


def test_gofmt_and_vet_leave_it_alone(client: Path) -> None:
    sidecar = client / "made" / "client_resilience.go"
    texts = {"made": sidecar.read_text(), **variants(KIND, client, ANCHOR)}
    for name, text in texts.items():
        sidecar.write_text(text)
        assert run(["gofmt", "-d", str(sidecar)], client) == "", name
        run(["go", "vet", "."], client / "made")
