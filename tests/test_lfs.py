"""Contracts whose blobs are pointers of Git LFS: their content from the local store, or a question."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from conftest import Scratch

from workspai_hooks.changes.documents import may_be_contracts
from workspai_hooks.changes.glance import may_use_retired
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.inspection.request import Request
from workspai_hooks.inspection.run import inspect
from workspai_hooks.report.report import Report
from workspai_hooks.tools import lfs
from workspai_hooks.tools.git import Repository
from workspai_hooks.tools.staged import Git

Make = Callable[[Mapping[str, str | bytes]], Scratch]
BEFORE = 'syntax = "proto3";\npackage cart;\nmessage Cart {\n  string id = 1;\n  int32 total = 2;\n}\n'
AFTER = BEFORE.replace("  int32 total = 2;\n", "")


def pointer(text: str | bytes, more: str = "") -> str:
    data = text.encode() if isinstance(text, str) else text
    oid = hashlib.sha256(data).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\n{more}oid sha256:{oid}\nsize {len(data)}\n"


def place(root: Path, text: str | bytes) -> Path:
    data = text.encode() if isinstance(text, str) else text
    oid = hashlib.sha256(data).hexdigest()
    return root / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4] / oid


def store(root: Path, *texts: str | bytes) -> None:
    for text in texts:
        file = place(root, text)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)


def changed(scratch: Make) -> Scratch:
    repository = scratch({"api/cart.proto": pointer(BEFORE)})
    return repository.write({"api/cart.proto": pointer(AFTER)})


def asked(repository: Scratch) -> Report:
    return inspect(Request(repository.root, "pre-commit"))


def test_a_break_in_what_is_pointed_to_is_found(scratch: Make) -> None:
    repository = changed(scratch)
    store(repository.root, BEFORE, AFTER)
    report = asked(repository)
    assert [(one.element, one.location.line) for one in report.findings] == [("cart.Cart.total", 3)]
    assert report.undecided == ()


def test_what_is_not_in_the_store_is_undecided(scratch: Make) -> None:
    repository = changed(scratch)
    store(repository.root, BEFORE)
    report = asked(repository)
    assert report.exit_code == 3
    (question,) = report.undecided
    oid = hashlib.sha256(AFTER.encode()).hexdigest()
    assert question.what == "api/cart.proto"
    assert question.why == f"its content is in Git LFS, and not in this clone: sha256:{oid[:12]}"
    assert question.remedy == 'git lfs pull --include="api/cart.proto"'


def test_so_is_what_only_the_base_lacks(scratch: Make) -> None:
    repository = changed(scratch)
    store(repository.root, AFTER)
    report = asked(repository)
    assert report.exit_code == 3
    assert report.undecided[0].remedy.startswith("git lfs fetch origin ")


def test_what_was_kept_without_the_content_is_not_told_with_it(scratch: Make) -> None:
    repository = changed(scratch)
    assert asked(repository).exit_code == 3
    store(repository.root, BEFORE, AFTER)
    assert asked(repository).exit_code == 1
    for text in (BEFORE, AFTER):
        place(repository.root, text).unlink()
    assert asked(repository).exit_code == 3


@pytest.mark.parametrize("fault", ["content", "size", "link", "folder", "outside", "extension", "bare"])
def test_what_does_not_fit_or_leads_out_is_not_read(scratch: Make, tmp_path: Path, fault: str) -> None:
    repository = scratch({"cart.proto": pointer(BEFORE)})
    store(repository.root, BEFORE, AFTER)
    file = place(repository.root, AFTER)
    text = pointer(AFTER)
    if fault == "content":
        file.write_bytes(AFTER.replace("cart", "card").encode())
    elif fault == "size":
        text = text.replace("size ", "size 1")
    elif fault == "link":
        file.rename(tmp_path / "elsewhere")
        file.symlink_to(tmp_path / "elsewhere")
    elif fault == "folder":
        file.unlink()
        file.mkdir()
    elif fault == "outside":
        (repository.root / ".git" / "lfs").rename(tmp_path / "lfs")
        (repository.root / ".git" / "lfs").symlink_to(tmp_path / "lfs")
    elif fault == "extension":
        text = pointer(AFTER, f"ext-0-secret sha256:{'0' * 64}\n")
    elif fault == "bare":
        text = text.replace("oid sha256:", "oid sha256:../")
    report = asked(repository.write({"cart.proto": text}))
    assert report.exit_code == 3
    assert all("total" not in one.element for one in report.findings)


def test_a_link_inside_of_the_git_directory_is_followed(scratch: Make) -> None:
    repository = changed(scratch)
    store(repository.root, BEFORE, AFTER)
    (repository.root / ".git" / "lfs").rename(repository.root / ".git" / "kept")
    (repository.root / ".git" / "lfs").symlink_to("kept")
    assert asked(repository).exit_code == 1


def test_a_worktree_shares_the_store(scratch: Make, tmp_path: Path) -> None:
    repository = scratch({"cart.proto": pointer(BEFORE)})
    store(repository.root, BEFORE, AFTER)
    repository.repo.git.worktree("add", "--quiet", "-b", "other", str(tmp_path / "other"))
    linked = Scratch.init(tmp_path / "other")
    linked.write({"cart.proto": pointer(AFTER)})
    assert asked(linked).exit_code == 1


@pytest.mark.parametrize(
    ("files", "staged"),
    [
        ({"a.txt": ""}, {"api.yaml": pointer("openapi: 3.0.3\n")}),
        ({"chart/Chart.yaml": "name: shop\n"}, {"chart/values.yaml": pointer("port: 1\n")}),
    ],
)
def test_a_pointer_may_be_a_contract(scratch: Make, files: Mapping[str, str], staged: dict[str, str]) -> None:
    git = Git(scratch(files).write(staged).root)
    assert may_be_contracts(git, git.staged())


def test_a_contract_that_is_a_pointer_may_have_retired_anything(scratch: Make) -> None:
    made = scratch({"a.proto": pointer(BEFORE)}).write({"a.py": "cart.total\n"})
    git = Git(made.root)
    assert may_use_retired(git, git.staged())


def test_a_description_is_compared_by_its_content(scratch: Make) -> None:
    text = 'openapi: 3.0.3\ninfo: {title: Orders, version: "1"}\npaths:\n  /orders:\n'
    text += '    get: {responses: {"200": {description: ok}}}\n'
    repository = scratch({"api.yaml": pointer(text)})
    gone = text.replace("/orders", "/invoices")
    store(repository.root, text, gone)
    report = asked(repository.write({"api.yaml": pointer(gone)}))
    assert [one.element for one in report.findings if one.severity == "error"] == ["GET /orders"]


def test_sources_that_are_pointers_leave_consumers_open(shop: Scratch) -> None:
    source = (shop.root / "services/orders/server.go").read_text()
    shop.write({"services/orders/server.go": pointer(source)}).commit("in LFS")
    shop.replace("protos/bookshop/catalog/v1/catalog.proto", "  string title = 2;\n", "")
    report = asked(shop)
    assert "(Git LFS)" in " ".join(one.why for one in report.undecided)
    assert "git lfs fetch --all" in {one.remedy for one in report.undecided}


def test_no_run_reads_more_than_its_share(scratch: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [bytes([number]) * 1000 for number in range(10)]
    made = scratch({f"{number}.json": pointer(text) for number, text in enumerate(texts)})
    store(made.root, *texts)
    monkeypatch.setattr(lfs, "MOST_BYTES", 1500)
    repository = Repository.open(made.root)
    repository._from_lfs = 3500
    snapshot = Snapshot.of_index(repository)
    assert len(snapshot.read_many(snapshot.paths())) == 3
    repository.close()


@pytest.mark.parametrize(
    "text",
    [
        "version https://git-lfs.github.com/spec/v1\n",
        "version https://git-lfs.github.com/spec/v2\noid sha256:" + "0" * 64 + "\nsize 1\n",
        pointer("x") + "more\n",
        pointer("x").replace("sha256", "sha1"),
        "x" + pointer("x"),
        pointer("x") + " " * 1024,
    ],
)
def test_what_only_looks_like_a_pointer_is_content(text: str) -> None:
    assert lfs.pointer(text.encode()) is None
