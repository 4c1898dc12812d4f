"""Where the program starts: a commit that asks nothing ends here, everything else goes to cli.py."""

from __future__ import annotations

import sys

from workspai_hooks.contract_files import CONTRACT_SUFFIXES, is_document
from workspai_hooks.tools.staged import Git, may_list, merging

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
        # A merge may keep all that HEAD has and drop what the other side brings.
        either = [*staged, *(one for other in merging() for one in git.staged(other))]
    except OSError:
        return False
    if any(one.path.endswith(CONTRACT_SUFFIXES) for one in either):
        return False
    if any(is_document(one.path) for one in either):
        from workspai_hooks.changes.documents import may_be_contracts

        if may_be_contracts(git, either):
            return False
    if "--only" in sys.argv or not may_list(CONTRACT_SUFFIXES):
        return True
    from workspai_hooks.changes.glance import may_use_retired

    return not may_use_retired(git, staged)
