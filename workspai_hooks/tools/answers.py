"""Small answers kept in files of their own, for the path of every commit: SQLite and msgspec, which the index
needs, take longer to load than git to answer.

Each file has the digest of its name and of what it holds, and the version of the code that made it. One that
is damaged, under another name, of another version or of another user is not there; a folder that can't be
written means that nothing is kept.
"""

from __future__ import annotations

import os
import stat
import time

try:  # a part of Python since 3.6; hashlib loads OpenSSL for the same
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

TYPE_CHECKING = False  # as in typing, which takes longer to load than all of this
if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = "workspai-hooks"
"""In a git directory: where all that is kept stands."""
REPORTS, WORDS = "reports", "words"
"""Folders in it: of whole reports, in the common directory; of what contracts have given up, in a work tree's
own."""
LARGEST = 4 << 20
"""Bytes of an answer; a larger one is cheaper to make than to keep."""
STALE_S = 60.0
"""What a run that was killed left half written is removed after so long."""
_PART = ".part"
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Nobody is waited for who would write to a pipe."""
_DIGEST = 40


def digest(parts: Iterable[bytes]) -> str:
    """One digest of all parts, each with its length: they can't run into each other."""
    total = blake2b(digest_size=_DIGEST // 2)
    for part in parts:
        total.update(b"%d:" % len(part))
        total.update(part)
    return total.hexdigest()


def is_off() -> bool:
    """Whether the user wants nothing to be kept: `WORKSPAI_INDEX=off`."""
    return os.environ.get("WORKSPAI_INDEX", "").lower() in ("off", "0", "no")


def recalled(folder: str, name: str, version: str) -> bytes | None:
    """What was kept under a name by the same version."""
    if not _is_ours(folder):
        return None
    try:
        file = os.open(os.path.join(folder, name), _READ)
        try:
            found = os.fstat(file)
            if not (stat.S_ISREG(found.st_mode) and _is_mine(found)):
                return None
            data = os.read(file, LARGEST + 1)
        finally:
            os.close(file)
    except OSError:
        return None
    header, _, body = data.partition(b"\n")
    return body if header == _header(version, name, body) else None


def keep(folder: str, name: str, version: str, body: bytes, most: int) -> None:
    """Keep an answer, beside at most so many others: the oldest go. The folder above has to be there."""
    data = _header(version, name, body) + b"\n" + body
    if len(data) > LARGEST:
        return
    try:
        if os.path.islink(os.path.dirname(folder)):
            return
        os.makedirs(folder, 0o700, exist_ok=True)
        if not _is_ours(folder):
            return
        _clear(folder, most)
        part = os.path.join(folder, f"{name}.{os.getpid()}{_PART}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        file = os.open(part, flags, 0o600)
        is_whole = False
        try:
            is_whole = _written(file, data)
            if is_whole:
                os.replace(part, os.path.join(folder, name))
        except OSError:  # no disk, or somebody's folder is in its place
            is_whole = False
        if not is_whole:
            os.unlink(part)
    except OSError:
        return


def _written(file: int, data: bytes) -> bool:
    """Write all of it or say no; the file is closed."""
    try:
        return os.write(file, data) == len(data)
    finally:
        os.close(file)


def size(folder: str) -> tuple[int, int]:
    """How many answers a folder has, and their bytes."""
    try:
        with os.scandir(folder) as entries:
            sizes = [one.stat(follow_symlinks=False).st_size for one in entries if one.is_file()]
    except OSError:
        return 0, 0
    return len(sizes), sum(sizes)


def clear(folder: str) -> None:
    """Remove all answers of a folder of ours."""
    if _is_ours(folder):
        try:
            _clear(folder, most=0, stale_s=0.0)
        except OSError:  # another run was at it
            return


def _header(version: str, name: str, body: bytes) -> bytes:
    return f"{version} {digest((version.encode(), name.encode(), body))}".encode()


def _is_ours(folder: str) -> bool:
    try:
        is_link = os.path.islink(folder) or os.path.islink(os.path.dirname(folder))
        return not is_link and _is_mine(os.stat(folder))
    except OSError:
        return False


def _is_mine(found: os.stat_result) -> bool:
    return not hasattr(os, "geteuid") or found.st_uid == os.geteuid()


def _clear(folder: str, most: int, stale_s: float = STALE_S) -> None:
    """Make room for one, and remove what killed runs left."""
    with os.scandir(folder) as entries:
        files = [(one.stat(follow_symlinks=False).st_mtime, one.name) for one in entries]
    parts = [(when, name) for when, name in files if name.endswith(_PART)]
    whole = sorted((when, name) for when, name in files if not name.endswith(_PART))
    old = [name for when, name in parts if when < time.time() - stale_s]
    for name in (*old, *(name for _, name in whole[: max(0, len(whole) - most + 1)])):
        try:
            os.unlink(os.path.join(folder, name))
        except OSError:
            continue
