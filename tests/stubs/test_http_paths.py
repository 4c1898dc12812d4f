"""Which operations sidecars can match, in which order; which files are anchors of clients."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from stubs.http_policies import ODD, ORDERS, generated
from workspai_hooks.enrichment import (
    openapi_axios,
    openapi_fetch,
    openapi_go,
    openapi_httpx,
    openapi_java,
    openapi_python,
)
from workspai_hooks.enrichment.paths import most_literal_first, refusal
from workspai_hooks.enrichment.values import HttpOperation
from workspai_hooks.resilience.model import Backoff, Policy, Retry

KINDS = (openapi_axios, openapi_fetch, openapi_go, openapi_httpx, openapi_java, openapi_python)


def operation(path: str = "/", method: str = "GET", **policy: object) -> HttpOperation:
    return HttpOperation(method, path, "", Policy("", **policy))  # type: ignore[arg-type]


def test_the_most_literal_comes_first() -> None:
    paths = ["/{a}", "/{b}.json", "/x", "/{a}/x", "/x/{a}", "/x/y", "/x/{a}-{b}"]
    found = [one.path for one in most_literal_first(map(operation, paths))]
    assert found == ["/x", "/x/y", "/x/{a}-{b}", "/x/{a}", "/{b}.json", "/{a}", "/{a}/x"]


@pytest.mark.parametrize(
    "path", ["", "a", "/a?b", "/a#b", "/a{b", "/a}", "/{a/b}", "/{}", "/é", "/a b", '/"', "/a\n"]
)
def test_a_path_that_is_no_template_is_refused(path: str) -> None:
    assert refusal(operation(path)).startswith("operation: ")


@pytest.mark.parametrize(
    "path", ["/", "/a/{b c}", "//", "/v1/{name}:cancel", "/Users('{id}')/$count", "/{a}{b}.%20"]
)
def test_paths_of_uris_are_not(path: str) -> None:
    assert refusal(operation(path)) == ""


def test_values_that_a_language_has_not_are_refused() -> None:
    assert refusal(operation(method="FETCH")).startswith("operation: ")
    for limit in (0.0, -1.0, 86_401.0, float("inf"), float("nan")):
        assert refusal(operation(timeout_s=limit)).startswith("timeout: ")
        assert refusal(operation(per_try_s=limit)).startswith("per_try: ")
    retry = Retry(2)
    for wrong in (
        Retry(0),
        Retry(101),
        replace(retry, on_http=(99,)),
        replace(retry, on_http=(600,)),
        replace(retry, backoff=Backoff(initial_s=-0.1)),
        replace(retry, backoff=Backoff(max_s=float("nan"))),
        replace(retry, backoff=Backoff(multiplier=1e6)),
        replace(retry, backoff=Backoff(jitter=1.1)),
    ):
        assert refusal(operation(retry=wrong)).startswith("retry: ")
    assert not any(map(refusal, (*ODD, *ORDERS, *generated())))


@pytest.mark.parametrize("kind", KINDS, ids=lambda one: one.KIND.name)
def test_files_that_are_no_anchor_get_nothing(kind: object) -> None:
    facts = kind.KIND.facts  # type: ignore[attr-defined]
    names = ("api_client.py", "runtime.ts", "base.ts", "client.go", "ApiClient.java", "__init__.py")
    for name in names:
        for content in (b"", b"\xff\xfe\0", b"package a\nfunc NewAPIClient(", b"package 'x;\n" * 9999):
            assert facts(f"some/{name}", content) is None


def test_a_package_is_what_its_imports_and_its_folder_say() -> None:
    imports = "from {}.configuration import Configuration\nclass ApiClient:\n"
    text = imports + "    def param_serialize(\n    def call_api(\n"
    facts = openapi_python.KIND.facts
    assert facts("src/shop/client/api_client.py", text.format("shop.client").encode()) == {
        "package": "shop.client",
        "module": "shop.client_resilience",
    }
    assert facts("src/shop/moved/api_client.py", text.format("shop.client").encode()) is None
    assert facts("src/class/api_client.py", text.format("class").encode()) is None
