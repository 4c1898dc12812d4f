"""Addresses that a service is given: by its image, on its command line, bound by a prefix, by its options."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from test_services import GO

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.workspace.bound import bound
from workspai_hooks.workspace.edges.find import find_edges
from workspai_hooks.workspace.edges.values import Edge
from workspai_hooks.workspace.manifests import dockerfile
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.services import discover

CART = "services:\n  cart:\n    build: cart\n    ports: ['9000:7070']\n    expose: [7070]\n"
HTTP = [("web", "cart", "http")]
SPRING = "class App { public static void main(String[] a) { SpringApplication.run(App.class); } }\n"


def edges(files: Mapping[str, str], web: str = "    build: web\n") -> tuple[Edge, ...]:
    """Edges of two services, of which `web` is declared so and has these files."""
    snapshot = Snapshot.of(
        {
            "compose.yaml": f"{CART}  web:\n{web}",
            "cart/main.go": GO,
            "cart/Dockerfile": "FROM golang\n",
            "web/main.go": GO,
            "web/Dockerfile": "FROM any\n",
            **files,
        }
    )
    return find_edges(snapshot, discover(snapshot)).all


def pairs(files: Mapping[str, str], web: str = "    build: web\n") -> list[tuple[str, str, str]]:
    return [(edge.consumer, edge.provider, edge.protocol) for edge in edges(files, web)]


TEMPLATE = {"web/default.conf.template": "location /cart/ {\n  proxy_pass http://${CART_HOST}:7070/;\n}\n"}


def test_environment_of_an_image() -> None:
    image = {"web/Dockerfile": "FROM nginx\nENV A=b \\\n    # the cart\n    CART_HOST=cart\n"}
    found = edges(TEMPLATE | image)
    assert [(one.consumer, one.provider, one.protocol) for one in found] == HTTP
    told = {(one.kind, one.location.path, one.location.line) for one in found[0].evidence}
    assert ("address", "web/Dockerfile", 4) in told
    assert ("route", "web/default.conf.template", 2) in told


@pytest.mark.parametrize(
    ("image", "web"),
    [
        ("FROM nginx\n", "    build: web\n"),
        ("FROM nginx AS other\nENV CART_HOST=cart\nFROM nginx\n", "    build: web\n"),
        ("FROM nginx\n# ENV CART_HOST=cart\n", "    build: web\n"),
        # Everything that runs the image says otherwise.
        (
            "FROM nginx\nENV CART_HOST=cart\n",
            "    build: web\n    environment: {CART_HOST: shop.example.com}\n",
        ),
    ],
)
def test_environment_that_an_image_has_not(image: str, web: str) -> None:
    assert pairs(TEMPLATE | {"web/Dockerfile": image}, web) == []


def test_environment_of_stages_and_arguments() -> None:
    text = b"ARG P=7070\nFROM a AS one\nENV X='b c' Y=d:$P\nFROM ONE\nENV OLD cart\nENV Z=\"\"\n"
    facts = dockerfile.read("Dockerfile", text, Charts())
    variables = facts.dockerfiles[0].variables
    assert [(one.name, one.value, one.location.line) for one in variables] == [
        ("OLD", "cart", 5),
        ("X", "b c", 3),
        ("Y", "d:7070", 3),
        ("Z", "", 6),
    ]


FLAG = '    build: web\n    command: ["-verbose", "-cartAPI", "http://cart:7070/items"]\n'


def test_command_line() -> None:
    code = {"web/main.go": f'{GO}\nvar api = flag.String("cartAPI", "http://localhost:1/", "")\n'}
    found = edges(code, FLAG)
    assert [(one.consumer, one.provider, one.protocol) for one in found] == HTTP
    told = [(one.kind, one.location.path, one.location.line) for one in found[0].evidence]
    assert told == [("argument", "compose.yaml", 8), ("reads", "web/main.go", 5)]


def test_command_line_of_a_program_from_elsewhere_is_only_declared() -> None:
    web = "    image: acme/web:1\n    command: --backend=http://cart:7070\n"
    files = {"web/main.go": "", "web/Dockerfile": ""}
    assert [(one.provider, one.tier) for one in edges(files, web)] == [("cart", "declared")]


@pytest.mark.parametrize(
    "command",
    [
        "-cartAPI http://cart:7070/items",  # the code has no such flag
        "dockerize -wait-url tcp://cart:7070 ./web",
        "--cors-origin=http://cart:7070",
        "--otlp-endpoint=http://cart:7070",
    ],
)
def test_command_lines_that_call_nobody(command: str) -> None:
    code = {"web/main.go": f'{GO}\n// "wait-url" "cors-origin" "otlp-endpoint"\n'}
    assert pairs(code, f"    build: web\n    command: {command}\n") == []


BOUND = {
    "web/src/main/java/App.java": SPRING,
    "web/src/main/java/Client.java": "class Client { Client(Endpoints e) { super(e.getCartUrl()); } }\n",
    "web/src/main/java/Endpoints.java": (
        '@ConfigurationProperties(prefix = "shop.web.endpoints")\nclass Endpoints { String cartUrl; }\n'
    ),
}


@pytest.mark.parametrize(
    ("variable", "found"),
    [
        ("SHOP_WEB_ENDPOINTS_CARTURL", HTTP),
        ("SHOP_WEB_ENDPOINTS_CART_URL", HTTP),
        ("SHOP_WEB_ENDPOINTS_STOCK", []),  # no member takes it
        ("SHOP_ENDPOINTS_CART_URL", []),
    ],
)
def test_variables_that_spring_binds(variable: str, found: list[tuple[str, str, str]]) -> None:
    web = f"    build: web\n    environment: ['{variable}=http://cart:7070']\n"
    assert pairs(BOUND, web) == found


def test_variables_that_spring_binds_to_a_map() -> None:
    files = BOUND | {
        "web/src/main/java/Endpoints.java": (
            '@ConfigurationProperties("shop")\nclass Endpoints { Map<String, String> urls; }\n'
        )
    }
    assert pairs(files, "    build: web\n    environment: ['SHOP_URLS_X=http://cart:7070']\n") == HTTP


def test_variables_that_dotnet_binds() -> None:
    files = {
        "Program.cs": b'services.Configure<Api>(configuration.GetSection("ApiSettings"));\n',
        "Api.cs": b"public class Api { public string CartAddress { get; set; } }\n",
    }
    found = bound(files, ["ApiSettings__CartAddress", "ApiSettings__Pay", "Other__CartAddress", "X"])
    assert [(name, place.path) for name, place in found.items()] == [
        ("ApiSettings__CartAddress", "Program.cs")
    ]
    assert bound({"A.cs": b'// configuration.GetSection("Api") CartAddress\n'}, ["Api__CartAddress"]) == {}


@pytest.mark.parametrize(
    ("path", "code", "found"),
    [
        (
            "client.ts",
            "const c = [{ name: 'CART', transport: Transport.TCP,\n"
            "  options: { host: process.env.CART_HOST || 'cart', port: 7070 } }];\n",
            [("web", "cart", "tcp")],
        ),
        ("a.js", "http.request({ hostname: 'cart', port: 7070, path: '/items' }, done);\n", HTTP),
        ("a.js", "const labels = { host: 'cart', port: 7070 };\n", []),
        ("main.ts", "listen({ transport: Transport.TCP, options: { host: '0.0.0.0' } });\n", []),
        ("a.py", 'get("http://{host}:7070/items/{id}".format(host=CART, id=id))\nCART = "cart"\n', HTTP),
        ("a.py", 'get("http://{host}:7070/items".format(host=PAY))\nCART = "cart"\n', []),
        ("A.java", 'u = String.format("http://%s/items", getenv("CART", "cart"));\n', HTTP),
        ("A.java", 'h = getenv("H") == null ? "cart" : getenv("H");\nu = "http://" + h + ":7070";\n', HTTP),
        (
            "a.js",
            "const h = process.env.H ? process.env.H : 'cart';\nfetch(`http://${h}:7070/items`);\n",
            HTTP,
        ),
    ],
)
def test_options_and_formats(path: str, code: str, found: list[tuple[str, str, str]]) -> None:
    assert pairs({f"web/{path}": code}) == found


def test_fixed_addresses_of_a_network() -> None:
    files = {"web/a.py": 'requests.get("http://10.1.0.3:7070/items")\n'}
    fixed = "    networks: {shop: {ipv4_address: 10.1.0.3}}\n"
    snapshot = {"compose.yaml": f"{CART}{fixed}  web:\n    build: web\n"}
    assert pairs(files | snapshot) == HTTP
    assert pairs(files) == []


def test_no_service_is_this_machine() -> None:
    cart = {
        "compose.yaml": f"{CART}    hostname: localhost\n  web:\n    build: web\n    environment: [U=http://localhost:9]\n"
    }
    assert pairs({"web/a.py": 'get(os.environ["U"])\n', **cart}) == []


@pytest.mark.parametrize(("path", "found"), [("config.json", HTTP), ("appsettings.json", [])])
def test_ports_of_this_machine_are_a_browsers(path: str, found: list[tuple[str, str, str]]) -> None:
    """A server's own `localhost` is not what a container publishes."""
    files = {f"web/{path}": '{"CartAddress": "http://localhost:9000"}', "web/a.ts": "config.CartAddress;\n"}
    assert pairs(files) == found
