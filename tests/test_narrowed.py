"""Images without what is the same in both: buf finds what it finds in all. Images put together from files
that were compiled before: those that buf makes. On generated workspaces; `WORKSPAI_WORKSPACES` says how
many."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from buf_workspaces import edited, texts, workspace

from workspai_hooks.breaking.narrowed import narrowed
from workspai_hooks.breaking.unit_rows import NO_FILES
from workspai_hooks.contracts.protobuf import asked, pieces, serialized
from workspai_hooks.contracts.protobuf.scan import scan
from workspai_hooks.store import Store
from workspai_hooks.tools import buf as buf_tool
from workspai_hooks.tools.buf import Built, Row, resolve_buf

MANY = int(os.environ.get("WORKSPAI_WORKSPACES", "10"))
Texts = dict[str, bytes]


def imports_of(files: Texts) -> dict[str, list[str]]:
    return {path: [one.name for one in scan(text).imports] for path, text in files.items()}


def together(files: Texts, store: Store) -> Built:
    return pieces.build(resolve_buf(), files, imports_of(files), store)


def rows_of(head: bytes, base: bytes) -> tuple[Row, ...]:
    return buf_tool.breaking(resolve_buf(), head, base)


def played(seed: int) -> tuple[bool, int, list[str]]:
    """Whether both sides of a seed's edit compile, how many rows buf has for it, and what is not as it is
    without us."""
    rng = Random(seed)
    files = workspace(rng)
    before = texts(files)
    for _ in range(rng.randint(1, 3)):
        if files:
            edited(rng, files)
    after = texts(files)
    store, wrong, built = Store(), [], []
    for side in (before, after):
        built.append(buf_tool.build(resolve_buf(), side) if side else Built(b""))
        if side and together(side, store) != built[-1]:
            wrong.append(f"{seed}: another image")
        if side and together(side, store) != built[-1]:
            wrong.append(f"{seed}: another image once more")
    base, head = (one.image for one in built)
    if any(one.errors for one in built) or not base or not head:
        return False, 0, wrong
    rows = rows_of(head, base)
    small = narrowed(base, head, before, after)
    if (rows_of(small.head or NO_FILES, small.base) if small else ()) != rows:
        wrong.append(f"{seed}: other rows")
    return True, len(rows), wrong


def test_the_same_images_and_the_same_rows() -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        all_played = list(pool.map(played, range(MANY)))
    assert [one for _, _, wrong in all_played for one in wrong] == []
    assert sum(compiled for compiled, _, _ in all_played) > MANY / 2
    assert sum(rows > 0 for _, rows, _ in all_played) > MANY / 3


A = b'syntax = "proto3"; package a; message A { int32 x = 1; }\n'
USER = b'syntax = "proto3"; package user; import "a.proto"; message User { a.A a = 1; }\n'
OTHER = b'syntax = "proto3"; package other; message Other {}\n'


def test_only_what_changed_and_what_imports_it_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[str]] = []
    really = asked.build

    def counting(buf: buf_tool.Buf, files: Texts, store: Store, *, keeps: bool = True) -> Built:
        given.append(sorted(files))
        return really(buf, files, store, keeps=keeps)

    monkeypatch.setattr(asked, "build", counting)
    store = Store()
    files = {"a.proto": A, "user.proto": USER, "other.proto": OTHER}
    together(files, store)
    together(files, store)
    together({"user.proto": USER, "a.proto": A}, store)
    assert given == [["a.proto", "other.proto", "user.proto"]]
    together({**files, "other.proto": OTHER + b"message More {}\n"}, store)
    assert given[1:] == [["other.proto"]]
    image = together({**files, "a.proto": A.replace(b"x = 1", b"y = 1")}, store).image
    assert given[2:] == [["a.proto", "user.proto"]]
    assert [serialized.name_of(one) for one in serialized.files_of(image)] == [
        "a.proto",
        "other.proto",
        "user.proto",
    ]


EXTENDS = 'syntax = "proto2"; package {0}; import "google/protobuf/descriptor.proto"; \
extend google.protobuf.FileOptions {{ optional string {0} = {1}; }}\n'


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (A, b'syntax = "proto3"; package a; message A {}\n'),
        (A, b'syntax = "proto3"; package a; enum E { A = 0; }\n'),
        (A, b'syntax = "proto3"; package a.A.more; message B {}\n'),
        (EXTENDS.format("one", 50001).encode(), EXTENDS.format("two", 50001).encode()),
        (EXTENDS.format("one", 50001).encode(), EXTENDS.format("two", 50002).encode()),
    ],
    ids=["a message twice", "a value of its name", "a package of its name", "a number twice", "two numbers"],
)
def test_what_meets_in_one_image_is_told_as_by_buf(first: bytes, second: bytes) -> None:
    """Each is compiled alone before, without a word."""
    store = Store()
    for name, text in (("1.proto", first), ("2.proto", second)):
        assert together({name: text}, store).errors == ()
    files = {"1.proto": first, "2.proto": second}
    assert together(files, store) == buf_tool.build(resolve_buf(), files)


def test_a_well_known_file_of_ones_own() -> None:
    """What imports it is another file than with buf's."""
    mine = (
        b'syntax = "proto3"; package google.protobuf; message Any { string type_url = 1; int32 mine = 9; }\n'
    )
    user = b'syntax = "proto3"; package u; import "google/protobuf/any.proto"; \
import "google/protobuf/type.proto"; message U { google.protobuf.Any a = 1; google.protobuf.Type t = 2; }\n'
    store = Store()
    for files in (
        {"u.proto": user},
        {"u.proto": user, "google/protobuf/any.proto": mine},
        {"u.proto": user},
    ):
        assert together(files, store) == buf_tool.build(resolve_buf(), files)


def test_what_a_package_has_in_an_import_is_counted() -> None:
    """A file that buf.yaml leaves out may keep the last message of a package that another one loses."""
    kept = b'syntax = "proto3"; package a; message Kept {}\n'
    user = b'syntax = "proto3"; package c; import "kept.proto"; message C { a.Kept a = 1; }\n'
    files = {"a.proto": A, "kept.proto": kept, "user.proto": user}
    targets = {"a.proto", "user.proto"}
    after = {**files, "a.proto": b'syntax = "proto3"; package a;\n'}
    base, head = (buf_tool.build(resolve_buf(), side).image for side in (files, after))
    rows = rows_of(serialized.as_imports(head, targets), serialized.as_imports(base, targets))
    small = narrowed(base, head, targets, targets)
    assert small is not None
    assert rows_of(small.head, small.base) == rows
    assert "PACKAGE_MESSAGE_NO_DELETE" in {row.rule for row in rows}
