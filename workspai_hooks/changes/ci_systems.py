"""What CI systems say of the build under way: their environment variables as one value, a row a system.

The variables count only where the user says that this is CI (`--stage ci`): anybody can have set them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from msgspec.structs import replace

from workspai_hooks.errors import UndecidedError
from workspai_hooks.patterns import regex

Environment = Mapping[str, str]

MAX_EVENT_BYTES = 25 * 1024 * 1024
"""GitHub sends no larger event (docs.github.com, "Webhook events and payloads", payload cap)."""

_ID = regex(r"[0-9a-f]{7,64}\Z")
_ZEROS = regex(r"0{40,64}\Z")


class Build(msgspec.Struct, frozen=True):
    """A build as its system describes it; None and False where it does not say."""

    system: str
    deeper: str
    """How the clone gets what it lacks, in the system's words."""
    commit: str | None = None
    """The commit that it builds."""
    target: str | None = None
    """The branch that a pull request goes into; None: this is not about a pull request."""
    source: str | None = None
    """The pull request's own last commit."""
    merged: bool = False
    """`commit` is a merge that the system made of `source` and of what `target` was."""
    contained: str | None = None
    """A commit of the target that what is checked out stands on: the newest one."""
    fork: str | None = None
    """`owner/name` of the repository that the pull request comes from, where that is another one."""
    branch: str | None = None
    """The branch that was pushed."""
    default: str | None = None
    """The repository's default branch."""
    before: str | None = None
    """What `branch` was before."""
    nothing_before: bool = False
    """There was nothing before: the branch is new."""
    was: str = "before this push"
    """What `before` is."""


def build_of(env: Environment) -> Build | None:
    """What the first system says that this is a build of; None outside of those that are known."""
    return next((read(env) for variable, read in SYSTEMS if env.get(variable)), None)


class _PullRequestSide(msgspec.Struct, frozen=True):
    class Repository(msgspec.Struct, frozen=True):
        full_name: str = ""

    ref: str = ""
    sha: str = ""
    repo: Repository | None = None


class _PullRequest(msgspec.Struct, frozen=True):
    base: _PullRequestSide = _PullRequestSide()
    head: _PullRequestSide = _PullRequestSide()


class _MergeGroup(msgspec.Struct, frozen=True):
    base_sha: str = ""
    base_ref: str = ""


class _EventRepository(msgspec.Struct, frozen=True):
    default_branch: str | None = None


class _Event(msgspec.Struct, frozen=True):
    """The parts that are read of GitHub's event: docs.github.com/webhooks/webhook-events-and-payloads."""

    before: str = ""
    pull_request: _PullRequest | None = None
    merge_group: _MergeGroup | None = None
    repository: _EventRepository = _EventRepository()


def _github(env: Environment) -> Build:
    """docs.github.com/actions/reference/workflows-and-actions/variables, …/events-that-trigger-workflows.

    GITHUB_BASE_REF is not set for reviews, the event has it. `pull_request.base.sha` is not used: it ages.
    """
    event = _github_event(env)
    ref = env.get("GITHUB_REF", "")
    build = Build(
        "GitHub Actions",
        "in the workflow: actions/checkout with fetch-depth: 0",
        commit=_commit(env.get("GITHUB_SHA")),
        default=event.repository.default_branch,
    )
    group = event.merge_group
    if group is not None:
        target, contained = _branch(group.base_ref), _commit(group.base_sha)
        return replace(build, target=target, contained=contained)
    request = event.pull_request or _PullRequest()
    into = env.get("GITHUB_BASE_REF") or request.base.ref
    if into:
        theirs, ours = (side.repo.full_name if side.repo else "" for side in (request.head, request.base))
        return replace(
            build,
            target=_branch(into),
            source=_commit(request.head.sha),
            merged=ref.startswith("refs/pull/") and ref.endswith("/merge"),
            fork=theirs if theirs != ours else None,
        )
    pushed = env.get("GITHUB_EVENT_NAME") == "push"
    return replace(
        build,
        branch=_branch(ref) if ref.startswith("refs/heads/") else None,
        before=_commit(event.before) if pushed else None,
        nothing_before=pushed and bool(_ZEROS.match(event.before)),
    )


def _github_event(env: Environment) -> _Event:
    path = env.get("GITHUB_EVENT_PATH")
    if not path:
        return _Event()
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_EVENT_BYTES + 1)
        if len(data) > MAX_EVENT_BYTES:
            raise ValueError(f"it has more than {MAX_EVENT_BYTES} bytes")
        return msgspec.json.decode(data, type=_Event)
    except (OSError, ValueError, msgspec.DecodeError, RecursionError) as error:
        raise UndecidedError(
            "GITHUB_EVENT_PATH",
            f"the event of this build can't be read: {error}",
            "say what to compare with: workspai-hooks check --stage ci --base REF",
        ) from error


def _gitlab(env: Environment) -> Build:
    """docs.gitlab.com/ci/variables/predefined_variables.

    CI_MERGE_REQUEST_DIFF_BASE_SHA is not used: it keeps the old target's after a change of target
    (gitlab.com/gitlab-org/gitlab/-/issues/442031). CI_COMMIT_BEFORE_SHA is zeros for the first pipeline of a
    branch, and for all that no push started.
    """
    project, into = env.get("CI_PROJECT_PATH"), env.get("CI_MERGE_REQUEST_PROJECT_PATH")
    before = env.get("CI_COMMIT_BEFORE_SHA", "")
    return Build(
        "GitLab",
        'in the job: variables: GIT_DEPTH: "0"',
        commit=_commit(env.get("CI_COMMIT_SHA")),
        target=env.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME") or None,
        source=_commit(env.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")),
        merged=env.get("CI_MERGE_REQUEST_EVENT_TYPE") in ("merged_result", "merge_train"),
        fork=project if into and project != into else None,
        branch=env.get("CI_COMMIT_BRANCH") or None,
        default=env.get("CI_DEFAULT_BRANCH") or None,
        before=_commit(before),
        nothing_before=bool(_ZEROS.match(before)) and env.get("CI_PIPELINE_SOURCE") == "push",
    )


def _bitbucket(env: Environment) -> Build:
    """support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets.

    A pull request's clone is a whole one, into which the destination's commit is merged: it is the *second*
    parent there (…/kb/clone-depth-not-applying-for-pull-request-pipelines). Nothing says what a branch had
    before a push.
    """
    target = env.get("BITBUCKET_PR_DESTINATION_BRANCH") or None
    return Build(
        "Bitbucket",
        "in bitbucket-pipelines.yml: clone: depth: full",
        target=target,
        source=_commit(env.get("BITBUCKET_COMMIT")) if target else None,
        contained=_commit(env.get("BITBUCKET_PR_DESTINATION_COMMIT")),
        branch=None if target else env.get("BITBUCKET_BRANCH") or None,
    )


def _azure(env: Environment) -> Build:
    """learn.microsoft.com/azure/devops/pipelines/build/variables.

    The target is `refs/heads/main` or `main`, by where the repository is. Nothing says what a branch had
    before a push. The agent fetches all branches, but the built commit alone where a depth is set, which
    is the default of pipelines since 2022 (microsoft/azure-pipelines-agent, GitSourceProvider.cs).
    """
    ref = env.get("BUILD_SOURCEBRANCH", "")
    return Build(
        "Azure Pipelines",
        "in the job: - checkout: self with fetchDepth: 0",
        commit=_commit(env.get("BUILD_SOURCEVERSION")),
        target=_branch(env.get("SYSTEM_PULLREQUEST_TARGETBRANCH")),
        source=_commit(env.get("SYSTEM_PULLREQUEST_SOURCECOMMITID")),
        merged=ref.startswith("refs/pull/") and ref.endswith("/merge"),
        branch=_branch(ref) if ref.startswith("refs/heads/") else None,
    )


def _jenkins(env: Environment) -> Build:
    """The env-vars.html of every Jenkins; plugins.jenkins.io/git.

    The target is merged into the pull request where the job says so (GitHub Branch Source,
    MergeWithGitSCMExtension), and only then in the clone. A branch is compared with its last build that
    succeeded: without one nothing was ever delivered. Scripted pipelines have no GIT_COMMIT: they don't say.
    """
    tag, change = env.get("TAG_NAME"), env.get("CHANGE_ID")
    branch = env.get("BRANCH_NAME") or env.get("GIT_BRANCH", "").removeprefix("origin/") or None
    before = _commit(env.get("GIT_PREVIOUS_SUCCESSFUL_COMMIT"))
    return Build(
        "Jenkins",
        "in the job's branch source: no shallow clone, and under Specify ref specs "
        "+refs/heads/*:refs/remotes/@{remote}/*",
        target=env.get("CHANGE_TARGET") or None,
        branch=None if tag or change else branch,
        default=branch if env.get("BRANCH_IS_PRIMARY") == "true" else None,
        before=before,
        nothing_before=before is None and bool(env.get("GIT_COMMIT")),
        was="at its last build that succeeded",
    )


def _buildkite(env: Environment) -> Build:
    """buildkite.com/docs/pipelines/configure/environment-variables: a pull request's own commit is built."""
    target = env.get("BUILDKITE_PULL_REQUEST_BASE_BRANCH") or None
    return Build(
        "Buildkite",
        "no --depth in BUILDKITE_GIT_CLONE_FLAGS, and before this: "
        "git fetch origin '+refs/heads/*:refs/remotes/origin/*'",
        target=target,
        branch=None if target or env.get("BUILDKITE_TAG") else env.get("BUILDKITE_BRANCH") or None,
        default=env.get("BUILDKITE_PIPELINE_DEFAULT_BRANCH") or None,
    )


SYSTEMS: tuple[tuple[str, Callable[[Environment], Build]], ...] = (
    ("GITHUB_ACTIONS", _github),
    ("GITLAB_CI", _gitlab),
    ("BITBUCKET_BUILD_NUMBER", _bitbucket),
    ("TF_BUILD", _azure),
    ("BUILDKITE", _buildkite),
    ("JENKINS_URL", _jenkins),
    ("JENKINS_HOME", _jenkins),  # nobody has told it its URL
)
"""The variable by which a system is known, and how its others are read."""


def _branch(ref: str | None) -> str | None:
    return (ref or "").removeprefix("refs/heads/") or None


def _commit(text: str | None) -> str | None:
    """A commit id, or None; zeros mean that there is none."""
    return text if text and _ID.match(text) and not _ZEROS.match(text) else None
