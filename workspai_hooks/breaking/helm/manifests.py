"""Raw manifests: which of them a change touches, and both sides of them with what stands around."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from workspai_hooks.breaking.helm.change import Change, Survivor, change_of
from workspai_hooks.contracts.helm.kubernetes import LATEST
from workspai_hooks.contracts.helm.objects import Build, Key, Object
from workspai_hooks.contracts.helm.scopes import build_of, scope_of
from workspai_hooks.contracts.helm.side import Side


def changes_of(base: Side, head: Side, paths: Iterable[str], survivor: Survivor) -> Iterator[Change]:
    """What happened to the manifests at `paths`, a scope at a time.

    A scope is the folder around the folder of a file: `k8s/cart/service.yaml` belongs to `k8s`.
    """
    touched = sorted(path for path in set(paths) if base.is_manifest(path) or head.is_manifest(path))
    scopes: dict[str, list[str]] = defaultdict(list)
    for path in touched:
        scopes[scope_of(path)].append(path)
    for scope, named in sorted(scopes.items()):
        files = [path for path in named if not _is_broken(path, base, head)]
        before, after = build_of(base, scope, files), build_of(head, scope, files)
        arrived = _arrived(before, after, base, head, [path for path in touched if path not in files])
        build = Build(after.label, (*after.objects, *arrived), is_whole=False)
        touched_here = {*files, *(one.file for one in arrived)}
        yield change_of(before, build, LATEST, survivor, touched_here)


def _is_broken(path: str, base: Side, head: Side) -> bool:
    """Whether a side does not tell all objects of a file: then nothing can be said of what is not there."""
    for side in (base, head):
        if side.is_manifest(path):
            side.objects(path)
    return path in base.broken or path in head.broken


def _arrived(before: Build, after: Build, base: Side, head: Side, elsewhere: Iterable[str]) -> list[Object]:
    """Objects that left the scope and stand in another changed file now."""
    gone: set[Key] = before.by_key.keys() - after.by_key.keys()
    found = []
    for path in elsewhere if gone else ():
        known = {one.key for one in base.objects(path)} if base.is_manifest(path) else set()
        if head.is_manifest(path):
            found += [one for one in head.objects(path) if one.key in gone and one.key not in known]
    return found
