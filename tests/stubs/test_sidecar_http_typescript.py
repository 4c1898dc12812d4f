"""The sidecars of openapi-generator's TypeScript clients, of fetch and of axios, against a real server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from stubs import http_policies
from stubs.http_checks import Checks, Ran, play
from stubs.http_clients import enrich, fetched, generate, run, variants
from workspai_hooks.enrichment import openapi_axios, openapi_fetch

PROGRAMS = Path(__file__).parent / "http_programs"
NEEDS = ("typescript@5.9.3", "axios@1.18.1", "prettier@3.9.6", "@types/node@20")
GENERATORS = {
    "fetch": {"generatorName": "typescript-fetch"},
    "axios": {"generatorName": "typescript-axios"},
}


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both clients with their sidecars and programs, compiled by a strict tsc."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            pytest.skip(f"there is no {tool}")
    root = tmp_path_factory.mktemp("typescript")
    (root / "package.json").write_text('{"private": true}')
    fetched(["npm", "install", "--no-audit", "--no-fund", *NEEDS], root, "typescript, axios")
    generate(root, GENERATORS)
    for kind, anchor in ((openapi_fetch.KIND, "fetch/runtime.ts"), (openapi_axios.KIND, "axios/base.ts")):
        enrich(kind, root, anchor, breaker=http_policies.BREAKER)
        for name, text in variants(kind, root, anchor).items():
            (root / anchor).with_name(f"{name}_resilience.ts").write_text(text)
    for program in PROGRAMS.glob("*.ts"):
        shutil.copy(program, root)
    options = {
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
    sources = [f"{name}.ts" for name in GENERATORS] + ["*/*_resilience.ts"]
    (root / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": sources}))
    run(["node", "node_modules/typescript/lib/tsc.js", "-p", "."], root)
    return root


def ran_by(clients: Path, name: str) -> Ran:
    def program(phases: Path, url: str) -> str:
        return run(["node", f"built/{name}.js", str(phases), url], clients)

    return play(program, clients)


class TestFetch(Checks):
    @pytest.fixture(scope="class")
    @classmethod
    def ran(cls, clients: Path) -> Ran:
        return ran_by(clients, "fetch")


class TestAxios(Checks):
    @pytest.fixture(scope="class")
    @classmethod
    def ran(cls, clients: Path) -> Ran:
        return ran_by(clients, "axios")


def test_prettier_leaves_them_alone(clients: Path) -> None:
    sidecars = sorted(str(one.relative_to(clients)) for one in clients.glob("*/*_resilience.ts"))
    assert len(sidecars) == 8
    run(["node", "node_modules/prettier/bin/prettier.cjs", "--check", *sidecars], clients)
