"""What a tool that wants files on disk gets: a private folder, and an environment that leads nowhere else."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from threading import Lock

from workspai_hooks.errors import UndecidedError
from workspai_hooks.patterns import regex

# What a program needs to start at all: Windows' own folders (a Go program that finds no SYSTEMROOT has no
# random numbers), where temporary files go. Nothing of the user's set-up, of a hook's variables, of a
# container's tokens.
_KEPT = ("PATH", "PATHEXT", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "TMPDIR", "TEMP", "TMP")
_NOWHERE = "http://127.0.0.1:9"


_PREFIX = "workspai-tool-"
_NAME = regex(r"workspai-tool-\w{8}")
"""What `tempfile` makes of it."""
_ATTEMPTS = 5


class Scratch:
    """A private folder that is removed at the end of the block; no room for one is an `UndecidedError`.

    A run that is killed can't remove its own: the next one does. Whose run goes on holds a lock on its folder
    (`flock`, which ends with the process and counts between containers that share a disk), so that only those
    of the dead are taken.
    """

    def __enter__(self) -> Path:
        import tempfile  # 4 ms, which a run that asks no tool does not pay

        try:
            temporary = _temporary()
            _remove_those_of_the_dead(Path(temporary))
            for _ in range(_ATTEMPTS):
                self._folder = tempfile.TemporaryDirectory(
                    prefix=_PREFIX, dir=temporary, ignore_cleanup_errors=True
                )
                with suppress(BlockingIOError):  # another run takes it for a dead one's, and removes it
                    self._lock = _locked(Path(self._folder.name))
                    if os.path.isdir(self._folder.name):
                        break
                    self._leave()
        except OSError as error:
            why = f"no temporary folder could be made: {error.strerror}"
            raise UndecidedError("scratch", why, "make TMPDIR name a folder that can be written") from error
        return Path(self._folder.name)

    def __exit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        self._folder.cleanup()
        if self._lock is not None:
            os.close(self._lock)


def _temporary() -> str:
    """Where temporary files go, as `tempfile` has it; but never the current folder, which is a repository's,
    and without the file that `tempfile` writes to try a folder, which a killed run would leave."""
    if os.name != "posix":
        import tempfile

        return tempfile.gettempdir()
    for place in (*map(os.environ.get, ("TMPDIR", "TEMP", "TMP")), "/tmp", "/var/tmp", "/usr/tmp"):
        if place and os.path.isabs(place) and os.path.isdir(place) and os.access(place, os.W_OK | os.X_OK):
            return place
    raise FileNotFoundError(errno.ENOENT, "no folder for them can be written")


def _locked(folder: Path) -> int | None:
    """A descriptor that locks a folder, `BlockingIOError` where somebody else's does; None without locks."""
    try:
        import fcntl

        descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
    except (ImportError, OSError, AttributeError):
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    except OSError:  # a file system without them
        os.close(descriptor)
        return None
    return descriptor


_looked: set[Path] = set()
_looking = Lock()
"""Several threads ask tools at once: a folder that one makes is not locked yet while another one looks."""


def _remove_those_of_the_dead(temporary: Path) -> None:
    """Remove folders of runs of this user that were killed; once a run."""
    with _looking:
        if temporary in _looked or not hasattr(os, "getuid"):
            return
        _looked.add(temporary)
        with suppress(OSError), os.scandir(temporary) as entries:
            for entry in entries:
                if _NAME.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                    with suppress(OSError):
                        _remove_if_dead(entry)


def _remove_if_dead(entry: os.DirEntry[str]) -> None:
    if entry.stat(follow_symlinks=False).st_uid != os.getuid():
        return
    lock = _locked(Path(entry.path))
    if lock is not None:
        import shutil

        shutil.rmtree(entry.path, ignore_errors=True)
        os.close(lock)


def isolated(private: Path, memory_bytes: int = 256 << 20) -> dict[str, str]:
    """An environment for a Go program: its home is in `private`, no network, garbage collected from
    `memory_bytes` on.

    Proxies that lead nowhere stop what a file of the repository would have fetched; a request to this very
    machine passes by every proxy (Go's rule), so that whoever hands over files checks what they refer to.
    """
    env = {name: value for name, value in os.environ.items() if name.upper() in _KEPT}
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        env[name] = env[name.lower()] = _NOWHERE
    home = str(private / ".cache")
    env.update(NO_PROXY="", no_proxy="", HOME=home, USERPROFILE=home, NETRC=os.devnull, LC_ALL="C")
    # It lives for some milliseconds: collecting garbage costs a third of them. The limit bounds memory.
    env.update(GOGC="off", GOMEMLIMIT=f"{memory_bytes}B")
    return env
