"""What the questions of a run share: one order of findings, and which of them a commit itself brings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from workspai_hooks.contract_files import CONTRACT_SUFFIXES, is_plumbing

if TYPE_CHECKING:
    from workspai_hooks.breaking.values import Break
    from workspai_hooks.changes.changeset import ChangeSet
    from workspai_hooks.changes.snapshot import Snapshot
    from workspai_hooks.contracts.protobuf.schema import Schema
    from workspai_hooks.findings import Finding
    from workspai_hooks.tools.git import Repository

MAX_OTHER_CONTRACTS = 300
"""Contracts beside those that a change touches are compiled up to this number: about half a second."""

Fault = tuple[str, str, str, tuple[str, ...]]


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The worst first."""
    return tuple(sorted(findings, key=lambda one: (one.severity.rank, one.location, one.rule, one.element)))


def identity(fault: Break) -> Fault:
    """The same element can break once more in another way under the same rule: that is a new break."""
    return fault.rule, fault.element, fault.message, fault.upstream_rules


def earlier_faults(
    repository: Repository,
    changes: ChangeSet,
    breaks_between: Callable[[Snapshot, Snapshot], Iterable[Break]],
) -> frozenset[Fault]:
    """Breaks that a parent of the commit under way made: against its own merge base, not against ours.

    In a merge a parent merely lacks what the base has newer than it; that is no break of its own.
    """
    from workspai_hooks.changes.snapshot import Snapshot

    assert changes.base is not None
    known: set[Fault] = set()
    for parent in changes.parents or ():
        for fork in repository.merge_bases(changes.base.name, parent.name):
            before = Snapshot.of_commit(repository, fork)
            known |= {identity(fault) for fault in breaks_between(before, parent)}
    return frozenset(known)


def introduced(fault: Break, changes: ChangeSet, earlier: frozenset[Fault]) -> str:
    """`commit` where the commit under way brings the fault, else `branch`."""
    new = changes.parents is not None and not fault.known and identity(fault) not in earlier
    return "commit" if new else "branch"


def other_contracts(snapshot: Snapshot, schema: Schema) -> Schema:
    """What the contracts declare that the change does not touch: services call each other through them, and
    what is known to be theirs is not taken for what broke."""
    from workspai_hooks.contracts.protobuf.declared import schema_of
    from workspai_hooks.contracts.protobuf.schema import EMPTY
    from workspai_hooks.tools.buf import resolve_buf

    others = [
        path
        for path in snapshot.paths(*CONTRACT_SUFFIXES)
        if path not in schema.files and not is_plumbing(path)
    ]
    return schema_of(snapshot, resolve_buf(), others)[0] if 0 < len(others) <= MAX_OTHER_CONTRACTS else EMPTY
