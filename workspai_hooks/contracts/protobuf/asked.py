"""buf's answers, kept by all that it is given: the same question is asked once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from workspai_hooks.store import Store
from workspai_hooks.tools import buf as buf_tool
from workspai_hooks.tools.buf import Buf, Built, Row

LARGEST = 8 << 20
"""Bytes of an image that is kept: a package with its imports has one or two, all of googleapis has ninety."""


def build(buf: Buf, files: Mapping[str, bytes], store: Store, *, keeps: bool = True) -> Built:
    """`tools.buf.build`; what could not be answered is asked again. Unless it `keeps` images, only what does
    not compile is kept."""
    key = Store.key(buf.version, [(name, _digest(data)) for name, data in sorted(files.items())])
    known = store.known("image", [key], Built).get(key)
    if known is None:
        known = buf_tool.build(buf, files)
        if len(known.image) <= (LARGEST if keeps else 0):
            store.remember("image", {key: known})
    return known


def breaking(buf: Buf, head: bytes, base: bytes, store: Store) -> tuple[Row, ...]:
    """`tools.buf.breaking`, in the same way."""
    key = Store.key(buf.version, _digest(head), _digest(base))
    known = store.known("broken", [key], tuple[Row, ...]).get(key)
    if known is None:
        known = buf_tool.breaking(buf, head, base)
        store.remember("broken", {key: known})
    return known


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=20).digest()
