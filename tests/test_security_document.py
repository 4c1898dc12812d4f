"""docs/security.md: each promise names tests that exist, each limit a constant that exists."""

from __future__ import annotations

import ast
import importlib
import re

import pytest
from conftest import CHECKOUT

PAGE = (CHECKOUT / "docs/security.md").read_text()
TESTS = CHECKOUT / "tests"
_CELL = re.compile(r"(?<!\\)\|")


def rows(header: str) -> list[list[str]]:
    """The rows of all tables with this header."""
    found = []
    for table in re.findall(
        rf"^\| {re.escape(header)} \|$\n^\|[-|]+\|$\n((?:^\|.*\|$\n?)+)", PAGE, re.MULTILINE
    ):
        found += [[cell.strip() for cell in _CELL.split(line)[1:-1]] for line in table.splitlines()]
    return found


PROMISES = rows("promise | tests")
NAMED = re.compile(r"`((?:\w+/)?test_\w+\.py)::(test_\w+)`")


def test_there_are_promises_of_every_kind() -> None:
    assert len(PROMISES) > 25
    for kind in ("executed", "network", "read", "written", "Secrets", "printed", "Limits"):
        assert re.search(rf"^### .*{kind}", PAGE, re.MULTILINE)


@pytest.mark.parametrize("promise", [row[0] for row in PROMISES], ids=lambda text: text[:60])
def test_a_promise_has_its_tests(promise: str) -> None:
    (tests,) = [row[1] for row in PROMISES if row[0] == promise]
    named = NAMED.findall(tests)
    assert named
    assert ", ".join(f"`{file}::{name}`" for file, name in named) == tests
    for file, name in named:
        tree = ast.parse((TESTS / file).read_text())
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, (file, name)


def test_limits_are_constants() -> None:
    named = [
        found for row in rows("what | limit | constant") for found in re.findall(r"`(\S+): (\w+)`", row[2])
    ]
    assert len(named) > 8
    for path, name in named:
        module = importlib.import_module("workspai_hooks." + path.removesuffix(".py").replace("/", "."))
        assert hasattr(module, name), (path, name)
