"""The state in which our program is asked: what is staged and how, where git stands, which hook runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from histories import ours
from histories.edits import Changes
from histories.ours import Answer
from histories.repository import Repository
from histories.story import Story

HOOK = """#!/bin/sh
sum() {{ cat "$GIT_INDEX_FILE" "$(git rev-parse --git-common-dir)/config" | cksum; }}
sum > {out}/before
{python} -m workspai_hooks check --stage pre-commit >> {out}/plain 2>> {out}/stderr
echo $? > {out}/code-plain
{python} -m workspai_hooks check --stage pre-commit --format json > {out}/json 2>> {out}/stderr
echo $? > {out}/code
sum > {out}/after
"""


@dataclass(frozen=True)
class Head:
    """What the oracle looks at: a tree, and the commits that it stands on (a commit that is not made yet),
    or is.

    `exact` is a base that was named; else the base is the merge base of `against` and `tips`.
    """

    repo: Repository
    tree: str
    tips: tuple[str, ...]
    against: str = ""
    exact: str = ""


@dataclass
class Case:
    """One question: the answer to it, and what has to be looked at. `parted`: this clone lacks what would
    decide it (the merge base, the default branch): only an open question is right then."""

    kind: str
    state: str
    answer: Answer
    heads: list[Head]
    history: Repository
    at_commit: bool = False
    parted: bool = False
    asks_nothing: bool = False
    problems: list[str] = field(default_factory=list)


Ask = Callable[[Path, Sequence[str], bytes, dict[str, str]], Answer]


class Asking:
    """Brings a story into a state, asks there, and says what the oracle has to look at."""

    def __init__(self, story: Story, by_command: bool) -> None:
        self.story = story
        self.rng = story.rng
        self.repo = story.repo
        self.upstream = story.upstream
        self.ask: Ask = ours.by_command if by_command else ours.in_process
        self.how = "command" if by_command else "process"
        self.watched = [story.repo.root]

    def case(self) -> Case:
        """A random one."""
        kinds: list[tuple[int, Callable[[], Case]]] = [(6, self.commit), (3, self.push), (3, self.ci)]
        kind = self.rng.choices([each for _, each in kinds], [weight for weight, _ in kinds])[0]
        if self.rng.random() < 0.15:
            return self._in_clone(kind)
        return kind()

    def _asked(
        self, argv: Sequence[str], stdin: bytes = b"", env: dict[str, str] | None = None
    ) -> tuple[Answer, list[str]]:
        """Ask, and hold the state before against the state after."""
        cwd = self.repo.root
        folders = [path for path in sorted(cwd.iterdir()) if path.is_dir() and path.name != ".git"]
        if folders and self.rng.random() < 0.12:
            cwd = self.rng.choice(folders)
        before = ours.state_of(*self.watched)
        answer = self.ask(cwd, argv, stdin, env or {})
        touched = ours.changed(before, ours.state_of(*self.watched))
        return answer, [f"not as it was: {', '.join(touched[:5])}"] if touched else []

    # What is committed

    def commit(self) -> Case:
        place = self._place()
        content = self._content()
        against = self.repo.commit_of(self.upstream) if self.repo.has(self.upstream) else ""
        tips = self._tips()
        merging = len(tips) > 1
        if self.repo.done("ls-files", "--unmerged").stdout:
            answer, problems = self._asked(["check", "--stage", "pre-commit"])
            return Case("commit", f"{place}, unmerged", answer, [], self.repo, True, True, problems=problems)
        form = "index" if merging else self.rng.choices(("index", "PATH", "-a", "amend"), (70, 9, 6, 8))[0]
        if form in ("PATH", "-a"):
            case = self._by_hook(form, tips, against)
            if case is not None:
                case.state = f"{place}, {content}, {case.state}"
                return case
            form = "index"
        env = (
            {"GIT_INDEX_FILE": ".git/index"}
            if (self.repo.root / ".git").is_dir() and self.rng.random() < 0.3
            else {}
        )
        if env:
            before = ours.state_of(*self.watched)
            answer = self.ask(self.repo.root, ["check", "--stage", "pre-commit"], b"", env)
            touched = ours.changed(before, ours.state_of(*self.watched))
            problems = [f"not as it was: {', '.join(touched[:5])}"] if touched else []
        else:
            answer, problems = self._asked(["check", "--stage", "pre-commit"])
        more = ("--amend",) if form == "amend" else ()
        made = self.story_commit(*more)
        head = Head(self.repo, made, tips, against)
        return Case(
            "commit", f"{place}, {content}, {form}", answer, [head], self.repo, True, problems=problems
        )

    def story_commit(self, *args: str) -> str:
        self.repo.run("commit", "--quiet", "--no-verify", "--allow-empty", "-m", "the next one", *args)
        return self.repo.commit_of("HEAD")

    def _tips(self) -> tuple[str, ...]:
        merged = self.repo.said("rev-parse", "--verify", "--quiet", "MERGE_HEAD", check=False)
        return tuple(one for one in (self.repo.commit_of("HEAD"), merged) if one)

    def _place(self) -> str:
        place = self.rng.choices(("topic", "detached", "main", "worktree"), (55, 12, 12, 12))[0]
        if place == "detached":
            self.repo.run("checkout", "--quiet", "--detach")
        elif place == "main" and self.repo.has(f"refs/heads/{self.story.main}"):
            self.repo.run("switch", "--quiet", self.story.main)
        elif place == "worktree":
            root = self.repo.root.parent / "linked"
            self.repo.run("worktree", "add", "--quiet", "-b", "linked", str(root), "HEAD")
            self.repo = self.story.repo = Repository(root, self.repo.tick)
            self.watched.append(root)
        return place

    def _draw(self, low: int, high: int) -> Changes:
        names, changes = self.story.draw(self._work_files(), self.rng.randint(low, high))
        self.story.told.append(f"now: {', '.join(names)}")
        return changes

    def _work_files(self) -> dict[str, bytes]:
        if self.repo.done("ls-files", "--unmerged").stdout:
            return {}
        return self.repo.files(self.repo.said("write-tree"))

    def _content(self) -> str:
        contents: dict[Callable[[], str], int] = {
            self._all_staged: 30,
            self._partly_staged: 18,
            self._staged_only: 8,
            self._unstaged: 4,
            self._announced: 7,
            self._merging: 24,
            self._picking: 5,
            self._reverting: 5,
        }
        return self.rng.choices(list(contents), list(contents.values()))[0]()

    def _all_staged(self) -> str:
        self.repo.stage(self._draw(1, 3))
        return "all staged"

    def _partly_staged(self) -> str:
        """The work tree goes on from what is staged, in the same files and in others."""
        self.repo.stage(self._draw(1, 2))
        self.repo.write(self._draw(1, 2))
        return "partly staged"

    def _staged_only(self) -> str:
        """The work tree is as HEAD has it."""
        changes = self._draw(1, 2)
        self.repo.stage(changes)
        before = self.repo.files("HEAD")
        self.repo.write({path: before.get(path) for path in changes})
        return "staged only"

    def _unstaged(self) -> str:
        self.repo.write(self._draw(1, 2))
        return "nothing staged"

    def _announced(self) -> str:
        """`git add --intent-to-add`: a file that the next commit does not have."""
        self.repo.stage(self._draw(1, 2))
        new = f"{'/'.join(self._some_folder())}announced{self.rng.randrange(100)}.proto".lstrip("/")
        if not (self.repo.root / new).exists():
            self.repo.write({new: b'syntax = "proto3";\npackage announced;\nmessage Announced {}\n'})
            self.repo.run("add", "--intent-to-add", "--", new)
        return "intent to add"

    def _some_folder(self) -> list[str]:
        roots = [root for one in self.story.layout.workspaces for root in one.roots if root]
        return [self.rng.choice(roots), ""] if roots else [""]

    def _merging(self) -> str:
        """A merge under way: its conflicts resolved for a side, sometimes with an edit besides; or open."""
        other = (
            self.story.main
            if self.repo.said("rev-parse", "--abbrev-ref", "HEAD") != self.story.main
            else "topic"
        )
        if not self.repo.has(other):
            return self._all_staged()
        story = self.story
        done = self.repo.done("merge", "--no-commit", "--no-ff", other)
        conflicts = story.unmerged()
        if not self.repo.has("MERGE_HEAD"):
            assert b"up to date" in done.stdout, done.stderr
            return self._all_staged()
        story.told.append(f"now: merging {other}, {len(conflicts)} conflicts")
        if conflicts:
            if self.rng.random() < 0.1:
                return "unmerged"
            story.resolve(conflicts)
        if self.rng.random() < 0.4:
            self.repo.stage(self._draw(1, 1))
        if self.rng.random() < 0.15:  # as `git merge --strategy ours` leaves it
            self.repo.run("read-tree", "--reset", "-u", "HEAD")
            return "merge that takes nothing"
        return "merge resolved" if conflicts else "merge"

    def _picking(self) -> str:
        return self._played("cherry-pick", "-X", "theirs", "--no-commit", among=f"{self.story.main}")

    def _reverting(self) -> str:
        return self._played("revert", "--no-commit", among="HEAD")

    def _played(self, *command: str, among: str) -> str:
        said = self.repo.said("rev-list", "--no-merges", "--max-count=8", among, "--", check=False)
        commits = said.split()[:-1]
        if commits and self.repo.done(*command, self.rng.choice(commits)).returncode == 0:
            return command[0]
        self.repo.run("reset", "--quiet", "--hard")
        return self._all_staged()

    def _by_hook(self, form: str, tips: tuple[str, ...], against: str) -> Case | None:
        """`git commit PATH` and `-a`: git makes an index of its own, and only a hook sees it."""
        listed = (
            self.repo.run("diff", "--name-only", "-z", "HEAD").decode("utf-8", "surrogateescape").split("\0")
        )
        announced = set(self.repo.run("diff", "--name-only", "-z", "--diff-filter=A").decode().split("\0"))
        paths = [path for path in listed if path and path not in announced]
        if not paths or announced - {""}:
            return None
        out = self.repo.root.parent / "hooked"
        out.mkdir()
        hooks = self.repo.root.parent / "hooks"
        hooks.mkdir()
        hook = hooks / "pre-commit"
        hook.write_text(HOOK.format(python=sys.executable, out=out))
        hook.chmod(0o755)
        args = ["--all"] if form == "-a" else ["--", self.rng.choice(paths)]
        before = self.repo.commit_of("HEAD")
        done = self.repo.done(
            "-c", f"core.hooksPath={hooks}", "commit", "--quiet", "--allow-empty", "-m", "by hook", *args
        )
        assert done.returncode == 0, done.stderr.decode()
        made = self.repo.commit_of("HEAD")
        assert self.repo.parents(made) == [before]
        answer = ours.recorded(out)
        return Case(
            "commit", f"by hook {form}", answer, [Head(self.repo, made, tips, against)], self.repo, True
        )

    # What is pushed

    def push(self) -> Case:
        names = ["topic", self.story.main]
        pushed = self.rng.choice((["topic"], ["topic"], [self.story.main], names))
        pushed = [name for name in pushed if self.repo.has(f"refs/heads/{name}")] or ["HEAD"]
        commits = [self.repo.commit_of(name) for name in pushed]
        place = self.rng.choice(("on it", "elsewhere", "dirty"))
        if place == "elsewhere":
            self.repo.run("checkout", "--quiet", "--detach", self.rng.choice(("HEAD", "HEAD~0")))
            self.repo.run(
                "checkout", "--quiet", self.repo.said("rev-list", "--max-parents=0", "HEAD").split()[0]
            )
        elif place == "dirty":
            self.repo.stage(self._draw(1, 2))
        zeros = "0" * 40
        rows = [
            f"refs/heads/{name} {commit} refs/heads/{name} {zeros}"
            for name, commit in zip(pushed, commits, strict=True)
        ]
        deleted = self.rng.random() < 0.1
        if deleted:
            rows.append(f"(delete) {zeros} refs/heads/old {commits[0]}")
        against = self.repo.commit_of(self.upstream) if self.repo.has(self.upstream) else ""
        if len(commits) == 1 and not deleted and self.rng.random() < 0.25:  # as pre-commit tells it
            env = {"PRE_COMMIT_FROM_REF": against or commits[0], "PRE_COMMIT_TO_REF": commits[0]}
            answer, problems = self._asked(["check", "--stage", "pre-push"], env=env)
            place += ", by pre-commit"
        else:
            answer, problems = self._asked(
                ["check", "--stage", "pre-push"], ("\n".join(rows) + "\n").encode()
            )
        heads = [Head(self.repo, commit, (commit,), against) for commit in dict.fromkeys(commits)]
        kind = f"{len(heads)} refs, {place}{', and a deleted one' if deleted else ''}"
        return Case("push", kind, answer, heads, self.repo, problems=problems)

    # What CI asks

    def ci(self) -> Case:
        name = "topic" if self.repo.has("topic") else "HEAD"
        tip = self.repo.commit_of(name)
        self.repo.run("checkout", "--quiet", "--detach", tip)
        against = self.repo.commit_of(self.upstream) if self.repo.has(self.upstream) else ""
        form = self.rng.choice(("exact", "base", "alone"))
        argv = ["check", "--stage", "ci"]
        head = Head(self.repo, tip, (tip,), against)
        if form == "exact":
            history = self.repo.said("rev-list", tip).split()
            old = self.rng.choice([*history[:8], *([against] if against else [])])
            argv += ["--from", old, "--to", tip]
            head = Head(self.repo, tip, (tip,), exact=old)
        elif form == "base" and against:
            argv += ["--base", self.rng.choice((against, self.upstream))]
        answer, problems = self._asked(argv)
        return Case("ci", form, answer, [head], self.repo, problems=problems)

    # In a clone

    def _in_clone(self, kind: Callable[[], Case]) -> Case:
        """A clone as a CI system or a colleague makes it: whole, shallow, or of one branch."""
        source = self.repo.root.parent / "forge.git"
        self.repo.run("clone", "--quiet", "--bare", str(self.repo.root), str(source))
        forge = Repository(source)
        forge.run("symbolic-ref", "HEAD", f"refs/heads/{self.story.main}")
        root = self.repo.root.parent / "clone"
        form = self.rng.choice(("whole", "shallow", "shallow", "one branch"))
        depth = self.rng.randint(1, 6)
        options = {
            "whole": (),
            "shallow": (f"--depth={depth}", "--no-single-branch"),
            "one branch": ("--single-branch",),
        }[form]
        self.repo.run("clone", "--quiet", *options, "--branch", "topic", source.as_uri(), str(root))
        whole, self.repo = self.repo, Repository(root, self.repo.tick)
        self.story.repo = self.repo
        self.upstream = f"refs/remotes/origin/{self.story.main}"
        self.watched = [root]
        truth = whole.commit_of(self.story.main)
        case = kind()
        case.history = whole
        case.state = f"{form}{f' {depth}' if form == 'shallow' else ''} clone, {case.state}"
        case.heads = [
            Head(one.repo, one.tree, one.tips, "" if one.exact else truth, one.exact) for one in case.heads
        ]
        for one in case.heads:
            here = self.repo.has(self.upstream)
            case.parted |= not one.exact and not (
                here and self.repo.done("merge-base", self.upstream, *one.tips).returncode == 0
            )
        return case
