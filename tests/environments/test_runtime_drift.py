from __future__ import annotations

import pytest

from environments.shop import built, compose, findings, rows


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("cart/.python-version", "3.9\n", 1),
        (".python-version", "3.9.18\n", 1),
        (".tool-versions", "nodejs 20.1.0\npython 3.9.1\n", 2),
        (
            ".devcontainer/devcontainer.json",
            '{\n  // ours\n  "image": "mcr.microsoft.com/devcontainers/python:1-3.9"\n}',
            3,
        ),
        (
            ".devcontainer/devcontainer.json",
            '{"features": {\n"ghcr.io/devcontainers/features/python:1": {"version": "3.9"}}}',
            2,
        ),
    ],
)
def test_developers_get_another_release(path: str, text: str, line: int) -> None:
    found = rows({path: text, **built("cart")}, "ED04")
    assert found == [f"ED04 note {path}:runtime/python {path}:{line} cart/Dockerfile:1"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".python-version", "3.12.1\n"),
        (".python-version", "3\n"),
        (".python-version", "pypy3.9-7.3\n"),
        (".nvmrc", "lts/iron\n"),
        (".tool-versions", "# python 3.9\n"),
        (
            ".devcontainer/devcontainer.json",
            '{\n  // "image": "mcr.microsoft.com/devcontainers/python:1-3.9"\n}',
        ),
        ("tests/.python-version", "3.9\n"),
        ("orders/.python-version", "3.9\n"),
    ],
)
def test_developers_get_the_same_or_nobody_knows(path: str, text: str) -> None:
    assert rows({path: text, **built("cart")}, "ED04") == []


def test_compose_that_mounts_the_source_into_a_plain_image() -> None:
    local = compose("cart", "image: python:3.9", "volumes: ['./cart:/app']", "command: python main.py")
    assert rows({"compose.yaml": local, **built("cart")}, "ED04") == [
        "ED04 note compose.yaml:runtime/python compose.yaml:3 cart/Dockerfile:1"
    ]


def test_one_file_speaks_for_many_services() -> None:
    names = ("cart", "mail", "orders", "users", "web")
    files = {path: text for name in names for path, text in built(name).items()}
    (found,) = findings({".python-version": "3.9\n", **files}, "ED04")
    assert found.message.endswith("; likewise mail, orders, users and 1 more")
    assert len(found.related) == 5


@pytest.mark.parametrize("path", ["cart/Dockerfile.dev", "cart/dev.Dockerfile", "cart/docker/dev/Dockerfile"])
def test_a_dockerfile_for_development(path: str) -> None:
    files = built("cart") | {path: "FROM python:3.9 AS base\nFROM base\nCOPY . .\n"}
    assert rows(files, "ED04") == [f"ED04 note {path}:runtime/python {path}:1 cart/Dockerfile:1"]
    same = built("cart") | {path: "FROM python:3.12\nCOPY . .\n"}
    assert rows(same, "ED04") == []


def test_a_dockerfile_for_tests_is_not_deployed() -> None:
    files = built("cart") | {
        "cart/Dockerfile.test": "FROM python:3.9\nCOPY . .\n",
        ".python-version": "3.12\n",
    }
    assert rows(files, "ED04") == []
