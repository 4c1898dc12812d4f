"""The other direction: what consumers begin to use that a contract has given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from workspai_hooks.changes.glance import spoken
from workspai_hooks.changes.service_configs import only_configs
from workspai_hooks.contract_files import CONTRACT_SUFFIXES, is_plumbing
from workspai_hooks.inspection.shared import by_severity
from workspai_hooks.report.report import Report
from workspai_hooks.tools.git import Repository

if TYPE_CHECKING:
    from workspai_hooks.changes.changeset import ChangeSet
    from workspai_hooks.configuration import Settings


def with_new_uses(repository: Repository, changes: ChangeSet, settings: Settings, report: Report) -> Report:
    """The other direction: what consumers begin to use that a contract has given up."""
    if changes.base is None or changes.base.entries == changes.head.entries or only_configs(changes):
        return report
    contracts = [path for path in changes.base.paths(*CONTRACT_SUFFIXES) if not is_plumbing(path)]
    said = spoken(repository, changes.base, changes.head, contracts) if contracts else None
    if said is None:
        return report
    from workspai_hooks.impact.consumer_changes import consumer_changes
    from workspai_hooks.workspace.workspace import survey

    found, undecided = consumer_changes(
        repository,
        changes.base,
        changes.head,
        changes.parents,
        contracts,
        said,
        lambda snapshot, schema: survey(snapshot, schema, settings.services, settings.edges),
        {finding.element for finding in report.findings},
    )
    return replace(
        report,
        findings=by_severity((*report.findings, *found)),
        undecided=tuple(dict.fromkeys((*report.undecided, *undecided))),
    )
