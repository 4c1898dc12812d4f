"""Programs on one machine: Tye, published ports of its address, hosts that callers give, settings' fields."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from test_edges import pairs
from test_services import GO, WEB, found, workload


def who(files: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted({(one[0], one[1]) for one in pairs(dict(files))})


TYE = """name: shop
services:
- name: cart
  project: src/Cart/Cart.Api.csproj
  bindings:
  - port: 5000
- name: web
  project: src\\Web\\Web.csproj
  env:
  - name: Urls__Stock
    value: http://localhost:5003
  - LEVEL=info
  bindings:
  - {port: 5002, protocol: https}
- name: stock
  dockerFile: src/stock/Dockerfile
  dockerFileContext: src/stock
  bindings:
  - {port: 5003, containerPort: 80}
- name: redis
  image: redis
  bindings: [{port: 6379}]
- name: elsewhere
  external: true
"""
FILES = {
    "tye.yaml": TYE,
    "src/Cart/Cart.Api.csproj": WEB,
    "src/Cart/Program.cs": "app.Run();\n",
    "src/Web/Web.csproj": WEB,
    "src/Web/Program.cs": 'app.MapRemoteBffApiEndpoint("/cart", "http://localhost:5000");\n',
    "src/stock/Dockerfile": "FROM golang\n",
    "src/stock/main.go": GO,
}


def test_the_services_of_tye() -> None:
    assert {name: (one.kind.value, one.roots) for name, one in found(FILES).items()} == {
        "cart": ("application", ("src/Cart",)),
        "redis": ("infrastructure", ()),
        "stock": ("application", ("src/stock",)),
        "web": ("application", ("src/Web",)),
    }


def test_usual_ports_are_told_where_one_manifest_starts_both() -> None:
    assert who(FILES) == [("web", "cart")]
    outside = {**FILES, "tye.yaml": TYE.replace("- name: cart", "- name: other").replace("5000", "5009")}
    assert who(outside) == []


def test_ports_of_this_machine_in_the_environment() -> None:
    reads = 'var stock = builder.Configuration["Urls:Stock"];\n'
    assert who(FILES | {"src/Web/Program.cs": reads}) == [("web", "stock")]
    assert who(FILES | {"src/Web/Program.cs": "app.Run();\n"}) == []


def test_a_file_that_is_no_yaml_gives_none() -> None:
    assert found({"tye.yaml": "services:\n- {name: [\n"}) == {}


def test_what_is_deployed_under_another_name_is_what_is_started_here() -> None:
    compose = "services:\n  web-app: {image: shop/web-app}\n  valkey-cart: {image: acme/valkey-fork}\n"
    names = {name: one.roots for name, one in found(FILES | {"compose.yaml": compose}).items()}
    assert names == {
        "web-app": ("src/Web",),
        "valkey-cart": (),
        "cart": ("src/Cart",),
        "stock": ("src/stock",),
        "redis": (),
    }


def test_one_dockerfile_of_each_program_of_a_folder() -> None:
    files = {
        "compose.yaml": "services:\n  carts: {build: {context: rs, dockerfile: docker/Dockerfile-cart}}\n"
        "  stocks: {build: {context: rs, dockerfile: docker/Dockerfile-stock}}\n",
        "rs/docker/Dockerfile-cart": "FROM rust\nCOPY . .\nRUN cargo build --bin a\n",
        "rs/docker/Dockerfile-stock": "FROM rust\nCOPY . .\nRUN cargo build --bin b\n",
        "rs/Cargo.toml": '[package]\nname = "shop"\n[[bin]]\nname = "a"\n[[bin]]\nname = "b"\n',
        "rs/crates/cart/Cargo.toml": '[package]\nname = "cart"\n',
        "rs/crates/cart/src/lib.rs": "pub fn x() {}\n",
        "rs/crates/stock/Cargo.toml": '[package]\nname = "stock"\n',
        "rs/crates/stock/src/lib.rs": "pub fn x() {}\n",
    }
    assert {name: one.roots for name, one in found(files).items()} == {
        "carts": ("rs/crates/cart",),
        "stocks": ("rs/crates/stock",),
    }


def test_a_dockerfile_that_is_made_by_a_build_lies_in_its_program_s_folder() -> None:
    files = {
        "compose.yaml": "services:\n  cart: {build: {context: ., dockerfile: src/Cart/Api/Dockerfile}}\n",
        "src/Cart/Api/Api.csproj": WEB,
        "src/Cart/Api/Program.cs": "app.Run();\n",
        "src/Web/Web.csproj": WEB,
        "src/Web/Program.cs": "app.Run();\n",
    }
    assert found(files)["cart"].roots == ("src/Cart/Api",)


def test_a_folder_whose_modules_are_all_called_after_it_is_one_service_s() -> None:
    files = {
        "src/Cart/CartService.Api/CartService.Api.csproj": WEB,
        "src/Cart/CartService.Api/Program.cs": "app.Run();\n",
        "src/Cart/CartService.Core/CartService.Core.csproj": "<Project></Project>\n",
        "src/Cart/CartService.Core/Cart.cs": "class Cart {}\n",
    }
    assert [one.roots for one in found(files).values()] == [("src/Cart",)]
    files["src/Cart/Billing/Billing.csproj"] = "<Project></Project>\n"
    assert [one.roots for one in found(files).values()] == [("src/Cart/CartService.Api",)]


MACHINE = {
    "compose.yaml": "services:\n  cart: {build: cart, ports: ['9099:9099']}\n"
    "  users: {build: users, ports: ['8181:80']}\n  db: {image: mysql, ports: ['3306:3306']}\n"
    "  web: {build: web}\n",
    "cart/Dockerfile": "FROM x\n",
    "cart/App.java": "class App {}\n",
    "users/Dockerfile": "FROM x\n",
    "users/App.java": "@EnableAuthorizationServer class App {}\n",
    "users/src/main/resources/application.yml": "db: jdbc:mysql://${IP:192.168.99.100}:3306/users\n",
    "web/Dockerfile": "FROM x\n",
    "web/src/main/java/App.java": '@EnableResourceServer class App { @Value("${cart.url}") String url; }\n',
}
SETTINGS = "web/src/main/resources/application.yml"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://192.168.99.100:9099", [("web", "cart")]),
        ("http://192.168.99.100:9098", []),
        ("http://192.168.99.101:9099", []),
        ("http://93.184.216.34:9099", []),
    ],
)
def test_a_published_port_at_the_machine_s_address(address: str, expected: list[tuple[str, str]]) -> None:
    assert who(MACHINE | {SETTINGS: f"cart.url: {address}\n"}) == expected


def test_one_port_alone_does_not_tell_the_machine() -> None:
    own = {"users/src/main/resources/application.yml": "db: jdbc:mysql://db:3306/users\n"}
    assert ("web", "cart") not in who({**MACHINE, **own, SETTINGS: "cart.url: http://192.168.99.100:9099\n"})


def test_a_usual_port_of_some_machine_is_not_told() -> None:
    compose = MACHINE["compose.yaml"].replace("9099:9099", "8080:8080")
    settings = {SETTINGS: "cart.url: http://192.168.99.100:8080\n"}
    assert who({**MACHINE, **settings, "compose.yaml": compose}) == []


OAUTH = "security.oauth2:\n  resource:\n    userInfoUri: {}\n  client:\n    accessTokenUri: http://cart:80/token\n"


def test_a_resource_server_asks_who_a_user_is_and_hands_tokens_on() -> None:
    settings = OAUTH.format("http://192.168.99.100:8181/me")
    files = {**MACHINE, SETTINGS: settings}
    assert who(files) == [("web", "users")]
    grants = settings + "    grant-type: client_credentials\n"
    assert who(files | {SETTINGS: grants}) == [
        ("web", "cart"),
        ("web", "users"),
    ]


GIVEN = {
    "compose.yaml": "services:\n  cart: {build: cart}\n  web: {build: web}\n  desk: {build: desk}\n",
    "cart/Dockerfile": "FROM x\n",
    "cart/app.py": "serve()\n",
    "web/Dockerfile": "FROM x\nCOPY lib /app/lib\n",
    "web/app.py": "from lib.client import Client\nClient('cart', 80).get('/')\n",
    "desk/Dockerfile": "FROM x\nCOPY lib /app/lib\n",
    "desk/app.py": "from lib.client import Client\nClient(name(), 80).get('/')\n",
    "lib/client.py": "class Client:\n    def __init__(self, host, port):\n"
    "        self.url = f'http://{host}:{port}'\n",
}


def test_the_host_that_a_program_gives_to_shared_code() -> None:
    assert who(GIVEN) == [("web", "cart")]


def test_the_host_that_a_program_gives_to_a_client_of_its_own() -> None:
    files = {path: text for path, text in GIVEN.items() if path != "lib/client.py"}
    files["web/lib/client.py"] = GIVEN["lib/client.py"].replace(
        "        self.url = f'http://{host}:{port}'\n",
        "        self._host = host\n    def get(self):\n        get(f'http://{self._host}/x')\n",
    )
    assert who(files) == [("web", "cart")]


@pytest.mark.parametrize(
    ("path", "code", "expected"),
    [
        ("web/app.py", "class Settings(BaseSettings):\n    cart_url: str\n", []),
        ("web/app.py", "get(settings.cart_url + '/items')\n", [("web", "cart")]),
        ("web/app.py", "# get(settings.cart_url)\n", []),
        ("web/app.py", "settings.cart_url = 'x'\n", []),
        ("web/src/main.rs", "let url = config.cart_url.as_str();\n", [("web", "cart")]),
        ("web/main.go", "package main\n\nvar url = config.cart_url\n", []),
    ],
)
def test_fields_that_a_library_fills_from_the_environment(
    path: str, code: str, expected: list[tuple[str, str]]
) -> None:
    files = {
        "compose.yaml": "services:\n  cart: {build: cart}\n"
        "  web: {build: web, environment: {CART_URL: 'http://cart:80'}}\n",
        "cart/Dockerfile": "FROM x\n",
        "cart/app.py": "serve()\n",
        "web/Dockerfile": "FROM x\n",
        path: code,
    }
    assert who(files) == expected


def test_the_authority_of_a_login_and_not_the_name_of_a_valid_issuer() -> None:
    login = 'o.Authority = "https://localhost:5009";\n'
    files = {
        **FILES,
        "tye.yaml": f"{TYE}- name: login\n  project: src/Login/Login.csproj\n  bindings: [{{port: 5009}}]\n",
        "src/Login/Login.csproj": WEB,
        "src/Login/Program.cs": "builder.Services.AddIdentityServer();\n",
    }
    assert who(files | {"src/Web/Program.cs": login}) == [("web", "login")]
    assert who(files | {"src/Web/Program.cs": login.replace("Authority", "ValidIssuer")}) == []


def test_a_workload_of_another_manifest_of_a_public_kind_stays_itself() -> None:
    names = found(FILES | {"k8s.yaml": workload("redis-cart", "redis")})
    assert names["cart"].roots == ("src/Cart",)
    assert names["redis-cart"].kind.value == "infrastructure"
