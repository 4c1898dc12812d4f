"""What is kept of a whole tree is what is worked out anew: services, edges, holders, builders, files."""

from __future__ import annotations

import random
import shutil
import sqlite3
from pathlib import Path

import pytest
from conftest import Scratch
from git import Repo

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.configuration import settings_of
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.elements import parts
from workspai_hooks.store import Store
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.tools.git import Repository
from workspai_hooks.workspace.lookups import Joined
from workspai_hooks.workspace.use_sites.gather import Followed
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
        sorted(workspace.foreign_stubs(), key=lambda one: (one.service, one.held)),
        *looked_up(workspace),
    ]


def looked_up(workspace: Workspace) -> list[object]:
    """What verdicts look up."""
    schema = workspace.schema
    elements = sorted({one for path in schema.files for one in parts(schema, f"file:{path}")} | {"no.Such"})
    rpcs = frozenset(one for one in elements if "/" in one)
    names = [*workspace.callers.names, "nobody", "libs"]
    return [
        [(one, workspace.uses_of({one}), workspace.holders({one})) for one in elements],
        [workspace.unfollowed({one}, names) for one in elements],
        [(rpc, workspace.providers({rpc})) for rpc in sorted(rpcs)],
        sorted(workspace.calling(rpcs).items()),
        [(one, workspace.owners(one), workspace.role(one, rpcs), workspace.served_by(one)) for one in names],
        [list(workspace.between(one, other)) for one in names for other in names],
        workspace.callers,
        workspace.unfollowed_files(names),
        workspace.told_escapes(),
    ]


def looked_at(root: Path, store: Path | None, rev: str = "") -> list[object]:
    repository = Repository.open(root)
    repository.store = Store(store)
    try:
        snapshot = Snapshot.of_commit(repository, rev) if rev else Snapshot.of_index(repository)
        settings = settings_of(snapshot)
        schema, _ = schema_of(snapshot, resolve_buf())
        joined = told(survey(snapshot, schema, settings.services, settings.edges))
        by_tables = survey(snapshot, schema, settings.services, settings.edges, Followed.of(schema))
        assert looked_up(by_tables) == joined[-len(looked_up(by_tables)) :]
        return joined
    finally:
        repository.close()


def test_what_was_looked_up_once_is_read_from_tables(
    committed_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In parts of any size; nothing else is asked for, and a part that is lost is made anew."""
    monkeypatch.setattr("workspai_hooks.tables.PART", 300)
    kept = tmp_path / "index.sqlite"
    answers = []
    for lost in (False, False, True):
        if lost:
            monkeypatch.undo()
            with sqlite3.connect(kept) as index:
                index.execute("DELETE FROM facts WHERE id % 5 = 0")
        repository = Repository.open(committed_shop)
        repository.store = Store(kept)
        snapshot = Snapshot.of_commit(repository, "HEAD")
        schema, _ = schema_of(snapshot, resolve_buf())
        answers.append(looked_up(survey(snapshot, schema, followed=Followed.of(schema))))
        repository.close()
        for part in ("services", "found", "edges"):
            monkeypatch.setattr(Joined, part, property(lambda _: pytest.fail("asked for all of it")))
    assert answers[1] == answers[0]
    assert answers[2] == answers[0]


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
