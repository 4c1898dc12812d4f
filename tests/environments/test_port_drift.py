from __future__ import annotations

import pytest

from environments.shop import built, compose, deployment, rows


def system(local: str, production: str, dockerfile: str = "FROM python:3.12\nCOPY . .\n") -> dict[str, str]:
    ports = "ports:\n" + "".join(f"  - containerPort: {port}\n" for port in production.split())
    return {
        "compose.yaml": compose("cart", "build: cart", f"ports: ['{local}']"),
        "k8s/cart.yaml": deployment("cart", "shop/cart", ports),
        **built("cart", dockerfile, "print()\n"),
    }


def test_one_port_each_and_not_the_same() -> None:
    assert rows(system("80:8080", "9090")) == ["ED08 note cart:port compose.yaml:4 k8s/cart.yaml:19"]


def test_the_image_says_which_port_it_has() -> None:
    exposed = "FROM python:3.12\nEXPOSE 8080\nCOPY . .\n"
    assert len(rows(system("80:8080", "9090 9091", exposed))) == 1
    assert rows(system("80:8080", "9090", "FROM python:3.12\nEXPOSE 8080 9090\nCOPY . .\n")) == []


@pytest.mark.parametrize(
    ("local", "production"),
    [("8080:80", "80"), ("80", "80 9090"), ("80:8080", "9090 9091"), ("${P}:80", "80")],
)
def test_ports_in_common_or_of_several(local: str, production: str) -> None:
    assert rows(system(local, production)) == []


def test_a_port_that_is_set_by_a_variable_is_on_purpose() -> None:
    files = system("80:8080", "9090")
    files["k8s/cart.yaml"] += "          env:\n            - name: PORT\n              value: '9090'\n"
    assert rows(files) == []


def test_a_port_that_only_local_runs_set() -> None:
    exposed = "FROM python:3.12\nEXPOSE 8080\nCOPY . .\n"
    local = compose("cart", "build: cart", "ports: ['80:8080']", "environment: {PORT: '8080'}")
    assert rows(system("80:8080", "9090") | {"compose.yaml": local}) == []
    assert len(rows(system("80:8080", "9090", exposed) | {"compose.yaml": local})) == 1


def test_a_profile_may_set_the_port() -> None:
    local = compose(
        "cart", "build: cart", "ports: ['80:8080']", "environment: {SPRING_PROFILES_ACTIVE: docker}"
    )
    assert rows(system("80:8080", "9090") | {"compose.yaml": local}) == []


def test_a_public_program_is_left_alone() -> None:
    files = {
        "compose.yaml": compose("edge", "image: nginx:1.27", "ports: ['80:80']"),
        "k8s/edge.yaml": deployment("edge", "nginx:1.27", "ports:\n  - containerPort: 8080"),
    }
    assert rows(files) == []
