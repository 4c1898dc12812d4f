"""Real buf on small contracts: which breaks are found, how they are named, and where they point."""

from __future__ import annotations

from pathlib import Path

import pytest

from workspai_hooks import rules
from workspai_hooks.breaking.protobuf import Comparison, compare
from workspai_hooks.changes.snapshot import Entry, Snapshot
from workspai_hooks.findings import Severity
from workspai_hooks.source import Location
from workspai_hooks.tools.buf import Buf, resolve_buf

SHOP = """syntax = "proto3";
package shop.v1;

message Item {
  string id = 1;
  int32 quantity = 2;
  repeated string tags = 3;
  message Size { int32 width = 1; }
  Size size = 4;
  State state = 5;
  oneof contact { string email = 6; string phone = 7; }
}
enum State { STATE_UNSPECIFIED = 0; STATE_PAUSED = 1; STATE_DONE = 2; }
message Query { string text = 1; }
message Extra { int32 a = 1; string b = 2; }
service Shop {
  rpc Get(Query) returns (Item);
  rpc Search(Query) returns (Extra);
}
service Admin { rpc Drop(Item) returns (Query); }
"""


def ask(base: dict[str, str], head: dict[str, str]) -> Comparison:
    before, after = Snapshot.of(base, "base"), Snapshot.of(head)
    changed = {path for path in {*base, *head} if base.get(path) != head.get(path)}
    return compare(before, after, changed)


def found(comparison: Comparison) -> set[tuple[str, str, str | None]]:
    return {(rules.BY_ID[item.rule].name, item.element, item.renamed_to) for item in comparison.breaks}


EDITS = {
    "field removed": (
        [("  int32 quantity = 2;\n", "")],
        {("field-removed", "shop.v1.Item.quantity", None)},
    ),
    "field removed, number and name reserved": (
        [("int32 quantity = 2;", 'reserved 2; reserved "quantity";')],
        {("field-removed", "shop.v1.Item.quantity", None)},
    ),
    "field renamed": (
        [("int32 quantity = 2", "int32 count = 2")],
        {("field-renamed", "shop.v1.Item.quantity", "count")},
    ),
    "field renamed and retyped is one finding": (
        [("int32 quantity = 2", "string count = 2")],
        {("field-renamed", "shop.v1.Item.quantity", "count")},
    ),
    "number changed": (
        [("int32 quantity = 2", "int32 quantity = 12")],
        {("field-number-changed", "shop.v1.Item.quantity", None)},
    ),
    "two fields swapped": (
        [("string id = 1", "string id = 2"), ("int32 quantity = 2", "int32 quantity = 1")],
        {
            ("field-number-changed", "shop.v1.Item.quantity", None),
            ("field-number-changed", "shop.v1.Item.id", None),
        },
    ),
    "type changed": (
        [("int32 quantity = 2", "string quantity = 2")],
        {("field-type-changed", "shop.v1.Item.quantity", None)},
    ),
    "singular": (
        [("repeated string tags", "string tags")],
        {("field-cardinality-changed", "shop.v1.Item.tags", None)},
    ),
    "into a oneof": (
        [("  int32 quantity = 2;\n", ""), ("oneof contact {", "oneof contact { int32 quantity = 2;")],
        {("field-oneof-changed", "shop.v1.Item.quantity", None)},
    ),
    "oneof dissolved": (
        [("oneof contact { string email = 6; string phone = 7; }", "string email = 6; string phone = 7;")],
        {
            ("oneof-removed", "shop.v1.Item.contact", None),
            ("field-oneof-changed", "shop.v1.Item.email", None),
            ("field-oneof-changed", "shop.v1.Item.phone", None),
        },
    ),
    "oneof renamed, its fields are no findings of their own": (
        [("oneof contact", "oneof reach")],
        {("oneof-renamed", "shop.v1.Item.contact", "reach")},
    ),
    "json name": (
        [("int32 quantity = 2", 'int32 quantity = 2 [json_name = "qty"]')],
        {("field-json-name-changed", "shop.v1.Item.quantity", None)},
    ),
    "nested field removed": (
        [("message Size { int32 width = 1; }", "message Size { }")],
        {("field-removed", "shop.v1.Item.Size.width", None)},
    ),
    "enum value removed": (
        [(" STATE_DONE = 2;", "")],
        {("enum-value-removed", "shop.v1.State.STATE_DONE", None)},
    ),
    "enum value renamed": (
        [("STATE_DONE = 2", "STATE_FINISHED = 2")],
        {("enum-value-renamed", "shop.v1.State.STATE_DONE", "STATE_FINISHED")},
    ),
    "enum value renumbered": (
        [("STATE_DONE = 2", "STATE_DONE = 7")],
        {("enum-value-number-changed", "shop.v1.State.STATE_DONE", None)},
    ),
    "rpc removed": (
        [("  rpc Search(Query) returns (Extra);\n", "")],
        {("rpc-removed", "shop.v1.Shop/Search", None)},
    ),
    "rpc renamed": (
        [("rpc Search(", "rpc Find(")],
        {("rpc-renamed", "shop.v1.Shop/Search", "Find")},
    ),
    "unary to streaming": (
        [("rpc Get(Query) returns (Item)", "rpc Get(Query) returns (stream Item)")],
        {("rpc-streaming-changed", "shop.v1.Shop/Get", None)},
    ),
    "request type": (
        [("rpc Get(Query)", "rpc Get(Extra)")],
        {("rpc-request-type-changed", "shop.v1.Shop/Get", None)},
    ),
    "response type": (
        [("rpc Get(Query) returns (Item)", "rpc Get(Query) returns (Query)")],
        {("rpc-response-type-changed", "shop.v1.Shop/Get", None)},
    ),
    "idempotency": (
        [
            (
                "rpc Get(Query) returns (Item);",
                "rpc Get(Query) returns (Item) { option idempotency_level = NO_SIDE_EFFECTS; }",
            )
        ],
        {("rpc-idempotency-changed", "shop.v1.Shop/Get", None)},
    ),
    "service removed": (
        [("service Admin { rpc Drop(Item) returns (Query); }\n", "")],
        {("service-removed", "shop.v1.Admin", None)},
    ),
    "service renamed": (
        [("service Admin", "service Office")],
        {("service-renamed", "shop.v1.Admin", "shop.v1.Office")},
    ),
    "message removed with its nested one and the field that held it": (
        [("  message Size { int32 width = 1; }\n", ""), ("  Size size = 4;\n", "")],
        {("message-removed", "shop.v1.Item.Size", None), ("field-removed", "shop.v1.Item.size", None)},
    ),
    "message renamed, its uses are no findings of their own": (
        [("message Extra", "message More"), ("returns (Extra)", "returns (More)")],
        {("message-renamed", "shop.v1.Extra", "shop.v1.More")},
    ),
    "enum renamed": (
        [("enum State", "enum Status"), ("State state", "Status state")],
        {("enum-renamed", "shop.v1.State", "shop.v1.Status")},
    ),
    "go_package": (
        [("package shop.v1;", 'package shop.v1; option go_package = "x/y";')],
        {("file-option-changed", "file:shop.proto", None)},
    ),
    "package renamed": (
        [("package shop.v1;", "package shop.v2;"), ("  int32 quantity = 2;\n", "")],
        {("package-renamed", "package:shop.v1", "shop.v2")},
    ),
    "a comment and a new field": (
        [("  string id = 1;", "  // the id\n  string id = 1;\n  int32 new = 9;")],
        set(),
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_named(name: str) -> None:
    edits, expected = EDITS[name]
    text = SHOP
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    comparison = ask({"shop.proto": SHOP}, {"shop.proto": text})
    assert found(comparison) == expected
    assert comparison.undecided == comparison.base_errors == ()


def test_a_removed_field_in_full() -> None:
    comparison = ask({"shop.proto": SHOP}, {"shop.proto": SHOP.replace("  int32 quantity = 2;\n", "")})
    (item,) = comparison.breaks
    assert item.rule == "WSP101"
    assert item.message == "shop.v1.Item.quantity (field 2) was removed"
    assert item.location == Location("shop.proto", 4, 1)
    assert item.base_location == Location("shop.proto", 6, 3)
    assert item.surfaces == ("source", "json", "wire")
    assert item.upstream_rules == (
        "FIELD_NO_DELETE",
        "FIELD_NO_DELETE_UNLESS_NAME_RESERVED",
        "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED",
    )
    assert "quantity" in comparison.base_schema.messages["shop.v1.Item"].fields
    assert "quantity" not in comparison.head_schema.messages["shop.v1.Item"].fields


@pytest.mark.parametrize(
    ("old", "new", "surfaces"),
    [
        ("int32 quantity = 2;", 'reserved 2; reserved "quantity";', "source json wire"),
        ("int32 quantity = 2", "int32 count = 2", "source json"),
        ("int32 quantity = 2", "int64 quantity = 2", "source json"),
        ("int32 quantity = 2", "string quantity = 2", "source json wire"),
        ("rpc Search(Query) returns (Extra);", "", "source json wire"),
        (" STATE_DONE = 2;", ' reserved 2; reserved "STATE_DONE";', "source"),
    ],
)
def test_surfaces(old: str, new: str, surfaces: str) -> None:
    (item,) = ask({"shop.proto": SHOP}, {"shop.proto": SHOP.replace(old, new)}).breaks
    assert " ".join(item.surfaces) == surfaces


def test_deleted_file_is_one_finding() -> None:
    other = 'syntax = "proto3"; package shop.v1; message Rest { int32 a = 1; }'
    (item,) = ask({"p/shop.proto": SHOP, "p/rest.proto": other}, {"p/rest.proto": other}).breaks
    assert (rules.BY_ID[item.rule].name, item.element) == ("file-removed", "file:p/shop.proto")
    assert item.surfaces == ("source", "json", "wire")
    assert item.location.path == "p/rest.proto"
    assert item.base_location == Location("p/shop.proto")


def test_a_package_that_is_one_file_is_told_by_its_file() -> None:
    (item,) = ask({"p/shop.proto": SHOP}, {}).breaks
    assert (rules.BY_ID[item.rule].name, item.element) == ("file-removed", "file:p/shop.proto")
    assert set(item.upstream_rules) >= {"FILE_NO_DELETE", "PACKAGE_NO_DELETE"}
    assert item.location.path == "p/shop.proto"


def test_a_package_deleted_with_all_its_files_is_one_finding() -> None:
    other = 'syntax = "proto3"; package shop.v1; message Rest { int32 a = 1; }'
    (item,) = ask({"p/shop.proto": SHOP, "p/rest.proto": other}, {}).breaks
    assert (rules.BY_ID[item.rule].name, item.element) == ("package-removed", "package:shop.v1")


def test_a_copy_that_was_there_before_is_no_place_to_move_to() -> None:
    copies = {"protos/shop.proto": SHOP, "services/cart/proto/shop.proto": SHOP}
    (item,) = ask(copies, {"services/cart/proto/shop.proto": SHOP}).breaks
    assert (rules.BY_ID[item.rule].name, item.element) == ("file-removed", "file:protos/shop.proto")


def test_moved_file_keeps_its_import_path() -> None:
    assert ask({"protos/shop.proto": SHOP}, {"api/shop.proto": SHOP}).breaks == ()


def test_moved_file_under_another_import_path_is_a_note() -> None:
    config = {"buf.yaml": "version: v2\n"}
    (item,) = ask({**config, "protos/shop.proto": SHOP}, {**config, "api/shop.proto": SHOP}).breaks
    assert (item.rule, item.element, item.renamed_to) == (
        "WSP141",
        "file:protos/shop.proto",
        "api/shop.proto",
    )
    assert item.severity == Severity.NOTE
    assert item.surfaces == ("source",)


def test_a_break_inside_a_moved_file_is_found() -> None:
    text = SHOP.replace("  int32 quantity = 2;\n", "").replace(
        "package shop.v1;", 'package shop.v1; option go_package="a/b";'
    )
    comparison = ask({"protos/shop.proto": SHOP}, {"api/shop.proto": text})
    assert found(comparison) == {
        ("field-removed", "shop.v1.Item.quantity", None),
        ("file-option-changed", "file:protos/shop.proto", None),
    }
    removed = next(item for item in comparison.breaks if item.rule == "WSP101")
    assert removed.location.path == "api/shop.proto"
    assert removed.base_location is not None
    assert removed.base_location.path == "protos/shop.proto"


def test_file_split_in_two_is_no_deletion() -> None:
    head, tail = SHOP[: SHOP.index("message Query")], SHOP[SHOP.index("message Query") :]
    parts = {
        "p/item.proto": head,
        "p/service.proto": 'syntax = "proto3"; package shop.v1; import "item.proto";\n' + tail,
    }
    assert {item.severity for item in ask({"p/shop.proto": SHOP}, parts).breaks} <= {Severity.NOTE}
    without = {**parts, "p/service.proto": parts["p/service.proto"].replace("service Admin", "service Other")}
    assert ("service-renamed", "shop.v1.Admin", "shop.v1.Other") in found(
        ask({"p/shop.proto": SHOP}, without)
    )


def test_message_moved_to_another_file_is_a_note() -> None:
    base = {"p/a.proto": SHOP, "p/b.proto": 'syntax = "proto3"; package shop.v1; message B { int32 b = 1; }'}
    extra = "message Extra { int32 a = 1; string b = 2; }\n"
    head = {
        "p/a.proto": SHOP.replace(extra, "").replace(
            "package shop.v1;", 'package shop.v1; import "b.proto";'
        ),
        "p/b.proto": base["p/b.proto"] + "\n" + extra,
    }
    (item,) = ask(base, head).breaks
    assert (item.rule, item.element, item.severity) == ("WSP115", "shop.v1.Extra", Severity.NOTE)
    assert item.location.path == "p/b.proto"


USER = """syntax = "proto3";
package user.v1;
import "shop.proto";
message Basket { repeated shop.v1.Item items = 1; }
"""


def test_importers_are_in_the_schema_and_package_rename_is_told_once() -> None:
    base = {"p/shop.proto": SHOP, "q/user.proto": USER, "q/far.proto": _far("user.proto", "user.v1.Basket")}
    head = {
        **base,
        "p/shop.proto": SHOP.replace("shop.v1;", "shop.v2;"),
        "q/user.proto": USER.replace("shop.v1.", "shop.v2."),
    }
    comparison = ask(base, head)
    assert found(comparison) == {("package-renamed", "package:shop.v1", "shop.v2")}
    assert "far.v1.Far" in comparison.base_schema.messages


def _far(path: str, name: str) -> str:
    return f'syntax = "proto3"; package far.v1; import "{path}"; message Far {{ {name} x = 1; }}'


def test_an_importer_that_no_longer_compiles_is_undecided_and_the_break_is_found() -> None:
    base = {"p/shop.proto": SHOP, "q/user.proto": USER}
    head = {
        **base,
        "p/shop.proto": SHOP.replace("message Item {", "message Thing {").replace("Item", "Thing"),
    }
    comparison = ask(base, head)
    assert ("message-renamed", "shop.v1.Item", "shop.v1.Thing") in found(comparison)
    assert [item.what for item in comparison.undecided] == ["q/user.proto:4:27"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (SHOP.replace("int32 quantity = 2;", "int32 quantity = 2"), "p/shop.proto:"),
        ("<<<<<<< HEAD\n" + SHOP, "p/shop.proto:1"),
        (b"\x7fELF\0\0\1\2".decode("latin-1"), "p/shop.proto:1"),
        ("nothing that is protobuf at all", "p/shop.proto:1"),
        (SHOP.replace("package shop.v1;", 'package shop.v1; import "shop.proto";'), "p/shop.proto:2"),
        (SHOP.replace("package shop.v1;", 'package shop.v1; import "x/none.proto";'), "p/shop.proto:2"),
        ("message A {" * 5000, "p/shop.proto"),
    ],
)
def test_what_does_not_compile_is_undecided_and_never_deleted(text: str, what: str) -> None:
    comparison = ask({"p/shop.proto": SHOP, "q/o.proto": OTHER}, {"p/shop.proto": text, "q/o.proto": REMOVED})
    assert comparison.undecided
    assert all(item.what.startswith(what) for item in comparison.undecided)
    assert all(item.remedy for item in comparison.undecided)
    assert found(comparison) == {("field-removed", "o.O.a", None)}


OTHER = 'syntax = "proto3"; package o; message O { int32 a = 1; }'
REMOVED = 'syntax = "proto3"; package o; message O { }'


def test_a_base_that_does_not_compile_is_told_apart() -> None:
    comparison = ask({"p/shop.proto": "oops"}, {"p/shop.proto": SHOP})
    assert comparison.undecided == comparison.breaks == ()
    assert [item.what for item in comparison.base_errors] == ["p/shop.proto:1:1"]


def test_import_cycle() -> None:
    base = {"a.proto": OTHER}
    head = {"a.proto": f'import "b.proto"; {OTHER}'.replace("import", "").replace('"b.proto"; ', "")}
    head["a.proto"] = OTHER.replace("package o;", 'package o; import "b.proto";')
    head["b.proto"] = 'syntax = "proto3"; package b; import "a.proto"; message B { o.O o = 1; }'
    comparison = ask(base, head)
    assert comparison.breaks == ()
    assert comparison.undecided
    assert "cycl" in comparison.undecided[0].why


def test_a_moved_file_that_does_not_compile_is_not_deleted() -> None:
    comparison = ask({"p/shop.proto": SHOP}, {"p/v1/shop.proto": SHOP + "oops"})
    assert comparison.breaks == ()
    assert [item.what.split(":")[0] for item in comparison.undecided] == ["p/v1/shop.proto"]


def test_nesting_that_protobuf_refuses_is_undecided() -> None:
    deep = 'syntax = "proto3"; package deep; ' + "message A {" * 300 + "}" * 300
    comparison = ask({"p/shop.proto": SHOP}, {"p/shop.proto": SHOP, "q/deep.proto": deep})
    assert [item.what.split(":")[0] for item in comparison.undecided] == ["q/deep.proto"]


def link(files: dict[str, str], links: dict[str, str], name: str) -> Snapshot:
    plain = Snapshot.of({**files, **links}, name)
    entries = {
        path: Entry("120000", entry.blob) if path in links else entry for path, entry in plain.entries.items()
    }
    return Snapshot(name, entries, plain.reader)


def test_a_link_out_of_the_repository_is_undecided_and_nothing_is_deleted() -> None:
    base = Snapshot.of({"p/shop.proto": SHOP}, "base")
    head = link({}, {"p/shop.proto": "../../../etc/passwd"}, "index")
    comparison = compare(base, head, ["p/shop.proto"])
    assert comparison.breaks == ()
    assert [item.what for item in comparison.undecided] == ["p/shop.proto"]
    fresh = link({"p/shop.proto": SHOP}, {"q/new.proto": "/etc/passwd"}, "index")
    assert [item.what for item in compare(base, fresh, ["q/new.proto"]).undecided] == ["q/new.proto"]


def test_a_copy_that_becomes_a_link_is_compared_with_what_it_leads_to() -> None:
    base = Snapshot.of({"p/shop.proto": SHOP, "q/shop.proto": SHOP}, "base")
    same = link({"p/shop.proto": SHOP}, {"q/shop.proto": "../p/shop.proto"}, "index")
    comparison = compare(base, same, ["q/shop.proto"])
    assert comparison.breaks == comparison.undecided == ()
    less = SHOP.replace("  int32 quantity = 2;\n", "")
    other = link({"p/shop.proto": less}, {"q/shop.proto": "../p/shop.proto"}, "index")
    (item,) = compare(base, other, ["p/shop.proto", "q/shop.proto"]).breaks
    assert (item.element, len(item.related)) == ("shop.v1.Item.quantity", 1)


def test_an_object_that_is_not_here_is_undecided() -> None:
    full = Snapshot.of({"p/shop.proto": SHOP})
    partial = Snapshot("index", full.entries, lambda blobs: dict.fromkeys(blobs))
    comparison = compare(Snapshot.of({"p/shop.proto": SHOP + "\n"}, "base"), partial, ["p/shop.proto"])
    assert comparison.breaks == ()
    assert [item.what for item in comparison.undecided] == ["p/shop.proto"]


def test_a_namesake_elsewhere_does_not_hide_a_deletion() -> None:
    one = 'syntax = "proto3"; message Request { string name = 1; int32 age = 2; }'
    two = 'syntax = "proto3"; message Request { bytes blob = 1; bool force = 9; }'
    (item,) = ask({"a/api.proto": one, "b/api.proto": two}, {"b/api.proto": two}).breaks
    assert (rules.BY_ID[item.rule].name, item.element) == ("file-removed", "file:a/api.proto")


def test_a_buf_that_crashes_on_one_question_is_undecided(tmp_path: Path) -> None:
    real = resolve_buf()
    wrapper = tmp_path / "buf"
    wrapper.write_text(f'#!/bin/sh\n[ "$1" = breaking ] && kill -9 $$\nexec {real.path} "$@"\n')
    wrapper.chmod(0o755)
    base = Snapshot.of({"p/shop.proto": SHOP}, "base")
    head = Snapshot.of({"p/shop.proto": SHOP.replace("  int32 quantity = 2;\n", "")})
    comparison = compare(base, head, ["p/shop.proto"], Buf(str(wrapper), real.version, "PATH"))
    assert comparison.breaks == ()
    assert [item.what for item in comparison.undecided] == ["buf breaking"]


def test_two_runs_are_equal() -> None:
    base = {f"{place}/shop.proto": SHOP for place in "abc"}
    head = {
        **base,
        "a/shop.proto": SHOP.replace("  int32 quantity = 2;\n", "").replace("rpc Get", "rpc Fetch"),
    }
    assert ask(base, head) == ask(base, head)


def test_rows_about_map_entries_are_about_their_fields() -> None:
    text = """syntax = "proto3";
package m.v1;
message A {
  map<string, int32> some = 1;
  message In {
    map<string, int32> some = 1; map<int32, int32> k = 2; map<string, E> gone = 3; map<string, E> e = 4;
  }
}
enum E { E_UNSPECIFIED = 0; E_ONE = 1; }
"""
    head = text.replace("map<string, int32>", "map<string, bytes>").replace("map<int32", "map<int64")
    head = head.replace(" map<string, E> gone = 3;", "").replace("map<string, E> e", "string e")
    comparison = ask({"m.proto": text}, {"m.proto": head})
    assert found(comparison) == {
        ("field-type-changed", "m.v1.A.some", None),
        ("field-type-changed", "m.v1.A.In.some", None),
        ("field-type-changed", "m.v1.A.In.k", None),
        ("field-type-changed", "m.v1.A.In.e", None),
        ("field-removed", "m.v1.A.In.gone", None),
    }
    assert all(item.base_location for item in comparison.breaks)
