"""Raw manifests: which of them a change touches, and both sides of them with what stands around."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from workspai_hooks.breaking.helm.change import Change, Survivor, change_of
from workspai_hooks.contracts.helm.kubernetes import LATEST
from workspai_hooks.contracts.helm.objects import Build, Key, Object
from workspai_hooks.contracts.helm.side import Side

_MOST_AROUND = 2000
"""So many files of one scope are read to see what refers to what."""


def changes_of(base: Side, head: Side, paths: Iterable[str], survivor: Survivor) -> Iterator[Change]:
    """What happened to the manifests at `paths`, a scope at a time.

    A scope is the folder around the folder of a file: `k8s/cart/service.yaml` belongs to `k8s`.
    """
    touched = sorted(path for path in set(paths) if base.is_manifest(path) or head.is_manifest(path))
    scopes: dict[str, list[str]] = defaultdict(list)
    for path in touched:
        scopes[scope_of(path)].append(path)
    for scope, files in sorted(scopes.items()):
        before, after = _build(base, scope, files), _build(head, scope, files)
        arrived = _arrived(before, after, base, head, [path for path in touched if path not in files])
        build = Build(after.label, (*after.objects, *arrived))
        touched_here = {*files, *(one.place().path for one in arrived)}
        yield change_of(before, build, LATEST, survivor, touched_here)


def scope_of(path: str) -> str:
    """The folder whose manifests are put together: that around a file's own, which is not the top."""
    folder = path.rpartition("/")[0]
    return folder.rpartition("/")[0] or folder


def _build(side: Side, scope: str, files: Collection[str]) -> Build:
    around = (
        [path for path in side.below(scope) if path.endswith((".yaml", ".yml", ".json"))] if scope else []
    )
    if not scope:
        around = [path for path in side.paths if "/" not in path]
    wanted = list(dict.fromkeys([*files, *around[:_MOST_AROUND]]))
    side.load(path for path in wanted if side.has(path))
    objects = [one for path in wanted if side.is_manifest(path) for one in side.objects(path)]
    return Build(f"{scope or '.'} as it is", tuple(objects))


def _arrived(before: Build, after: Build, base: Side, head: Side, elsewhere: Iterable[str]) -> list[Object]:
    """Objects that left the scope and stand in another changed file now."""
    gone: set[Key] = before.by_key.keys() - after.by_key.keys()
    found = []
    for path in elsewhere if gone else ():
        known = {one.key for one in base.objects(path)} if base.is_manifest(path) else set()
        if head.is_manifest(path):
            found += [one for one in head.objects(path) if one.key in gone and one.key not in known]
    return found
