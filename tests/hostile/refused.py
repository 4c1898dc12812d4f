"""A process in which the kernel refuses some calls, as a file system without locks or without room does."""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys

_NUMBERS = {
    "x86_64": (0xC000003E, {"fcntl": 72, "flock": 73, "pwrite64": 18, "ftruncate": 77, "fallocate": 285}),
    "aarch64": (0xC00000B7, {"fcntl": 25, "flock": 32, "pwrite64": 68, "ftruncate": 46, "fallocate": 47}),
}
"""Audit architecture, and numbers of system calls (the kernel has tables of them)."""
IS_POSSIBLE = sys.platform == "linux" and platform.machine() in _NUMBERS
LOCKS = {"fcntl": (5, 6, 7, 36, 37, 38), "flock": None}
"""`fcntl` with F_GETLK … F_OFD_SETLKW alone."""
ROOM = {"pwrite64": None, "ftruncate": None, "fallocate": None}
"""What SQLite writes with; Python's own output goes another way."""

_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_NR, _ARCH, _SECOND = 0, 4, 16 + 8
"""Offsets in `struct seccomp_data` (linux/seccomp.h)."""


def refuse(calls: dict[str, tuple[int, ...] | None], with_error: int) -> None:
    """From now on these system calls of this process fail: a filter of seccomp(2), which stays."""
    arch, numbers = _NUMBERS[platform.machine()]
    program = [(_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, arch), (_RETURN, 0, 0, _ALLOW)]
    for name, commands in calls.items():
        inner = [(_RETURN, 0, 0, _ERROR | with_error)]
        if commands is not None:
            tests = [(_EQUAL, len(commands) - at, 0, one) for at, one in enumerate(commands)]
            inner = [(_LOAD, 0, 0, _SECOND), *tests, (_RETURN, 0, 0, _ALLOW), *inner]
        program += [(_LOAD, 0, 0, _NR), (_EQUAL, 0, len(inner), numbers[name]), *inner]
    program.append((_RETURN, 0, 0, _ALLOW))
    packed = b"".join(struct.pack("=HBBI", *step) for step in program)
    held = ctypes.create_string_buffer(packed)
    whole = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(held)))
    libc = ctypes.CDLL(None, use_errno=True)
    for option, *values in ((38, 1, 0, 0, 0), (22, 2, ctypes.addressof(whole), 0, 0)):
        # PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP
        if libc.prctl(option, *map(ctypes.c_ulong, values)) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    what, *argv = sys.argv[1:]
    refuse(*{"locks": (LOCKS, errno.ENOLCK), "room": (ROOM, errno.ENOSPC)}[what])
    sys.argv = ["workspai-hooks", *argv]
    from workspai_hooks.entry import main

    sys.exit(main())
