"""Intended breaks: recorded, merged, kept, expired, dropped; in a file, beside the contract, a baseline."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Scratch

from workspai_hooks.approvals.file import (
    APPROVALS,
    ATTRIBUTES,
    BASELINE,
    MERGED_BY_LINES,
    edited,
    line_of,
    read,
)
from workspai_hooks.approvals.inline import in_comments
from workspai_hooks.findings import Approval
from workspai_hooks.source import Location

PROTO = 'syntax = "proto3";\npackage a.v1;\n\nmessage A {\n  string x = 1;\n  int32 y = 2;\n}\n'
RETYPED = PROTO.replace("int32 y", "string y")
WITHOUT_X = PROTO.replace("  string x = 1;\n", "")
FUTURE = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
PAST = "2020-01-31"
WHY = ("--reason", "nobody reads it", "--owner", "@web", "--expires", FUTURE)

API = """\
openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                required: [total]
                properties: {total: {type: integer}, note: {type: string}}
"""
API_RETYPED = API.replace("{type: integer}", "{type: string}")

Cli = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[[Mapping[str, str | bytes]], Scratch]


def check(cli: Cli, made: Scratch, code: int, *arguments: str) -> dict[str, Any]:
    done = cli(made.root, "check", "--format", "json", *arguments)
    assert "Traceback" not in done.stderr
    assert done.returncode == code, done.stdout + done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def approve(cli: Cli, made: Scratch, *arguments: str, code: int = 0) -> str:
    done = cli(made.root, "approve", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def staged(made: Scratch) -> Scratch:
    made.repo.git.add("--all")
    return made


def of(finding: dict[str, Any]) -> str | None:
    return finding["approved"] and finding["approved"]["reason"]


def test_an_approved_break_passes_and_is_told(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": RETYPED})
    told = approve(cli, made, "field-type-changed", "a.v1.A.y", *WHY)
    assert "int32 y = 2 → string y = 2" in told
    assert "git add .workspai" in told
    check(cli, made, 1)  # what is not staged is not in the commit
    (finding,) = check(cli, staged(made), 0)["findings"]
    assert finding["approved"] == {
        "reason": "nobody reads it",
        "owner": "@web",
        "expires": FUTURE,
        "location": {"path": APPROVALS, "line": 2, "column": 1},
    }
    shown = cli(made.root, "check")
    assert shown.returncode == 0
    assert f"approved  WSP104 a.v1.A.y  until {FUTURE}, @web: nobody reads it" in shown.stdout
    assert "field 2) changed type" not in shown.stdout
    made.commit()
    assert of(check(cli, made, 0, "--stage", "pre-push")["findings"][0])


def test_nothing_but_its_own_files_is_written(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": RETYPED})
    index = (made.root / ".git/index").read_bytes()
    approve(cli, made, "WSP104", "a.v1.A.y", *WHY)
    assert (made.root / ".git/index").read_bytes() == index
    assert made.repo.git.status("--porcelain", "--untracked-files=all").splitlines() == [
        "M  a.proto",
        f"?? {ATTRIBUTES}",
        f"?? {APPROVALS}",
    ]


def test_what_it_tells_to_stage_is_right_from_a_subfolder(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO, "sub/x": ""}).write({"a.proto": RETYPED})
    done = cli(made.root / "sub", "approve", "WSP104", "a.v1.A.y", *WHY)
    command = done.stdout.rpartition("staged: git ")[2].split()
    made.repo.git.execute(["git", "-C", str(made.root / "sub"), *command])
    check(cli, made, 0)


def test_what_is_to_be_approved_against_a_release_is_told_with_it(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.repo.create_tag("v1")
    made.write({"a.proto": RETYPED})
    shown = cli(made.root, "check", "--base", "tag:v*", COLUMNS="200").stdout
    assert "approve WSP104 a.v1.A.y --base 'tag:v*' --reason" in shown
    made.commit()
    assert "intended?" not in cli(made.root, "check", "--from", "v1", COLUMNS="200").stdout


def test_without_anything_to_compare_with_nothing_is_dropped(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO}).write({APPROVALS: line_of(entry("WSP104", "a.v1.A.y"))})
    assert "no release yet" in approve(cli, made, "--prune", "--base", "tag:v*", code=2)
    made.write({".workspai.yaml": 'bases: ["tag:v*", default]\n'})
    assert "dropped WSP104 a.v1.A.y (gone)" in approve(cli, made, "--prune")


def test_an_expired_approval_is_told_whatever_else_is_open(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO, "b.proto": PROTO.replace("a.v1", "b.v1")})
    old, other = entry("WSP104", "a.v1.A.y", change="", expires=PAST), entry("WSP104", "gone")
    made.write({"a.proto": RETYPED, "b.proto": "message {", APPROVALS: line_of(old) + line_of(other)})
    value = check(cli, made, 1)
    assert value["undecided"]
    assert [(one["element"], one["why"]) for one in value["approvals"]["idle"]] == [("a.v1.A.y", "expired")]


def test_another_change_of_the_same_element_is_not_approved(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": RETYPED})
    approve(cli, made, "WSP104", "a.v1.A.y", *WHY)
    staged(made).write({"a.proto": PROTO.replace("int32 y", "bytes y")})
    value = check(cli, made, 1)
    assert value["findings"][0]["approved"] is None
    assert [(one["element"], one["why"]) for one in value["approvals"]["idle"]] == [("a.v1.A.y", "changed")]
    approve(cli, made, "WSP104", "a.v1.A.y", *WHY)
    assert (made.root / APPROVALS).read_text().count("\n- ") == 1
    check(cli, staged(made), 0)


def test_an_option_that_changes_as_well_is_another_change(scratch: Make, cli: Cli) -> None:
    rpc = "service S { rpc R(A) returns (A) { option idempotency_level = IDEMPOTENT; } }\n"
    made = scratch({"a.proto": PROTO + rpc})
    text = (RETYPED + rpc).replace("R(A)", "R(B)") + "message B {}\n"
    made.write({"a.proto": text})
    for one in check(cli, made, 1)["findings"]:
        approve(cli, made, one["id"], one["element"], *WHY)
    check(cli, staged(made), 0)
    made.write(
        {
            "a.proto": text.replace("y = 2", 'y = 2 [json_name = "why"]').replace(
                "IDEMPOTENT", "NO_SIDE_EFFECTS"
            )
        }
    )
    value = check(cli, made, 1)
    assert [of(one) for one in value["findings"]] == [None, None]
    assert {one["why"] for one in value["approvals"]["idle"]} == {"changed"}


def test_an_expired_approval_fails_again(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": RETYPED})
    entry = Approval("WSP104", "a.v1.A.y", Location(APPROVALS), "", "old", "@web", PAST)
    made.write({APPROVALS: line_of(entry)})
    value = check(cli, made, 1)
    assert [one["why"] for one in value["approvals"]["idle"]] == ["expired"]
    assert (
        "1 approval expired: WSP104 a.v1.A.y (.workspai/approvals.yaml:1)" in cli(made.root, "check").stdout
    )
    assert "dropped WSP104 a.v1.A.y (expired)" in approve(cli, made, "--prune")
    assert "is over" in approve(cli, made, "WSP104", "a.v1.A.y", *WHY[:-1], PAST, code=2)


def test_merged_and_mended_breaks_are_reported_and_pruned(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": RETYPED})
    approve(cli, made, "WSP104", "a.v1.A.y", *WHY)
    assert "every approval is of use" in approve(cli, made, "--prune")
    staged(made).commit()
    made.repo.git.switch("--quiet", "main")
    made.repo.git.merge("--quiet", "topic")
    value = check(cli, made, 0, "--stage", "pre-push")
    assert [one["why"] for one in value["approvals"]["idle"]] == ["gone"]
    assert "--prune drops them" in cli(made.root, "check", "--stage", "pre-push").stdout
    assert "dropped WSP104 a.v1.A.y (gone)" in approve(cli, made, "--prune")
    assert "WSP104" not in (made.root / APPROVALS).read_text()


def test_what_is_undecided_makes_no_approval_stale(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    entry = Approval("WSP104", "a.v1.A.y", Location(APPROVALS), "", "why", "@web", FUTURE)
    made.write({APPROVALS: line_of(entry), "a.proto": PROTO + "message {"})
    assert check(cli, made, 3)["approvals"]["idle"] == []
    assert approve(cli, made, "--prune", code=3)
    assert "WSP104" in (made.root / APPROVALS).read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("WSP104", "a.v1.A.z", *WHY), "it has WSP104 a.v1.A.y"),
        (("WSP999", "a.v1.A.y", *WHY), "no rule is called WSP999"),
        (("field-type-change", "a.v1.A.y", *WHY), "did you mean field-type-changed?"),
        (("WSP104", "a.v1.A.y", "--reason", "x"), "--expires is missing"),
        (("WSP104", "a.v1.A.y", *WHY[:-1], "soon"), "must be a date"),
        (("--prune", "--baseline"), "stand alone"),
        (("--prune", "WSP104"), "stand alone"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_words_that_can_not_be_taken(scratch: Make, cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": RETYPED})
    assert said in approve(cli, made, *arguments, code=2)
    assert not (made.root / ".workspai").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {rule: WSP104}\n", ":1: an entry of the file: element, reason, owner, expires is missing"),
        (
            "- {rule: WSP1, element: a, reason: b, owner: c, expires: 2027-01-01}\n",
            ":1: no rule is called WSP1",
        ),
        ("\n- rule: WSP104\n  elemant: x\n", ":3: unknown key elemant; did you mean element?"),
        ("- {rule: WSP104, element: a, reason: b, owner: c, expires: soon}\n", ":1: expires must be a date"),
        ("rule: WSP104\n", ":1: the file must be a list"),
        ("- {}\n<<<<<<< ours\n- {rule: a}\n=======\n", ":2: has a conflict of a merge in it; resolve it"),
        ("- &a [*a]\n", "aliases"),
        ("- " * 50 + "x\n", "nested too deeply"),
    ],
)
def test_a_file_that_is_not_as_it_should_be(scratch: Make, cli: Cli, text: str, said: str) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": RETYPED, APPROVALS: text})
    error = check(cli, made, 2)["error"]
    assert error.startswith(APPROVALS)
    assert said in error


def test_nothing_is_written_through_a_link(scratch: Make, cli: Cli, tmp_path: Path) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": RETYPED})
    outside = tmp_path / "outside"
    outside.mkdir()
    (made.root / ".workspai").symlink_to(outside)
    assert "symbolic link" in approve(cli, made, "WSP104", "a.v1.A.y", *WHY, code=2)
    assert list(outside.iterdir()) == []


def entry(rule: str, element: str, **more: str) -> Approval:
    values = {"change": "a → b", "reason": "why", "owner": "@web", "expires": FUTURE} | more
    return Approval(rule, element, Location(APPROVALS), **values)


def test_lines_are_sorted_and_what_is_kept_stays_as_it_was_written() -> None:
    data = (
        b"# Ours.\n"
        b"\n"
        b"# Until the app of 2019 is gone.\n"
        b"- rule: field-removed\n"
        b"  element: b.B.x\n"
        b"  reason: why   # because\n"
        b"  owner: me\n"
        b"  expires: 2027-01-01\n"
        b'- {rule: WSP102, element: "z.Z.z", reason: "r", owner: "o", expires: 2027-01-01}\n'
    )
    more = edited(data, APPROVALS, add=[entry("WSP101", "a.A.x")])
    assert more.splitlines()[0] == "# Ours."
    assert "  reason: why   # because\n" in more
    assert [one.element for one in read(more.encode(), APPROVALS)] == ["a.A.x", "b.B.x", "z.Z.z"]
    (kept,) = [one for one in read(more.encode(), APPROVALS) if one.element == "b.B.x"]
    back = edited(
        more.encode(), APPROVALS, drop=[one for one in read(more.encode(), APPROVALS) if one != kept]
    )
    assert [one.element for one in read(back.encode(), APPROVALS)] == ["b.B.x"]


def test_a_comment_goes_with_its_entry_also_where_that_is_the_first() -> None:
    data = edited(b"", APPROVALS, add=[entry("WSP101", "b"), entry("WSP101", "c")])
    data = data.replace('- {rule: WSP101, element: "b"', '# of b\n- {rule: WSP101, element: "b"')
    more = edited(data.encode(), APPROVALS, add=[entry("WSP101", "a")]).splitlines()
    assert [line[:30] for line in more[1:4]] == [
        '- {rule: WSP101, element: "a",',
        "# of b",
        '- {rule: WSP101, element: "b",',
    ]
    (dropped,) = [one for one in read(data.encode(), APPROVALS) if one.element == "b"]
    assert "# of b" not in edited(data.encode(), APPROVALS, drop=[dropped])


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["", "bom"])
@pytest.mark.parametrize("last", [True, False], ids=["", "no end"])
def test_indentation_and_line_ends_stay(end: str, start: str, last: bool) -> None:
    text = f"# Ours.{end}{end}  # why{end}  - rule: WSP102{end}    element: b{end}    reason: r{end}"
    text += f"    owner: o{end}    expires: 2027-01-01{end if last else ''}"
    more = edited((start + text).encode(), APPROVALS, add=[entry("WSP101", "a")])
    head, _, body = text.partition("  # why")
    assert more == f"{head}  {line_of(entry('WSP101', 'a'))[:-1]}{end}  # why{body}{'' if last else end}"
    assert [one.element for one in read(more.encode(), APPROVALS)] == ["a", "b"]


@pytest.mark.parametrize(
    "text", ['"quoted" \\ back', "two\nlines\ttab", "é → ü 🙂", "a: b # c", "\u2028\x85\x7f", "- x", "'"]
)
def test_any_text_comes_back(text: str) -> None:
    (one,) = read(line_of(entry("WSP101", text, reason=text)).encode(), APPROVALS)
    assert (one.element, one.reason) == (text, text)


def test_what_two_branches_approve_merges(scratch: Make) -> None:
    """Also side by side, where all but the element is the same: git would mix up blocks of several lines."""
    made = scratch(
        {ATTRIBUTES: MERGED_BY_LINES, APPROVALS: edited(b"", APPROVALS, add=[entry("WSP101", "m")])}
    )
    git = made.repo.git
    for branch, names in (("one", ("k", "n")), ("two", ("l", "o"))):
        git.switch("--quiet", "--create", branch, "topic")
        data = (made.root / APPROVALS).read_bytes()
        made.write(
            {APPROVALS: edited(data, APPROVALS, add=[entry("WSP101", name) for name in names])}
        ).commit()
    git.merge("--quiet", "--no-edit", "one")
    merged = (made.root / APPROVALS).read_bytes()
    assert {one.element for one in read(merged, APPROVALS)} == {"k", "l", "m", "n", "o"}
    mended = edited(merged, APPROVALS, add=[entry("WSP101", "p")])  # git may keep a line of both sides twice
    assert [one.element for one in read(mended.encode(), APPROVALS)] == ["k", "l", "m", "n", "o", "p"]


INLINE = f'// workspai: approve field-type-changed A.y --reason "never set" --owner @web --expires {FUTURE}\n'


def test_a_comment_in_the_contract_approves(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO, "b.proto": PROTO.replace("a.v1", "b.v1")})
    made.write({"a.proto": RETYPED.replace("message", INLINE + "message")})
    (finding,) = check(cli, made, 0)["findings"]
    assert of(finding) == "never set"
    assert finding["approved"]["location"] == {"path": "a.proto", "line": 4, "column": 1}
    made.write({"b.proto": RETYPED.replace("a.v1", "b.v1")})  # a comment is for its own file
    assert [of(one) for one in check(cli, made, 1)["findings"]] == ["never set", None]
    made.write({"a.proto": PROTO.replace("message", INLINE + "message")})
    assert "remove by hand WSP104 A.y (gone): a.proto:4" in approve(cli, made, "--prune")


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("// workspai: approve", "arguments are required"),
        ("// workspai: approve WSP104 A.y", "--reason, --owner, --expires"),
        (
            "/* x\n workspai: approve WSP104 A.y --reason x --owner y --expires soon */",
            "a.proto:5: expires is",
        ),
        ('// workspai: approve WSP104 A.y --reason "x', "No closing quotation"),
        ("// workspai: approve nothing A.y --reason x --owner y --expires 2027-01-01", "no rule is called"),
    ],
)
def test_a_comment_that_can_not_be_read(scratch: Make, cli: Cli, comment: str, said: str) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": RETYPED.replace("message", comment + "\nmessage")})
    error = check(cli, made, 2)["error"]
    assert error.startswith("a.proto:")
    assert said in error


def test_only_comments_approve() -> None:
    said = INLINE.strip().replace('"', "'")
    assert in_comments({"a.proto": f'option x = "{said}";'.encode()}) == ()
    assert len(in_comments({"a.proto": f'option x = "y"; {said}'.encode()})) == 1


@pytest.mark.parametrize(
    "place",
    [
        ("paths:\n", "top", ""),
        ("  /orders/{id}:\n", "  ", "    "),
        ("    get:\n", "", "      "),
    ],
    ids=["top", "path", "operation"],
)
def test_a_description_approves(scratch: Make, cli: Cli, place: tuple[str, str, str]) -> None:
    made = scratch({"api.yaml": API}).write({"api.yaml": API_RETYPED})
    (finding,) = check(cli, made, 1)["findings"]
    line, where, indent = place
    element = f"element: '{finding['element']}', " if where == "top" else ""
    said = f"{{rule: {finding['id']}, {element}reason: never used, owner: me, expires: {FUTURE}}}"
    key = f"{indent}x-workspai-approve: [{said}]\n"
    text = API_RETYPED.replace(line, key + line if where == "top" else line + key)
    made.write({"api.yaml": text})
    assert [of(one) for one in check(cli, made, 0)["findings"]] == ["never used"]


SHARED = """\
openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders:
    get:
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "order.yaml"}}}}
  /totals:
    $ref: totals.yaml
"""
TOTALS = """\
get:
  responses:
    "200": {description: ok, content: {application/json: {schema: {$ref: "order.yaml"}}}}
delete:
  responses:
    "204": {description: gone}
"""
ORDER = "type: object\nrequired: [total]\nproperties: {total: {type: integer}}\n"
SAID = f"{{rule: type-changed, reason: never used, owner: me, expires: {FUTURE}}}"


def test_one_operation_does_not_approve_for_another_that_shares_its_schema(scratch: Make, cli: Cli) -> None:
    """The parts of a description stand in files of their own: what they approve counts as well."""
    made = scratch({"api.yaml": SHARED, "totals.yaml": TOTALS, "order.yaml": ORDER})
    made.write({"order.yaml": ORDER.replace("integer", "string")})
    made.replace("api.yaml", "    get:\n", f"    get:\n      x-workspai-approve: {SAID}\n")
    value = check(cli, made, 1)
    assert [of(one) for one in value["findings"]] == [None]
    assert [(one["element"], one["why"]) for one in value["approvals"]["idle"]] == [("GET /orders", "partly")]
    made.replace("totals.yaml", "get:\n", f"get:\n  x-workspai-approve: {SAID}\n")
    value = check(cli, made, 0)
    assert [of(one) for one in value["findings"]] == ["never used"]
    assert value["approvals"]["idle"] == []


def test_a_path_approves_what_leaves_it_and_is_of_use_as_a_whole(scratch: Make, cli: Cli) -> None:
    made = scratch({"api.yaml": SHARED, "totals.yaml": TOTALS, "order.yaml": ORDER})
    said = SAID.replace("type-changed", "operation-removed")
    left = TOTALS.partition("delete:")[0]
    made.write({"totals.yaml": f"{left}x-workspai-approve:\n  - {said}\n"})
    value = check(cli, made, 0)
    assert [(one["element"], of(one)) for one in value["findings"]] == [("DELETE /totals", "never used")]
    assert value["findings"][0]["approved"]["location"]["line"] == 4
    assert value["approvals"]["idle"] == []


def test_an_operation_approves_also_where_its_parameter_is_called_otherwise(scratch: Make, cli: Cli) -> None:
    made = scratch({"api.yaml": API})
    said = SAID.replace("{rule", "{element: response.200.total, rule")
    text = API_RETYPED.replace("{id}", "{key}").replace("name: id", "name: key")
    made.write({"api.yaml": text.replace("    get:\n", f"    get:\n      x-workspai-approve: {said}\n")})
    assert [of(one) for one in check(cli, made, 0)["findings"]] == ["never used"]


def test_an_approval_that_nobody_would_read_is_told(scratch: Make, cli: Cli) -> None:
    made = scratch({"api.yaml": SHARED, "totals.yaml": TOTALS, "order.yaml": ORDER})
    made.write({"order.yaml": ORDER.replace("integer", "string") + f"x-workspai-approve: {SAID}\n"})
    error = check(cli, made, 2)["error"]
    assert error.startswith(
        "order.yaml:4: x-workspai-approve counts at the top, at a path and at an operation"
    )


def test_a_copy_of_the_description_does_not_undo_an_approval(scratch: Make, cli: Cli) -> None:
    """With it the element is called by its file: the approval says that from the beginning."""
    made = scratch({"api.yaml": API}).write({"api.yaml": API_RETYPED})
    (finding,) = check(cli, made, 1)["findings"]
    approve(cli, made, finding["id"], finding["element"], *WHY)
    check(cli, staged(made), 0)
    made.write({"copy.yaml": API_RETYPED})
    (finding,) = check(cli, made, 0)["findings"]
    assert finding["element"].startswith("api.yaml::")
    made.write({"copy.yaml": API}).commit()
    made.repo.git.branch("--force", "main")
    made.write({"api.yaml": API, "copy.yaml": API_RETYPED})  # what broke there is approved for api.yaml alone
    assert [of(one) for one in check(cli, made, 1)["findings"] if one["element"].startswith("copy")] == [None]


def test_a_copy_that_breaks_in_another_way_is_not_approved(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO, "b/vendored/a.proto": PROTO}).write({"a.proto": RETYPED})
    approve(cli, made, "WSP104", "a.v1.A.y", *WHY)
    made.write({"b/vendored/a.proto": RETYPED})
    check(cli, staged(made), 0)
    made.write({"b/vendored/a.proto": PROTO.replace("int32 y", "bytes y")})
    value = check(cli, made, 1)
    assert value["findings"][0]["change"] == (
        "int32 y = 2 → string y = 2; int32 y = 2 → bytes y = 2 (b/vendored/a.proto)"
    )
    assert value["findings"][0]["approved"] is None


def test_a_comment_in_one_copy_does_not_approve_for_the_others(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO, "b/vendored/a.proto": PROTO})
    said = RETYPED.replace("message", INLINE + "message")
    made.write({"a.proto": RETYPED, "b/vendored/a.proto": said})
    assert [of(one) for one in check(cli, made, 1)["findings"]] == [None]
    made.write({"a.proto": said})
    assert [of(one) for one in check(cli, made, 0)["findings"]] == ["never set"]


def test_a_description_with_an_approval_that_can_not_be_read(scratch: Make, cli: Cli) -> None:
    made = scratch({"api.yaml": API})
    made.write({"api.yaml": API_RETYPED.replace("paths:", "x-workspai-approve: yes\npaths:")})
    assert check(cli, made, 2)["error"].startswith("api.yaml:3: x-workspai-approve must be a mapping")


def test_a_baseline_is_quiet_about_the_past_and_not_about_what_is_new(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": RETYPED})
    assert "1 findings, 1 of them new" in approve(cli, made, "--baseline")
    assert approve(cli, made, "--baseline").splitlines() == [
        f"{BASELINE}: 1 findings, 0 of them new, 0 dropped"
    ]
    (finding,) = check(cli, staged(made), 0)["findings"]
    assert finding["approved"]["reason"] == "baseline"
    assert finding["approved"]["expires"] is None
    assert "1 finding in the baseline" in cli(made.root, "check").stdout
    made.write({"a.proto": RETYPED.replace("  string x = 1;\n", "")})
    assert [of(one) for one in check(cli, made, 1)["findings"]] == [None, "baseline"]
    made.write({"a.proto": WITHOUT_X})
    assert "1 findings, 1 of them new, 1 dropped" in approve(cli, made, "--baseline")
    assert "a.v1.A.y" not in (made.root / BASELINE).read_text()


def test_a_baseline_stays_where_there_is_nothing_to_compare_with(tmp_path: Path, cli: Cli) -> None:
    made = Scratch.init(tmp_path / "new").write({"a.proto": PROTO})
    kept = "- rule: WSP101\n  element: a.v1.A.y\n  change: removed\n"
    made.write({BASELINE: kept})
    first, second = approve(cli, made, "--baseline").splitlines()
    assert first == f"{BASELINE}: 0 findings, 0 of them new, 0 dropped"
    assert second.startswith("breaks were left as they are: there is nothing to compare with (")
    assert (made.root / BASELINE).read_text() == kept


def test_the_change_of_a_chart_does_not_tell_who_reads_it(scratch: Make, cli: Cli) -> None:
    """A reader that comes later makes no other break of it."""
    chart = {
        "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n",
        "c/values.yaml": "greeting: hi\nport: 80\n",
        "c/templates/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n"
        "data: {a: '{{ .Values.greeting }}', b: '{{ .Values.port }}'}\n",
    }
    made = scratch(chart)
    made.write({"c/values.yaml": "port: 80\n"}).replace(
        "c/templates/map.yaml", "a: '{{ .Values.greeting }}', ", ""
    )
    before = {one["element"]: one["change"] for one in check(cli, made, 1, "--base", "main")["findings"]}
    made.write({"deploy.sh": "helm upgrade --install c ./c --set greeting=hello\n"})
    after = {one["element"]: one["change"] for one in check(cli, made, 1, "--base", "main")["findings"]}
    assert before["chart:c:values.greeting"] == after["chart:c:values.greeting"]
