from __future__ import annotations

import pytest

from environments.shop import built, compose, findings, rows
from workspai_hooks.environments.clients import FLOORS

POM = (
    "<dependency>\n<groupId>org.apache.kafka</groupId>\n<artifactId>kafka-clients</artifactId>\n"
    "<version>2.0.1</version></dependency>"
)


@pytest.mark.parametrize(
    ("server", "name", "text", "line"),
    [
        ("mongo:6.0", "requirements.txt", "flask==3.0\npymongo==3.4.0\n", 2),
        ("mongo:7", "package.json", '{"dependencies": {\n"mongodb": "^2.2.36"}}', 2),
        (
            "mongo:5.1",
            "go.mod",
            "module cart\nrequire gopkg.in/mgo.v2 v2.0.0-20190816093944-a6b53ec6cb22\n",
            2,
        ),
        ("apache/kafka:4.0.0", "pom.xml", POM, 4),
        ("bitnami/kafka:4.0", "build.gradle", "implementation 'org.apache.kafka:kafka-clients:1.1.0'\n", 1),
        ("mysql:9.1", "package.json", '{"dependencies": {\n"mysql": "^2.18.1"}}', 2),
    ],
)
def test_a_library_that_the_server_refuses(server: str, name: str, text: str, line: int) -> None:
    files = {"compose.yaml": compose("store", f"image: {server}"), f"cart/{name}": text, **built("cart")}
    (found,) = findings(files, "ED10")
    assert (str(found.location), [str(one) for one in found.related]) == (
        f"cart/{name}:{line}",
        ["compose.yaml:3"],
    )
    assert "https://" in found.message


@pytest.mark.parametrize(
    ("server", "name", "text"),
    [
        ("mongo:4.4", "requirements.txt", "pymongo==3.4.0\n"),
        ("mongo:5", "requirements.txt", "pymongo==3.4.0\n"),
        ("mongo:latest", "requirements.txt", "pymongo==3.4.0\n"),
        ("mongo:6.0", "requirements.txt", "pymongo==3.6.1\npymongo>=3.0\nmotor==1.0\n"),
        ("mongo:6.0", "requirements.txt", "pymongo==3\n"),
        ("mongo:6.0", "package.json", '{"dependencies": {"mongodb": ">=2.0.0", "mongoose": "^4.0.0"}}'),
        ("confluentinc/cp-kafka:7.5.0", "pom.xml", POM),
        ("mysql:8.4", "package.json", '{"dependencies": {"mysql": "^2.18.1"}}'),
        ("mysql:9.1", "package.json", '{"dependencies": {"mysql2": "^2.18.1"}}'),
    ],
)
def test_a_library_that_may_do(server: str, name: str, text: str) -> None:
    files = {"compose.yaml": compose("store", f"image: {server}"), f"cart/{name}": text, **built("cart")}
    assert rows(files, "ED10") == []


def test_one_of_several_servers_may_be_the_one_that_is_meant() -> None:
    two = "services:\n  old:\n    image: mongo:4.4\n  new:\n    image: mongo:6.0\n"
    files = {"compose.yaml": two, "cart/requirements.txt": "pymongo==3.4.0\n", **built("cart")}
    assert rows(files, "ED10") == []


def test_every_row_has_a_source() -> None:
    assert all(one.source.startswith("https://") for one in FLOORS)
