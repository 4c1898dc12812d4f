"""The sidecar of openapi-python-client's client, sync and async, against a real server."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from stubs import http_policies
from stubs.http_checks import Checks, Program, Ran, played
from stubs.http_clients import enrich, run, variants
from stubs.toolchain import fetch, once
from workspai_hooks.enrichment.openapi_httpx import KIND

ANCHOR = "bench_client/__init__.py"
FILE = Path(__file__).parent / "http_programs" / "httpx_program.py"
GENERATOR = "openapi-python-client==0.29.1"


def prepare(root: Path) -> None:
    """A generated client with its sidecar; the generator brings httpx and attrs, which it imports."""
    wanted = ["--target", "needs", "black==26.1.0", GENERATOR]
    fetch([sys.executable, "-m", "pip", "install", "-q", "--no-compile", *wanted], root)
    (root / "bench.json").write_text(json.dumps(http_policies.description()))
    command = "import sys; from openapi_python_client.cli import app; app(sys.argv[1:])"
    options = ["--path", "bench.json", "--meta", "none", "--output-path", "bench_client"]
    run([sys.executable, "-c", command, "generate", *options], root, PYTHONPATH=str(root / "needs"))
    enrich(KIND, root, ANCHOR, breaker=http_policies.BREAKER)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "http-httpx", prepare)


def program(client: Path, mode: str) -> Program:
    path = os.pathsep.join(map(str, (client, client / "needs")))

    def play(phases: Path, url: str) -> str:
        return run([sys.executable, str(FILE), str(phases), url, mode], client, PYTHONPATH=path)

    return play


class TestSync(Checks):
    tries_of_own_limit = 3  # httpx's timeouts are each try's
    part_s = 0.9

    @pytest.fixture(scope="class")
    @classmethod
    def ran(cls, client: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
        return played(tmp_path_factory, "http-httpx-sync", program(client, "sync"))


class TestAsync(Checks):
    tries_of_own_limit = 3

    @pytest.fixture(scope="class")
    @classmethod
    def ran(cls, client: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
        return played(tmp_path_factory, "http-httpx-async", program(client, "async"))


def test_formatters_leave_it_alone(client: Path, tmp_path: Path) -> None:
    made = (client / "bench_client/client_resilience.py").read_text()
    for name, text in {"made": made, **variants(KIND, client, ANCHOR)}.items():
        compile(text, name, "exec")
        (tmp_path / f"{name}.py").write_text(text)
    run([sys.executable, "-m", "ruff", "format", "--isolated", "--diff", "."], tmp_path)
    rules = ["--select", "E,F,W,B,SIM,C4,PIE,RET", "--ignore", "E501"]
    run([sys.executable, "-m", "ruff", "check", "--isolated", *rules, "."], tmp_path)
    run([sys.executable, "-m", "black", "--check", "."], tmp_path, PYTHONPATH=str(client / "needs"))
