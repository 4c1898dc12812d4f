"""Work spread over processes gives what it gives in one, in order, also when a child dies."""

from __future__ import annotations

import os

from workspai_hooks.tools.parallel import spread


def test_results_come_in_order() -> None:
    things = list(range(101))
    assert spread(things, lambda one: str(one * one).encode()) == [str(one * one).encode() for one in things]


def test_a_child_that_dies_costs_time_only() -> None:
    parent = os.getpid()

    def work(one: int) -> bytes:
        if os.getpid() != parent and one % 3 == 0:
            os._exit(9)
        return bytes([one])

    assert spread(list(range(20)), work) == [bytes([one]) for one in range(20)]


def test_large_results_do_not_block() -> None:
    made = spread([1, 2, 3, 4], lambda one: bytes([one]) * 3_000_000)
    assert [len(one) for one in made] == [3_000_000] * 4


def test_no_work_is_no_work() -> None:
    assert spread([], lambda one: b"") == []
