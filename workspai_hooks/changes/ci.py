"""The base in CI: what a system says of its build (ci_systems.py), held against what the clone has.

What the system says is a question, not an answer: every base is a commit of this clone, and its place in
history is looked at. Where the clone ends before it, the build stays undecided, with the remedy in the
system's words; two tips are never compared in its stead.
"""

from __future__ import annotations

from workspai_hooks.changes.base import Base, counted_remotes, default_upstream, find_base, merge_base
from workspai_hooks.changes.ci_systems import Build, Environment, build_of
from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools.git import Repository

BY_HAND = "workspai-hooks check --stage ci --base REF, or --from REF --to HEAD"


def ci_base(repository: Repository, head: str, env: Environment, default_branch: str | None) -> Base:
    """The base of a build of `head`. `default_branch` is the configured one, which beats the system's."""
    build = build_of(env)
    if build is None:
        base = find_base(repository, (head,), wanted=None, default_branch=default_branch)
        if env.get("CI") and base.rev == head and repository.refs("refs/remotes"):
            raise _unsaid(
                "this build", "it is on the default branch already, and this CI system is not known"
            )
        return base
    if build.target is not None:
        _refuse_fork(repository, build)
        return _into_target(repository, head, build, build.target)
    if build.branch is not None:
        return _of_branch(repository, head, build, build.branch, default_branch)
    raise _unsaid("this build", f"{build.system} builds neither a branch that was pushed nor a pull request")


def _into_target(repository: Repository, head: str, build: Build, target: str) -> Base:
    """The base of a pull request."""
    parents = repository.parents(head)
    source = build.source
    _refuse_another(repository, head, build, parents)
    remote, tip = _tip(repository, target)
    if build.merged and head == build.commit and source in parents and len(parents) == 2:
        # Which parent is the target's differs between systems: it is the one that is not the request's.
        number = 2 - parents.index(source)
        merged = repository.resolve(parents[number - 1])
        if merged is None:
            raise _cut_off(build, f"{target} as it is merged here (HEAD^{number})")
        if tip is None or _in_line(repository, merged, tip):
            return Base(merged, f"{build.system}: {target} as it is merged here, HEAD^{number}")
    if build.contained is not None:
        known = repository.resolve(build.contained)
        if known is None:
            raise _cut_off(build, f"{target} as it is merged here ({build.contained[:9]})")
        return _met(repository, head, build, known, f"{target} at {known[:9]}")
    if tip is None:
        raise _missing(build, target)
    base = _met(repository, head, build, tip, f"{remote}/{target}")
    if base.rev == head and source not in (None, head):
        raise _unsaid("this build", f"the pull request is merged, {remote}/{target} has it already")
    return base


def _of_branch(
    repository: Repository, head: str, build: Build, branch: str, default_branch: str | None
) -> Base:
    """The base of a branch that was pushed: where it left the default branch; of that, what it was before."""
    default = default_branch or build.default
    upstream = default_upstream(repository, default)
    if branch == default or (upstream is not None and branch == upstream.branch):
        if build.nothing_before:
            return Base(None, f"{build.system}: {branch} was not there {build.was}")
        if build.before is None:
            raise _unsaid(branch, f"{build.system} does not say what it was {build.was}")
        before = repository.resolve(build.before)
        what = f"{branch} as it was {build.was}"
        if before is None and not repository.is_shallow():
            why = f"{build.before[:9]} is not in this clone: a forced push took it away"
            raise UndecidedError(what, why, f"git fetch origin {build.before}, then the same again")
        if before is None:
            raise _cut_off(build, f"{what} ({build.before[:9]})")
        # Exactly that, no merge base: what a forced push took away is gone for whoever used it.
        return Base(before, f"{build.system}: {what}")
    if upstream is None:
        raise _missing(build, default or "the default branch")
    return _met(repository, head, build, upstream.commit, upstream.name)


def _met(repository: Repository, head: str, build: Build, other: str, name: str) -> Base:
    """The merge base of `head` and a commit of the branch called `name`."""
    try:
        base = merge_base(repository, (head,), other, name)
    except UndecidedError as error:
        if repository.is_shallow():
            raise _cut_off(build, f"the merge base with {name}") from error
        raise
    return Base(base.rev, f"{build.system}: {base.how}", base.others)


def _tip(repository: Repository, branch: str) -> tuple[str, str | None]:
    """The remote that counts, and the commit of its branch as far as this clone knows."""
    remote = next(iter(counted_remotes(repository)), "origin")
    return remote, repository.resolve(f"refs/remotes/{remote}/{branch}")


def _in_line(repository: Repository, merged: str, tip: str) -> bool:
    """Whether `merged` is of the target's history: older than its tip, or on top of it (a merge train's).

    Of a target that was exchanged, or rewritten since, it is not. Where history is cut off nothing is known.
    """
    if repository.is_shallow():
        return True
    return repository.is_ancestor(merged, tip) or repository.is_ancestor(tip, merged)


def _refuse_another(repository: Repository, head: str, build: Build, parents: list[str]) -> None:
    """On some events a system checks out the target: that has no question, and no answer is green."""
    source = build.source
    if source is None or source in (head, *parents) or (build.merged and head == build.commit):
        return
    if not repository.is_ancestor(source, head):
        raise UndecidedError(
            "the pull request",
            f"what is checked out ({head[:9]}) is not its last commit {source[:9]}, nor stands on it",
            "check out the pull request (on GitHub: run on pull_request, not on pull_request_target); "
            f"{build.system}, {build.deeper}",
        )


def _refuse_fork(repository: Repository, build: Build) -> None:
    """In a clone of the fork, a branch of the target's name is whatever its owner pushed."""
    if build.fork is None:
        return
    path = repository.origin().rstrip("/").removesuffix(".git").replace(":", "/").lower()
    if path.endswith(f"/{build.fork.lower()}"):
        raise UndecidedError(
            f"{build.target} of the repository that the pull request goes to",
            f"this is a clone of the fork {build.fork}, whose own {build.target} says nothing of it",
            f"git fetch URL-OF-THAT-REPOSITORY {build.target}, then workspai-hooks check --stage ci "
            "--base FETCH_HEAD",
        )


def _missing(build: Build, target: str) -> UndecidedError:
    return UndecidedError(target, f"it is not in the clone that {build.system} made", build.deeper)


def _cut_off(build: Build, what: str) -> UndecidedError:
    return UndecidedError(what, f"the clone that {build.system} made ends before it", build.deeper)


def _unsaid(what: str, why: str) -> UndecidedError:
    return UndecidedError(what, f"{why}: nothing says what to compare it with", BY_HAND)
