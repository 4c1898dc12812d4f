"""Git LFS: blobs that only point to their content, which `git lfs` keeps beside git's own objects.

https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md. Nothing is fetched and no filter is run: what is
not in the local store is not here.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from workspai_hooks.contract_files import LFS_MARK
from workspai_hooks.patterns import regex

MOST_BYTES = 16 * 1024 * 1024
MOST_BYTES_OF_A_RUN = 256 * 1024 * 1024
_LARGEST_POINTER = 1024
"""Bytes; the specification asks for less."""
_POINTER = regex(
    LFS_MARK + rb"(?P<more>(?:ext-\d-[\w.-]{1,200} [^\n]{1,200}\n){0,10})"
    rb"oid sha256:(?P<oid>[0-9a-f]{64})\nsize (?P<size>\d{1,18})\n?"
)


class Pointer(msgspec.Struct, frozen=True):
    """Where content is: its SHA-256 and its size in bytes. `plain`: no extension has to make it."""

    oid: str
    size: int
    plain: bool = True


def pointer(data: bytes) -> Pointer | None:
    """What a blob points to; None for content of its own."""
    if not data.startswith(LFS_MARK) or len(data) >= _LARGEST_POINTER:
        return None
    found = _POINTER.fullmatch(data)
    if found is None:
        return None
    return Pointer(found["oid"].decode(), int(found["size"]), not found["more"])


def stored(common_dir: Path, wanted: Pointer, most_bytes: int) -> bytes | None:
    """The content in the local store; None where it is not there as a regular file inside the git directory,
    or is not what the pointer says, or has more than `most_bytes`."""
    if not wanted.plain or wanted.size > most_bytes:
        return None
    try:
        home = common_dir.resolve()
        file = (home / "lfs" / "objects" / wanted.oid[:2] / wanted.oid[2:4] / wanted.oid).resolve(strict=True)
        if not file.is_file() or not file.is_relative_to(home) or file.stat().st_size != wanted.size:
            return None
        data = file.read_bytes()
    except (OSError, RuntimeError):
        return None
    fits = len(data) == wanted.size and hashlib.sha256(data).hexdigest() == wanted.oid
    return data if fits else None
