"""A pack: the rows of an index as one object, under a sum, or a signature, that also covers its name.

    workspai-hooks pack 1\\n | how (1 byte) | 32 bytes | msgpack of [kinds, rows]

A row is the number of its kind, its key and its packed fact.

Rows stay packed as the index keeps them: packed once more together they would take a tenth less (measured on
googleapis, etcd and flyte). Whoever can write the store can write a pack with a sum; one with a signature
(HMAC-SHA256, RFC 2104) takes the key.
"""

from __future__ import annotations

import hashlib
import hmac
import sys
from collections.abc import Iterable

import msgspec

from workspai_hooks import __version__
from workspai_hooks.fact_versions import VERSIONS
from workspai_hooks.store import version

Row = tuple[str, bytes, bytes]
"""Kind with its version, key, packed fact: as kept/file.py has them."""

MOST_BYTES = 128 * 1024 * 1024
"""Of a pack: what is larger is neither fetched nor believed."""
WORTH_SENDING = 64 * 1024 * 1024
"""Bytes of rows that are put into one: 17,000 of googleapis take 8 MB."""
_MAGIC = b"workspai-hooks pack 1\n"
_SUM, _SIGNATURE = b"\0", b"\1"
_DIGEST = 32
_HEAD = len(_MAGIC) + 1 + _DIGEST
_KEY_BYTES = 64
"""A key is a digest of 20 bytes; nothing that is longer than this is one."""


class _Body(msgspec.Struct, frozen=True, array_like=True):
    """Kinds with their versions, and rows in order."""

    kinds: list[str]
    rows: list[tuple[int, bytes, bytes]]


class RefusedError(Exception):
    """Why an object is not believed."""


def name_of(origin: str) -> str:
    """Where the pack of a repository stands in a store; `origin` is what tools/origins.py tells.

    Another version of ours, of a parser or of Python, and another system, have packs of their own: what they
    make could be another fact.
    """
    makers = hashlib.blake2b(digest_size=16)
    system = f"{sys.platform} {sys.version_info[0]}.{sys.version_info[1]} {__version__}"
    for part in (system, *sorted(_kinds())):
        makers.update(part.encode() + b"\0")
    whose = hashlib.blake2b(origin.encode("utf-8", "surrogateescape"), digest_size=16)
    return f"workspai-hooks/1/{makers.hexdigest()}/{whose.hexdigest()}.pack"


def _kinds() -> set[str]:
    """The kinds that this version knows, as their rows are called."""
    return {f"{kind} {version(kind)}" for kind in VERSIONS}


def encoded(name: str, rows: Iterable[Row], key: bytes) -> bytes:
    """Rows as a pack of that name."""
    kinds: dict[str, int] = {}
    numbered = [(kinds.setdefault(kind, len(kinds)), row, data) for kind, row, data in rows]
    body = msgspec.msgpack.encode(_Body(list(kinds), numbered))
    how = _SIGNATURE if key else _SUM
    return _MAGIC + how + _digest(name, body, key) + body


def decoded(name: str, data: bytes, key: bytes) -> list[Row]:
    """The rows of a pack, those of kinds that nobody asks for left out. `RefusedError` where it is none, is
    not whole, stands under another name, or is not signed with the key."""
    how, said, body = data[len(_MAGIC) : len(_MAGIC) + 1], data[_HEAD - _DIGEST : _HEAD], data[_HEAD:]
    if len(data) < _HEAD or not data.startswith(_MAGIC) or how not in (_SUM, _SIGNATURE):
        raise RefusedError("what is there is no pack of this program")
    if key and how != _SIGNATURE:
        raise RefusedError("the pack is not signed, and WORKSPAI_CACHE_KEY asks for that")
    if not key and how == _SIGNATURE:
        raise RefusedError("the pack is signed: set the key that it was written with, WORKSPAI_CACHE_KEY")
    if not hmac.compare_digest(said, _digest(name, body, key)):
        raise RefusedError(
            "the pack is signed with another key" if key else "the pack is not as it was written"
        )
    try:
        read = msgspec.msgpack.decode(body, type=_Body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise RefusedError("the pack is not as it was written") from error
    ours = _kinds()
    kinds = {number: kind for number, kind in enumerate(read.kinds) if kind in ours}
    return [
        (kinds[number], row, packed)
        for number, row, packed in read.rows
        if number in kinds and len(row) <= _KEY_BYTES
    ]


def _digest(name: str, body: bytes, key: bytes) -> bytes:
    begun = _MAGIC + name.encode() + b"\n"
    if key:
        signed = hmac.new(key, begun, hashlib.sha256)
        signed.update(body)
        return signed.digest()
    summed = hashlib.sha256(begun)
    summed.update(body)
    return summed.digest()
