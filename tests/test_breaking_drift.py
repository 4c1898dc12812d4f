"""Copies of one contract: one break for the same fault, and one finding for what they tell differently."""

from __future__ import annotations

from workspai_hooks.breaking.protobuf import Comparison, compare
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.findings import Severity

DEMO = """syntax = "proto3";
package demo;
message Item { string id = 1; int32 quantity = 2; }
message Cart { repeated Item items = 1; }
service Carts { rpc Get(Cart) returns (Cart); rpc Add(Item) returns (Cart); }
"""
LESS = DEMO.replace(" int32 quantity = 2;", "")
PART = """syntax = "proto3";
package demo;
option go_package = "x";
// Only what this service needs.
message Item { string id = 1; int32 quantity = 2; }
"""
ONE, TWO, THREE = "protos/demo.proto", "src/a/proto/demo.proto", "src/b/item.proto"


def ask(base: dict[str, str], head: dict[str, str]) -> Comparison:
    changed = [path for path in {*base, *head} if base.get(path) != head.get(path)]
    return compare(Snapshot.of(base, "base"), Snapshot.of(head), changed)


def test_a_field_removed_in_one_copy() -> None:
    base = {ONE: DEMO, TWO: DEMO, THREE: PART}
    comparison = ask(base, {**base, ONE: LESS})
    assert [(item.rule, item.element) for item in comparison.breaks] == [("WSP101", "demo.Item.quantity")]
    (drift,) = comparison.drift
    assert (drift.rule, drift.element, drift.severity, drift.known) == (
        "WSP190",
        "package:demo",
        Severity.WARNING,
        False,
    )
    assert drift.message == (
        "3 copies of demo differ: demo.Item.quantity: int32 = 2 in src/a/proto/demo.proto, src/b/item.proto;"
        " missing in protos/demo.proto"
    )
    assert [place.path for place in (drift.location, *drift.related)] == [ONE, THREE, TWO]


def test_the_same_break_in_all_copies_is_one_and_no_drift() -> None:
    base = {ONE: DEMO, TWO: DEMO}
    comparison = ask(base, {ONE: LESS, TWO: LESS})
    (item,) = comparison.breaks
    assert (item.element, item.location.path) == ("demo.Item.quantity", ONE)
    assert [place.path for place in item.related] == [TWO]
    assert comparison.drift == ()


def test_a_field_added_to_one_copy_is_a_note() -> None:
    base = {ONE: DEMO, TWO: DEMO}
    comparison = ask(base, {**base, ONE: DEMO.replace("quantity = 2;", "quantity = 2; string note = 3;")})
    assert comparison.breaks == ()
    (drift,) = comparison.drift
    assert (drift.severity, drift.surfaces) == (Severity.NOTE, ())


def test_copies_that_contradict_each_other_are_an_error_where_no_break_tells_it() -> None:
    base = {ONE: DEMO, TWO: DEMO.replace("quantity = 2;", "quantity = 2; int64 note = 3;")}
    comparison = ask(base, {**base, ONE: DEMO.replace("quantity = 2;", "quantity = 2; string note = 3;")})
    assert comparison.breaks == ()
    (drift,) = comparison.drift
    assert drift.severity == Severity.ERROR
    assert "int64 = 3 in src/a/proto/demo.proto; string = 3 in protos/demo.proto" in drift.message


def test_one_number_with_two_names_is_a_contradiction() -> None:
    base = {ONE: DEMO, TWO: DEMO.replace("quantity = 2;", "quantity = 2; string memo = 3;")}
    comparison = ask(base, {**base, ONE: DEMO.replace("quantity = 2;", "quantity = 2; string note = 3;")})
    assert comparison.drift[0].severity == Severity.ERROR


def test_old_drift_is_known() -> None:
    base = {ONE: DEMO, TWO: LESS}
    comparison = ask(base, {**base, ONE: DEMO + "message More { int32 a = 1; }"})
    (drift,) = comparison.drift
    assert (drift.known, drift.severity) == (True, Severity.NOTE)
    assert "as they did before" in drift.message


def test_cosmetic_and_partial_differences_are_none() -> None:
    base = {ONE: DEMO, TWO: DEMO, THREE: PART}
    head = {
        **base,
        ONE: "// A comment.\n" + DEMO.replace("package demo;", 'package demo;\noption go_package = "y";'),
    }
    assert ask(base, head).drift == ()


def test_an_rpc_and_a_message_that_one_copy_lost() -> None:
    base = {ONE: DEMO, TWO: DEMO}
    head = {**base, ONE: DEMO.replace(" rpc Add(Item) returns (Cart);", "")}
    assert "demo.Carts/Add" in ask(base, head).drift[0].message
    more = DEMO + "message More { int32 a = 1; }"
    (drift,) = ask({ONE: more, TWO: more}, {ONE: DEMO, TWO: more}).drift
    assert "demo.More: declared in src/a/proto/demo.proto; missing in protos/demo.proto" in drift.message
    assert drift.severity == Severity.WARNING


def test_unrelated_files_of_one_package_name_are_no_copies() -> None:
    base = {
        "a/api.proto": 'syntax = "proto3"; package api; message Request { string name = 1; int32 age = 2; }',
        "b/api.proto": 'syntax = "proto3"; package api; message Request { bytes blob = 1; bool force = 9; }',
    }
    head = {**base, "a/api.proto": base["a/api.proto"].replace("age = 2;", "age = 2; int32 size = 3;")}
    assert ask(base, head).drift == ()


def test_contracts_that_the_change_does_not_touch_are_not_asked_for() -> None:
    base = {
        ONE: DEMO,
        TWO: LESS,
        "x/other.proto": 'syntax = "proto3"; package other; message O { int32 a = 1; }',
    }
    assert ask(base, {**base, "x/other.proto": base["x/other.proto"] + "message P {}"}).drift == ()


def test_a_removed_copy_is_gone_for_who_builds_from_it() -> None:
    (item,) = ask({ONE: DEMO, TWO: DEMO}, {ONE: DEMO}).breaks
    assert (item.rule, item.element) == ("WSP140", f"file:{TWO}")


def test_a_moved_copy() -> None:
    base = {ONE: DEMO, TWO: DEMO}
    comparison = ask(base, {ONE: DEMO, "src/c/proto/demo.proto": LESS})
    assert [(item.rule, item.element) for item in comparison.breaks] == [("WSP101", "demo.Item.quantity")]
    assert comparison.breaks[0].location.path == "src/c/proto/demo.proto"
