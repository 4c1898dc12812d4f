"""CI systems: the base that is found in the clones that they make, and the commands of docs/ci in them.

What is not here: the systems themselves. Their variables and clones are as their documentation and the
sources of their runners say (the pages stand in changes/ci_systems.py, the sources in ci_clones.py).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import forked
import pytest
from ci_cases import CHECK, GITHUB, GITLAB, SYSTEMS, TEMPLATES, Variables, github_script, template
from ci_clones import CHANGES, Forge, git

from workspai_hooks.changes.ci_systems import MAX_EVENT_BYTES

NAMES = [(system, name) for system, cases in SYSTEMS.items() for name in cases]
DECIDED = [one for one in NAMES if not SYSTEMS[one[0]][one[1]].undecided]

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="session")
def forges(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Forge]:
    return {change: Forge(tmp_path_factory.mktemp(change), change) for change in CHANGES}


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Run the lines of a script as a system does; its exit code, and the report that it keeps."""
    commands = Path(sys.executable).parent
    (tmp_path / "venv").symlink_to(commands.parent)
    (first := tmp_path / "bin").mkdir()
    if forked.IS_POSSIBLE:
        forked.command(first)  # a script that makes an environment first starts the program that is in there

    def ran(
        folder: Path, variables: Variables, script: list[str], shell: tuple[str, ...] = ("bash", "-e")
    ) -> tuple[int, dict[str, Any]]:
        (tmp_path / "script").write_text("\n".join(script) + "\n")
        done = subprocess.run(
            [*shell, str(tmp_path / "script")],
            cwd=folder,
            env={
                **os.environ,
                "PATH": os.pathsep.join((str(first), str(commands), os.environ["PATH"])),
                "WORKSPACE_TMP": str(tmp_path),
                **variables,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stdout
        report = folder / "workspai.json"
        assert report.exists() or "--output" not in "".join(script), done.stdout
        value = json.loads(report.read_text()) if report.exists() else {"printed": done.stdout}
        return done.returncode, value

    return ran


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("system", "name"), DECIDED)
def test_a_build_is_compared_with_what_was_there_before(
    system: str, name: str, change: str, forges: dict[str, Forge], run: Run, tmp_path: Path
) -> None:
    case, forge = SYSTEMS[system][name], forges[change]
    folder = tmp_path / "clone"
    variables = case.make(forge, folder)
    code, report = run(folder, variables, case.script() if case.script else CHECK, case.shell)
    broken = ["a.v1.A.y"] if change == "break" and case.base else []
    assert code == (1 if broken else 0), report
    if "printed" in report:  # the comparison of a template that keeps no report
        assert all(element in report["printed"] for element in broken)
        return
    assert report["undecided"] == []
    assert (report["base"] or {}).get("rev") == (forge[case.base] if case.base else None), report["base"]
    assert [finding["element"] for finding in report["findings"]] == broken


@pytest.mark.parametrize(("system", "name"), [one for one in NAMES if one not in DECIDED])
def test_a_build_that_lacks_its_base_says_what_to_do(
    system: str, name: str, forges: dict[str, Forge], run: Run, tmp_path: Path
) -> None:
    case = SYSTEMS[system][name]
    folder = tmp_path / "clone"
    code, report = run(folder, case.make(forges["break"], folder), CHECK)
    assert code == 3, report
    (question,) = report["undecided"]
    assert case.undecided in question["remedy"], question
    assert report["findings"] == []


def test_the_base_of_a_user_beats_what_the_system_says(
    forges: dict[str, Forge], run: Run, tmp_path: Path
) -> None:
    forge, folder = forges["break"], tmp_path / "clone"
    variables = GITHUB["schedule"].make(forge, folder)
    for flags, base in ((f"--base {forge['m0']}", "m0"), (f"--from {forge['m1']} --to HEAD", "m1")):
        code, report = run(folder, variables, [f"{CHECK[0]} {flags}"])
        assert (code, report["base"]["rev"]) == (0, forge[base])


@pytest.mark.parametrize("stage", ["", "--stage pre-push"])
def test_variables_count_in_ci_alone(stage: str, forges: dict[str, Forge], run: Run, tmp_path: Path) -> None:
    forge, folder = forges["break"], tmp_path / "clone"
    variables = GITLAB["another target than at first"].make(forge, folder)
    git(folder, "update-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    if not stage:
        git(folder, "rm", "--quiet", "a.proto")
    code, report = run(folder, variables, [CHECK[0].replace("--stage ci", stage)])
    assert (code, report["base"]["how"]) == (1, "merge-base of HEAD and origin/main")


def test_a_configured_default_branch_beats_the_systems(
    forges: dict[str, Forge], run: Run, tmp_path: Path
) -> None:
    forge, folder = forges["break"], tmp_path / "clone"
    variables = GITHUB["push of two commits to main"].make(forge, folder)
    (folder / ".workspai.yaml").write_text("default_branch: release\n")
    git(folder, "add", ".workspai.yaml")
    git(folder, "commit", "--quiet", "-m", "release is what counts")
    code, report = run(folder, variables, CHECK)
    assert (code, report["base"]["rev"]) == (1, forge["m0"])
    assert report["base"]["how"] == "GitHub Actions: merge-base of HEAD and origin/release"


@pytest.mark.parametrize(
    "event",
    [
        b"",
        b"[]",
        b'{"before": 7}',
        b'{"before": "\xff"}',
        b"[" * 100_000,
        b'{"x": "' + b"y" * MAX_EVENT_BYTES,
    ],
    ids=["empty", "list", "number", "not UTF-8", "deep", "large"],
)
def test_an_event_that_can_not_be_read(
    event: bytes, forges: dict[str, Forge], run: Run, tmp_path: Path
) -> None:
    forge, folder = forges["break"], tmp_path / "clone"
    variables = GITHUB["push of two commits to main"].make(forge, folder)
    Path(variables["GITHUB_EVENT_PATH"]).write_bytes(event)
    code, report = run(folder, variables, CHECK)
    assert (code, report["undecided"][0]["what"]) == (3, "GITHUB_EVENT_PATH")


@pytest.mark.parametrize("value", ["--output=x", "HEAD", "../m2", "0" * 40, "1" * 40])
def test_an_event_that_names_no_commit(
    value: str, forges: dict[str, Forge], run: Run, tmp_path: Path
) -> None:
    forge, folder = forges["break"], tmp_path / "clone"
    variables = GITHUB["push of two commits to main"].make(forge, folder)
    event = json.loads(Path(variables["GITHUB_EVENT_PATH"]).read_text())
    Path(variables["GITHUB_EVENT_PATH"]).write_text(json.dumps(event | {"before": value}))
    code, report = run(folder, variables, CHECK)
    assert code == (0 if value == "0" * 40 else 3), report


def test_the_summary_on_github_is_the_report(forges: dict[str, Forge], run: Run, tmp_path: Path) -> None:
    """Indented, as code: nothing of the repository can be markup there."""
    folder = tmp_path / "clone"
    case = GITHUB["pull request"]
    variables = case.make(forges["break"], folder)
    run(folder, variables, github_script())
    lines = Path(variables["GITHUB_STEP_SUMMARY"]).read_text().splitlines()
    assert any("a.v1.A.y" in line for line in lines)
    assert all(line.startswith("    ") for line in lines)


@pytest.mark.parametrize(
    ("file", "schema", "transform"),
    [
        ("github.yml", "github-workflows", None),
        ("gitlab.yml", "gitlab-ci", "gitlab-ci"),
        ("bitbucket.yml", "bitbucket-pipelines", None),
        ("azure.yml", "azure-pipelines", "azure-pipelines"),
    ],
)
def test_templates_are_valid(file: str, schema: str, transform: str | None) -> None:
    """By the published schemas, which check-jsonschema brings along. There is none of a Jenkinsfile."""
    flags = ["--builtin-schema", f"vendor.{schema}", "--regex-variant", "python"]
    flags += ["--data-transform", transform] if transform else []
    command = [str(Path(sys.executable).with_name("check-jsonschema")), *flags, str(TEMPLATES / file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_has_no_more_rights_than_it_needs() -> None:
    workflow = template("github.yml")
    assert workflow["permissions"] == {"contents": "read"}
    events = workflow[True]  # YAML 1.1 reads `on` so
    assert set(events) == {"pull_request", "merge_group", "push"}
    ((job),) = workflow["jobs"].values()
    actions = [step["uses"].partition("@")[2] for step in job["steps"] if "uses" in step]
    assert all(len(pin) == 40 for pin in actions)  # a commit: a tag can be moved
    for file in TEMPLATES.iterdir():
        assert "secrets." not in file.read_text()  # nor does any other template ask for one


def test_every_template_is_told_of() -> None:
    told = (TEMPLATES / "README.md").read_text()
    assert all(f"]({file.name})" in told for file in TEMPLATES.iterdir() if file.name != "README.md")
