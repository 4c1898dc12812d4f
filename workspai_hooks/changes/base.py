"""Which commit a change is compared with: the merge base with the default branch, and how it was found."""

from __future__ import annotations

import msgspec

from workspai_hooks.errors import UndecidedError, UsageError
from workspai_hooks.patterns import regex
from workspai_hooks.tools.git import Repository

DEFAULT = "default"
"""The word for the base that is taken where none is named."""
RELEASE = "tag:"
"""What `--base tag:v*` begins with: the last release, by the names of tags."""
_CANDIDATE = regex(r"\d[^/-]*-[^/]*$")
"""A version with something behind a hyphen is no release yet (https://semver.org, 9)."""
COMMON_NAMES = ("main", "master")
"""What a default branch is called where nothing says it."""


class Base(msgspec.Struct, frozen=True):
    """The commit to compare with; `rev` None where there is no history that could break."""

    rev: str | None
    how: str
    others: tuple[str, ...] = ()
    """More best common ancestors (criss-cross merges): what any of them had can break."""


def find_base(
    repository: Repository, heads: tuple[str, ...], *, wanted: str | None, default_branch: str | None
) -> Base:
    """The base for a change on top of `heads` (more than one: a merge under way; none: no commit yet).

    `wanted` is the user's `--base`: a revision, `tag:PATTERN` for the last release, or `default`;
    `default_branch` the configured name. A base that should exist and can't be found is an `UndecidedError`,
    an unknown `--base` a `UsageError`.
    """
    if wanted is not None and wanted.startswith(RELEASE):
        return _release(repository, heads, wanted.removeprefix(RELEASE))
    if wanted is not None and wanted != DEFAULT:
        if repository.resolve(wanted) is None:
            raise UsageError(f"--base {wanted}: no such revision in this repository")
        return _merge_base(repository, heads, wanted)
    if not heads:
        return Base(None, "no commit yet")
    remotes = _remotes(repository)
    upstream = _upstream(repository, remotes, default_branch)
    if upstream is not None:
        return _merge_base(repository, heads, upstream, "refs/remotes/")
    if repository.refs("refs/remotes"):
        raise _no_default_branch(repository.remotes(), default_branch)
    return _local_base(repository, heads, default_branch)


def _release(repository: Repository, heads: tuple[str, ...], pattern: str) -> Base:
    """The latest release that the change stands on; candidates (`v2.0.0-rc1`) where there is no other."""
    if not pattern:
        raise UsageError("--base tag:PATTERN: the pattern is missing, as in tag:v*")
    if not heads:
        return Base(None, "no commit yet")
    found = repository.releases(pattern, *heads)
    if found:
        name = next((one for one in found if not _CANDIDATE.search(one)), found[0])
        short = name.removeprefix("refs/tags/")
        return _merge_base(repository, heads, short, "refs/tags/")
    what = f"the last release (tag:{pattern})"
    if repository.is_shallow():
        why = "this clone is shallow, and no such tag is in what it has of the history"
        raise UndecidedError(what, why, "git fetch --unshallow --tags   (in CI: check out with full history)")
    if repository.fetches_no_tags():
        raise UndecidedError(what, "this clone was made without tags", "git fetch --tags")
    if repository.refs("refs/tags"):
        raise UsageError(f"--base tag:{pattern}: no such tag in the history of HEAD; git tag lists them")
    return Base(None, f"no release yet (tag:{pattern})")


def _remotes(repository: Repository) -> list[str]:
    """The remotes whose default branch counts: `origin`, else `upstream` (beside forks), else the one."""
    every = repository.remotes()
    for name in ("origin", "upstream"):
        if name in every or repository.refs(f"refs/remotes/{name}"):
            return [name]
    return every if len(every) == 1 else []


def _upstream(repository: Repository, remotes: list[str], default_branch: str | None) -> str | None:
    """The default branch's remote-tracking name, short (`origin/main`); never the topic's own upstream."""
    prefix = "refs/remotes/"
    if default_branch is not None:
        candidates = [*(f"{remote}/{default_branch}" for remote in remotes), default_branch]
    else:
        pointed = [repository.symbolic_ref(f"{prefix}{remote}/HEAD") for remote in remotes]
        candidates = [name.removeprefix(prefix) for name in pointed if name]
        candidates += [f"{remote}/{name}" for remote in remotes for name in COMMON_NAMES]
    return next((name for name in candidates if repository.resolve(prefix + name)), None)


def _local_base(repository: Repository, heads: tuple[str, ...], default_branch: str | None) -> Base:
    """Without a remote: the local default branch (standing on it, that is HEAD), else HEAD itself."""
    names = (default_branch,) if default_branch else COMMON_NAMES
    local = next((name for name in names if repository.resolve(f"refs/heads/{name}")), None)
    if local is not None:
        return _merge_base(repository, heads, local, "refs/heads/")
    if default_branch is not None:
        raise UsageError(f"default_branch {default_branch}: no such branch here, and there is no remote")
    return Base(heads[0], "HEAD: there is no remote, and no branch main or master")


def _merge_base(repository: Repository, heads: tuple[str, ...], other: str, prefix: str = "") -> Base:
    """`prefix` makes the name exact: a tag or local branch called `origin/main` would win otherwise."""
    if not heads:
        return Base(repository.resolve(other), other)
    found = repository.merge_bases(prefix + other, *heads)
    if found:
        name = "HEAD" if len(heads) == 1 else "HEAD and MERGE_HEAD"
        return Base(found[0], f"merge-base of {name} and {other}", tuple(found[1:]))
    if repository.is_shallow():
        remote, _, branch = other.partition("/")
        fetch = f"git fetch --unshallow {remote}" if branch else "git fetch --unshallow"
        raise UndecidedError(
            f"the merge base with {other}",
            "this clone is shallow and its history ends before the branches meet",
            f"{fetch}   (in CI: check out with full history, fetch-depth: 0)",
        )
    raise UndecidedError(
        f"the merge base with {other}",
        "the two histories have no commit in common",
        "name the revision to compare with: workspai-hooks check --base REF",
    )


def _no_default_branch(remotes: list[str], default_branch: str | None) -> UndecidedError:
    if len(remotes) > 1 and "origin" not in remotes and default_branch is None:
        return UndecidedError(
            "the default branch",
            f"there are several remotes and none is called origin: {', '.join(remotes)}",
            f"say which one counts in .workspai.yaml, for example default_branch: {remotes[0]}/main",
        )
    remote, name = remotes[0] if remotes else "origin", default_branch or "main"
    names = (default_branch,) if default_branch else ("HEAD", *COMMON_NAMES)
    tried = ", ".join(f"{remote}/{candidate}" for candidate in names)
    return UndecidedError(
        "the default branch",
        f"none of {tried} is in this clone (a single-branch clone?)",
        f"git fetch {remote} {name}:refs/remotes/{remote}/{name}"
        "   (another name: default_branch in .workspai.yaml)",
    )
