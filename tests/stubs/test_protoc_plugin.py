"""`protoc-gen-workspai`: it makes the sidecars that the verb `stubs` makes, and `--clean` keeps them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2 as pb
from google.protobuf.compiler import plugin_pb2 as plugin

from stubs.server import HERE
from stubs.test_grpc_go import GENERATORS, built
from stubs.toolchain import maven_jars, node_modules
from workspai_hooks.enrich import Request, care_for_stubs
from workspai_hooks.protoc_plugin import answer
from workspai_hooks.tools.buf import resolve_buf

CART = """syntax = "proto3";
package shop_api.v1;
import "google/protobuf/empty.proto";
import "shop-api/v1/money_of.proto";
option go_package = "example.com/shop/gen/shop-api/v1;shopv1";
option java_package = "com.example.shop";
option java_multiple_files = true;
// What is in the cart.
service CartService {
  rpc GetCart(Cart.Request) returns (Cart) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc put_cart(Cart) returns (google.protobuf.Empty) { option idempotency_level = IDEMPOTENT; }
  rpc Pay(money.v1.Money) returns (Cart);
  rpc Watch(Cart) returns (stream Cart);
  rpc Empty(google.protobuf.Empty) returns (Cart);
}
service Second { rpc Only(Cart) returns (Cart); }
message Cart {
  message Request { string user_id = 1; }
  string user_id = 1;
}
"""
MONEY = """syntax = "proto3";
package money.v1;
option go_package = "example.com/shop/gen/shop-api/v1/money;moneyv1";
option java_package = "com.example.money";
option java_multiple_files = true;
message Money { string request_id = 1; int64 units = 2; }
"""
CONFIG = """resilience:
  policies:
    - for: shop_api.v1.CartService
      timeout: 2s
    - for: shop_api.v1.CartService/Pay
      idempotency: keyed
      key: request_id
"""
# A plugin of protoc in Python, which lets grpcio-tools make the stubs.
BUILT_IN = """import subprocess, sys, tempfile
from pathlib import Path
from google.protobuf import descriptor_pb2 as pb
from google.protobuf.compiler import plugin_pb2 as plugin
asked = plugin.CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
with tempfile.TemporaryDirectory() as name:
    files, out = Path(name, "files"), Path(name, "out")
    out.mkdir()
    files.write_bytes(pb.FileDescriptorSet(file=asked.proto_file).SerializeToString())
    flags = [f"--{kind}_out={out}" for kind in asked.parameter.split(",")]
    argv = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={files}", *flags]
    subprocess.run([*argv, *asked.file_to_generate], check=True)
    made = plugin.CodeGeneratorResponse(supported_features=3, minimum_edition=998, maximum_edition=1001)
    for path in sorted(out.rglob("*.py*")):
        made.file.add(name=str(path.relative_to(out)), content=path.read_text())
sys.stdout.buffer.write(made.SerializeToString())
"""


class Repository:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for path, text in {
            "protos/shop-api/v1/cart.proto": CART,
            "protos/shop-api/v1/money_of.proto": MONEY,
            ".workspai.yaml": CONFIG,
            "buf.yaml": "version: v2\nmodules: [{path: protos}]\n",
        }.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        subprocess.run(["git", "init", "-q", str(folder)], check=True)

    def generate(self, plugins: str) -> subprocess.CompletedProcess[str]:
        (self.folder / "buf.gen.yaml").write_text(f"version: v2\nplugins:\n{plugins}")
        scripts = Path(sys.executable).parent
        environment = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
        argv = [str(resolve_buf().path), "generate", "--clean"]
        return subprocess.run(
            argv, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120
        )

    def sidecars(self) -> dict[str, bytes]:
        found = (path for path in (self.folder / "gen").rglob("*") if "esilience" in path.name)
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in sorted(found)}

    def keeps(self, plugins: str, *expected: str) -> None:
        """Generates twice, the second time over what is there; then the verb has nothing to add."""
        for _ in range(2):
            done = self.generate(plugins)
            assert done.returncode == 0, done.stderr
            made = self.sidecars()
            assert tuple(made) == expected
        told = care_for_stubs(Request(self.folder))
        assert not told.report.misused
        assert not told.report.undecided
        assert self.sidecars() == made
        assert [path for path in told.written if path in made] == []


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_python(repository: Repository) -> None:
    (repository.folder / "built_in.py").write_text(BUILT_IN)
    made_in = f"    local: [{sys.executable}, built_in.py]\n    out: gen\n"
    plugins = (
        f"  -\n{made_in}    opt: [python, grpc_python]\n"
        "  - local: protoc-gen-workspai\n    out: gen\n    opt: [lang=python, root=protos]\n"
    )
    repository.keeps(plugins, "gen/shop_api/v1/cart_pb2_grpc_resilience.py")


def test_go(repository: Repository, tmp_path_factory: pytest.TempPathFactory) -> None:
    if shutil.which("go") is None:
        pytest.skip("there is no Go")
    tools = tmp_path_factory.mktemp("protoc_plugin") / "module"
    shutil.copytree(HERE / "clients" / "grpc_go", tools)
    (tools / "bin").mkdir()
    built(tools, "-o", "bin/", *GENERATORS)
    rows = [
        f"  - local: {tools}/bin/protoc-gen-go\n    out: gen\n    opt: [module=example.com/shop/gen]\n",
        f"  - local: {tools}/bin/protoc-gen-go-grpc\n    out: gen\n    opt: [module=example.com/shop/gen]\n",
        "  - local: protoc-gen-workspai\n    out: gen\n"
        "    opt: [lang=go, root=protos, module=example.com/shop/gen]\n",
    ]
    expected = ("gen/shop-api/v1/cart_grpc_resilience.go", "gen/shop-api/v1/grpc_resilience.go")
    repository.keeps("".join(rows), *expected)
    relative = "".join(rows).replace("module=example.com/shop/gen", "paths=source_relative")
    repository.keeps(relative, *expected)


def test_typescript(repository: Repository, tmp_path_factory: pytest.TempPathFactory) -> None:
    bin_of = node_modules(tmp_path_factory) / "node_modules" / ".bin"
    rows = (
        f"  - local: {bin_of}/protoc-gen-ts_proto\n    out: gen/ts\n"
        "    opt: [outputServices=grpc-js, esModuleInterop=true, importSuffix=.js]\n"
        "  - local: protoc-gen-workspai\n    out: gen/ts\n"
        "    opt: [lang=typescript, root=protos, importSuffix=.js]\n"
        f"  - local: {bin_of}/protoc-gen-es\n    out: gen/es\n    opt: [target=ts, import_extension=js]\n"
        "  - local: protoc-gen-workspai\n    out: gen/es\n"
        "    opt: [lang=connect, root=protos, import_extension=js]\n"
    )
    repository.keeps(
        rows, "gen/es/shop-api/v1/cart_pb_resilience.ts", "gen/ts/shop-api/v1/cart_resilience.ts"
    )


def test_java(repository: Repository, tmp_path_factory: pytest.TempPathFactory) -> None:
    jars = maven_jars(tmp_path_factory)
    rows = (
        f"  - protoc_builtin: java\n    protoc_path: {jars}/protoc\n    out: gen\n"
        f"  - local: {jars}/protoc-gen-grpc-java\n    out: gen\n"
        "  - local: protoc-gen-workspai\n    out: gen\n    opt: [lang=java, root=protos]\n"
    )
    repository.keeps(
        rows, "gen/com/example/shop/CartServiceResilience.java", "gen/com/example/shop/SecondResilience.java"
    )


def request(parameter: str) -> plugin.CodeGeneratorResponse:
    file = pb.FileDescriptorProto(name="a.proto", package="a")
    file.message_type.add(name="M")
    file.service.add(name="S").method.add(name="Get", input_type=".a.M", output_type=".a.M")
    return answer(
        plugin.CodeGeneratorRequest(parameter=parameter, file_to_generate=["a.proto"], proto_file=[file])
    )


@pytest.mark.parametrize(
    ("parameter", "error"),
    [
        ("", "lang is missing: say one or several of lang=python, lang=go"),
        ("lang=cobol", "lang=cobol: say one or several of lang=python"),
        ("lang=python,speed=9", "unknown option speed; known: lang, root, config"),
        ("lang=python,config=gone.yaml", "gone.yaml: can't be read: No such file or directory"),
        ("lang=go", "a.proto: lang=go: go_package is not set"),
    ],
)
def test_what_is_wrong_is_the_responses_error(
    parameter: str, error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    response = request(parameter)
    assert response.error.startswith(error)
    assert not response.file


def test_a_policy_that_no_runtime_takes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.yaml").write_text(
        "resilience:\n  policies:\n    - for: a.S/Get\n      idempotency: safe\n      retry: {tries: 9}\n"
    )
    assert "9 tries" in request("lang=python,config=own.yaml").error


def test_a_plugin_that_is_not_asked_by_a_compiler_says_so(tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "protoc-gen-workspai"
    done = subprocess.run([program], input=b"\xff\xff", capture_output=True, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"no request of protoc or buf" in done.stderr
