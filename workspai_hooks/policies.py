"""The verb `resilience`: what is missing or unsafe in timeouts and retries, over the whole workspace; which
line says what of an operation; a patch of all that is certain to mend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec.structs import replace

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.changes.worktree import of_worktree
from workspai_hooks.configuration import Settings, may_fetch, settings_of
from workspai_hooks.contracts.helm.side import holds, inside
from workspai_hooks.errors import Undecided, UndecidedError, UsageError
from workspai_hooks.inspection.approved import approved
from workspai_hooks.inspection.policies import Policies, of_all, policies_of, view_of
from workspai_hooks.inspection.request import Tell
from workspai_hooks.report.report import Report
from workspai_hooks.resilience.explain import Explained, explain
from workspai_hooks.resilience.patches import Patch, patch_of
from workspai_hooks.timings import Timings
from workspai_hooks.tools.git import Repository


class Request(msgspec.Struct, frozen=True):
    """`paths`: only what stands in or below these, as seen from `folder`; `patch`: whether it is asked."""

    folder: Path
    paths: tuple[str, ...] = ()
    patch: bool = False


class Answer(msgspec.Struct, frozen=True):
    """`patch` has the fixes of all findings, where it was asked for."""

    report: Report
    patch: Patch = Patch("")


class Explanation(msgspec.Struct, frozen=True):
    """What was found of an operation; `misused`: there is none of this name."""

    operations: tuple[Explained, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    misused: str | None = None

    @property
    def exit_code(self) -> int:
        return 2 if self.misused is not None else 3 if self.undecided and not self.operations else 0


def examine(request: Request, tell: Tell = lambda _: None) -> Answer:
    """Answer a request. Never raises for what a repository or its tools may do: the report says it."""
    timings = Timings()
    try:
        with _looked_at(request.folder) as (snapshot, settings, here), timings.of("resilience"):
            paths = [_inside(here, path, snapshot) for path in request.paths]
            found = policies_of(snapshot, settings, tell)
            report = _report(snapshot, settings, found, paths)
            patch = _patch(snapshot, found, report) if request.patch else Patch("")
            answer = Answer(report, patch)
    except UndecidedError as error:
        answer = Answer(Report(undecided=(error.undecided,)))
    except UsageError as error:
        answer = Answer(Report(misused=str(error)))
    return replace(answer, report=replace(answer.report, timings_ms=timings.all()))


def explained(folder: Path, operation: str, tell: Tell = lambda _: None) -> Explanation:
    """What holds for an operation, and why."""
    try:
        with _looked_at(folder) as (snapshot, settings, _):
            view, undecided = view_of(snapshot, settings, tell)
            found = explain(view, operation)
    except UndecidedError as error:
        return Explanation(undecided=(error.undecided,))
    except UsageError as error:
        return Explanation(misused=str(error))
    if not found and undecided:
        return Explanation(undecided=tuple(undecided))
    return Explanation(tuple(found))


@contextmanager
def _looked_at(folder: Path) -> Iterator[tuple[Snapshot, Settings, str]]:
    """The work tree, its settings, and where `folder` is in it."""
    repository = Repository.open(folder, may_fetch)
    try:
        if repository.top == repository.git_dir:
            raise UsageError("resilience: there is no work tree here (a bare repository)")
        snapshot = of_worktree(repository, lambda _: True)
        here = folder.resolve().relative_to(repository.top.resolve()).as_posix()
        yield snapshot, settings_of(snapshot), here
    finally:
        repository.close()


def _report(snapshot: Snapshot, settings: Settings, found: Policies, paths: Sequence[str]) -> Report:
    findings = tuple(
        one
        for one in of_all(found, settings)
        if any(_is_asked(at.path, paths) for at in (one.location, *one.related))
    )
    report = Report(
        how=snapshot.name,
        head=snapshot.name,
        findings=findings,
        undecided=tuple(one for one in found.undecided if _is_asked(one.what.partition(":")[0], paths)),
        fail_on=settings.fail_on,
        at_commit=False,
    )
    return approved(report, snapshot, (), all_told=False)


def _patch(snapshot: Snapshot, found: Policies, report: Report) -> Patch:
    left = [one.fingerprint for one in report.findings if one.approved is None]
    return patch_of(snapshot, [found.fixes[one] for one in left if one in found.fixes])


def _inside(folder: str, path: str, snapshot: Snapshot) -> str:
    """A path as seen from the repository's top; `UsageError` where nothing is there."""
    found = inside(folder, path)
    if found is None or not any(holds(found, one) for one in snapshot.entries):
        raise UsageError(f"resilience: {path}: no such file or folder")
    return found


def _is_asked(path: str, paths: Sequence[str]) -> bool:
    return not paths or any(holds(one, path) for one in paths)
