"""Imports that lend nothing but options and are not here: what is compared without them, and what is not."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping

import pytest
from conftest import SHOP, Scratch
from test_breaking_rules import A_HEAD, OPTIONS, A

from workspai_hooks.breaking.protobuf import Comparison, compare
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf import known
from workspai_hooks.contracts.protobuf.standin import package_for, without_options
from workspai_hooks.inspection.request import Request
from workspai_hooks.inspection.run import inspect

Make = Callable[[Mapping[str, str | bytes]], Scratch]
NAME = "validate/validate.proto"
MOST = 6
"""Breaks of the shop's edits that are looked at: each takes two comparisons."""
LENDER = """\
syntax = "proto2";
package validate;
import "google/protobuf/descriptor.proto";
message Rules { optional Text text = 1; }
message Text { optional int32 min = 1; repeated string in = 2; optional Text inner = 3; }
extend google.protobuf.FileOptions { optional Rules file = 1071; }
extend google.protobuf.MessageOptions { optional bool off = 1071; }
extend google.protobuf.FieldOptions { optional Rules rules = 1071; }
extend google.protobuf.OneofOptions { optional bool required = 1071; }
extend google.protobuf.EnumOptions { optional Rules names = 1071; }
extend google.protobuf.EnumValueOptions { optional string text = 1071; }
extend google.protobuf.ServiceOptions { optional bool safe = 1071; }
extend google.protobuf.MethodOptions { optional Rules call = 1071; }
"""
STATEMENTS = {
    "message": "option (validate.off) = true;",
    "oneof": "option (.validate.required) = true;",
    "enum": "option (validate.names) = { text: { in: [\"};\", '[a'] /* } */ } };",
    "service": "option (validate.safe) = false; /* } ] */",
}


def decorated(text: str) -> str:
    """The text with options of the lender wherever there can be one."""
    text = (
        text.replace(";", f';\nimport "{NAME}";\noption (validate.file).text.min = 1;', 1) if NAME else text
    )
    text = re.sub(
        r"\b(message|oneof|enum|service) \w+ ?\{", lambda found: f"{found[0]} {STATEMENTS[found[1]]}", text
    )
    text = re.sub(
        r"(rpc \w+ ?\([^)]*\) returns \([^)]*\)) ?(?:;|\{)",
        lambda f: f"{f[1]} {{ option (validate.call).text.min = 3;" + ("}" if f[0].endswith(";") else ""),
        text,
    )
    rules = '(validate.rules).text = { min: 1, in: ["a, b", "]"], inner <min: 2> }'
    return re.sub(
        r"^(?P<head>(?!\s*(?:option|syntax)).*?[\w>] \w+ = \d+)(?P<end>;| \[)",
        lambda f: f"{f['head']} [{rules}" + ("];" if f["end"] == ";" else ", "),
        text,
        flags=re.MULTILINE,
    )


def answers(base: Mapping[str, str], head: Mapping[str, str]) -> tuple[Comparison, Comparison]:
    """What is said with the lender in the repository, and without it."""
    paths = {*base, *head}
    there, gone = (
        compare(*(Snapshot.of({**files, **more}) for files in (base, head)), paths)
        for more in ({NAME: LENDER}, {})
    )
    return there, gone


def test_every_rule_says_the_same_without_the_options() -> None:
    base = {"p/v1/a.proto": decorated(A), "p/v1/b.proto": decorated('syntax = "proto3";\npackage p.v1;\n')}
    head = {"p/v1/a.proto": decorated(A_HEAD % OPTIONS)}
    there, gone = answers(base, head)
    assert (gone.undecided, gone.base_errors) == (there.undecided, there.base_errors) == ((), ())
    assert len({row.rule for row in there.rows}) > 45
    assert gone.rows == there.rows
    assert gone.breaks == there.breaks
    assert (gone.lent, there.lent) == ((NAME,), ())


def test_so_do_edits_of_the_shop() -> None:
    edits = json.loads((SHOP.parent / "edits.json").read_text())
    files = {
        path.relative_to(SHOP).as_posix(): decorated(path.read_text())
        for path in sorted((SHOP / "protos").rglob("*.proto"))
    }
    told = 0
    for edit in edits:
        head = dict(files)
        for path, old, new in edit.get("replace", []):
            if path in head and old in head[path]:
                head[path] = head[path].replace(old, new)
        if head != files and told < MOST:
            there, gone = answers(files, head)
            assert (gone.breaks, gone.undecided) == (there.breaks, there.undecided)
            told += len(there.breaks)
    assert told >= MOST


USED = {
    "a type": f'syntax = "proto3";\npackage a;\nimport "{NAME}";\nmessage A {{ validate.Rules r = 1; }}\n',
    "a package inside it": f'syntax = "proto3";\npackage validate.more;\nimport "{NAME}";\nmessage A {{}}\n',
    "its package": f'syntax = "proto3";\npackage validate;\nimport "{NAME}";\nmessage A {{}}\n',
    "a public import": f'syntax = "proto3";\npackage a;\nimport public "{NAME}";\nmessage A {{}}\n',
    "an option by half its name": f'syntax = "proto3";\npackage a;\nimport "{NAME}";\n'
    "message A { string a = 1 [(rules).text.min = 1]; }\n",
    "an extension of its type": f'syntax = "proto2";\npackage a;\nimport "{NAME}";\n'
    "message A {}\nextend validate.Rules { optional A a = 100; }\n",
    "inside of another option": f'syntax = "proto2";\npackage a;\nimport "{NAME}";\n'
    'import "google/protobuf/descriptor.proto";\nmessage O { extensions 1 to 9; }\n'
    "extend google.protobuf.MessageOptions { optional O o = 5000; }\n"
    "message A { option (o) = { [validate.x]: 1 }; }\n",
}


@pytest.mark.parametrize("use", USED)
def test_where_more_than_options_may_be_used_it_is_undecided(use: str) -> None:
    base, head = ({"a.proto": text} for text in (USED[use], USED[use] + "message B {}\n"))
    answer = compare(Snapshot.of(base), Snapshot.of(head), ["a.proto"])
    assert [one.what.partition(":")[0] for one in answer.undecided] == ["a.proto"]
    assert f'import "{NAME}" is in neither the repository' in answer.undecided[0].why
    assert (
        "`buf export buf.build/envoyproxy/protoc-gen-validate -o third_party`" in answer.undecided[0].remedy
    )


def test_a_name_that_its_package_would_hide_means_what_it_meant() -> None:
    """In the scope `acme` the name `rules.R` is first looked for in the lender's package `acme.rules`."""
    known_before = dict(known.OPTIONS)
    known.OPTIONS["acme/rules/rules.proto"] = ("acme.rules",)
    try:
        text = (
            'syntax = "proto3";\npackage acme.cart;\nimport "acme/rules/rules.proto";\nimport "r.proto";\n'
            "message A { rules.R r = 1; }\n"
        )
        other = 'syntax = "proto3";\npackage rules;\nmessage R {}\n'
        base, head = (
            {"a.proto": text + more, "r.proto": other} for more in ("", "message B { string b = 1; }\n")
        )
        answer = compare(Snapshot.of(base), Snapshot.of(head), ["a.proto"])
        assert answer.undecided != ()
    finally:
        known.OPTIONS.clear()
        known.OPTIONS.update(known_before)


def test_the_report_says_what_it_did_without(scratch: Make) -> None:
    text = decorated('syntax = "proto3";\npackage a;\nmessage A {\n  string a = 1;\n  string b = 2;\n}\n')
    repository = scratch({"a.proto": text})
    repository.write({"a.proto": re.sub(r"\n  string b.*", "", text)})
    report = inspect(Request(repository.root, "pre-commit"))
    assert [one.element for one in report.findings] == ["a.A.b"]
    assert report.how == f"merge-base of HEAD and main; without options of {NAME}"


@pytest.mark.parametrize("name", ["github.com/envoyproxy/protoc-gen-validate/validate/validate.proto", NAME])
def test_a_gopath_before_the_name_does_not_matter(name: str) -> None:
    text = b"message A { string a = 1 [(validate.rules).x = 1]; }"
    assert package_for(name, text, "a") == "validate"
    assert package_for(f"acme/{NAME}", text, "a") is None


def test_all_else_stays_where_it_stood() -> None:
    text = decorated(A).encode()
    left = without_options(text, {"validate"})
    assert b"(validate" not in left.replace(b"(.", b"(")
    assert len(left) == len(text)
    assert left.count(b"\n") == text.count(b"\n")
    places = [found.start() for found in re.finditer(rb"\brequired int32 rq\b|default = 3|package p", text)]
    assert places == [
        found.start() for found in re.finditer(rb"\brequired int32 rq\b|default = 3|package p", left)
    ]


@pytest.mark.parametrize(
    "part",
    [
        b"[",
        b"option (",
        b"/*",
        b'"',
        b'\\"',
        b"[a,",
        b"(validate.x)=1,",
        b"option ([{",
        b"{",
        b"option(validate.x)=",
    ],
)
def test_hostile_text_takes_linear_time(part: bytes) -> None:
    started = time.perf_counter()
    without_options(b"validate. [" + part * (200_000 // len(part)), {"validate"})
    assert time.perf_counter() - started < 3
