"""A forge with one pull request, and the clones that CI systems make of it.

Each clone is made with the commands of its system's own runner, which are named beside it. Two forges differ
in what the change does: `break` gives up a field, `fine` writes a comment.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

PROTO = 'syntax = "proto3";\npackage a.v1;\n\nmessage A {\n  string x = 1;\n  int32 y = 2;\n}\n'
CHANGES = {"break": PROTO.replace("  int32 y = 2;\n", ""), "fine": PROTO.replace("message", "// A.\nmessage")}
ZEROS = "0" * 40


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Forge:
    """Commits by name, in a bare repository as a server has it.

    m0 ── m1 ── m2             main
     │     │╲    ╲─ other_merged ── queued (topic on top of the queue's first) ── p1 ── p2 (see `pushed`)
     │     │ late1 ── late     a topic that began later
     │     merge               of m1 and topic, as the forge makes it
     ├─ t1 ── topic ── merging (its author merges m1)
     └─ release
    """

    def __init__(self, root: Path, change: str) -> None:
        self.url = root / "acme" / "shop.git"
        self.fork = root / "mallory" / "shop.git"
        self._work = root / "work"
        for bare in (self.url, self.fork):
            bare.mkdir(parents=True)
            git(bare, "init", "--quiet", "--bare", "--initial-branch=main")
            git(bare, "config", "uploadpack.allowAnySHA1InWant", "true")  # as GitHub, GitLab and Azure
        self._work.mkdir()
        git(self._work, "init", "--quiet", "--initial-branch=main")
        self.ids: dict[str, str] = {}
        changed = {"a.proto": CHANGES[change]}
        self._commit("m0", {"a.proto": PROTO})
        self._commit("t1", changed)
        self._commit("topic", {"README.md": "topic"})
        self._commit("m1", {"b.proto": PROTO.replace("a.v1", "b.v1")}, "m0")
        self._commit("late1", changed)
        self._commit("late", {"README.md": "late"})
        self._merge("merging", "topic", "m1")
        self._merge("merge", "m1", "topic")
        self._commit("m2", {"c.proto": PROTO.replace("a.v1", "c.v1")}, "m1")
        self._commit("p1", changed)
        self._commit("p2", {"README.md": "pushed"})
        self._commit("squashed", changed, "m2")
        self._commit("lost", {"b.txt": "a forced push takes it away"}, "m2")
        self._commit("other", {"other.txt": "x"}, "m1")
        self._merge("other_merged", "m2", "other")
        self._merge("queued", "other_merged", "topic")
        self._commit("release", {"d.proto": PROTO.replace("a.v1", "d.v1")}, "m0")
        git(self._work, "push", "--quiet", str(self.url), f"{self['release']}:refs/heads/release")
        self.set("refs/heads/topic", "topic")
        self.set("refs/heads/late", "late")
        self.set("refs/pull/1/head", "topic")
        self.set("refs/pull/1/merge", "merge")
        self.set("refs/pull/2/head", "merging")
        self.set("refs/heads/gh-readonly-queue/main/pr-1", "queued")
        # Of a hostile fork: its main has the change already.
        git(self._work, "push", "--quiet", str(self.fork), f"{self['topic']}:refs/heads/main")
        git(self._work, "push", "--quiet", str(self.fork), f"{self['topic']}:refs/heads/topic")
        self.main("m2")

    def __getitem__(self, name: str) -> str:
        return self.ids[name]

    def _commit(self, name: str, files: dict[str, str], onto: str | None = None) -> None:
        if onto is not None:
            git(self._work, "checkout", "--quiet", self[onto])
        for path, text in files.items():
            (self._work / path).write_text(text)
        git(self._work, "add", "--all")
        git(self._work, "commit", "--quiet", "-m", name)
        self.ids[name] = git(self._work, "rev-parse", "HEAD")

    def _merge(self, name: str, first: str, second: str) -> None:
        git(self._work, "checkout", "--quiet", self[first])
        git(self._work, "merge", "--quiet", "--no-ff", "-m", name, self[second])
        self.ids[name] = git(self._work, "rev-parse", "HEAD")

    def set(self, ref: str, name: str) -> None:
        git(self._work, "push", "--quiet", "--force", str(self.url), f"{self[name]}:{ref}")

    def main(self, name: str) -> None:
        """Let main be that commit, and nothing else keep what it was."""
        self.set("refs/heads/main", name)


def checkout_action(
    forge: Forge, folder: Path, depth: int, commit: str, ref: str, url: Path | None = None
) -> None:
    """github.com/actions/checkout v7, git-source-provider.ts and ref-helper.ts."""
    origin = (url or forge.url).as_uri()
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, "remote", "add", "origin", origin)
    kind, _, short = ref.removeprefix("refs/").partition("/")
    tracked = {"heads": f"refs/remotes/origin/{short}", "pull": f"refs/remotes/pull/{short}"}.get(kind, ref)
    own = [f"+{commit}:{tracked}"] if ref else [commit]
    every = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
    flags = ["--no-tags", "--prune", "--no-recurse-submodules"]
    if depth:
        git(folder, "fetch", "--quiet", *flags, f"--depth={depth}", "origin", *own)
    else:
        git(folder, "fetch", "--quiet", *flags, "origin", *every, *(own if kind in ("pull", "") else []))
    git(folder, "checkout", "--quiet", "--force", "--detach", commit)


def github(
    forge: Forge, folder: Path, name: str, ref: str, event: dict[str, Any], sha: str
) -> dict[str, str]:
    """The variables of a job; the event stands in a file outside of the workspace."""
    file = folder.parent / f"{folder.name}.event.json"
    file.write_text(json.dumps({"repository": {"full_name": "acme/shop", "default_branch": "main"}, **event}))
    summary = folder.parent / f"{folder.name}.summary.md"
    summary.touch()
    request = event.get("pull_request")
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": str(file),
        "GITHUB_REF": ref,
        "GITHUB_SHA": forge[sha],
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_STEP_SUMMARY": str(summary),
        "GITHUB_BASE_REF": request["base"]["ref"] if request and name != "pull_request_review" else "",
    }


def pull_request(forge: Forge, head: str = "topic", owner: str = "acme") -> dict[str, Any]:
    """`base.sha` is what main was when the request was opened."""
    return {
        "pull_request": {
            "base": {"ref": "main", "sha": forge["m0"], "repo": {"full_name": "acme/shop"}},
            "head": {"ref": head, "sha": forge[head], "repo": {"full_name": f"{owner}/shop"}},
        }
    }


def gitlab_runner(
    forge: Forge, folder: Path, depth: int, commit: str, branch: str = "", url: Path | None = None
) -> None:
    """gitlab-runner, shells/abstract.go; refspecs by GitLab, app/presenters/ci/build_runner_presenter.rb."""
    bare = url or forge.url
    git(bare, "update-ref", "refs/pipelines/7", commit)
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, "remote", "add", "origin", bare.as_uri())
    refspecs = ["+refs/pipelines/7:refs/pipelines/7"]
    if not depth:
        refspecs += ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
    elif branch:
        refspecs += [f"+refs/heads/{branch}:refs/remotes/origin/{branch}"]
    deep = [f"--depth={depth}"] if depth else []
    git(folder, "fetch", "--quiet", "origin", *refspecs, *deep, "--prune", "--no-tags")
    git(folder, "checkout", "--quiet", "--force", "--detach", commit)
    git(bare, "update-ref", "-d", "refs/pipelines/7")


def gitlab(forge: Forge, commit: str, source: str, **more: str) -> dict[str, str]:
    return {
        "GITLAB_CI": "true",
        "CI_PROJECT_PATH": "acme/shop",
        "CI_DEFAULT_BRANCH": "main",
        "CI_COMMIT_SHA": forge[commit],
        "CI_COMMIT_BEFORE_SHA": ZEROS,
        "CI_PIPELINE_SOURCE": source,
        **more,
    }


def merge_request(forge: Forge, commit: str, kind: str, **more: str) -> dict[str, str]:
    """CI_MERGE_REQUEST_DIFF_BASE_SHA is of the target that the request had first."""
    return gitlab(
        forge,
        commit,
        "merge_request_event",
        **{
            "CI_MERGE_REQUEST_IID": "1",
            "CI_MERGE_REQUEST_EVENT_TYPE": kind,
            "CI_MERGE_REQUEST_PROJECT_PATH": "acme/shop",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": forge["topic"] if kind != "detached" else "",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": forge["m1"],
            **more,
        },
    )


def bitbucket_clone(
    forge: Forge, folder: Path, depth: int | None, branch: str, commit: str, into: str = ""
) -> None:
    """The Build setup of a log; support.atlassian.com/bitbucket-cloud/kb/clone-depth-not-applying-…: a pull
    request's clone has no depth, and the destination's commit is merged into it."""
    deep = [f"--depth={depth}"] if depth and not into else []
    git(forge.url, "clone", "--quiet", f"--branch={branch}", *deep, forge.url.as_uri(), str(folder))
    git(folder, "reset", "--quiet", "--hard", commit)
    if into:
        git(folder, "merge", "--quiet", "--no-edit", into)


def bitbucket(forge: Forge, branch: str, commit: str, into: str = "") -> dict[str, str]:
    """Commit ids are short where they are a pull request's destination."""
    request = {
        "BITBUCKET_PR_ID": "1",
        "BITBUCKET_PR_DESTINATION_BRANCH": "main",
        "BITBUCKET_PR_DESTINATION_COMMIT": forge[into][:12] if into else "",
    }
    return {
        "CI": "true",
        "BITBUCKET_BUILD_NUMBER": "7",
        "BITBUCKET_BRANCH": branch,
        "BITBUCKET_COMMIT": forge[commit],
        **(request if into else {}),
    }


def azure_agent(forge: Forge, folder: Path, depth: int, commit: str, ref: str) -> None:
    """microsoft/azure-pipelines-agent, GitSourceProvider.cs: with a depth, the commit alone."""
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, "remote", "add", "origin", forge.url.as_uri())
    flags = ["--quiet", "--force", "--tags", "--prune", "--no-recurse-submodules"]
    if depth:
        spec = f"+{commit}:refs/remotes/{commit}"
        git(folder, "fetch", *flags, "origin", f"--depth={depth}", spec)
    elif ref.startswith("refs/pull/"):
        spec = f"+{ref}:refs/remotes/{ref.removeprefix('refs/')}"
        git(folder, "fetch", *flags, "origin", "+refs/heads/*:refs/remotes/origin/*", spec)
    else:
        git(folder, "fetch", *flags, "origin")
    git(folder, "checkout", "--quiet", "--force", "--detach", commit)


def azure(forge: Forge, commit: str, ref: str, target: str = "refs/heads/main") -> dict[str, str]:
    request = ref.startswith("refs/pull/")
    of_request = {
        "SYSTEM_PULLREQUEST_PULLREQUESTID": "1",
        "SYSTEM_PULLREQUEST_TARGETBRANCH": target,
        "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/topic",
        "SYSTEM_PULLREQUEST_SOURCECOMMITID": forge["topic"],
    }
    return {
        "TF_BUILD": "True",
        "BUILD_REASON": "PullRequest" if request else "IndividualCI",
        "BUILD_SOURCEBRANCH": ref,
        "BUILD_SOURCEVERSION": forge[commit],
        **(of_request if request else {}),
    }


def jenkins_git(forge: Forge, folder: Path, commit: str, *refspecs: str, into: str = "") -> None:
    """plugins.jenkins.io/git; the merge: jenkinsci/github-branch-source-plugin, MergeWithGitSCMExtension."""
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, "config", "remote.origin.url", forge.url.as_uri())
    git(folder, "fetch", "--quiet", "--no-tags", "--force", forge.url.as_uri(), *refspecs)
    for refspec in refspecs:
        git(folder, "config", "--add", "remote.origin.fetch", refspec)
    git(folder, "checkout", "--quiet", "--force", commit)
    if into:
        git(folder, "merge", "--quiet", "--no-edit", into)


def jenkins(forge: Forge, branch: str, **more: str) -> dict[str, str]:
    return {
        "CI": "true",
        "JENKINS_URL": "https://jenkins.example/",
        "JENKINS_HOME": "/var/jenkins_home",
        "BUILD_NUMBER": "7",
        "BRANCH_NAME": branch,
        **more,
    }
