"""Clients as the real openapi-generator makes them: every file of code is known, and none differs from its
own description; one from an older description differs in what changed."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from stubs.http_clients import need, run
from stubs.test_openapi_skew import NEW, OLD
from stubs.toolchain import Unavailable, once
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.stubs.listed import listed
from workspai_hooks.stubs.openapi_clients import find_clients
from workspai_hooks.stubs.openapi_contracts import with_descriptions
from workspai_hooks.stubs.recognise import made_by
from workspai_hooks.stubs.skew import Grade

WITH_DESCRIPTION = ("csharp", "go", "java")
ALONE = ("dart", "kotlin", "php", "python", "ruby", "rust", "typescript-axios", "typescript-fetch")
WITH_MODELS = ("kotlin", "python", "typescript-axios", "typescript-fetch")
CODE = (".cs", ".dart", ".go", ".java", ".kt", ".php", ".py", ".rb", ".rs", ".ts")
CONTRACT = "services/orders/openapi.yaml"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | bytes]:
    """All clients of one description, each below `clients/GENERATOR`."""

    def make(folder: Path) -> None:
        found = importlib.util.find_spec("openapi_generator_cli")
        if found is None or found.origin is None:
            raise Unavailable("openapi-generator-cli is not installed")
        need("java")
        (folder / "spec.yaml").write_text(OLD)
        configs = []
        for name in (*WITH_DESCRIPTION, *ALONE):
            config = folder / f"{name}.json"
            wanted = {"generatorName": name, "inputSpec": "spec.yaml", "outputDir": f"out/{name}"}
            config.write_text(json.dumps(wanted))
            configs.append(config.name)
        jar = Path(found.origin).parent / "openapi-generator.jar"
        run(["java", "-XX:TieredStopAtLevel=1", "-jar", str(jar), "batch", "--fail-fast", *configs], folder)

    root = once(tmp_path_factory, "openapi_skew", make) / "out"
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {f"clients/{path.relative_to(root)}": path.read_bytes() for path in files}


def test_every_file_of_code_is_known(made: dict[str, str | bytes]) -> None:
    lists = listed(Snapshot.of(dict(made)))
    unknown = []
    for path, data in made.items():
        if path.endswith(CODE) and path not in lists:
            assert isinstance(data, bytes)
            found = made_by(data, path)
            if found is None or found.generator != "openapi-generator":
                unknown.append(path)
    assert unknown == []


@pytest.mark.parametrize("name", [*WITH_DESCRIPTION, *ALONE])
def test_a_client_differs_from_its_own_description_in_nothing(
    made: dict[str, str | bytes], name: str
) -> None:
    assert differences(made, OLD, name) == []


@pytest.mark.parametrize("name", WITH_DESCRIPTION)
def test_a_client_with_a_description_inside_tells_everything(made: dict[str, str | bytes], name: str) -> None:
    assert differences(made, NEW, name) == [
        "wire GET /orders query state",
        "wire Order.note",
        "wire Order.total",
        "policy DELETE /orders/{orderId}",
        "cosmetic info.version",
    ]


@pytest.mark.parametrize("name", ALONE)
def test_code_tells_of_operations_and_fields(made: dict[str, str | bytes], name: str) -> None:
    newer = NEW.replace("    delete:", "    get: {responses: {'200': {description: ok}}}\n    delete:")
    found = [one for one in differences(made, newer, name) if not one.startswith("cosmetic")]
    fields = ["wire Order.note"] if name in WITH_MODELS else []
    assert found == ["wire GET /orders/{orderId}", *fields]


def differences(made: dict[str, str | bytes], contract: str, name: str) -> list[str]:
    root = f"clients/{name}"
    files = {path: data for path, data in made.items() if path.startswith(f"{root}/")}
    snapshot = Snapshot.of({**files, CONTRACT: contract})
    (client,) = find_clients(snapshot, lambda path: path.split("/")[0])
    described = with_descriptions(snapshot, [client], lambda path: None)
    assert (client.root, client.generator) == (root, "openapi-generator")
    assert bool(client.carried) is (name in WITH_DESCRIPTION)
    assert described.matches[root].contract == CONTRACT
    found = described.differences[root]
    assert all(isinstance(one.grade, Grade) for one in found)
    return [f"{one.grade} {one.element}" for one in found]
