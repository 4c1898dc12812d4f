"""Small systems for tests of policies: files in memory, looked at as the verb does."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.configuration import settings_of
from workspai_hooks.findings import Finding
from workspai_hooks.inspection.policies import Policies, policies_of, view_of
from workspai_hooks.resilience.view import View


def policies(files: Mapping[str, str | bytes]) -> Policies:
    """All that is found in a repository of these files."""
    snapshot = Snapshot.of(files, "work tree")
    return policies_of(snapshot, settings_of(snapshot), lambda _: None)


@cache
def _bookshop() -> Mapping[str, bytes]:
    top = Path(__file__).parents[2] / "fixtures" / "shop"
    wanted = [one for one in sorted(top.rglob("*")) if one.is_file() and "tests" not in one.parts]
    return {one.relative_to(top).as_posix(): one.read_bytes() for one in wanted}


def bookshop(**more: str) -> dict[str, str | bytes]:
    """The bookshop of fixtures/shop, with more files by path (`deploy__mesh_yaml` is no path: give them as
    `**{"deploy/mesh.yaml": …}`)."""
    return {**_bookshop(), **more}


def found(files: Mapping[str, str | bytes], rule: str) -> dict[str, Finding]:
    """The findings of one rule (an id) by element."""
    return {one.element: one for one in policies(files).findings if one.rule == rule}


def view(files: Mapping[str, str | bytes]) -> View:
    """What the checks look at."""
    snapshot = Snapshot.of(files, "work tree")
    return view_of(snapshot, settings_of(snapshot), lambda _: None)[0]
