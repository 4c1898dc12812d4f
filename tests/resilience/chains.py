"""Generated systems whose policies are files that the sources read, and that real Envoys and gRPC run.

A scenario is a tree of services. Each edge has a policy in a file: an Envoy's own, an Istio VirtualService
(run by the route that istiod makes of it), a gRPC service config, or the last two kinds at once. The name of
a service is its scenario's and a number, so that all scenarios are one repository.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

SEED = 20261129
QUICK = "0.001s"
"""Waits between tries: what is counted doesn't depend on them."""


@dataclass(frozen=True)
class Edge:
    """`kinds` says where its policies stand: envoy, istio, grpc."""

    consumer: str
    provider: str
    kinds: tuple[str, ...]


@dataclass
class Scenario:
    """`end` is what services without providers do: fail or hang. `files` are its part of the repository."""

    name: str
    end: str
    protocol: str
    edges: list[Edge]
    files: dict[str, str] = field(default_factory=dict)

    @property
    def root(self) -> str:
        return f"{self.name}0"

    @property
    def services(self) -> list[str]:
        return [self.root, *(one.provider for one in self.edges)]

    @property
    def ends(self) -> list[str]:
        return [one for one in self.services if not self.of(one)]

    def of(self, consumer: str) -> list[Edge]:
        return [one for one in self.edges if one.consumer == consumer]


def scenarios() -> list[Scenario]:
    """All of them, the same in each run."""
    chance = random.Random(SEED)
    made = [
        _scenario(chance, f"fail{number}x", "fail", "http", number % 3 + 1, number % 4 == 3)
        for number in range(18)
    ]
    made += [
        _scenario(chance, f"hang{number}x", "hang", "http", number % 2 + 1, False) for number in range(14)
    ]
    made += [
        _scenario(chance, f"call{number}x", "fail", "grpc", number % 3 + 1, number % 5 == 4)
        for number in range(12)
    ]
    made += [
        _scenario(chance, f"hold{number}x", "hang", "grpc", number % 2 + 1, False) for number in range(6)
    ]
    return made


def _scenario(
    chance: random.Random, name: str, end: str, protocol: str, depth: int, is_tree: bool
) -> Scenario:
    one = Scenario(name, end, protocol, [])
    level = [one.root]
    for _ in range(depth):
        following = []
        for consumer in level:
            for _ in range(2 if is_tree else 1):
                provider = f"{name}{len(one.edges) + 1}"
                kinds = chance.choice(_KINDS[end, protocol])
                one.edges.append(Edge(consumer, provider, kinds))
                following.append(provider)
        level = following
    hops = _waits(chance, depth, early=chance.random() < 0.5) if end == "hang" else [None] * depth
    for number, edge in enumerate(one.edges):
        for kind in edge.kinds:
            _POLICY[kind](chance, one, edge, hops[min(number, depth - 1)])
    return one


_KINDS = {
    ("fail", "http"): [("envoy",), ("istio",)],
    ("hang", "http"): [("envoy",), ("istio",)],
    ("hang", "grpc"): [("envoy",), ("istio",)],
    ("fail", "grpc"): [("grpc",), ("envoy",), ("istio",), ("grpc", "envoy"), ("grpc", "istio")],
}


@dataclass(frozen=True)
class Wait:
    """Timeouts of a hop in milliseconds, 0 is none, and its retries."""

    total: int
    per_try: int
    retries: int


def _waits(chance: random.Random, depth: int, *, early: bool) -> list[Wait]:
    """Times that are far enough from each other for a machine that has much else to do; `early`: the first of
    two hops gives up before the second can have ended."""
    for _ in range(10_000):
        found = []
        for _ in range(depth):
            per_try = chance.choice([0, 600, 600, 1200])
            total = chance.choice([300, 900, 1500, 2100, 2700])
            total = 0 if per_try and chance.random() < 0.2 else total
            found.append(Wait(total, per_try, chance.randint(1 if per_try else 0, 3)))
        if _is_clear(found) and (depth < 2 or _gives_up(found) is early):
            return found
    raise AssertionError("there are no such times")


APART = 300
"""Milliseconds between any two things of which the first decides."""


def _is_clear(hops: Sequence[Wait]) -> bool:
    """Whether nothing that ends a hop comes close to what else may end it."""
    inner = 0
    for hop in reversed(hops):
        ends = [one for one in (hop.per_try, inner) if one]
        if len(ends) == 2 and abs(ends[0] - ends[1]) < APART:
            return False
        single = min(ends, default=0)
        whole = single * (hop.retries + 1)
        ticks = [single * number for number in range(1, hop.retries + 2)] if single else []
        if hop.total and any(abs(hop.total - tick) < APART for tick in ticks):
            return False
        inner = min(one for one in (hop.total, whole) if one)
    if len(hops) == 2:
        second = hops[1]
        ends = [second.per_try * number for number in range(1, second.retries + 2)] if second.per_try else []
        cut = [one for one in _lengths(hops) if one < _longest(second)]
        return all(abs(one - end) >= APART for one in cut for end in (*ends, _longest(second)))
    return True


def _lengths(hops: Sequence[Wait]) -> list[int]:
    """How long each try of the first of two hops may take."""
    outer, longest = hops[0], _longest(hops[1])
    single = min(one for one in (outer.per_try, outer.total, longest) if one)
    begins = [single * number for number in range(outer.retries + 1)]
    lengths = [min(single, outer.total - begin) if outer.total else single for begin in begins]
    return [one for one in lengths if one > 0]


def _gives_up(hops: Sequence[Wait]) -> bool | None:
    """Whether the first of two hops gives up its first try early; None where it is only the last one that it
    does not wait for, which is told by no formula."""
    cut = [one < _longest(hops[1]) for one in _lengths(hops)]
    return cut[0] if cut[0] or not any(cut) else None


def _longest(hop: Wait) -> int:
    whole = hop.per_try * (hop.retries + 1)
    return min(one for one in (hop.total, whole) if one)


_HANG_ON = {
    "http": ["5xx", "gateway-error,reset", "5xx,reset"],
    "grpc": ["unavailable,5xx", "reset,unavailable"],
}
"""To a gRPC caller an Envoy says UNAVAILABLE when the time is over."""
_HTTP_ON = [
    "5xx",
    "5xx",
    "gateway-error",
    "retriable-status-codes",
    "connect-failure,refused-stream",
    "5xx,reset",
]
_GRPC_ON = [
    "unavailable",
    "unavailable",
    "cancelled,unavailable,connect-failure",
    "5xx,unavailable",
    "connect-failure",
    "internal,unavailable",
]


def _envoy(chance: random.Random, one: Scenario, edge: Edge, wait: Wait | None) -> None:
    """The caller's own Envoy; a rule for another path comes first."""
    action: dict[str, Any] = {"cluster": edge.provider}
    policy: dict[str, Any] = {"retry_back_off": {"base_interval": QUICK}}
    if wait is None:
        action["timeout"] = chance.choice(["60s", "0s"])
        retries = chance.choice([None, 0, 1, 2, 2, 3])
        policy |= {"retry_on": chance.choice(_GRPC_ON if one.protocol == "grpc" else _HTTP_ON)}
        if policy["retry_on"] == "retriable-status-codes":
            policy["retriable_status_codes"] = chance.choice([[503], [429, 503]])
    else:
        retries = wait.retries
        action["timeout"] = f"{wait.total / 1000:.3f}s" if wait.total else "0s"
        policy |= {"retry_on": chance.choice(_HANG_ON[one.protocol])}
        if wait.per_try:
            policy["per_try_timeout"] = f"{wait.per_try / 1000:.1f}s"
    if retries is not None:
        policy["num_retries"] = retries
    if wait is not None or chance.random() < 0.85:
        action["retry_policy"] = policy
    routes = [{"match": {"prefix": "/"}, "route": action}]
    table = {"name": "out", "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]}
    manager = {"@type": MANAGER, "stat_prefix": "out", "route_config": table}
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    address = {"socket_address": {"address": edge.provider, "port_value": 8080}}
    ends = [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
    cluster = {"name": edge.provider, "load_assignment": {"cluster_name": edge.provider, "endpoints": ends}}
    static = {"listeners": [{"name": "out", "filter_chains": [chain]}], "clusters": [cluster]}
    one.files[f"services/{edge.consumer}/{edge.provider}-envoy.yaml"] = yaml.safe_dump(
        {"static_resources": static}
    )


def _istio(chance: random.Random, one: Scenario, edge: Edge, wait: Wait | None) -> None:
    retries: dict[str, Any] | None = {"backoff": "1ms"}
    rule: dict[str, Any] = {"route": [{"destination": {"host": edge.provider}}]}
    if wait is None:
        retries |= {"attempts": chance.choice([0, 1, 2, 2, 3])}
        if one.protocol == "http" or chance.random() < 0.8:
            retries["retryOn"] = chance.choice(
                ["503", "5xx,unavailable", "gateway-error,unavailable", "connect-failure"]
            )
        if chance.random() < 0.25:
            retries = None
    else:
        retries |= {"attempts": wait.retries, "retryOn": chance.choice(_HANG_ON[one.protocol])}
        if wait.per_try:
            retries["perTryTimeout"] = f"{wait.per_try}ms"
        if wait.total:
            rule["timeout"] = f"{wait.total}ms"
    if retries is not None:
        rule["retries"] = retries if retries["attempts"] else {"attempts": 0}
    service = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": edge.provider},
        "spec": {"hosts": [edge.provider], "http": [rule]},
    }
    one.files[f"deploy/{edge.provider}.yaml"] = yaml.safe_dump(service)


def _grpc(chance: random.Random, one: Scenario, edge: Edge, _: Wait | None) -> None:
    policy = {
        "maxAttempts": chance.choice([2, 3]),
        "initialBackoff": "0.005s",  # C-core 1.82 hangs with 1 ms: the call is over at its deadline
        "maxBackoff": "0.008s",
        "backoffMultiplier": 1.5,
        "retryableStatusCodes": chance.choice([["UNAVAILABLE"], ["UNAVAILABLE", "ABORTED"]]),
    }
    method = {"name": [{"service": f"chain.{edge.provider}"}], "retryPolicy": policy}
    path = f"services/{edge.consumer}/{edge.provider}_grpc_service_config.json"
    one.files[path] = json.dumps({"methodConfig": [method]}, indent=1)


_POLICY = {"envoy": _envoy, "istio": _istio, "grpc": _grpc}
MANAGER = (
    "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
)


def repository(many: Sequence[Scenario]) -> dict[str, str]:
    """All scenarios as one repository: their policies, contracts, and services that call each other."""
    files = {path: text for one in many for path, text in one.files.items()}
    services, edges, proto = [], [], ['syntax = "proto3";', "package chain;", "message Ask {}"]
    for one in many:
        for name in one.services:
            services.append({"name": name, "roots": [f"services/{name}"]})
            files.setdefault(f"services/{name}/README.md", f"{name}\n")
        for edge in one.edges:
            edges.append({"from": edge.consumer, "to": edge.provider, "protocol": one.protocol})
        if one.protocol == "grpc":
            proto += [f"service {name} {{ rpc Do(Ask) returns (Ask); }}" for name in one.services]
            files |= {f"services/{name}/app.py": _app(one, name) for name in one.services}
    files["protos/chain.proto"] = "\n".join(proto) + "\n"
    files[".workspai.yaml"] = yaml.safe_dump({"services": services, "edges": edges})
    return files


def _app(one: Scenario, name: str) -> str:
    """What the service is, in its own words: whom it serves and calls."""
    calls = "".join(
        f"    chain_pb2_grpc.{edge.provider}Stub(channel('{edge.provider}')).Do(request)\n"
        for edge in one.of(name)
    )
    return (
        "import grpc\nimport chain_pb2\nimport chain_pb2_grpc\n\n\n"
        "def channel(host):\n    return grpc.insecure_channel(host + ':50051')\n\n\n"
        f"class Servicer(chain_pb2_grpc.{name}Servicer):\n"
        "    def Do(self, request, context):\n        return run(request)\n\n\n"
        f"def run(request: chain_pb2.Ask):\n{calls or '    pass'}\n\n\n"
        f"def serve(server):\n    chain_pb2_grpc.add_{name}Servicer_to_server(Servicer(), server)\n"
    )


# What runs them


def route_of(files: Mapping[str, str], edge: Edge) -> dict[str, Any] | None:
    """Envoy's action for an edge: as its file says it, or as istiod makes it; None without a proxy."""
    if "envoy" in edge.kinds:
        held = yaml.safe_load(files[f"services/{edge.consumer}/{edge.provider}-envoy.yaml"])
        manager = held["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
        action: dict[str, Any] = manager["route_config"]["virtual_hosts"][0]["routes"][0]["route"]
        return action
    if "istio" in edge.kinds:
        (rule,) = yaml.safe_load(files[f"deploy/{edge.provider}.yaml"])["spec"]["http"]
        return {"cluster": edge.provider, **_of_istio(rule)}
    return None


def _of_istio(rule: Mapping[str, Any]) -> dict[str, Any]:
    """istiod's `ConvertPolicy` (pilot/pkg/networking/core/route/retry/retry.go), for times in ms."""
    made: dict[str, Any] = {"timeout": _ms(rule.get("timeout", "0ms"))}
    retries = rule.get("retries")
    if retries is not None and retries["attempts"] <= 0:
        return made
    words = (retries or {}).get("retryOn") or "connect-failure,refused-stream,unavailable,cancelled"
    statuses = [int(word) for word in words.split(",") if word.isdigit()]
    named = [word for word in words.split(",") if not word.isdigit()]
    policy: dict[str, Any] = {
        "num_retries": 2 if retries is None else retries["attempts"],
        "retry_on": ",".join([*named, *(["retriable-status-codes"] if statuses else [])]),
        "retriable_status_codes": statuses,
    }
    if retries and "perTryTimeout" in retries:
        policy["per_try_timeout"] = _ms(retries["perTryTimeout"])
    if retries and "backoff" in retries:
        policy["retry_back_off"] = {"base_interval": _ms(retries["backoff"])}
    return {**made, "retry_policy": policy}


def _ms(text: str) -> str:
    return f"{int(text.removesuffix('ms')) / 1000:.3f}s"


def bootstrap(hops: Iterator[tuple[str, int, int, dict[str, Any], bool]], admin: int) -> dict[str, Any]:
    """One Envoy for all hops: name, port that it listens on, port that it leads to, action, whether
    HTTP/2."""
    listeners, clusters = [], []
    for name, port, to, action, http2 in hops:
        table = {
            "name": name,
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {**action, "cluster": name}}],
                }
            ],
        }
        router = {
            "name": "envoy.filters.http.router",
            "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
        }
        manager = {"@type": MANAGER, "stat_prefix": name, "route_config": table, "http_filters": [router]}
        filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
        listeners.append(
            {
                "name": name,
                "address": _address(port),
                "enable_reuse_port": False,  # a port that somebody else has taken is refused, not shared
                "filter_chains": [{"filters": filters}],
            }
        )
        ends = [{"lb_endpoints": [{"endpoint": {"address": _address(to)}}]}]
        cluster: dict[str, Any] = {
            "name": name,
            "type": "STATIC",
            "connect_timeout": "5s",
            "circuit_breakers": {"thresholds": [{"max_retries": 10000}]},
            "load_assignment": {"cluster_name": name, "endpoints": ends},
        }
        if http2:
            options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
            cluster["typed_extension_protocol_options"] = {
                options: {
                    "@type": f"type.googleapis.com/{options}",
                    "explicit_http_config": {"http2_protocol_options": {}},
                }
            }
        clusters.append(cluster)
    return {
        "admin": {"address": _address(admin)},
        "static_resources": {"listeners": listeners, "clusters": clusters},
    }


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
