"""The only place that spawns processes. Loads next to nothing: it is on the path of every commit."""

from __future__ import annotations

import os
import time

from workspai_hooks.deferred import deferred

TYPE_CHECKING = False  # as in typing, which takes longer to load than all of this
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence
else:
    subprocess = deferred("subprocess")

_KEPT = (
    *("PATH", "PATHEXT", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "TMPDIR", "TEMP", "TMP"),
    # where the user's own configuration of git is
    *("HOME", "XDG_CONFIG_HOME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "PROGRAMDATA", "APPDATA"),
    # safe.directory under sudo (git's compat/posix.h), Xcode's git, libraries that stand elsewhere
    *("SUDO_UID", "DEVELOPER_DIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a child gets: what a program needs to start and git to find its configuration, no more.

    No token of a CI system, no key of a cloud. And no `GIT_*`: git hands hooks `GIT_INDEX_FILE` and
    `GIT_DIR`, and a child that inherits them can destroy the commit under way (shared/FACTS.md, "Inherited
    GIT_INDEX_FILE destroys commits").
    """
    env = {name: value for name, value in os.environ.items() if name.upper() in _KEPT}
    env.update(extra or {})
    return env


_SUFFIXES = (".exe", ".cmd", ".bat") if os.name == "nt" else ("",)
_found: dict[tuple[str, str], str] = {}


def located(name: str) -> str | None:
    """Where on PATH a program is, but for folders that a repository could have brought along: relative ones
    (husky puts `node_modules/.bin` there), and those inside of the repository that we stand in.

    None where it is nowhere else. Windows would look into the current folder first.
    """
    way = os.environ.get("PATH", os.defpath)
    if (name, way) in _found:
        return _found[name, way]
    inside = _repository()
    for folder in filter(os.path.isabs, way.split(os.pathsep)):
        for suffix in _SUFFIXES:
            path = os.path.join(folder, name + suffix)
            if os.access(path, os.X_OK) and os.path.isfile(path) and not _is_in(folder, inside):
                _found[name, way] = path
                return path
    return None


def _repository() -> str:
    """The top of the work tree that we stand in; empty where there is none, or where it is a whole home."""
    try:
        folder = here = os.getcwd()
    except OSError:  # it is gone
        return ""
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            folder = here
            break
        folder = above
    home = os.path.realpath(os.path.expanduser("~"))
    return "" if os.path.dirname(folder) == folder or _is_in(home, folder) else folder


def _is_in(folder: str, top: str) -> bool:
    return bool(top) and (os.path.realpath(folder) + os.sep).startswith(top.rstrip(os.sep) + os.sep)


def _command(argv: Sequence[str]) -> list[str]:
    """A program by its path: a name alone would be looked for in all of PATH."""
    program = argv[0] if os.path.dirname(argv[0]) else located(argv[0])
    if program is None:
        raise FileNotFoundError(argv[0])
    return [program, *argv[1:]]


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
            _command(argv),
            cwd=cwd,
            env=dict(env),
            input=stdin,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    return done.returncode, done.stdout, done.stderr


_SIGPIPE = 13
"""`signal` takes longer to load than git to answer. Python ignores it; a child must not."""


def answered(
    argv: Sequence[str],
    *,
    cwd: str | os.PathLike[str],
    env: Mapping[str, str],
    timeout_s: float,
    stdin: bytes,
) -> tuple[int, bytes]:
    """`finished` without the stream of errors, and with nothing loaded: on the path of every commit."""
    pipes = _pipes() if cwd == "." else ()
    if not pipes:
        return finished(argv, cwd=cwd, env=env, timeout_s=timeout_s, stdin=stdin)[:2]
    asked, tell, hear, said = pipes
    actions = [
        (os.POSIX_SPAWN_DUP2, asked, 0),
        (os.POSIX_SPAWN_DUP2, said, 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    try:
        program = _command(argv)
        pid = os.posix_spawn(program[0], program, env, file_actions=actions, setsigdef=[_SIGPIPE])
    except BaseException:
        for each in pipes:
            os.close(each)
        raise
    os.close(asked)
    os.close(said)
    try:
        return _ended(pid, *_exchanged(tell, hear, stdin, time.monotonic() + timeout_s))
    except BaseException:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        raise


def _pipes() -> tuple[int, ...]:
    """Two pipes, of which a child gets the outer ends; none where they would stand in the place of a standard
    stream that is closed, or where a system can't start a program like this."""
    if not hasattr(os, "posix_spawn"):
        return ()
    pipes = (*os.pipe(), *os.pipe())
    if min(pipes) > 2:
        return pipes
    for each in pipes:
        os.close(each)
    return ()


def _exchanged(tell: int, hear: int, stdin: bytes, until: float) -> tuple[bytes, float]:
    """Write all of `stdin` to one descriptor and read the other to its end, both closed then; `until` when it
    has to be over."""
    from select import POLLIN, POLLOUT, poll

    waiting = poll()
    waiting.register(hear, POLLIN)
    os.set_blocking(tell, False)
    waiting.register(tell, POLLOUT)
    parts: list[bytes] = []
    is_telling = True
    try:
        while True:
            ready = dict(waiting.poll(max(0.0, until - time.monotonic()) * 1000))
            if not ready:
                raise TimeoutError
            if tell in ready:
                try:
                    stdin = stdin[os.write(tell, stdin[:_PORTION]) :] if stdin else b""
                except BlockingIOError:
                    pass
                except OSError:  # it may end before it has read all
                    stdin = b""
                if not stdin:
                    waiting.unregister(tell)
                    os.close(tell)
                    is_telling = False
            if hear in ready:
                part = os.read(hear, _PORTION)
                if not part:
                    return b"".join(parts), until
                parts.append(part)
    finally:
        os.close(hear)
        if is_telling:
            os.close(tell)


_PORTION = 1 << 20


def _ended(pid: int, output: bytes, until: float) -> tuple[int, bytes]:
    """The exit code (negative: the signal that ended it) of a process that has said all, and what it said."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    pause = 0.0001
    while not ended:
        if time.monotonic() > until:  # it has closed its stream and goes on
            raise TimeoutError
        time.sleep(pause)
        pause = min(2 * pause, 0.05)
        ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status), output


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
    from contextlib import suppress
    from threading import Thread

    process = subprocess.Popen(
        _command(argv),
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
    from contextlib import suppress

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


def _piped(
    argv: Sequence[str], cwd: str | os.PathLike[str], env: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """A process that is talked to over its pipes."""
    return subprocess.Popen(
        _command(argv),
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


class Conversation:
    """A process that answers requests over its pipes for as long as it is needed."""

    def __init__(self, argv: Sequence[str], *, cwd: str | os.PathLike[str], env: Mapping[str, str]) -> None:
        self._process = _piped(argv, cwd, env)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.requests = self._process.stdin
        self.answers = self._process.stdout

    def close(self) -> None:
        """End the process; it may be in the middle of an answer that nobody waits for."""
        from contextlib import suppress

        self._process.kill()
        self.answers.close()
        with suppress(OSError):  # it may have ended before it read all of them
            self.requests.close()
        self._process.wait()


class Errand:
    """A process that is sent for one answer, and not waited for longer than its sender likes."""

    def __init__(self, argv: Sequence[str], *, cwd: str | os.PathLike[str], env: Mapping[str, str]) -> None:
        self._process = _piped(argv, cwd, env)
        self._answer: bytes | None = None

    def tell(self, words: bytes) -> None:
        """What it has to know; it is not told more, and sees by the end of this stream that nobody waits any
        more."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(words)
            self._process.stdin.flush()
        except BrokenPipeError:  # it has ended
            return

    def answer(self, patience_s: float) -> bytes | None:
        """What it wrote before it ended, which must fit into a pipe (4 kB); None where it has not ended."""
        if self._answer is None:
            try:
                self._process.wait(patience_s)
            except subprocess.TimeoutExpired:
                return None
            assert self._process.stdout is not None
            self._answer = self._process.stdout.read()
            self.end()
        return self._answer

    def end(self) -> None:
        """Stop it, whatever it does."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue
