"""What is kept of a whole tree is what is worked out anew: services, edges, holders, builders, files."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from conftest import Scratch
from git import Repo

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.configuration import settings_of
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.store import Store
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.tools.git import Repository
from workspai_hooks.workspace.workspace import Workspace, survey


def told(workspace: Workspace) -> list[object]:
    """All that a verdict may ask of it."""
    schema, snapshot = workspace.schema, workspace.snapshot
    elements = sorted([*schema.messages, *schema.enums, *schema.services])
    return [
        workspace.services.all,
        workspace.services.facts,
        workspace.services.undecided,
        workspace.edges,
        workspace.undecided,
        workspace.callers,
        [workspace.holders({one}) for one in elements],
        [workspace.consumers_at(path) for path in snapshot.paths()],
        [workspace.files_of({one.name}) for one in workspace.services.all],
        sorted(workspace.foreign_stubs(), key=lambda one: (one.service, one.held)),
    ]


def looked_at(root: Path, store: Path | None, rev: str = "") -> list[object]:
    repository = Repository.open(root)
    repository.store = Store(store)
    try:
        snapshot = Snapshot.of_commit(repository, rev) if rev else Snapshot.of_index(repository)
        settings = settings_of(snapshot)
        schema, _ = schema_of(snapshot, resolve_buf())
        return told(survey(snapshot, schema, settings.services, settings.edges))
    finally:
        repository.close()


@pytest.mark.parametrize("seed", range(2))
def test_what_is_kept_is_what_is_worked_out(committed_shop: Path, tmp_path: Path, seed: int) -> None:
    """Edits of any file, each looked at with all that was kept before it, twice, and with nothing kept."""
    root = tmp_path / "shop"
    shutil.copytree(committed_shop, root, symlinks=True)
    shop = Scratch(Repo(root))
    chance = random.Random(seed)
    kept = tmp_path / "index" / "index.sqlite"
    for _ in range(4):
        looked_at(root, kept)
        assert looked_at(root, kept) == looked_at(root, None)
        paths = sorted(shop.repo.git.ls_files().splitlines())
        edited, moved, gone = chance.sample([one for one in paths if (root / one).is_file()], 3)
        text = (root / edited).read_bytes().splitlines(keepends=True)
        at = chance.randrange(len(text) or 1)
        shop.write({edited: b"".join([*text[:at], *text[at + 1 :]])})
        shop.repo.git.mv("-f", moved, f"{moved}.moved")
        shop.repo.git.rm("-q", "-f", gone)
    assert looked_at(root, kept, shop.repo.head.commit.hexsha) == looked_at(
        root, None, shop.repo.head.commit.hexsha
    )
