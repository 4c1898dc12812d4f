"""The verb `stubs` on clients that the real openapi-generator makes of a description."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import Scratch

Cli = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[[Mapping[str, str | bytes]], Scratch]

API = """\
openapi: 3.0.3
info: {title: Orders, version: 1.2.0}
paths:
  /orders:
    get:
      operationId: listOrders
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
    post:
      operationId: createOrder
      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]
      responses: {"201": {description: ok}}
components:
  schemas:
    Order: {type: object, required: [id], properties: {id: {type: string}, total: {type: number}}}
"""
SIDECAR = "services/shop/openapi_client_resilience.py"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A Python client: path in the repository -> content."""
    found = importlib.util.find_spec("openapi_generator_cli")
    if found is None or found.origin is None:
        pytest.skip("openapi-generator-cli is not installed")
    if shutil.which("java") is None:
        pytest.skip("there is no java, which openapi-generator runs in")
    folder = tmp_path_factory.mktemp("client")
    (folder / "api.yaml").write_text(API)
    jar = Path(found.origin).parent / "openapi-generator.jar"
    argv = ["java", "-XX:TieredStopAtLevel=1", "-jar", str(jar), "generate", "-i", "api.yaml", "-g", "python"]
    subprocess.run([*argv, "-o", "made"], cwd=folder, check=True, capture_output=True, timeout=120)
    made = folder / "made"
    kept = ("openapi_client/", ".openapi-generator/")
    paths = [path for path in sorted(made.rglob("*")) if path.is_file()]
    names = [path.relative_to(made).as_posix() for path in paths]
    return {
        f"services/shop/{name}": path.read_bytes()
        for name, path in zip(names, paths, strict=True)
        if name.startswith(kept)
    }


def asked(cli: Cli, made: Scratch, *flags: str) -> tuple[int, dict[str, Any]]:
    done = cli(made.root, "stubs", "--format", "json", *flags)
    assert "Traceback" not in done.stderr, done.stderr
    if "pre-commit" in flags:  # exactly as the hook runs it, which may take the short way out
        assert cli(made.root, "stubs", *flags).returncode == done.returncode
    return done.returncode, json.loads(done.stdout)


def test_a_client_gets_a_sidecar(scratch: Make, cli: Cli, client: Mapping[str, bytes]) -> None:
    made = scratch({"api.yaml": API, **client})
    code, report = asked(cli, made)
    assert (code, report["written"], report["findings"]) == (0, [SIDECAR], [])
    (listed,) = report["stubs"]
    assert (listed["generator"], listed["version"]) == ("openapi-generator", "7.26.0")
    assert (listed["contract"], listed["sidecars"]) == ("api.yaml", [SIDECAR])
    text = (made.root / SIDECAR).read_text()
    assert "Idempotency-Key" in text
    assert asked(cli, made, "--check")[0] == 0


def test_skew_of_a_client_names_field_and_version(
    scratch: Make, cli: Cli, client: Mapping[str, bytes]
) -> None:
    newer = API.replace("total: {type: number}", "total: {type: number}, note: {type: string}")
    made = scratch({"api.yaml": newer.replace("1.2.0", "1.3.0"), **client})
    asked(cli, made)
    code, report = asked(cli, made, "--check")
    assert code == 1
    assert [(one["id"], one["element"]) for one in report["findings"]] == [
        ("WSP501", "Order.note"),
        ("WSP503", "file:api.yaml"),
    ]
    assert "version 1.2.0" in report["findings"][0]["message"]
    (holder,) = report["findings"][0]["consumers"]
    assert holder["stub"]["contract_version"] == "1.2.0"


def test_the_hook_looks_at_a_client_when_its_description_changes(
    scratch: Make, cli: Cli, client: Mapping[str, bytes]
) -> None:
    made = scratch({"api.yaml": API, **client})
    made.write({"README.md": "hello"})
    assert asked(cli, made, "--stage", "pre-commit")[0] == 0
    made.replace("api.yaml", "total: {type: number}", "total: {type: number}, note: {type: string}")
    code, report = asked(cli, made, "--stage", "pre-commit")
    assert (code, report["written"]) == (1, [SIDECAR])
    assert "Order.note" in [one["element"] for one in report["findings"]]


def test_two_descriptions_that_may_be_its_own_are_undecided(
    scratch: Make, cli: Cli, client: Mapping[str, bytes]
) -> None:
    other = API.replace("total: {type: number}", "total: {type: string}")
    code, report = asked(cli, scratch({"a/api.yaml": API, "b/api.yaml": other, **client}), "--check")
    assert code == 3
    assert "a/api.yaml or of b/api.yaml" in report["undecided"][0]["why"]
