"""Where the program starts: a commit that touches no contract ends here, everything else goes to cli.py."""

from __future__ import annotations

import sys

from workspai_hooks.contract_files import CONTRACT_SUFFIXES
from workspai_hooks.tools.staged import staged_paths

HOOKS = (
    ["check"],
    ["check", "--stage", "pre-commit"],
    ["check", "--stage", "pre-commit", "--only", "breaking"],
)
"""What hooks run on a commit: nothing to say where no contract is staged."""


def main() -> int:
    """The exit code."""
    if sys.argv[1:] in HOOKS:
        staged = staged_paths()
        if staged is not None and not any(path.endswith(CONTRACT_SUFFIXES) for path in staged):
            return 0
    from workspai_hooks.cli import main as run

    return run()
