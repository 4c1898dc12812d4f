"""A commit of service configs alone: with the contracts known a small question, with the same answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping

import pytest
from conftest import Scratch

from resilience.service_configs import CONFIG, RETRY, method, scene
from workspai_hooks.changes.base import Base
from workspai_hooks.changes.changeset import collect
from workspai_hooks.changes.head import staged_head
from workspai_hooks.changes.service_configs import only_configs
from workspai_hooks.findings import Finding
from workspai_hooks.inspection import Request, inspect, policies
from workspai_hooks.tools.git import Repository

Make = Callable[[Mapping[str, str | bytes]], Scratch]
CART, STOCK = "shop.v1.Cart", "shop.v1.Stock"
OTHER = "protos/stock_grpc_service_config.json"
BEFORE = scene(method(CART, timeout="1s"), method(STOCK, timeout="2s"))
AFTER = (
    scene(method(f"{CART}/GetCart", timeout="1s", retryPolicy={**RETRY, "maxBackoff": "9s"})),
    scene(method(CART, timeout="1s", retryPolicy={**RETRY, "retryableStatusCodes": ["INTERNAL"]})),
    scene(method(CART, f"{CART}/Gone", "shop.v1.Nobody", timeout="10ms")),
    scene(method("", timeout="1s", retryPolicy={**RETRY, "retryableStatusCodes": ["DEADLINE_EXCEEDED"]})),
    scene({"timeout": "1s"}, method_config=[]),
    {CONFIG: "{"},
)


def asked(made: Scratch) -> list[Finding]:
    return list(inspect(Request(made.root, "pre-commit")).findings)


@pytest.mark.parametrize("after", AFTER, ids=range(len(AFTER)))
def test_the_same_faults_as_when_all_is_asked(
    scratch: Make, after: dict[str, str | bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {OTHER: scene(method(f"{STOCK}/Count", timeout="3s"))[CONFIG]}
    made = scratch({**BEFORE, **other}).write({CONFIG: after[CONFIG]})
    whole = asked(made)  # the contracts are not known yet
    assert whole
    monkeypatch.setattr(policies, "policies_of", None)
    assert asked(made) == whole


def changes_of(made: Scratch) -> tuple[str, ...]:
    repository = Repository.open(made.root)
    try:
        base = Base(str(made.repo.head.commit.hexsha), "")
        return only_configs(collect(repository, staged_head(repository), base, at_commit=True))
    finally:
        repository.close()


def test_what_such_a_commit_is(scratch: Make) -> None:
    made = scratch(BEFORE)
    assert changes_of(made.write({CONFIG: AFTER[0][CONFIG]})) == (CONFIG,)
    assert changes_of(made.write({"README.md": "x"})) == ()


def test_sources_or_charts_may_read_them(scratch: Make) -> None:
    made = scratch({**BEFORE, "client.py": ""})
    assert changes_of(made.write({CONFIG: AFTER[0][CONFIG]})) == ()


def test_nor_where_a_chart_has_it(scratch: Make) -> None:
    made = scratch({**BEFORE, "Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n"})
    assert changes_of(made.write({CONFIG: AFTER[0][CONFIG]})) == ()


def test_it_loads_little() -> None:
    code = "import workspai_hooks.inspection.configs, sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = (
        "workspai_hooks.workspace.",
        "workspai_hooks.impact.",
        "networkx",
        "google.protobuf",
        "tree_sitter",
    )
    light = (
        "workspai_hooks.workspace.service",
        "workspai_hooks.workspace.elsewhere",
        "workspai_hooks.workspace.files",
    )
    loaded = done.stdout.split()
    assert [one for one in loaded if one.startswith(heavy) and not one.startswith(light)] == []
