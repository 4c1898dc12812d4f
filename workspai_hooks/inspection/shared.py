"""What the questions of a run share: one order of findings, and which of them a commit itself brings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from msgspec.structs import replace

from workspai_hooks.contract_files import CONTRACT_SUFFIXES, is_plumbing

if TYPE_CHECKING:
    from workspai_hooks.breaking.values import Break
    from workspai_hooks.changes.changeset import ChangeSet
    from workspai_hooks.changes.snapshot import Snapshot
    from workspai_hooks.contracts.protobuf.schema import Schema
    from workspai_hooks.errors import Undecided
    from workspai_hooks.findings import Consumer, Finding, Severity
    from workspai_hooks.tools.git import Repository

MAX_OTHER_CONTRACTS = 300
"""Contracts beside those that a change touches are compiled up to this number: about half a second."""

MAX_OLDER_BASES = 20
"""So many ancestors are tried where the base can't be read."""

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


def finding_of(
    fault: Break, contract: str, severity: Severity, brought: str, consumers: tuple[Consumer, ...]
) -> Finding:
    """A break as it is reported, at the severity that it has by then; `brought` is `commit` or `branch`."""
    from workspai_hooks.findings import Finding

    return Finding(
        rule=fault.rule,
        severity=severity,
        contract=contract,
        element=fault.element,
        message=fault.message,
        location=fault.location,
        surfaces=fault.surfaces,
        upstream_rules=fault.upstream_rules,
        base_location=fault.base_location,
        introduced=brought,
        consumers=consumers,
        related=fault.related,
        operations=fault.operations,
        change=fault.change or fault.message,
    )


class _Answer(Protocol):
    @property
    def base_errors(self) -> tuple[Undecided, ...]: ...


A = TypeVar("A", bound=_Answer)


def on_readable_base(
    repository: Repository,
    changes: ChangeSet,
    compare: Callable[[ChangeSet], A],
    sought: Callable[[A], Sequence[str]],
    how: str,
) -> tuple[ChangeSet, A]:
    """A comparison; where only the base can't be read, with its nearest ancestor that can, which `how` tells
    of. `sought` are the paths that stand differently in an ancestor that is worth a try. What no ancestor
    mends is given back as it was, with its `base_errors`.
    """
    from workspai_hooks.changes.changeset import on_older_base

    assert changes.base is not None
    first = answer = compare(changes)
    older = changes
    for _ in range(MAX_OLDER_BASES):
        if not answer.base_errors:
            return older, answer
        ancestor = on_older_base(repository, older, sought(answer))
        if ancestor is None:
            break
        older = replace(ancestor, how=f"nearest ancestor of {changes.base.name[:12]} that {how}")
        answer = compare(older)
    return changes, first


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
