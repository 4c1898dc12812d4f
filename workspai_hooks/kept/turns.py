"""Who uses an index, and who may throw it away: a lock on its folder, which ends with the process.

Whoever has the file open holds it together with others; whoever makes it or removes it has it alone. SQLite's
own locks don't help there: a file that is removed while another process writes it leaves that one's journal
beside a new file (https://sqlite.org/howtocorrupt.html, 2.6). No file is needed for it, so none is left.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from workspai_hooks.kept.place import RefusedError

_STEP_S = 0.005


class Turn:
    """A folder's lock; one that does nothing where the system has none."""

    def __init__(self, folder: Path) -> None:
        self._descriptor: int | None = None
        if sys.platform != "win32":  # which does not remove what is open
            self._descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)

    def shared(self, patience_s: float) -> bool:
        """Hold it together with others. `RefusedError` where the file system has no locks."""
        return self._taken(alone=False, patience_s=patience_s)

    def alone(self, patience_s: float) -> bool:
        """Hold it alone; what was held before is let go in any case."""
        return self._taken(alone=True, patience_s=patience_s)

    def _taken(self, *, alone: bool, patience_s: float) -> bool:
        if self._descriptor is None or sys.platform == "win32":
            return True
        import fcntl

        until = time.monotonic() + patience_s
        while True:
            try:
                fcntl.flock(self._descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                if time.monotonic() >= until:
                    return False
                time.sleep(_STEP_S)
            except OSError as error:
                raise RefusedError(f"its file system has no locks ({error.strerror})") from error

    def end(self) -> None:
        """Let it go."""
        if self._descriptor is not None:
            with suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None
