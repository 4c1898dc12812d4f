"""Which stubs and clients the commit under way has to do with."""

from __future__ import annotations

import posixpath
from functools import cached_property

from msgspec.structs import replace

from workspai_hooks.changes.changeset import differing
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.configuration import NAME, Settings
from workspai_hooks.contracts.openapi.outline import outlines, reaching
from workspai_hooks.resilience.sources.service_config import SUFFIX
from workspai_hooks.stubs.contracts import Known
from workspai_hooks.stubs.inventory import Stub
from workspai_hooks.stubs.openapi_clients import Client
from workspai_hooks.stubs.seen import Seen


class Touched:
    """What of a snapshot the commit under way has to do with: it changes a stub, its contract or what this is
    made of, or policies for it."""

    def __init__(self, before: Snapshot, after: Snapshot, settings: Settings) -> None:
        self.paths = frozenset(differing(before, after))
        self._after = after
        self._configured = {posixpath.dirname(path) for path in self.paths if path.endswith(SUFFIX)}
        self._all = bool(self.paths & {NAME, *(path for _, path in settings.templates)})

    def of(self, seen: Seen) -> Seen:
        """What is touched of all that was seen."""
        stubs = tuple(one for one in seen.stubs if self._touches(one, seen.known))
        clients = tuple(one for one in seen.clients if self._touches_client(one, seen.description_of(one)))
        return replace(seen, stubs=stubs, clients=clients)

    def _touches(self, stub: Stub, known: Known) -> bool:
        if self._all or stub.path in self.paths:
            return True
        contract = known.matches[stub.path].contract
        if not contract:
            return False
        configured = posixpath.dirname(contract) in self._configured
        return configured or contract in self.paths or self._imports_changed(contract, known)

    def _imports_changed(self, contract: str, known: Known) -> bool:
        seen, waiting = {contract}, [contract]
        while waiting:
            file = known.files.get(waiting.pop())
            for name in file.dependency if file is not None else ():
                if name in self.paths:
                    return True
                if name not in seen:
                    seen.add(name)
                    waiting.append(name)
        return False

    def _touches_client(self, client: Client, description: str) -> bool:
        if self._all or not self.paths.isdisjoint((*client.files, client.carried)):
            return True
        return bool(description) and description in self._descriptions

    @cached_property
    def _descriptions(self) -> set[str]:
        """Those that differ, or that refer to what does."""
        return reaching(outlines(self._after), self.paths)
