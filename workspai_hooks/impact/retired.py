"""What the contracts of a snapshot have given up: elements that are deprecated, reserved, or gone since an
earlier commit. Each with the line that proves it; what has no such line is not given up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from workspai_hooks.changes.given_up import PATHS
from workspai_hooks.changes.glance import DEPTH, MOST_VERSIONS
from workspai_hooks.changes.retired_words import declared_in, retired_in
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.compiled import describe_all, merged
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.describe import Described, Reserved
from workspai_hooks.contracts.protobuf.elements import FILE, PACKAGE, parts
from workspai_hooks.contracts.protobuf.schema import EMPTY, EnumType, Field, Kind, Message, Schema, Service
from workspai_hooks.errors import Undecided
from workspai_hooks.source import Location
from workspai_hooks.stubs.holders import declared_names
from workspai_hooks.tools.buf import Buf
from workspai_hooks.tools.git import Repository

MAX_PAST = 8
"""So many earlier states of the contracts are compiled for what they had, the newest first."""

_T = TypeVar("_T", Message, EnumType, Service)


class Retired(msgspec.Struct, frozen=True, order=True):
    """An element that one contract file has given up; `gone`: it has it no more, else it is deprecated.

    `location` is the contract's line that says so, `said` the same in words.
    """

    element: str
    gone: bool
    location: Location
    said: str


class Copy(msgspec.Struct, frozen=True):
    """One contract file: the elements that it declares, and what it has given up, by element."""

    path: str
    declares: frozenset[str]
    retired: Mapping[str, Retired]


class Contracts(msgspec.Struct, frozen=True):
    """All contract files by path. `schema` also knows what is gone, so that its uses can be found."""

    schema: Schema = EMPTY
    copies: Mapping[str, Copy] = msgspec.field(default_factory=dict)
    errors: tuple[tuple[str, Undecided], ...] = ()

    @property
    def elements(self) -> tuple[str, ...]:
        """Everything that any of them has given up."""
        return tuple(sorted({element for copy in self.copies.values() for element in copy.retired}))


class Loss(msgspec.Struct, frozen=True):
    """`element` stood at `path` until `commit`."""

    path: str
    element: str
    commit: str


class Given(msgspec.Struct, frozen=True):
    """What texts alone say of a snapshot: words by contract, enough to know whether a change is worth a
    look."""

    words: Mapping[str, frozenset[str]]
    losses: tuple[Loss, ...]


def given_up(repository: Repository, snapshot: Snapshot, paths: Collection[str]) -> Given:
    """Words of the contracts at `paths` that are deprecated or reserved, and what these files have lost."""
    texts = snapshot.read_many(paths)
    words = {path: set(retired_in(data)) for path, data in texts.items()}
    losses = _losses(repository, snapshot, texts)
    for loss in losses:
        words[loss.path] |= words_of(loss.element)
    return Given({path: frozenset(found) for path, found in words.items() if found}, losses)


def _losses(repository: Repository, snapshot: Snapshot, texts: Mapping[str, bytes]) -> tuple[Loss, ...]:
    """What was in an earlier commit and is in none of the files now; the latest loss of each."""
    history = repository.history(snapshot.name, PATHS, DEPTH)
    rows = [(commit, row) for commit, row in history if row.path in texts][:MOST_VERSIONS]
    blobs = repository.read(blob for _, row in rows for blob in (row.old, row.new))
    found: dict[tuple[str, str], Loss] = {}
    now = {path: declared_names(data) for path, data in texts.items()} if rows else {}
    for commit, row in rows:
        before, after = blobs.get(row.old), blobs.get(row.new)
        if not before or after is None or declared_in(before) <= declared_in(after):
            continue
        for element in declared_names(before) - declared_names(after) - now[row.path]:
            if not element.startswith(PACKAGE):
                found.setdefault((row.path, element), Loss(row.path, element, commit))
    return tuple(found.values())


def words_of(element: str) -> frozenset[str]:
    """The names by which a source can use an element: its own; a file's are those of what it declares."""
    if element.startswith(FILE):
        return frozenset()
    owner, _, name = element.rpartition("/" if "/" in element else ".")
    enum, flat = owner.rpartition(".")[2].replace("_", "").lower(), name.replace("_", "").lower()
    short = flat.removeprefix(enum)
    return frozenset({name, short} - {""})


def read_contracts(
    repository: Repository,
    snapshot: Snapshot,
    buf: Buf,
    paths: Collection[str],
    losses: Sequence[Loss] = (),
    wanted: Callable[[Collection[str]], bool] = lambda words: True,
) -> Contracts:
    """The contracts at `paths`; `wanted` says of an element's words whether it is asked for at all."""
    described, errors = describe_all(snapshot, buf, paths)
    schema = merged(described)
    asked = [loss for loss in losses if wanted(words_of(loss.element))]
    past = _past(repository, buf, asked)
    copies = {
        path: _copy(path, one, [loss for loss in asked if loss.path == path], past)
        for one in described
        for path in sorted(one.files)
    }
    chosen = {
        path: replace(copy, retired=_asked(copy.retired, schema, wanted)) for path, copy in copies.items()
    }
    gone = {r.element for copy in chosen.values() for r in copy.retired.values() if r.gone}
    return Contracts(with_gone(schema, gone, past), chosen, errors)


def still(before: Contracts, now: Contracts) -> Contracts:
    """What both sides of a change have given up."""
    copies = {}
    for path, copy in before.copies.items():
        here = now.copies.get(path, Copy(path, frozenset(), {}))
        kept = {
            element: one
            for element, one in copy.retired.items()
            if (element not in here.declares if one.gone else element in here.retired)
        }
        copies[path] = Copy(path, here.declares, kept)
    return replace(before, copies=copies)


def _asked(
    retired: Mapping[str, Retired], schema: Schema, wanted: Callable[[Collection[str]], bool]
) -> dict[str, Retired]:
    def words(element: str) -> frozenset[str]:
        inside = parts(schema, element) or {element}
        return frozenset(word for part in inside for word in words_of(part))

    return {element: one for element, one in sorted(retired.items()) if wanted(words(element))}


def _past(repository: Repository, buf: Buf, losses: Sequence[Loss]) -> Schema:
    """What stood in the contracts before the commits that took it away."""
    past = EMPTY
    for commit in list(dict.fromkeys(loss.commit for loss in losses))[:MAX_PAST]:
        before = repository.resolve(f"{commit}^")
        if before is not None:
            paths = sorted({loss.path for loss in losses if loss.commit == commit})
            past = past.overlaid(schema_of(Snapshot.of_commit(repository, before), buf, paths)[0])
    return past


def _copy(path: str, described: Described, losses: Iterable[Loss], past: Schema) -> Copy:
    declares = _declared(path, described)
    retired = {
        element: Retired(element, False, location, "is deprecated")
        for element, location in described.deprecated.items()
        if location.path == path
    }
    flat = {_folded(element) for element in declares}
    for owner, reserved in described.reserved.items():
        if owner in declares:
            for name, location in reserved.names.items():
                element = f"{owner}.{name}"
                retired[element] = Retired(element, True, location, "is gone: its name is reserved")
    for loss in losses:
        if parts(past, loss.element) and _stays(loss.element, path, described, declares):
            retired[loss.element] = _lost(loss, described, past, retired.get(loss.element))
    kept = {e: one for e, one in retired.items() if not one.gone or _folded(e) not in flat}
    return Copy(path, declares, kept)


def _folded(element: str) -> str:
    """Generators write names in their language's case: what differs in nothing else is not gone."""
    return element.replace("_", "").lower()


def _declared(path: str, described: Described) -> frozenset[str]:
    inside = parts(described.schema, FILE + path)
    return frozenset({element for element in inside if not element.startswith(FILE)} | {FILE + path})


def _stays(element: str, path: str, described: Described, declares: frozenset[str]) -> bool:
    """Whether what was around it is still there: a contract that moved away as a whole lives on elsewhere."""
    owner = element.rpartition("/" if "/" in element else ".")[0]
    return owner in declares or described.files[path].package == owner


def _lost(loss: Loss, described: Described, past: Schema, known: Retired | None) -> Retired:
    owner = loss.element.rpartition("/" if "/" in loss.element else ".")[0]
    said = f"was removed in {loss.commit[:9]}"
    if known is not None:
        return replace(known, said=f"{said}: its name is reserved")
    number = _number(past, loss.element)
    reserved = described.reserved.get(owner, Reserved())
    for first, last, location in reserved.numbers:
        if number is not None and first <= number <= last:
            return Retired(loss.element, True, location, f"{said}: its number {number} is reserved")
    schema = described.schema
    around = schema.messages.get(owner) or schema.enums.get(owner) or schema.services.get(owner)
    place = around.location if around else described.packages.get(loss.path, Location(loss.path))
    return Retired(loss.element, True, place, said)


def _number(schema: Schema, element: str) -> int | None:
    owner, _, name = element.rpartition(".")
    message, enum = schema.messages.get(owner), schema.enums.get(owner)
    if message is not None and name in message.fields:
        return message.fields[name].number
    return enum.values[name][0] if enum is not None and name in enum.values else None


def with_gone(schema: Schema, gone: Iterable[str], past: Schema) -> Schema:
    """The schema with what is gone put back: as it was, or, where only its name is known, as a string."""
    messages, enums, services = dict(schema.messages), dict(schema.enums), dict(schema.services)
    for element in sorted(gone):
        service, _, rpc = element.partition("/")
        owner, _, name = element.rpartition(".")
        if rpc and service in services and service in past.services:
            method = past.services[service].methods[rpc]
            known = services[service]
            services[service] = Service(
                known.name, known.file, known.location, {**known.methods, rpc: method}
            )
        elif owner in messages:
            messages[owner] = _message_with(messages[owner], name, past.messages.get(owner))
        elif owner in enums:
            enum = enums[owner]
            before = past.enums.get(owner)
            value = (before.values if before else {}).get(name, (-1, enum.location))
            enums[owner] = EnumType(enum.name, enum.file, enum.location, {**enum.values, name: value})
        _put_back(element, past.messages, messages)
        _put_back(element, past.enums, enums)
        _put_back(element, past.services, services)
    return Schema(schema.files, messages, enums, services)


def _put_back(element: str, past: Mapping[str, _T], now: dict[str, _T]) -> None:
    if element in past:
        now.setdefault(element, past[element])


def _message_with(message: Message, name: str, before: Message | None) -> Message:
    if before is not None and name in before.oneofs:
        oneofs = {**message.oneofs, name: before.oneofs[name]}
        return Message(message.name, message.file, message.location, message.fields, oneofs)
    plain = Field(name, 0, Kind.SCALAR, "string", message.location)
    put_back = before.fields.get(name, plain) if before is not None else plain
    fields = {**message.fields, name: put_back}
    return Message(message.name, message.file, message.location, fields, message.oneofs)
