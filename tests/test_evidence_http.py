"""Addresses that code of any language puts together, gives a default, or leaves to its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from types import ModuleType

import pytest
from test_services import GO

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.workspace.edges.find import find_edges
from workspai_hooks.workspace.evidence import composed, configuration, constants, literals, platform, registry
from workspai_hooks.workspace.services import discover

COMPOSE = (
    "services:\n  cart:\n    build: cart\n    ports: ['9000:7070']\n"
    "  web:\n    build: web\n    environment: {X: '1'}\n"
)
HTTP = [("web", "cart", "http")]


def pairs(path: str, code: str, more: Mapping[str, str] | None = None) -> list[tuple[str, str, str]]:
    """Edges of two services, of which `web` has this file."""
    files = {
        "compose.yaml": COMPOSE,
        "cart/main.go": GO,
        "cart/Dockerfile": "FROM golang\n",
        "web/Dockerfile": "FROM any\n",
        "web/main.go": GO,
        f"web/{path}": code,
        **(more or {}),
    }
    snapshot = Snapshot.of(files)
    found = find_edges(snapshot, discover(snapshot))
    return [(edge.consumer, edge.provider, edge.protocol) for edge in found.all]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("a.go", 'host := "cart"\nurl := fmt.Sprintf("http://%s:%d/v1", host, 7070)\n'),
        ("a.go", 'const CartHost = "cart"\nvar url = "http://" + CartHost + "/v1"\n'),
        ("a.go", 'host := getEnv("CART_HOST", "cart")\nhttp.Get("http://" + host + ":7070/v1")\n'),
        ("a.py", 'HOST = os.getenv("CART_HOST", "cart")\nrequests.get(f"http://{HOST}:7070/v1")\n'),
        ("a.py", 'host = os.environ.get("H") or "cart"\nget("http://{}/v1".format(host))\n'),
        ("a.py", 'host = "cart"\nget("http://%s/v1" % host)\n'),
        ("a.py", 'client = httpx.Client(base_url=os.getenv("CART_URL", "http://cart:7070"))\n'),
        ("a.py", 'connection = http.client.HTTPConnection("cart", 7070)\n'),
        ("a.ts", "const host = process.env.CART_HOST || 'cart';\nfetch(`http://${host}:7070/v1`);\n"),
        ("a.ts", "const api = axios.create({ baseURL: process.env.CART_URL ?? 'http://cart:7070' });\n"),
        ("a.js", "new URL('/v1', `http://${config.host}`);\nconst config = { host: 'cart' };\n"),
        ("a.rb", 'host = ENV.fetch("CART_HOST", "cart")\nNet::HTTP.get(URI("http://#{host}/v1"))\n'),
        (
            "a.php",
            "<?php $host = getenv('CART_HOST') ?: 'cart';\n$c->get(\"http://\" . $host . \":80/v1\");\n",
        ),
        ("a.php", "<?php $host = 'cart';\n$c->get(\"http://{$host}/v1\");\n"),
        ("a.ex", 'host = System.get_env("CART_HOST") || "cart"\nHTTPoison.get("http://#{host}/v1")\n'),
        (
            "a.rs",
            'let host = env::var("H").unwrap_or("cart".into());\nget(format!("http://{}/v1", host));\n',
        ),
        (
            "a.cs",
            'var host = Environment.GetEnvironmentVariable("H") ?? "cart";\nnew Uri($"http://{host}/v1");\n',
        ),
        ("a.cpp", 'std::string host = "cart";\nauto url = "http://" + host + ":" + std::to_string(port);\n'),
        ("a.kt", 'private const val HOST = "cart"\nclient.get("http://$HOST/v1")\n'),
        ("a.py", 'requests.get("http://localhost:3500/v1.0/invoke/cart/method/items")\n'),
        ("a.cs", 'await client.InvokeMethodAsync<Item>(HttpMethod.Get, "cart", "items");\n'),
        ("a.cs", 'services.AddHttpClient<Cart>(c => c.BaseAddress = new("https+http://cart"));\n'),
        ("src/a.ts", "fetch('http://' + window.location.hostname + ':9000/' + name);\n"),
        ("src/a.ts", "export const environment = { api: 'http://localhost:9000' };\n"),
    ],
)
def test_addresses_of_code(path: str, code: str) -> None:
    assert pairs(path, code) == HTTP


def test_constants_of_another_file() -> None:
    names = {"web/names.py": 'CART_HOST = os.getenv("CART", "cart")\n'}
    assert pairs("a.py", 'get(f"http://{CART_HOST}/v1")\n', names) == HTTP
    assert pairs("a.py", 'get(f"http://{PAY_HOST}/v1")\n', names) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("a.py", 'get(f"http://{host}/v1")\nname = "cart"\n'),
        ("a.py", 'host = "cart"\n# get(f"http://{host}/v1")\n'),
        ("a.js", "const host = 'cart';\nconsole.log(`listening on http://${host}:7070`);\n"),
        ("a.js", "app.use(cors({ origin: 'http://cart:7070' }));\n"),
        ("a.go", 'log.Printf("see http://cart/v1")\n'),
        ("a.go", 'http.Get("http://localhost:9000/v1")\n'),
        ("a.py", "oauth(redirect_uri='http://cart/callback')\n"),
        ("src/a.ts", "fetch('http://localhost:7070/v1');\n"),
        ("start.sh", "./wait-for-it.sh cart:7070 -- dockerize -wait tcp://cart:7070 app\n"),
        ("Dockerfile", "FROM golang\nHEALTHCHECK CMD curl -f http://cart:7070/\n"),
        ("data/traces.json", '{"url": "http://cart/v1"}\n'),
        ("test_a.py", 'host = "cart"\nget(f"http://{host}/v1")\n'),
    ],
)
def test_what_is_no_call(path: str, code: str) -> None:
    assert pairs(path, code) == []


@pytest.mark.parametrize(
    ("path", "setting", "reads"),
    [
        ("appsettings.json", '{"CartHost": "cart"}', 'var h = configuration["CartHost"];\n'),
        ("config.yaml", "cart_url: http://cart:7070\n", "u := viper.GetString(`cart_url`)\n"),
        (
            "config.yaml",
            "clients:\n  cart: {url: 'http://cart:7070'}\n",
            "type Clients struct { Cart Client }\n",
        ),
    ],
)
def test_a_setting_counts_where_code_reads_it(path: str, setting: str, reads: str) -> None:
    assert [pair[:2] for pair in pairs(path, setting, {"web/main.go": GO + reads})] == [("web", "cart")]
    if path.endswith(".yaml"):
        assert pairs(path, setting, {"web/main.go": GO}) == []


def test_a_registry_is_nobodys_partner() -> None:
    more = {"compose.yaml": COMPOSE + "  consul: {image: 'hashicorp/consul:1.15'}\n"}
    assert pairs("a.py", 'get("http://consul:8500/v1/kv")\n', more) == []


@pytest.mark.parametrize("module", [composed, configuration, constants, literals, platform, registry])
def test_extractors_are_quick_and_never_raise(module: ModuleType) -> None:
    repeated = (
        *(b"a" * 200_000, b"\xff\xfe\x00" * 50_000, b'"http://" + ' * 20_000, b"http://${" * 20_000),
        *(b"@FeignClient(" * 15_000, b"@Value(" * 20_000, b"A = " * 50_000, b"{" * 50_000, b"a: [" * 9_000),
        *(
            b"zuul.routes." * 15_000,
            b"os.getenv(" * 15_000,
            b"((((((" * 30_000,
            b" " * 200_000,
            b"=\n" * 90_000,
        ),
        *(
            b"/*" * 90_000,
            b"<!--" * 50_000,
            b"x.y:" * 50_000,
            b"A_B_" * 50_000,
            b"env::" * 40_000,
            b"@Enable<!--/*" * 20_000,
        ),
    )
    started = perf_counter()
    for data in repeated:
        module.read(data)
    assert perf_counter() - started < 15
