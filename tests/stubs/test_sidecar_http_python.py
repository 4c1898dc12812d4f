"""The sidecar of openapi-generator's Python client, against a real server."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from stubs import http_policies
from stubs.http_checks import Checks, Ran, play
from stubs.http_clients import enrich, fetched, generate, run
from workspai_hooks.enrichment.openapi_python import KIND

PROGRAM = Path(__file__).parent / "http_programs" / "program.py"
NEEDS = ("urllib3>=2.7,<3", "pydantic>=2.11,<3", "python-dateutil>=2.8.2", "typing-extensions>=4.7.1")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated client with its sidecar; what it imports is in `needs`, not in our own environment."""
    root = tmp_path_factory.mktemp("python")
    fetched([sys.executable, "-m", "pip", "install", "-q", "--target", "needs", *NEEDS], root, "urllib3")
    options = {"generatorName": "python", "additionalProperties": {"packageName": "bench_client"}}
    generate(root, {"made": options})
    enrich(KIND, root, "made/bench_client/api_client.py", breaker=http_policies.BREAKER)
    return root


@pytest.fixture(scope="module")
def ran(client: Path) -> Ran:
    def program(phases: Path, url: str) -> str:
        path = os.pathsep.join(map(str, (client / "made", client / "needs")))
        return run([sys.executable, str(PROGRAM), str(phases), url], client, PYTHONPATH=path)

    return play(program, client)


class TestPython(Checks):
    def test_the_plain_client_has_no_deadline_and_waits_for_429_by_itself(self, ran: Ran) -> None:
        assert ran.of("plain-dated")[0].status == 200  # urllib3's own retry of Retry-After
        assert ran.of("plain-reset")[1] == 4  # and of connections, for safe methods
