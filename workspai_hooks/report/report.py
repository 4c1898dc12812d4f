"""The outcome of a run, before it becomes text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from workspai_hooks.errors import Undecided
from workspai_hooks.findings import Consumer, Finding, Idle, Severity, Step

if TYPE_CHECKING:  # on the path of every commit
    from workspai_hooks.workspace.edges import Edge
    from workspai_hooks.workspace.services import Service


class Report(msgspec.Struct, frozen=True):
    """`base` is the commit compared with (None: unknown, or there is none), `head` is `index` or an id.

    `at_commit`: findings that the branch had before this commit are told, but do not fail it.
    """

    base: str | None = None
    how: str = ""
    head: str = "index"
    findings: tuple[Finding, ...] = ()
    rollout: tuple[Step, ...] = ()
    bump: Mapping[str, str] | None = None
    undecided: tuple[Undecided, ...] = ()
    timings_ms: Mapping[str, float] | None = None
    fail_on: Severity = Severity.ERROR
    at_commit: bool = True
    misused: str | None = None
    bases: tuple[tuple[str, str], ...] = ()
    """Commit and how it was found, of each, where the run compares with several; `base` is the first."""
    asked: tuple[str, ...] = ()
    """The bases that were named on the command line, as they were."""
    idle: tuple[Idle, ...] = ()
    """Approvals that cover nothing."""
    lasts: bool = True
    """Whether nothing was missing here, or taken from what nobody sees change, so that the same question gets
    the same report."""
    upstream: str = ""
    """The remote-tracking branch whose one merge base `base` is, where a push of what the commit under way
    makes is told the same; empty where it may be told something else."""

    def fails(self, finding: Finding) -> bool:
        """Whether a finding stops the commit or push."""
        mine = finding.introduced == "commit" or not self.at_commit
        return mine and finding.approved is None and finding.severity.rank <= self.fail_on.rank

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings, 2 wrong usage or configuration, 3 could not decide; 1 beats 3."""
        if self.misused is not None:
            return 2
        if any(self.fails(finding) for finding in self.findings):
            return 1
        return 3 if self.undecided else 0


class Outlook(msgspec.Struct, frozen=True):
    """Elements and who would be hit; `misused` is wrong usage."""

    verdicts: Mapping[str, tuple[Consumer, ...]]
    undecided: tuple[Undecided, ...] = ()
    misused: str | None = None

    @property
    def exit_code(self) -> int:
        """0, 2 for an unknown element, 3 where the contracts or the repository could not be read."""
        return 2 if self.misused else 3 if self.undecided else 0


class Survey(msgspec.Struct, frozen=True):
    """The service map."""

    services: tuple[Service, ...]
    edges: tuple[Edge, ...]
    undecided: tuple[Undecided, ...] = ()
    misused: str | None = None

    @property
    def exit_code(self) -> int:
        """0; 2 for a wrong configuration; 3 where nothing could be read. A part that could not is told."""
        return 2 if self.misused else 3 if self.undecided and not self.services else 0
