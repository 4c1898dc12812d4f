"""Repositories and work trees of every layout and format."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec

from states.managers import hooks_path
from states.proof import State
from states.site import BARE, CONTRACT, Act, Site, text


def linked(site: Site, breaks: bool) -> Act:
    """A linked worktree; the main one has the opposite in its index."""
    site.git("worktree", "add", "--quiet", "-b", "other", "../linked", "main")
    site.write({CONTRACT: text(not breaks)})
    at = site.folder / "linked"
    site.repositories.append(at)
    return site.write({CONTRACT: text(breaks)}, at).commit(at=at)


def linked_to_bare(site: Site, breaks: bool) -> Act:
    """A worktree of a bare clone, as those have it who keep a folder a branch."""
    site.git("clone", "--quiet", "--bare", "--template=", BARE, "store.git", at=site.folder)
    store, at = site.folder / "store.git", site.folder / "branch"
    site.git("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*", at=store)
    site.git("fetch", "--quiet", "origin", at=store)
    site.git("worktree", "add", "--quiet", "-b", "topic", str(at), "main", at=store)
    site.repositories.append(at)
    return site.write({CONTRACT: text(breaks)}, at).commit(at=at)


def linked_all(site: Site, breaks: bool) -> Act:
    """`git commit -a` in a linked worktree: a temporary index and an absolute GIT_DIR."""
    act = linked(site, not breaks)
    site.put({CONTRACT: text(breaks)}, act.at)
    return msgspec.structs.replace(act, argv=(*act.argv, "-a"))


def _with_submodule(site: Site) -> Path:
    """A superproject `super` of the usual repository as a submodule."""
    for name in ("super", "super.git"):
        bare = ("--bare",) if name.endswith(".git") else ()
        site.git("init", "--quiet", *bare, "--template=", name, at=site.folder)
    top = site.folder / "super"
    for path in site.git("ls-files", "-z").split("\0")[:-1]:
        site.write({path: (site.work / path).read_bytes()}, top)
    site.git("remote", "add", "origin", "../super.git", at=top)
    site.git("submodule", "--quiet", "add", f"../{BARE}", "sub", at=top)
    site.save("base", top)
    site.git("push", "--quiet", "origin", "main", at=top)
    site.git("switch", "--quiet", "--create", "topic", at=top)
    site.git("switch", "--quiet", "--create", "topic", at=top / "sub")
    site.repositories += [top, top / "sub"]
    return top


def in_a_submodule(site: Site, breaks: bool) -> Act:
    """A commit inside a submodule; the superproject has the opposite in its index."""
    top = _with_submodule(site)
    site.write({CONTRACT: text(not breaks)}, top)
    return site.write({CONTRACT: text(breaks)}, top / "sub").commit(at=top / "sub")


def bump(site: Site, breaks: bool) -> Act:
    """The superproject takes a submodule's new commit, which breaks: that is asked where the submodule
    lives, and its contracts are not the superproject's."""
    top = _with_submodule(site)
    site.write({CONTRACT: text(True)}, top / "sub").save("a break", top / "sub")
    site.git("add", "sub", at=top)
    return site.commit(at=top)


def beside_a_submodule(site: Site, breaks: bool) -> Act:
    """A contract of the superproject and a submodule's new commit in one commit."""
    top = _with_submodule(site)
    site.write({CONTRACT: text(not breaks)}, top / "sub").save("the opposite", top / "sub")
    site.git("add", "sub", at=top)
    return site.write({CONTRACT: text(breaks)}, top).commit(at=top)


def below_another(site: Site, breaks: bool) -> Act:
    """A repository in a folder of another one, which has the opposite in its index."""
    inner = site.work / "vendor" / "inner"
    site.git("clone", "--quiet", "--template=", site.bare.as_uri(), str(inner), at=site.folder)
    site.repositories.append(inner)
    site.git("switch", "--quiet", "--create", "topic", at=inner)
    site.write({CONTRACT: text(not breaks)})
    return site.write({CONTRACT: text(breaks)}, inner).commit(at=inner)


def sparse(site: Site, breaks: bool) -> Act:
    """A sparse checkout: consumers are not on disk."""
    site.git("sparse-checkout", "set", "--cone", "protos", ".husky")
    return site.write({CONTRACT: text(breaks)}).commit()


def sparse_index(site: Site, breaks: bool) -> Act:
    """A sparse index: whole folders are one entry of it."""
    site.git("sparse-checkout", "set", "--cone", "--sparse-index", "protos", ".husky")
    return site.write({CONTRACT: text(breaks)}).commit()


def sparse_outside(site: Site, breaks: bool) -> Act:
    """A contract outside of the sparse checkout is staged by a tool, and never on disk."""
    site.git("sparse-checkout", "set", "--cone", ".husky")
    blob = site.git("hash-object", "-w", "--stdin", stdin=text(breaks)).strip()
    site.git("update-index", "--cacheinfo", f"100644,{blob},{CONTRACT}")
    site.git("update-index", "--skip-worktree", CONTRACT)
    return site.commit()


def split_index(site: Site, breaks: bool) -> Act:
    """A split index: most entries stand in a shared file."""
    site.git("update-index", "--split-index")
    return site.write({CONTRACT: text(breaks)}).commit()


def index_v4(site: Site, breaks: bool) -> Act:
    """An index of version 4, whose paths are compressed, with an untracked cache (`feature.manyFiles`)."""
    site.git("config", "feature.manyFiles", "true")
    site.git("update-index", "--index-version", "4")
    return site.write({CONTRACT: text(breaks)}).commit()


def sha256(site: Site, breaks: bool) -> Act:
    """A repository whose object ids are SHA-256."""
    return _of_format(site, breaks, "--object-format=sha256")


def reftable(site: Site, breaks: bool) -> Act:
    """A repository whose refs stand in tables."""
    return _of_format(site, breaks, "--ref-format=reftable")


def _of_format(site: Site, breaks: bool, flag: str) -> Act:
    new, bare = site.folder / "new", site.folder / "new.git"
    site.git("init", "--quiet", flag, "--bare", "--template=", str(bare), at=site.folder)
    site.git("init", "--quiet", flag, "--template=", str(new), at=site.folder)
    for path in site.git("ls-files", "-z").split("\0")[:-1]:
        site.write({path: (site.work / path).read_bytes()}, new)
    site.save("base", new)
    site.git("remote", "add", "origin", "../new.git", at=new)
    site.git("push", "--quiet", "origin", "main", at=new)
    site.git("switch", "--quiet", "--create", "topic", at=new)
    site.repositories.append(new)
    return site.write({CONTRACT: text(breaks)}, new).commit(at=new)


def no_reftable() -> str:
    done = os.popen("git init -h 2>&1").read()
    return "" if "ref-format" in done else "this git has no reftable (2.45 brought it)"


def in_hooks_path(site: Site, breaks: bool) -> Act:
    """Hooks stand in a folder of the repository, named by a relative `core.hooksPath`; from a subfolder."""
    folder = hooks_path()[-1]
    made = site.work / folder
    made.mkdir()
    for script in (site.kit.folder / ".git" / "hooks").iterdir():
        if not script.suffix:
            shutil.copy2(script, made)
    site.git("add", folder)
    site.save("hooks")
    site.git(*hooks_path()[1:])
    site.repositories.remove(site.work)
    return site.write({CONTRACT: text(breaks)}).commit(at=site.work / "protos")


def apart(site: Site, breaks: bool) -> Act:
    """`git init --separate-git-dir`: the work tree has a file that says where the git directory is."""
    site.git("init", "--quiet", "--separate-git-dir", str(site.folder / "elsewhere.git"))
    return site.write({CONTRACT: text(breaks)}).commit()


def dotfiles(site: Site, breaks: bool) -> Act:
    """GIT_DIR and GIT_WORK_TREE are set by the user, as for a home folder under git; from a subfolder."""
    env = {"GIT_DIR": str(site.folder / "dot.git"), "GIT_WORK_TREE": str(site.work)}
    (site.work / ".git").rename(site.folder / "dot.git")
    site.git("config", "core.worktree", str(site.work), env=env)
    site.put({CONTRACT: text(breaks)}).git("add", CONTRACT, env=env)
    site.repositories.remove(site.work)
    site.hook(site.work, env)
    return site.commit(at=site.work / "protos", env=env)


def dotfiles_relative(site: Site, breaks: bool) -> Act:
    """The same with relative paths, from the top."""
    act = dotfiles(site, breaks)
    env = {"GIT_DIR": "../dot.git", "GIT_WORK_TREE": "."}
    return msgspec.structs.replace(
        act, at=site.work, env=env, lands=tuple((site.work, rev) for _, rev in act.lands)
    )


def of_another_user(site: Site, breaks: bool) -> Act:
    """The repository belongs to another user and is trusted by `safe.directory`."""
    config = site.folder / "users-config"
    shutil.copy(os.environ["GIT_CONFIG_GLOBAL"], config)
    with config.open("a", encoding="utf-8") as file:
        file.write("[safe]\n\tdirectory = *\n")
    site.write({CONTRACT: text(breaks)})
    site.hooked()
    site.repositories.clear()
    for folder in (site.work, site.work / ".git", site.bare):
        os.chown(folder, 65534, 65534)
    return site.commit(env={"GIT_CONFIG_GLOBAL": str(config)})


def not_root() -> str:
    return "" if hasattr(os, "geteuid") and os.geteuid() == 0 else "only root can give files to another user"


def replaced(site: Site, breaks: bool) -> Act:
    """`git replace` shows the opposite of the staged object: what is committed and pushed is the object."""
    site.write({CONTRACT: text(breaks)})
    mine = site.git("rev-parse", f":{CONTRACT}").strip()
    other = site.git("hash-object", "-w", "--stdin", stdin=text(not breaks)).strip()
    site.git("replace", mine, other)
    return site.commit()


def shared_objects(site: Site, breaks: bool) -> Act:
    """`git clone --shared`: objects stand in another repository."""
    at = site.folder / "shared"
    site.git("clone", "--quiet", "--template=", "--shared", str(site.bare), str(at), at=site.folder)
    site.repositories.append(at)
    site.git("switch", "--quiet", "--create", "topic", at=at)
    return site.write({CONTRACT: text(breaks)}, at).commit(at=at)


def no_remote(site: Site, breaks: bool) -> Act:
    """No remote: the local main is what a topic is compared with."""
    site.git("remote", "remove", "origin")
    return site.write({CONTRACT: text(breaks)}).commit(gate=("push", "--quiet", f"../{BARE}", "HEAD:topic"))


def odd_settings(site: Site, breaks: bool) -> Act:
    """The user's configuration changes what git prints: colours, prefixes, external diffs, relative paths."""
    for setting in (
        "color.ui=always",
        "diff.noprefix=true",
        "diff.external=false",
        "diff.relative=true",
        "diff.renames=copies",
        "diff.ignoreSubmodules=all",
        "grep.patternType=perl",
        "grep.column=true",
        "grep.lineNumber=true",
        "grep.fallbackToNoIndex=true",
        "log.showSignature=true",
        "log.date=relative",
        "core.quotePath=true",
        "core.abbrev=4",
        "core.pager=false",
        "submodule.recurse=true",
        "status.short=true",
    ):
        name, _, value = setting.partition("=")
        site.git("config", name, value)
    return site.write({CONTRACT: text(breaks), "use/new.py": "print(1)\n"}).commit()


HOOKS_PATH = {
    "pre-commit": "pre-commit refuses to install where core.hooksPath is set",
    "lefthook": "lefthook refuses to install where core.hooksPath is set",
    "husky": "husky is always installed by core.hooksPath: all of its cells are in this state",
}

STATES = (
    State("linked worktree", linked),
    State("linked worktree, commit -a", linked_all),
    State("worktree of a bare repository", linked_to_bare),
    State("inside a submodule", in_a_submodule),
    State("submodule bump", bump, (False,)),
    State("superproject with a bump", beside_a_submodule),
    State("repository below another", below_another),
    State("sparse checkout", sparse),
    State("sparse index", sparse_index),
    State("outside of the sparse checkout", sparse_outside),
    State("split index", split_index),
    State("index version 4", index_v4),
    State("SHA-256 repository", sha256),
    State("reftable", reftable, missing=no_reftable),
    State("core.hooksPath", in_hooks_path, without=HOOKS_PATH),
    State("separate git directory", apart),
    State("GIT_DIR and GIT_WORK_TREE", dotfiles),
    State("relative GIT_DIR and GIT_WORK_TREE", dotfiles_relative),
    State("safe.directory", of_another_user, missing=not_root),
    State("git replace", replaced),
    State("shared objects", shared_objects),
    State("no remote", no_remote),
    State("odd settings", odd_settings),
)
