"""Whether the index may stand where it does: whose files these are, what they are, and on which disk."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

SUFFIXES = ("", "-wal", "-shm", "-journal")
"""Of the files that SQLite may open beside the one that it is told."""
_NETWORK = frozenset(
    {
        *("9p", "afs", "beegfs", "ceph", "cifs", "glusterfs", "gfs2", "lustre", "ncpfs", "nfs", "nfs4"),
        *("ocfs2", "orangefs", "smb3", "smbfs", "virtiofs"),
        *("fuse.cephfs", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs"),
    }
)
"""File systems that several machines may write to at once: memory that processes share, as SQLite's WAL needs
it, is not shared between these (https://sqlite.org/wal.html)."""


class RefusedError(Exception):
    """Why the index is not used; the message is said to the user."""


class SecondNameError(Exception):
    """The file has another name somewhere (a hard link, as of `cp -l`): who changes one changes both."""


def files(path: Path) -> list[Path]:
    """All files of an index."""
    return [path.with_name(path.name + suffix) for suffix in SUFFIXES]


def prepare(path: Path) -> None:
    """Make the folder of an index where it is missing, and look at what is there.

    Raises `RefusedError`, and `OSError` where the folder can't be made. A pipe would be waited for, a link
    leads elsewhere, and whoever may write the file can make it lie: it belongs to us, to root, or to whom the
    repository belongs, which git has agreed to (`safe.directory`).
    """
    folder = path.parent
    with suppress(FileExistsError):
        folder.mkdir()
        belong(folder, None)
    if not stat.S_ISDIR(os.lstat(folder).st_mode):
        raise RefusedError(f"{folder} is no folder")
    for file in files(path):
        try:
            found = os.lstat(file)
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(found.st_mode):
            raise RefusedError(f"{file.name} is no regular file")
        if hasattr(os, "geteuid") and found.st_uid not in (0, os.geteuid(), os.stat(folder.parent).st_uid):
            raise RefusedError(f"{file.name} belongs to another user ({found.st_uid})")


def look_for_names(path: Path) -> None:
    """`SecondNameError` where one of the files has several names."""
    for file in files(path):
        with suppress(FileNotFoundError):
            if os.lstat(file).st_nlink > 1:
                raise SecondNameError(file.name)


def remove(path: Path) -> None:
    """Remove all files of an index, the journals first: a new file must not find an old one's."""
    for file in reversed(files(path)):
        with suppress(FileNotFoundError):
            file.unlink()


def size(path: Path) -> int:
    """Bytes of all files of an index."""
    total = 0
    for file in files(path):
        with suppress(OSError):
            total += os.lstat(file).st_size
    return total


def belong(path: Path, opened: int | None) -> None:
    """Give what root has just made in somebody's repository to them, as SQLite does with the files beside
    it: else they could not write it. `opened` is a descriptor of it, None for a folder."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    owner = os.stat(path.parent if opened is None else path.parent.parent)
    if owner.st_uid != 0:
        with suppress(OSError):
            if opened is None:
                os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
            else:
                os.chown(opened, owner.st_uid, owner.st_gid)


def is_shared(folder: Path) -> bool:
    """Whether other machines may write here too; False where that can't be told."""
    if not sys.platform.startswith("linux"):
        return False
    device = os.stat(folder).st_dev
    if os.major(device) != 0:  # a disk of this machine
        return False
    with suppress(OSError, ValueError, IndexError):
        return kind_of(f"{os.major(device)}:{os.minor(device)}", _mounted()) in _NETWORK
    return False


def _mounted() -> str:
    return Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")


def kind_of(device: str, mounted: str) -> str:
    """The file system of a device (`0:52`) by /proc/self/mountinfo (proc(5)); empty where it has none."""
    for line in mounted.splitlines():
        fields, _, rest = line.partition(" - ")
        if fields.split()[2] == device:
            return rest.split()[0]
    return ""
