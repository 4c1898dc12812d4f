"""A fact as it is kept: its bytes, packed, under a sum that also covers what it is kept as."""

from __future__ import annotations

import zlib

SMALL = 512
"""Bytes of a fact that is kept as it is: setting zlib up for it takes longer than all the rest."""
MOST_BYTES = 256 * 1024 * 1024
"""Of a fact when it is unpacked."""
_SUM = 4


class DamagedError(Exception):
    """A row that is not as it was written."""


def packed(kind: str, key: bytes, data: bytes) -> bytes:
    """A fact as it is kept. `kind` is its whole name, with the version of what made it."""
    body = b"z" + zlib.compress(data, 1) if len(data) > SMALL else b"=" + data
    return _sum(kind, key, body) + body


def unpacked(kind: str, key: object, kept: object) -> bytes:
    """The reverse; `DamagedError` where it is not what was packed as this. Of what stands in a damaged page,
    the types are not known either."""
    if not (isinstance(key, bytes) and isinstance(kept, bytes)) or kept[:_SUM] != _sum(
        kind, key, kept[_SUM:]
    ):
        raise DamagedError
    if kept[_SUM : _SUM + 1] != b"z":
        return kept[_SUM + 1 :]
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(kept[_SUM + 1 :], MOST_BYTES)
    except zlib.error as error:
        raise DamagedError from error
    if not unpacker.eof:
        raise DamagedError
    return data


def _sum(kind: str, key: bytes, body: bytes) -> bytes:
    """SQLite has no checksums: a bit that flips on a disk would be another fact, and a wrong verdict.

    CRC-32 finds each burst of up to 32 bits, any three bits in 11 kB, and of all else all but one in 2³².
    What is larger than `SMALL` has zlib's Adler-32 besides. It is no defence against who writes the file.
    """
    begun = zlib.crc32(key, zlib.crc32(b"%s\0%d\0" % (kind.encode(), len(key))))
    return zlib.crc32(body, begun).to_bytes(_SUM, "little")
