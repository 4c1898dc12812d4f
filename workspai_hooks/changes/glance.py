"""Whether a change of sources may newly use what a contract deprecates, reserves or has lost.

A glance at the added lines: it may say yes for nothing, and says no only where nothing can be found, in the
contracts or as far back as it looks. On the path of many commits, so that it loads next to nothing.
"""

from __future__ import annotations

from workspai_hooks.changes.given_up import PATHS, given_up, words_of
from workspai_hooks.changes.retired_words import Spoken, added_lines
from workspai_hooks.contract_files import is_source
from workspai_hooks.tools.staged import ABSENT, Git, Staged

TYPE_CHECKING = False  # as in typing, which takes longer to load than all of this
if TYPE_CHECKING:
    from collections.abc import Collection

    from workspai_hooks.changes.snapshot import Snapshot
    from workspai_hooks.tools.git import Repository

DEPTH = 2000
"""Commits of the first parents' line in which else is looked for what contracts have lost."""
MOST_VERSIONS = 1000
"""So many versions of contracts are looked into then."""


def may_use_retired(git: Git, staged: list[Staged]) -> bool:
    """`staged` is what the commit changes, no contract among it. What git does not say is worth a look."""
    sources = [one for one in staged if is_source(one.path)]
    if all(one.new == ABSENT for one in sources):
        return False
    try:
        texts = git.contents(blob for one in sources for blob in (one.old, one.new))
        old = [texts[one.old] for one in sources if one.old in texts]
        new = [(one.path, texts[one.new]) for one in sources if one.new in texts]
        said = Spoken(added_lines(old, new))
        if not said:
            return False
        words = given_up(git)
    except (OSError, ValueError):
        return True
    return words is None or said.of(words)


def spoken(repository: Repository, base: Snapshot, head: Snapshot, paths: Collection[str]) -> Spoken | None:
    """What the lines say that head's sources add to base's; None where the contracts at `paths` gave up
    nothing of it."""
    differing = [
        path
        for path in head.differing(base)
        if is_source(path) and (base.is_regular(path) or head.is_regular(path))
    ]
    new = sorted(head.read_many(differing).items())
    said = Spoken(added_lines(base.read_many(differing).values(), new) if new else b"")
    if not said:
        return None
    marked = base.read_many(paths)
    changed = [row for _, row in repository.history(base.name, PATHS, DEPTH)][:MOST_VERSIONS]
    blobs = repository.read(blob for one in changed for blob in (one.old, one.new))
    texts = marked | {blob: data for blob, data in blobs.items() if data is not None}
    return said if said.of(words_of(marked, changed, texts)) else None
