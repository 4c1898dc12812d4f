"""Asks buf about one unit: images of both sides, without what failed, with moved files paired."""

from __future__ import annotations

from collections.abc import Collection

from google.protobuf import descriptor_pb2 as pb
from msgspec.structs import replace

from workspai_hooks.breaking.narrowed import narrowed
from workspai_hooks.breaking.renames import moved_files
from workspai_hooks.breaking.rows import Sides
from workspai_hooks.contracts.protobuf import asked, serialized
from workspai_hooks.contracts.protobuf.compiled import Pair
from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.store import Store
from workspai_hooks.tools.buf import Buf, Row

NO_FILES = pb.FileDescriptorSet(
    file=[pb.FileDescriptorProto(name="%nothing.proto", syntax="proto3")]
).SerializeToString()
"""What stands for a side where every file is gone: buf takes no image without files."""


def unit_rows(
    buf: Buf, pair: Pair, failed: Collection[str], store: Store
) -> tuple[tuple[Row, ...], Sides, Undecided | None]:
    """buf's rows for a unit, under repository paths, or why there are none.

    Files that failed on one side take no part on either.
    """
    base, head = pair.base.described, pair.head.described
    moved = moved_files(base, head)
    sides = Sides(base, head, {new: old for old, new in moved.items()})
    kept = pair.base.image.targets - set(failed)
    if pair.same or not kept:
        return (), sides, None
    try:
        both = narrowed(
            serialized.renamed(pair.base.image.data, moved),
            pair.head.image.data,
            {moved.get(path, path) for path in kept},
            pair.head.image.targets - set(failed),
        )
        if both is None:
            return (), sides, None
        rows = asked.breaking(buf, both.head or NO_FILES, both.base, store)
    except UndecidedError as error:
        return (), sides, error.undecided
    return tuple(replace(row, path=serialized.repository_path(row.path)) for row in rows), sides, None
