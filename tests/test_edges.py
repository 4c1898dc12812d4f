"""Who calls whom: addresses in use and declared, literals, stub calls, order, closure."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from conftest import SHOP
from test_services import GO, shop, workload

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.source import Location
from workspai_hooks.workspace.addresses import Address, addresses_in, parsed
from workspai_hooks.workspace.closure import Callers
from workspai_hooks.workspace.edges import Edge, Edges, Evidence, RpcUse, Tier
from workspai_hooks.workspace.edges.find import find_edges
from workspai_hooks.workspace.services import EdgeOverride, discover

BACKEND = {"cart/main.go": GO, "cart/Dockerfile": "FROM golang\nEXPOSE 7070\n"}
COMPOSE = (
    "services:\n  cart: {build: cart}\n  web:\n    build: web\n    environment:\n      CART_ADDR: cart:7070\n"
)


def edges(files: Mapping[str, str], *uses: RpcUse) -> Edges:
    snapshot = Snapshot.of(files)
    return find_edges(snapshot, discover(snapshot), uses)


def pairs(files: Mapping[str, str], *uses: RpcUse) -> list[tuple[str, str, str, str]]:
    return [
        (edge.consumer, edge.provider, edge.protocol, edge.tier.value) for edge in edges(files, *uses).all
    ]


def web(source: str, path: str = "web/main.go") -> dict[str, str]:
    return {"compose.yaml": COMPOSE, "web/Dockerfile": "FROM golang\n", **BACKEND, path: source}


def test_the_bundled_shop() -> None:
    truth = json.loads((SHOP / "truth.json").read_text())
    services = discover(shop())
    found = find_edges(shop(), services)
    application = {(edge.consumer, edge.provider) for edge in found.all if edge.tier is Tier.PROVEN}
    assert application == {(one[0], one[1]) for one in (*truth["edges"], *truth["infra_edges"])}
    assert found.undecided == ()


def test_an_address_that_the_consumer_reads_is_proven_with_both_lines() -> None:
    assert edges(web('package main\n\nvar addr = os.Getenv("CART_ADDR")\n')).all == (
        Edge(
            "web",
            "cart",
            "tcp",
            Tier.PROVEN,
            (
                Evidence(Location("compose.yaml", 6), "address"),
                Evidence(Location("web/main.go", 3), "reads"),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("web/main.go", "package main\n"),
        ("web/main.go", 'package main\n\n// os.Getenv("CART_ADDR")\n'),
        ("web/main.go", 'package main\n\nvar a = os.Getenv("CART_ADDR_OLD")\n'),
        ("web/main_test.go", 'package main\n\nvar a = os.Getenv("CART_ADDR")\n'),
        ("web/README.md", "Set CART_ADDR to the cart.\n"),
        ("web/Dockerfile", "FROM golang\nENV CART_ADDR=cart:7070\n"),
        ("web/docker-compose.test.yaml", "services: {x: {environment: [CART_ADDR]}}\n"),
    ],
)
def test_an_address_that_the_source_never_reads_is_no_edge(path: str, source: str) -> None:
    files = {"web/other.go": "package main\n"} | web(source, path)
    assert ("web", "cart") not in {(edge.consumer, edge.provider) for edge in edges(files).all}


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("web/Dockerfile", "FROM locust\nENTRYPOINT locust --host=${CART_ADDR}\n"),
        ("web/entrypoint", "exec web --cart $CART_ADDR\n"),
        ("web/app.py", "import os\nCART = os.environ['CART_ADDR']\n"),
        ("web/index.js", "const addr = process.env.CART_ADDR;\n"),
        ("web/src/main/resources/application.yml", "cart:\n  addr: localhost:7070\n"),
        ("web/src/main/java/App.java", '@Value("${cart.addr}") String cart;\n'),
    ],
)
def test_ways_to_read_an_address(path: str, source: str) -> None:
    files = {"web/other.go": "package main\n"} | web(source, path)
    found = [edge for edge in edges(files).all if edge.consumer == "web"]
    assert [(edge.provider, edge.tier) for edge in found] == [("cart", Tier.PROVEN)]
    assert path in {one.location.path for one in found[0].evidence}


def test_nested_names_of_dotnet() -> None:
    files = web('var cart = Configuration["Services:Cart"];\n', "web/Program.cs")
    files["compose.yaml"] = COMPOSE.replace("CART_ADDR: cart:7070", "Services__Cart: http://cart:7070")
    assert pairs(files) == [("web", "cart", "http", "proven")]


def test_without_the_consumers_source_an_address_is_declared() -> None:
    files = {"compose.yaml": COMPOSE.replace("build: web", "image: acme/web"), **BACKEND}
    assert pairs(files) == [("web", "cart", "tcp", "declared")]


def test_start_order_is_never_more_than_that() -> None:
    files = {
        "compose.yaml": "services:\n  cart: {build: cart}\n  web: {image: acme/web, depends_on: [cart]}\n",
        **BACKEND,
    }
    assert pairs(files) == [("web", "cart", "tcp", "ordering")]


def test_kubernetes_variables_through_config_maps_and_expansion() -> None:
    deployment = workload("web", "acme/web") + (
        "        envFrom:\n        - configMapRef: {name: common}\n"
        "        env:\n        - {name: ADS, valueFrom: {configMapKeyRef: {name: hosts, key: ads}}}\n"
        "        - {name: PORT, value: '7070'}\n"
        "        - {name: CART_URL, value: 'grpc://cart.shop.svc.cluster.local:$(PORT)'}\n"
    )
    maps = (
        "kind: ConfigMap\nmetadata: {name: hosts}\ndata: {ads: 'http://ads.shop/'}\n---\n"
        "kind: ConfigMap\nmetadata: {name: common}\ndata:\n  PAY_HOST: pay\n"
    )
    others = "---\n".join(
        workload(name, f"acme/{name}").replace("metadata:\n  name", "metadata:\n  namespace: shop\n  name", 1)
        for name in ("ads", "cart", "pay")
    )
    files = {"web.yaml": deployment, "maps.yaml": maps, "others.yaml": others}
    assert pairs(files) == [
        ("web", "ads", "http", "declared"),
        ("web", "cart", "grpc", "declared"),
        ("web", "pay", "tcp", "declared"),
    ]
    ads = edges(files).all[0]
    assert [str(one.location) for one in ads.evidence] == ["maps.yaml:3"]


def test_compose_variables_from_env_files_and_interpolation() -> None:
    files = web("var a, b, c = CART_ADDR, ADS_ADDR, PAY_ADDR\n") | {
        ".env": "ADS_PORT=80\nPAY_ADDR=pay:1\n",
        "web.env": "ADS_ADDR=ads:80\n",
        "compose.yaml": (
            "services:\n  cart: {build: cart}\n  ads: {image: acme/ads}\n  pay: {image: acme/pay}\n"
            "  web:\n    build: web\n    env_file: [web.env]\n"
            "    environment: ['CART_ADDR=cart:${CART_PORT:-7070}', PAY_ADDR]\n"
        ),
    }
    assert [edge[1:] for edge in pairs(files)] == [
        ("ads", "tcp", "proven"),
        ("cart", "tcp", "proven"),
        ("pay", "tcp", "proven"),
    ]


def test_telemetry_and_health_checks_are_no_edges() -> None:
    files = web("var a, b, c, d = COLLECTOR_SERVICE_ADDR, CART_HEALTH, SINK_ADDR, TRACE\n")
    files["compose.yaml"] = (
        "services:\n  cart: {build: cart}\n  sink: {image: otel/opentelemetry-collector-contrib}\n"
        "  web:\n    build: web\n    environment:\n      COLLECTOR_SERVICE_ADDR: cart:4317\n"
        "      CART_HEALTH: http://cart:7070/healthz\n      SINK_ADDR: sink:4317\n"
    )
    assert pairs(files) == []


def test_literals_in_source() -> None:
    source = (
        'package main\n\nvar a = dial("cart:7070")\nvar b = get("http://ads/v1")\nvar c = key("pay:12")\n'
        '// get("http://off/")\nvar d = get("http://www.example.com/cart") // see http://off/\n'
        'var e = get("http://pay/healthz")\n'
    )
    files = web(source)
    files["compose.yaml"] = "services:\n  cart: {build: cart}\n  web: {build: web}\n" + "".join(
        f"  {name}: {{image: acme/{name}}}\n" for name in ("ads", "off", "pay")
    )
    assert pairs(files) == [("web", "ads", "http", "proven"), ("web", "cart", "tcp", "proven")]
    files["web/tests/x.go"] = 'var t = get("http://pay/v1")\n'
    assert len(pairs(files)) == 2


def test_names_of_a_registry() -> None:
    files = web("routes:\n- uri: lb://CART\n- uri: discovery:///acme.cart\n", "web/gateway.yml")
    files["compose.yaml"] = "services:\n  cart: {build: cart}\n  web: {build: web}\n"
    files["web/main.go"] = GO
    assert pairs(files) == [("web", "cart", "http", "proven")]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("web/src/main/java/A.java", 'client.getInstances("cart").get(0);\n'),
        ("web/src/main/java/A.java", 'balancer.choose("CART");\n'),
        ("web/src/main/java/A.java", '@FeignClient(name = "cart")\ninterface Cart {}\n'),
        ("web/src/main/resources/application.yml", "zuul:\n  routes:\n    one:\n      serviceId: Cart\n"),
        ("web/src/main/resources/application.properties", "zuul.routes.one.serviceId=cart\n"),
    ],
)
def test_names_that_spring_looks_up(path: str, source: str) -> None:
    files = web(source, path) | {"web/main.go": GO}
    files["compose.yaml"] = "services:\n  cart: {build: cart}\n  web: {build: web}\n"
    assert pairs(files) == [("web", "cart", "http", "proven")]
    assert (
        pairs({("web/src/test/java/A.java" if one == path else one): text for one, text in files.items()})
        == []
    )


def test_a_host_that_two_services_borrow_is_whose_name_it_is() -> None:
    files = web("var a = CART_ADDR\n")
    files["compose.yaml"] = COMPOSE + "  pay: {image: acme/pay, hostname: cart}\n"
    assert pairs(files) == [("web", "cart", "tcp", "proven")]


def use(role: str, path: str, service: str = "shop.v1.Cart", in_test: bool = False) -> RpcUse:
    return RpcUse(service, "Get", path, 3, role, in_test)


def test_a_stub_call_goes_to_the_one_that_implements_it() -> None:
    files = {**BACKEND, "web/main.go": GO, "ads/main.go": GO}
    found = edges(files, use("calls", "web/main.go"), use("implements", "cart/main.go"))
    assert found.all == (
        Edge(
            "web",
            "cart",
            "grpc",
            Tier.PROVEN,
            (
                Evidence(Location("cart/main.go", 3), "implements"),
                Evidence(Location("web/main.go", 3), "call"),
            ),
        ),
    )
    nobody = [
        (use("calls", "cart/main.go"), use("implements", "cart/main.go")),
        (use("calls", "web/main.go", in_test=True), use("implements", "cart/main.go")),
        (use("calls", "web/main.go"), use("implements", "cart/main.go", in_test=True)),
        (
            use("calls", "web/main.go", "grpc.health.v1.Health"),
            use("implements", "cart/main.go", "grpc.health.v1.Health"),
        ),
        (use("calls", "web/main.go"),),
    ]
    assert [pairs(files, *uses) for uses in nobody] == [[]] * len(nobody)


def test_of_several_implementations_the_address_decides_and_without_it_nobody_knows() -> None:
    files = web("var a = CART_ADDR\n") | {"ads/main.go": GO}
    uses = (
        use("calls", "web/main.go"),
        use("implements", "cart/main.go"),
        use("implements", "ads/main.go"),
    )
    assert pairs(files, *uses) == [("web", "cart", "grpc", "proven")]
    files["compose.yaml"] = "services: {}\n"
    found = edges(files, *uses)
    assert found.all == ()
    assert [one.what for one in found.undecided] == [
        "web/main.go:3: which service web calls through shop.v1.Cart"
    ]


def test_edges_by_hand() -> None:
    snapshot = Snapshot.of(BACKEND)
    found = find_edges(snapshot, discover(snapshot), (), [EdgeOverride("partner", "cart", "http")])
    assert [(edge.consumer, edge.provider, edge.protocol, edge.tier) for edge in found.all] == [
        ("partner", "cart", "http", Tier.PROVEN)
    ]


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("X", "cart:7070", [Address("cart", 7070)]),
        ("X", "http://user:secret@Cart:80/a?b", [Address("cart", 80, "http", "/a?b")]),
        ("X", "dns:///cart:7070", [Address("cart", 7070, "dns")]),
        ("X", "jdbc:mysql://db/x", [Address("db", 0, "mysql", "/x")]),
        ("BROKERS", "k1:9092,k2:9092", [Address("k1", 9092), Address("k2", 9092)]),
        ("CART_HOST", "cart", [Address("cart")]),
        ("cart.service-url", "cart", [Address("cart")]),
        ("MODE", "cart", []),
        ("X", "", []),
        ("X", "cart:latest", []),
    ],
)
def test_addresses(variable: str, value: str, expected: list[Address]) -> None:
    assert addresses_in(variable, value) == expected


def test_what_is_no_address() -> None:
    assert [parsed(text) for text in ("", "cart", "/etc/cart", "cart:x", ":80", "a b:80")] == [None] * 6


def proven(*rows: tuple[str, str]) -> list[Edge]:
    return [Edge(consumer, provider, "grpc", Tier.PROVEN, ()) for consumer, provider in rows]


def test_closure_takes_the_shortest_way_ties_by_name() -> None:
    graph = proven(
        ("a", "b"), ("b", "d"), ("a", "c"), ("c", "d"), ("e", "a"), ("e", "c"), ("d", "a"), ("x", "y")
    )
    graph.append(Edge("z", "d", "http", Tier.DECLARED, ()))
    assert Callers.of(graph).exposed({"d"}) == {
        "a": ("a", "b", "d"),
        "b": ("b", "d"),
        "c": ("c", "d"),
        "e": ("e", "c", "d"),
    }
    assert Callers.of(graph).exposed({"c", "d"})["a"] == ("a", "c")
    assert Callers.of(graph).exposed(set()) == {}


def test_closure_of_a_long_chain_is_quick() -> None:
    graph = proven(*((f"s{number:05}", f"s{number + 1:05}") for number in range(3000)))
    assert len(Callers.of(graph).exposed({"s03000"})["s00000"]) == 3001
