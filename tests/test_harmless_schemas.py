"""The schema of a chart's values leads nowhere: helm, which would fetch and open what it refers to, is given
none that does."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from deployed import between
from gotool import real
from traps import Server

from workspai_hooks.contracts.helm.led_out import MAX_FILES, led_out
from workspai_hooks.tools import helm

CHART: Mapping[str, str | bytes] = {
    "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
    "c/values.yaml": "port: 80\n",
    "c/templates/s.yaml": (
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: {{ .Values.port }}}]}\n"
    ),
}
PACKED = 'apiVersion: v2\nname: d\nversion: 1.0.0\n'  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def tool() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKSPAI_HELM", real(helm.resolve_helm).path)
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.shutdown()


def tgz(files: Mapping[str, str | bytes]) -> bytes:
    """A packed chart `d`."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, text in files.items():
            data = text.encode() if isinstance(text, str) else text
            entry = tarfile.TarInfo(f"d/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return made.getvalue()


SCHEMAS = {
    "a reference": {"$ref": "http://HOST/s.json"},
    "below a property": {"properties": {"port": {"allOf": [{"$ref": "http://HOST/s.json#/a"}]}}},
    "a relative one, by its id": {"$id": "http://HOST/a.json", "properties": {"port": {"$ref": "s.json"}}},
    "a dynamic one": {"$dynamicRef": "http://HOST/s.json#a"},
    "the schema of schemas": {"$schema": "http://HOST/meta.json", "type": "object"},
    "a file": {"$ref": "file://OUTSIDE"},
    "a path": {"$ref": "OUTSIDE"},
    "an id in data": {"examples": [{"$id": "http://HOST/s.json"}], "$ref": "http://HOST/s.json"},
    "another scheme": {"$ref": "https://HOST/s.json"},
}


def test_helm_itself_would_go_there(tmp_path: Path) -> None:
    """Or there is nothing to guard against."""
    server = Server()
    for name, text in {**CHART, "c/values.schema.json": SCHEMAS["a reference"]}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        host = f"127.0.0.1:{server.server_address[1]}"
        (tmp_path / name).write_text(
            text if isinstance(text, str) else json.dumps(text).replace("HOST", host)
        )
    assert helm.template(helm.resolve_helm(), tmp_path / "c").faults
    assert server.calls
    server.shutdown()


@pytest.mark.parametrize("way", ["in the chart", "in a folder", "packed", "packed twice"])
@pytest.mark.parametrize("name", SCHEMAS)
def test_helm_is_given_no_schema_that_leads_out(tmp_path: Path, server: Server, name: str, way: str) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text('{"required": ["Zq7outside"]}')
    host = f"127.0.0.1:{server.server_address[1]}"
    schema = json.dumps(SCHEMAS[name]).replace("HOST", host).replace("OUTSIDE", str(outside))
    inner: dict[str, str | bytes] = {"Chart.yaml": PACKED, "values.schema.json": schema}
    files = {
        "in the chart": {"c/values.schema.json": schema},
        "in a folder": {f"c/charts/d/{path}": text for path, text in inner.items()},
        "packed": {"c/charts/d-1.0.0.tgz": tgz(inner)},
        "packed twice": {
            "c/charts/e-1.0.0.tgz": tgz({"Chart.yaml": PACKED, "charts/d-1.0.0.tgz": tgz(inner)})
        },
    }[way]
    base = {**CHART, **files}
    answer = between(base, {**base, "c/values.yaml": "port: 81\n"})
    assert server.calls == 0
    (question,) = answer.undecided
    assert question.what in files
    assert "which helm would fetch or open" in question.why
    assert "Zq7outside" not in str(answer)


OF_ITS_OWN: tuple[dict[str, object], ...] = (
    {},
    {"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/$defs/a", "$defs": {"a": {}}},
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://shop.example/values.json",
        "properties": {"port": {"$ref": "#/$defs/p"}, "$ref": {"type": "string"}},
        "$defs": {"p": {}},
    },
)


@pytest.mark.parametrize("schema", OF_ITS_OWN, ids=len)
def test_a_schema_of_its_own_is_asked_as_before(schema: dict[str, object]) -> None:
    text = json.dumps(schema)
    packed = tgz({"Chart.yaml": PACKED, "values.schema.json": text})
    base = {**CHART, "c/values.schema.json": text, "c/charts/d-1.0.0.tgz": packed}
    answer = between(base, {**base, "c/values.yaml": "port: 81\n"})
    assert answer.undecided == ()
    assert "Service/a:port/80" in {one.element for one in answer.breaks}


@pytest.mark.parametrize(
    "data",
    [
        b"no archive",
        tgz({"a": "b"})[:-20],
        tgz({f"templates/{number}": "" for number in range(MAX_FILES + 1)}),
        tgz({"values.schema.json": "{"}),
        tgz({"values.schema.json": "[" * 5000}),
    ],
    ids=["no archive", "cut off", "too many files", "no JSON", "too deep"],
)
def test_an_archive_that_can_not_be_looked_into_is_not_given_to_helm(data: bytes) -> None:
    assert led_out("charts/d.tgz", data)
