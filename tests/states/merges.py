"""Merges, clean and not, and what takes in others' commits without one."""

from __future__ import annotations

from states.proof import State
from states.site import ADDED, BASE, BROKEN, CONTRACT, FIELD, FINE, Act, Site, contract, text

BOTH = (FIELD, ADDED)


def clean(site: Site, breaks: bool) -> Act:
    """`git merge` of main, which added a field; `-s ours` drops what main added."""
    site.write({"README.md": "Closed.\n"}).save()
    site.published({CONTRACT: FINE})
    strategy = ("-s", "ours") if breaks else ()
    return site.act("merge", "--quiet", "--no-edit", *strategy, "origin/main", needs=BOTH)


def of_a_break(site: Site, breaks: bool) -> Act:
    """`git merge` of a branch that was committed without hooks: the merge adds nothing of its own."""
    site.git("switch", "--quiet", "--create", "side")
    site.write({CONTRACT: text(breaks)}).save("side")
    site.git("switch", "--quiet", "topic")
    site.write({"README.md": "Closed.\n"}).save()
    return site.act("merge", "--quiet", "--no-edit", "side")


def _conflict(site: Site) -> None:
    """topic and main differ in the same line; the merge has stopped there."""
    site.write({CONTRACT: BASE.replace("message", "// topic\nmessage")}).save()
    site.published({CONTRACT: FINE.replace("message", "// main\nmessage")})
    assert site.tried("merge", "--quiet", "origin/main").returncode == 1


def resolved(site: Site, breaks: bool) -> Act:
    """Conflicts were resolved, then `git commit`: with main's new field, and without it."""
    _conflict(site)
    return site.write({CONTRACT: BASE if breaks else FINE}).commit(needs=BOTH)


def continued(site: Site, breaks: bool) -> Act:
    """The same with `git merge --continue`; the opposite is in the work tree."""
    _conflict(site)
    site.write({CONTRACT: BASE if breaks else FINE}).put({CONTRACT: FINE if breaks else BASE})
    return site.act("merge", "--continue", needs=BOTH, env={"GIT_EDITOR": "true"})


def without_commit(site: Site, breaks: bool) -> Act:
    """`git merge --no-commit`, another change on top, `git commit`."""
    site.write({"README.md": "Closed.\n"}).save()
    site.published({CONTRACT: FINE})
    site.git("merge", "--quiet", "--no-commit", "origin/main")
    return site.write({CONTRACT: contract("a", ADDED) if breaks else FINE}).commit(needs=BOTH)


def squashed(site: Site, breaks: bool) -> Act:
    """`git merge --squash` of a branch that was committed without hooks, then `git commit`."""
    site.git("switch", "--quiet", "--create", "side")
    site.write({CONTRACT: text(breaks)}).save("side")
    site.git("switch", "--quiet", "topic")
    site.write({"README.md": "Closed.\n"}).save()
    site.git("merge", "--quiet", "--squash", "side")
    return site.commit()


def octopus(site: Site, breaks: bool) -> Act:
    """A merge of two branches at once, one of them main, which added a field; `-s ours` drops it."""
    site.write({"README.md": "Closed.\n"}).save()
    site.published({CONTRACT: FINE})
    site.git("branch", "side", "main~1")
    site.git("switch", "--quiet", "side")
    site.write({"side.txt": "side\n"}).save()
    site.git("switch", "--quiet", "topic")
    strategy = ("-s", "ours") if breaks else ()
    return site.act("merge", "--quiet", "--no-edit", *strategy, "side", "origin/main", needs=BOTH)


def fast_forward(site: Site, breaks: bool) -> Act:
    """A merge that only moves the branch: git runs no hook."""
    site.git("switch", "--quiet", "--create", "side")
    site.write({CONTRACT: text(breaks)}).save("side")
    site.git("switch", "--quiet", "topic")
    return site.act("merge", "--quiet", "--ff-only", "side")


def main_is_ahead(site: Site, breaks: bool) -> Act:
    """An ordinary commit on a topic that main has left behind: main's new field was not deleted here."""
    site.published({CONTRACT: FINE})
    site.git("fetch", "--quiet")
    fine = BASE.replace("message", "// A message.\nmessage")
    return site.write({CONTRACT: BROKEN if breaks else fine}).commit()


def main_broke(site: Site, breaks: bool) -> Act:
    """`git merge` of a main that broke the contract, published: not this merge's doing."""
    site.write({"README.md": "Closed.\n"}).save()
    site.published({CONTRACT: BROKEN})
    return site.act("merge", "--quiet", "--no-edit", "origin/main", needs=())


STATES = (
    State("clean merge", clean),
    State("merge of a branch that breaks", of_a_break),
    State("resolved conflicts", resolved),
    State("merge --continue", continued),
    State("merge --no-commit", without_commit),
    State("merge --squash", squashed),
    State("octopus merge", octopus),
    State("fast-forward", fast_forward),
    State("main has moved ahead", main_is_ahead),
    State("merge of what main broke", main_broke, (False,)),
)
