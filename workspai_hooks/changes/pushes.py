"""What a push does to refs of the remote. Of the default branch the remote says itself what it has: that is
the base there, however old this clone's `origin/main` is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from workspai_hooks.changes.base import COMMON_NAMES, Base, Upstream, default_upstream
from workspai_hooks.errors import UndecidedError, UsageError
from workspai_hooks.tools.git import Repository

HEADS = "refs/heads/"


class Pushed(msgspec.Struct, frozen=True):
    """A ref of the remote that is set; `before` is its commit there, None where it is new."""

    ref: str
    before: str | None
    remote: str | None = None
    """Its name, where that is known: git tells it to the hook's script, not on its standard input."""
    told: bool = True
    """Whether `before` is the remote's word; a hook manager may put something else there."""


def pushed_by_git(lines: str) -> dict[str, tuple[Pushed, ...]]:
    """Commits, and where they go, of git's lines on a pre-push hook's stdin.

    `<ref> <id> <remote ref> <remote id>`; an id of zeros is no commit: a deleted ref pushes nothing.
    """
    rows = [line.split() for line in lines.splitlines() if line.strip()]
    if any(len(row) != 4 for row in rows):
        raise UsageError("--stage pre-push: standard input is not what git hands to a pre-push hook")
    found: dict[str, tuple[Pushed, ...]] = {}
    for _, commit, ref, before in rows:
        if commit.strip("0"):
            pushed = Pushed(ref, before if before.strip("0") else None)
            found[commit] = (*found.get(commit, ()), pushed)
    return found


def pushed_by_manager(env: Mapping[str, str]) -> dict[str, tuple[Pushed, ...]]:
    """The same of what pre-commit and prek put into the environment, of one ref only.

    PRE_COMMIT_FROM_REF is the remote's commit where this clone has it, else what the remote's branches lack
    begins behind it (pre-commit, commands/hook_impl.py, _pre_push_ns).
    """
    # With a root among what is pushed pre-commit names the branch alone.
    commit = env.get("PRE_COMMIT_TO_REF") or env.get("PRE_COMMIT_LOCAL_BRANCH")
    ref = env.get("PRE_COMMIT_REMOTE_BRANCH")
    if not commit:
        return {}
    before = env.get("PRE_COMMIT_FROM_REF")
    known = ref and before
    return {
        commit: (Pushed(str(ref), before, env.get("PRE_COMMIT_REMOTE_NAME"), told=False),) if known else ()
    }


def replaced(repository: Repository, pushed: Sequence[Pushed], default_branch: str | None) -> Base | None:
    """What the default branch was, where it is pushed to; None where it is not, or is new there."""
    upstream = default_upstream(repository, default_branch)
    names = (upstream.branch,) if upstream else (default_branch,) if default_branch else COMMON_NAMES
    for one in pushed:
        if one.before is None or one.ref not in [HEADS + name for name in names if name]:
            continue
        known = upstream.commit if upstream else None
        if one.before != known and not _is_of(repository, one, upstream):
            continue
        branch = one.ref.removeprefix(HEADS)
        commit = repository.resolve(one.before)
        if commit is None:
            raise UndecidedError(
                f"{branch} as the remote has it",
                f"its commit {one.before[:9]} is not in this clone, and the push takes it away",
                f"git fetch {upstream.remote if upstream else ''}".rstrip() + ", then push again",
            )
        # Exactly that, no merge base: what a forced push takes away is gone for whoever uses it.
        return Base(commit, f"{branch} as the remote has it")
    return None


def _is_of(repository: Repository, one: Pushed, upstream: Upstream | None) -> bool:
    """Whether `before`, which this clone's `origin/main` is not, is the word of the remote that counts.

    A fork has a branch of the same name, often an older one.
    """
    remote = upstream.remote if upstream else None
    if one.remote is not None and remote is not None and one.remote != remote:
        return False
    if not one.told:  # else it is the end of what any branch of the remote has
        return repository.resolve(one.before or "") is not None and not repository.refs(
            "--contains", one.before or "", "refs/remotes"
        )
    others = [name for name in repository.remotes() if name != remote]
    branch = one.ref.removeprefix(HEADS)
    if any(repository.resolve(f"refs/remotes/{name}/{branch}") == one.before for name in others):
        return False
    return not (others and upstream and repository.is_ancestor(one.before or "", upstream.commit))
