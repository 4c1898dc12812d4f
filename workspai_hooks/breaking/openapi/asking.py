"""Asking oasdiff about two texts, while something else is done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from workspai_hooks.errors import Undecided
from workspai_hooks.tools.oasdiff import NotMergedError, Oasdiff, Row, changes
from workspai_hooks.tools.scratch import Scratch

T = TypeVar("T")

_BASE, _HEAD = "base.json", "head.json"


def asked(tool: Oasdiff, base: bytes, head: bytes) -> tuple[tuple[Row, ...], Undecided | None]:
    """What oasdiff says of both sides.

    Where the branches of an `allOf` contradict each other it compares them one by one. That leaves a question
    open where they did not in base: what only all of them together say is not compared.
    """
    with Scratch() as folder:
        (folder / _BASE).write_bytes(base)
        (folder / _HEAD).write_bytes(head)
        try:
            return changes(tool, folder / _BASE, folder / _HEAD), None
        except NotMergedError as error:
            return error.rows, None if _BASE in error.undecided.why else error.undecided


def meanwhile(work: Callable[[], T], other: Callable[[], None]) -> T:
    """What `work` gives, which waits for a process; `other` is done at the same time."""
    given: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            given.append(work())
        except BaseException as error:  # handed on to who asked
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        other()
    finally:
        thread.join()
    if failed:
        raise failed[0]
    return given[0]
