"""The index changes nothing but the time: what it answers is what a look at everything gives."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Scratch
from test_services import shop as shop_snapshot

from workspai_hooks import versions
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.store import Store
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.workspace.use_sites import gather
from workspai_hooks.workspace.use_sites.infer import analysis

Cli = Callable[..., subprocess.CompletedProcess[str]]
ELEMENTS = ("bookshop.catalog.v1.Book", "bookshop.orders.v1.Orders")


def answers(cli: Cli, root: Path, **environment: str) -> list[str]:
    map_of = cli(root, "graph", "--format", "json", **environment)
    impact = cli(root, "impact", *ELEMENTS, "--format", "json", **environment)
    assert (map_of.returncode, impact.returncode) == (0, 0), map_of.stderr + impact.stderr
    return [map_of.stdout, impact.stdout]


def test_the_index_gives_the_same_answers_cold_warm_and_changed(shop: Scratch, cli: Cli) -> None:
    plain = answers(cli, shop.root, WORKSPAI_INDEX="off")
    assert not (shop.root / ".git/workspai-hooks").exists()
    assert answers(cli, shop.root) == plain  # cold
    assert (shop.root / ".git/workspai-hooks/index.sqlite").is_file()
    assert answers(cli, shop.root) == plain  # warm
    source = shop.root / "services/storefront/handlers.go"
    text = source.read_text()
    source.write_text(text.replace("\n", "\n\n\n", 1))
    shop.repo.git.add(str(source))
    changed = answers(cli, shop.root)
    assert changed != plain  # every line of the file has moved
    assert changed == answers(cli, shop.root, WORKSPAI_INDEX="off")
    source.write_text(text)
    shop.repo.git.add(str(source))
    assert answers(cli, shop.root) == plain


def test_worktrees_share_the_index(shop: Scratch, cli: Cli, tmp_path: Path) -> None:
    shop.repo.git.worktree("add", str(tmp_path / "other"), "HEAD", "--detach")
    assert answers(cli, tmp_path / "other") == answers(cli, shop.root)
    assert not (shop.root / ".git/worktrees/other/workspai-hooks").exists()


def test_parts_that_are_followed_by_themselves_give_what_the_whole_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    snapshot = shop_snapshot()
    schema, _ = schema_of(snapshot, resolve_buf())
    apart = gather.find_everything(replace(snapshot, store=Store()), schema)
    monkeypatch.setattr(gather, "parted", lambda files, homes: [list(files)] if files else [])
    assert gather.find_everything(replace(snapshot, store=Store()), schema) == apart
    assert len(apart.uses) > 200


def test_a_file_that_changes_leaves_the_other_parts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = shop_snapshot()
    schema, _ = schema_of(snapshot, resolve_buf())
    store = Store()
    gather.find_everything(replace(snapshot, store=store), schema)
    files = snapshot.read_many(snapshot.paths())
    path = next(path for path in sorted(files) if path.endswith("mailer/server.py"))
    changed = Snapshot.of(
        {**files, path: files[path].replace(b"    return ", b"    print(1)\n    return ", 1)}
    )
    walked: list[str] = []
    follow = analysis.follow

    def listening(files: list[analysis.File], *rest: object) -> object:
        walked.extend(file.path for file in files)
        return follow(files, *rest)

    monkeypatch.setattr(gather, "follow", listening)
    found = gather.find_everything(replace(changed, store=store), schema)
    assert path in walked
    assert all(one.startswith(path.rpartition("/")[0]) for one in walked), walked
    assert found == gather.find_everything(replace(changed, store=Store()), schema)


@pytest.mark.parametrize(
    "edit",
    [
        lambda data: b"\n\n" + data,
        lambda data: data.replace(b"\n", b"\n\n"),
        lambda data: data.replace(b"    ", b"  ").replace(b"\t", b"  "),
        lambda data: data.rstrip() + b"\n\n\n",
    ],
)
@pytest.mark.parametrize("name", ["mailer/server.py", "storefront/handlers.go", "BookPage.tsx", "java"])
def test_what_only_moves_is_not_followed_again(
    name: str, edit: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = shop_snapshot()
    schema, _ = schema_of(snapshot, resolve_buf())
    store = Store()
    gather.find_everything(replace(snapshot, store=store), schema)
    files = snapshot.read_many(snapshot.paths())
    path = next(path for path in sorted(files) if path.endswith(name))
    changed = Snapshot.of({**files, path: edit(files[path])})
    found = gather.find_everything(replace(changed, store=store), schema)
    assert found == gather.find_everything(replace(changed, store=Store()), schema)


def test_a_comment_is_no_reason_to_follow_types_again(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = shop_snapshot()
    schema, _ = schema_of(snapshot, resolve_buf())
    store = Store()
    gather.find_everything(replace(snapshot, store=store), schema)
    files = snapshot.read_many(snapshot.paths())
    path = next(path for path in sorted(files) if path.endswith("storefront/handlers.go"))
    changed = Snapshot.of({**files, path: files[path].replace(b"\n\n", b"\n\n// why\n\n", 1)})
    apart = gather.find_everything(replace(changed, store=Store()), schema)
    monkeypatch.setattr(gather, "follow", lambda *_: pytest.fail("followed again"))
    assert gather.find_everything(replace(changed, store=store), schema) == apart


def test_what_was_made_without_a_missing_object_is_not_kept() -> None:
    files = {
        "a.proto": 'syntax = "proto3"; package a; message M { int32 x = 1; }',
        "app.py": "import a_pb2\n",
    }
    whole = Snapshot.of(files)
    store = Store()
    gone = whole.entries["app.py"].blob

    def without(blobs: Iterable[str]) -> dict[str, bytes | None]:
        return {blob: None if blob == gone else data for blob, data in whole.reader(blobs).items()}

    schema, _ = schema_of(whole, resolve_buf())
    gather.find_everything(replace(whole, reader=without, store=store), schema)
    store.is_partial = False  # the next run
    found = gather.find_everything(replace(whole, store=store), schema)
    assert found == gather.find_everything(replace(whole, store=Store()), schema)
    assert found.uses


def test_a_tool_that_failed_once_is_asked_again(shop: Scratch, cli: Cli, tmp_path: Path) -> None:
    broken = tmp_path / "buf"
    broken.write_text('#!/bin/sh\n[ "$1" = --version ] && echo 1.75.0 && exit 0\nexit 137\n')
    broken.chmod(0o755)
    failed = cli(shop.root, "graph", "--format", "json", WORKSPAI_BUF=str(broken))
    plain = cli(shop.root, "graph", "--format", "json", WORKSPAI_INDEX="off")
    assert failed.stdout != plain.stdout
    assert cli(shop.root, "graph", "--format", "json").stdout == plain.stdout


def test_half_a_surrogate_pair_stops_nothing(shop: Scratch, cli: Cli) -> None:
    source = shop.root / "services/mailer/server.py"
    source.write_text(source.read_text() + '\nODD = "\\ud800"\n')
    shop.repo.git.add(str(source))
    assert cli(shop.root, "impact", *ELEMENTS, "--format", "json").returncode == 0


def test_every_language_is_part_of_what_its_uses_are_made_by() -> None:
    reached = versions._reached("workspai_hooks.workspace.use_sites.gather")
    folder = Path(gather.__file__).parent
    modules = {path.relative_to(folder.parents[2]) for path in folder.rglob("*.py")}
    missing = {
        str(path)
        for path in modules
        if path.name != "__init__.py" and ".".join(path.with_suffix("").parts) not in reached
    }
    assert missing == set()
