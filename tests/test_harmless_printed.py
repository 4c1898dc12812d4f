"""What is printed is read by terminals and by CI systems, which obey some of it: nothing of a repository."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping

import pytest
from conftest import Scratch

from workspai_hooks.report.printable import inert, inert_json, shown

Cli = Callable[..., subprocess.CompletedProcess[str]]

# As the systems themselves read a line (actions/runner ActionCommand.cs, azure-pipelines-agent Command.cs)
OBEYED = re.compile(r"^\s*::|##\[|##vso\[|##teamcity\[", re.MULTILINE)
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

NAMES = (
    "::error file=a,line=1::pwned",
    "a\n::set-output name=x::y",
    "##[set-output name=x]y",
    "##vso[task.setvariable variable=x]y",
    "##teamcity[buildStatus text='x']",
    "\x1b[2J\x1b]0;title\x07",
    "\x9b31mred",
    "user\u202etxt.exe",
    "zero\u200bwidth",
    "line\u2028end",
)
PROTO = 'syntax = "proto3";\npackage shop.v1;\nmessage Order { string note = 1; int32 total = 2; }\n'


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """A repository that is called so wherever it may say a name: folders, services, owners, paths, keys."""
    made = Scratch.init(tmp_path_factory.mktemp("named") / "repository")
    services = {name: {"image": name, "environment": {"A": "http://orders:80"}} for name in NAMES}
    services |= {"orders": {"image": "orders"}}
    files = {"compose.yaml": json.dumps({"services": services})}
    files |= {f"protos/{number}{name}/a.proto": PROTO for number, name in enumerate(NAMES[:1])}
    files |= {f"{name}/a.proto": PROTO.replace("shop", f"s{number}") for number, name in enumerate(NAMES)}
    files["CODEOWNERS"] = "".join(f"* @{name.replace(chr(10), '')}\n" for name in NAMES)
    with made.repo.git.custom_environment(GIT_LITERAL_PATHSPECS="1"):  # one begins with a colon
        made.write(files)
        made.commit("base")
        made.branch("topic")
        made.write({path: text.replace(" int32 total = 2;", "") for path, text in files.items()})
        made.write({"new.proto": f'syntax = "proto3";\nimport "{NAMES[2]}";\n'})
    return made


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("check", "--format", "json"),
        ("graph",),
        ("graph", "--format", "json"),
        ("graph", "--format", "mermaid"),
        ("graph", "--format", "dot"),
        ("graph", "--format", "html"),
        ("impact", NAMES[0]),
        ("check", "--base", NAMES[2]),
    ],
    ids=lambda arguments: " ".join(arguments[:3])[:30],
)
def test_nothing_that_is_printed_is_obeyed(named: Scratch, cli: Cli, arguments: tuple[str, ...]) -> None:
    done = cli(named.root, *arguments)
    for text in (done.stdout, done.stderr):
        assert OBEYED.findall(text) == []
        assert UNSEEN.findall(text) == []
    assert len(done.stdout + done.stderr) > 50


def test_json_says_names_as_they_are(named: Scratch, cli: Cli) -> None:
    report = json.loads(cli(named.root, "check", "--format", "json").stdout)
    places = {finding["location"]["path"] for finding in report["findings"]}
    assert {f"{name}/a.proto" for name in NAMES} <= places


@pytest.mark.parametrize("name", NAMES)
def test_a_page_and_a_line_are_inert(name: str) -> None:
    line = shown(name)
    assert "\n" not in line
    for text in (inert(line), inert(f"  {line}"), inert(f"x\n{line}\n")):
        assert not OBEYED.search(text)
        assert not UNSEEN.search(text)
    encoded = inert_json(json.dumps({name: [name]}, ensure_ascii=False, indent=2))
    assert not OBEYED.search(encoded)
    assert not UNSEEN.search(encoded)
    assert json.loads(encoded) == {name: [name]}


@pytest.mark.parametrize(
    "text", ["a::b", "std::vector", "# heading", "path/a.proto::shop.v1.Order", "## title"]
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert inert(text) == text
    assert inert_json(f'"{text}"') == f'"{text}"'


def test_backslashes_before_a_command_are_kept() -> None:
    value: Mapping[str, str] = {"a": "\\##[x]", "b": "\\\\##[y]"}
    assert json.loads(inert_json(json.dumps(value))) == value
