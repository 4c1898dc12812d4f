"""The verb `resilience`: what is missing or unsafe in timeouts and retries, over the whole workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from workspai_hooks.changes.worktree import of_worktree
from workspai_hooks.configuration import may_fetch, settings_of
from workspai_hooks.errors import UndecidedError, UsageError
from workspai_hooks.inspection.policies import of_all, policies_of
from workspai_hooks.inspection.shared import by_severity
from workspai_hooks.report.report import Report
from workspai_hooks.timings import Timings
from workspai_hooks.tools.git import Repository

Tell = Callable[[str], None]


class Request(msgspec.Struct, frozen=True):
    """`paths`: only what stands in or below these, from the repository's top."""

    folder: Path
    paths: tuple[str, ...] = ()


def examine(request: Request, tell: Tell = lambda _: None) -> Report:
    """Answer a request. Never raises for what a repository or its tools may do: the report says it."""
    timings = Timings()
    repository = None
    try:
        repository = Repository.open(request.folder, may_fetch)
        if repository.top == repository.git_dir:
            raise UsageError("resilience: there is no work tree here (a bare repository)")
        snapshot = of_worktree(repository, lambda _: True)
        settings = settings_of(snapshot)
        with timings.of("resilience"):
            found = policies_of(snapshot, settings, tell)
        findings = [one for one in of_all(found, settings) if _is_asked(one.location.path, request.paths)]
        report = Report(
            how=snapshot.name,
            head=snapshot.name,
            findings=by_severity(findings),
            undecided=tuple(one for one in found.undecided if _is_asked(one.what, request.paths)),
            fail_on=settings.fail_on,
            at_commit=False,
        )
    except UndecidedError as error:
        report = Report(undecided=(error.undecided,))
    except UsageError as error:
        report = Report(misused=str(error))
    finally:
        if repository is not None:
            repository.close()
    return replace(report, timings_ms=timings.all())


def _is_asked(place: str, paths: Sequence[str]) -> bool:
    path = place.partition(":")[0]
    return not paths or any(path == one or path.startswith(f"{one.rstrip('/')}/") for one in paths)
