"""Cherry-picks, reverts, rebases, mails: git makes most of these commits without asking a hook."""

from __future__ import annotations

from states.proof import State
from states.site import ADDED, BASE, CONTRACT, FIELD, FINE, Act, Site, contract, text

QUIET = {"GIT_EDITOR": "true", "GIT_SEQUENCE_EDITOR": "true"}
BOTH = (FIELD, ADDED)


def _side(site: Site, files: dict[str, str]) -> None:
    """A branch `side` beside `topic`, with one commit; topic has one as well."""
    site.git("switch", "--quiet", "--create", "side")
    site.write(files).save("side")
    site.git("switch", "--quiet", "topic")
    site.write({"README.md": "Closed.\n"}).save()


def cherry_pick(site: Site, breaks: bool) -> Act:
    """`git cherry-pick`."""
    _side(site, {CONTRACT: text(breaks)})
    return site.act("cherry-pick", "side")


def cherry_pick_no_commit(site: Site, breaks: bool) -> Act:
    """`git cherry-pick --no-commit`, then `git commit`."""
    _side(site, {CONTRACT: text(breaks)})
    site.git("cherry-pick", "--no-commit", "side")
    return site.commit()


def _stopped_pick(site: Site, breaks: bool) -> None:
    _side(site, {CONTRACT: BASE.replace("message", "// side\nmessage")})
    site.write({CONTRACT: BASE.replace("message", "// topic\nmessage")}).save()
    assert site.tried("cherry-pick", "side").returncode == 1
    site.write({CONTRACT: text(breaks)})


def cherry_pick_resolved(site: Site, breaks: bool) -> Act:
    """A cherry-pick with resolved conflicts, then `git commit`."""
    _stopped_pick(site, breaks)
    return site.commit()


def cherry_pick_continued(site: Site, breaks: bool) -> Act:
    """The same with `git cherry-pick --continue`."""
    _stopped_pick(site, breaks)
    return site.act("cherry-pick", "--continue", env=QUIET)


def revert(site: Site, breaks: bool) -> Act:
    """`git revert`: of a commit of main that added a field, of one that is not about contracts."""
    site.published({CONTRACT: FINE})
    site.published({"README.md": "Closed.\n"})
    site.from_main()
    return site.act("revert", "--no-edit", "HEAD~1" if breaks else "HEAD", needs=BOTH)


def revert_no_commit(site: Site, breaks: bool) -> Act:
    """`git revert --no-commit`, then `git commit`."""
    site.published({CONTRACT: FINE})
    site.published({"README.md": "Closed.\n"})
    site.from_main()
    site.git("revert", "--no-commit", "HEAD~1" if breaks else "HEAD")
    return site.commit(needs=BOTH)


def _two_commits(site: Site, first: str) -> None:
    site.write({CONTRACT: first}).save("first")
    site.write({"notes.txt": "notes\n"}).save("second")
    site.published({"README.md": "Closed.\n"})


def rebase(site: Site, breaks: bool) -> Act:
    """`git rebase` onto main."""
    _two_commits(site, text(breaks))
    return site.act("rebase", "--quiet", "origin/main")


def _edited(site: Site, kind: str, first: str) -> None:
    """An interactive rebase that stops at the first commit."""
    _two_commits(site, first)
    editor = f"sed -i '1s/^pick/{kind}/'"
    site.git("rebase", "--quiet", "--interactive", "main~1", env={"GIT_SEQUENCE_EDITOR": editor})


def rebase_edit(site: Site, breaks: bool) -> Act:
    """`git rebase -i` stands at a commit to edit; `git commit --amend` there runs the hook."""
    _edited(site, "edit", BASE.replace("message", "// first\nmessage"))
    return site.write({CONTRACT: text(breaks)}).commit("--amend")


def rebase_edit_continued(site: Site, breaks: bool) -> Act:
    """The same, but staged and taken in by `git rebase --continue`."""
    _edited(site, "edit", BASE.replace("message", "// first\nmessage"))
    return site.write({CONTRACT: text(breaks)}).act("rebase", "--continue", env=QUIET)


def rebase_reword(site: Site, breaks: bool) -> Act:
    """`git rebase -i` with `reword` of a commit that was made without hooks."""
    _two_commits(site, text(breaks))
    env = {"GIT_SEQUENCE_EDITOR": "sed -i '1s/^pick/reword/'", "GIT_EDITOR": "true"}
    return site.act("rebase", "--quiet", "--interactive", "origin/main", env=env)


def rebase_resolved(site: Site, breaks: bool) -> Act:
    """A rebase with resolved conflicts, then `git rebase --continue`."""
    site.write({CONTRACT: BASE.replace("message", "// topic\nmessage")}).save()
    site.published({CONTRACT: FINE.replace("message", "// main\nmessage")})
    assert site.tried("rebase", "--quiet", "origin/main").returncode == 1
    kept = contract("a", ADDED) if breaks else FINE
    return site.write({CONTRACT: kept}).act("rebase", "--continue", env=QUIET, needs=BOTH)


def autosquash(site: Site, breaks: bool) -> Act:
    """`git rebase --autosquash` of a fixup that was committed without hooks."""
    _two_commits(site, BASE.replace("message", "// first\nmessage"))
    site.write({CONTRACT: text(breaks)}).git("commit", "--quiet", "--fixup", "HEAD~1")
    return site.act("rebase", "--quiet", "--interactive", "--autosquash", "origin/main", env=QUIET)


def mails(site: Site, breaks: bool) -> Act:
    """`git am`."""
    _side(site, {CONTRACT: text(breaks)})
    site.git("format-patch", "--quiet", "--output", "../side.patch", "-1", "side")
    return site.act("am", "--quiet", "../side.patch")


STATES = (
    State("cherry-pick", cherry_pick),
    State("cherry-pick --no-commit", cherry_pick_no_commit),
    State("cherry-pick with conflicts", cherry_pick_resolved),
    State("cherry-pick --continue", cherry_pick_continued),
    State("revert", revert),
    State("revert --no-commit", revert_no_commit),
    State("rebase", rebase),
    State("rebase with edit", rebase_edit),
    State("rebase with edit, --continue", rebase_edit_continued),
    State("rebase with reword", rebase_reword),
    State("rebase with conflicts", rebase_resolved),
    State("rebase --autosquash", autosquash),
    State("am", mails),
)
