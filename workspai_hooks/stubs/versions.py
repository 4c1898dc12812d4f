"""Which version of its contract a stub was generated from: the commit whose contract says what the stub
does."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf import descriptor_pb2 as pb

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.descriptors import descriptors_of
from workspai_hooks.stubs.skew import Grade, differences
from workspai_hooks.tools.buf import Buf
from workspai_hooks.tools.git import Entry, Repository

MOST_VERSIONS = 20
"""So many versions of a contract are compiled on the way back: about a second."""
DEPTH = 2000
"""Commits of the first parents' line."""


def spoken_version(
    repository: Repository, snapshot: Snapshot, buf: Buf, contract: str, stub: pb.FileDescriptorProto
) -> str | None:
    """The newest commit from which on the contract said, on the wire and in its policies, what the stub says;
    None where none of the last versions did. What a version imports is taken as it is today."""
    for commit, blob in _versions(repository, contract):
        old = replace_blob(snapshot, contract, blob)
        read = descriptors_of(old, buf, [contract])
        file = read.files.get(contract)
        if file is not None and is_same(file, stub, custom_options=contract not in read.lent):
            return commit
    return None


def is_same(contract: pb.FileDescriptorProto, stub: pb.FileDescriptorProto, *, custom_options: bool) -> bool:
    """Whether nothing but what is cosmetic tells them apart."""
    found = differences(contract, stub, custom_options=custom_options)
    return all(one.grade is Grade.COSMETIC for one in found)


def _versions(repository: Repository, contract: str) -> Iterator[tuple[str, str]]:
    """Commits and the blobs that the contract got by them, the newest first."""
    head = repository.head()
    rows = repository.history(head, [f":(top,literal){contract}"], DEPTH) if head else []
    for commit, row in rows[:MOST_VERSIONS]:
        yield commit, row.new
    if rows and len(rows) <= MOST_VERSIONS:
        yield from _first(repository, contract, rows[-1][1].old)


def _first(repository: Repository, contract: str, blob: str) -> Iterator[tuple[str, str]]:
    """The version that the contract had before all changes that were told, by the commit that added it."""
    done = repository.run(
        "log",
        "--first-parent",
        "-m",
        "--diff-filter=A",
        "--format=%H",
        "-1",
        "--",
        f":(top,literal){contract}",
    )
    commit = done.stdout.decode("ascii", "replace").strip()
    if done.code == 0 and commit:
        yield commit, blob


def replace_blob(snapshot: Snapshot, path: str, blob: str) -> Snapshot:
    """The snapshot with another content of one file."""
    entries = dict(snapshot.entries)
    entries[path] = Entry(entries[path].mode if path in entries else "100644", blob)
    return Snapshot(snapshot.name, entries, snapshot.reader, snapshot.store, snapshot.why)
