"""A run's side of the cache that machines share: starts what fetches, waits for it within bounds, and says
once what is wrong.

The work goes on while a pack is on its way. Before what is not known is worked out, a run waits for it, but
in all no longer than half of the time that it has worked itself, and never more than `MOST_WAIT_S`: so a
store that hangs costs a run at most half as much again, whatever the work is.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock

import msgspec

from workspai_hooks.errors import UsageError
from workspai_hooks.remote.asked import Asked, asked
from workspai_hooks.remote.pull import Order, Outcome
from workspai_hooks.tools.spawn import Errand

MANY = 64
"""Answers that are missing at once: less is made before a pack could be here. A new index asks at once."""
SHARE, MOST_WAIT_S = 0.5, 2.0
WORTH_TELLING_S = 1.0
"""A run that ends earlier has not waited for anything worth a line."""
AGAIN_S, AGAIN_AFTER_FAULT_S = 600.0, 300.0
"""So long after a pack was fetched, or could not be, a run does not ask again."""
NAME = "remote.json"
"""What the last fetch came to, beside the index."""


class Last(msgspec.Struct, frozen=True):
    """How the last fetch went: when (seconds since 1970), for what, the pack's state, its rows, or what was
    wrong."""

    at: float = 0.0
    address: str = ""
    origin: str = ""
    tag: str = ""
    rows: int = 0
    why: str = ""


class Filling:
    """What stands behind an index (kept/behind.py). One a run; it may be asked by several threads."""

    def __init__(self, wanted: Asked, index: Path, limit: int, origin: Callable[[], str]) -> None:
        self._wanted = wanted
        self._index = index
        self._limit = limit
        self._origin = origin
        self._began = time.monotonic()
        self._waited = 0.0
        self._errand: Errand | None = None
        self._started = 0.0
        self._is_over = False
        self._about = Last()
        self._turn = Lock()

    def arrived(self, kind: str, missing: int, *, is_new: bool, cost_s: float | None) -> bool:
        """See `Behind`. Starts the fetch where enough is missing, and waits a little for it, never longer
        than `cost_s`."""
        if self._is_over:
            return False
        with self._turn:
            if self._is_over:
                return False
            if self._errand is None and not self._begun(missing, is_new=is_new):
                return False
            return self._looked(cost_s)

    def close(self) -> None:
        """The run is over: what is still on its way is given up."""
        with self._turn:
            if self._errand is not None and not self._is_over and not self._looked(0.0) and not self._is_over:
                took = time.monotonic() - self._started
                self._errand.end()
                if took >= WORTH_TELLING_S:
                    self._over(Outcome(why=f"it gave nothing within the {took:.1f} s that this run took"))
            self._is_over = True

    def _begun(self, missing: int, *, is_new: bool) -> bool:
        if missing < MANY and not is_new:
            return False
        origin = self._origin()
        self._about = Last(time.time(), self._wanted.address, origin)
        last = last_of(self._index.parent)
        mine = (last.address, last.origin) == (self._about.address, origin)
        since = time.time() - last.at if mine else AGAIN_S
        patience = AGAIN_AFTER_FAULT_S if last.why else 0.0 if is_new else AGAIN_S
        if not origin or 0 <= since < patience:
            self._is_over = True
            return False
        known = last.tag if mine and not is_new else ""
        order = msgspec.msgpack.encode(
            Order(self._wanted.url, self._wanted.key, origin, known, str(self._index), self._limit)
        )
        # -I without -s: packages may stand in the user's home; nothing is imported from where we are.
        argv = [sys.executable, "-E", "-P", "-m", "workspai_hooks.remote.pull"]
        try:
            self._errand = Errand(argv, cwd=sys.prefix, env=_environment())
            self._errand.tell(len(order).to_bytes(4, "big") + order)
        except OSError as error:
            self._over(Outcome(why=f"Python could not be started: {error.strerror}"))
            return False
        self._started = time.monotonic()
        return True

    def _looked(self, cost_s: float | None) -> bool:
        """Whether it has just brought something."""
        assert self._errand is not None
        before = time.monotonic()
        allowed = SHARE * (before - self._began - self._waited)
        patience = min(allowed, MOST_WAIT_S) - self._waited
        if cost_s is not None:
            patience = min(patience, cost_s)
        done = self._errand.answer(max(0.0, patience))
        self._waited += time.monotonic() - before
        if done is None:
            return False
        try:
            outcome = msgspec.msgpack.decode(done, type=Outcome)
        except msgspec.DecodeError:
            outcome = Outcome(why="what fetches it has failed: python -m workspai_hooks.remote.pull")
        self._over(outcome)
        return outcome.rows > 0

    def _over(self, outcome: Outcome) -> None:
        self._is_over = True
        if outcome.why:
            address = self._wanted.address
            print(f"workspai-hooks: the shared cache {address} is not used: {outcome.why}", file=sys.stderr)
        said = msgspec.structs.replace(self._about, tag=outcome.tag, rows=outcome.rows, why=outcome.why)
        _keep(self._index.parent, said)


def filling(index: Path | None, limit: int, origin: Callable[[], str]) -> Filling | None:
    """What stands behind an index; None where the user asks for nothing, or for what can't be meant (which is
    said)."""
    if index is None:
        return None
    try:
        wanted = asked()
    except UsageError as error:
        print(f"workspai-hooks: {error}", file=sys.stderr)
        return None
    return Filling(wanted, index, limit, origin) if wanted is not None else None


def last_of(folder: Path) -> Last:
    """How the last fetch for an index in a folder went; a blank one where nobody knows."""
    try:
        return msgspec.json.decode((folder / NAME).read_bytes(), type=Last)
    except (OSError, msgspec.DecodeError):
        return Last()


def described(folder: Path) -> str | None:
    """What stands behind an index in a folder, in words; None where nothing does. `UsageError` as `asked`."""
    wanted = asked()
    if wanted is None:
        return None
    last = last_of(folder)
    if last.address != wanted.address:
        return f"{wanted.address}, not asked yet"
    ago = f"{max(0.0, time.time() - last.at) / 60:,.0f} minutes ago"
    if last.why:
        return f"{wanted.address}, not used {ago}: {last.why}"
    return f"{wanted.address}, asked {ago}: {f'{last.rows:,} answers' if last.rows else 'nothing new'}"


def _keep(folder: Path, last: Last) -> None:
    """All of it or nothing; where it can't be written, the next run asks again."""
    made = folder / f".{NAME}.{os.getpid()}"
    with suppress(OSError):
        made.write_bytes(msgspec.json.encode(last))
        os.replace(made, folder / NAME)


def _environment() -> dict[str, str]:
    """All that the user has set: what opens the store is there, under a hundred names. Not what git tells
    hooks, nor what leads Python elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON"))}
