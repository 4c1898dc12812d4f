"""Spawns processes: bounded in time, with an environment of our own, never through a shell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workspai_hooks.errors import UndecidedError


@dataclass(frozen=True, slots=True)
class Completed:
    """What a process left: exit code (negative: the signal that ended it) and its two streams."""

    code: int
    stdout: bytes
    stderr: bytes


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our environment without any `GIT_*`.

    Git hands hooks `GIT_INDEX_FILE` and `GIT_DIR`; a child that inherits them can destroy the
    commit under way (shared/FACTS.md, "Inherited GIT_INDEX_FILE destroys commits").
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env.update(extra or {})
    return env


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout_s: float,
    stdin: bytes = b"",
    remedy: str,
) -> Completed:
    """Run to the end. A tool that is missing, can't be started or hangs is an `UndecidedError`."""
    name = Path(argv[0]).name
    try:
        done = subprocess.run(
            argv, cwd=cwd, env=dict(env), input=stdin, capture_output=True, timeout=timeout_s, check=False
        )
    except FileNotFoundError as error:
        raise UndecidedError(name, f"{argv[0]} was not found", remedy) from error
    except OSError as error:
        raise UndecidedError(name, f"{argv[0]} could not be started: {error.strerror}", remedy) from error
    except subprocess.TimeoutExpired as error:
        why = f"gave no answer within {timeout_s:g} s and was stopped"
        raise UndecidedError(name, why, remedy) from error
    return Completed(done.returncode, done.stdout, done.stderr)


class Conversation:
    """A process that answers requests over its pipes for as long as it is needed."""

    def __init__(self, argv: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> None:
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
        self.requests.close()
        self.answers.close()
        self._process.wait()
