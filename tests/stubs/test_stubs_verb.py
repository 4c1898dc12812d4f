"""The verb `stubs` on real repositories with stubs of the real generator: skew, sidecars, and what stands in
the way of either."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Scratch

from stubs.shop_of_mail import CONFIG, CONTRACT, GRPC, PROTO, SIDECAR, STUB, python_stubs, repository

Cli = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[..., Scratch]


def asked(cli: Cli, made: Scratch, *flags: str) -> tuple[int, dict[str, Any]]:
    done = cli(made.root, "stubs", "--format", "json", *flags)
    assert "Traceback" not in done.stderr, done.stderr
    if "pre-commit" in flags:  # exactly as the hook runs it, which may take the short way out
        assert cli(made.root, "stubs", *flags).returncode == done.returncode
    return done.returncode, json.loads(done.stdout)


def told(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["id"], one["severity"], one["element"]) for one in report["findings"]]


OLDER = CONTRACT.replace("string city = 2;", "string street_address_2 = 2;")


def test_a_field_that_has_another_name_in_the_stub_is_told_with_both_names(scratch: Make, cli: Cli) -> None:
    """As emailservice of a public shop had it for years: the stub was of an older contract."""
    made = scratch(repository(stubbed=OLDER))
    code, report = asked(cli, made, "--check")
    assert code == 1
    (one,) = [one for one in report["findings"] if one["id"] == "WSP501"]
    assert one["element"] == "mart.Address.city"
    assert "string city = 2" in one["message"]
    assert "string street_address_2 = 2" in one["message"]
    assert one["location"]["path"] == STUB
    assert one["contract"] == "stub"
    assert "wire" in one["surfaces"]
    (holder,) = one["consumers"]
    assert holder["service"] == "mail"


def test_the_version_that_a_stub_speaks_is_the_commit_whose_contract_says_the_same(
    scratch: Make, cli: Cli
) -> None:
    made = scratch(repository(OLDER))
    first = made.repo.git.rev_list("--max-parents=0", "HEAD")
    made.write({PROTO: CONTRACT})
    made.commit("city instead")
    made.write({PROTO: CONTRACT + "\nmessage More {}\n"})
    made.commit("more")
    _, report = asked(cli, made, "--check")
    versions = {
        consumer["stub"]["contract_version"]
        for one in report["findings"]
        if one["id"] == "WSP501"
        for consumer in one["consumers"]
    }
    assert versions == {first}


@pytest.mark.parametrize(
    ("old", "new", "id", "code"),
    [
        ("    option idempotency_level = IDEMPOTENT;\n", "", "WSP502", 1),
        ("string id = 1;", "string id = 1;\n  string carrier = 2;", "WSP501", 1),
        ("(Receipt) returns (stream Letter)", "(Receipt) returns (Letter)", "WSP501", 1),
        ("package mart;", 'package mart;\noption java_package = "com.example";', "WSP503", 0),
    ],
)
def test_skew_is_graded(scratch: Make, cli: Cli, old: str, new: str, id: str, code: int) -> None:
    made = scratch(repository(stubbed=CONTRACT.replace(old, new)))
    cli(made.root, "stubs")
    got, report = asked(cli, made, "--check")
    assert {one["id"] for one in report["findings"]} == {id}
    assert got == code


def test_a_pinned_stub_is_a_note(scratch: Make, cli: Cli) -> None:
    made = scratch({**repository(stubbed=OLDER), ".workspai.yaml": "stubs: {pinned: ['services/mail/*']}\n"})
    cli(made.root, "stubs")
    code, report = asked(cli, made, "--check")
    assert (code, told(report)) == (0, [("WSP501", "note", "mart.Address.city")])


def test_an_excluded_stub_is_not_looked_at(scratch: Make, cli: Cli) -> None:
    made = scratch({**repository(stubbed=OLDER), ".workspai.yaml": "stubs: {exclude: ['services/*']}\n"})
    code, report = asked(cli, made)
    assert (code, report["findings"], report["stubs"], report["written"]) == (0, [], [], [])


@pytest.mark.parametrize("keep", [0.3, 0.6])
def test_a_truncated_stub_is_undecided(scratch: Make, cli: Cli, keep: float) -> None:
    files = dict(repository())
    stub = files[STUB]
    assert isinstance(stub, bytes)
    files[STUB] = stub[: int(len(stub) * keep)]
    code, report = asked(cli, scratch(files), "--check")
    assert [one["what"] for one in report["undecided"]] == [STUB]
    assert code in (1, 3)  # 1 for the sidecar that is missing


def test_a_descriptor_that_does_not_parse_is_undecided(scratch: Make, cli: Cli) -> None:
    files = dict(repository())
    stub = files[STUB]
    assert isinstance(stub, bytes)
    files[STUB] = stub.replace(b"\\n", b"\\x07", 1)
    _, report = asked(cli, scratch(files), "--check")
    assert [one["what"] for one in report["undecided"]] == [STUB]


def test_two_contracts_that_claim_one_stub_are_undecided(scratch: Make, cli: Cli) -> None:
    files = dict(repository())
    del files[PROTO]
    files |= {"a/mart.proto": CONTRACT, "b/mart.proto": OLDER}
    code, report = asked(cli, scratch(files), "--check")
    assert code == 3
    assert {one["what"] for one in report["undecided"]} == {STUB, GRPC}
    assert "a/mart.proto or of b/mart.proto" in report["undecided"][0]["why"]


def test_copies_that_are_equal_are_one_contract(scratch: Make, cli: Cli) -> None:
    files = dict(repository())
    files |= {"a/mart.proto": CONTRACT, "b/mart.proto": CONTRACT}
    code, report = asked(cli, scratch(files))
    assert (code, report["undecided"]) == (0, [])


def test_the_copy_of_the_own_service_comes_before_the_nearest(scratch: Make, cli: Cli) -> None:
    files = {**repository(stubbed=OLDER), "services/mail/proto/mart.proto": OLDER}
    _, report = asked(cli, scratch(files), "--check")
    assert not [one for one in report["findings"] if one["id"] == "WSP501"]
    assert {one["contract"] for one in report["stubs"]} == {"services/mail/proto/mart.proto"}


def test_a_run_writes_what_is_missing_and_a_second_one_nothing(scratch: Make, cli: Cli) -> None:
    made = scratch(repository())
    index = (made.root / ".git/index").read_bytes()
    code, report = asked(cli, made)
    assert (code, report["written"]) == (0, [CONFIG, SIDECAR])
    text = (made.root / SIDECAR).read_text()
    assert text.startswith("# Code generated by workspai-hooks from protos/mart.proto (inputs ")
    config = json.loads((made.root / CONFIG).read_text())
    assert config["$comment"].startswith("Code generated by workspai-hooks from protos/mart.proto")
    assert [one["name"] for one in config["methodConfig"]] == [[{"service": "mart.Mailer", "method": "Send"}]]
    code, report = asked(cli, made)
    assert (code, report["written"]) == (0, [])
    assert (made.root / ".git/index").read_bytes() == index
    assert cli(made.root, "stubs", "--check").returncode == 0


def test_check_writes_nothing_and_names_what_is_missing(scratch: Make, cli: Cli) -> None:
    made = scratch(repository())
    code, report = asked(cli, made, "--check")
    assert code == 1
    assert told(report) == [("WSP504", "error", f"file:{CONFIG}"), ("WSP504", "error", f"file:{SIDECAR}")]
    assert not (made.root / SIDECAR).exists()


def test_an_edited_sidecar_is_stale_and_written_anew(scratch: Make, cli: Cli) -> None:
    made = scratch(repository())
    cli(made.root, "stubs")
    good = (made.root / SIDECAR).read_bytes()
    (made.root / SIDECAR).write_bytes(good.replace(b"timeout_s=10", b"timeout_s=99"))
    assert cli(made.root, "stubs", "--check").returncode == 1
    assert asked(cli, made)[1]["written"] == [SIDECAR]
    assert (made.root / SIDECAR).read_bytes() == good


def test_orphans_are_removed(scratch: Make, cli: Cli) -> None:
    made = scratch(repository())
    cli(made.root, "stubs")
    made.repo.git.add("--all")
    made.commit("with sidecars")
    for path in (GRPC, STUB):
        (made.root / path).unlink()
    code, report = asked(cli, made, "--check")
    assert code == 1
    assert {one["id"] for one in report["findings"]} == {"WSP505"}
    assert asked(cli, made)[1]["written"] == [CONFIG, SIDECAR]
    assert not (made.root / SIDECAR).exists()


def test_a_file_of_somebody_else_is_never_overwritten(scratch: Make, cli: Cli) -> None:
    made = scratch({**repository(), SIDECAR: "mine = True\n"})
    code, report = asked(cli, made)
    assert code == 3
    assert [one["what"] for one in report["undecided"]] == [SIDECAR]
    assert (made.root / SIDECAR).read_text() == "mine = True\n"


def test_a_service_config_that_is_written_by_hand_is_read_and_kept(scratch: Make, cli: Cli) -> None:
    by_hand = {
        "methodConfig": [
            {
                "name": [{"service": "mart.Mailer", "method": "Send"}],
                "timeout": "3s",
                "retryPolicy": {
                    "maxAttempts": 4,
                    "initialBackoff": "0.2s",
                    "maxBackoff": "2s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ]
    }
    made = scratch({**repository(), CONFIG: json.dumps(by_hand)})
    assert asked(cli, made)[1]["written"] == [SIDECAR]
    text = (made.root / SIDECAR).read_text()
    assert "timeout_s=3," in text
    assert '"maxAttempts": 4' in text


def test_a_service_config_that_no_runtime_takes_is_told(scratch: Make, cli: Cli) -> None:
    wrong = '{"methodConfig": [{"name": [{"service": "mart.Mailer"}], "timeout": "10ms"}]}'
    code, report = asked(cli, scratch({**repository(), CONFIG: wrong}))
    assert code == 3
    assert [one["what"] for one in report["undecided"]] == [CONFIG]
    assert "methodConfig[0].timeout" in report["undecided"][0]["why"]


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        ("retry: {tries: 8}", "gRPC makes 5 at most"),
        ("per_try: 1s", "no gRPC runtime limits a single try"),
        ("retry: {on: ['503']}", "names no gRPC code"),
        ("key: nobody", "has no field nobody"),
    ],
)
def test_a_policy_that_no_runtime_takes_is_refused_before_anything_is_written(
    scratch: Make, cli: Cli, policy: str, why: str
) -> None:
    own = f"resilience:\n  policies:\n    - for: mart.Mailer/Send\n      {policy}\n"
    made = scratch({**repository(), ".workspai.yaml": own})
    code, report = asked(cli, made)
    assert code == 1
    (one,) = report["findings"]
    assert (one["id"], one["element"]) == ("WSP506", "mart.Mailer/Send")
    assert why in one["message"]
    assert (one["location"]["path"], one["location"]["line"]) == (".workspai.yaml", 3)
    assert report["written"] == []
    assert not (made.root / SIDECAR).exists()


def test_a_retry_of_what_nobody_declared_idempotent_is_vetoed(scratch: Make, cli: Cli) -> None:
    own = "resilience:\n  policies:\n    - for: mart.Mailer\n      retry: {tries: 4}\n"
    made = scratch({**repository(), ".workspai.yaml": own})
    code, report = asked(cli, made)
    assert (code, told(report)) == (0, [("WSP507", "note", "mart.Mailer/Pay")])
    config = json.loads((made.root / CONFIG).read_text())
    assert [one["name"] for one in config["methodConfig"]] == [[{"service": "mart.Mailer", "method": "Send"}]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("resilience:\n  default: {timeout: soon}\n", ".workspai.yaml:2: timeout: soon is no duration"),
        ("resilience:\n  default: {timeout: 1s, retries: 2}\n", ".workspai.yaml:2: unknown key retries"),
        ("resilience:\n  policies:\n    - for: 'a b'\n", ".workspai.yaml:3: for: a b is no rpc"),
        ("stubs:\n  templates:\n    - {kind: nope, path: x}\n", "nope is no kind"),
        ("stubs:\n  templates:\n    - {kind: grpc-python, path: x.j2}\n", "x.j2: no such file"),
    ],
)
def test_a_wrong_configuration_is_told_with_its_line(
    scratch: Make, cli: Cli, text: str, message: str
) -> None:
    code, report = asked(cli, scratch({**repository(), ".workspai.yaml": text}))
    assert code == 2
    assert message in report["error"]


OWN = "stubs:\n  templates:\n    - {kind: grpc-python, path: tools/own.j2}\n"


def test_a_template_of_ones_own_takes_the_place_of_ours(scratch: Make, cli: Cli) -> None:
    template = (
        "# {{ plan.header }}\n{% for service in plan.services %}# {{ service.full_name }}\n{% endfor %}"
    )
    made = scratch({**repository(), ".workspai.yaml": OWN, "tools/own.j2": template})
    assert asked(cli, made)[0] == 0
    lines = (made.root / SIDECAR).read_text().splitlines()
    assert lines[1:] == ["# mart.Mailer"]


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{{ plan.header }", 2),
        ("{{ nobody }}", 2),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", 2),
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", 3),
        ("{% set x = 'a' * 999999999999 %}", 3),
        ("{% include '/etc/passwd' %}", 2),
    ],
)
def test_a_template_can_do_no_harm(scratch: Make, cli: Cli, template: str, code: int) -> None:
    made = scratch({**repository(), ".workspai.yaml": OWN, "tools/own.j2": template})
    got, report = asked(cli, made)
    assert got == code
    assert report["written"] == []


def test_the_hook_looks_at_what_the_commit_touches_and_has_it_staged(scratch: Make, cli: Cli) -> None:
    made = scratch(repository())
    made.write({"README.md": "hello\n"})
    assert asked(cli, made, "--stage", "pre-commit")[0] == 0
    made.replace(PROTO, "string id = 1;", "string id = 1;  // the carrier's")
    code, report = asked(cli, made, "--stage", "pre-commit")
    assert (code, report["written"]) == (1, [CONFIG, SIDECAR])
    code, report = asked(cli, made, "--stage", "pre-commit")
    assert (code, report["written"]) == (1, [])  # it is there, but not staged
    made.repo.git.add("--all")
    code, report = asked(cli, made, "--stage", "pre-commit")
    assert (code, report["findings"]) == (0, [])


def test_skew_that_was_there_before_does_not_fail_a_commit(scratch: Make, cli: Cli) -> None:
    made = scratch(repository(stubbed=OLDER))
    cli(made.root, "stubs")
    made.repo.git.add("--all")
    made.replace(PROTO, "message Receipt {", "// What comes back.\nmessage Receipt {")
    code, report = asked(cli, made, "--stage", "pre-commit")
    assert [(one["id"], one["introduced"]) for one in report["findings"]] == [("WSP501", "branch")]
    assert code == 0
    made.replace(PROTO, "string street = 1;", "string road = 1;")
    code, report = asked(cli, made, "--stage", "pre-commit")
    assert code == 1
    assert ("mart.Address.road", "commit") in [
        (one["element"], one["introduced"]) for one in report["findings"]
    ]


def test_what_was_just_generated_need_not_be_staged(scratch: Make, cli: Cli) -> None:
    made = scratch({PROTO: CONTRACT})
    folder = made.root / "services/mail"
    folder.mkdir(parents=True)
    for name, content in python_stubs(CONTRACT).items():
        (folder / name).write_bytes(content)
    assert asked(cli, made)[1]["written"] == [CONFIG, SIDECAR]


def test_whatever_says_that_it_was_generated_is_listed(scratch: Make, cli: Cli) -> None:
    mock = "// Code generated by mockmaker v2.1. DO NOT EDIT.\n\npackage mocks\n"
    made = scratch({**repository(), "services/mail/mocks/sender.go": mock})
    _, report = asked(cli, made)
    (other,) = [one for one in report["stubs"] if one["made_of"] == "other"]
    assert (other["path"], other["service"]) == ("services/mail/mocks/sender.go", "mail")
    assert (other["generator"], other["version"], other["contract"]) == ("unknown", "2.1", None)
    assert "mockmaker" in other["source"]
    assert "1 other generated file" in cli(made.root, "stubs").stdout


def test_the_output_is_the_same_everywhere(scratch: Make, cli: Cli, tmp_path_factory: Any) -> None:
    files = repository()
    texts = set()
    for number, seed in enumerate(("0", "1", "4711")):
        made = Scratch.init(tmp_path_factory.mktemp(f"elsewhere-{number}") / "r").write(files)
        made.commit()
        done = subprocess.run(
            [sys.executable, "-m", "workspai_hooks", "stubs"],
            cwd=made.root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        )
        assert b"wrote" in done.stdout
        texts.add((made.root / SIDECAR).read_bytes() + (made.root / CONFIG).read_bytes())
    assert len(texts) == 1


def test_runs_beside_each_other_leave_whole_files(scratch: Make, cli: Cli) -> None:
    made = scratch(repository())
    argv = [sys.executable, "-m", "workspai_hooks", "stubs"]
    runs = [subprocess.Popen(argv, cwd=made.root, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [one.wait(60) for one in runs] == [0] * 4
    assert cli(made.root, "stubs", "--check").returncode == 0
    left = [path.name for path in made.root.rglob("*") if path.name.startswith(".mart")]
    assert left == []


def test_a_folder_in_the_way_stops_its_own_sidecar_only(scratch: Make, cli: Cli) -> None:
    made = scratch(repository())
    (made.root / SIDECAR).mkdir()
    code, report = asked(cli, made)
    assert code == 3
    assert [one["what"] for one in report["undecided"]] == [SIDECAR]
    assert report["written"] == [CONFIG]


def test_a_link_in_the_way_is_not_followed(scratch: Make, cli: Cli, tmp_path: Any) -> None:
    made = scratch(repository())
    outside = tmp_path / "outside.py"
    outside.write_text("mine\n")
    (made.root / SIDECAR).symlink_to(outside)
    assert asked(cli, made)[0] == 3
    assert outside.read_text() == "mine\n"
