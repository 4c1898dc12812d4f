"""No reader of a file takes more than linear time for a file of one kind of character."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest

from workspai_hooks.stubs.holders import declared_names
from workspai_hooks.workspace.blueprints import deployed
from workspai_hooks.workspace.built import SYSTEMS
from workspai_hooks.workspace.evidence import thrift
from workspai_hooks.workspace.manifests import azure
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.manifests.kinds import KINDS

SIZE = 60_000
SECONDS = 3.0
FILLS = {
    "newlines": b"\n" * SIZE,
    "spaces": b" " * SIZE,
    "escaped quotes": b'"' + b'\\"' * (SIZE // 2),
    "open action": b"kind: Deployment\nname: {{ x" + b" " * SIZE,
    "open action of newlines": b"kind: Deployment\nname: {{ " + b"\n" * SIZE,
    "words": b"a" * SIZE,
    "dots": b"../" * (SIZE // 3),
}
PATHS = {
    "compose": "compose.yaml",
    "env file": ".env",
    "kubernetes": "x.yaml",
    "skaffold": "skaffold.yaml",
    "dockerfile": "Dockerfile",
    "build": "pom.xml",
    "application": "application.yml",
}


def quick(read: Callable[[], object]) -> bool:
    start = time.process_time()
    read()
    return time.process_time() - start < SECONDS


@pytest.mark.parametrize("fill", FILLS)
def test_manifests(fill: str) -> None:
    slow = [
        kind.name
        for kind in KINDS
        if not quick(partial(kind.read, PATHS.get(kind.name, "x/AppHost/Program.cs"), FILLS[fill], Charts()))
    ]
    assert slow == []


@pytest.mark.parametrize("fill", FILLS)
def test_builds(fill: str) -> None:
    names = ("main.go", "requirements.txt", "Dockerfile", "pom.xml", "package.json", "x.csproj", "a.py")
    slow = [
        (system.name, name)
        for system in SYSTEMS
        for name in names
        if system.wanted(name) and not quick(partial(system.read, FILLS[fill]))
    ]
    assert slow == []


@pytest.mark.parametrize("fill", FILLS)
def test_contracts(fill: str) -> None:
    assert quick(lambda: declared_names(FILLS[fill]))


@pytest.mark.parametrize("fill", FILLS)
def test_code_and_contracts_of_thrift(fill: str) -> None:
    functions = {"Cart": ["add"]}
    slow = [end for end in thrift.CODE if not quick(partial(thrift.lines, f"x{end}", FILLS[fill], functions))]
    assert slow == []
    assert quick(lambda: thrift.contract(FILLS[fill]))


@pytest.mark.parametrize("fill", ["CartClient ", "class X : CartIf ", "local a = require('Cart", "throws("])
def test_words_of_thrift(fill: str) -> None:
    data = fill.encode() * (SIZE // len(fill))
    slow = [end for end in thrift.CODE if not quick(partial(thrift.lines, f"x{end}", data, {"Cart": ["a"]}))]
    assert slow == []
    assert quick(lambda: thrift.contract(b"service a { " + data))


@pytest.mark.parametrize("fill", ["(", "[", "{", "'${", "(\n", "a ? b : ", "/*", "for x in ", "union("])
def test_templates_of_bicep(fill: str) -> None:
    data = b"param a = " + fill.encode() * (SIZE // len(fill))
    assert quick(lambda: deployed(azure.read_bicep("x.bicep", data, Charts()).blueprints))


def test_templates_that_fill_each_other() -> None:
    call = "module m{0} 'x.bicep' = {{\n  params: {{ a: '${{m1.url}}${{m2.url}}${{a.url}}' }}\n}}\n"
    app = "resource a 'Microsoft.App/containerApps@1' = {\n  name: '${a.url}${m1.url}'\n}\n"
    text = "".join(call.format(number) for number in range(800)) + app
    assert quick(lambda: deployed(azure.read_bicep("x.bicep", text.encode(), Charts()).blueprints))
