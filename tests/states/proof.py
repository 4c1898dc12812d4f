"""Proves one cell of the matrix: a state under a manager, once with a change that breaks and once without.

The oracle is not ours: what the same git command without hooks leaves, in a twin of the scratch folder at
the same path, either has the contract's field or has lost it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import forked
import msgspec

from states.around import COMMAND, LOG, SERVER, SITE
from states.managers import Kit, program
from states.measure import differing, digest
from states.site import USE, Act, Site

NO_QUESTION = "no question"
SKIPPABLE = {"commit", "push", "merge"}
"""Git commands that take --no-verify."""


def nothing() -> str:
    """This machine has all that a state needs."""
    return ""


class State(msgspec.Struct, frozen=True):
    """A state of git. Its builder's docstring says what it is.

    `variants` are whether the change breaks; `undecided` those that end with exit code 3 until the act's
    remedy is run; `without` are managers that have no such state, and why; `missing` says why this machine
    can't make the state. A report of a break has `element` in it, and the consumer's line unless that is not
    in the clone.
    """

    name: str
    build: Callable[[Site, bool], Act]
    variants: tuple[bool, ...] = (True, False)
    undecided: tuple[bool, ...] = ()
    without: Mapping[str, str] = {}
    missing: Callable[[], str] = nothing
    element: str = ".v1.M."
    may_fetch: bool = False
    sees_consumer: bool = True

    @property
    def is_rare(self) -> bool:
        """Whether not every machine can make it."""
        return self.missing is not nothing

    @property
    def what(self) -> str:
        return " ".join((self.build.__doc__ or "").split())


class Seen(msgspec.Struct, frozen=True):
    """What a git command with hooks came to: the exit codes of our command, in order, and git's own."""

    codes: tuple[int, ...]
    passed: bool
    environments: tuple[str, ...]

    @property
    def verdict(self) -> int:
        return next((code for code in (1, 2, 3) if code in self.codes), 0)


class Cell(msgspec.Struct, frozen=True):
    """What is written into the matrix: exit codes of both variants, and what git handed to the hook."""

    text: str
    environment: str = ""


def prove(state: State, kit: Kit, prepared: Path, folder: Path, *, starts: bool = True) -> Cell:
    """The cell, or an AssertionError that says what is wrong. `starts`: the hook's program is really started,
    not forked from one that is loaded (forked.py)."""
    server = "" if starts or not forked.IS_POSSIBLE else forked.server()
    outcomes, environments = {}, {}
    for breaks in state.variants:
        site = Site.copied(prepared, folder / ("breaks" if breaks else "fine"), kit)
        outcomes[breaks], seen = _Proof(state, site, breaks, server).outcome()
        environments |= dict.fromkeys(seen)
        shutil.rmtree(site.folder)
    text = " / ".join(outcomes.get(breaks, "–") for breaks in (True, False))
    return Cell(text, ", ".join(environments))


class _Proof:
    def __init__(self, state: State, site: Site, breaks: bool, server: str) -> None:
        self.state, self.site, self.breaks, self.server = state, site, breaks, server
        self.act = state.build(site, breaks)
        site.hooked()
        self.log = site.folder.with_name(f"{site.folder.name}.log")

    def outcome(self) -> tuple[str, tuple[str, ...]]:
        wanted = int(self.breaks)
        seen = self._command(self.act)
        if self.breaks in self.state.undecided:
            return self._after_remedy(seen), seen.environments
        if seen.codes and seen.verdict == wanted:
            return f"{wanted}", seen.environments
        assert seen.verdict == 0, f"{seen.codes}: {self._told()}"
        if not (seen.codes or self.breaks or self.act.lands):
            return NO_QUESTION, ()
        before = "0, " if seen.codes else ""
        if self.act.argv[0] != "push":
            gate = self._command(self._gate())
            if gate.codes:
                assert gate.verdict == wanted, f"gate {gate.codes}: {self._told()}"
                return f"{before}gate {wanted}", seen.environments or gate.environments
        found = self._in_ci()
        assert found == wanted, f"CI {found}"
        return f"{before}CI {wanted}", seen.environments

    def _gate(self) -> Act:
        return msgspec.structs.replace(self.act, argv=self.act.gate, stdin="", lands=())

    def _after_remedy(self, seen: Seen) -> str:
        """An open question stops the command; the remedy that it tells makes it decidable."""
        assert seen.verdict == 3, f"{seen.codes}: {self._told()}"
        told = self._told()
        if not self.act.remedy and not self.act.allow:
            return "3"
        for argv in self.act.remedy:
            assert " ".join(("git", *argv)) in told, told
            self.site.git(*argv, at=self.act.at)
        for name, value in self.act.allow.items():
            assert f"{name}={value}" in told, told
        again = self._command(msgspec.structs.replace(self.act, env={**self.act.env, **self.act.allow}))
        assert again.verdict == int(self.breaks), f"{again.codes}: {self._told()}"
        return f"3, then {again.verdict}"

    def _command(self, act: Act) -> Seen:
        """Run it with hooks and check all that must hold whatever the answer is."""
        self.log.unlink(missing_ok=True)
        without = self._twin(act)
        before = truth(self.site)
        done = self.site.run(["git", *act.argv], act.at, {**act.env, **self._watched()}, act.stdin)
        after = truth(self.site)
        rows = [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []
        seen = Seen(
            tuple(row["code"] for row in rows),
            done.returncode == 0,
            tuple(dict.fromkeys(row["environment"] for row in rows)),
        )
        said = f"{done.stdout}{done.stderr}"
        assert "Traceback" not in said, said
        assert seen.passed == (seen.verdict == 0), f"git {done.returncode}, ours {seen.codes}: {said}"
        for row in rows:
            touched = [path for path in row["changed"] if not (self.state.may_fetch and "/objects/" in path)]
            assert not touched, f"the hook changed {touched}"
            told = row["told"]
            assert row["code"] != 1 or self.state.element in told, told
            if "a.v1.M.y" in told and self.state.sees_consumer:
                assert USE in told, told
        expected = without if seen.passed else before
        assert after == expected, f"{'passed' if seen.passed else 'refused'}: {_different(expected, after)}"
        return seen

    def _twin(self, act: Act) -> Mapping[str, str]:
        """Run it without hooks in a copy at the same path; check that it does what the state says."""
        site, kept, original = self.site, *(self.site.folder.with_suffix(s) for s in (".kept", ".original"))
        shutil.copytree(site.folder, kept, symlinks=True)
        site.folder.rename(original)
        kept.rename(site.folder)
        try:
            verb, *rest = act.argv
            plain = verb in SKIPPABLE and "--continue" not in rest
            argv = [verb, "--no-verify", *rest] if plain else ["-c", "core.hooksPath=/dev/null", *act.argv]
            done = site.run(["git", *argv], act.at, act.env, act.stdin)
            assert done.returncode == 0, f"without hooks: {done.stdout}{done.stderr}"
            if act.lands:
                assert self._is_broken(act) == self.breaks, "the state does not do what it says"
            return truth(site)
        finally:
            shutil.rmtree(site.folder)
            original.rename(site.folder)

    def _is_broken(self, act: Act) -> bool:
        env = {**act.env, "GIT_NO_REPLACE_OBJECTS": "1"}  # what would be pushed
        texts = [self.site.tried("show", rev, at=at, env=env).stdout for at, rev in act.lands]
        return any(need not in text for text in texts for need in act.needs)

    def _watched(self) -> dict[str, str]:
        """The environment in which the measuring command stands first on PATH."""
        return {
            **self.site.kit.environment,
            "PATH": f"{self.site.kit.watched}{os.pathsep}{os.environ['PATH']}",
            SITE: str(self.site.folder),
            LOG: str(self.log),
            COMMAND: program("workspai-hooks"),
            SERVER: self.server,
        }

    def _told(self) -> str:
        rows = [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []
        return "".join(row["told"] for row in rows)

    def _in_ci(self) -> int:
        """What a CI system finds that checks out the branch after the push."""
        clone = self.site.clone(f"--branch={self.act.branch}", name="ci")
        return forked.completed(["check", "--stage", "ci"], clone).returncode


_ASIDE = (
    *("/objects/", "/logs/", "/index", "/sharedindex.", "/COMMIT_EDITMSG", "/MERGE_", "/ORIG_HEAD"),
    "/info/lefthook.checksum",
)
"""What git itself writes before it asks a hook, or to go on after a refusal, and lefthook's note of what it
installed when; around our command all of it is compared byte by byte. An index is compared by its entries,
since file times stand in it."""


def truth(site: Site) -> Mapping[str, str]:
    """Digests of configuration, refs, work trees and all else in git directories, and of indexes' entries."""
    files = digest(str(site.folder))
    kept = {path: value for path, value in files.items() if not any(part in f"/{path}" for part in _ASIDE)}
    for path in files:
        folder, name = os.path.split(path)
        if name.startswith("index") and not name.endswith(".lock") and f"{folder}/HEAD" in files:
            listing = ("--git-dir", folder, "ls-files", "--stage", "-v", "-z")
            kept[path] = site.git(*listing, at=site.folder, env={"GIT_INDEX_FILE": f"{site.folder}/{path}"})
    return kept


def _different(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    paths = differing(dict(before), dict(after))
    return ", ".join(f"{path} ({before.get(path)!r} -> {after.get(path)!r})" for path in paths)


def watching(folder: Path) -> Path:
    """A folder with a command `workspai-hooks` that measures around the real one."""
    folder.mkdir()
    tests = Path(__file__).parents[1]
    command = folder / "workspai-hooks"
    command.write_text(
        f"#!{sys.executable} -IS\nimport sys\nsys.path.insert(0, {str(tests)!r})\n"
        "from states.around import main\nsys.exit(main())\n"
    )
    command.chmod(0o755)
    return folder
