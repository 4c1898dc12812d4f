"""OpenAPI clients of a snapshot with the descriptions that they were made of, and how they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.bounds import Unreadable
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.contracts.openapi.library import Library
from workspai_hooks.contracts.openapi.outline import is_description, outlines
from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.store import Store
from workspai_hooks.stubs.matching import Match
from workspai_hooks.stubs.openapi import Candidate, differences, match
from workspai_hooks.stubs.openapi_clients import Client, carried_text
from workspai_hooks.stubs.openapi_declared import Declared, Face, declared, face, of_text
from workspai_hooks.stubs.skew import Difference


class Described(msgspec.Struct, frozen=True):
    """`matches` and `differences` are by a client's root, `descriptions` by path; `failed` says of what could
    not be read why."""

    matches: Mapping[str, Match] = {}
    descriptions: Mapping[str, Description] = {}
    differences: Mapping[str, tuple[Difference, ...]] = {}
    failed: Mapping[str, Undecided] = {}


def with_descriptions(
    snapshot: Snapshot, clients: Sequence[Client], service_at: Callable[[str], str | None]
) -> Described:
    """Match clients to the descriptions of the repository; a description that a client has inside is none."""
    if not clients:
        return Described()
    inside = {path for client in clients for path in (client.carried, *client.files)}
    roots = tuple(f"{client.root}/" for client in clients if client.root and client.carried)
    unread: dict[str, Undecided] = {}
    candidates = [
        one
        for one in _candidates(snapshot, unread)
        if one.path not in inside and not one.path.startswith(roots)
    ]
    failed = {path: why for path, why in unread.items() if path not in inside and not path.startswith(roots)}
    carried = {one.root: _carried(snapshot, one, failed) for one in clients}
    matches = {one.root: match(one, candidates, service_at, carried[one.root]) for one in clients}
    descriptions, contracts = _read(snapshot, {one.contract for one in matches.values() if one.contract})
    return Described(
        matches,
        descriptions,
        {
            one.root: differences(contracts[matches[one.root].contract], one, carried[one.root])
            for one in clients
            if matches[one.root].contract in contracts
        },
        failed,
    )


def _candidates(snapshot: Snapshot, failed: dict[str, Undecided]) -> list[Candidate]:
    """All descriptions of a snapshot, seen from outside; one at a time: a repository may have a thousand."""
    wanted = {path: one for path, one in outlines(snapshot).items() if is_description(one.version)}

    def read(paths: list[str]) -> dict[str, Face]:
        found = {}
        for path in paths:
            try:
                found[path] = face(Description(Library(snapshot), path))
            except UndecidedError as error:
                failed[path] = error.undecided
        return found

    alone = {path: Store.key(path, snapshot.entries[path].blob) for path in wanted if not wanted[path].refers}
    faces = snapshot.store.each("openapi faces", alone, Face, read)
    faces |= read([path for path in wanted if path not in alone])
    return [
        Candidate(path, snapshot.entries[path].blob, faces[path], wanted[path].version)
        for path in sorted(faces)
    ]


def _read(snapshot: Snapshot, paths: Iterable[str]) -> tuple[dict[str, Description], dict[str, Declared]]:
    """The descriptions that clients were made of, and what each declares."""
    library = Library(snapshot)
    descriptions = {path: Description(library, path) for path in sorted(paths)}
    return descriptions, {path: declared(one) for path, one in descriptions.items()}


def _carried(snapshot: Snapshot, client: Client, failed: dict[str, Undecided]) -> Declared | None:
    """What the description inside a client says; what can't be read of it is an open question."""
    data = snapshot.read_many([client.carried]).get(client.carried) if client.carried else None
    if not data:
        return None
    try:
        text = carried_text(client, data)
        return of_text(text) if text else None
    except (UndecidedError, Unreadable) as error:
        why = error.undecided.why if isinstance(error, UndecidedError) else str(error)
        why = f"the description inside the client can't be read: {why}"
        failed[client.root] = Undecided(client.carried, why, "generate the client anew")
        return None
