"""What every fact must be fit for: the index keeps it as bytes, and reads it back as it was."""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")

_ENCODER = msgspec.msgpack.Encoder()


def kept(fact: T) -> T:
    """The fact, when the index can keep it; a text that is no Unicode is made anew each time instead."""
    try:
        data = _ENCODER.encode(fact)
    except UnicodeEncodeError:
        return fact
    again = msgspec.msgpack.decode(data, type=type(fact))
    assert _ENCODER.encode(again) == data, "the index gives back another fact"
    return fact
