"""The hook managers, each installed as docs/hooks.md says: the snippets come from that page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml
from conftest import CHECKOUT

from workspai_hooks.hooks import manifest

PAGE = CHECKOUT / "docs" / "hooks.md"
MANAGERS = ("git", "pre-commit", "prek", "lefthook", "husky")
HUSKY = "husky@9.1.7"
COMMIT, MERGE, PUSH = "pre-commit", "pre-merge-commit", "pre-push"
NOT_LOCAL = {"minimum_pre_commit_version"}
"""Of a hook's keys, those that a `local` one must not have."""


class Unavailable(Exception):
    """This machine has not what a manager needs; the reason."""


def snippets(section: str) -> list[str]:
    """The code blocks of a section of the page, in order."""
    text = PAGE.read_text(encoding="utf-8")
    (body,) = re.findall(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return re.findall(r"^```\w*\n(.*?)^```$", body, re.MULTILINE | re.DOTALL)


def scripts() -> dict[str, str]:
    """git's own hooks by name."""
    commit, push, _ = snippets("git itself")
    return {COMMIT: commit, MERGE: commit, PUSH: push}


def hooks_path() -> list[str]:
    """The command that lets git look for hooks in a folder of the repository."""
    return snippets("git itself")[2].split()


def committed() -> dict[str, str]:
    """What each manager wants to find in the repository, by path; of all managers at once."""
    commit, push = snippets("husky")
    (lefthook,) = snippets("lefthook")
    return {
        ".pre-commit-config.yaml": _local(snippets("pre-commit and prek")[0]),
        "lefthook.yml": lefthook,
        ".husky/pre-commit": commit,
        ".husky/pre-merge-commit": commit,
        ".husky/pre-push": push,
    }


def _local(text: str) -> str:
    """The page's configuration with our manifest's hooks from PATH instead of from a clone of ours."""
    config = yaml.safe_load(text)
    (repository,) = config["repos"]
    rows = {row["id"]: row for row in yaml.safe_load(manifest())}
    hooks = [
        {
            key: value
            for key, value in (rows[one["id"]] | {"language": "system"}).items()
            if key not in NOT_LOCAL
        }
        for one in repository["hooks"]
    ]
    return yaml.safe_dump({**config, "repos": [{"repo": "local", "hooks": hooks}]})


class Kit:
    """What a manager's own installer writes, made once and put into each scratch repository."""

    def __init__(self, manager: str, folder: Path, watched: Path) -> None:
        self.manager, self.folder, self.watched = manager, folder / manager, watched
        self.environment = {
            "PRE_COMMIT_HOME": str(folder / "pre-commit-home"),
            "PREK_HOME": str(folder / "prek-home"),
        }
        self.folder.mkdir(parents=True)
        self._run(["git", "init", "--quiet", "--template=", "."])
        for path, text in committed().items():
            (self.folder / path).parent.mkdir(exist_ok=True)
            (self.folder / path).write_text(text, encoding="utf-8")
        _INSTALLERS[manager](self)

    def _run(self, argv: list[str], cwd: Path | None = None) -> str:
        env = {**os.environ, **self.environment}
        done = subprocess.run(
            argv,
            cwd=cwd or self.folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            raise Unavailable(f"{' '.join(argv[:2])}: {done.stdout.strip()[-300:]}")
        return done.stdout

    def scripts(self) -> None:
        hooks = self.folder / ".git" / "hooks"
        hooks.mkdir()
        for name, text in scripts().items():
            (hooks / name).write_text(text, encoding="utf-8")
            (hooks / name).chmod(0o755)

    def pre_commit(self) -> None:
        self._run([program(self.manager), "install"])

    def lefthook(self) -> None:
        self._run([program("lefthook"), "install"])
        (binary,) = (Path(_package("lefthook")) / "bin").glob("*/lefthook*")
        self.environment["LEFTHOOK_BIN"] = str(binary)  # without Python before it: half the time

    def husky(self) -> None:
        if not (shutil.which("npm") and shutil.which("node")):
            raise Unavailable("husky needs node and npm")
        quick = ["--silent", "--fetch-retries=0", "--fetch-timeout=20000"]
        package = self.folder.with_name("husky-package")
        package.mkdir()
        try:
            self._run(["npm", "pack", HUSKY, *quick, "--cache", str(package / "cache")], package)
        except subprocess.TimeoutExpired as error:
            raise Unavailable("npm gave no answer") from error
        self._run(["tar", "-xzf", "husky-9.1.7.tgz"], package)
        self._run(["node", str(package / "package" / "bin.js")])

    def put(self, git: Callable[..., str], top: Path, hooks: Path) -> None:
        """Give a repository its hooks: `hooks` is its folder of them, `top` its work tree."""
        if self.manager == "husky":
            shutil.copytree(self.folder / ".husky" / "_", top / ".husky" / "_", dirs_exist_ok=True)
            git("config", "core.hooksPath", ".husky/_")
            return
        hooks.mkdir(parents=True, exist_ok=True)
        for name in (COMMIT, MERGE, PUSH):
            shutil.copy2(self.folder / ".git" / "hooks" / name, hooks / name)
        note = Path("info") / "lefthook.checksum"
        if (self.folder / ".git" / note).exists():  # else it installs itself anew at its first run
            (hooks.parent / "info").mkdir(exist_ok=True)
            shutil.copy2(self.folder / ".git" / note, hooks.parent / note)


def program(name: str) -> str:
    """A console script of the environment that runs the tests."""
    return str(Path(sys.executable).with_name(name))


def _package(name: str) -> str:
    from importlib.util import find_spec

    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return os.path.dirname(spec.origin)


_INSTALLERS: Mapping[str, Callable[[Kit], None]] = {
    "git": Kit.scripts,
    "pre-commit": Kit.pre_commit,
    "prek": Kit.pre_commit,
    "lefthook": Kit.lefthook,
    "husky": Kit.husky,
}
