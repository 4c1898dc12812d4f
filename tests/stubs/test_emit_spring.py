"""The overlay for Spring: what openapi-generator makes of a description that it was applied to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from stubs import http_policies
from stubs.http_clients import generate
from stubs.toolchain import once
from workspai_hooks.enrichment.emit import DIALECTS

PLAN = http_policies.plan({})
RETRIED = {one.operation_id for one in PLAN.operations if one.policy.tries > 1 and not one.policy.key}
TARGET = re.compile(r"\$\.paths\['([^']*)'\]\.([a-z]+)")


def applied(text: str) -> dict[str, Any]:
    """Our description after the overlay; targets are of the one form that we write."""
    description: dict[str, Any] = http_policies.description()
    for action in yaml.safe_load(text)["actions"]:
        found = TARGET.fullmatch(action["target"])
        assert found is not None
        description["paths"][found[1]][found[2]] |= action["update"]
    return description


@pytest.fixture(scope="module")
def interfaces(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of all interfaces of the generated Feign client."""

    def make(root: Path) -> None:
        description = applied(DIALECTS["spring"]([PLAN], "bench"))
        generate(root, {"made": {"generatorName": "spring", "library": "spring-cloud"}}, description)

    sources = sorted(once(tmp_path_factory, "spring", make).rglob("api/*Api.java"))
    return "".join(each.read_text() for each in sources)


def test_the_generator_annotates_what_is_retried_and_nothing_else(interfaces: str) -> None:
    annotated = re.findall(
        r"@org\.springframework\.retry\S*\.Retryable\(.*\n(?:.*\n)*?.* (\w+)\(\n", interfaces
    )
    assert set(annotated) == RETRIED
    assert len(annotated) == len(RETRIED)


def test_what_it_says(interfaces: str) -> None:
    found = re.search(r"( *@org\.springframework\.retry.*)\n.* getOrder\(", interfaces)
    assert found is not None
    package = "org.springframework.retry.annotation"
    waits = f"@{package}.Backoff(delay = 20, maxDelay = 50, multiplier = 2.0, random = true)"
    statuses = "{-1, 429, 502, 503, 504}.contains(status())"
    assert found[1].strip() == (
        f"@{package}.Retryable(retryFor = feign.FeignException.class, maxAttempts = 3,"
        f' exceptionExpression = "{statuses}", backoff = {waits})'
    )


def test_nothing_to_say_is_no_overlay() -> None:
    assert DIALECTS["spring"]([replace(PLAN, operations=())], "bench") == ""


@pytest.mark.parametrize("path", ["/it's", "/a\\", "/a'\"\n- b: {x}#: &c *d !e %f\u2028"])
def test_nothing_of_a_path_gets_out_of_its_place(path: str) -> None:
    odd = replace(PLAN, operations=(replace(PLAN.operations[-1], path=path),))
    (action,) = yaml.safe_load(DIALECTS["spring"]([odd], "bench"))["actions"]
    escaped = path.replace("\\", "\\\\").replace("'", "\\'")
    assert action["target"] == f"$.paths['{escaped}'].get"
