"""Packs: what comes back is what was put in, under its own name and its own key, or nothing does."""

from __future__ import annotations

import random

import msgspec
import pytest

from workspai_hooks import store
from workspai_hooks.fact_versions import VERSIONS
from workspai_hooks.remote import pack
from workspai_hooks.remote.pack import RefusedError, decoded, encoded, name_of
from workspai_hooks.store import version
from workspai_hooks.tools.origins import told

NAME = name_of("forge.example/books/letters")
SCHEMA, GRAPH = (f"{kind} {version(kind)}" for kind in ("schema", "graph"))
ROWS = [(SCHEMA, b"k" * 20, b"one"), (SCHEMA, b"l" * 20, b""), (GRAPH, b"k" * 20, b"\0\1" * 300)]
KEY = b"a key of this team"


@pytest.mark.parametrize("key", [b"", KEY])
def test_what_is_packed_comes_back(key: bytes) -> None:
    assert decoded(NAME, encoded(NAME, ROWS, key), key) == ROWS
    assert decoded(NAME, encoded(NAME, [], key), key) == []


@pytest.mark.parametrize("key", [b"", KEY])
def test_of_what_is_damaged_nothing_is_believed(key: bytes) -> None:
    data = encoded(NAME, ROWS, key)
    for at in range(len(data)):
        for bit in (1, 128):
            harmed = bytearray(data)
            harmed[at] ^= bit
            with pytest.raises(RefusedError):
                decoded(NAME, bytes(harmed), key)
        with pytest.raises(RefusedError):
            decoded(NAME, data[:at], key)
    with pytest.raises(RefusedError):
        decoded(NAME, data + b"\0", key)


def test_a_pack_under_another_name_is_refused() -> None:
    with pytest.raises(RefusedError, match="not as it was written"):
        decoded(name_of("forge.example/books/others"), encoded(NAME, ROWS, b""), b"")


def test_who_asks_for_signatures_believes_nothing_else() -> None:
    with pytest.raises(RefusedError, match="not signed"):
        decoded(NAME, encoded(NAME, ROWS, b""), KEY)
    with pytest.raises(RefusedError, match="another key"):
        decoded(NAME, encoded(NAME, ROWS, b"somebody else's key"), KEY)
    with pytest.raises(RefusedError, match="set the key"):
        decoded(NAME, encoded(NAME, ROWS, KEY), b"")


def test_a_sum_can_not_be_passed_off_as_a_signature() -> None:
    """Who knows no key takes what the sum would be."""
    data = bytearray(encoded(NAME, ROWS, b""))
    data[len(b"workspai-hooks pack 1\n")] = 1
    with pytest.raises(RefusedError, match="another key"):
        decoded(NAME, bytes(data), KEY)


def test_rows_that_nobody_asks_for_are_left_out() -> None:
    strange = [("schema 000000000000", b"k", b"x"), ("no kind", b"k", b"x"), (SCHEMA, b"k" * 65, b"x")]
    assert decoded(NAME, encoded(NAME, [*ROWS, *strange], KEY), KEY) == ROWS


def test_whoever_can_sign_still_writes_only_rows() -> None:
    for body in (
        b"",
        b"\xc1",
        msgspec.msgpack.encode(7),
        msgspec.msgpack.encode([[SCHEMA], [[0, 1, 2]]]),
        b"\x91" * 5000,
    ):
        data = pack._MAGIC + b"\0" + pack._digest(NAME, body, b"") + body
        with pytest.raises(RefusedError):
            decoded(NAME, data, b"")


def test_another_version_has_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert name_of("forge.example/books/letters") == NAME
    monkeypatch.setitem(VERSIONS, "schema", "another")
    assert name_of("forge.example/books/letters") != NAME
    monkeypatch.undo()
    monkeypatch.setattr(store, "installed", lambda: "of another release of a parser")
    assert name_of("forge.example/books/letters") != NAME


def test_a_repository_is_the_same_by_every_way_to_it() -> None:
    ways = ("https://me:secret@Forge.example/books/letters.git", "git@forge.example:books/letters.git")
    assert {told(one) for one in ways} == {"forge.example/books/letters"}
    assert told("") == ""
    assert told("/srv/git/letters.git") != told("/srv/git/others.git")


def test_flipped_bits_of_large_packs() -> None:
    draw = random.Random(1)
    rows = [(SCHEMA, draw.randbytes(20), draw.randbytes(draw.randrange(400))) for _ in range(500)]
    data = encoded(NAME, rows, KEY)
    assert decoded(NAME, data, KEY) == rows
    for _ in range(200):
        harmed = bytearray(data)
        harmed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        with pytest.raises(RefusedError):
            decoded(NAME, bytes(harmed), KEY)
