"""A kustomization file: what it names, and which of it is followed here.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from workspai_hooks.contract_files import KUSTOMIZATIONS
from workspai_hooks.contracts.helm.nodes import Node
from workspai_hooks.contracts.helm.side import Side, named
from workspai_hooks.disclosure import reference
from workspai_hooks.source import Location

NOT_FOLLOWED = ("generators", "helmCharts", "helmChartInflationGenerator", "transformers", "validators")
"""Fields whose doing is that of programs or of charts from elsewhere."""


class Named(msgspec.Struct, frozen=True):
    """A path that a kustomization names, as it is written, and the repository's path; None where it leads
    out."""

    text: str
    place: Location
    path: str | None

    @property
    def is_remote(self) -> bool:
        return (
            "://" in self.text
            or self.text.startswith(("git@", "github.com/", "git::"))
            or "?ref=" in self.text
        )

    @property
    def told(self) -> str:
        """As a message may say it."""
        return reference(self.text)


class Kustomization(msgspec.Struct, frozen=True):
    """One kustomization. `folder` is where it stands, `file` its path, `node` its tree."""

    folder: str
    file: str
    node: Node

    @property
    def is_component(self) -> bool:
        return self.node.text("kind") == "Component"

    def items(self, *keys: str) -> Iterator[Node]:
        """The items of its lists under these keys."""
        for key in keys:
            found = self.node.at(key)
            yield from (found.items if found is not None else None) or ()

    def named(self, side: Side, *keys: str) -> Iterator[Named]:
        """The paths in its lists of these keys."""
        for item in self.items(*keys):
            if isinstance(item.value, str) and "\n" not in item.value:
                yield self.name(side, item)

    def name(self, side: Side, item: Node) -> Named:
        text = str(item.value)
        return Named(text, item.place, named(side, self.folder, text))

    def resources(self, side: Side) -> Iterator[Named]:
        return self.named(side, "resources", "bases")

    def components(self, side: Side) -> Iterator[Named]:
        return self.named(side, "components")

    def files(self, side: Side) -> set[str]:
        """All paths that it reads itself, and folders that it goes on to."""
        found = {self.file}
        lists = ("resources", "bases", "components", "patchesStrategicMerge", "configurations", "crds")
        for each in self.named(side, *lists, *NOT_FOLLOWED):
            found.update({each.path} if each.path is not None else ())
        for item in self.items("patches", "patchesJson6902", "replacements"):
            if (path := item.at("path")) is not None and isinstance(path.value, str):
                found.add(self.name(side, path).path or "")
        for item in self.items("configMapGenerator", "secretGenerator"):
            for key in ("files", "envs"):
                listed = item.at(key)
                for one in (listed.items if listed is not None else None) or ():
                    found.add(named(side, self.folder, one.text().rpartition("=")[2]) or "")
            if env := item.text("env"):
                found.add(named(side, self.folder, env) or "")
        if path_text := self.node.text("openapi", "path"):
            found.add(named(side, self.folder, path_text) or "")
        return found - {""}


def read_kustomization(side: Side, folder: str) -> Kustomization | None:
    """The kustomization of a folder; None where there is none or where it can't be read (a problem then)."""
    file = side.kustomizations.get(folder)
    node = side.tree(file) if file is not None else None
    return (
        Kustomization(folder, file, node) if file is not None and node is not None and node.members else None
    )


def folder_of(side: Side, path: str) -> str | None:
    """The folder of a kustomization that a path means: itself, or that of its file."""
    if path in side.kustomizations:
        return path
    head, _, name = path.rpartition("/")
    return head if name in KUSTOMIZATIONS and head in side.kustomizations else None


class Graph:
    """Which kustomization goes on to which, and which files each reads in the end."""

    def __init__(self, side: Side) -> None:
        self._side = side
        side.load(side.kustomizations.values())
        self._all = {
            folder: one
            for folder in side.kustomizations
            if (one := read_kustomization(side, folder)) is not None
        }
        self._files = {folder: one.files(side) for folder, one in self._all.items()}
        self._next = {
            folder: {
                inner for path in files if (inner := folder_of(side, path)) is not None and inner != folder
            }
            for folder, files in self._files.items()
        }

    def reach(self, folder: str) -> set[str]:
        """All files that a kustomization is built from."""
        seen: set[str] = set()
        waiting = [folder]
        files: set[str] = set()
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                files |= self._files.get(one, set())
                waiting += self._next.get(one, set())
        return files

    def roots(self) -> list[str]:
        """Kustomizations that no other one takes in: those are built. One of a circle counts, too."""
        taken = {
            inner
            for folder, nexts in self._next.items()
            for inner in nexts
            if folder not in self._circle(inner)
        }
        return sorted(folder for folder in self._all if folder not in taken)

    def _circle(self, folder: str) -> set[str]:
        seen: set[str] = set()
        waiting = list(self._next.get(folder, ()))
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += self._next.get(one, set())
        return seen

    def everything(self) -> set[str]:
        """All files that any kustomization reads."""
        return {path for files in self._files.values() for path in files}
