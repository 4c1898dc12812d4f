"""What every fact must be fit for: the index keeps it as bytes, and reads it back as it was."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_ENCODER = msgspec.msgpack.Encoder()


def kept(fact: T, shape: Any = None) -> T:
    """The fact, when the index can keep it; a text that is no Unicode is made anew each time instead."""
    try:
        data = _ENCODER.encode(fact)
    except UnicodeEncodeError:
        return fact
    again = msgspec.msgpack.decode(data, type=shape or type(fact))
    assert again == fact or repr(again) == repr(fact), "the index gives back another fact"
    return fact
