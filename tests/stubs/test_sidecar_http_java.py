"""The sidecar of openapi-generator's Java client with OkHttp, against a real server."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from stubs import http_policies
from stubs.http_checks import EARLY_S, LATE_S, SHORT_S, Checks, Program, Ran, made, played
from stubs.http_clients import clients, enrich, lane, need, run, variants
from stubs.toolchain import fetch, once
from workspai_hooks.enrichment.openapi_java import KIND

FILE = Path(__file__).parent / "http_programs" / "java" / "Program.java"
DOWN = [made("dropOrder", f"async-down{number}", "status:503", **{"async": True}) for number in range(4)]
ASYNC = [
    lane(made("getOrder", "async", "flaky:2:503", want=200, **{"async": True})),
    lane(made("dropOrder", "async-hang", "hang", late_s=SHORT_S + LATE_S, **{"async": True})),
    lane(*DOWN),
]
ANCHOR = "made/src/main/java/org/openapitools/client/ApiClient.java"


def prepare(root: Path, generated: Path) -> None:
    """The client, compiled with its sidecar and a program; Maven gives what its pom.xml asks for."""
    need("javac", "mvn")
    shutil.copytree(generated / "java", root / "made")
    copy = ["dependency:copy-dependencies", "-DoutputDirectory=deps", "-DincludeScope=compile"]
    fetch(["mvn", "-q", "-B", *copy], root / "made")
    enrich(KIND, root, ANCHOR, breaker=http_policies.BREAKER)
    sources = [str(each) for each in (root / "made" / "src").rglob("*.java")]
    (root / "sources").write_text("\n".join([*sources, str(FILE)]))
    run(["javac", "-nowarn", "-cp", "made/deps/*", "-d", "built", "@sources"], root)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "http-java", partial(prepare, generated=clients(tmp_path_factory)))


def program(client: Path) -> Program:
    command = ["java", "-XX:TieredStopAtLevel=1", "-cp", "built:made/deps/*", "Program"]

    def play(phases: Path, url: str) -> str:
        return run([*command, str(phases), url], client)

    return play


@pytest.fixture(scope="module")
def ran(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return played(tmp_path_factory, "http-java", program(client), ASYNC)


class TestJava(Checks):
    tries_of_own_limit = 3  # a read timeout is each try's
    own_limit_counts = True

    def test_asynchronous_calls_are_no_different(self, ran: Ran) -> None:
        assert (ran.of("async")[0].status, ran.of("async")[1]) == (200, 3)
        outcome, tries = ran.of("async-hang")
        assert (outcome.status, tries) == (0, 1)
        assert SHORT_S - EARLY_S <= outcome.elapsed_s <= SHORT_S + LATE_S
        assert [ran.of(f"async-down{number}")[0].status for number in range(4)] == [503, 503, 503, 0]
        assert "circuit open" in ran.of("async-down3")[0].error


def test_other_shapes_compile(client: Path, tmp_path: Path) -> None:
    source = tmp_path / "ResilientApiClient.java"
    strict = ["-Xlint:all,-deprecation,-processing,-rawtypes", "-Werror"]
    for text in variants(KIND, client, ANCHOR).values():
        source.write_text(text)
        run(["javac", *strict, "-cp", "built:made/deps/*", "-d", str(tmp_path), str(source)], client)
