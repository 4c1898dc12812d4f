"""What the contracts of a snapshot declare: answered from what is kept, without what would compile them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf import outside
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.errors import Undecided
from workspai_hooks.store import Store
from workspai_hooks.tools.buf import Buf

if TYPE_CHECKING:
    from google.protobuf import descriptor_pb2 as pb


def schema_of(
    snapshot: Snapshot,
    buf: Buf,
    paths: Iterable[str] | None = None,
    visit: Callable[[str, pb.FileDescriptorProto], None] | None = None,
) -> tuple[Schema, tuple[Undecided, ...]]:
    """What a snapshot's contracts declare (all of them, or those at `paths`), and what could not be read.
    `visit` gets each contract's path and descriptor if they have to be compiled for that, else nothing.

    Where copies declare one name, the copy with the shortest path (then the first) gives it.
    """
    wanted = None if paths is None else sorted(paths)
    key = Store.key(buf.version, wanted, looked_at(snapshot), outside.state())
    known = snapshot.store.known("schema", [key], _Declared)
    if key in known:
        return known[key].schema, known[key].undecided
    from workspai_hooks.contracts.protobuf.compiled import describe_all, merged  # needs the protobuf runtime

    described, errors = describe_all(snapshot, buf, wanted, visit)
    found = _Declared(merged(described), tuple(sorted({problem for _, problem in errors})))
    contracts = snapshot.paths(".proto")
    whole = len(snapshot.read_many(contracts)) == len(contracts)
    if whole and all(map(snapshot.lasts, found.undecided)):  # the rest may be there, or work, next time
        snapshot.store.remember("schema", {key: found})
    return found.schema, found.undecided


class _Declared(msgspec.Struct, frozen=True):
    """What is kept of a snapshot's contracts."""

    schema: Schema
    undecided: tuple[Undecided, ...]


def looked_at(snapshot: Snapshot) -> list[tuple[str, str, str]]:
    """Every file that compiling contracts may look at, by path, mode and blob: contracts, buf's
    configuration, links."""
    configs = (path for path in snapshot.paths() if "buf." in path)
    paths = {path for path in configs if path.rpartition("/")[2].startswith("buf.")}
    paths |= {*snapshot.paths(".proto"), *snapshot.links}
    return [(path, snapshot.entries[path].mode, snapshot.entries[path].blob) for path in sorted(paths)]
