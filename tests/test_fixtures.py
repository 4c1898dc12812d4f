"""The shop is what its truth says: otherwise every test that leans on it proves nothing."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tree_sitter_c_sharp
import yaml
from conftest import FIXTURES, SHOP, Scratch
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from tree_sitter import Language, Parser

TRUTH: dict[str, Any] = json.loads((SHOP / "truth.json").read_text(encoding="utf-8"))
EDITS: list[dict[str, Any]] = json.loads((FIXTURES / "edits.json").read_text(encoding="utf-8"))
SERVICES = TRUTH["services"]
BUF = Path(sys.executable).with_name("buf")
VERDICTS = {"breaks", "regenerates", "exposed", "unknown"}


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FileDescriptorProto]:
    """The shop's protos by import path, compiled by buf."""
    return compiled(SHOP / "protos", tmp_path_factory.mktemp("image"))


def compiled(root: Path, scratch: Path) -> dict[str, FileDescriptorProto]:
    image = scratch / "image.binpb"
    subprocess.run([BUF, "build", root, "-o", image], check=True, timeout=60)
    files = FileDescriptorSet.FromString(image.read_bytes()).file
    return {file.name: file for file in files if file.name.startswith("bookshop/") or "/" not in file.name}


def without_sources(file: FileDescriptorProto) -> FileDescriptorProto:
    """As protoc embeds it in stubs: no comments, no JSON names, nothing that buf added."""
    kept = FileDescriptorProto()
    kept.CopyFrom(file)
    kept.ClearField("source_code_info")
    kept.DiscardUnknownFields()
    for message in kept.message_type:
        forget_json_names(message)
    return kept


def forget_json_names(message: Any) -> None:
    for field in message.field:
        field.ClearField("json_name")
    for nested in message.nested_type:
        forget_json_names(nested)


def element_names(file: FileDescriptorProto) -> Iterator[str]:
    """Fields, oneofs, enum values and rpcs as the command line names them."""

    def of_message(message: Any, name: str) -> Iterator[str]:
        synthetic = {field.oneof_index for field in message.field if field.proto3_optional}
        yield from (f"{name}.{field.name}" for field in message.field)
        yield from (f"{name}.{one.name}" for i, one in enumerate(message.oneof_decl) if i not in synthetic)
        for nested in message.nested_type:
            if not nested.options.map_entry:
                yield from of_message(nested, f"{name}.{nested.name}")

    for message in file.message_type:
        yield from of_message(message, f"{file.package}.{message.name}")
    for enum in file.enum_type:
        yield from (f"{file.package}.{enum.name}.{value.name}" for value in enum.value)
    for service in file.service:
        yield from (f"{file.package}.{service.name}/{method.name}" for method in service.method)


def test_truth_knows_every_element_of_the_contract(contract: dict[str, FileDescriptorProto]) -> None:
    declared = {name for file in contract.values() for name in element_names(file)}
    assert set(TRUTH["elements"]) == declared


def spellings(element: str) -> set[str]:
    """How the languages write an element's own name, case aside."""
    name = re.split(r"[./]", element)[-1].casefold()
    return {name, name.replace("_", ""), name.partition("_")[2].replace("_", "") or name}


def told_sites() -> Iterator[tuple[str, Path, int]]:
    for element, entry in TRUTH["elements"].items():
        for service, sites in [*entry["sites"].items(), *entry.get("neutral", {}).items()]:
            for site in sites:
                path, _, line = site.rpartition(":")
                yield element, SHOP / SERVICES[service] / path, int(line)
    for element, sites in TRUTH["beyond_the_compiler"].items():
        for site in sites:
            path, _, line = site.rpartition(":")
            yield element, SHOP / path, int(line)


def test_every_told_site_names_its_element() -> None:
    wrong = [
        f"{element}: {path.relative_to(SHOP)}:{line}"
        for element, path, line in told_sites()
        if not any(
            word in path.read_text(encoding="utf-8").splitlines()[line - 1].casefold()
            for word in spellings(element)
        )
    ]
    assert wrong == []
    assert len(list(told_sites())) > 200


def go_descriptor(stub: Path) -> FileDescriptorProto:
    """What protoc-gen-go embeds: one concatenation of quoted lines. Its escapes are those of Python bytes."""
    source = stub.read_text(encoding="utf-8")
    constant = re.search(r'_rawDesc = "" \+\n((?:\t"(?:[^"\\]|\\.)*"(?: \+)?\n)+)', source)
    assert constant, stub
    literals = re.findall(r'"(?:[^"\\]|\\.)*"', constant[1])
    return FileDescriptorProto.FromString(b"".join(ast.literal_eval(f"b{text}") for text in literals))


def python_descriptor(stub: Path) -> FileDescriptorProto:
    for node in ast.walk(ast.parse(stub.read_text(encoding="utf-8"))):
        is_method_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_method_call and node.func.attr == "AddSerializedFile":
            return FileDescriptorProto.FromString(ast.literal_eval(node.args[0]))
    raise AssertionError(f"no descriptor in {stub}")


TS_MESSAGE = re.compile(
    r"^export const (\w+): MessageFns<\w+> = \{\n  encode\((.*?)^  decode\(", re.MULTILINE | re.DOTALL
)


def typescript_members(source: str) -> set[str]:
    """What ts-proto writes where others embed a descriptor: numbers of fields and values, paths of rpcs."""
    tags = {
        f"{message} {int(tag) >> 3}"
        for message, body in TS_MESSAGE.findall(source)
        for tag in re.findall(r"writer\.uint32\((\d+)\)", body)
    }
    values = set(re.findall(r"^  ([A-Z]\w+ = \d+),$", source, re.MULTILINE))
    return tags | values | set(re.findall(r'^    path: "(.*)" as const', source, re.MULTILINE))


def declared_members(file: FileDescriptorProto) -> Iterator[str]:
    def of_message(message: Any, name: str) -> Iterator[str]:
        yield from (f"{name} {field.number}" for field in message.field)
        for nested in message.nested_type:
            yield from of_message(nested, f"{name}_{nested.name}")

    for message in file.message_type:
        yield from of_message(message, message.name)
    for enum in file.enum_type:
        yield from (f"{value.name} = {value.number}" for value in enum.value)
    for service in file.service:
        yield from (f"/{file.package}.{service.name}/{method.name}" for method in service.method)


TS_STUBS = sorted(SHOP.glob("services/admin/src/proto/bookshop/*/*/*.ts"))
STUBS = [*sorted(SHOP.rglob("genproto/*/*[!c].pb.go")), *sorted(SHOP.rglob("*_pb2.py"))]


@pytest.mark.parametrize("stub", STUBS, ids=lambda stub: str(stub.relative_to(SHOP)))
def test_committed_stubs_are_fresh(stub: Path, contract: dict[str, FileDescriptorProto]) -> None:
    embedded = go_descriptor(stub) if stub.suffix == ".go" else python_descriptor(stub)
    assert without_sources(embedded) == without_sources(contract[embedded.name])


@pytest.mark.parametrize("stub", TS_STUBS, ids=lambda stub: stub.stem)
def test_committed_typescript_stubs_are_fresh(stub: Path, contract: dict[str, FileDescriptorProto]) -> None:
    name = stub.relative_to(SHOP / "services/admin/src/proto").with_suffix(".proto").as_posix()
    assert typescript_members(stub.read_text(encoding="utf-8")) == set(declared_members(contract[name]))


def package(stub: Path) -> str:
    if stub.suffix == ".ts":
        source = stub.read_text(encoding="utf-8")
        return re.findall(r'^export const protobufPackage = "(.*)";$', source, re.MULTILINE)[0]
    return (go_descriptor(stub) if stub.suffix == ".go" else python_descriptor(stub)).package


def test_stubs_are_held_as_told() -> None:
    held = {
        service: sorted({package(stub) for stub in (*STUBS, *TS_STUBS) if stub.is_relative_to(SHOP / folder)})
        for service, folder in SERVICES.items()
    }
    told = {service: row["packages"] for service, row in TRUTH["holders"].items()}
    assert held == {service: [] for service in SERVICES} | {
        service: told[service] for service in ("admin", "mailer", "orders", "storefront")
    }


def test_the_warehouse_holds_a_part_of_the_contract(
    contract: dict[str, FileDescriptorProto], tmp_path: Path
) -> None:
    copy = compiled(SHOP / "services/warehouse/src/Protos", tmp_path)["stock.proto"]
    missing = set(element_names(contract["bookshop/stock/v1/stock.proto"])) - set(element_names(copy))
    assert missing == {
        "bookshop.stock.v1.StockRoom/CountShelf",
        "bookshop.stock.v1.CountShelfResponse.counted",
    }
    assert set(element_names(copy)) <= set(TRUTH["elements"])


def test_csharp_parses() -> None:
    """No .NET here: the grammar at least finds nothing wrong."""
    parser = Parser(Language(tree_sitter_c_sharp.language()))
    broken = [file.name for file in SHOP.rglob("*.cs") if parser.parse(file.read_bytes()).root_node.has_error]
    assert broken == []


def manifests() -> dict[str, Any]:
    deployments = [
        document
        for file in sorted((SHOP / "deploy/k8s").glob("*.yaml"))
        for document in yaml.safe_load_all(file.read_text(encoding="utf-8"))
        if document["kind"] == "Deployment"
    ]
    return {document["metadata"]["name"]: document for document in deployments}


def test_compose_and_kubernetes_run_the_told_services() -> None:
    compose = yaml.safe_load((SHOP / "compose.yaml").read_text(encoding="utf-8"))
    told = {*SERVICES, *TRUTH["infrastructure"]}
    assert set(compose["services"]) == told
    assert set(manifests()) == told


def test_addresses_are_read_except_the_trap() -> None:
    unread = []
    for name, document in manifests().items():
        variables = document["spec"]["template"]["spec"]["containers"][0].get("env", [])
        sources = [
            file.read_text(encoding="utf-8")
            for file in (SHOP / "services" / name).rglob("*")
            if file.suffix in {".go", ".py", ".cs", ".java", ".ts"} or file.name == "Dockerfile"
        ]
        unread += [
            (name, variable["name"])
            for variable in variables
            if not any(variable["name"] in source for source in sources)
        ]
    assert unread == [("storefront", "MAILER_ADDR")]


CHART = SHOP / "deploy/chart"


def test_the_chart_deploys_the_told_services_at_the_same_addresses() -> None:
    """As text: the chart was rendered by Helm when it was written, but no Helm is needed here."""
    templates = {
        found[1]: text
        for text in (
            file.read_text(encoding="utf-8") for file in sorted((CHART / "templates").glob("*.yaml"))
        )
        if (found := re.search(r"kind: Deployment\nmetadata:\n  name: (\w+)\n", text))
    }
    assert set(templates) == {*SERVICES, *TRUTH["infrastructure"]}
    addresses = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))["addresses"]
    shared = (CHART / "templates/addresses.yaml").read_text(encoding="utf-8")
    for name, document in manifests().items():
        (container,) = document["spec"]["template"]["spec"]["containers"]
        plain = {row["name"]: row["value"] for row in container.get("env", [])}
        wholesale = "configMapRef:" in templates[name]
        named = set(re.findall(r"- name: (\w+_ADDR)", templates[name]))
        assert named == (set() if wholesale else set(plain)), name
        assert not wholesale or set(plain) <= set(re.findall(r"^  (\w+_ADDR):", shared, re.MULTILINE))
        assert all(addresses[key.removesuffix("_ADDR").lower()] == value for key, value in plain.items())


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit["name"])
def test_edits_apply_and_compile(edit: dict[str, Any], shop: Scratch, tmp_path: Path) -> None:
    shop.apply(edit)
    assert shop.repo.git.diff("--cached", "--name-only")
    if edit["name"] != "file-deleted":
        assert compiled(shop.root / "protos", tmp_path)
    assert set(edit["verdicts"]) <= set(SERVICES)
    assert set(edit["verdicts"].values()) <= VERDICTS
    assert (edit["element"] is None) == (edit["verdicts"] == {})


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit["name"])
def test_edits_agree_with_the_told_sites(edit: dict[str, Any]) -> None:
    """Who has a site breaks, and only those (a whole file or package has no sites of its own)."""
    entry = TRUTH["elements"].get(edit["element"])
    if entry is None:
        assert edit["element"] is None or edit["element"].startswith(("file:", "package:"))
        return
    templates = {site.split("/")[1] for site in TRUTH["beyond_the_compiler"].get(edit["element"], [])}
    breaking = {name for name, verdict in edit["verdicts"].items() if verdict == "breaks"}
    assert breaking == {*entry["sites"], *templates}
