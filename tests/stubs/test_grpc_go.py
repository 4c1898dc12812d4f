"""Sidecars of gRPC stubs in Go, against a real server: two contracts generated into one package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from stubs.policies import bench_plan, shop_plan
from stubs.scenarios import NAMES, faults
from stubs.server import HERE, PROTOS
from stubs.variants import CONTRACT, PROTO, variants
from workspai_hooks.enrichment.filters import go_name
from workspai_hooks.enrichment.grpc_go import KINDS, facts
from workspai_hooks.enrichment.rendering import render
from workspai_hooks.enrichment.values import Plan, Rpc, RpcService
from workspai_hooks.resilience.model import Idempotency, Policy

PLANS = {"benchpb/resilience_grpc.pb.go": bench_plan, "benchpb/shop_grpc.pb.go": shop_plan}
GENERATORS = (
    "google.golang.org/protobuf/cmd/protoc-gen-go",
    "google.golang.org/grpc/cmd/protoc-gen-go-grpc",
)


def go(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CGO_ENABLED": "0"}
    return subprocess.run(
        ["go", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )


def built(folder: Path, *arguments: str) -> None:
    """Builds; skips where the modules can't be had, which says nothing of the sidecars."""
    downloaded = go(folder, "mod", "download")
    if downloaded.returncode:
        pytest.skip(f"the Go modules can't be fetched: {downloaded.stderr.strip()[-200:]}")
    done = go(folder, "build", *arguments)
    assert done.returncode == 0, done.stderr


def module(folder: Path) -> None:
    """A module with freshly generated stubs and their sidecars."""
    if shutil.which("go") is None:
        pytest.skip("there is no Go")
    shutil.copytree(HERE / "clients" / "grpc_go", folder)
    (folder / "bin").mkdir()
    built(folder, "-o", "bin/", *GENERATORS)
    generate(folder)
    for path, content in sidecars(folder).items():
        (folder / path).write_text(content, "utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grpc_go") / "module"
    module(folder)
    return folder


def generate(folder: Path, protos: Path = HERE, names: Sequence[str] = PROTOS) -> None:
    name = "module=example.com/bench"
    made = ["--go_out=.", "--go-grpc_out=.", f"--go_opt={name}", f"--go-grpc_opt={name}"]
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", f"-I{protos}", *made, *names],
        cwd=folder,
        env={**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"},
        check=True,
    )


def sidecars(folder: Path) -> dict[str, str]:
    made: dict[str, str] = {}
    for stub, plan in PLANS.items():
        for kind in KINDS:
            if kind.generator != "protoc-gen-go-grpc":
                continue
            read = kind.facts(stub, (folder / stub).read_bytes())
            assert read is not None
            for path, template in kind.outputs(stub, read).items():
                content = render(template, plan(stub, read))
                assert made.setdefault(path, content) == content
    return made


@pytest.fixture(scope="module")
def wrong(folder: Path) -> dict[str, list[str]]:
    built(folder, "-o", "bin/", ".")
    return faults([str(folder / "bin" / "bench")], folder)


@pytest.mark.parametrize("name", NAMES)
def test_calls_keep_to_the_policies(wrong: dict[str, list[str]], name: str) -> None:
    assert wrong.get(name, []) == []


def test_gofmt_and_vet_leave_the_sidecars_alone(folder: Path) -> None:
    listed = subprocess.run(
        ["gofmt", "-l", *sidecars(folder)], cwd=folder, capture_output=True, text=True, check=True
    )
    assert listed.stdout == ""
    vetted = go(folder, "vet", "./...")
    assert vetted.returncode == 0, vetted.stderr


@pytest.mark.parametrize(
    ("proto", "old", "new", "why"),
    [
        ("shop.proto", "  rpc Slow (bench.Ask) returns (bench.Answer);\n", "", "Shop_Slow_FullMethodName"),
        ("resilience.proto", "string request_id = 3;", "string other = 3;", "GetRequestId"),
    ],
)
def test_a_sidecar_beside_a_stub_of_another_contract_does_not_compile(
    folder: Path, tmp_path: Path, proto: str, old: str, new: str, why: str
) -> None:
    copy = tmp_path / "module"
    shutil.copytree(folder, copy)
    for name in PROTOS:
        text = (HERE / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace(old, new) if name == proto else text, "utf-8")
    generate(copy, tmp_path)
    done = go(copy, "build", "./benchpb")
    assert done.returncode == 1
    assert why in done.stderr


def older(stub: str) -> str:
    """A stub as protoc-gen-go-grpc wrote it before 1.3: paths in the calls, no constants for them."""
    paths = dict(re.findall(r'^\t(\w+_FullMethodName) += ("[^"]+")$', stub, re.MULTILINE))
    stub = re.sub(r"^const \($.*?^\)$", "", stub, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"\b\w+_FullMethodName\b", lambda found: paths[found[0]], stub)


def test_a_stub_without_constants_is_referred_to_by_its_methods(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "module"
    shutil.copytree(folder, copy)
    for stub in PLANS:
        (copy / stub).write_text(older((copy / stub).read_text("utf-8")), "utf-8")
    made = sidecars(copy)
    shop = made["benchpb/shop_grpc_resilience.go"]
    assert "\t_ = ShopClient.Slow\n" in shop
    assert '{path: "/bench.shop.Shop/Slow", timeout: 300 * time.Millisecond},' in shop
    for path, content in made.items():
        (copy / path).write_text(content, "utf-8")
    assert go(copy, "vet", "./benchpb").stderr == ""
    stub = copy / "benchpb" / "shop_grpc.pb.go"
    stub.write_text(stub.read_text("utf-8").replace("Slow(", "Slower("), "utf-8")
    assert "ShopClient.Slow undefined" in go(copy, "build", "./benchpb").stderr


def test_every_mixture_of_policies_compiles_as_gofmt_writes_it(folder: Path, tmp_path: Path) -> None:
    option = 'option go_package = "example.com/bench/variants";\n'
    (tmp_path / CONTRACT).write_text(PROTO.replace("message Ask", f"{option}message Ask"), "utf-8")
    generate(folder, tmp_path, [CONTRACT])
    stub = folder / "variants" / "variants_grpc.pb.go"
    for kind in KINDS[:2]:
        read = kind.facts("variants_grpc.pb.go", stub.read_bytes())
        assert read is not None
        for name, plan in variants(stub.name, read):
            package = folder / "variants" / name
            package.mkdir(exist_ok=True)
            for generated in stub.parent.glob("*.pb.go"):
                shutil.copy(generated, package)
            for path, template in kind.outputs(stub.name, read).items():
                (package / path).write_text(render(template, plan), "utf-8")
    listed = subprocess.run(["gofmt", "-l", "variants"], cwd=folder, capture_output=True, text=True)
    assert (listed.stdout, listed.stderr) == ("", "")
    assert go(folder, "build", "./variants/...").stderr == ""


OTHER_PACKAGE = b"""// Code generated by protoc-gen-go-grpc. DO NOT EDIT.

package shoppb

import (
\tcontext "context"
\tcommon "example.com/acme/common"
\tgrpc "google.golang.org/grpc"
)

type shopClient struct {
\tcc grpc.ClientConnInterface
}

func NewShopClient(cc grpc.ClientConnInterface) ShopClient {
\treturn &shopClient{cc}
}

func (c *shopClient) GetIt(ctx context.Context, in *common.Ask, opts ...grpc.CallOption) (*Got, error) {
\tout := new(Got)
\terr := c.cc.Invoke(ctx, "/acme.Shop/get_it", in, out, opts...)
"""


def test_a_request_of_another_package_is_imported_as_the_stub_does() -> None:
    read = facts("shop.pb.go", OTHER_PACKAGE)
    assert read == {
        "package": "shoppb",
        "methods": {
            "/acme.Shop/get_it": {
                "constant": "",
                "rpc": "ShopClient.GetIt",
                "request": "common.Ask",
                "import": 'common "example.com/acme/common"',
            }
        },
    }
    policy = Policy("acme.Shop/get_it", Idempotency.KEYED, "request_id")
    rpc = Rpc("get_it", "/acme.Shop/get_it", "acme.common.Ask", "acme.common.Answer", policy)
    plan = Plan("", "shop.proto", "shop.pb.go", (RpcService("Shop", "acme.Shop", (rpc,)),), facts=read)
    text = render("grpc_go.go.j2", plan)
    assert '\nimport (\n\tcommon "example.com/acme/common"\n)\n' in text
    assert "\t_ = ShopClient.GetIt\n\t_ = (*common.Ask).GetRequestId\n" in text


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("request_id", "RequestId"),
        ("requestId", "RequestId"),
        ("RequestID", "RequestID"),
        ("_id", "XId"),
        ("id_", "Id_"),
        ("a_1b", "A_1B"),
        ("a__b", "A_B"),
    ],
)
def test_fields_are_called_as_the_generator_calls_them(field: str, name: str) -> None:
    assert go_name(field) == name


@pytest.mark.parametrize("content", [b"", b"package main\n", b"\xff" * 4096])
def test_what_is_no_stub_with_services_gets_no_sidecar(content: bytes) -> None:
    assert [kind.facts("shop.pb.go", content) for kind in KINDS] == [None] * len(KINDS)
