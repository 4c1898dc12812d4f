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
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.findings import Finding
from workspai_hooks.inspection import Request, inspect, policies
from workspai_hooks.resilience.operations import known_rpcs, rpcs_later
from workspai_hooks.tools.buf import resolve_buf
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


SHOPS = tuple(f"shop{number}" for number in range(4))
OTHERS = (
    scene(method("", timeout="5s", retryPolicy={**RETRY, "retryableStatusCodes": ["INTERNAL"]}))[CONFIG],
    scene(method("shop1.Cart", timeout="9s"), method("shop0.Cart/GetCart", retryPolicy=RETRY))[CONFIG],
    scene(method("shop2.Cart", timeout="never"), method("shop0.Gone", timeout="1s"))[CONFIG],
    "{",
)
CHANGED = (
    scene(method("shop1.Cart", timeout="2s"), method("shop0.Gone", timeout="3s"))[CONFIG],
    scene(method("", retryPolicy=RETRY))[CONFIG],
    scene(method("shop2.Cart/GetCart", "shop3.Cart", timeout="1s", retryPolicy=RETRY))[CONFIG],
)


@pytest.mark.parametrize("changed", CHANGED, ids=range(len(CHANGED)))
@pytest.mark.parametrize("home", [SHOPS[0], ""], ids=["a folder", "the top"])
def test_configs_of_many_packages_that_speak_of_each_other(
    scratch: Make, changed: str | bytes, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that the change does not touch are looked at where they speak of the same, or of everything."""
    protos = {f"{shop}/cart.proto": _contract(shop) for shop in SHOPS}
    configs = {
        f"{shop}/{shop}_grpc_service_config.json": text for shop, text in zip(SHOPS, OTHERS, strict=True)
    }
    path = f"{home}/new_grpc_service_config.json".lstrip("/")
    made = scratch({**protos, **configs, path: scene(method("shop1.Cart", timeout="1s"))[CONFIG]})
    made.write({path: changed})
    whole = asked(made)
    monkeypatch.setattr(policies, "policies_of", None)
    assert asked(made) == whole  # what the configs name is worked out
    assert asked(made) == whole  # and then known


def _contract(package: str) -> str:
    return (
        f'syntax = "proto3"; package {package}; import "google/protobuf/empty.proto";\n'
        "service Cart {\n"
        "  rpc GetCart(google.protobuf.Empty) returns (google.protobuf.Empty) {\n"
        "    option idempotency_level = NO_SIDE_EFFECTS; }\n"
        "  rpc Buy(google.protobuf.Empty) returns (stream google.protobuf.Empty);\n}\n"
    )


def test_rpcs_are_kept_by_package() -> None:
    """All of them, or those that are asked for; not known where a part is lost."""
    protos = {f"{shop}/cart.proto": _contract(shop) for shop in SHOPS}
    snapshot = Snapshot.of({**protos, "copies/cart.proto": _contract(SHOPS[1])})
    made = rpcs_later(snapshot, resolve_buf())()
    assert [one.name for one in made.operations if one.service == "shop1.Cart"]
    assert known_rpcs(snapshot, lambda outline: set().union(*outline.folders.values())) == made
    some = known_rpcs(snapshot, lambda outline: outline.folders[SHOPS[2]])
    assert some is not None
    assert {one.service for one in (*some.operations,)} == {"shop2.Cart"}
    assert some.said == tuple(one for one in made.said if one.scope.startswith("shop2."))
    assert (some.services, some.packages) == (made.services, made.packages)


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
