"""Files that import what changed are left alone where they can't see the change: with the same answer."""

from __future__ import annotations

import pytest

from workspai_hooks.breaking import protobuf
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf import faces
from workspai_hooks.contracts.protobuf.mentioned import EXPANDS, names_in
from workspai_hooks.tools.buf import build, resolve_buf

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
    assert told == ([] if options else [kept] * 2)


ANY = """syntax = "proto2";
package any;
import "google/protobuf/any.proto";
import "google/protobuf/descriptor.proto";
message Holder { repeated google.protobuf.Any all = 1; optional Holder more = 2; extensions 100 to 200; }
extend google.protobuf.FileOptions { optional Holder held = 50002; }
extend Holder { optional Holder other = 100; }
"""
WRITTEN = {
    "plain": "{ all { [type.googleapis.com/common.Money] { units: 1 } } }",
    "colons and lists": "{ all: [{ [type.googleapis.com/common.Money]: { units: 1 } }] }",
    "angles": "{ all < [type.googleapis.com/common.Money] < units: 1 > > }",
    "another host": "{ all { [type.googleprod.com/common.Money] { units: 1 } } }",
    "spaces": "{ all { [ type . googleapis . com / common . Money ] { units: 1 } } }",
    "lines": "{ all { [\n  type\n  .googleapis.com/\n  common.Money\n] { units: 1 } } }",
    "comments": '{ all { [/* ] " */type// [\n.googleapis/**/.com/common/**/.Money] { units: 1 } } }',
    "in another": "{ more { [ any . other ] { all { [type.googleapis.com/common.Money] { units: 1 } } } } }",
    "behind texts": """{ more { all { type_url: "[\\"" value: '\\'[' } }
        all { [type.googleapis.com/common.Money] { units: 1 } } }""",
}
IMPORTED = {
    "no space": "import'common/common.proto';",
    "comments": 'import/* "x"; */ // ;\n "common/common.proto" /* ; */ ;',
    "a long comment": f"import /* {'x' * 200} */ 'common/common.proto';",
    "several": """import "comm" 'on/' /* and */\n "common.proto";""",
    "escapes": r'import "common\x2f\143ommon.proto";',
    "public": 'import /**/ public /**/ "common/common.proto";',
    "weak": 'import weak "common/common.proto";',
}


def _agree(files: dict[str, str], edits: dict[str, str], broken: set[str]) -> None:
    """The `broken` files compile before the edits and not after them, say buf and both ways to compare."""
    text = COMMON
    for old, new in edits.items():
        text = text.replace(old, new)
    after = {**files, "common/common.proto": text}
    for one, fail in ((files, set()), (after, broken)):
        built = build(resolve_buf(), {path: text.encode() for path, text in one.items()})
        assert {row.path for row in built.errors} == fail
    sides = Snapshot.of(files, "base"), Snapshot.of(after)
    whole, small = (_compared(*sides, cheap=cheap, used=False) for cheap in (1000, 0))
    assert {one.what.partition(":")[0] for one in whole.undecided} == broken
    assert (small.breaks, small.rows, small.undecided) == (whole.breaks, whole.rows, whole.undecided)


@pytest.mark.parametrize("head", ['syntax = "proto3";', 'edition = "2023";'])
def test_the_content_of_an_any_may_be_written_out(head: str) -> None:
    """A file that does so may name fields of all that it imports, however it is spelt."""
    imports = f'{head}\nimport "any/any.proto"; import "common/common.proto";\n'
    users = {f"user/{number}.proto": text for number, text in enumerate(WRITTEN.values())}
    written = {path: f"{imports}option (any.held) = {text};\n" for path, text in users.items()}
    files = {"common/common.proto": COMMON, "any/any.proto": ANY}
    for path, text in written.items():  # one that is not seen would be hidden by the others
        assert names_in(text.encode())[2] == {EXPANDS}, path
    assert names_in(f"{imports}option java_package = 'a/b[type.googleapis.com/c]';\n".encode())[2] == set()
    _agree({**files, **written}, {"units = 2": "items = 2"}, set(users))


def test_an_import_may_be_spelt_in_many_ways() -> None:
    """Of what changed, or of a file that hands it on."""
    files = {"common/common.proto": COMMON, "again/again.proto": PUBLIC}
    for number, statement in enumerate(IMPORTED.values()):
        text = f'syntax = "proto2"; package user{number};\n{statement}\n'
        files[f"user/{number}.proto"] = text + "message Cart { optional common.Kind kind = 1; }\n"
    files["far/far.proto"] = (
        'syntax = "proto2"; import "again/" "again.proto"; message A { optional common.Kind k = 1; }'
    )
    _agree(files, {"Kind": "Sort"}, {path for path in files if path.startswith(("user/", "far/"))})


FAR = 'syntax = "proto3"; package far{}; import "options/options.proto";\nmessage M {{ int32 m = 1 [{}]; }}\n'
NAMED = {
    "a field": '(options.rule) = {say: "x"}',
    "a field by itself": '(options.rule).say = "x"',
    "spaces": '( options . rule ) /* */ .\n say = "x"',
    "a value of an enum": "(options.rule) = {kind: GOLD}",
}
UNHURT = {
    "another option": "deprecated = true",
    "another field": "(options.rule) = {kind: NONE}",
    "a comment": "(options.rule) = {kind: /* say: GOLD */ NONE}",
}


def test_who_writes_an_option_may_be_far_from_what_it_holds() -> None:
    """It imports the option alone; the change can be seen there all the same."""
    files = {"common/common.proto": COMMON, "options/options.proto": OPTIONS}
    for number, written in enumerate((*NAMED.values(), *UNHURT.values())):
        files[f"far/{number}.proto"] = FAR.format(number, written)
    edits = {"optional string say = 1;": "optional string told = 1;", " GOLD = 1;": " GOLDEN = 1;"}
    _agree(files, edits, {f"far/{number}.proto" for number in range(len(NAMED))})
