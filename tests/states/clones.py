"""Clones that have not everything: shallow, of one branch, partial."""

from __future__ import annotations

from pathlib import Path

from states.proof import State
from states.site import CONTRACT, FINE, Act, Site, contract, text

ALLOWED = {"WORKSPAI_FETCH": "1"}


def _on_topic(site: Site, at: Path, breaks: bool, **more: object) -> Act:
    site.git("switch", "--quiet", "--create", "mine", at=at)
    return site.write({CONTRACT: text(breaks)}, at).commit(at=at, **more)


def _topic_behind(site: Site) -> None:
    """On the remote: topic has two commits of its own, main has moved ahead."""
    for name in ("one", "two"):
        site.write({f"{name}.txt": name}).save(name)
    site.git("push", "--quiet", "origin", "topic")
    site.published({"README.md": "Closed.\n"})


def depth_1(site: Site, breaks: bool) -> Act:
    """`git clone --depth 1`, a commit on top: the base is here."""
    return _on_topic(site, site.clone("--depth=1"), breaks)


def depth_2(site: Site, breaks: bool) -> Act:
    """`git clone --depth 2` of all branches: the history of topic ends before it meets main."""
    _topic_behind(site)
    at = site.clone("--depth=2", "--no-single-branch", "--branch=topic")
    return _on_topic(site, at, breaks, remedy=(("fetch", "--unshallow", "origin"),))


def depth_2_enough(site: Site, breaks: bool) -> Act:
    """`git clone --depth 2` in which main has not moved: topic's history ends one commit below its tip."""
    site.write({"one.txt": "one"}).save("one")
    site.git("push", "--quiet", "origin", "topic")
    at = site.clone("--depth=2", "--no-single-branch", "--branch=topic")
    return _on_topic(site, at, breaks)


def single_branch(site: Site, breaks: bool) -> Act:
    """`git clone --single-branch` of topic: no origin/main to compare with."""
    _topic_behind(site)
    at = site.clone("--single-branch", "--branch=topic")
    fetch = ("fetch", "origin", "main:refs/remotes/origin/main")
    return _on_topic(site, at, breaks, remedy=(fetch,))


def single_branch_of_main(site: Site, breaks: bool) -> Act:
    """`git clone --single-branch` of main."""
    return _on_topic(site, site.clone("--single-branch", "--branch=main"), breaks)


def blobless(site: Site, breaks: bool) -> Act:
    """A partial clone (`--filter=blob:none`): all that the commit asks is here, from the checkout."""
    return _on_topic(site, site.clone("--filter=blob:none"), breaks)


def _older_base(site: Site, breaks: bool, **more: object) -> Act:
    """A partial clone of a topic that changed the contract before: the base's version is not here."""
    site.write({CONTRACT: FINE}).save()
    site.git("push", "--quiet", "origin", "topic")
    at = site.clone("--filter=blob:none", "--branch=topic")
    site.git("switch", "--quiet", "--create", "mine", at=at)
    changed = contract("a", "string z = 3;") if breaks else FINE.replace("message", "// A message.\nmessage")
    return site.write({CONTRACT: changed}, at).commit(at=at, **more)


def blobless_base(site: Site, breaks: bool) -> Act:
    """A partial clone in which the base's version of the contract is missing: nothing is fetched unasked."""
    return _older_base(site, breaks, allow=ALLOWED)


def blobless_allowed(site: Site, breaks: bool) -> Act:
    """The same, and the user allows to fetch (`WORKSPAI_FETCH=1`): what the question needs, and no more."""
    return _older_base(site, breaks, env=ALLOWED)


def _sparse(site: Site, breaks: bool, **more: object) -> Act:
    at = site.clone("--filter=blob:none", "--sparse")
    site.git("sparse-checkout", "set", "protos", ".husky", at=at)
    return _on_topic(site, at, breaks, **more)


def sparse(site: Site, breaks: bool) -> Act:
    """A sparse checkout of a partial clone: the consumers' sources are not here, and the report says so."""
    return _sparse(site, breaks)


def sparse_allowed(site: Site, breaks: bool) -> Act:
    """The same, and the user allows to fetch: the report names the consumer's line."""
    return _sparse(site, breaks, env=ALLOWED)


def _treeless(site: Site, breaks: bool, **more: object) -> Act:
    """A clone without the folders of older commits, on a topic that is one commit ahead of main."""
    site.write({"folder/one.txt": "one"}).save()
    site.git("push", "--quiet", "origin", "topic")
    at = site.clone("--filter=tree:0", "--branch=topic")
    site.git("switch", "--quiet", "--create", "mine", at=at)
    return site.write({CONTRACT: text(breaks)}, at).commit(at=at, **more)


def treeless(site: Site, breaks: bool) -> Act:
    """A partial clone (`--filter=tree:0`) in which the base's folders are missing."""
    return _treeless(site, breaks, allow=ALLOWED)


def treeless_allowed(site: Site, breaks: bool) -> Act:
    """The same, and the user allows to fetch."""
    return _treeless(site, breaks, env=ALLOWED)


STATES = (
    State("shallow, depth 1", depth_1),
    State("shallow, depth 2", depth_2, undecided=(True, False)),
    State("shallow, depth 2, base in it", depth_2_enough),
    State("single branch", single_branch, undecided=(True, False)),
    State("single branch, of main", single_branch_of_main),
    State("partial clone", blobless),
    State("partial clone without the base", blobless_base, undecided=(True, False), may_fetch=True),
    State("partial clone, sparse", sparse, sees_consumer=False),
    State("partial clone, sparse, fetching allowed", sparse_allowed, may_fetch=True),
    State("treeless clone", treeless, undecided=(True, False), may_fetch=True),
    State("treeless clone, fetching allowed", treeless_allowed, may_fetch=True),
    State("partial clone, fetching allowed", blobless_allowed, may_fetch=True),
)
