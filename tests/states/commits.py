"""Commits of every kind, on an ordinary clone."""

from __future__ import annotations

from states.proof import State
from states.site import CONTRACT, FIELD, OTHER, Act, Site, contract, text


def normal(site: Site, breaks: bool) -> Act:
    """The contract is staged; then `git commit`."""
    return site.write({CONTRACT: text(breaks)}).commit()


def nothing_of_ours(site: Site, breaks: bool) -> Act:
    """A commit that touches no contract, on a branch that has a break already in the work tree."""
    return site.put({CONTRACT: text(True)}).write({"README.md": "Closed.\n"}).commit()


def partly_staged(site: Site, breaks: bool) -> Act:
    """Staged, and the opposite in the work tree: a break that is mended there, a break that is only there."""
    return site.write({CONTRACT: text(breaks)}).put({CONTRACT: text(not breaks)}).commit()


def by_hunks(site: Site, breaks: bool) -> Act:
    """`git commit --patch`: two contracts differ, the first hunk is taken, the second is not."""
    site.put({CONTRACT: text(breaks), OTHER: contract("b", *(() if not breaks else (FIELD, "bool n = 9;")))})
    return site.commit("--patch", stdin="y\nn\n")


def everything(site: Site, breaks: bool) -> Act:
    """`git commit -a`, with the opposite in the index."""
    return site.write({CONTRACT: text(not breaks)}).put({CONTRACT: text(breaks)}).commit("-a")


def of_a_path(site: Site, breaks: bool) -> Act:
    """`git commit PATH`: git makes a temporary index; what else is staged is not in the commit."""
    other = contract("b", *(() if not breaks else (FIELD, "bool n = 9;")))
    return site.write({OTHER: other}).put({CONTRACT: text(breaks)}).commit("--", CONTRACT)


def only(site: Site, breaks: bool) -> Act:
    """`git commit --only PATH` of a contract that is staged in another version."""
    return site.write({CONTRACT: text(not breaks)}).put({CONTRACT: text(breaks)}).commit("--only", CONTRACT)


def include(site: Site, breaks: bool) -> Act:
    """`git commit --include PATH`: what is staged, and the path as it is in the work tree."""
    site.write({CONTRACT: text(breaks)}).put({"README.md": "Closed.\n", OTHER: contract("b")})
    return site.commit("--include", "README.md")


def amend(site: Site, breaks: bool) -> Act:
    """`git commit --amend` with a change; the other variant mends what the commit that it replaces broke."""
    site.write({CONTRACT: text(not breaks)}).save("to be amended")
    return site.write({CONTRACT: text(breaks)}).commit("--amend")


def amend_nothing(site: Site, breaks: bool) -> Act:
    """`git commit --amend` of the message alone; the commit was made without hooks."""
    site.write({CONTRACT: text(breaks)}).save("to be amended")
    return site.commit("--amend")


def empty(site: Site, breaks: bool) -> Act:
    """`git commit --allow-empty` with the opposite in the work tree; the branch has the change already."""
    site.write({CONTRACT: text(breaks)}).save()
    return site.put({CONTRACT: text(not breaks)}).commit("--allow-empty")


def detached(site: Site, breaks: bool) -> Act:
    """HEAD is detached, some commits behind main."""
    site.git("checkout", "--quiet", "--detach", "main~1")
    return site.write({CONTRACT: text(breaks)}).commit()


def subfolder(site: Site, breaks: bool) -> Act:
    """`git commit` from a folder below the top."""
    at = site.work / "protos"
    return site.write({CONTRACT: text(breaks)}).commit(at=at)


def fixup(site: Site, breaks: bool) -> Act:
    """`git commit --fixup`."""
    return site.write({CONTRACT: text(breaks)}).act("commit", "--quiet", "--fixup", "HEAD")


def without_hooks(site: Site, breaks: bool) -> Act:
    """`git commit --no-verify`."""
    return site.write({CONTRACT: text(breaks)}).commit("--no-verify")


def plumbing(site: Site, breaks: bool) -> Act:
    """`git commit-tree` and `git update-ref`, as tools of all kinds do it."""
    tree = site.write({CONTRACT: text(breaks)}).git("write-tree").strip()
    made = site.git("commit-tree", tree, "-p", "HEAD", "-m", "by plumbing").strip()
    return site.act("update-ref", "refs/heads/topic", made)


def announced(site: Site, breaks: bool) -> Act:
    """`git add --intent-to-add` has announced a file that imports what does not exist."""
    new = contract("n").replace("message", 'import "protos/missing.proto";\n\nmessage')
    site.write({CONTRACT: text(breaks)}).put({"protos/new.proto": new})
    site.git("add", "--intent-to-add", "protos/new.proto")
    return site.commit()


def stash_waits(site: Site, breaks: bool) -> Act:
    """The opposite waits in the stash."""
    site.put({CONTRACT: text(not breaks)}).git("stash", "push", "--quiet")
    return site.write({CONTRACT: text(breaks)}).commit()


def stash_popped(site: Site, breaks: bool) -> Act:
    """`git stash pop --index` has brought back a staged change, and the opposite unstaged."""
    site.write({CONTRACT: text(breaks)}).put({CONTRACT: text(not breaks)})
    site.git("stash", "push", "--quiet")
    site.git("stash", "pop", "--quiet", "--index")
    return site.commit()


def unseen_by_status(site: Site, breaks: bool) -> Act:
    """`--assume-unchanged` hides the opposite in the work tree from git."""
    site.write({CONTRACT: text(breaks)})
    site.git("update-index", "--assume-unchanged", CONTRACT)
    return site.put({CONTRACT: text(not breaks)}).commit()


def index_of_the_user(site: Site, breaks: bool) -> Act:
    """The user's GIT_INDEX_FILE names another index; the usual one has the opposite."""
    env = {"GIT_INDEX_FILE": str(site.folder / "work/.git/index.of-mine")}
    site.git("read-tree", "HEAD", env=env)
    site.put({CONTRACT: text(breaks)}).git("add", CONTRACT, env=env)
    site.write({CONTRACT: text(not breaks)}).put({CONTRACT: text(breaks)})
    return site.commit(env=env)


def first(site: Site, breaks: bool) -> Act:
    """The first commit of a repository."""
    site.git("init", "--quiet", "--template=", "new", at=site.folder)
    new = site.folder / "new"
    site.repositories.append(new)
    _take_over(site, new)
    site.git("remote", "add", "origin", "../new.git", at=new)
    site.git("init", "--quiet", "--bare", "--template=", "new.git", at=site.folder)
    return site.commit(at=new, needs=("syntax",))


def orphan_with_contracts(site: Site, breaks: bool) -> Act:
    """`git checkout --orphan`: a history that has nothing in common with main, with contracts of its own."""
    site.git("checkout", "--quiet", "--orphan", "alone")
    return site.write({CONTRACT: text(breaks)}).commit()


def orphan_without(site: Site, breaks: bool) -> Act:
    """A history of its own without contracts, such as a branch of pages."""
    site.git("checkout", "--quiet", "--orphan", "pages")
    site.git("rm", "--quiet", "--cached", CONTRACT, OTHER)
    return site.write({"index.html": "A shop.\n"}).commit(needs=("",))


def _take_over(site: Site, new: object) -> None:
    for path in site.git("ls-files", "-z").split("\0"):
        if path:
            site.write({path: (site.work / path).read_bytes()}, at=new)  # type: ignore[arg-type]


GREEN_ONLY = (False,)

STATES = (
    State("normal commit", normal),
    State("commit without a contract", nothing_of_ours, GREEN_ONLY),
    State("partial staging", partly_staged),
    State("commit --patch", by_hunks),
    State("commit -a", everything),
    State("commit PATH", of_a_path),
    State("commit --only", only),
    State("commit --include", include),
    State("amend with a change", amend),
    State("amend without a change", amend_nothing),
    State("empty commit", empty),
    State("detached HEAD", detached),
    State("from a subfolder", subfolder),
    State("commit --fixup", fixup),
    State("commit --no-verify", without_hooks),
    State("commit-tree", plumbing),
    State("intent-to-add", announced),
    State("stash in waiting", stash_waits),
    State("stash pop --index", stash_popped),
    State("assume-unchanged", unseen_by_status),
    State("GIT_INDEX_FILE of the user", index_of_the_user),
    State("first commit", first, GREEN_ONLY),
    State("orphan branch with contracts", orphan_with_contracts, GREEN_ONLY),
    State("orphan branch without contracts", orphan_without, GREEN_ONLY),
)
