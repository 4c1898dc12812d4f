"""The only place that spawns processes. Loads next to nothing: it is on the path of every commit."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our environment without any `GIT_*`.

    Git hands hooks `GIT_INDEX_FILE` and `GIT_DIR`; a child that inherits them can destroy the
    commit under way (shared/FACTS.md, "Inherited GIT_INDEX_FILE destroys commits").
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env.update(extra or {})
    return env


def finished(
    argv: Sequence[str],
    *,
    cwd: str | os.PathLike[str],
    env: Mapping[str, str],
    timeout_s: float,
    stdin: bytes,
) -> tuple[int, bytes, bytes]:
    """Run to the end: exit code (negative: the signal that ended it) and both streams.

    OSError where it can't be started, TimeoutError where it does not end in time (it is stopped then).
    """
    try:
        done = subprocess.run(
            argv, cwd=cwd, env=dict(env), input=stdin, capture_output=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    return done.returncode, done.stdout, done.stderr


class Conversation:
    """A process that answers requests over its pipes for as long as it is needed."""

    def __init__(self, argv: Sequence[str], *, cwd: str | os.PathLike[str], env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.requests = self._process.stdin
        self.answers = self._process.stdout

    def close(self) -> None:
        """End the process; it may be in the middle of an answer that nobody waits for."""
        self._process.kill()
        self.answers.close()
        with suppress(OSError):  # it may have ended before it read all of them
            self.requests.close()
        self._process.wait()
