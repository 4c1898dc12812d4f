"""Files that import what changed are left alone where they can't see the change: with the same answer."""

from __future__ import annotations

import pytest

from workspai_hooks.breaking import protobuf
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf import faces

COMMON = """syntax = "proto2";
package common;
import "google/protobuf/descriptor.proto";
message Money {
  optional string currency = 1;
  optional int64 units = 2;
  oneof how { string cash = 3; string card = 4; }
  map<string, string> labels = 5;
  message Part { optional int32 of = 1; }
  extensions 100 to 200;
}
enum Kind { NONE = 0; GOLD = 1; }
message Rule { optional string say = 1; optional Kind kind = 2; }
"""
OPTIONS = """syntax = "proto2";
package options;
import "google/protobuf/descriptor.proto";
import "common/common.proto";
extend google.protobuf.FieldOptions { optional common.Rule rule = 50001; }
"""
USER = """syntax = "proto2";
package user;
import "common/common.proto";
import "options/options.proto";
message Cart {
  optional common.Money total = 1 [(options.rule) = {say: "x" kind: GOLD}];
  optional common.Kind kind = 2 [default = GOLD];
  optional common.Money.Part part = 3;
  extensions 10 to 20;
}
extend common.Money { optional string note = 101; }
service Till { rpc Pay(common.Money) returns (Cart); }
"""
PUBLIC = 'syntax = "proto3"; package again; import public "common/common.proto";\n'
FAR = 'syntax = "proto3"; package far; import "again/again.proto";\nmessage Far { common.Money all = 1; }\n'
FILES = {
    "common/common.proto": COMMON,
    "options/options.proto": OPTIONS,
    "user/user.proto": USER,
    "again/again.proto": PUBLIC,
    "far/far.proto": FAR,
}
EDITS = {
    "a field goes": ("  optional int64 units = 2;\n", "", True),
    "a field's type": ("int64 units", "string units", True),
    "a field's name and number": ("units = 2", "unit = 7", True),
    "a field leaves its oneof": ("string card = 4; }", "} optional string card = 4;", True),
    "a map goes": ("  map<string, string> labels = 5;\n", "", True),
    "a comment": ("message Money", "// Money.\nmessage Money", True),
    "a field of an option": ("optional string say = 1;", "optional string told = 1;", True),
    "a nested message goes": ("  message Part { optional int32 of = 1; }\n", "", False),
    "a message is another": ("message Money {", "message Coin { } message Money {", False),
    "an enum's value": ("GOLD = 1;", "GOLD = 1; SILVER = 2;", False),
    "an enum's value goes": (" GOLD = 1;", " GOLD = 2;", False),
    "numbers for others": ("100 to 200", "150 to 200", False),
    "an import": ('import "google/protobuf/descriptor.proto";\n', "", False),
}


def _compared(before: Snapshot, after: Snapshot, *, cheap: int, used: bool) -> protobuf.Comparison:
    path = "common/common.proto"
    return protobuf.compare(before, after, [path], cheap=cheap, used=used)


@pytest.mark.parametrize(("old", "new", "kept"), EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("options", [True, False], ids=["options", "none"])
def test_the_same_answer_as_with_all_of_them(
    old: str, new: str, kept: bool, options: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = dict(FILES)
    if not options:
        del files["options/options.proto"]
        files["user/user.proto"] = USER.replace('import "options/options.proto";\n', "").replace(
            ' [(options.rule) = {say: "x" kind: GOLD}]', ""
        )
    assert old in COMMON
    before = Snapshot.of(files, "base")
    after = Snapshot.of({**files, "common/common.proto": COMMON.replace(old, new)})
    told: list[bool] = []
    asked = faces.are_kept

    def are_kept(*arguments: object) -> bool:
        told.append(asked(*arguments))  # type: ignore[arg-type]
        return told[-1]

    monkeypatch.setattr(faces, "are_kept", are_kept)
    for used in (True, False):
        whole = _compared(before, after, cheap=1000, used=used)
        small = _compared(before, after, cheap=0, used=used)
        assert (small.breaks, small.drift, small.rows) == (whole.breaks, whole.drift, whole.rows)
        assert (small.undecided, small.same_offers) == (whole.undecided, whole.same_offers)
    assert told == [kept and not options] * 2


def test_the_content_of_an_any_may_be_written_out() -> None:
    """A file that does so may name fields of all that it imports."""
    files = {
        **FILES,
        "any/any.proto": 'import "common/common.proto"; // [type.googleapis.com/common.Money]\n',
    }
    before = Snapshot.of(files, "base")
    after = Snapshot.of({**files, "common/common.proto": COMMON.replace("units = 2", "units = 6")})
    answer = _compared(before, after, cheap=0, used=False)
    assert "any/any.proto" in answer.head_schema.files
