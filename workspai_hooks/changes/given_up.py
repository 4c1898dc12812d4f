"""The words of all that contracts have given up: what they deprecate and reserve, and what they lost in the
latest commits. Kept from one commit to the next, which asks git nothing then.

On the path of many commits, so that it loads next to nothing.
"""

from __future__ import annotations

import os

from workspai_hooks.changes.retired_words import declared_in, retired_in
from workspai_hooks.contract_files import CONTRACT_SUFFIXES, LFS_MARK
from workspai_hooks.fact_versions import VERSIONS
from workspai_hooks.tools import answers

TYPE_CHECKING = False  # as in typing, which takes longer to load than all of this
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workspai_hooks.tools.staged import Git, Staged

PATHS = tuple(f":(top)*{suffix}" for suffix in CONTRACT_SUFFIXES)
MOST_CHANGES = 300
"""So many recent versions of contracts are looked into at a commit."""
KIND = "given up"
_NAME = "given-up"


def given_up(git: Git) -> Sequence[str] | None:
    """The words, where the commit under way changes no contract; None where they stand elsewhere (Git LFS).
    OSError or ValueError where git does not answer.

    They hold for HEAD and for the contracts of the index, which are HEAD's. A commit that was made on top of
    that HEAD, and has the same contracts, has given up nothing more; those of longer ago that nobody would
    look for any more stay in.
    """
    state = _state(git)
    known = _recalled(git, *state) if state is not None else None
    if known is not None:
        return known
    marked = _marked(git)
    changed = [row for _, row in git.history("HEAD", PATHS)][:MOST_CHANGES]
    wanted = dict.fromkeys([*marked, *(blob for one in changed for blob in (one.old, one.new))])
    texts = git.contents(wanted)
    if any(texts[name].startswith(LFS_MARK) for name in marked if name in texts):
        return None
    words = sorted({word.replace("_", "").lower() for word in words_of(marked, changed, texts)})
    if state is not None and len(texts) == len(wanted):  # not so in a partial clone
        _keep(git, state[0], state[2], words)
    return words


def words_of(marked: Iterable[str], changed: Sequence[Staged], texts: Mapping[str, bytes]) -> set[str]:
    """The words of these contracts, and of what contracts lost in the latest commits."""
    words = {word for name in marked if name in texts for word in retired_in(texts[name])}
    for one in changed:
        if one.new in texts:
            words |= declared_in(texts.get(one.old, b"")) - declared_in(texts[one.new])
    return words


def _marked(git: Git) -> list[str]:
    """Contracts in the index, as git names them, that may deprecate or reserve something."""
    wanted = ("-w", "-e", "deprecated", "-e", "reserved", "-e", "git-lfs.github.com")
    listed = git.said("grep", "--cached", "--full-name", "--files-with-matches", "-z", *wanted, "--", *PATHS)
    return [f":{path}" for path in listed.split("\0") if path and "\n" not in path]


def _state(git: Git) -> tuple[str, str, str] | None:
    """HEAD, its first parent, and a digest of the contracts in the index; None where it can't be told, and
    in a shallow clone, whose history grows."""
    if answers.is_off() or _folder(git) is None or git.is_shallow():
        return None
    text = git.contents(["HEAD"]).get("HEAD")
    if text is None:
        return None
    header = text.partition(b"\n\n")[0].split(b"\n")
    parents = [line[7:].decode("ascii", "replace") for line in header if line.startswith(b"parent ")]
    contracts = git.digest_of(CONTRACT_SUFFIXES, len(git.ids["HEAD"]) // 2)
    return None if contracts is None else (git.ids["HEAD"], parents[0] if parents else "", contracts)


def _folder(git: Git) -> str | None:
    """Where they are kept: each work tree has a HEAD of its own."""
    top = git.git_dir()
    return None if top is None else os.path.join(top, answers.FOLDER, answers.WORDS)


def _recalled(git: Git, head: str, parent: str, contracts: str) -> list[str] | None:
    data = answers.recalled(_folder(git) or "", _NAME, VERSIONS.get(KIND, ""))
    if data is None:
        return None
    commit, same, *words = data.decode().split("\n")
    return words if commit in (head, parent) and same == contracts else None


def _keep(git: Git, head: str, contracts: str, words: Sequence[str]) -> None:
    if KIND in VERSIONS:
        body = "\n".join((head, contracts, *words)).encode()
        answers.keep(_folder(git) or "", _NAME, VERSIONS[KIND], body, most=1)
