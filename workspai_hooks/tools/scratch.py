"""What a tool that wants files on disk gets: a private folder, and an environment that leads nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

from workspai_hooks.errors import UndecidedError

# What a program needs to start at all: Windows' own folders (a Go program that finds no SYSTEMROOT has no
# random numbers), where temporary files go. Nothing of the user's set-up, of a hook's variables, of a
# container's tokens.
_KEPT = ("PATH", "PATHEXT", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "TMPDIR", "TEMP", "TMP")
_NOWHERE = "http://127.0.0.1:9"


class Scratch:
    """A private folder that is removed at the end of the block; no room for one is an `UndecidedError`."""

    def __enter__(self) -> Path:
        import tempfile  # 4 ms, which a run that asks no tool does not pay

        try:
            self._folder = tempfile.TemporaryDirectory(prefix="workspai-", ignore_cleanup_errors=True)
        except OSError as error:
            why = f"no temporary folder could be made: {error.strerror}"
            raise UndecidedError("scratch", why, "make TMPDIR name a folder that can be written") from error
        return Path(self._folder.name)

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


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
