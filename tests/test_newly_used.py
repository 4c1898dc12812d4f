"""The other direction: a consumer that begins to use what its contract has given up, and all that is no such
use."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Scratch

from workspai_hooks.changes.retired_words import Spoken, added_lines, declared_in, retired_in
from workspai_hooks.contract_files import is_source
from workspai_hooks.inspection import Request, inspect
from workspai_hooks.report.report import Report
from workspai_hooks.tools.staged import Git
from workspai_hooks.workspace.use_sites.languages import LANGUAGES

Cli = Callable[..., subprocess.CompletedProcess[str]]

PROTO = """\
syntax = "proto3";
package shop.v1;
message Cart {
  string id = 1;
  int32 total = 2;
  string owner = 3;
  State state = 4;
}
enum State {
  STATE_UNSET = 0;
  STATE_OPEN = 1;
  STATE_PAUSED = 2;
}
message Query { string id = 1; }
service Carts {
  rpc Get(Query) returns (Cart);
  rpc Peek(Query) returns (Cart);
}
"""
SERVER = """\
from concurrent import futures
import grpc
from shop import cart_pb2, cart_pb2_grpc

class Carts(cart_pb2_grpc.CartsServicer):
    def Get(self, request, context):
        return cart_pb2.Cart(id=request.id)

server = grpc.server(futures.ThreadPoolExecutor())
cart_pb2_grpc.add_CartsServicer_to_server(Carts(), server)
"""
CLIENT = """\
import os
import grpc
from shop import cart_pb2, cart_pb2_grpc

stub = cart_pb2_grpc.CartsStub(grpc.insecure_channel(os.environ["CARTS_ADDR"]))

def load(key):
    cart = stub.Get(cart_pb2.Query(id=key))
    return cart.id
"""
DOCKERFILE = "FROM python:3.13\nCOPY . .\nCMD python main.py\n"
WEB = "services/web/main.py"
CONTRACT = "protos/shop/cart.proto"


def repository(root: Path, proto: str = PROTO, **more: str) -> Scratch:
    """Two services and their contract on `main`, and a branch `topic`."""
    made = Scratch.init(root / "shop")
    made.write(
        {
            CONTRACT: proto,
            "services/carts/main.py": SERVER,
            "services/carts/Dockerfile": DOCKERFILE,
            WEB: CLIENT,
            "services/web/Dockerfile": DOCKERFILE,
            **more,
        }
    )
    made.commit("start")
    return made


def report(made: Scratch, **asked: Any) -> Report:
    said = inspect(Request(made.root, **asked))
    assert said.misused is None
    return said


def told(said: Report) -> list[tuple[str, str, str, str]]:
    return [(f.rule, f.element, str(f.location), str(f.base_location)) for f in said.findings]


DEPRECATED = PROTO.replace("total = 2;", "total = 2 [deprecated = true];")
RESERVED = PROTO.replace("  int32 total = 2;\n", '  reserved 2;\n  reserved "total";\n')
DROPPED = PROTO.replace("  int32 total = 2;\n", "")
USES_TOTAL = CLIENT.replace("return cart.id", "print(cart.total)\n    return cart.id")


def test_a_deprecated_field_is_used_newly(tmp_path: Path) -> None:
    made = repository(tmp_path, DEPRECATED).branch("topic").write({WEB: USES_TOTAL})
    said = report(made)
    (finding,) = said.findings
    assert told(said) == [("WSP201", "shop.v1.Cart.total", f"{WEB}:9", f"{CONTRACT}:5")]
    assert finding.message == "shop.v1.Cart.total is deprecated, and web uses it newly"
    assert [(c.service, c.role, c.hits, c.sites[0].symbol) for c in finding.consumers] == [
        ("web", "consumer", (), "total")
    ]
    assert (finding.introduced, finding.severity.value, said.exit_code) == ("commit", "warning", 0)
    assert (said.rollout, said.undecided) == ((), ())


@pytest.mark.parametrize("proto", [RESERVED, DROPPED, RESERVED.replace('  reserved "total";\n', "")])
def test_a_field_that_an_earlier_commit_removed(proto: str, tmp_path: Path) -> None:
    made = repository(tmp_path).write({CONTRACT: proto})
    commit = made.commit("total goes")
    made.branch("topic").write({WEB: USES_TOTAL})
    said = report(made)
    (finding,) = said.findings
    line = {RESERVED: 6, DROPPED: 3}.get(proto, 5)
    assert told(said) == [("WSP202", "shop.v1.Cart.total", f"{WEB}:9", f"{CONTRACT}:{line}")]
    assert f"was removed in {commit[:9]}" in finding.message
    assert finding.consumers[0].hits == ("running", "build")
    assert said.exit_code == 1


def test_a_reserved_name_is_proof_without_history(tmp_path: Path) -> None:
    made = repository(tmp_path, RESERVED).branch("topic").write({WEB: USES_TOTAL})
    (finding,) = report(made).findings
    assert finding.message == "shop.v1.Cart.total is gone: its name is reserved, and web uses it newly"


def test_what_was_used_before_is_not_new_wherever_it_stands(tmp_path: Path) -> None:
    made = repository(tmp_path, DEPRECATED, **{WEB: USES_TOTAL}).branch("topic")
    moved = USES_TOTAL.replace("print(cart.total)", "known = 1\n    print('the total is', cart.total)")
    assert report(made.write({WEB: moved})).findings == ()
    made.write({"services/web/other.py": moved})
    assert report(made).findings == ()


def test_what_another_service_used_before_is_new_here(tmp_path: Path) -> None:
    serves = SERVER.replace("id=request.id", "id=request.id, total=3")
    made = repository(tmp_path, DEPRECATED, **{"services/carts/main.py": serves}).branch("topic")
    (finding,) = report(made.write({WEB: USES_TOTAL})).findings
    assert [one.service for one in finding.consumers] == ["web"]


def test_the_same_name_of_another_message_is_no_use(tmp_path: Path) -> None:
    proto = DEPRECATED + "message Bill { int32 total = 1; }\n"
    uses = CLIENT + "\ndef pay():\n    return cart_pb2.Bill(total=3).total\n"
    assert report(repository(tmp_path, proto).branch("topic").write({WEB: uses})).findings == ()


def test_a_commit_is_failed_for_its_own_uses_only(tmp_path: Path) -> None:
    made = repository(tmp_path, RESERVED).branch("topic").write({WEB: USES_TOTAL})
    made.commit("with --no-verify")
    made.write({WEB: USES_TOTAL + "\nlabel = 'total'\n"})
    said = report(made)
    assert [(f.rule, f.introduced) for f in said.findings] == [("WSP202", "branch")]
    assert said.exit_code == 0
    made.commit("again")
    assert report(made, stage="ci").exit_code == 1
    assert report(made, stage="pre-push").exit_code == 1


@pytest.mark.parametrize(
    ("old", "new", "element", "line"),
    [
        ("rpc Peek(Query) returns (Cart);", "", "shop.v1.Carts/Peek", "stub.Peek(cart_pb2.Query())"),
        ("  STATE_PAUSED = 2;\n", "", "shop.v1.State.STATE_PAUSED", "x = cart_pb2.STATE_PAUSED"),
    ],
)
def test_rpcs_and_enum_values_that_went(old: str, new: str, element: str, line: str, tmp_path: Path) -> None:
    made = repository(tmp_path).write({CONTRACT: PROTO.replace(old, new)})
    made.commit("gone")
    (finding,) = report(made.branch("topic").write({WEB: f"{CLIENT}\n{line}\n"})).findings
    assert (finding.rule, finding.element) == ("WSP202", element)


@pytest.mark.parametrize(
    ("old", "new", "element", "line"),
    [
        (
            "rpc Peek(Query) returns (Cart);",
            "rpc Peek(Query) returns (Cart) { option deprecated = true; }",
            "shop.v1.Carts/Peek",
            "stub.Peek(cart_pb2.Query())",
        ),
        ("STATE_PAUSED = 2;", "STATE_PAUSED = 2 [deprecated = true];", "shop.v1.State.STATE_PAUSED", ""),
        ("message Cart {", "message Cart {\n  option deprecated = true;", "shop.v1.Cart", ""),
        ("package shop.v1;", "package shop.v1;\noption deprecated = true;", f"file:{CONTRACT}", ""),
    ],
)
def test_everything_that_can_be_deprecated(
    old: str, new: str, element: str, line: str, tmp_path: Path
) -> None:
    empty = "print('nothing yet')\n"
    made = repository(tmp_path, PROTO.replace(old, new), **{WEB: empty}).branch("topic")
    uses = f"{CLIENT}\nx = [cart_pb2.STATE_PAUSED, cart_pb2.Cart()]\n{line}\n"
    found = [one for one in report(made.write({WEB: uses})).findings if one.is_use]  # deadlines are RT01's
    assert [(finding.rule, finding.element) for finding in found] == [("WSP201", element)]


def test_who_serves_a_deprecated_rpc_is_not_told(tmp_path: Path) -> None:
    proto = PROTO.replace(
        "rpc Peek(Query) returns (Cart);", "rpc Peek(Query) returns (Cart) {\n option deprecated = true; }"
    )
    serves = SERVER.replace(
        "\nserver =", "\n    def Peek(self, request, context):\n        return 1\n\nserver ="
    )
    made = repository(tmp_path, proto).branch("topic").write({"services/carts/main.py": serves})
    assert report(made).findings == ()


def test_a_stale_copy_of_a_consumer_keeps_nothing_alive(tmp_path: Path) -> None:
    copy = "services/web/shop/cart.proto"
    made = repository(tmp_path, **{copy: PROTO}).write({CONTRACT: RESERVED})
    made.commit("total goes, but not in web's copy")
    (finding,) = report(made.branch("topic").write({WEB: USES_TOTAL})).findings
    assert (finding.rule, finding.base_location and finding.base_location.path) == ("WSP202", CONTRACT)


@pytest.mark.parametrize("own_copy", [False, True])
def test_what_is_served_still_fails_the_next_build_of_who_has_no_copy(own_copy: bool, tmp_path: Path) -> None:
    copies = {"services/carts/shop/cart.proto": PROTO}
    copies |= {"services/web/shop/cart.proto": PROTO} if own_copy else {}
    made = repository(tmp_path, **copies).write({CONTRACT: RESERVED})
    made.commit("total goes, but is served still")
    found = report(made.branch("topic").write({WEB: USES_TOTAL})).findings
    hits = [(one.rule, c.hits, [s.value for s in one.surfaces]) for one in found for c in one.consumers]
    assert hits == ([] if own_copy else [("WSP202", ("build",), ["source"])])


@pytest.mark.parametrize(
    "change",
    [
        {
            CONTRACT: PROTO.replace("int32 total = 2", "int32 Total = 2")
        },  # the same accessors in most languages
        {CONTRACT: "", "protos/shop/other.proto": PROTO},
    ],
)
def test_what_lives_on_is_not_gone(change: dict[str, str], tmp_path: Path) -> None:
    made = repository(tmp_path).write({path: data or 'syntax = "proto3";\n' for path, data in change.items()})
    made.commit("renamed or moved")
    assert report(made.branch("topic").write({WEB: USES_TOTAL})).findings == ()


def test_what_the_branch_takes_back_is_no_use(tmp_path: Path) -> None:
    made = repository(tmp_path, DEPRECATED).branch("topic").write({CONTRACT: PROTO, WEB: USES_TOTAL})
    assert report(made).findings == ()


def test_both_lines_on_the_terminal_and_in_json(tmp_path: Path, cli: Cli) -> None:
    made = repository(tmp_path, DEPRECATED).branch("topic").write({WEB: USES_TOTAL})
    text = cli(made.root, "check", "--stage", "pre-commit").stdout
    assert f"{WEB}:9 · contract {CONTRACT}:5" in text
    assert "uses" in text
    assert "breaks" not in text
    value = json.loads(cli(made.root, "check", "--format", "json").stdout)
    (finding,) = value["findings"]
    assert (finding["id"], finding["name"]) == ("WSP201", "deprecated-element-used")
    assert finding["location"]["line"] == 9
    assert finding["base_location"] == {"path": CONTRACT, "line": 5, "column": 3}


def test_only_breaking_is_not_asked_about_uses(tmp_path: Path, cli: Cli) -> None:
    made = repository(tmp_path, RESERVED).branch("topic").write({WEB: USES_TOTAL})
    assert cli(made.root, "check", "--stage", "pre-commit", "--only", "breaking").returncode == 0
    assert cli(made.root, "check", "--stage", "pre-commit").returncode == 1
    assert cli(made.root / "services", "check").returncode == 1


def test_a_contract_that_can_not_be_read_is_undecided_where_it_matters(tmp_path: Path) -> None:
    broken = DEPRECATED.replace("message Query {", "message Query { nonsense;")
    made = repository(tmp_path, broken).branch("topic").write({WEB: USES_TOTAL})
    assert [one.what.partition(":")[0] for one in report(made).undecided] == [CONTRACT]
    made.write({WEB: CLIENT + "\nprint('hello')\n"})
    assert report(made).undecided == ()


def test_words_of_a_contract() -> None:
    text = b"""
    // option deprecated = true;
    message A { reserved "gone", 'old'; reserved 3, 5 to max; string live = 1; string x = 2 [
        json_name = "deprecated = true", deprecated = true]; }
    message B { option deprecated = true; message C { int32 inner = 1; } }
    enum Kind { KIND_A = 0; KIND_LATE = 1 [deprecated = true]; reserved KIND_LOST; }
    service S { rpc Stays(A) returns (A) { option idempotency_level = IDEMPOTENT; } rpc Goes(A) returns (A) {
        option deprecated = true; } }
    """
    assert retired_in(text) == {
        *("gone", "old", "x", "B", "C", "inner", "KIND_LATE", "LATE", "KIND_LOST", "LOST", "Goes")
    }
    assert {"live", "Stays", "KIND_A"} <= declared_in(text)
    assert retired_in(b"/* " * 200_000 + b"message A " * 50_000 + b"reserved " * 50_000) == frozenset()


def test_words_in_sources() -> None:
    spoken = Spoken(b"int total = cart.getLineItems().size(); a.user_id = b.ID; x.isA();")
    assert spoken.of(["line_items"])
    assert spoken.of(["id"])
    assert spoken.of(["is_a"])
    assert not spoken.of(["tem", "s", "quantity"])
    assert (
        added_lines([b"a\nb\n"], [("x.go", b"b\nc\n"), ("x.md", b"d\n"), ("y.md", b"{{ e }}\n")])
        == b"c\n{{ e }}"
    )


def test_an_index_is_read_without_git(tmp_path: Path) -> None:
    made = Scratch.init(tmp_path / "r").write({"a.go": "package a\n"})

    def may_list() -> bool:
        return Git(made.root).may_list((".proto",))

    assert not may_list()
    made.write({"x/b.proto": PROTO})
    assert may_list()
    made.repo.git.rm("--cached", "--quiet", "x/b.proto")
    assert not may_list()
    made.repo.git.update_index("--index-version", "4")
    assert may_list()  # paths are compressed: git has to be asked
    assert Git(tmp_path / "none").may_list((".proto",))


def test_every_language_that_is_followed_is_looked_at() -> None:
    assert [s for one in LANGUAGES for s in one.suffixes if not is_source(f"x{s}")] == []
