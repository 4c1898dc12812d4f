"""The words of a contract, by which files are sorted out before anything is parsed."""

from __future__ import annotations

import msgspec

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.naming import Naming

WORD = regex(rb"[A-Za-z_]\w+")


class Vocabulary(msgspec.Struct, frozen=True):
    """`all`: every word that a use of the contract must have one of; `types`: names of services and messages
    alone."""

    all: frozenset[bytes]
    types: frozenset[bytes]


def vocabulary(schema: Schema, naming: Naming) -> Vocabulary:
    """The words of a contract in one language."""
    words = set(naming.accessors())
    for name in (*schema.messages, *schema.enums, *schema.services):
        words.add(name.rpartition(".")[2])
    words.update(value for enum in schema.enums.values() for value in enum.values)
    return Vocabulary(
        frozenset(part.encode() for word in words for part in word.split("_") if part),
        frozenset(full.rpartition(".")[2].encode() for full in (*schema.services, *schema.messages)),
    )


def can_matter(data: bytes, words: frozenset[bytes]) -> bool:
    """Whether a file has one of the words, alone or among those that `_` joins, or what makes a client of
    it.
    """
    return any(
        part in words for word in set(WORD.findall(data)) for part in (word, *word.split(b"_"), _core(word))
    )


def _core(word: bytes) -> bytes:
    """`NewOrdersClient` and its like without what generators put around a service's name."""
    core = word
    for before in (b"New", b"Register", b"Unimplemented", b"add_"):
        core = core.removeprefix(before)
    for after in (b"_to_server", b"Servicer", b"Client", b"Server", b"Handler", b"Stub", b"Base"):
        core = core.removesuffix(after)
    return core
