"""What of a snapshot was generated, with the contracts that it was made of."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.stubs.contracts import Known, with_contracts
from workspai_hooks.stubs.inventory import Other, Stub, find_others, find_stubs
from workspai_hooks.stubs.matching import Match
from workspai_hooks.stubs.openapi_clients import Client, find_clients
from workspai_hooks.stubs.openapi_contracts import Described, with_descriptions
from workspai_hooks.tools.buf import Buf


class Seen(msgspec.Struct, frozen=True):
    """Stubs of protobuf contracts and OpenAPI clients; `others` were made of something else."""

    snapshot: Snapshot
    stubs: tuple[Stub, ...]
    known: Known
    clients: tuple[Client, ...]
    described: Described
    others: tuple[Other, ...] = ()

    @property
    def files(self) -> frozenset[str]:
        """All that a sidecar may go beside."""
        return frozenset((*(one.path for one in self.stubs), *(p for one in self.clients for p in one.files)))

    def description_of(self, client: Client) -> str:
        """The path of the description that a client was made of, empty where it is not here."""
        return self.described.matches.get(client.root, Match()).contract


class Owners(msgspec.Struct, frozen=True):
    """Whose a file is. `service`: path -> service, None outside of all; `holder`: path -> service or
    library."""

    service: Callable[[str], str | None]
    holder: Callable[[str], str]


def look(
    snapshot: Snapshot, buf: Buf, owners: Owners, excluded: Callable[[str], bool], *, others: bool = False
) -> Seen:
    """Look through a snapshot, but for what is `excluded`. `others`: also at what was made of something
    else."""
    stubs = tuple(one for one in find_stubs(snapshot, owners.holder) if not excluded(one.path))
    known = with_contracts(snapshot, buf, stubs, owners.service)
    clients = tuple(
        one
        for one in find_clients(snapshot, owners.holder)
        if not excluded(one.root) and not excluded(one.files[0])
    )
    described = with_descriptions(snapshot, clients, owners.service)
    seen = Seen(snapshot, stubs, known, clients, described)
    if not others:
        return seen
    rest = find_others(snapshot, owners.holder, seen.files)
    return replace(seen, others=tuple(one for one in rest if not excluded(one.path)))
