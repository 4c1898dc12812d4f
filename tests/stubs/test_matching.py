"""Which contract is a stub's, and which stubs are nobody's business: as public repositories have them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from conftest import Scratch

from stubs.shop_of_mail import CONTRACT, python_stubs, repository
from stubs.test_stubs_verb import OLDER, asked, told
from workspai_hooks.stubs.installed import installed_in

Cli = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[..., Scratch]

OTHER = """\
syntax = "proto3";
package mart;

service Tills {
  rpc Open(Till) returns (Till);
}

message Till {
  string id = 1;
}
"""


@pytest.mark.parametrize(
    ("list_", "folder"),
    [
        ("vendor/modules.txt", "vendor/example.com/mart"),
        ("web/vendor/composer/installed.json", "web/vendor/mart/src"),
        (".gitattributes", "web/node_modules/mart"),
    ],
)
def test_what_a_package_manager_installed_is_left_alone(
    scratch: Make, cli: Cli, list_: str, folder: str
) -> None:
    there = {f"{folder}/{name}": content for name, content in python_stubs(OLDER).items()}
    made = scratch({"protos/mart.proto": CONTRACT, list_: "\n", **there})
    code, report = asked(cli, made)
    assert (code, report["findings"], report["stubs"], report["written"]) == (0, [], [], [])


def test_a_service_may_be_called_vendor() -> None:
    is_installed = installed_in(["services/vendor/main.py", "xvendor/modules.txt", "a/vendor/modules.txt"])
    assert not is_installed("services/vendor/mart_pb2.py")
    assert not is_installed("xvendor/mart_pb2.py")
    assert is_installed("a/vendor/example.com/mart.pb.go")


def test_another_contract_of_the_same_name_and_package_is_not_taken(scratch: Make, cli: Cli) -> None:
    """As in repositories of many examples, where one of them lost its contract."""
    made = scratch(repository(OTHER, stubbed=CONTRACT))
    code, report = asked(cli, made, "--check")
    assert (code, told(report)) == (0, [])
    assert {one["contract"] for one in report["stubs"] if one["path"].endswith("_pb2.py")} == {None}


def test_one_that_shares_a_declaration_is(scratch: Make, cli: Cli) -> None:
    shared = OTHER + "\nmessage Receipt {\n  string id = 1;\n}\n"
    _, report = asked(cli, scratch(repository(shared, stubbed=CONTRACT)), "--check")
    assert ("WSP501", "error", "mart.Till") in told(report)
