"""Pushes: of which refs, from where, to what."""

from __future__ import annotations

from states.layouts import linked
from states.proof import State
from states.site import ADDED, BARE, BASE, BROKEN, CONTRACT, FIELD, FINE, OTHER, Act, Site, contract, text


def new_branch(site: Site, breaks: bool) -> Act:
    """A branch that the remote has not; the opposite is in the index."""
    site.write({CONTRACT: text(breaks)}).save()
    return site.write({CONTRACT: text(not breaks)}).push("origin", "topic")


def second(site: Site, breaks: bool) -> Act:
    """A branch that the remote has, by its upstream."""
    site.write({"README.md": "Closed.\n"}).save()
    site.git("push", "--quiet", "--set-upstream", "origin", "topic")
    site.write({CONTRACT: text(breaks)}).save()
    return site.push()


def earlier_commit(site: Site, breaks: bool) -> Act:
    """Only the second commit from the top breaks; the last one is of something else."""
    site.write({CONTRACT: text(breaks)}).save()
    site.write({"README.md": "Closed.\n"}).save()
    return site.push("origin", "topic")


def broken_and_mended(site: Site, breaks: bool) -> Act:
    """A commit breaks and a later one mends it; the other way round."""
    site.write({CONTRACT: text(not breaks)}).save()
    site.write({CONTRACT: text(breaks)}).save()
    return site.push("origin", "topic")


def pushed_already(site: Site, breaks: bool) -> Act:
    """The break was pushed before without hooks: the gate asks about the whole branch."""
    site.write({CONTRACT: text(breaks)}).save()
    site.git("push", "--quiet", "origin", "topic")
    site.write({"README.md": "Closed.\n"}).save()
    return site.push("origin", "topic")


def main_itself(site: Site, breaks: bool) -> Act:
    """A push of main, from main."""
    site.git("switch", "--quiet", "main")
    site.write({CONTRACT: text(breaks)}).save()
    return site.push("origin", "main", to="main", branch="main")


def main_has_moved(site: Site, breaks: bool) -> Act:
    """main has got a field since topic left it: topic did not delete it."""
    site.published({CONTRACT: FINE})
    site.git("fetch", "--quiet", "origin")
    site.write({CONTRACT: BROKEN if breaks else BASE.replace("message", "// A message.\nmessage")}).save()
    return site.push("origin", "topic")


def _other(site: Site, name: str, breaks: bool) -> None:
    """A branch beside topic, which stays checked out."""
    site.git("branch", name, "main")
    site.git("switch", "--quiet", name)
    site.write({CONTRACT: text(breaks)}).save(name)
    site.git("switch", "--quiet", "topic")


def not_checked_out(site: Site, breaks: bool) -> Act:
    """A branch that is not checked out; the one that is has the opposite."""
    _other(site, "other", breaks)
    site.write({CONTRACT: text(not breaks)}).save()
    return site.push("origin", "other", to="other", branch="other")


def several(site: Site, breaks: bool) -> Act:
    """Two branches in one push; the second one breaks."""
    site.write({CONTRACT: FINE}).save()
    _other(site, "zz", breaks)
    act = site.push("origin", "topic", "zz", branch="zz")
    return _landing(site, act, "topic", "zz")


def several_first(site: Site, breaks: bool) -> Act:
    """Two branches in one push; the first one breaks."""
    site.write({CONTRACT: text(breaks)}).save()
    _other(site, "zz", False)
    return _landing(site, site.push("origin", "topic", "zz"), "topic", "zz")


def all_branches(site: Site, breaks: bool) -> Act:
    """`git push --all`."""
    _other(site, "aa", breaks)
    site.write({CONTRACT: FINE}).save()
    return _landing(site, site.push("--all", "origin", branch="aa"), "topic", "aa")


def _landing(site: Site, act: Act, *branches: str) -> Act:
    from msgspec.structs import replace

    return replace(act, lands=tuple((site.bare, f"{one}:{CONTRACT}") for one in branches))


def root(site: Site, breaks: bool) -> Act:
    """The first push into an empty repository: a root, with which nothing can be compared."""
    site.git("init", "--quiet", "--bare", "--template=", "empty.git", at=site.folder)
    site.git("remote", "set-url", "origin", "../empty.git")
    for ref in ("refs/remotes/origin/HEAD", "refs/remotes/origin/main"):
        site.git("update-ref", "--no-deref", "-d", ref)
    site.git("switch", "--quiet", "main")
    site.write({CONTRACT: text(breaks)}).save()
    return site.push("origin", "main", lands=())


def topic_to_empty(site: Site, breaks: bool) -> Act:
    """A topic is pushed into an empty repository: compared with the local main."""
    act = root(site, False)
    site.git("switch", "--quiet", "topic")
    site.write({CONTRACT: text(breaks)}).save()
    site.git("switch", "--quiet", "main")
    from msgspec.structs import replace

    empty = site.folder / "empty.git"
    return replace(act, argv=("push", "--quiet", "origin", "topic"), lands=((empty, f"topic:{CONTRACT}"),))


def forced(site: Site, breaks: bool) -> Act:
    """`git push --force` after a rebase onto a main that has moved."""
    site.write({CONTRACT: text(breaks)}).save()
    site.git("push", "--quiet", "origin", "topic")
    site.published({"README.md": "Closed.\n"})
    site.git("rebase", "--quiet", "main")
    return site.push("--force", "origin", "topic")


def forced_back(site: Site, breaks: bool) -> Act:
    """`git push --force` of a branch that was reset: what it had was broken, what it has is the change."""
    site.write({CONTRACT: text(not breaks)}).save()
    site.git("push", "--quiet", "origin", "topic")
    site.git("reset", "--quiet", "--hard", "main")
    site.write({CONTRACT: text(breaks)}).save()
    return site.push("--force", "origin", "topic")


def deleted_ref(site: Site, breaks: bool) -> Act:
    """`git push --delete`, from a branch with a break that is not pushed."""
    site.git("push", "--quiet", "origin", "topic:gone")
    site.write({CONTRACT: BROKEN}).save()
    return site.push("--delete", "origin", "gone", lands=())


def deleted_and_pushed(site: Site, breaks: bool) -> Act:
    """A ref is deleted and a branch pushed at once."""
    site.git("push", "--quiet", "origin", "topic:aa-gone")
    site.write({CONTRACT: text(breaks)}).save()
    return site.push("origin", ":aa-gone", "topic")


def up_to_date(site: Site, breaks: bool) -> Act:
    """Nothing is to be pushed; the branch that is checked out breaks, and is not pushed."""
    site.write({CONTRACT: BROKEN}).save()
    return site.push("origin", "main", lands=())


def tag(site: Site, breaks: bool) -> Act:
    """A lightweight tag of a commit that no branch on the remote has."""
    site.write({CONTRACT: text(breaks)}).save()
    site.git("tag", "v1")
    return site.push("origin", "v1", to="v1", branch="v1")


def annotated(site: Site, breaks: bool) -> Act:
    """An annotated tag, whose object is no commit."""
    site.write({CONTRACT: text(breaks)}).save()
    site.git("tag", "--annotate", "-m", "v1", "v1")
    return site.push("origin", "v1", to="v1", branch="v1")


def renamed(site: Site, breaks: bool) -> Act:
    """To a branch of another name (`topic:refs/heads/review/1`)."""
    site.write({CONTRACT: text(breaks)}).save()
    return site.push("origin", "topic:refs/heads/review/1", to="review/1", branch="review/1")


def below_head(site: Site, breaks: bool) -> Act:
    """A commit below HEAD, which has the opposite."""
    site.write({CONTRACT: text(breaks)}).save()
    site.write({CONTRACT: text(not breaks)}).save()
    return site.push("origin", "HEAD~1:refs/heads/topic")


def detached(site: Site, breaks: bool) -> Act:
    """HEAD is detached."""
    site.write({CONTRACT: text(breaks)}).save()
    site.git("checkout", "--quiet", "--detach")
    return site.push("origin", "HEAD:refs/heads/topic")


def by_path(site: Site, breaks: bool) -> Act:
    """To a path instead of a remote's name."""
    site.write({CONTRACT: text(breaks)}).save()
    return site.push(f"../{BARE}", "topic")


def to_a_fork(site: Site, breaks: bool) -> Act:
    """To a second remote: origin's main is what counts."""
    site.git("clone", "--quiet", "--bare", "--template=", BARE, "fork.git", at=site.folder)
    site.git("remote", "add", "fork", "../fork.git")
    site.git("fetch", "--quiet", "fork")
    site.write({CONTRACT: text(breaks)}).save()
    return site.push("fork", "topic", lands=((site.folder / "fork.git", f"topic:{CONTRACT}"),))


def from_linked(site: Site, breaks: bool) -> Act:
    """From a linked worktree."""
    act = linked(site, breaks)
    site.save(at=act.at)
    return site.push("origin", "other", at=act.at, to="other", branch="other")


def from_subfolder(site: Site, breaks: bool) -> Act:
    """From a folder below the top."""
    site.write({CONTRACT: text(breaks)}).save()
    return site.push("origin", "topic", at=site.work / "protos")


def from_shallow(site: Site, breaks: bool) -> Act:
    """From a clone of depth 1."""
    at = site.clone("--depth=1")
    site.git("switch", "--quiet", "--create", "topic", at=at)
    site.write({CONTRACT: text(breaks)}, at).save(at=at)
    return site.push("origin", "topic", at=at)


def from_partial(site: Site, breaks: bool) -> Act:
    """From a partial clone (`--filter=blob:none`)."""
    at = site.clone("--filter=blob:none")
    site.git("switch", "--quiet", "--create", "topic", at=at)
    site.write({CONTRACT: text(breaks)}, at).save(at=at)
    return site.push("origin", "topic", at=at)


def merge_commit(site: Site, breaks: bool) -> Act:
    """A merge of main, in which the topic's resolution dropped main's new field."""
    site.write({"README.md": "Closed.\n"}).save()
    site.published({CONTRACT: FINE})
    strategy = ("-s", "ours") if breaks else ()
    site.git("merge", "--quiet", "--no-edit", *strategy, "origin/main")
    return site.push("origin", "topic", needs=(FIELD, ADDED), lands=((site.bare, f"topic:{CONTRACT}"),))


def two_contracts(site: Site, breaks: bool) -> Act:
    """Two contracts in two commits, the older one breaks."""
    site.write({OTHER: contract("b", *(() if breaks else (FIELD, "bool n = 9;")))}).save()
    site.write({CONTRACT: FINE}).save()
    return site.push("origin", "topic")


def no_verify(site: Site, breaks: bool) -> Act:
    """`git push --no-verify`."""
    site.write({CONTRACT: text(breaks)}).save()
    return site.push("--no-verify", "origin", "topic")


def tag_of_a_blob(site: Site, breaks: bool) -> Act:
    """A tag of an object that is no commit, from a branch with a break that is not pushed."""
    site.git("tag", "key", f"HEAD:{CONTRACT}")
    site.write({CONTRACT: BROKEN}).save()
    return site.push("origin", "key", lands=())


def notes(site: Site, breaks: bool) -> Act:
    """`refs/notes`: a history of its own without contracts."""
    site.git("notes", "add", "-m", "seen", "HEAD")
    site.write({CONTRACT: BROKEN}).save()
    return site.push("origin", "refs/notes/commits", lands=())


def orphan(site: Site, breaks: bool) -> Act:
    """A history of its own with contracts: with what it is compared, only the user can say."""
    site.git("checkout", "--quiet", "--orphan", "topic-2")
    site.write({CONTRACT: text(breaks)}).save()
    return site.push("origin", "topic-2", to="topic-2")


GREEN_ONLY = (False,)

STATES = (
    State("push of a new branch", new_branch),
    State("second push", second),
    State("break below the tip", earlier_commit),
    State("broken and mended", broken_and_mended),
    State("pushed before without hooks", pushed_already),
    State("push of main", main_itself),
    State("push, main has moved", main_has_moved),
    State("push of another branch", not_checked_out),
    State("several refs, the first breaks", several_first),
    State("several refs, the second breaks", several),
    State("push --all", all_branches),
    State("first push of a root", root, GREEN_ONLY),
    State("topic into an empty remote", topic_to_empty),
    State("force-push after a rebase", forced),
    State("force-push after a reset", forced_back),
    State("deleted ref", deleted_ref, GREEN_ONLY),
    State("deleted ref and a branch", deleted_and_pushed),
    State("nothing to push", up_to_date, GREEN_ONLY),
    State("push of a tag", tag),
    State("push of an annotated tag", annotated),
    State("push of a tag of a blob", tag_of_a_blob, GREEN_ONLY),
    State("push of notes", notes, GREEN_ONLY),
    State("push of an orphan branch", orphan, undecided=(True, False)),
    State("push under another name", renamed),
    State("push of a commit below HEAD", below_head),
    State("push from detached HEAD", detached),
    State("push to a path", by_path),
    State("push to a fork", to_a_fork),
    State("push from a linked worktree", from_linked),
    State("push from a subfolder", from_subfolder),
    State("push from a shallow clone", from_shallow),
    State("push from a partial clone", from_partial),
    State("push of a merge", merge_commit),
    State("push of two contracts", two_contracts),
    State("push --no-verify", no_verify),
)
