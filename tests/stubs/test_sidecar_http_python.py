"""The sidecar of openapi-generator's Python client, against a real server."""

from __future__ import annotations

import os
import shutil
import sys
from functools import partial
from pathlib import Path

import pytest

from stubs import http_policies
from stubs.http_checks import Checks, Program, Ran, played
from stubs.http_clients import clients, enrich, named, run, variants
from stubs.http_server import Server
from stubs.toolchain import fetch, once
from workspai_hooks.enrichment.openapi_python import KIND

ANCHOR = "made/bench_client/api_client.py"
FILE = Path(__file__).parent / "http_programs" / "program.py"
NEEDS = (
    "black==26.1.0",
    "urllib3>=2.7,<3",
    "pydantic>=2.11,<3",
    "python-dateutil>=2.8.2",
    "typing-extensions>=4.7.1",
)


def prepare(root: Path, generated: Path) -> None:
    """A generated client with its sidecar; what it imports is in `needs`, not in our own environment."""
    fetch([sys.executable, "-m", "pip", "install", "-q", "--no-compile", "--target", "needs", *NEEDS], root)
    shutil.copytree(generated / "python", root / "made")
    enrich(KIND, root, ANCHOR, breaker=http_policies.BREAKER)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "http-python", partial(prepare, generated=clients(tmp_path_factory)))


def path_of(client: Path) -> str:
    return os.pathsep.join(map(str, (client / "made", client / "needs")))


def program(client: Path) -> Program:
    def play(phases: Path, url: str) -> str:
        command = [sys.executable, str(FILE), str(phases), url]
        return run(command, client, PYTHONPATH=path_of(client))

    return play


@pytest.fixture(scope="module")
def ran(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return played(tmp_path_factory, "http-python", program(client))


class TestPython(Checks):
    def test_the_plain_client_has_no_deadline_and_waits_for_429_by_itself(self, ran: Ran) -> None:
        assert ran.of("plain-dated")[0].status == 200  # urllib3's own retry of Retry-After
        assert ran.of("plain-reset")[1] == 4  # and of connections, for safe methods


def test_retries_of_the_users_own_are_told_of_and_left_as_they_are(client: Path) -> None:
    script = """
import sys, warnings
import bench_client, bench_client_resilience, urllib3
retries = urllib3.Retry(4, status_forcelist=[503], backoff_factor=0.01)
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    configuration = bench_client.Configuration(host=sys.argv[1])
    configuration.retries = retries
    api = bench_client.BenchApi(bench_client_resilience.ApiClient(configuration))
print(*(one.message for one in told))
for behaviour in ("status:503", "status:502"):
    try:
        api.get_order("own-" + behaviour[-3:], behaviour=behaviour)
    except (bench_client.ApiException, urllib3.exceptions.MaxRetryError) as error:
        print(type(error).__name__)
"""
    with Server() as server:
        command = [sys.executable, "-c", script, f"{server.url}/v1"]
        told = run(command, client, PYTHONPATH=path_of(client))
        assert "Configuration.retries is set" in told
        assert told.split()[-2:] == ["MaxRetryError", "ServiceException"]
        assert [len(server.tries[name]) for name in ("own-503", "own-502")] == [5, 1]


def test_formatters_leave_it_alone(client: Path, tmp_path: Path) -> None:
    made = (client / "made/bench_client_resilience.py").read_text()
    package = "a_package_with_a_long_name_of_its_own.that_has_clients.of_other_services"
    long = named(KIND, ANCHOR, package=package, module=f"{package}_resilience")
    for name, text in {"made": made, "long": long, **variants(KIND, client, ANCHOR)}.items():
        compile(text, name, "exec")
        (tmp_path / f"{name}.py").write_text(text)
    run([sys.executable, "-m", "ruff", "format", "--isolated", "--diff", "."], tmp_path)
    rules = ["--select", "E,F,W,B,SIM,C4,PIE,RET", "--ignore", "E501"]
    run([sys.executable, "-m", "ruff", "check", "--isolated", *rules, "."], tmp_path)
    run([sys.executable, "-m", "black", "--check", "."], tmp_path, PYTHONPATH=str(client / "needs"))
