"""Builds of CI systems, a row each: how the clone comes to be, and which commit is the base.

Where a template of docs/ci says what such a build runs, its lines are run.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import yaml
from ci_clones import (
    ZEROS,
    Forge,
    azure,
    azure_agent,
    bitbucket,
    bitbucket_clone,
    checkout_action,
    git,
    github,
    gitlab,
    gitlab_runner,
    jenkins,
    jenkins_git,
    merge_request,
    pull_request,
)
from conftest import CHECKOUT

TEMPLATES = CHECKOUT / "docs" / "ci"
ALL = "+refs/heads/*:refs/remotes/origin/*"
MERGE, QUEUE = "refs/pull/1/merge", "refs/heads/gh-readonly-queue/main/pr-1"
MAIN, TOPIC = "refs/heads/main", "refs/heads/topic"
CHECK = ["workspai-hooks check --stage ci --format json --output workspai.json"]

Variables = dict[str, str]


class Case(msgspec.Struct, frozen=True):
    """A build: how its clone comes to be (which gives its variables), and which commit is the base.

    `base` None: nothing was there before. `undecided` is a part of the remedy where nothing can be told.
    `script` are the lines of a template that such a build runs, else the command alone.
    """

    make: Callable[[Forge, Path], Variables]
    base: str | None = None
    undecided: str = ""
    script: Callable[[], list[str]] | None = None
    shell: tuple[str, ...] = ("bash", "-e")


def github_script() -> list[str]:
    """What a job of the workflow runs, without the installation."""
    (job,) = template("github.yml")["jobs"].values()
    return [step["run"] for step in job["steps"] if "run" in step and step["name"] != "Install"]


def gitlab_script() -> list[str]:
    script: list[str] = template("gitlab.yml")["workspai"]["script"]
    return script


def bitbucket_script(kind: str, pattern: str) -> list[str]:
    ((step,),) = ([one["step"] for one in template("bitbucket.yml")["pipelines"][kind][pattern]],)
    return [line for line in step["script"] if not line.startswith("pip install")]


def azure_script(reason: str) -> list[str]:
    """The steps whose condition holds."""
    holds = {
        "and(succeeded(), eq(variables['Build.Reason'], 'PullRequest'))": reason == "PullRequest",
        "and(succeeded(), ne(variables['Build.Reason'], 'PullRequest'))": reason != "PullRequest",
    }
    steps = [step for step in template("azure.yml")["steps"] if "script" in step]
    return [step["script"] for step in steps[1:] if holds[step["condition"]]]


def jenkins_script() -> list[str]:
    lines = (TEMPLATES / "Jenkinsfile").read_text().split("stage('Who breaks')")[1].splitlines()
    return [
        line.strip().removeprefix("sh '").removesuffix("'") for line in lines if line.strip().startswith("sh")
    ]


def template(name: str) -> Any:
    return yaml.safe_load((TEMPLATES / name).read_text())


def on_github(
    event: str,
    commit: str,
    ref: str,
    depth: int,
    payload: Callable[[Forge], dict[str, Any]] = lambda _: {},
    *,
    main: str = "m2",
    sha: str = "",
    fork: bool = False,
) -> Callable[[Forge, Path], Variables]:
    """`commit` is checked out; the event is of `sha`, where that is another one."""

    def make(forge: Forge, folder: Path) -> Variables:
        forge.main(main)
        checked_out = ref if not sha else ""
        checkout_action(forge, folder, depth, forge[commit], checked_out, forge.fork if fork else None)
        return github(forge, folder, event, ref, payload(forge), sha or commit)

    return make


def merge_group(first: str) -> Callable[[Forge], dict[str, Any]]:
    return lambda forge: {"merge_group": {"base_sha": forge[first], "base_ref": MAIN}}


def before(commit: str) -> Callable[[Forge], dict[str, Any]]:
    return lambda forge: {"before": forge[commit] if commit else ZEROS, "created": not commit}


GITHUB = {
    "pull request": Case(
        on_github("pull_request", "merge", MERGE, 0, pull_request), "m1", script=github_script
    ),
    "pull request of a fork": Case(
        on_github("pull_request", "merge", MERGE, 0, lambda f: pull_request(f, owner="mallory")),
        "m1",
        script=github_script,
    ),
    "pull request, depth 2": Case(on_github("pull_request", "merge", MERGE, 2, pull_request), "m1"),
    "pull request, depth 1": Case(
        on_github("pull_request", "merge", MERGE, 1, pull_request), undecided="fetch-depth: 0"
    ),
    "pull request review": Case(on_github("pull_request_review", "merge", MERGE, 0, pull_request), "m1"),
    "pull request's head": Case(
        on_github("pull_request", "topic", MERGE, 0, pull_request, sha="merge"), "m0"
    ),
    "pull request's head, depth 1": Case(
        on_github("pull_request", "topic", MERGE, 1, pull_request, sha="merge"), undecided="fetch-depth: 0"
    ),
    "head that its author merged with main": Case(
        on_github("pull_request", "merging", MERGE, 0, lambda f: pull_request(f, "merging"), sha="merge"),
        "m1",
    ),
    "pull_request_target": Case(
        on_github("pull_request_target", "m2", MAIN, 0, pull_request), undecided="run on pull_request"
    ),
    "pull_request_target with the head": Case(
        on_github("pull_request_target", "topic", MAIN, 0, pull_request, sha="m2"), "m0"
    ),
    "pull_request_target in a clone of the fork": Case(
        on_github(
            "pull_request_target",
            "topic",
            MAIN,
            0,
            lambda f: pull_request(f, owner="mallory"),
            sha="m2",
            fork=True,
        ),
        undecided="--base FETCH_HEAD",
    ),
    "pull request into a branch that was rewritten since": Case(
        on_github("pull_request", "merge", MERGE, 0, pull_request, main="release"), "m0"
    ),
    "squashed pull request": Case(
        on_github("pull_request", "squashed", MAIN, 0, pull_request, main="squashed"),
        undecided="check out the pull request",
    ),
    "merged pull request": Case(
        on_github("pull_request", "merge", MAIN, 0, pull_request, main="merge"),
        undecided="--from REF --to HEAD",
    ),
    "merge queue": Case(
        on_github("merge_group", "queued", QUEUE, 0, merge_group("other_merged")),
        "other_merged",
        script=github_script,
    ),
    "merge queue, depth 2": Case(
        on_github("merge_group", "queued", QUEUE, 2, merge_group("other_merged")), "other_merged"
    ),
    "merge queue, depth 1": Case(
        on_github("merge_group", "queued", QUEUE, 1, merge_group("other_merged")), undecided="fetch-depth: 0"
    ),
    "push of two commits to main": Case(
        on_github("push", "p2", MAIN, 0, before("m2"), main="p2"), "m2", script=github_script
    ),
    "push to main, depth 1": Case(
        on_github("push", "p2", MAIN, 1, before("m2"), main="p2"), undecided="fetch-depth: 0"
    ),
    "first push to main": Case(on_github("push", "p2", MAIN, 0, before(""), main="p2"), script=github_script),
    "forced push to main": Case(
        on_github("push", "p2", MAIN, 0, before("lost"), main="p2"), undecided="git fetch origin"
    ),
    "first push of a topic": Case(on_github("push", "topic", TOPIC, 0, before("")), "m0"),
    "push to a topic": Case(on_github("push", "topic", TOPIC, 0, before("t1")), "m0"),
    "push to a topic, depth 1": Case(
        on_github("push", "topic", TOPIC, 1, before("t1")), undecided="fetch-depth: 0"
    ),
    "push of a tag": Case(
        on_github("push", "p2", "refs/tags/v1", 0, before(""), main="p2"), undecided="--from REF --to HEAD"
    ),
    "schedule": Case(on_github("schedule", "m2", MAIN, 0), undecided="--from REF --to HEAD"),
    "workflow_dispatch on a topic": Case(on_github("workflow_dispatch", "topic", TOPIC, 0), "m0"),
}


def on_gitlab(
    commit: str,
    depth: int,
    variables: Callable[[Forge], Variables],
    *,
    branch: str = "",
    main: str = "m2",
    fork: bool = False,
) -> Callable[[Forge, Path], Variables]:
    def make(forge: Forge, folder: Path) -> Variables:
        forge.main(main)
        gitlab_runner(forge, folder, depth, forge[commit], branch, forge.fork if fork else None)
        return variables(forge)

    return make


def request(commit: str, kind: str, **more: str) -> Callable[[Forge], Variables]:
    return lambda forge: merge_request(forge, commit, kind, **more)


def pipeline(
    commit: str, source: str, branch: str, old: str = "", **more: str
) -> Callable[[Forge], Variables]:
    def variables(forge: Forge) -> Variables:
        known = {"CI_COMMIT_BRANCH": branch} if branch else {"CI_COMMIT_TAG": "v1"}
        known |= {"CI_COMMIT_BEFORE_SHA": forge[old]} if old else {}
        return gitlab(forge, commit, source, **known, **more)

    return variables


PIPEFAIL = ("bash", "-eo", "pipefail")
FORKED = {"CI_PROJECT_PATH": "mallory/shop"}
GITLAB = {
    "merge request": Case(
        on_gitlab("topic", 0, request("topic", "detached")), "m0", script=gitlab_script, shell=PIPEFAIL
    ),
    "merge request, depth 20": Case(
        on_gitlab("topic", 20, request("topic", "detached")), undecided='GIT_DEPTH: "0"'
    ),
    "merged results": Case(
        on_gitlab("merge", 0, request("merge", "merged_result")), "m1", script=gitlab_script, shell=PIPEFAIL
    ),
    "merged results, depth 20": Case(on_gitlab("merge", 20, request("merge", "merged_result")), "m1"),
    "merged results, depth 1": Case(
        on_gitlab("merge", 1, request("merge", "merged_result")), undecided='GIT_DEPTH: "0"'
    ),
    "merge train": Case(
        on_gitlab("queued", 0, request("queued", "merge_train")),
        "other_merged",
        script=gitlab_script,
        shell=PIPEFAIL,
    ),
    "another target than at first": Case(
        on_gitlab("late", 0, request("late", "detached", CI_MERGE_REQUEST_TARGET_BRANCH_NAME="release")),
        "m0",
        script=gitlab_script,
        shell=PIPEFAIL,
    ),
    "merge request in a fork's project": Case(
        on_gitlab("topic", 0, request("topic", "detached", **FORKED), fork=True),
        undecided="--base FETCH_HEAD",
    ),
    "push to main": Case(
        on_gitlab("p2", 0, pipeline("p2", "push", "main", "m2"), main="p2"),
        "m2",
        script=gitlab_script,
        shell=PIPEFAIL,
    ),
    "push to main, depth 20": Case(
        on_gitlab("p2", 20, pipeline("p2", "push", "main", "m2"), branch="main", main="p2"), "m2"
    ),
    "push to main, depth 1": Case(
        on_gitlab("p2", 1, pipeline("p2", "push", "main", "m2"), branch="main", main="p2"),
        undecided='GIT_DEPTH: "0"',
    ),
    "first push to main": Case(on_gitlab("p2", 0, pipeline("p2", "push", "main"), main="p2")),
    "pipeline of main by hand": Case(
        on_gitlab("p2", 0, pipeline("p2", "web", "main"), main="p2"), undecided="--from REF --to HEAD"
    ),
    "push to a topic": Case(on_gitlab("topic", 0, pipeline("topic", "push", "topic", "t1")), "m0"),
    "push to a topic, depth 50": Case(
        on_gitlab("topic", 50, pipeline("topic", "push", "topic", "t1"), branch="topic"),
        undecided='GIT_DEPTH: "0"',
    ),
    "tag": Case(on_gitlab("p2", 0, pipeline("p2", "push", "")), undecided="--from REF --to HEAD"),
}


def on_bitbucket(
    branch: str, commit: str, depth: int | None = None, into: str = "", main: str = "m2"
) -> Callable[[Forge, Path], Variables]:
    def make(forge: Forge, folder: Path) -> Variables:
        forge.main(main)
        bitbucket_clone(forge, folder, depth, branch, forge[commit], forge[into] if into else "")
        return bitbucket(forge, branch, commit, into)

    return make


BITBUCKET = {
    "pull request": Case(
        on_bitbucket("topic", "topic", into="m1"),
        "m1",
        script=lambda: bitbucket_script("pull-requests", "**"),
    ),
    "pull request on top of its destination": Case(
        on_bitbucket("late", "late", into="m1"), "m1", script=lambda: bitbucket_script("pull-requests", "**")
    ),
    "merge to main": Case(
        on_bitbucket("main", "squashed", main="squashed"),
        "m2",
        script=lambda: bitbucket_script("branches", "main"),
    ),
    "push to main": Case(on_bitbucket("main", "p2", main="p2"), undecided="--from REF --to HEAD"),
    "push to a topic": Case(on_bitbucket("topic", "topic"), "m0"),
    "push to a topic, depth 50": Case(on_bitbucket("topic", "topic", 50), undecided="clone: depth: full"),
}


def on_azure(
    commit: str, ref: str, depth: int = 0, main: str = "m2", target: str = MAIN
) -> Callable[[Forge, Path], Variables]:
    def make(forge: Forge, folder: Path) -> Variables:
        forge.main(main)
        azure_agent(forge, folder, depth, forge[commit], ref)
        return azure(forge, commit, ref, target)

    return make


PLAIN = ("bash", "--noprofile", "--norc")
AZURE = {
    "pull request": Case(
        on_azure("merge", MERGE), "m1", script=lambda: azure_script("PullRequest"), shell=PLAIN
    ),
    "pull request of a repository on GitHub": Case(
        on_azure("merge", MERGE, target="main"), "m1", script=lambda: azure_script("PullRequest"), shell=PLAIN
    ),
    "pull request, depth 2": Case(on_azure("merge", MERGE, 2), "m1"),
    "pull request, depth 1": Case(on_azure("merge", MERGE, 1), undecided="fetchDepth: 0"),
    "merge to main": Case(
        on_azure("squashed", MAIN, main="squashed"),
        "m2",
        script=lambda: azure_script("IndividualCI"),
        shell=PLAIN,
    ),
    "push to main": Case(on_azure("p2", MAIN, main="p2"), undecided="--from REF --to HEAD"),
    "push to a topic": Case(on_azure("topic", TOPIC), "m0"),
    "push to a topic, depth 1": Case(on_azure("topic", TOPIC, 1), undecided="fetchDepth: 0"),
}


def on_jenkins(
    commit: str, branch: str, *refspecs: str, into: str = "", main: str = "m2", last: str = "", **more: str
) -> Callable[[Forge, Path], Variables]:
    def make(forge: Forge, folder: Path) -> Variables:
        forge.main(main)
        jenkins_git(forge, folder, forge[commit], *refspecs, into=forge[into] if into else "")
        known = {"GIT_PREVIOUS_SUCCESSFUL_COMMIT": forge[last]} if last else {}
        return jenkins(forge, branch, **known, **more)

    return make


XE = ("sh", "-xe")
OF_REQUEST = {"CHANGE_ID": "1", "CHANGE_TARGET": "main", "GIT_COMMIT": "1" * 40}
HEAD_ONLY = "+refs/pull/1/head:refs/remotes/origin/PR-1"
TARGET = "+refs/heads/main:refs/remotes/origin/main"
DECLARATIVE = {"GIT_COMMIT": "1" * 40}
JENKINS = {
    "pull request merged with its target": Case(
        on_jenkins("topic", "PR-1", HEAD_ONLY, TARGET, into="m1", **OF_REQUEST),
        "m1",
        script=jenkins_script,
        shell=XE,
    ),
    "pull request's head alone": Case(
        on_jenkins("topic", "PR-1", HEAD_ONLY, **OF_REQUEST), undecided="Specify ref specs"
    ),
    "pull request's head and all branches": Case(
        on_jenkins("topic", "PR-1", HEAD_ONLY, ALL, **OF_REQUEST), "m0", script=jenkins_script, shell=XE
    ),
    "main after a build that succeeded": Case(
        on_jenkins("p2", "main", ALL, main="p2", last="m1", BRANCH_IS_PRIMARY="true", **DECLARATIVE),
        "m1",
        script=jenkins_script,
        shell=XE,
    ),
    "main, where nothing has succeeded": Case(on_jenkins("p2", "main", ALL, main="p2", **DECLARATIVE)),
    "main in a scripted pipeline": Case(
        on_jenkins("p2", "main", ALL, main="p2"), undecided="--from REF --to HEAD"
    ),
    "topic": Case(on_jenkins("topic", "topic", ALL, last="t1", **DECLARATIVE), "m0"),
    "topic alone": Case(
        on_jenkins("topic", "topic", "+refs/heads/topic:refs/remotes/origin/topic"),
        undecided="Specify ref specs",
    ),
    "tag": Case(on_jenkins("p2", "v1", ALL, main="p2", TAG_NAME="v1"), undecided="--from REF --to HEAD"),
}


def on_buildkite(branch: str, commit: str, **more: str) -> Callable[[Forge, Path], Variables]:
    """github.com/buildkite/agent, internal/job/checkout.go: a whole clone, and the commit on top of it."""

    def make(forge: Forge, folder: Path) -> Variables:
        git(forge.url, "clone", "--quiet", forge.url.as_uri(), str(folder))
        git(folder, "fetch", "--quiet", "origin", "refs/pull/1/head")
        git(folder, "checkout", "--quiet", "--detach", forge[commit])
        known = {"BUILDKITE": "true", "BUILDKITE_BRANCH": branch, "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "main"}
        return {**known, **more}

    return make


OTHERS = {
    "Buildkite, pull request": Case(
        on_buildkite("topic", "topic", BUILDKITE_PULL_REQUEST_BASE_BRANCH="main"), "m0"
    ),
    "Buildkite, main": Case(on_buildkite("main", "m2"), undecided="--from REF --to HEAD"),
    "an unknown system, topic": Case(
        lambda forge, folder: {**on_buildkite("", "topic")(forge, folder), "BUILDKITE": "", "CI": "true"},
        "m0",
    ),
    "an unknown system, main": Case(
        lambda forge, folder: {**on_buildkite("", "m2")(forge, folder), "BUILDKITE": "", "CI": "true"},
        undecided="--from REF --to HEAD",
    ),
}

SYSTEMS = {
    "github": GITHUB,
    "gitlab": GITLAB,
    "bitbucket": BITBUCKET,
    "azure": AZURE,
    "jenkins": JENKINS,
    "others": OTHERS,
}
