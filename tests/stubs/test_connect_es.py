"""Sidecars of protoc-gen-es's stubs for connect-es, over gRPC against a real server."""

from __future__ import annotations

import base64
import json
import re
import shutil
import time
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2 as pb

from stubs.node import Project
from stubs.policies import bench_plan, shop_plan
from stubs.scenarios import RUNS, SHOP_RUNS, faults
from stubs.server import HERE, PROTOS
from stubs.toolchain import node_modules, once, ran
from stubs.variants import CONTRACT, PROTO, variants
from workspai_hooks.enrichment.connect_es import KINDS, facts
from workspai_hooks.enrichment.rendering import render

OPTIONS = {"ts": "target=ts,import_extension=js", "js": "target=js+dts,import_extension=js"}
PLANS = {"resilience_pb": bench_plan, "shop_pb": shop_plan}
CALLED = [run for run in RUNS if run.service_config is None]
"""connect-es knows no service config: the sidecar does the retries itself."""


def build(folder: Path, packages: Path, language: str = "ts") -> None:
    """Stubs with their sidecars and the client program, compiled."""
    made = Project.init(folder, packages, "nodenext")
    made.generate("es", OPTIONS[language])
    for stub, planned in PLANS.items():
        made.enrich(KINDS, f"{stub}.{language}", planned)
    shutil.copy(HERE / "clients" / "connect.ts", made.folder / "client.ts")
    assert made.compile("client.ts") == ""
    for path in folder.glob("*_pb*.js"):
        shutil.copy(path, folder / "out")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    packages = node_modules(tmp_path_factory)
    return Project(once(tmp_path_factory, "connect", lambda folder: build(folder, packages)), "nodenext")


def test_calls_keep_to_the_policies(project: Project) -> None:
    assert faults(["node", "out/client.js"], project.folder, CALLED) == {}


def test_the_same_holds_in_javascript(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    build(tmp_path / "project", node_modules(tmp_path_factory), "js")
    runs = [run for run in CALLED if run in SHOP_RUNS]
    assert faults(["node", "out/client.js"], tmp_path / "project", runs) == {}


def test_the_connect_protocol_is_told_of_deadlines_as_well(project: Project) -> None:
    """Shop/Put: three tries in 0.6 s. Flaky; hanging, with no timeout of the caller's, a shorter one, a
    longer one; a call that was given up before it began."""
    shutil.copy(HERE / "clients" / "connect_router.ts", project.folder / "router.ts")
    assert project.compile("router.ts") == ""
    late = "DeadlineExceeded"
    calls = [("OK", 3), (late, 1), (late, 1), (late, 1), ("Canceled", 0)]
    done = ran(["node", "out/router.js"], project.folder)
    assert done.stderr == ""
    seen = json.loads(done.stdout)
    found = [(one["code"], one["tries"]) for one in seen]
    assert found == calls
    assert [len(one["keys"]) for one in seen] == [1, 1, 1, 1, 0]
    for one, limit in zip(seen[1:4], (600, 200, 600), strict=True):
        assert limit - 50 <= one["leftMs"][0] <= limit
        assert limit - 20 <= one["ms"] <= limit + 350


@pytest.mark.parametrize("language", OPTIONS)
def test_sidecars_compile_and_are_formatted_whatever_is_in_them(
    language: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project = Project.init(tmp_path / "project", node_modules(tmp_path_factory), "nodenext")
    (tmp_path / CONTRACT).write_text(PROTO)
    project.generate("es", OPTIONS[language], protos=tmp_path, names=[CONTRACT])
    stub = f"variants_pb.{language}"
    read = facts(stub, (project.folder / stub).read_bytes())
    assert read is not None
    paths = []
    for name, plan in variants(stub, read):
        pairs = (pair for kind in KINDS for pair in kind.outputs(stub, read).items())
        for path, template in pairs:
            paths.append(project.folder / path.replace("variants_pb", name))
            paths[-1].write_text(render(template, plan))
    assert project.unformatted(*paths) == ""
    assert project.compile(*(path.name for path in paths if path.suffix == ".ts")) == ""
    loaded = "".join(f'import "./{path.name}";' for path in paths if path.suffix == ".js")
    assert ran(["node", "--input-type=module", "-e", loaded], project.folder).stderr == ""


@pytest.mark.parametrize("language", OPTIONS)
@pytest.mark.parametrize(("gone", "name"), [(r"^  rpc Put .*\n", "put"), (r"request_id", "requestId")])
def test_a_stub_without_a_method_or_a_key_fails_the_build(
    language: str, gone: str, name: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project = Project.init(tmp_path / "project", node_modules(tmp_path_factory), "nodenext")
    loaded = ["node", "--input-type=module", "-e", 'import "./shop_pb_resilience.js"']

    def told() -> str:
        if language == "ts":
            return project.compile("shop_pb_resilience.ts")
        return ran(loaded, project.folder).stderr

    project.generate("es", OPTIONS[language])
    project.enrich(KINDS, f"shop_pb.{language}", shop_plan)
    assert told() == ""
    for proto in PROTOS:
        text = (HERE / proto).read_text()
        (tmp_path / proto).write_text(re.sub(gone, "other" if name == "requestId" else "", text, flags=re.M))
    project.generate("es", OPTIONS[language], protos=tmp_path)
    assert "shop_pb_resilience" in told()
    assert name in told()


STUB = b"""// @generated by protoc-gen-es v2.12.0 with parameter "target=ts"
// @generated from file shop/cart.proto (package shop, syntax proto3)

/**
 * Carts.
 *
 * @generated from service shop.CartService
 * @deprecated
 */
export const CartService: GenService<{
  /**
   * @generated from rpc shop.CartService.GetCart
   */
  getCart: {
    methodKind: "unary";
  },
}> = /*@__PURE__*/
  serviceDesc(file_shop_cart, 0);
"""


@pytest.mark.parametrize(
    ("old", "new", "module"),
    [
        (b"", b"", "./cart_pb"),
        (b'target=ts"', b'target=ts,import_extension=js"', "./cart_pb.js"),
        (b'target=ts"', b'import_extension=.js,target=ts"', "./cart_pb.js"),
        (b'target=ts"', b'target=ts,import_extension=none"', "./cart_pb"),
        (b"\n\n/**", b'\nimport { file } from "../a_pb.ts";\n/**', "./cart_pb.ts"),
    ],
)
def test_facts_of_a_stub(old: bytes, new: bytes, module: str) -> None:
    services = {"shop.CartService": {"name": "CartService", "methods": {"GetCart": "getCart"}}}
    read = facts("a/cart_pb.ts", STUB.replace(old, new, 1))
    assert read == {"module": module, "services": services, "wide": False}


def test_facts_of_a_stub_in_javascript(tmp_path: Path) -> None:
    """Methods stand in the descriptor alone; names that every object has are others there."""
    file = pb.FileDescriptorProto(name="shop/cart.proto", package="shop")
    service = file.service.add(name="CartService")
    for name in ("GetCart", "get_URL", "ToString"):
        service.method.add(name=name)
    encoded = base64.b64encode(file.SerializeToString()).rstrip(b"=")
    stub = (
        b"// @generated by protoc-gen-es v2.12.0\n"
        b'export const file_shop_cart = /*@__PURE__*/\n  fileDesc("' + encoded + b'");\n\n'
        b"/**\n * @generated from service shop.CartService\n */\n"
        b"export const CartService = /*@__PURE__*/\n  serviceDesc(file_shop_cart, 0);\n"
    )
    methods = {"GetCart": "getCart", "get_URL": "get_URL", "ToString": "toString$"}
    services = {"shop.CartService": {"name": "CartService", "methods": methods}}
    assert facts("a/cart_pb.js", stub) == {"module": "./cart_pb", "services": services, "wide": False}
    assert facts("a/cart_pb.js", stub.replace(encoded, b"AAAA")) is None
    evil = stub.replace(encoded, base64.b64encode(file.SerializeToString().replace(b"GetCart", b"G:{};//")))
    assert facts("a/cart_pb.js", evil) is None


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("cart_pb.ts", STUB.replace(b"serviceDesc(", b"messageDesc(")),
        ("cart_pb.ts", STUB.replace(b"shop.CartService\n", b"shop/*; evil();\n")),
        ("cart_pb.d.ts", STUB),
        ("cart_connect.ts", b"// @generated by protoc-gen-connect-es v1.4.0\n"),
        ("cart_pb.ts", b""),
    ],
)
def test_other_files_get_no_sidecar(path: str, content: bytes) -> None:
    assert facts(path, content) is None


@pytest.mark.parametrize(
    "part", [b"@generated from rpc a.", b"@generated from service a\n*/", b"* @deprecated "]
)
def test_reading_takes_time_by_size(part: bytes) -> None:
    begun = time.monotonic()
    facts("cart_pb.ts", STUB + part * 100_000)
    facts("cart_pb.ts", STUB + part + b"a." * 500_000)
    facts("cart_pb.ts", STUB + part + b" " * 1_000_000)
    assert time.monotonic() - begun < 2
