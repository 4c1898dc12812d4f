"""Whether a change of sources may newly use what a contract deprecates, reserves or has lost.

A glance at the added lines: it may say yes for nothing, and says no only where nothing can be found, in the
contracts or as far back as it looks. For the index three short git commands; on the path of many commits, so
that it loads next to nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from workspai_hooks.changes.retired_words import (
    Spoken,
    added_lines,
    declared_in,
    is_source,
    retired_in,
)
from workspai_hooks.contract_files import CONTRACT_SUFFIXES, LFS_MARK
from workspai_hooks.tools.staged import ABSENT, Git, Staged

TYPE_CHECKING = False  # as in typing, which takes longer to load than all of this
if TYPE_CHECKING:
    from workspai_hooks.changes.snapshot import Snapshot
    from workspai_hooks.tools.git import Repository

PATHS = tuple(f":(top)*{suffix}" for suffix in CONTRACT_SUFFIXES)

MOST_CHANGES = 300
"""So many recent versions of contracts are looked into at a commit."""
DEPTH = 2000
"""Commits of the first parents' line in which else is looked for what contracts have lost."""
MOST_VERSIONS = 1000
"""So many versions of contracts are looked into then."""


def may_use_retired(git: Git, staged: list[Staged]) -> bool:
    """`staged` is what the commit changes. What git does not say is worth a look."""
    sources = [one for one in staged if is_source(one.path) and one.new != ABSENT]
    if not sources:
        return False
    try:
        marked = _marked(git)
        changed = [row for _, row in git.history("HEAD", PATHS)][:MOST_CHANGES]
        if not marked and not changed:
            return False
        blobs = [blob for one in (*changed, *staged) for blob in (one.old, one.new)]
        texts = git.contents([*marked, *blobs])
    except (OSError, ValueError):
        return True
    if any(texts[name].startswith(LFS_MARK) for name in marked if name in texts):
        return True  # what it says stands elsewhere
    old = [texts[one.old] for one in staged if one.old in texts]
    new = [(one.path, texts[one.new]) for one in sources if one.new in texts]
    return Spoken(added_lines(old, new)).of(_words(marked, changed, texts))


def spoken(repository: Repository, base: Snapshot, head: Snapshot, paths: Collection[str]) -> Spoken | None:
    """What the lines say that head's sources add to base's; None where the contracts at `paths` gave up
    nothing of it."""
    every = {path for one in (base, head) for path in one.paths() if is_source(path)}
    differing = sorted(path for path in every if base.entries.get(path) != head.entries.get(path))
    new = sorted(head.read_many(differing).items())
    said = Spoken(added_lines(base.read_many(differing).values(), new) if new else b"")
    if not said:
        return None
    marked = base.read_many(paths)
    changed = [row for _, row in repository.history(base.name, PATHS, DEPTH)][:MOST_VERSIONS]
    blobs = repository.read(blob for one in changed for blob in (one.old, one.new))
    texts = marked | {blob: data for blob, data in blobs.items() if data is not None}
    return said if said.of(_words(marked, changed, texts)) else None


def _marked(git: Git) -> list[str]:
    """Contracts in the index, as git names them, that may deprecate or reserve something."""
    wanted = ("-w", "-e", "deprecated", "-e", "reserved", "-e", "git-lfs.github.com")
    listed = git.said("grep", "--cached", "--full-name", "--files-with-matches", "-z", *wanted, "--", *PATHS)
    return [f":{path}" for path in listed.split("\0") if path and "\n" not in path]


def _words(marked: Iterable[str], changed: list[Staged], texts: dict[str, bytes]) -> set[str]:
    """The words of these contracts, and of what contracts lost in the latest commits."""
    words = {word for name in marked if name in texts for word in retired_in(texts[name])}
    for one in changed:
        if one.new in texts:
            words |= declared_in(texts.get(one.old, b"")) - declared_in(texts[one.new])
    return words
