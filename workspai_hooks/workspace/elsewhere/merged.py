"""Many facts files read as one index: each is taken apart once, and a break asks only for its packages.

Of every file the store keeps a row about its services and one for each package (by the file's content); of
all files together one about who there is, who calls whom and which file knows of which package.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from workspai_hooks.errors import Undecided
from workspai_hooks.store import Store
from workspai_hooks.workspace.elsewhere.contents import UPDATE, Content
from workspai_hooks.workspace.elsewhere.layout import (
    Edge,
    FactsError,
    Opaque,
    Received,
    Repository,
    Sealed,
    Service,
    Unread,
    decode,
)
from workspai_hooks.workspace.elsewhere.packed import Keyed, Lists

ONE, PACKAGE, ALL = "elsewhere file", "elsewhere package", "elsewhere all"
BETWEEN = "\x1f"


class Row(Struct, frozen=True, array_like=True):
    """What the index keeps of one package of one file: rows stay sealed until their element is asked for."""

    paths: list[str]
    words: list[str]
    uses: dict[str, bytes]
    unfollowed: dict[str, bytes]
    contracts: bytes


class Head(Struct, frozen=True, array_like=True):
    """What the index keeps of one file beside its packages."""

    repository: Repository
    services: list[Service]
    edges: list[Edge]
    packages: list[str]
    opaque: list[Opaque]
    unread: list[Unread]


class Merged(Struct, frozen=True, array_like=True):
    """All files as one. Services are numbered in the order of their names, `repository:service`."""

    repositories: list[str]
    names: list[str]
    owners: list[str]
    """Of each service, with `BETWEEN` between two."""
    homes: Lists
    """The services of each repository, by its number in `repositories`."""
    callers: Lists
    """For each service those of its own repository that call it, ascending."""
    called: Keyed
    """By contract service: who calls it, and not one that its own repository has."""
    served: Keyed
    serves: Lists
    """For each service what it serves, by number in `served`."""
    rpcs: Keyed
    """By rpc: who calls it."""
    files: Lists
    """For each file the numbers of its services, in the order of its own table."""
    shown: list[int]
    """For each file the number of its repository."""
    packages: Keyed
    """By package: the files that know of it."""
    opaque: dict[str, list[tuple[int, str]]]
    """By a contract's path as stubs name it: services that hold such a stub, and where."""
    unread: dict[str, list[tuple[int, str, str]]]
    """By package: the file, and what could not be read there and why."""


def apart(facts: Received) -> tuple[Head, dict[str, Row]]:
    """A file as the index keeps it."""
    rows = {
        one.name: Row(
            one.paths,
            one.words,
            {element: bytes(uses) for element, uses in one.uses.items()},
            {element: bytes(many) for element, many in one.unfollowed.items()},
            bytes(one.contracts),
        )
        for one in _by_name(facts.packages)
    }
    head = Head(facts.repository, facts.services, facts.edges, list(rows), facts.opaque, facts.unread)
    return head, rows


def _by_name(packages: Iterable[Sealed]) -> Iterable[Sealed]:
    """One of each name: a file of ours has no two."""
    return {one.name: one for one in packages}.values()


def row_key(content: bytes, package: str) -> bytes:
    """Where the index has a package of a file."""
    return Store.key(content, package)


def merged(
    store: Store, contents: Sequence[Content], own_url: str
) -> tuple[Merged, list[bytes], list[Undecided]]:
    """All files as one, their keys by number, and what could not be read.

    Facts of the repository itself (`own_url`) are left out: what it has is looked at directly.
    """
    key = Store.key(own_url, [(one.key, one.name) for one in contents])
    known = store.recall(ALL, [key], tuple[Merged, list[bytes]])
    if key in known:
        return (*known[key], [])
    heads, undecided = heads_of(store, contents)
    chosen = [
        (one, heads[one.key])
        for one in contents
        if one.key in heads and not (own_url and heads[one.key].repository.url == own_url)
    ]
    keys = [one.key for one, _ in chosen]
    whole = join([(one.name, head) for one, head in chosen])
    if not undecided:
        store.remember(ALL, {key: (whole, keys)})
    return whole, keys, undecided


def heads_of(store: Store, contents: Sequence[Content]) -> tuple[dict[bytes, Head], list[Undecided]]:
    """Each file's head by its key, read again where the index has it no more, and what could not be read."""
    heads = store.recall(ONE, [one.key for one in contents], Head)
    undecided: list[Undecided] = []
    for one in contents:
        if one.key in heads:
            continue
        read = _read(one)
        if isinstance(read, Undecided):
            undecided.append(read)
            continue
        head, rows = read
        heads[one.key] = head
        store.remember(PACKAGE, {row_key(one.key, name): row for name, row in rows.items()})
        store.remember(ONE, {one.key: head})
    return heads, undecided


def _read(one: Content) -> tuple[Head, dict[str, Row]] | Undecided:
    """A file taken apart, or why it can't be."""
    data = one.read()
    if data is None:
        remedy = f"remove the copy and run {UPDATE}, or fetch the missing objects"
        return Undecided(f"facts of {one.what}", "can't be read, or are not what is pinned", remedy)
    try:
        return apart(decode(data))
    except FactsError as error:
        return Undecided(f"facts of {one.what}", str(error), error.remedy)


def reread(one: Content) -> tuple[dict[str, Row], Undecided | None]:
    """The packages of a file that the index knew before, or why they are not there any more."""
    read = _read(one)
    return ({}, read) if isinstance(read, Undecided) else (read[1], None)


def join(heads: Sequence[tuple[str, Head]]) -> Merged:
    """Files as one; a repository is called as the configuration says, else as it calls itself."""
    called = _names(heads)
    repositories = sorted(set(called))
    owners: dict[str, dict[str, None]] = {}
    homes: dict[str, set[str]] = {name: set() for name in repositories}
    for repository, (_, head) in zip(called, heads, strict=True):
        for service in head.services:
            name = f"{repository}:{service.name}"
            owners.setdefault(name, {}).update(dict.fromkeys(service.owners))
            homes[repository].add(name)
    names = sorted(owners)
    number = {name: at for at, name in enumerate(names)}
    files = [
        [number[f"{repository}:{one.name}"] for one in head.services]
        for repository, (_, head) in zip(called, heads, strict=True)
    ]
    calls = _Calls(len(names))
    packages: dict[str, list[int]] = {}
    opaque: dict[str, list[tuple[int, str]]] = {}
    unread: dict[str, list[tuple[int, str, str]]] = {}
    for at, (_, head) in enumerate(heads):
        calls.add(head, files[at])
        for package in head.packages:
            packages.setdefault(package, []).append(at)
        for stub in head.opaque:
            opaque.setdefault(stub.source, []).append((files[at][stub.service], stub.path))
        for one in head.unread:
            unread.setdefault(one.package, []).append((at, one.what, one.why))
    served = Keyed.of(calls.served)
    serves: list[list[int]] = [[] for _ in names]
    for at, fqn in enumerate(served.names):
        for service_number in served.get(fqn):
            serves[service_number].append(at)
    shown = {name: at for at, name in enumerate(repositories)}
    return Merged(
        repositories,
        names,
        [BETWEEN.join(owners[name]) for name in names],
        Lists.of([sorted(number[one] for one in homes[name]) for name in repositories]),
        Lists.of([sorted(one) for one in calls.callers]),
        Keyed.of(calls.called),
        served,
        Lists.of(serves),
        Keyed.of(calls.rpcs),
        Lists.of(files),
        [shown[one] for one in called],
        Keyed.of(packages),
        opaque,
        unread,
    )


def _names(heads: Sequence[tuple[str, Head]]) -> list[str]:
    """What each file's repository is called; two of one name that are not the same go by their URLs."""
    urls: dict[str, set[str]] = {}
    for name, head in heads:
        urls.setdefault(name or head.repository.name, set()).add(head.repository.url)
    return [
        called if len(urls[called]) == 1 else head.repository.url or called
        for name, head in heads
        for called in (name or head.repository.name,)
    ]


class _Calls:
    """Who calls and serves what, by the numbers of services, gathered file by file."""

    def __init__(self, count: int) -> None:
        self.callers: list[set[int]] = [set() for _ in range(count)]
        self.called: dict[str, set[int]] = {}
        self.served: dict[str, set[int]] = {}
        self.rpcs: dict[str, set[int]] = {}

    def add(self, head: Head, numbers: Sequence[int]) -> None:
        """One file; a contract service that its own repository has is called there."""
        own = {fqn for service in head.services for fqn in service.serves}
        for service, number in zip(head.services, numbers, strict=True):
            for fqn in service.serves:
                self.served.setdefault(fqn, set()).add(number)
            for rpc in service.calls:
                self.rpcs.setdefault(rpc, set()).add(number)
                if (fqn := rpc.partition("/")[0]) not in own:
                    self.called.setdefault(fqn, set()).add(number)
        for edge in head.edges:
            if edge.consumer != edge.provider:
                self.callers[numbers[edge.provider]].add(numbers[edge.consumer])
