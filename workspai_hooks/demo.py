"""The main job on the bundled shop: a scratch repository, a staged break, the verdict."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools.process import environment, run

BRANCH = "drop-title"
CONTRACT = "protos/bookshop/catalog/v1/catalog.proto"
FIELD = "  string title = 2;\n"
ELEMENT = "bookshop.catalog.v1.Book.title"
COMMAND = "workspai-hooks check --stage pre-commit"

# Nothing of the user's git reaches the scratch repository: no hooks, templates, signatures or identity.
GIT_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Demo",
    "GIT_AUTHOR_EMAIL": "demo@bookshop.example",
    "GIT_COMMITTER_NAME": "Demo",
    "GIT_COMMITTER_EMAIL": "demo@bookshop.example",
}


def demo(*, width: int, color: bool) -> int:
    """0 where the break was found, which a hook would answer with 1; 3 where the demo could not run."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]  # as a git alias, we would be shown the repository that it was typed in
    try:
        code = demonstrate(lambda root: _check(root, width=width, color=color))
    except UndecidedError as error:
        undecided = error.undecided
        print(f"demo: {undecided.what}: {undecided.why}\n  {undecided.remedy}", file=sys.stderr)
        return 3
    if code == 1:
        print("\nA hook would have stopped this commit (exit code 1).")
    return 0 if code == 1 else 3


def demonstrate(run_check: Callable[[Path], int]) -> int:
    """Tell what is done, do it in a temporary folder, and return what `run_check` returns there."""
    # ignore_cleanup_errors: a virus scanner or indexer that holds a file is no reason to fail.
    with tempfile.TemporaryDirectory(prefix="workspai-demo-", ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve() / "shop"
        stage_break(root)
        print("A bookshop of eight services, as a scratch git repository.")
        print(f"Branch {BRANCH}: {ELEMENT} removed from {CONTRACT} and staged.")
        print(f"On git commit, the hook runs: {COMMAND}\n", flush=True)
        return run_check(root)


def stage_break(root: Path) -> None:
    """Make the repository at `root`: the shop committed on main, a field's removal staged on a branch."""
    shutil.copytree(bundled_shop(), root, ignore=shutil.ignore_patterns("__pycache__", "truth.json"))
    _git(root, "init", "--quiet", "--template=", "--initial-branch=main")
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--message=The shop")
    _git(root, "switch", "--quiet", "--create", BRANCH)
    contract = root / CONTRACT
    contract.write_bytes(contract.read_bytes().replace(FIELD.encode(), b"", 1))
    _git(root, "add", CONTRACT)


def bundled_shop() -> Path:
    """The shop inside an installed package, or beside the package in a checkout."""
    package = Path(__file__).parent
    for shop in (package / "_fixtures" / "shop", package.parent / "fixtures" / "shop"):
        if shop.is_dir():
            return shop
    raise UndecidedError("the bundled shop", "it is not installed", "reinstall workspai-hooks")


def _git(root: Path, *arguments: str) -> None:
    remedy = "install git 2.28 or newer and put it on PATH"
    done = run(["git", *arguments], cwd=root, env=environment(GIT_ENVIRONMENT), timeout_s=60, remedy=remedy)
    if done.code != 0:
        why = done.stderr.decode(errors="replace").strip() or f"exit code {done.code}"
        raise UndecidedError(f"git {arguments[0]}", why, remedy)


def _check(root: Path, *, width: int, color: bool) -> int:
    from workspai_hooks.inspection import Request, inspect
    from workspai_hooks.report.terminal import render

    report = inspect(Request(root, stage="pre-commit"))
    sys.stdout.write(render(report, width=width, color=color))
    return report.exit_code
