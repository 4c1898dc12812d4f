"""The run times of a snapshot, kept by content, and which of them a service is built and run with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.environments.runtimes import demands, dockerfiles, pins
from workspai_hooks.environments.runtimes.values import Runtime, Says
from workspai_hooks.patterns import regex
from workspai_hooks.store import Store
from workspai_hooks.workspace.files import is_for_show, is_for_tests
from workspai_hooks.workspace.manifests.paths import ancestors, folder_of, holds

_DEVCONTAINER = regex(r"(?:^|/)\.devcontainer(?:/[^/]{1,80})?$")
_KINDS = (dockerfiles, demands, pins)


class Known(msgspec.Struct, frozen=True, dict=True):
    """All run times by the file that names them."""

    by_path: Mapping[str, tuple[Runtime, ...]]

    def of_dockerfile(self, path: str) -> tuple[Runtime, ...]:
        return tuple(one for one in self.by_path.get(path, ()) if one.says is Says.IMAGE)

    def around(self, dockerfile: str, roots: tuple[str, ...], language: str, says: Says) -> Iterator[Runtime]:
        """What is said for what a Dockerfile builds: by the nearest file in its folder or above. Above the
        service's own folders only files count that speak for what is below them."""
        for folder in ancestors(dockerfile):
            inside = any(holds(root, folder) for root in roots if root) or folder == folder_of(dockerfile)
            rows = [
                one
                for path in self._files.get(folder, ())
                for one in self.by_path[path]
                if one.language == language
                and one.says is says
                and (inside or says is Says.PIN or path.rpartition("/")[2] in demands.INHERITED)
            ]
            if rows:
                yield from rows
                return

    @cached_property
    def _files(self) -> Mapping[str, list[str]]:
        """Files by the folder that they speak for: a devcontainer for the one around its own."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in self.by_path:
            folder = folder_of(path)
            found[_DEVCONTAINER.sub("", folder)].append(path)
        return found


def known(snapshot: Snapshot) -> Known:
    """Look through a snapshot; tests and examples say nothing."""
    keys = {
        path: Store.key(path, snapshot.entries[path].blob)
        for path in snapshot.paths()
        if any(kind.wanted(path) for kind in _KINDS)
        and "node_modules/" not in path
        and not is_for_tests(path)
        and not is_for_show(path)
    }

    def read(missing: list[str]) -> dict[str, tuple[Runtime, ...]]:
        return {
            path: tuple(one for kind in _KINDS if kind.wanted(path) for one in kind.read(path, data))
            for path, data in snapshot.contents(missing)
        }

    found = snapshot.store.each("runtimes", keys, tuple[Runtime, ...], read)
    return Known({path: rows for path, rows in found.items() if rows})
