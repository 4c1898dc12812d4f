"""Work spread over processes gives what it gives in one, in order, also when a child dies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workspai_hooks.tools import memory, parallel
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


@pytest.mark.parametrize(
    ("there", "own", "children"),
    [(None, 1 << 30, 3), (16 << 30, 1 << 30, 3), (4 << 30, 1 << 30, 2), (1 << 30, 1 << 30, 0), (0, 0, 0)],
)
def test_children_have_room_in_memory(
    monkeypatch: pytest.MonkeyPatch, there: int | None, own: int, children: int
) -> None:
    monkeypatch.setattr(parallel, "available_bytes", lambda: there)
    monkeypatch.setattr(parallel, "own_bytes", lambda: own)
    monkeypatch.setattr(parallel, "_processors", lambda: 4)
    made = spread(list(range(20)), lambda _: str(os.getpid()).encode())
    assert len(set(made)) == 1 + children


def test_a_containers_limit_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    system, limit, usage = tmp_path / "meminfo", tmp_path / "max", tmp_path / "current"
    monkeypatch.setattr(memory, "_SYSTEM", system)
    monkeypatch.setattr(memory, "_GROUPS", ((limit, usage),))
    assert memory.available_bytes() is None
    system.write_text("MemTotal: 100 kB\nMemAvailable: 50 kB\n")
    assert memory.available_bytes() == 50 * 1024
    limit.write_text("max\n")
    usage.write_text("1000\n")
    assert memory.available_bytes() == 50 * 1024
    limit.write_text("3000\n")
    assert memory.available_bytes() == 2000
    assert memory.own_bytes() > 1 << 20
