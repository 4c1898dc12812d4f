"""No reader of a file takes more than linear time for a file of one kind of character."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest

from workspai_hooks.stubs.holders import declared_names
from workspai_hooks.workspace.blueprints import deployed
from workspai_hooks.workspace.built import SYSTEMS
from workspai_hooks.workspace.evidence import EXTRACTORS, thrift
from workspai_hooks.workspace.manifests import azure, docker_commands, fronts
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.manifests.kinds import KINDS
from workspai_hooks.workspace.use_sites.python.relevance import imports

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
IN_CODE = FILLS | {
    "texts without a name": b'="x"' * (SIZE // 4),
    "names without a text": b"a = b.c(d: " * (SIZE // 11),
    "comparisons": b'a=="b"' * (SIZE // 6),
    "long comparisons": b"a.b.c.d.e.f.g.h.i.j" * 10 + b'=="b" ' * (SIZE // 6),
    "words of a switch": b"switch (a.type()) " * (SIZE // 18),
    "schemes": b"http://" * (SIZE // 7),
    "imports": b"\n    from a import (b" * (SIZE // 21),
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


@pytest.mark.parametrize("fill", IN_CODE)
def test_imports(fill: str) -> None:
    assert quick(partial(imports, IN_CODE[fill]))


@pytest.mark.parametrize("fill", FILLS)
def test_contracts(fill: str) -> None:
    assert quick(lambda: declared_names(FILLS[fill]))


@pytest.mark.parametrize("fill", IN_CODE)
def test_evidence(fill: str) -> None:
    """Every extractor's words stand before the fill and after it, so that each pattern is tried."""
    slow = [
        one.name
        for one in EXTRACTORS
        if not quick(partial(one.read, b" ".join(one.marks) + IN_CODE[fill] + b" ".join(one.marks)))
    ]
    assert slow == []


REPEATED = {
    "calls": b"x.subscribe(a.send(b.get(" * 2_000,
    "actions": b'{{range services}} {{ range $a := service "x' * 1_500,
    "options": b"docker run -e A=b -p 1:2 " * 2_000,
    "members": b"Service.A(Service.B(Service." * 2_000,
    "places": b"`/a${b.c}" * 6_000,
    "objects": b"a = {destination: b, " * 2_500,
    "endpoints": b'.to("http4://{{a:b' * 3_000,
    "includes": b"<esi:include src='/a/" * 3_000,
}


@pytest.mark.parametrize("text", REPEATED)
def test_evidence_that_almost_fits_again_and_again(text: str) -> None:
    marks = b" ".join({mark for one in EXTRACTORS for mark in one.marks})
    slow = [one.name for one in EXTRACTORS if not quick(partial(one.read, marks + REPEATED[text]))]
    assert slow == []
    assert quick(partial(docker_commands.read, "x.sh", REPEATED[text], Charts()))
    assert quick(partial(fronts.read, "x.conf", b"ProxyPass " + REPEATED[text], Charts()))


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
