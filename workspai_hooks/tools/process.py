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


MEMORY_BYTES, MEMORY_PER_BYTE = 384 << 20, 32
CPU_S, CPU_S_PER_MB = 6, 3
"""What a tool may take, and how much more for what it is given: most take 0.1 s and 50 MB. GitHub's
description (two of 13 MB) takes oasdiff 5 s and 0.4 GB, a chart of 400 Deployments helm 0.2 s and 0.12 GB."""


class Limits(msgspec.Struct, frozen=True):
    """How far a process may go: memory and processor time (on Linux), what it may print on each stream."""

    memory_bytes: int
    cpu_s: int
    output_bytes: int

    @staticmethod
    def of(size_bytes: int, output_bytes: int) -> Limits:
        """For a tool that is given so much to read."""
        memory = MEMORY_BYTES + MEMORY_PER_BYTE * size_bytes
        return Limits(memory, CPU_S + CPU_S_PER_MB * size_bytes // 1_000_000, output_bytes)

    @property
    def collected_bytes(self) -> int:
        """From so much on a Go program collects its garbage."""
        return self.memory_bytes * 5 // 8


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
    `UndecidedError`; so is one that goes past its `limits`.
    """
    name = Path(argv[0]).name
    try:
        if limits is None:
            return Completed(*finished(argv, cwd=cwd, env=env, timeout_s=timeout_s, stdin=stdin))
        return _within(limits, argv, cwd, env, timeout_s, stdin, name, remedy)
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
    stdin: bytes,
    name: str,
    remedy: str,
) -> Completed:
    done = Completed(
        *bounded(
            argv,
            cwd=cwd,
            env=env,
            timeout_s=timeout_s,
            memory_bytes=limits.memory_bytes,
            cpu_s=limits.cpu_s,
            output_bytes=limits.output_bytes,
            stdin=stdin,
        )
    )
    if max(len(done.stdout), len(done.stderr)) > limits.output_bytes:
        why = f"printed more than {limits.output_bytes >> 20} MiB and was stopped"
        raise UndecidedError(name, why, remedy)
    if done.code and any(said in done.stderr[:4096] for said in _NO_MEMORY):
        raise UndecidedError(name, f"needs more than {limits.memory_bytes >> 20} MiB of memory", SMALLER)
    return done


_NO_MEMORY = (b"out of memory", b"cannot allocate memory")
"""How Go's run time says it."""
SMALLER = "make what it is given smaller: no file that people read takes as much"
