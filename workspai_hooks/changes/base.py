"""Which commit a change is compared with: the merge base with the default branch, and how it was found."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from workspai_hooks.errors import UndecidedError, UsageError
from workspai_hooks.patterns import regex
from workspai_hooks.tools.git import Repository

DEFAULT = "default"
"""The word for the base that is taken where none is named."""
RELEASE = "tag:"
"""What `--base tag:v*` begins with: the last release, by the names of tags."""
_CANDIDATE = regex(
    r"\d\.\d[\d.]*-[^/]*$|\d[._-]?(?i:(?:a|b|c|m)[._-]?\d+|(?:rc|cr|alpha|beta|pre|preview|dev|snapshot|milestone)"
    r"[._-]?\d*)(?:[.+-][^/]*)?$"
)
"""No release yet: a version with something behind a hyphen (https://semver.org, 9), and `1.0.0rc1`, `2.0.b3`
or `v2-rc1` (https://peps.python.org/pep-0440, Java, Ruby). `oauth2-v1.0` and `2024-01-15` are releases."""
_BESIDE_REFS = regex(r"(?!HEAD\b)[A-Z_]+(?![\w./-])|.*(?:@\{|worktrees?/)")
"""What names a commit by a reflog, a branch's configuration, another work tree or a file (`FETCH_HEAD`)."""
COMMON_NAMES = ("main", "master")
"""What a default branch is called where nothing says it."""


class Base(msgspec.Struct, frozen=True):
    """The commit to compare with; `rev` None where there is no history that could break."""

    rev: str | None
    how: str
    others: tuple[str, ...] = ()
    """More best common ancestors (criss-cross merges): what any of them had can break."""
    upstream: str = ""
    """The remote-tracking branch that it is the merge base with, where that is the default branch."""


class Upstream(msgspec.Struct, frozen=True):
    """The default branch as the remote had it when it was last asked; `name` is `origin/main`."""

    remote: str
    branch: str
    commit: str

    @property
    def name(self) -> str:
        return f"{self.remote}/{self.branch}"


class UnrelatedError(UndecidedError):
    """Two histories without a common commit."""


def is_of_refs(name: str) -> bool:
    """Whether a revision that a configuration names follows from refs and HEAD alone."""
    return _BESIDE_REFS.match(name) is None


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
        named = repository.resolve(wanted)
        if named is None:
            raise UsageError(f"--base {wanted}: no such revision in this repository")
        return merge_base(repository, heads, named, wanted)
    if not heads:
        return Base(None, "no commit yet")
    upstream = default_upstream(repository, default_branch)
    if upstream is not None:
        base = merge_base(repository, heads, upstream.commit, upstream.name)
        return replace(base, upstream=f"refs/remotes/{upstream.name}")
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
    name = next((one for one in found if not _CANDIDATE.search(one)), found[0] if found else "")
    commit = repository.resolve(name) if name else None
    if commit is not None:
        return merge_base(repository, heads, commit, name.removeprefix("refs/tags/"))
    what = f"the last release (tag:{pattern})"
    if repository.is_shallow():
        why = "this clone is shallow, and no such tag is in what it has of the history"
        raise UndecidedError(what, why, "git fetch --unshallow --tags   (in CI: check out with full history)")
    if repository.fetches_no_tags():
        raise UndecidedError(what, "this clone was made without tags", "git fetch --tags")
    if repository.refs("refs/tags"):
        raise UsageError(f"--base tag:{pattern}: no such tag in the history of HEAD; git tag lists them")
    return Base(None, f"no release yet (tag:{pattern})")


def counted_remotes(repository: Repository) -> list[str]:
    """The remotes whose default branch counts: `origin`, else `upstream` (beside forks), else the one."""
    every = repository.remotes()
    for name in ("origin", "upstream"):
        if name in every or repository.refs(f"refs/remotes/{name}"):
            return [name]
    return every if len(every) == 1 else []


def default_upstream(repository: Repository, default_branch: str | None) -> Upstream | None:
    """The default branch's remote-tracking branch; never the topic's own upstream."""
    remotes = counted_remotes(repository)
    if default_branch is not None:
        candidates = [(remote, default_branch) for remote in remotes]
        remote, _, branch = default_branch.partition("/")
        candidates += [(remote, branch)] if branch else []
    else:
        pointed = [(remote, repository.symbolic_ref(f"refs/remotes/{remote}/HEAD")) for remote in remotes]
        candidates = [
            (remote, name.removeprefix(f"refs/remotes/{remote}/")) for remote, name in pointed if name
        ]
        candidates += [(remote, name) for remote in remotes for name in COMMON_NAMES]
    for remote, branch in candidates:
        # The whole name: a tag or local branch called `origin/main` would win otherwise.
        commit = repository.resolve(f"refs/remotes/{remote}/{branch}")
        if commit is not None:
            return Upstream(remote, branch, commit)
    return None


def _local_base(repository: Repository, heads: tuple[str, ...], default_branch: str | None) -> Base:
    """Without a remote: the local default branch (standing on it, that is HEAD), else HEAD itself."""
    names = (default_branch,) if default_branch else COMMON_NAMES
    for name in names:
        commit = repository.resolve(f"refs/heads/{name}")
        if commit is not None:
            return merge_base(repository, heads, commit, name)
    if default_branch is not None:
        raise UsageError(f"default_branch {default_branch}: no such branch here, and there is no remote")
    return Base(heads[0], "HEAD: there is no remote, and no branch main or master")


def merge_base(repository: Repository, heads: tuple[str, ...], other: str, name: str) -> Base:
    """The merge base of `heads` and the commit `other`, which is called `name` in reports."""
    if not heads:
        return Base(other, name)
    found = repository.merge_bases(other, *heads)
    shallow = repository.is_shallow()
    # Nothing is a better base than one of the two sides itself, whatever a shallow clone lacks.
    certain = not shallow or found == [other] or (*found,) == heads
    if found and (certain or not repository.is_cut_off(found, (other, *heads))):
        heads_name = "HEAD" if len(heads) == 1 else "HEAD and MERGE_HEAD"
        return Base(found[0], f"merge-base of {heads_name} and {name}", tuple(found[1:]))
    if shallow:
        remote, _, branch = name.partition("/")
        fetch = f"git fetch --unshallow {remote}" if branch else "git fetch --unshallow"
        raise UndecidedError(
            f"the merge base with {name}",
            "this clone is shallow and its history ends before the branches meet",
            f"{fetch}   (in CI: check out with full history, fetch-depth: 0)",
        )
    raise UnrelatedError(
        f"the merge base with {name}",
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
