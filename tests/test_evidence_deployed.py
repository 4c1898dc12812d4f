"""What is deployed: programs that run from mounted sources, one folder that is deployed several times."""

from __future__ import annotations

import pytest
from test_edges import pairs
from test_services import GO, roots

GO_MOD = "module shop/%s\n"
TOOLS = "FROM golang:1.22\nRUN go install example.com/watch@latest\n"


def compose(service: str) -> str:
    return f"services:\n  cart-dev:\n{service}"


CODE = {
    "src/cart/main.go": GO,
    "src/cart/go.mod": GO_MOD % "cart",
    "src/pay/main.go": GO,
    "src/pay/go.mod": "m",
}


@pytest.mark.parametrize(
    "service",
    [
        "    build: tools\n    working_dir: /src/cart\n    volumes: ['./src:/src']\n",
        "    build: {context: tools, dockerfile: Start.Dockerfile}\n    volumes: ['./src/cart:/app:ro']\n",
        "    image: golang:1.22\n    working_dir: /app\n    volumes: ['./src/cart:/app', 'cache:/go']\n",
        "    image: golang\n    command: go run /work/cart/main.go\n    volumes:\n"
        "    - {type: bind, source: ./src, target: /work}\n",
        "    image: node:20-alpine\n    working_dir: /app\n    volumes: ['$PWD/src/cart:/app/']\n",
    ],
)
def test_a_container_of_tools_runs_what_is_mounted_where_it_starts(service: str) -> None:
    files = {
        "compose.yaml": compose(service),
        "tools/Dockerfile": TOOLS,
        "tools/Start.Dockerfile": f"{TOOLS}WORKDIR /app\n",
        **CODE,
    }
    assert roots(files)["cart-dev"] == ("src/cart",)


@pytest.mark.parametrize(
    "service",
    [
        "    image: bufbuild/buf\n    working_dir: /src/pay\n    volumes: ['./src:/src']\n",
        "    image: golang\n    volumes: ['./src/pay:/app']\n",
        "    image: golang\n    working_dir: /other\n    volumes: ['./src/pay:/app']\n",
        "    image: golang\n    working_dir: /app\n    volumes: ['../pay:/app']\n",
        "    image: golang\n    working_dir: /app\n    volumes: ['.:/app']\n",
        "    build: src/cart\n    working_dir: /app\n    volumes: ['./src/pay:/app']\n",
    ],
)
def test_what_a_mounted_folder_does_not_say(service: str) -> None:
    files = {"compose.yaml": compose(service), "src/cart/Dockerfile": TOOLS, **CODE}
    assert "src/pay" not in roots(files).get("cart-dev", ())


MODES = """services:
  cart-rest: {build: cart, ports: ["8081:80"], environment: {SERVE: rest, CART_ADDR: "cart-grpc:9000"}}
  cart-grpc: {build: cart, ports: ["9000:9000"], environment: {SERVE: grpc}}
  web: {build: web, environment: {CART_URL: "http://cart-rest:80", OTHER: "http://cart-grpc:9000"}}
"""
MAIN = (
    'package main\n\nfunc main() {\n\tswitch os.Getenv("SERVE") {\n\tcase "rest":\n\tcase "grpc":\n\t}\n'
    '\topen(os.Getenv("CART_ADDR"))\n}\n'
)
DEPLOYED = {
    "cart/main.go": MAIN,
    "cart/Dockerfile": "FROM golang\n",
    "web/main.go": 'package main\n\nfunc main() { get(os.Getenv("CART_URL")) }\n',
    "web/Dockerfile": "FROM golang\n",
}


def test_servers_of_one_folder_are_told_apart_by_their_mode() -> None:
    files = {"compose.yaml": MODES, **DEPLOYED}
    assert roots(files) == {"cart-grpc": ("cart",), "cart-rest": ("cart",), "web": ("web",)}
    assert {(one[0], one[1]) for one in pairs(files)} == {("web", "cart-rest"), ("cart-rest", "cart-grpc")}


def test_or_by_a_word_of_their_command() -> None:
    files = {
        "compose.yaml": MODES.replace(
            "environment: {SERVE: rest, ", "command: serve rest, environment: {"
        ).replace("environment: {SERVE: grpc}", "command: serve grpc"),
        **DEPLOYED,
    }
    assert set(roots(files)) == {"cart-grpc", "cart-rest", "web"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('ports: ["9000:9000"], ', ""),  # nobody reaches it: a worker
        ("SERVE: grpc", "SERVE: rest"),
        ("SERVE: grpc", "SERVE: thrift"),  # not what it is called
        ("SERVE", "LEVEL"),  # read, but only as text below
    ],
)
def test_what_stays_one_service(old: str, new: str) -> None:
    main = MAIN if new != "LEVEL" else GO
    files = {"compose.yaml": MODES.replace(old, new), **DEPLOYED, "cart/main.go": main}
    assert len(roots(files)) == 2


def test_stages_are_no_servers() -> None:
    composed = MODES.replace("rest", "dev").replace("grpc", "prod")
    files = {
        "compose.yaml": composed,
        **DEPLOYED,
        "cart/main.go": MAIN.replace("rest", "dev").replace("grpc", "prod"),
    }
    assert len(roots(files)) == 2


def test_a_database_takes_its_own_lines_of_an_env_file_for_all() -> None:
    files = {
        "compose.yaml": "services:\n  db: {image: postgres, env_file: all.env}\n"
        "  cart: {build: cart, env_file: all.env}\n  web: {build: web, env_file: all.env}\n",
        "all.env": "CART_URL=http://cart:80\n",
        **DEPLOYED,
    }
    assert {(one[0], one[1]) for one in pairs(files)} == {("web", "cart")}


def test_paths_of_a_hosted_page_are_routes() -> None:
    route = '{"source": "/api/**", "run": {"serviceId": "cart-rest", "region": "x"}}, {"source": "**"}'
    for hosting in ('{"rewrites": [%s]}', '[{"rewrites": [%s]}]'):
        files = {"compose.yaml": MODES, **DEPLOYED, "web/main.go": GO}
        files["web/firebase.json"] = '{"hosting": %s}' % (hosting % route)
        assert ("web", "cart-rest") in {(one[0], one[1]) for one in pairs(files)}


PAGE = {
    "compose.yaml": "services:\n  cart: {build: cart, ports: ['8081:7070']}\n"
    "  pay: {build: pay, ports: ['8082:80']}\n  web: {build: web, ports: ['80:80']}\n",
    "cart/main.go": GO,
    "cart/Dockerfile": "FROM golang\nEXPOSE 7070\n",
    "pay/main.go": GO,
    "pay/Dockerfile": "FROM golang\n",
    "web/Dockerfile": "FROM node\nARG VITE_CART\n",
    "web/package.json": '{"dependencies": {"vite": "5"}}\n',
    "web/api.ts": "export const get = () => fetch(`${import.meta.env.VITE_CART}/items`);\n",
}


def given(text: str, **changed: str) -> list[tuple[str, str, str]]:
    files = PAGE | {
        "compose.yaml": PAGE["compose.yaml"].replace("'80:80']", f"'80:80'], environment: {{{text}}}")
    }
    return [
        (one[0], one[1], one[3])
        for one in pairs(files | {f"web/{name}.ts": code for name, code in changed.items()})
    ]


def test_a_page_is_told_a_port_of_this_machine() -> None:
    assert given("VITE_CART: 'http://localhost:8081'") == [("web", "cart", "proven")]
    for name, tier in ((".env", "proven"), (".env.example", "declared"), ("env-sample", "declared")):
        found = pairs(PAGE | {f"web/{name}": "VITE_CART=ws://localhost:8081/\n"})
        assert [(one[0], one[1], one[3]) for one in found] == [("web", "cart", tier)]
    both = {
        "web/.env.example": "VITE_CART=http://localhost:8081\n",
        "web/.env": "VITE_CART=http://localhost:8082\n",
    }
    assert [(one[0], one[1]) for one in pairs(PAGE | both)] == [("web", "pay")]


def test_what_a_page_is_told_and_does_not_call() -> None:
    assert given("VITE_CART: 'http://localhost:9999'") == []
    assert given("VITE_CART: 'http://localhost:80'") == []
    other = {"cart/package.json": '{"dependencies": {"react-dom": "18"}}\n'}
    linked = PAGE | other | {"web/.env": "VITE_CART=http://localhost:8081\n"}
    assert pairs(linked) == []
    assert given("VITE_PAY: 'http://localhost:8082'") == []
    code = "export const u = process.env.%s\n"
    assert given("CART_URL: 'http://localhost:8081'", api=code % "CART_URL") == []  # a server's own machine
    assert given("VITE_REDIRECT_URL: 'http://localhost:8081'", api=code % "VITE_REDIRECT_URL") == []
