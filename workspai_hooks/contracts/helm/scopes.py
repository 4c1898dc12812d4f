"""Raw manifests put together: a scope is the folder around the folder of a file, whose objects stand side by
side in a cluster."""

from __future__ import annotations

from collections.abc import Collection

from workspai_hooks.contracts.helm.objects import Build
from workspai_hooks.contracts.helm.side import MANIFEST_SUFFIXES, Side

_MOST_AROUND = 2000
"""So many files of one scope are read to see what refers to what."""


def scope_of(path: str) -> str:
    """The folder whose manifests are put together: that around a file's own, which is not the top.
    `k8s/cart/service.yaml` belongs to `k8s`."""
    folder = path.rpartition("/")[0]
    return folder.rpartition("/")[0] or folder


def files_of(side: Side, scope: str, files: Collection[str]) -> list[str]:
    """The paths that may be manifests of a scope: `files`, and all others."""
    around = [path for path in side.below(scope) if path.endswith(MANIFEST_SUFFIXES)] if scope else []
    if not scope:
        around = [path for path in side.paths if "/" not in path]
    return list(dict.fromkeys([*files, *around[:_MOST_AROUND]]))


def build_of(side: Side, scope: str, files: Collection[str], *, whole: bool = True) -> Build:
    """`files` and all other manifests of a scope; those that only stand around, or all where they need not be
    `whole`, in brief."""
    wanted = files_of(side, scope, files)
    side.load(path for path in wanted if side.has(path))
    named = frozenset(files) if whole else frozenset()
    objects = [
        one
        for path in wanted
        if side.is_manifest(path)
        for one in (side.objects(path) if path in named else side.brief(path))
    ]
    return Build(f"{scope or '.'} as it is", tuple(objects), is_whole=False)
