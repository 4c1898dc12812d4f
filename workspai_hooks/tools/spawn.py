"""The only place that spawns processes. Loads next to nothing: it is on the path of every commit."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing is not loaded on the path of every commit
    from typing import IO


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
    output_bytes: int,
) -> tuple[int, bytes, bytes]:
    """`finished` for a program that a hostile file can make grow: with a limit on its address space (where
    the system can set one for another process, as Linux can) and on what it writes.

    Output goes to files, so that neither it nor we can fill our memory; what is over the limit is cut off one
    byte after it, by which the caller knows.
    """
    from tempfile import TemporaryFile

    with TemporaryFile() as output, TemporaryFile() as errors:
        with subprocess.Popen(
            argv, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=output, stderr=errors
        ) as process:
            _limit(process.pid, memory_bytes, output_bytes + 1)
            try:
                code = process.wait(timeout_s)
            except subprocess.TimeoutExpired as error:
                process.kill()
                raise TimeoutError from error
            except BaseException:
                process.kill()
                raise
        return code, _read(output, output_bytes + 1), _read(errors, output_bytes + 1)


def _limit(pid: int, memory_bytes: int, output_bytes: int) -> None:
    """Limits on a process that has just been started; none without `prlimit` (not Linux)."""
    try:
        from resource import RLIMIT_AS, RLIMIT_CORE, RLIMIT_FSIZE, prlimit
    except ImportError:
        return
    for which, limit in ((RLIMIT_AS, memory_bytes), (RLIMIT_FSIZE, output_bytes), (RLIMIT_CORE, 0)):
        with suppress(OSError, ValueError):  # gone, or under a lower limit already
            prlimit(pid, which, (limit, limit))


def _read(stream: IO[bytes], most: int) -> bytes:
    stream.seek(0)
    return stream.read(most)


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
