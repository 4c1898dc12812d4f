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
from workspai_hooks.stubs.matching import Match
from workspai_hooks.stubs.openapi import Candidate, differences, match
from workspai_hooks.stubs.openapi_clients import Client, carried_text
from workspai_hooks.stubs.openapi_declared import Declared, declared, of_text
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
    library = Library(snapshot)
    descriptions: dict[str, Description] = {}
    candidates: list[Candidate] = []
    failed: dict[str, Undecided] = {}
    for path, outline in sorted(outlines(snapshot).items()):
        if is_description(outline.version) and path not in inside and not path.startswith(roots):
            try:
                description = Description(library, path)
                blob = snapshot.entries[path].blob
                candidates.append(Candidate(path, blob, declared(description), outline.version))
                descriptions[path] = description
            except UndecidedError as error:
                failed[path] = error.undecided
    found = {client.root: _compared(snapshot, client, candidates, service_at, failed) for client in clients}
    return Described(
        {root: one for root, (one, _) in found.items()},
        descriptions,
        {root: differing for root, (_, differing) in found.items()},
        failed,
    )


def _compared(
    snapshot: Snapshot,
    client: Client,
    candidates: Sequence[Candidate],
    service_at: Callable[[str], str | None],
    failed: dict[str, Undecided],
) -> tuple[Match, tuple[Difference, ...]]:
    carried = _carried(snapshot, client, failed)
    found = match(client, candidates, service_at, carried)
    contract = _declared(candidates, found.contract)
    return found, differences(contract, client, carried) if contract is not None else ()


def _declared(candidates: Iterable[Candidate], path: str) -> Declared | None:
    return next((one.declared for one in candidates if one.path == path), None)


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
