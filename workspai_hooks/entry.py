"""Where the program starts: a commit that asks nothing ends here, everything else goes to cli.py."""

from __future__ import annotations

import sys

from workspai_hooks.changes.documents import may_be_contracts
from workspai_hooks.contract_files import CONTRACT_SUFFIXES
from workspai_hooks.tools.staged import Git

HOOKS = (
    ["check"],
    ["check", "--stage", "pre-commit"],
    ["check", "--stage", "pre-commit", "--only", "breaking"],
)
"""What hooks run on a commit, which asks nothing where it stages no contract and uses nothing given up."""


def main() -> int:
    """The exit code."""
    if sys.argv[1:] in HOOKS and _asks_nothing():
        return 0
    from workspai_hooks.cli import main as run

    return run()


def _asks_nothing() -> bool:
    git = Git()
    try:
        staged = git.staged()
    except OSError:
        return False
    if any(one.path.endswith(CONTRACT_SUFFIXES) for one in staged):
        return False
    if may_be_contracts(git, staged):
        return False
    if "--only" in sys.argv or not git.may_list(CONTRACT_SUFFIXES):
        return True
    from workspai_hooks.changes.glance import may_use_retired

    return not may_use_retired(git, staged)
