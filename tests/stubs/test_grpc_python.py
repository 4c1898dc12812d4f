"""Sidecars of gRPC stubs in Python, sync and aio, against a real server."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from stubs.policies import SHOP, bench_plan, shop_plan
from stubs.scenarios import NAMES, faults
from stubs.server import HERE, PROTOS, running
from stubs.variants import CONTRACT, PROTO, variants
from workspai_hooks.enrichment.grpc_python import facts, outputs
from workspai_hooks.enrichment.rendering import render
from workspai_hooks.enrichment.values import Plan, RpcService

PLANS = {"resilience_pb2_grpc.py": bench_plan, "shop_pb2_grpc.py": shop_plan}


def protoc(folder: Path, protos: Path, names: Iterable[str]) -> None:
    made = [f"--python_out={folder}", f"--pyi_out={folder}", f"--grpc_python_out={folder}"]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", f"-I{protos}", *made, *names], check=True)


def generate(folder: Path, protos: Path = HERE) -> None:
    """The stubs as grpcio-tools makes them."""
    protoc(folder, protos, PROTOS)


def enrich(folder: Path) -> None:
    for stub, plan in PLANS.items():
        read = facts(stub, (folder / stub).read_bytes())
        assert read is not None
        for path, template in outputs(stub, read).items():
            (folder / path).write_text(render(template, plan(stub, read)), "utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grpc_python")
    generate(folder)
    enrich(folder)
    return folder


@pytest.fixture(scope="module")
def mixtures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sidecar for every mixture of policies, beside one stub with long names."""
    folder = tmp_path_factory.mktemp("variants")
    (folder / CONTRACT).write_text(PROTO, "utf-8")
    protoc(folder, folder, [CONTRACT])
    stub = "variants_pb2_grpc.py"
    read = facts(stub, (folder / stub).read_bytes())
    assert read is not None
    for name, plan in variants(stub, read):
        (folder / f"{name}_resilience.py").write_text(render("grpc_python.py.j2", plan), "utf-8")
    return folder


@pytest.fixture(scope="module", params=["sync", "aio"])
def wrong(request: pytest.FixtureRequest, folder: Path) -> dict[str, list[str]]:
    return faults([sys.executable, str(HERE / "clients" / "grpc_python.py"), request.param], folder)


@pytest.mark.parametrize("name", NAMES)
def test_calls_keep_to_the_policies(wrong: dict[str, list[str]], name: str) -> None:
    assert wrong.get(name, []) == []


def python(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, '.')\n{text}"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def printed(folder: Path, text: str) -> list[str]:
    done = python(folder, text)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


OPENED = """
import grpc
from resilience_pb2 import Ask
from shop_pb2_grpc import ShopStub
import shop_pb2_grpc_resilience as resilience

def down(stub):
    try:
        stub.Slow(Ask(call=CALL, behaviour="down"))
    except grpc.RpcError as error:
        return error
"""


def test_a_call_that_is_not_let_out_is_a_failed_call_in_each_form(folder: Path) -> None:
    text = """
with resilience.insecure_channel(TARGET) as channel:
    stub = ShopStub(channel)
    for _ in range(3):
        down(stub)
    raised = down(stub)
    future = stub.Slow.future(Ask())
    told = []
    future.add_done_callback(told.append)
    for one in (raised, future, future.exception()):
        print(one.code().name, one.details())
    print(told == [future], future.done(), future.cancelled(), future.cancel())
    try:
        future.result()
    except grpc.RpcError as error:
        print(error is future)
"""
    with running() as server:
        lines = printed(folder, f"TARGET, CALL = {server.target!r}, 'open'\n{OPENED}{text}")
        assert server.record("open").tries == 3
    assert [line.partition(", next try in ")[0] for line in lines] == [
        *["UNAVAILABLE circuit open for bench.shop.Shop"] * 3,
        "True True False False",
        "True",
    ]


def test_a_channel_of_ones_own_takes_the_parts_beside_its_own_interceptors(folder: Path) -> None:
    text = """
class Seen(grpc.UnaryUnaryClientInterceptor):
    def intercept_unary_unary(self, continuation, details, request):
        call = continuation(details, request)
        print(details.method, details.timeout, call.code().name)
        return call

options = resilience.channel_options([("grpc.max_send_message_length", 99)])
own = grpc.insecure_channel(TARGET, options=options)
with grpc.intercept_channel(own, Seen(), *resilience.interceptors(), Seen()) as channel:
    ShopStub(channel).Get(Ask(call=CALL, behaviour="flaky:1"))
print(resilience.channel_options([("grpc.service_config", "{}")]))
"""
    with running() as server:
        lines = printed(folder, f"TARGET, CALL = {server.target!r}, 'own'\n{OPENED}{text}")
        assert server.record("own").tries == 2
    assert lines == [  # the inner one ends first
        "/bench.shop.Shop/Get 0.5 OK",
        "/bench.shop.Shop/Get None OK",
        "[('grpc.service_config', '{}')]",
    ]


def test_channels_are_made_as_those_of_grpc(folder: Path) -> None:
    text = """
import inspect, grpc, shop_pb2_grpc_resilience as ours
for theirs, mine in (
    (grpc.insecure_channel, ours.insecure_channel),
    (grpc.secure_channel, ours.secure_channel),
    (grpc.aio.insecure_channel, ours.aio_insecure_channel),
    (grpc.aio.secure_channel, ours.aio_secure_channel),
):
    given, taken = (inspect.signature(one).parameters.values() for one in (theirs, mine))
    assert [(one.name, one.default) for one in given] == [(one.name, one.default) for one in taken]
ours.secure_channel("localhost:1", grpc.ssl_channel_credentials()).close()
"""
    assert printed(folder, text) == []


@pytest.mark.parametrize(
    ("proto", "old", "new", "why"),
    [
        ("shop.proto", "  rpc Slow (bench.Ask) returns (bench.Answer);\n", "", "AttributeError"),
        ("shop.proto", "service Depot", "service Barn", "AttributeError"),
        ("resilience.proto", "string request_id = 3;", "string other = 3;", "KeyError: 'request_id'"),
    ],
)
def test_a_sidecar_beside_a_stub_of_another_contract_does_not_load(
    folder: Path, tmp_path: Path, proto: str, old: str, new: str, why: str
) -> None:
    shutil.copytree(folder, tmp_path / "stubs")
    for name in PROTOS:
        text = (HERE / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace(old, new) if name == proto else text, "utf-8")
    generate(tmp_path / "stubs", tmp_path)
    done = python(tmp_path / "stubs", "import shop_pb2_grpc_resilience")
    assert done.returncode == 1
    assert why in done.stderr.splitlines()[-1]


IMPORTS = {
    "absolute": ("from acme.shop.v1 import", "from acme.shop.v1 import", "acme.shop.v1"),
    "relative": ("from acme.shop.v1 import", "from . import", "."),
}


@pytest.mark.parametrize("form", IMPORTS)
def test_the_stub_is_imported_as_it_imports_its_messages(tmp_path: Path, form: str) -> None:
    """In a package, where some make the imports relative after generating."""
    old, new, package = IMPORTS[form]
    folder = tmp_path / "acme" / "shop" / "v1"
    folder.mkdir(parents=True)
    for name in PROTOS:
        text = (HERE / name).read_text("utf-8")
        (folder / name).write_text(text.replace('import "', 'import "acme/shop/v1/'), "utf-8")
    protoc(tmp_path, tmp_path, [f"acme/shop/v1/{name}" for name in PROTOS])
    for stub in folder.glob("*_pb2*.py"):
        stub.write_text(stub.read_text("utf-8").replace(old, new), "utf-8")
    stub = "acme/shop/v1/shop_pb2_grpc.py"  # it imports the messages of the other contract alone
    read = facts(stub, (tmp_path / stub).read_bytes())
    assert read is not None
    assert read["package"] == package
    for path, template in outputs(stub, read).items():
        (tmp_path / path).write_text(render(template, shop_plan(stub, read)), "utf-8")
    assert printed(
        tmp_path, "import acme.shop.v1.shop_pb2_grpc_resilience as it; print(len(it._METHODS))"
    ) == ["5"]


MINIMAL = b"""# Generated by the gRPC Python protocol compiler plugin. DO NOT EDIT!
import grpc

IMPORTS

class ShopStub(object):
    def __init__(self, channel):
        self.Get = channel.unary_unary(
                '/bench.shop.Shop/Get',
                request_serializer=MESSAGES.Empty.SerializeToString,
                response_deserializer=MESSAGES.Empty.FromString,
                )


class ShopServicer(object):
    pass
"""


@pytest.mark.parametrize(
    ("path", "imports", "package"),
    [
        ("shop_pb2_grpc.py", "import shop_pb2 as shop__pb2", ""),
        ("a/b/shop_pb2_grpc.py", "import shop_pb2 as shop__pb2", ""),
        ("a/b/shop_pb2_grpc.py", "import b.shop_pb2 as b_dot_shop__pb2", "b"),
        ("a/b/shop_pb2_grpc.py", "from b import shop_pb2 as b_dot_shop__pb2", "b"),
        ("a/b/shop_pb2_grpc.py", "from . import shop_pb2 as shop__pb2", "."),
        ("a/b/shop_pb2_grpc.py", "from .. import common_pb2 as common__pb2", "."),
        ("x/a/b/shop_pb2_grpc.py", "from a.c import common_pb2 as a_dot_c_dot_common__pb2", "a.b"),
        ("a/b/shop_pb2_grpc.py", "from google.protobuf import empty_pb2 as empty__pb2", None),
        ("a/b/shop_pb2_grpc.py", "from other import common_pb2 as other_dot_common__pb2", None),
        ("a/b/shop_pb2_grpc.py", "from lambda import shop_pb2 as shop__pb2", None),
    ],
)
def test_where_a_stub_is_imported_from(path: str, imports: str, package: str | None) -> None:
    read = facts(path, MINIMAL.replace(b"IMPORTS", imports.encode()))
    assert read is not None
    assert read["package"] == package


def test_a_stub_that_does_not_tell_where_it_is_from_loads_at_the_top_and_in_a_package(tmp_path: Path) -> None:
    imports = b"from google.protobuf import empty_pb2 as empty__pb2"
    stub = MINIMAL.replace(b"IMPORTS", imports).replace(b"MESSAGES", b"empty__pb2")
    read = facts("shop_pb2_grpc.py", stub)
    assert read is not None
    shop = SHOP.rpcs[0]
    services = (RpcService("Shop", "bench.shop.Shop", (shop,)),)
    plan = Plan("Code generated", "shop.proto", "shop_pb2_grpc.py", services, facts=read)
    for folder in (tmp_path, tmp_path / "package"):
        folder.mkdir(exist_ok=True)
        (folder / "shop_pb2_grpc.py").write_bytes(stub)
        (folder / "shop_pb2_grpc_resilience.py").write_text(render("grpc_python.py.j2", plan), "utf-8")
    assert printed(tmp_path, "import shop_pb2_grpc_resilience, package.shop_pb2_grpc_resilience") == []


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("shop_pb2.py", MINIMAL),
        ("shop_pb2_grpc.py", b"import grpc\n"),
        ("shop-1_pb2_grpc.py", MINIMAL),
        ("shop_pb2_grpc.py", b"\xff\xfe" * 1000),
    ],
)
def test_what_is_no_stub_with_services_gets_no_sidecar(path: str, content: bytes) -> None:
    assert facts(path, content) is None


@pytest.mark.parametrize(
    "tool",
    [
        ("ruff", "format", "--isolated", "--diff", "--line-length=79"),
        ("ruff", "format", "--isolated", "--diff", "--line-length=120"),
        ("black", "--diff", "--quiet"),
        ("ruff", "check", "--isolated", "--ignore-noqa", "--select=E4,E7,E9,F,W,B,UP,SIM,RET,C4"),
    ],
    ids=["ruff format 79", "ruff format 120", "black", "ruff check"],
)
def test_formatters_leave_a_sidecar_alone(folder: Path, mixtures: Path, tool: tuple[str, ...]) -> None:
    sidecars = [str(path) for within in (folder, mixtures) for path in sorted(within.glob("*_resilience.py"))]
    assert len(sidecars) == 18
    command = [sys.executable, "-m", *tool, *sidecars]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.replace("All checks passed!\n", "")) == (0, ""), done.stderr


def test_every_mixture_of_policies_loads(mixtures: Path) -> None:
    text = """
import importlib, pathlib
for path in pathlib.Path(".").glob("*_resilience.py"):
    made = importlib.import_module(path.stem)
    made.insecure_channel("localhost:1").close()
    print(len(made._METHODS))
"""
    assert sorted(printed(mixtures, text)) == ["0", *["4"] * 15]


def test_a_sidecar_is_typed(folder: Path) -> None:
    sidecars = [path.name for path in sorted(folder.glob("*_resilience.py"))]
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--ignore-missing-imports",
        "--follow-imports=silent",
    ]
    done = subprocess.run([*command, *sidecars], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
