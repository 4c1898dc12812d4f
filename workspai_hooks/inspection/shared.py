"""What the questions of a run share: one order of findings, and which of them a commit itself brings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

from msgspec.structs import replace

from workspai_hooks.contract_files import CONTRACT_SUFFIXES, is_plumbing
from workspai_hooks.patterns import regex

if TYPE_CHECKING:
    from workspai_hooks.breaking.values import Break
    from workspai_hooks.changes.changeset import ChangeSet
    from workspai_hooks.changes.snapshot import Snapshot
    from workspai_hooks.contracts.protobuf.schema import Schema
    from workspai_hooks.errors import Undecided
    from workspai_hooks.findings import Consumer, Finding, Severity
    from workspai_hooks.tools.git import Repository

MAX_CONTRACTS = 300
"""Contracts that a change does not touch are compiled up to this number of all: about half a second."""

_SEPARATOR = regex(r"[./#:]")
"""Between what holds an element and its own name."""

MAX_OLDER_BASES = 20
"""So many ancestors are tried where the base can't be read."""


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The worst first."""
    return tuple(sorted(findings, key=lambda one: (one.severity.rank, one.location, one.rule, one.element)))


def causes_of(fault: Break) -> tuple[str, ...]:
    """What tells it from another one: the same element can break once more in another way."""
    return fault.causes or (f"{fault.rule} {fault.element} {fault.message} {fault.upstream_rules}",)


def earlier_faults(
    repository: Repository,
    changes: ChangeSet,
    breaks_between: Callable[[Snapshot, Snapshot], Iterable[Break]],
) -> frozenset[str]:
    """Causes of the breaks that a parent of the commit under way made: against its own merge base, not ours.

    In a merge a parent merely lacks what the base has newer than it; that is no break of its own.
    """
    from workspai_hooks.changes.snapshot import Snapshot

    assert changes.base is not None
    known: set[str] = set()
    read = {one.name: one for one in (changes.base, *(changes.parents or ()))}
    for parent in changes.parents or ():
        for fork in repository.merge_bases(changes.base.name, parent.name):
            before = read.get(fork) or Snapshot.of_commit(repository, fork)
            for one in breaks_between(before, parent):
                known.update(causes_of(one))
                known.update(_gone(one))
    return frozenset(known)


def _gone(fault: Break) -> Iterable[str]:
    """What is no longer there under its name, as causes."""
    from workspai_hooks import rules

    if rules.BY_ID[fault.rule].name.endswith(("-removed", "-renamed")):
        yield from (f"gone: {element}" for element in fault.reaches or (fault.element,))


def _went_before(fault: Break, earlier: frozenset[str]) -> bool:
    """Whether something is gone that a parent has not either, since it lacks what held it: a message comes
    back without a field."""
    from workspai_hooks import rules

    if not rules.BY_ID[fault.rule].name.endswith("-removed"):
        return False
    files = [place.path for place in (fault.base_location,) if place is not None]
    around = {f"gone: file:{path}" for path in (*files, fault.contract)}
    return all(
        not earlier.isdisjoint(around)
        or any(
            f"gone: {kind}{element[: found.start()]}" in earlier
            for found in _SEPARATOR.finditer(element)
            for kind in ("", "package:")
        )
        for element in fault.reaches or (fault.element,)
    )


def introduced(fault: Break, changes: ChangeSet, earlier: frozenset[str]) -> str:
    """`commit` where the commit under way brings the fault or a part of it, else `branch`: what became less
    bad (a number is reserved now that was only removed before) is no new one."""
    if changes.parents is None or fault.known or earlier.issuperset(causes_of(fault)):
        return "branch"
    return "branch" if _went_before(fault, earlier) else "commit"


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
        names=fault.reaches,
        home=fault.contract,
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


def all_contracts(snapshot: Snapshot) -> Schema:
    """What all contracts of a snapshot declare, nothing where they are too many: services call each other
    through them, and what is known to be theirs is not taken for what broke."""
    from workspai_hooks.contracts.protobuf.declared import schema_of
    from workspai_hooks.contracts.protobuf.schema import EMPTY
    from workspai_hooks.tools.buf import resolve_buf

    own = (path for path in snapshot.paths(*CONTRACT_SUFFIXES) if not is_plumbing(path))
    paths = list(islice(own, MAX_CONTRACTS + 1))
    return schema_of(snapshot, resolve_buf(), paths)[0] if 0 < len(paths) <= MAX_CONTRACTS else EMPTY


def contracts_alone(base: Snapshot, head: Snapshot) -> list[str] | None:
    """The contracts that differ, where nothing else does that somebody wrote: their stubs may have been made
    anew beside them. None where anything else differs."""
    paths = head.differing(base)
    others = [path for path in paths if not path.endswith(CONTRACT_SUFFIXES)]
    if others:
        from workspai_hooks.workspace.use_sites.headers import same_stubs

        if not same_stubs(base, head, others):
            return None
    return [path for path in paths if path.endswith(CONTRACT_SUFFIXES)]
