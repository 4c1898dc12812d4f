"""A change seen from its consumers: do its sources begin to use what a contract has given up?

Asked only where the added lines name something that a contract has given up (changes/glance.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache

from msgspec.structs import replace

from workspai_hooks.changes.retired_words import Spoken
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contract_files import CONTRACT_SUFFIXES
from workspai_hooks.contracts.protobuf import affected
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.contracts.protobuf.tree import Blobs, Tree
from workspai_hooks.errors import Undecided
from workspai_hooks.findings import Finding
from workspai_hooks.impact.newly_used import NewUse, findings, newly_used
from workspai_hooks.impact.retired import Contracts, Copy, Given, given_up, read_contracts, still
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.tools.git import Repository
from workspai_hooks.workspace.workspace import Workspace

MAX_CONTRACTS = 300
"""Of more contracts only those are compiled that gave up something which the change names, and importers."""

Survey = Callable[[Snapshot, Schema], Workspace]
Answer = tuple[tuple[Finding, ...], tuple[Undecided, ...]]


def consumer_changes(
    repository: Repository,
    base: Snapshot,
    head: Snapshot,
    parents: Sequence[Snapshot] | None,
    paths: Sequence[str],
    spoken: Spoken,
    survey: Survey,
    broken: Collection[str] = (),
) -> Answer:
    """Findings on new uses of what the contracts at `paths` have given up, and what could not be read of it.

    `spoken` is what the added lines say; `parents` what a commit under way stands on, None where there is
    none; what is `broken` is told already.
    """
    given = given_up(repository, base, paths)
    named = sorted(path for path, words in given.words.items() if spoken.of(words))
    if not named:
        return (), ()
    contracts = _contracts(repository, base, head, _compiled(base, paths, named), given, spoken)
    open_questions = tuple(sorted({problem for path, problem in contracts.errors if path in named}))
    contracts = _without(contracts, broken)
    if not contracts.elements:
        return (), open_questions
    after = survey(head, contracts.schema)
    before = cache(lambda: survey(base, contracts.schema))
    new = newly_used(contracts, before, after)
    introduced = _introduced(base, parents, contracts, before, survey)
    return findings(new, contracts, after, introduced), open_questions


def _compiled(base: Snapshot, paths: Sequence[str], named: Sequence[str]) -> Sequence[str]:
    if len(paths) <= MAX_CONTRACTS:
        return paths
    tree = Tree(base, Blobs())
    return sorted({*named, *affected.importers(tree, named, transitive=True)} & set(paths))


def _contracts(
    repository: Repository,
    base: Snapshot,
    head: Snapshot,
    paths: Sequence[str],
    given: Given,
    spoken: Spoken,
) -> Contracts:
    """What the base has given up, and head has not taken back."""
    buf = resolve_buf()
    contracts = read_contracts(repository, base, buf, paths, given.losses, spoken.of)
    names = {path for one in (base, head) for path in one.paths(*CONTRACT_SUFFIXES)}
    if not contracts.elements or all(base.entries.get(p) == head.entries.get(p) for p in names):
        return contracts
    here = [path for path in paths if path in head.entries]
    return still(contracts, read_contracts(repository, head, buf, here, (), spoken.of))


def _without(contracts: Contracts, broken: Collection[str]) -> Contracts:
    copies = {
        path: Copy(path, copy.declares, {e: one for e, one in copy.retired.items() if e not in broken})
        for path, copy in contracts.copies.items()
    }
    return replace(contracts, copies=copies)


def _introduced(
    base: Snapshot,
    parents: Sequence[Snapshot] | None,
    contracts: Contracts,
    before: Callable[[], Workspace],
    survey: Survey,
) -> Callable[[NewUse], str]:
    """Whether the commit under way brings a use, or the branch has it already."""

    @cache
    def known() -> frozenset[tuple[str, str]]:
        others = [parent for parent in parents or () if parent.entries != base.entries]
        return frozenset(
            (one.retired.element, one.service)
            for parent in others
            for one in newly_used(contracts, before, survey(parent, contracts.schema))
        )

    def introduced(use: NewUse) -> str:
        if parents is None:
            return "branch"
        return "branch" if (use.retired.element, use.service) in known() else "commit"

    return introduced
