"""The index: facts by content, never trusted beyond what can be read back, never in the way."""

from __future__ import annotations

import contextlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from workspai_hooks import store as module
from workspai_hooks.store import Store

KIND = "schema"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "workspai-hooks" / "index.sqlite"


def kept(path: Path, **facts: str) -> None:
    store = Store(path)
    store.remember(KIND, {Store.key(name): value for name, value in facts.items()})
    store.close()


def known(path: Path, *names: str) -> dict[str, str]:
    store = Store(path)
    keys = {name: Store.key(name) for name in names}
    found = store.recall(KIND, keys.values(), str)
    store.close()
    return {name: found[key] for name, key in keys.items() if key in found}


def test_what_one_run_keeps_the_next_one_knows(path: Path) -> None:
    kept(path, a="one", b="two")
    assert known(path, "a", "b", "c") == {"a": "one", "b": "two"}


def test_small_facts_and_large_ones_come_back_alike(path: Path) -> None:
    facts = {"none": "", "small": "z" * 20, "large": "z" * 100_000}
    kept(path, **facts)
    assert known(path, *facts) == facts
    assert path.stat().st_size < 50_000


def test_only_what_is_missing_is_made(path: Path) -> None:
    kept(path, a="one")
    store = Store(path)
    asked: list[list[str]] = []

    def make(missing: list[str]) -> dict[str, str]:
        asked.append(missing)
        return {name: name.upper() for name in missing}

    keys = {name: Store.key(name) for name in ("a", "b")}
    assert store.each(KIND, keys, str, make) == {"a": "one", "b": "B"}
    assert store.each(KIND, keys, str, make) == {"a": "one", "b": "B"}
    assert asked == [["b"]]


def test_other_code_makes_other_facts(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(path, a="one")
    monkeypatch.setitem(module.VERSIONS, KIND, "another")
    assert known(path, "a") == {}
    monkeypatch.undo()
    assert known(path, "a") == {"a": "one"}


def test_a_kind_without_a_version_is_not_kept(path: Path) -> None:
    store = Store(path)
    store.remember("never heard of", {b"k": 1})
    assert store.recall("never heard of", [b"k"], int) == {b"k": 1}
    store.close()
    assert Store(path).recall("never heard of", [b"k"], int) == {}


def test_a_fact_of_another_shape_is_not_known(path: Path) -> None:
    kept(path, a="one")
    store = Store(path)
    assert store.recall(KIND, [Store.key("a")], int) == {}


def test_a_damaged_row_is_not_known(path: Path) -> None:
    kept(path, a="one", b="two")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE facts SET data = ? WHERE key = ?", (b"\x78\x9cnonsense", Store.key("a")))
    connection.close()
    assert known(path, "a", "b") == {"b": "two"}


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_built_anew(path: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    kept(path, a="one")
    assert known(path, "a") == {"a": "one"}
    told = capsys.readouterr().err
    assert told.count("is built anew") == (1 if content else 0)


def test_a_damaged_page_is_built_anew(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept(path, **{f"n{number}": "x" * 400 for number in range(400)})
    data = bytearray(path.read_bytes())
    data[4096 : len(data) - 100] = b"\xee" * (len(data) - 100 - 4096)
    path.write_bytes(bytes(data))
    assert known(path, "n1") == {}
    kept(path, a="one")
    assert known(path, "a") == {"a": "one"}
    assert capsys.readouterr().err.count("is built anew") == 1


def test_a_file_of_a_later_version_is_built_anew(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept(path, a="one")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert known(path, "a") == {}
    assert "another version" in capsys.readouterr().err


def test_somebody_elses_database_is_not_read(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE facts (kind, key, data)")
    connection.close()
    kept(path, a="one")
    assert known(path, "a") == {"a": "one"}


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    kept(tmp_path / "file" / "index.sqlite", a="one")
    assert known(tmp_path / "file" / "index.sqlite", "a") == {}


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    path.parent.symlink_to(tmp_path / "elsewhere")
    kept(path, a="one")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def many(path: Path, start: int) -> None:
    for number in range(start, start + 20):
        kept(path, **{f"n{number}": str(number)})


def test_two_processes_at_once(path: Path) -> None:
    context = get_context("spawn")
    both = [context.Process(target=many, args=(path, start)) for start in (0, 20)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert [one.exitcode for one in both] == [0, 0]
    assert known(path, *(f"n{number}" for number in range(40))) == {f"n{n}": str(n) for n in range(40)}


def test_paths_that_are_no_text_are_keys_and_are_not_kept(path: Path) -> None:
    assert Store.key("a\udcff") != Store.key("a\udcfe")
    kept(path, a="x\udcff")
    assert known(path, "a") == {}


def test_threads_that_ask_at_once(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Several descriptions are compared side by side; the file was thrown away for it once."""
    kept(path, **{f"k{number}": "v" * number for number in range(50)})
    store = Store(path)

    def ask(number: int) -> str:
        key = store.key(f"k{number % 60}")
        return store.once(KIND, key, str, lambda: f"made {number % 60}")

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(ask, range(600)))
    store.close()
    wanted = ["v" * n if n < 50 else f"made {n}" for n in (number % 60 for number in range(600))]
    assert given == wanted
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("value", ["one", "many " * 400])
def test_a_bit_that_flips_on_a_disk_makes_no_other_fact(path: Path, value: str) -> None:
    kept(path, a=value)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        data = bytes(connection.execute("SELECT data FROM facts").fetchone()[0])
        for bit in (len(data) * 8 - 1, len(data) * 4 + 1, 9):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            with connection:
                connection.execute("UPDATE facts SET data = ?", (bytes(flipped),))
            assert known(path, "a") == {}


@pytest.mark.parametrize("value", ["text", 5, None])
def test_a_row_whose_type_is_another_is_not_known(path: Path, value: object) -> None:
    kept(path, a="one")
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE other (kind TEXT, key BLOB, data, PRIMARY KEY (kind, key)) WITHOUT ROWID"
        )
        connection.execute("INSERT INTO other SELECT kind, key, ? FROM facts", (value,))
        connection.execute("DROP TABLE facts")
        connection.execute("ALTER TABLE other RENAME TO facts")
    assert known(path, "a") == {}


def test_a_fact_under_another_key_is_not_known(path: Path) -> None:
    kept(path, a="one")
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE facts SET key = ?", (Store.key("b"),))
    assert known(path, "b") == {}
