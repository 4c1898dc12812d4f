"""Processes as the tools use them: bounded in time; one that does not answer is an open question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools.spawn import Conversation, environment, finished

__all__ = ["Completed", "Conversation", "environment", "run"]


class Completed(msgspec.Struct, frozen=True):
    """What a process left: exit code (negative: the signal that ended it) and its two streams."""

    code: int
    stdout: bytes
    stderr: bytes


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
        return Completed(*finished(argv, cwd=cwd, env=env, timeout_s=timeout_s, stdin=stdin))
    except FileNotFoundError as error:
        raise UndecidedError(name, f"{argv[0]} was not found", remedy) from error
    except TimeoutError as error:
        why = f"gave no answer within {timeout_s:g} s and was stopped"
        raise UndecidedError(name, why, remedy) from error
    except OSError as error:
        raise UndecidedError(name, f"{argv[0]} could not be started: {error.strerror}", remedy) from error
