"""Processes as the tools use them: bounded in time; one that does not answer is an open question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools.spawn import Conversation, bounded, environment, finished, located

__all__ = ["Completed", "Conversation", "Limits", "environment", "located", "run"]


class Completed(msgspec.Struct, frozen=True):
    """What a process left: exit code (negative: the signal that ended it) and its two streams."""

    code: int
    stdout: bytes
    stderr: bytes


class Limits(msgspec.Struct, frozen=True):
    """How far a process may grow: its address space (on Linux), and what it may print on each stream."""

    memory_bytes: int
    output_bytes: int


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout_s: float,
    stdin: bytes = b"",
    limits: Limits | None = None,
    remedy: str,
) -> Completed:
    """Run to the end. A tool that is missing, can't be started, hangs or prints too much is an
    `UndecidedError`.

    With `limits` it reads nothing from us.
    """
    name = Path(argv[0]).name
    try:
        if limits is None:
            return Completed(*finished(argv, cwd=cwd, env=env, timeout_s=timeout_s, stdin=stdin))
        return _within(limits, argv, cwd, env, timeout_s, name, remedy)
    except FileNotFoundError as error:
        raise UndecidedError(name, f"{argv[0]} was not found", remedy) from error
    except TimeoutError as error:
        why = f"gave no answer within {timeout_s:g} s and was stopped"
        raise UndecidedError(name, why, remedy) from error
    except OSError as error:
        raise UndecidedError(name, f"{argv[0]} could not be started: {error.strerror}", remedy) from error


def _within(
    limits: Limits,
    argv: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    timeout_s: float,
    name: str,
    remedy: str,
) -> Completed:
    memory, output = limits.memory_bytes, limits.output_bytes
    done = Completed(
        *bounded(argv, cwd=cwd, env=env, timeout_s=timeout_s, memory_bytes=memory, output_bytes=output)
    )
    if max(len(done.stdout), len(done.stderr)) > output:
        raise UndecidedError(name, f"printed more than {output >> 20} MiB and was stopped", remedy)
    if done.code and b"out of memory" in done.stderr[:4096]:  # how Go's run time says it
        raise UndecidedError(name, f"needs more than {memory >> 20} MiB of memory", remedy)
    return done
