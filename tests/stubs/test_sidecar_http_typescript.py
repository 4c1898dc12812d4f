"""The sidecars of openapi-generator's TypeScript clients, of fetch and of axios, against a real server."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from stubs import http_policies
from stubs.http_checks import Checks, Program, Ran, played
from stubs.http_clients import clients, enrich, need, run, variants
from stubs.toolchain import fetch, once
from workspai_hooks.enrichment import openapi_axios, openapi_fetch

FILES = Path(__file__).parent / "http_programs"
NEEDS = ("typescript@5.9.3", "axios@1.18.1", "prettier@3.9.6", "@types/node@20")
NAMES = ("fetch", "axios")
ANCHORS = {openapi_fetch.KIND: "fetch/runtime.ts", openapi_axios.KIND: "axios/base.ts"}
OPTIONS = {
    "strict": True,
    "target": "ES2022",
    "module": "commonjs",
    "moduleResolution": "node10",
    "esModuleInterop": True,
    "lib": ["ES2022", "DOM", "DOM.Iterable"],
    "types": ["node"],
    "outDir": "built",
    "skipLibCheck": True,
}


def prepare(root: Path, generated: Path) -> None:
    """Both clients with their sidecars and programs, compiled by a strict tsc."""
    need("node", "npm")
    (root / "package.json").write_text('{"private": true}')
    fetch(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *NEEDS], root)
    for name in NAMES:
        shutil.copytree(generated / name, root / name)
    for kind, anchor in ANCHORS.items():
        enrich(kind, root, anchor, breaker=http_policies.BREAKER)
        for name, text in variants(kind, root, anchor).items():
            (root / anchor).with_name(f"{name}_resilience.ts").write_text(text)
    for program in FILES.glob("*.ts"):
        shutil.copy(program, root)
    sources = [*(f"{name}.ts" for name in NAMES), "*/*_resilience.ts"]
    (root / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS, "include": sources}))
    run(["node", "node_modules/typescript/lib/tsc.js", "-p", "."], root)


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "http-typescript", partial(prepare, generated=clients(tmp_path_factory)))


def program(projects: Path, name: str) -> Program:
    def play(phases: Path, url: str) -> str:
        return run(["node", f"built/{name}.js", str(phases), url], projects)

    return play


class TestFetch(Checks):
    @pytest.fixture(scope="class")
    @classmethod
    def ran(cls, projects: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
        return played(tmp_path_factory, "http-fetch", program(projects, "fetch"))


class TestAxios(Checks):
    @pytest.fixture(scope="class")
    @classmethod
    def ran(cls, projects: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
        return played(tmp_path_factory, "http-axios", program(projects, "axios"))


def test_prettier_leaves_them_alone(projects: Path) -> None:
    sidecars = sorted(str(one.relative_to(projects)) for one in projects.glob("*/*_resilience.ts"))
    assert len(sidecars) == 8
    run(["node", "node_modules/prettier/bin/prettier.cjs", "--check", *sidecars], projects)
