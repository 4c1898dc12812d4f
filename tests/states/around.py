"""Stands before `workspai-hooks` on PATH while a hook runs: measures everything before and after it.

Runs the real command with the hook's own environment and standard input, and appends a line to a log:
what was asked, the exit code, what was printed, which files changed, and what git handed over.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from states.measure import differing, digest

SITE, LOG, COMMAND = "STATES_SITE", "STATES_LOG", "STATES_COMMAND"


def main() -> int:
    site = os.environ[SITE]
    before = digest(site)
    done = subprocess.run([os.environ[COMMAND], *sys.argv[1:]], stdout=subprocess.PIPE, check=False)
    row = {
        "arguments": sys.argv[1:],
        "code": done.returncode,
        "told": done.stdout.decode(errors="replace"),
        "changed": differing(before, digest(site)),
        "environment": _environment(),
    }
    with open(os.environ[LOG], "a", encoding="utf-8") as log:
        log.write(json.dumps(row) + "\n")
    sys.stdout.buffer.write(done.stdout)
    return done.returncode


def _environment() -> str:
    """The kind of environment that the hook was given."""
    index = os.path.basename(os.environ.get("GIT_INDEX_FILE", ""))
    if "pre-push" in sys.argv:
        return "one ref in variables" if "PRE_COMMIT" in os.environ else "refs on standard input"
    kind = "temporary index" if index.endswith(".lock") else "index"
    return f"{kind}, absolute GIT_DIR" if os.path.isabs(os.environ.get("GIT_DIR", "")) else kind


if __name__ == "__main__":
    sys.exit(main())
