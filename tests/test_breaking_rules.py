"""The tables around buf's rules are complete, and every row that a real buf can be made to say is read."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from workspai_hooks import rules
from workspai_hooks.breaking.classify import RULE_OF
from workspai_hooks.breaking.protobuf import compare
from workspai_hooks.breaking.rows import Sides, read
from workspai_hooks.breaking.upstream import CATEGORIES, SURFACES, expand
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.describe import Described
from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools.buf import Row, resolve_buf


def test_our_table_covers_exactly_bufs_rules() -> None:
    listed = subprocess.run(
        [resolve_buf().path, "config", "ls-breaking-rules", "--format", "json"],
        check=True,
        capture_output=True,
        text=True,
    )
    theirs = {row["id"]: set(row["categories"]) for row in map(json.loads, listed.stdout.splitlines())}
    assert {rule: set(categories) for rule, categories in CATEGORIES.items()} == theirs
    assert len(theirs) == 64
    assert set(RULE_OF) == set(SURFACES) == set(theirs)
    assert set(RULE_OF.values()) <= set(rules.BY_NAME)


def test_surfaces_follow_the_categories_but_for_what_running_clients_lose() -> None:
    of_category = {"FILE": "source", "PACKAGE": "source", "WIRE_JSON": "json", "WIRE": "wire"}
    more = set()
    for rule, categories in CATEGORIES.items():
        plain = {of_category[category] for category in categories if category in of_category}
        assert plain <= SURFACES[rule]
        if plain != SURFACES[rule]:
            more.add(rule)
            assert SURFACES[rule] == {"source", "json", "wire"}
    assert more == {
        "FIELD_NO_DELETE",
        "FILE_NO_DELETE",
        "PACKAGE_NO_DELETE",
        "PACKAGE_SERVICE_NO_DELETE",
        "RPC_NO_DELETE",
        "SERVICE_NO_DELETE",
    }


def test_categories_and_deprecated_ids_expand() -> None:
    assert "RPC_NO_DELETE" in expand(["FILE"])
    assert "RPC_NO_DELETE" not in expand(["WIRE_JSON"])
    assert expand(["FIELD_SAME_CTYPE"]) == {"FIELD_SAME_CPP_STRING_TYPE"}
    assert expand(["NO_SUCH_RULE"]) == frozenset()


def test_a_row_that_nobody_knows_is_undecided() -> None:
    sides = Sides(Described(), Described(), {})
    with pytest.raises(UndecidedError):
        read(Row("a.proto", 1, 1, "FIELD_SAME_COLOUR", "Field 1 changed colour."), sides)


A = """syntax = "proto2";
package p.v1;
import "google/protobuf/descriptor.proto";
message O {
  message In {
    optional int32 z = 1 [default = 3];
    optional int64 k = 2 [jstype = JS_NORMAL];
    optional string cs = 20 [ctype = CORD];
    oneof one { int32 a = 3; int32 b = 4; }
    reserved 7, 9 to 12;
    reserved "foo";
    extensions 100 to 200;
    enum E { A = 0; B = 1; C = 2; reserved 5; reserved "X"; }
    required int32 rq = 15;
    repeated int32 rr = 16;
    optional int32 renamed = 18;
  }
  extend In { optional int32 ext = 101; }
}
message Ext2 { extensions 100 to 200; }
extend Ext2 { optional int32 top = 101; optional int32 top2 = 102; }
service S { rpc R(O) returns (O); rpc Z(O) returns (O); }
message Gone { message GIn {} enum GE { Q = 0; } }
service SG {}
enum EG { EG0 = 0; }
"""
A_HEAD = """syntax = "proto2";
package p.v1;
%s
message O {
  message In {
    optional int32 z = 1 [default = 4];
    optional int64 k = 2 [jstype = JS_STRING];
    optional string cs = 20;
    optional int32 b = 4;
    optional int32 a = 3;
    reserved 9 to 10;
    enum E { A = 0; D = 1; }
    required int32 rq2 = 17;
    optional int32 rr = 16;
    optional int32 other = 18;
    extensions 100 to 150;
    option no_standard_descriptor_accessor = true;
  }
}
message Ext2 { extensions 100 to 200; }
extend Ext2 { optional int64 top2 = 102; }
service S { rpc R(stream Ext2) returns (stream Ext2) { option idempotency_level = IDEMPOTENT; } }
"""
OPTIONS = """option go_package = "x"; option java_package = "x"; option java_outer_classname = "X";
option java_multiple_files = true; option csharp_namespace = "X"; option php_namespace = "X";
option php_class_prefix = "X"; option php_metadata_namespace = "X"; option ruby_package = "X";
option swift_prefix = "X"; option objc_class_prefix = "X"; option optimize_for = CODE_SIZE;
option cc_enable_arenas = false; option cc_generic_services = true; option java_generic_services = true;
option py_generic_services = true; option java_string_check_utf8 = true;"""
EDITION = """edition = "2023";
package e.v1;
%s
message M { %s string s = 1 %s; int32 n = 2; }
enum K { %s K0 = 0; }
"""
BASE = {
    "a.proto": A.replace('import "google/protobuf/descriptor.proto";\n', ""),
    "b.proto": 'syntax = "proto3"; package q.v1; message B {}',
    "c.proto": 'syntax = "proto3"; package q.v1; message C {}',
    "d.proto": 'syntax = "proto3"; package gone.v1; message D { int32 a = 1; }',
    "e.proto": EDITION % ("", "", "", ""),
    "f.proto": 'syntax = "proto3"; package q.v1; message F {}',
}
HEAD = {
    "a.proto": A_HEAD % OPTIONS,
    "b.proto": 'syntax = "proto2"; package q.v1; message B {}',
    "e.proto": EDITION
    % (
        "",
        "option features.json_format = LEGACY_BEST_EFFORT;",
        "[features.utf8_validation = NONE]",
        "option features.enum_type = CLOSED; option features.json_format = LEGACY_BEST_EFFORT;",
    ),
    "f.proto": 'syntax = "proto3"; package r.v1; message F {}',
}


def test_every_rule_is_provoked_and_its_row_read() -> None:
    more = {
        "f1.proto": (
            'syntax = "proto3"; package t; message T { int32 a = 1; string b = 2; }',
            'syntax = "proto3"; package t; message T { string a = 1; int32 b = 2 [json_name = "bb"]; }',
        ),
        "j.proto": (
            'syntax = "proto3"; package j; message J { string a = 1; }',
            'syntax = "proto3"; package j; option java_string_check_utf8 = true; message J { string a = 1; }',
        ),
    }
    base = {**BASE, **{path: before for path, (before, _) in more.items()}}
    head = {**HEAD, **{path: after for path, (_, after) in more.items()}}
    comparison = compare(Snapshot.of(base, "base"), Snapshot.of(head), {*base, *head})
    assert comparison.undecided == comparison.base_errors == ()
    seen = {row.rule for row in comparison.rows}
    assert set(SURFACES) == seen
    told = {rule for item in comparison.breaks for rule in item.upstream_rules}
    assert seen <= told | {"FILE_NO_DELETE"}
    assert not [item for item in comparison.breaks if "Previously present" in item.message]
    names = {rules.BY_ID[item.rule].name: item.element for item in comparison.breaks}
    assert names["required-field-added"] == "p.v1.O.In.rq2"
    (nested,) = (item for item in comparison.breaks if item.element == "p.v1.O.In")
    assert {"EXTENSION_MESSAGE_NO_DELETE", "RESERVED_MESSAGE_NO_DELETE"} < set(nested.upstream_rules)
    assert rules.BY_ID[nested.rule].name == "message-option-changed"
    assert names["enum-type-changed"] == "e.v1.K"
    assert names["file-package-changed"] == "file:f.proto"


def test_every_rule_is_documented() -> None:
    for rule in rules.RULES:
        for part in (rule.summary, rule.what, rule.why, rule.example, rule.instead):
            assert len(part) > 8, rule.id
        assert re.fullmatch(r"[A-Z]{2,3}\d{2,3}", rule.id)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert (
        len({rule.id for rule in rules.RULES}) == len({rule.name for rule in rules.RULES}) == len(rules.RULES)
    )
    assert [rule.id for rule in rules.RULES] == sorted(rule.id for rule in rules.RULES)


def test_no_name_says_the_cure() -> None:
    cure = re.compile(r"\b(use|avoid|keep|add|require|ensure|no|must|should|prefer|disallow|deprecate)\b")
    assert not [rule.name for rule in rules.RULES if cure.search(rule.name.replace("-", " "))]


def test_find_takes_ids_and_names() -> None:
    assert rules.find("wsp101") is rules.find("field-removed") is rules.BY_ID["WSP101"]
    assert rules.find("nonsense") is None
