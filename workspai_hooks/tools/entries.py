"""Files of trees and what differs between two of them, as git tells it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from itertools import zip_longest

import msgspec

from workspai_hooks.errors import UndecidedError

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
    """Read `--raw -z`: `:oldmode newmode old new status NUL path NUL` …; `UndecidedError` where it is not."""
    fields = os.fsdecode(raw).removesuffix("\0").split("\0") if raw else []
    for meta, path in zip_longest(fields[::2], fields[1::2]):
        parts = meta.lstrip(":").split(" ")
        if path is None or len(parts) != 5:
            raise _no_row(meta)
        old_mode, new_mode, old, new, status = parts
        if status.startswith("U"):
            continue
        before, after = (
            None if mode in ("000000", SUBMODULE) else Entry(mode, blob)
            for mode, blob in ((old_mode, old), (new_mode, new))
        )
        if before or after:
            yield Difference(path, before, after)


def changed(before: Mapping[str, Entry], raw: bytes) -> dict[str, Entry]:
    """The files of a tree by those of another one and the `differences` between them; paths with conflicts
    are as before. The order is kept but for what is new."""
    entries = dict(before)
    for one in differences(raw):
        if one.new is None:
            entries.pop(one.path, None)
        else:
            entries[one.path] = one.new
    return entries


def _no_row(text: str) -> UndecidedError:
    return UndecidedError("git", f"answered with something that is no row: {text[:120]}", "run git fsck")


def has_unmerged(raw: bytes) -> bool:
    """Whether one of the rows that `differences` reads may be of a path with conflicts."""
    return b" U\0" in raw


def listed(raw: bytes) -> dict[str, Entry]:
    """Read `ls-tree -r -z`: `mode kind name TAB path NUL` …; files by path, submodules are left out."""
    entries = {}
    for row in os.fsdecode(raw).split("\0"):
        meta, _, path = row.partition("\t")
        if meta[6:12] == " blob ":  # a mode has six digits
            entries[path] = Entry(meta[:6], meta[12:])
        elif row and meta[6:14] != " commit ":
            raise _no_row(row)
    return entries


def added(raw: bytes) -> dict[str, Entry]:
    """Read the same as `differences` against an empty tree, of large indexes in a third of the time; paths
    with conflicts and submodules are left out."""
    entries = {}
    fields = os.fsdecode(raw).split("\0")
    whole = len(fields) % 2 == 1 and not fields[-1]
    for meta, path in zip(fields[::2], fields[1::2], strict=False):
        mode, blob = meta[8:14], meta[15:-2].rpartition(" ")[2]
        if not whole or meta[:8] != ":000000 " or meta[-2:] != " A":
            return {one.path: one.new for one in differences(raw) if one.new}
        if mode != SUBMODULE:
            entries[path] = Entry(mode, blob)
    return entries
