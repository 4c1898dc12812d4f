"""The verdict on a consumer knows which version of the contract its stub speaks."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

from conftest import Scratch

from stubs.shop_of_mail import CONTRACT, PROTO, STUB, repository

Cli = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[[Mapping[str, str | bytes]], Scratch]

USE = """\
import mart_pb2


def where(letter: mart_pb2.Letter) -> str:
    return letter.to.city
"""
AS_NUMBER = CONTRACT.replace("string city = 2;", "int32 city = 2;")


def consumer(cli: Cli, made: Scratch) -> dict[str, Any]:
    report = json.loads(cli(made.root, "check", "--format", "json").stdout)
    (one,) = [one for one in report["findings"] if one["element"] == "mart.Address.city"]
    (mail,) = [each for each in one["consumers"] if each["service"] == "mail"]
    return dict(mail)


def test_the_version_is_the_commit_that_last_changed_the_contract(scratch: Make, cli: Cli) -> None:
    made = scratch({**repository(), "services/mail/main.py": USE})
    wanted = made.repo.git.rev_parse("HEAD")
    made.write({"README.md": "no contract"})
    made.commit()
    made.write({PROTO: AS_NUMBER})
    mail = consumer(cli, made)
    assert mail["stub"] == {"path": STUB, "contract_version": wanted}
    assert (mail["verdict"], mail["hits"]) == ("breaks", ["running", "build"])


def test_a_stub_of_an_older_contract_tells_the_older_commit(scratch: Make, cli: Cli) -> None:
    made = scratch({**repository(), "services/mail/main.py": USE})
    wanted = made.repo.git.rev_parse("HEAD")
    made.repo.git.switch("--quiet", "main")
    made.write({PROTO: CONTRACT + "\nmessage More {}\n"})
    made.commit("the contract goes on, the stub stays")
    made.repo.git.switch("--quiet", "--force-create", "topic")
    made.write({PROTO: AS_NUMBER + "\nmessage More {}\n"})
    assert consumer(cli, made)["stub"] == {"path": STUB, "contract_version": wanted}


def test_who_speaks_the_new_contract_already_is_not_hit_while_it_runs(scratch: Make, cli: Cli) -> None:
    made = scratch({**repository(stubbed=AS_NUMBER), "services/mail/main.py": USE})
    made.write({PROTO: AS_NUMBER})
    mail = consumer(cli, made)
    assert (mail["verdict"], mail["hits"]) == ("breaks", ["build"])
    assert mail["stub"]["path"] == STUB


def test_a_push_is_told_what_its_commit_was(scratch: Make, cli: Cli) -> None:
    """What runs was built from the base, so versions that the branch makes of the contract are none of it:
    not of the commit that the hook sees, nor of the one that is pushed then."""
    made = scratch({**repository(stubbed=AS_NUMBER), "services/mail/main.py": USE})
    made.repo.create_remote("origin", "https://example.com/mart.git")
    made.repo.git.update_ref("refs/remotes/origin/main", "main")
    made.write({PROTO: AS_NUMBER})
    form = ("--format", "json")
    cli(made.root, "check", "--stage", "pre-commit", *form)
    made.repo.git.commit("-q", "-m", "as a number")
    lines = f"refs/heads/topic {made.repo.head.commit.hexsha} refs/heads/topic {'0' * 40}\n"
    known, anew = (
        json.loads(cli(made.root, "check", "--stage", "pre-push", *form, stdin=lines, **more).stdout)
        for more in ({}, {"WORKSPAI_INDEX": "off"})
    )
    assert len(known["timings_ms"]) == 1, "it is the hook's"
    assert {**known, "timings_ms": {}} == {**anew, "timings_ms": {}}
