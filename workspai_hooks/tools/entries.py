"""Files of trees and what differs between two of them, as git tells it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import msgspec

SUBMODULE = "160000"


class Entry(msgspec.Struct, frozen=True, order=True):
    """A file of a tree: git's mode (`100644`, `100755`, `120000` a symbolic link) and blob id."""

    mode: str
    blob: str


class Difference(msgspec.Struct, frozen=True):
    """One path that differs between two trees; `None` on the side where it does not exist."""

    path: str
    old: Entry | None
    new: Entry | None


def differences(raw: bytes) -> Iterator[Difference]:
    """Read `--raw -z`: `:oldmode newmode old new status NUL path NUL` …"""
    fields = iter(os.fsdecode(raw).split("\0"))
    for meta in fields:
        if not meta:
            return
        old_mode, new_mode, old, new, status = meta.lstrip(":").split(" ")
        path = next(fields)
        if status.startswith("U"):
            continue
        before, after = (
            None if mode in ("000000", SUBMODULE) else Entry(mode, blob)
            for mode, blob in ((old_mode, old), (new_mode, new))
        )
        if before or after:
            yield Difference(path, before, after)
