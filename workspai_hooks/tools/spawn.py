"""The only place that spawns processes. Loads next to nothing: it is on the path of every commit."""

from __future__ import annotations

import os
import subprocess
import time
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


def bounded(
    argv: Sequence[str],
    *,
    cwd: str | os.PathLike[str],
    env: Mapping[str, str],
    timeout_s: float,
    memory_bytes: int,
    cpu_s: int,
    output_bytes: int,
    stdin: bytes,
) -> tuple[int, bytes, bytes]:
    """`finished` for a program that a hostile file can make grow or run for ever: its memory and processor
    time are limited (where the system can limit another process, as Linux can), and it is stopped when a
    stream brings more than `output_bytes`. The system keeps its limits, also when nobody waits for it
    any more.

    Such a stream is cut off one byte after the limit, by which the caller knows.
    """
    from threading import Thread

    process = subprocess.Popen(
        argv,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    streams = [stream for stream in (process.stdout, process.stderr) if stream]
    said = [b"", b""]

    def listen(number: int) -> None:
        said[number] = streams[number].read(output_bytes + 1)
        if len(said[number]) > output_bytes:
            process.kill()

    def tell() -> None:
        assert process.stdin is not None
        with suppress(OSError, ValueError):  # it may end before it has read all, or be ended
            process.stdin.write(stdin)
            process.stdin.close()

    listeners = [Thread(target=listen, args=(number,), daemon=True) for number in (0, 1)]
    until = time.monotonic() + timeout_s
    try:
        _limit(process.pid, memory_bytes, cpu_s)
        if stdin:
            Thread(target=tell, daemon=True).start()
        for listener in listeners:
            listener.start()
        for listener in listeners:
            listener.join(max(0.0, until - time.monotonic()))
        if any(listener.is_alive() for listener in listeners):
            raise TimeoutError
        return process.wait(max(0.1, until - time.monotonic())), said[0], said[1]
    except subprocess.TimeoutExpired as error:  # it has closed its streams and goes on
        raise TimeoutError from error
    finally:
        process.kill()
        process.wait()
        for listener, stream in zip(listeners, streams, strict=True):
            if not listener.is_alive():  # a child of its own may hold the stream: closing would wait for that
                stream.close()


_RESERVED = 2 << 30
"""Bytes of addresses that a Go program takes without using them."""


def _limit(pid: int, memory_bytes: int, cpu_s: int) -> None:
    """Limits on a process that has just been started; none without `prlimit` (not Linux).

    RLIMIT_DATA counts what can be written to, which is what a program takes; before Linux 4.7 only
    RLIMIT_AS, all of its addresses, says anything. A program that goes past its time is killed.
    """
    try:
        from resource import RLIMIT_AS, RLIMIT_CORE, RLIMIT_CPU, RLIMIT_DATA, prlimit
    except ImportError:
        return
    for which, limit in (
        (RLIMIT_DATA, memory_bytes),
        (RLIMIT_AS, memory_bytes + _RESERVED),
        (RLIMIT_CPU, cpu_s),
        (RLIMIT_CORE, 0),
    ):
        with suppress(OSError, ValueError):  # gone, or under a lower limit already
            prlimit(pid, which, (limit, limit))


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
