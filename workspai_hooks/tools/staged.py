"""What the next commit changes, by one git command and with next to nothing loaded.

Most commits touch no contract: they pay for this module and no more.
"""

from __future__ import annotations

import os

from workspai_hooks.tools.spawn import environment, finished

TIMEOUT_S = 60.0
SETTINGS = ("-c", "core.fsmonitor=false", "-c", "core.untrackedCache=false", "-c", "gc.auto=0")

# What git hands to a hook so that it reads the index and the objects of the commit under way, and what a
# user or a CI system sets to let git read at all (safe.directory by GIT_CONFIG_COUNT, ceilings).
_OURS = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_CEILING_DIRECTORIES",
    "GIT_CONFIG_",
)


def git_environment() -> dict[str, str]:
    """For our own reads: no locks, no network, no prompts, English answers."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(_OURS)}
    return environment(
        kept
        | {
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }
    )


DIFF_FLAGS = ("--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--ita-invisible-in-index")


def staged_paths() -> list[str] | None:
    """Paths in which the index differs from HEAD, conflicts among them; None where git does not say."""
    argv = ["git", *SETTINGS, "diff-index", *DIFF_FLAGS, "HEAD", "--"]
    try:
        code, output, _ = finished(argv, cwd=".", env=git_environment(), timeout_s=TIMEOUT_S, stdin=b"")
    except OSError:
        return None
    return os.fsdecode(output).split("\0")[1::2] if code == 0 else None
