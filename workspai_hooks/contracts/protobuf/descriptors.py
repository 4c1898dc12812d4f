"""The descriptors of a snapshot's contracts, by repository path: what the compiler makes of each."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf import descriptor_pb2 as pb
from google.protobuf.message import DecodeError

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf import images
from workspai_hooks.contracts.protobuf.tree import Blobs, Tree
from workspai_hooks.contracts.protobuf.units import plan
from workspai_hooks.errors import Undecided
from workspai_hooks.tools.buf import Buf

Descriptors = dict[str, pb.FileDescriptorProto]


def descriptors_of(
    snapshot: Snapshot, buf: Buf, paths: Iterable[str]
) -> tuple[Descriptors, dict[str, Undecided]]:
    """Those of the contracts at `paths` and of all that they import (what is not in the repository
    under virtual paths), and why some could not be compiled. Names in a descriptor are such paths."""
    tree = Tree(snapshot, Blobs())
    units = plan((tree,), [path for path in sorted(paths) if path in tree and path not in tree.links])
    found: Descriptors = {}
    failed: dict[str, Undecided] = {}
    for image in images.compile_all(buf, [(tree, unit.sides[0]) for unit in units]):
        failed.update(image.errors)
        for data in images.files_of(image.data):
            try:
                file = pb.FileDescriptorProto.FromString(data)
            except DecodeError as error:
                raise images.no_image() from error
            found[images.repository_path(file.name)] = file
    return found, failed
