"""The descriptors of a snapshot's contracts, by repository path: what the compiler makes of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
from google.protobuf import descriptor_pb2 as pb
from google.protobuf.message import DecodeError

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf import images, serialized
from workspai_hooks.contracts.protobuf.tree import Blobs, Tree
from workspai_hooks.contracts.protobuf.units import packs, plan
from workspai_hooks.errors import Undecided
from workspai_hooks.tools.buf import Buf


class Descriptors(msgspec.Struct, frozen=True):
    """`files` by path, those that they import (what is not in the repository under virtual paths) among them;
    names in a descriptor are such paths. `failed`: why one could not be compiled. `lent`: contracts that were
    compiled without custom options, as what declares these is not here, with the import that is missing."""

    files: dict[str, pb.FileDescriptorProto]
    failed: dict[str, Undecided]
    lent: dict[str, str]


def descriptors_of(snapshot: Snapshot, buf: Buf, paths: Iterable[str]) -> Descriptors:
    """Those of the contracts at `paths`."""
    tree = Tree(snapshot, Blobs())
    units = plan((tree,), [path for path in sorted(paths) if path in tree and path not in tree.links])
    found: dict[str, pb.FileDescriptorProto] = {}
    failed: dict[str, Undecided] = {}
    lent: dict[str, str] = {}
    for image in images.compile_all(buf, [(tree, unit.sides[0]) for unit in units]):
        failed.update(image.errors)
        if image.lent:
            lent.update(dict.fromkeys(image.targets, image.lent[0]))
        for data in serialized.files_of(image.data):
            try:
                file = pb.FileDescriptorProto.FromString(data)
            except DecodeError as error:
                raise serialized.no_image() from error
            found[serialized.repository_path(file.name)] = file
    return Descriptors(found, failed, lent)


Visit = Callable[[str, pb.FileDescriptorProto], None]


def begin(snapshot: Snapshot, buf: Buf, paths: Iterable[str]) -> Callable[[Visit], tuple[Undecided, ...]]:
    """Begins to compile the contracts at `paths`, beside whatever the caller does next. What it returns waits
    for that, gives path and descriptor of each, and returns why some could not be compiled."""
    tree = Tree(snapshot, Blobs())
    wanted = sorted(path for path in paths if tree.is_target(path) and path not in tree.links)
    sides = [(tree, pack) for unit in plan((tree,), wanted) for pack in packs(tree, unit.sides[0])]
    compiled = images.compile_later(buf, sides, keeps=False)  # what is made of them is kept

    def finish(visit: Visit) -> tuple[Undecided, ...]:
        failed: set[Undecided] = set()
        for image in compiled():
            failed.update(problem for _, problem in image.errors)
            for data in serialized.files_of(image.data):
                path = serialized.repository_path(serialized.name_of(data))
                if path in image.targets:
                    try:
                        visit(path, pb.FileDescriptorProto.FromString(data))
                    except DecodeError as error:
                        raise serialized.no_image() from error
        return tuple(sorted(failed | set(tree.config_errors)))

    return finish
