"""The same work on many things by several processes: for work that Python's threads can't share.

Children are forks, so that nothing has to be sent to them; what they make comes back as bytes. Where a system
has no fork, has no memory left, or a child ends badly, the work is done here.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import msgspec

from workspai_hooks.tools.memory import available_bytes, own_bytes

T = TypeVar("T")

MOST_WORKERS = 8
LEAST_CHILD = 64 * 1024 * 1024
"""Bytes that a child takes, even of a small parent."""
_HEAD = struct.Struct("<II")


def spread(things: Sequence[T], work: Callable[[T], bytes], *, pays: bool = True) -> list[bytes]:
    """`work` of each thing, in order. `pays`: there is enough of it for a fork (about 10 ms) to be worth it.

    `work` must not touch pipes, sockets or databases that are open: a child shares them.
    """
    workers = min(_processors(), len(things), MOST_WORKERS, 1 + _fitting()) if pays else 1
    if not pays or workers < 2 or not _can_fork():
        return [work(thing) for thing in things]
    done: dict[int, bytes] = {}
    children: list[tuple[int, int]] = []
    with suppress(OSError):  # no more processes or files: with those that there are
        children.extend(_start(things, work, at, workers) for at in range(1, workers))
    try:
        for number in range(0, len(things), workers):
            done[number] = work(things[number])
        while children:
            child, pipe = children.pop()
            done |= _collected(child, pipe)
    finally:
        for child, pipe in children:  # the work has failed here: they end when they write
            os.close(pipe)
            with suppress(ChildProcessError):
                os.waitpid(child, 0)
    return [done[number] if number in done else work(thing) for number, thing in enumerate(things)]


def packed(encoder: msgspec.msgpack.Encoder, value: object) -> bytes:
    """A value as `spread` hands it on; nothing where it holds a text that is no Unicode."""
    try:
        return encoder.encode(value)
    except UnicodeEncodeError:
        return b""


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def _fitting() -> int:
    """So many children have room in half of the memory that there is: one that works on what its parent has
    read ends up with a copy of most of it, for Python counts references in the objects themselves."""
    there = available_bytes()
    return MOST_WORKERS if there is None else there // 2 // max(own_bytes(), LEAST_CHILD)


def _can_fork() -> bool:
    """Linux only: elsewhere a fork of a program with threads is not to be trusted."""
    return sys.platform == "linux" and hasattr(os, "fork")


def _start(things: Sequence[T], work: Callable[[T], bytes], first: int, step: int) -> tuple[int, int]:
    """A child that does every `step`-th thing from `first` on; its id and the pipe to read from."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    try:
        child = os.fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        raise
    if child:
        os.close(writing)
        return child, reading
    code = 1
    try:
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            for number in range(first, len(things), step):
                made = work(things[number])
                pipe.write(_HEAD.pack(number, len(made)))
                pipe.write(made)
        code = 0
    except BaseException:  # whatever it is, the parent does what is missing, and meets it itself
        code = 1
    finally:
        os._exit(code)


def _collected(child: int, pipe: int) -> dict[int, bytes]:
    """What a child has made; a last piece that is cut off is left out."""
    with os.fdopen(pipe, "rb") as stream:
        data = stream.read()
    with suppress(ChildProcessError):
        os.waitpid(child, 0)
    done: dict[int, bytes] = {}
    at = 0
    while at + _HEAD.size <= len(data):
        number, size = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if at + size <= len(data):
            done[number] = data[at : at + size]
        at += size
    return done
