"""Which version of its contract a stub was generated from: the commit whose contract says what the stub
does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

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
    repository: Repository,
    snapshot: Snapshot,
    buf: Buf,
    contract: str,
    stub: pb.FileDescriptorProto,
    tip: str | None,
    most: int = MOST_VERSIONS,
) -> str | None:
    """The newest commit up to `tip` from which on the contract said, on the wire and in its policies, what
    the stub says; None where none of the last versions did, or there is no commit. What a version imports is
    taken as it is today."""
    for commit, blob in islice(_versions(repository, contract, tip), most):
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


def last_changed(repository: Repository, tip: str, path: str) -> str | None:
    """The newest commit up to `tip` that changed a file, or added it."""
    done = repository.run(
        "log", "--first-parent", "-m", "--format=%H", "-1", tip, "--", f":(top,literal){path}"
    )
    return done.stdout.decode("ascii", "replace").strip() or None if done.code == 0 else None


def _versions(repository: Repository, contract: str, tip: str | None) -> Iterator[tuple[str, str]]:
    """Commits and the blobs that the contract got by them, the newest first."""
    rows = repository.history(tip, [f":(top,literal){contract}"], DEPTH) if tip else []
    for commit, row in rows:
        yield commit, row.new
    if tip and rows and (added := _added(repository, tip, contract)):
        yield added, rows[-1][1].old
    elif tip and (first := last_changed(repository, tip, contract)):
        entry = repository.tree(tip).get(contract)  # it never changed
        if entry is not None:
            yield first, entry.blob


def _added(repository: Repository, tip: str, path: str) -> str:
    """The commit that added a file, the latest where there are several."""
    form = ("log", "--first-parent", "-m", "--diff-filter=A", "--format=%H", "-1")
    done = repository.run(*form, tip, "--", f":(top,literal){path}")
    return done.stdout.decode("ascii", "replace").strip() if done.code == 0 else ""


def replace_blob(snapshot: Snapshot, path: str, blob: str) -> Snapshot:
    """The snapshot with another content of one file."""
    entries = dict(snapshot.entries)
    entries[path] = Entry(entries[path].mode if path in entries else "100644", blob)
    return Snapshot(snapshot.name, entries, snapshot.reader, snapshot.store, snapshot.why)
