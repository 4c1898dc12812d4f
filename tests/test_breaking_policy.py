"""The repository's buf configuration decides which breaks exist, in head, and never their surfaces."""

from __future__ import annotations

import pytest

from workspai_hooks.breaking.policy import is_unstable
from workspai_hooks.breaking.protobuf import compare
from workspai_hooks.changes.snapshot import Snapshot

BASE = """syntax = "proto3";
package shop.v1beta1;
message Item { string id = 1; int32 quantity = 2; }
service Shop { rpc Get(Item) returns (Item); rpc Put(Item) returns (Item); }
"""
HEAD = BASE.replace(" int32 quantity = 2;", ' reserved 2; reserved "quantity";').replace(
    "rpc Put(Item) returns (Item); ", ""
)
BOTH = {"shop.v1beta1.Item.quantity", "shop.v1beta1.Shop/Put"}
FIELD, RPC = {"shop.v1beta1.Item.quantity"}, {"shop.v1beta1.Shop/Put"}


def elements(
    config: str | None, *, path: str = "p/shop.proto", place: str = "buf.yaml", base_config: str = ""
) -> set[str]:
    before = {path: BASE, **({place: base_config} if base_config else {})}
    after = {path: HEAD, **({place: config} if config else {})}
    comparison = compare(Snapshot.of(before, "base"), Snapshot.of(after), [path])
    assert comparison.undecided == ()
    for item in comparison.breaks:
        assert item.surfaces == ("source", "json", "wire")
    return {item.element for item in comparison.breaks}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (None, BOTH),
        ("version: v1\n", BOTH),
        ("version: v1\nbreaking: {use: [FILE]}\n", BOTH),
        ("version: v1\nbreaking: {use: [FIEL]}\n", BOTH),  # buf refuses it
        ("version: v1\nbreaking: {use: [WIRE_JSON]}\n", set()),
        ("version: v1\nbreaking: {use: [RPC_NO_DELETE]}\n", RPC),
        ("version: v1\nbreaking: {use: [PACKAGE], except: [RPC_NO_DELETE]}\n", FIELD),
        ("version: v1\nbreaking: {except: [FIELD_NO_DELETE]}\n", RPC),
        ("version: v1\nbreaking: {ignore: [p]}\n", set()),
        ("version: v1\nbreaking: {ignore: [p/shop.proto]}\n", set()),
        ("version: v1\nbreaking: {ignore: [p/sho]}\n", BOTH),
        ("version: v1\nbreaking: {ignore_only: {RPC_NO_DELETE: [p]}}\n", FIELD),
        ("version: v1\nbreaking: {ignore_only: {FILE: [p]}}\n", set()),
        ("version: v1beta1\nbreaking: {use: [RPC_NO_DELETE]}\n", RPC),
        ("version: v1\nbreaking: {ignore_unstable_packages: true}\n", set()),
        ("version: v2\nbreaking: {use: [RPC_NO_DELETE]}\n", RPC),
        ("version: v2\nmodules: [{path: p}]\nbreaking: {use: [RPC_NO_DELETE]}\n", RPC),
        ("version: v2\nmodules: [{path: p, breaking: {use: [FILE]}}]\nbreaking: {use: [WIRE]}\n", BOTH),
        ("version: v2\nmodules: [{path: p, breaking: {ignore: [p/shop.proto]}}]\n", set()),
    ],
)
def test_configuration(config: str | None, expected: set[str]) -> None:
    assert elements(config) == expected


def test_a_nested_v1_module_ignores_relative_to_itself() -> None:
    config = "version: v1\nbreaking: {ignore: [shop.proto]}\n"
    assert elements(config, place="p/buf.yaml") == set()
    assert elements(config, place="q/buf.yaml") == BOTH


def test_it_is_read_from_head() -> None:
    quiet = "version: v1\nbreaking: {ignore: [p]}\n"
    assert elements(None, base_config=quiet) == BOTH


def test_a_deleted_file_can_be_ignored() -> None:
    files = {"buf.yaml": "version: v1\nbreaking: {ignore: [p]}\n"}
    comparison = compare(
        Snapshot.of({**files, "p/shop.proto": BASE}, "base"), Snapshot.of(files), ["p/shop.proto"]
    )
    assert comparison.breaks == ()


@pytest.mark.parametrize(
    ("package", "unstable"),
    [
        ("a.v1", False),
        ("a.v1beta1", True),
        ("a.v1alpha", True),
        ("a.v1p1alpha2", True),
        ("a.v1test", True),
        ("a.v1testfoo", True),
        ("v1beta1", False),
        ("a.beta", False),
        ("a.v0beta1", False),
        ("a.v1beta0", False),
    ],
)
def test_unstable_packages(package: str, unstable: bool) -> None:
    assert is_unstable(package) is unstable


@pytest.mark.parametrize("use", ["FILE", "PACKAGE", "FILE_NO_DELETE", "PACKAGE_NO_DELETE"])
def test_a_package_that_is_one_file_is_one_break_under_either_rule(use: str) -> None:
    files = {"buf.yaml": f"version: v1\nbreaking: {{use: [{use}]}}\n"}
    before = Snapshot.of({**files, "p/shop.proto": BASE}, "base")
    (item,) = compare(before, Snapshot.of(files), ["p/shop.proto"]).breaks
    assert {"FILE_NO_DELETE", "PACKAGE_NO_DELETE"} == set(item.upstream_rules)
