"""The index changes nothing but the time: what it answers is what a look at everything gives."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Scratch
from test_services import shop as shop_snapshot

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.compiled import schema_of
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
    changed = Snapshot.of({**files, path: files[path] + b"\n# a comment\n"})
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
