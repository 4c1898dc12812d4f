"""Stands before `workspai-hooks` on PATH while a hook runs: measures everything before and after it.

Runs the command with the hook's own environment, folder and standard input, and appends a line to a log:
what was asked, the exit code, what was printed, which files changed, and what git handed over. Where a server
of forked.py is named, the command is the program as that one has loaded it, else the real one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from states.measure import differing, digest

SITE, LOG, COMMAND, SERVER = "STATES_SITE", "STATES_LOG", "STATES_COMMAND", "STATES_SERVER"


def main() -> int:
    site = os.environ[SITE]
    before = digest(site)
    code, told = _asked(sys.argv[1:])
    row = {
        "arguments": sys.argv[1:],
        "code": code,
        "told": told.decode(errors="replace"),
        "changed": differing(before, digest(site)),
        "environment": _environment(),
    }
    with open(os.environ[LOG], "a", encoding="utf-8") as log:
        log.write(json.dumps(row) + "\n")
    sys.stdout.buffer.write(told)
    return code


def _asked(arguments: list[str]) -> tuple[int, bytes]:
    """The exit code, and what was printed."""
    if not os.environ[SERVER]:
        done = subprocess.run([os.environ[COMMAND], *arguments], stdout=subprocess.PIPE, check=False)
        return done.returncode, done.stdout
    from forked import Run

    with tempfile.TemporaryFile() as out:
        run = Run(arguments, os.getcwd(), os.environ, [0, out.fileno(), 2], os.environ[SERVER])
        code, _ = run.wait()
        out.seek(0)
        return code, out.read()


def _environment() -> str:
    """The kind of environment that the hook was given."""
    index = os.path.basename(os.environ.get("GIT_INDEX_FILE", ""))
    if "pre-push" in sys.argv:
        return "one ref in variables" if "PRE_COMMIT" in os.environ else "refs on standard input"
    kind = "temporary index" if index.endswith(".lock") else "index"
    return f"{kind}, absolute GIT_DIR" if os.path.isabs(os.environ.get("GIT_DIR", "")) else kind


if __name__ == "__main__":
    sys.exit(main())
