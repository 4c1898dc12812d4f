"""The index stays below its limit: what was not used for the longest time goes, and the file shrinks."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from workspai_hooks.errors import UsageError
from workspai_hooks.kept import place
from workspai_hooks.kept.limit import LEAST, LIMIT, limit
from workspai_hooks.store import Store

KIND, SIZE = "schema", 40_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "workspai-hooks" / "index.sqlite"


def value(number: int) -> str:
    """What does not get smaller."""
    return random.Random(number).randbytes(SIZE // 2).hex()


def run(path: Path, new: Iterable[int], uses: Iterable[int] = (), most: int = LEAST) -> list[int]:
    """One run: which of what it asked for it knew."""
    store = Store(path, most)
    asked = {number: Store.key(number) for number in uses}
    found = store.recall(KIND, asked.values(), str)
    assert all(found[key] == value(number) for number, key in asked.items() if key in found)
    store.remember(KIND, {Store.key(number): value(number) for number in new})
    store.close()
    return [number for number, key in asked.items() if key in found]


def test_it_stays_below_its_limit_and_keeps_what_is_used(path: Path) -> None:
    used = range(20)
    run(path, used)
    for first in range(1000, 2500, 50):
        assert run(path, range(first, first + 50), used) == [*used], first
        assert place.size(path) <= LEAST
    last = run(path, (), range(1000, 2500))
    assert len(last) > 100  # half of the limit at least, packed
    assert last[-50:] == [*range(2450, 2500)]
    assert 1000 not in last
    with closing(sqlite3.connect(path)) as index:
        assert index.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_more_than_the_limit_at_once(path: Path) -> None:
    run(path, range(1000))
    assert place.size(path) <= LEAST
    assert len(run(path, (), range(1000))) > 100


def test_what_is_larger_than_a_part_is_not_kept(path: Path) -> None:
    store = Store(path, LEAST)
    large = random.Random(1).randbytes(LEAST // 2).hex()
    store.remember(KIND, {b"large": large, b"small": "small"})
    assert store.recall(KIND, [b"large"], str) == {b"large": large}
    store.close()
    assert Store(path, LEAST).recall(KIND, [b"large", b"small"], str) == {b"small": "small"}


def test_a_lower_limit_makes_it_smaller(path: Path) -> None:
    run(path, range(1000), most=LIMIT)
    assert place.size(path) > 2 * LEAST
    run(path, [1001])
    assert place.size(path) <= LEAST
    assert run(path, (), [999, 1001]) == [999, 1001]


def test_a_run_that_has_nothing_new_writes_nothing(path: Path) -> None:
    run(path, range(300))
    before = path.read_bytes()
    run(path, (), range(300))
    assert path.read_bytes() == before


def test_new_facts_do_not_wait_in_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workspai_hooks.store.MOST_FRESH", 100_000)
    store = Store(path)
    for number in range(50):
        store.remember(KIND, {Store.key(number): value(number)})
        assert sum(map(len, store._fresh.values())) <= 100_000 + SIZE
    assert store.recall(KIND, [Store.key(1)], str) == {Store.key(1): value(1)}
    store.close()
    assert run(path, (), range(50)) == [*range(50)]


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("", LIMIT),
        ("64M", 64 << 20),
        ("64 m", None),
        ("2g", 2 << 30),
        ("20000000", 20_000_000),
        ("16MiB", 16 << 20),
    ],
)
def test_the_user_says_the_limit(monkeypatch: pytest.MonkeyPatch, said: str, size: int | None) -> None:
    monkeypatch.setenv("WORKSPAI_CACHE_LIMIT", said)
    if size is None:
        with pytest.raises(UsageError):
            limit()
    else:
        assert limit() == size


@pytest.mark.parametrize("said", ["1", "7M", "-1", "9999999G", "much", "1e9", "10 M"])
def test_no_other_limit(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("WORKSPAI_CACHE_LIMIT", said)
    with pytest.raises(UsageError, match="WORKSPAI_CACHE_LIMIT"):
        limit()
