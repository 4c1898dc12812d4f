"""Sidecars of grpc-java's stubs, against a real server."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from stubs.policies import bench_plan, shop_plan
from stubs.scenarios import faults
from stubs.server import HERE, PROTOS
from stubs.toolchain import maven_jars, once, ran
from stubs.variants import CONTRACT, LONG, PROTO, variants
from workspai_hooks.enrichment.filters import java_field
from workspai_hooks.enrichment.grpc_java import facts, outputs
from workspai_hooks.enrichment.rendering import render

PLANS = {"BenchGrpc.java": bench_plan, "ShopGrpc.java": shop_plan, "DepotGrpc.java": shop_plan}
LINT = ["-Xlint:all,-processing,-options", "--release", "8"]


class Sources(msgspec.Struct, frozen=True):
    """A folder of Java, and one with the libraries and generators."""

    folder: Path
    jars: Path

    def generate(self, protos: Path = HERE, names: Sequence[str] = PROTOS) -> None:
        """Stubs as protoc and protoc-gen-grpc-java make them."""
        plugin = f"--plugin=protoc-gen-grpc-java={self.jars / 'protoc-gen-grpc-java'}"
        argv = [self.jars / "protoc", f"-I{protos}", plugin, "--java_out=.", "--grpc-java_out=.", *names]
        self.folder.mkdir(exist_ok=True)
        subprocess.run(argv, cwd=self.folder, check=True, timeout=60)

    def enrich(self) -> None:
        for stub, planned in PLANS.items():
            path = str(Path("com/example/bench") / stub)
            read = facts(path, (self.folder / path).read_bytes())
            assert read is not None
            for sidecar, template in outputs(path, read).items():
                (self.folder / sidecar).write_text(render(template, planned(path, read)), "utf-8")

    def compile(self) -> str:
        """What the compiler of Java 8 says, all of its warnings included."""
        files = [str(path.relative_to(self.folder)) for path in self.folder.rglob("*.java")]
        return ran(["javac", *LINT, "-d", "out", "-cp", f"{self.jars}/*", *files], self.folder).stderr


def build(folder: Path, jars: Path) -> None:
    """Stubs with their sidecars and the client program, compiled."""
    made = Sources(folder, jars)
    made.generate()
    made.enrich()
    shutil.copy(HERE / "clients" / "GrpcJava.java", made.folder)
    assert made.compile() == ""


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    jars = maven_jars(tmp_path_factory)
    return Sources(once(tmp_path_factory, "grpc_java", lambda folder: build(folder, jars)), jars)


def test_calls_keep_to_the_policies(sources: Sources) -> None:
    assert faults(["java", "-cp", f"out:{sources.jars}/*", "GrpcJava"], sources.folder) == {}


def test_sidecars_compile_whatever_is_in_them(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sources = Sources(tmp_path / "sources", maven_jars(tmp_path_factory))
    (tmp_path / CONTRACT).write_text(PROTO)
    sources.generate(tmp_path, [CONTRACT])
    package = sources.folder / "com" / "example" / "variants"
    stub = package / f"Service{LONG}Grpc.java"
    read = facts(stub.name, stub.read_bytes())
    assert read is not None
    for name, plan in variants(stub.name, read):
        kept = msgspec.structs.replace(plan, facts={**read, "name": f"Variant_{name}"})
        (package / f"Variant_{name}.java").write_text(render("grpc_java.java.j2", kept))
    assert sources.compile() == ""


@pytest.mark.parametrize("gone", [r"^  rpc Put .*\n", r"request_id"])
def test_a_stub_without_a_method_or_a_key_fails_the_build(
    gone: str, sources: Sources, tmp_path: Path
) -> None:
    stale = Sources(tmp_path / "sources", sources.jars)
    for name in PROTOS:
        text = (HERE / name).read_text()
        (tmp_path / name).write_text(re.sub(gone, "other" if gone == "request_id" else "", text, flags=re.M))
    stale.generate(tmp_path)
    sidecar = Path("com/example/bench/ShopResilience.java")
    shutil.copy(sources.folder / sidecar, stale.folder / sidecar)
    assert f"{sidecar}:" in stale.compile()


STUB = b"""package com.example.shop;

@io.grpc.stub.annotations.GrpcGenerated
public final class CartServiceGrpc {

  public static final java.lang.String SERVICE_NAME = "shop.CartService";

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetCart",
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.example.shop.Cart,
      com.example.shop.Cart> getGetCartMethod() {
"""
READ = {
    "package": "com.example.shop",
    "grpc": "CartServiceGrpc",
    "name": "CartServiceResilience",
    "service": "shop.CartService",
    "methods": {"GetCart": "getGetCartMethod"},
}


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        (b"", b"", {}),
        (b"java.lang.String", b"String", {}),  # before 1.59
        (b"package com.example.shop;", b"", {"package": ""}),
        (b"// GetCart", b"// gone", {}),
        (b'"GetCart"', b'"GetCart;"', {"methods": {}}),
    ],
)
def test_facts_of_a_stub(old: bytes, new: bytes, differs: dict[str, object]) -> None:
    assert facts("src/CartServiceGrpc.java", STUB.replace(old, new)) == {**READ, **differs}


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("CartService.java", STUB),
        ("CartServiceGrpcKt.kt", STUB),
        ("Cart-ServiceGrpc.java", STUB),
        ("CartServiceGrpc.java", STUB.replace(b'"shop.CartService"', b'"shop." + evil() + "CartService"')),
        ("CartServiceGrpc.java", b""),
    ],
)
def test_other_files_get_no_sidecar(path: str, content: bytes) -> None:
    assert facts(path, content) is None


@pytest.mark.parametrize(
    ("field", "accessor"),
    [("request_id", "RequestId"), ("requestId", "RequestId"), ("line2of_3", "Line2Of3"), ('a");x//', "AX")],
)
def test_accessors_are_named_as_protoc_names_them(field: str, accessor: str) -> None:
    assert java_field(field) == accessor


@pytest.mark.parametrize("part", [b"> get", b"package a.", b"fullMethodName = ", b" "])
def test_reading_takes_time_by_size(part: bytes) -> None:
    begun = time.monotonic()
    facts("CartServiceGrpc.java", STUB + part * 200_000)
    facts("CartServiceGrpc.java", STUB + b"\n" + part + part[-2:] * 500_000)
    assert time.monotonic() - begun < 2
