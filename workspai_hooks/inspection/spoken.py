"""Which version of a contract each consumer really speaks, and so whether a break hits what runs of it today.

What runs was built from the base: its stub there carries the contract that it speaks.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import msgspec
from google.protobuf import descriptor_pb2 as pb
from msgspec.structs import replace

from workspai_hooks.breaking.shapes import parts_of
from workspai_hooks.changes.changeset import ChangeSet
from workspai_hooks.contracts.protobuf.describe import Described, describe
from workspai_hooks.contracts.protobuf.embedded import descriptor
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.contracts.protobuf.serialized import repository_path
from workspai_hooks.errors import UndecidedError
from workspai_hooks.findings import Consumer, Finding, Verdict
from workspai_hooks.stubs.versions import last_changed, spoken_version
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.tools.git import Repository

RUNNING = "running"
MOST_VERSIONS = 6
"""So many versions of a contract are compiled on the way back, on a commit: about a third of a second."""


class _Spoken(msgspec.Struct, frozen=True):
    """What a stub says, and the commit whose contract says the same."""

    says: Described
    version: str | None


def with_versions(
    repository: Repository, changes: ChangeSet, base: Schema, head: Schema, findings: Iterable[Finding]
) -> tuple[Finding, ...]:
    """The findings, their consumers with the version that each speaks. Who speaks the new contract already is
    not hit while it runs."""
    tip = changes.base.name if changes.base else "HEAD"

    @cache
    def spoken(path: str) -> _Spoken | None:
        return _spoken(repository, changes, base, path)

    @cache
    def copied(path: str) -> str | None:
        return last_changed(repository, tip, path)

    def told(finding: Finding, consumer: Consumer) -> Consumer:
        if consumer.stub is None or consumer.repository:
            return consumer
        if consumer.stub.path.endswith(".proto"):
            copy = replace(consumer.stub, contract_version=copied(consumer.stub.path))
            return replace(consumer, stub=copy)
        one = spoken(consumer.stub.path)
        if one is None:
            return consumer
        consumer = replace(consumer, stub=replace(consumer.stub, contract_version=one.version))
        if RUNNING in consumer.hits and _says_already(one.says, finding.element, base, head):
            hits = tuple(hit for hit in consumer.hits if hit != RUNNING)
            lives = hits or consumer.verdict is not Verdict.BREAKS
            verdict = consumer.verdict if lives else Verdict.REGENERATES
            return replace(consumer, hits=hits, verdict=verdict)
        return consumer

    return tuple(
        replace(
            finding,
            consumers=tuple(
                sorted(
                    (told(finding, consumer) for consumer in finding.consumers),
                    key=lambda one: (one.verdict.rank, one.service),
                )
            ),
        )
        for finding in findings
    )


def _spoken(repository: Repository, changes: ChangeSet, base: Schema, path: str) -> _Spoken | None:
    running = changes.base if changes.base is not None and path in changes.base.entries else changes.head
    data = running.read_many([path]).get(path)
    file = descriptor(data, path) if data else None
    if file is None or changes.base is None:
        return None
    try:
        image = pb.FileDescriptorSet(file=[file]).SerializeToString()
        says = describe(image, [repository_path(file.name)], lambda name: name)
    except UndecidedError:
        return None
    contract = _contract(base, says, file.name)
    if contract is None:
        return _Spoken(says, None)
    if _is_same(says, base, contract):
        return _Spoken(says, last_changed(repository, changes.base.name, contract))
    return _Spoken(
        says,
        spoken_version(
            repository, changes.base, resolve_buf(), contract, file, changes.base.name, MOST_VERSIONS
        ),
    )


def _contract(base: Schema, says: Described, name: str) -> str | None:
    """The contract of a stub: where what it declares stands, by the name that it gives where copies do."""
    tables = ((says.messages, base.messages), (says.enums, base.enums), (says.services, base.services))
    files = {theirs[one].file for mine, theirs in tables for one in mine if one in theirs}
    named = sorted(path for path in files if f"/{path}".endswith(f"/{name}"))
    return next(iter(named or sorted(files)), None)


def _is_same(says: Described, base: Schema, contract: str) -> bool:
    """Whether a stub declares what the contract does."""
    tables = ((says.messages, base.messages), (says.enums, base.enums), (says.services, base.services))
    return all(
        set(mine) == {name for name, one in theirs.items() if one.file == contract}
        and all(parts_of(says, name) == parts_of(base, name) for name in mine)
        for mine, theirs in tables
    )


def _says_already(says: Described, element: str, base: Schema, head: Schema) -> bool:
    """Whether a stub has an element as the change makes it, and not as it was."""
    owner, _, part = element.rpartition("/" if "/" in element else ".")
    mine, before, after = (parts_of(side, owner).get(part) for side in (says, base, head))
    return mine == after and mine != before
