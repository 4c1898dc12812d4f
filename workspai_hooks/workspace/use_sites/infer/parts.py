"""Which files can know of each other: types are followed in each such part by itself.

A file sees its unit and the units that it imports; a template sees, and is seen by, what stands under the
same manifest. Parts keep the work small when one file has changed, and let several be followed at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from posixpath import dirname

from workspai_hooks.workspace.use_sites.infer.program import TEMPLATES, File
from workspai_hooks.workspace.use_sites.naming import Binding
from workspai_hooks.workspace.use_sites.values import LocalModule, ModuleOf


def parted(files: Sequence[File], homes: frozenset[str] = frozenset()) -> list[list[File]]:
    """The files in groups that do not know of each other, each sorted by path.

    `homes` are the folders with a manifest of a build.
    """
    groups = _Groups()
    units = {file.unit for file in files}
    for file in files:
        groups.join(_path(file), _unit(file.unit))
        for binding in (*file.bindings.values(), *file.opened):
            if (seen := _seen(binding)) in units:
                groups.join(_path(file), _unit(seen))
    _join_templates(files, homes, groups)
    parts: dict[str, list[File]] = {}
    for file in files:
        parts.setdefault(groups.of(_path(file)), []).append(file)
    return list(parts.values())


def _path(file: File) -> str:
    return f"path {file.path}"


def _unit(unit: str) -> str:
    return f"unit {unit}"


def _seen(binding: Binding) -> str:
    """The unit that a binding names; empty for a library."""
    match binding.module:
        case LocalModule(unit):
            return unit
        case ModuleOf(key):
            return key
        case _:
            return ""


def _join_templates(files: Iterable[File], homes: frozenset[str], groups: _Groups) -> None:
    """Templates are found by name from what renders them, so that imports do not tell: the code under the
    same manifest, else under the next one above that has any."""
    by_home: dict[str, list[File]] = {}
    for file in files:
        if not file.unit.startswith(TEMPLATES):
            by_home.setdefault(_home(dirname(file.path), homes), []).append(file)
    for file in files:
        if file.unit.startswith(TEMPLATES):
            home = _home(dirname(file.path), homes)
            while home and home not in by_home:
                home = _home(dirname(home), homes)
            for other in by_home.get(home, ()):
                groups.join(_path(file), _path(other))


def _home(folder: str, homes: frozenset[str]) -> str:
    while folder and folder not in homes:
        folder = dirname(folder)
    return folder


class _Groups:
    """Union-find by name."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The name that stands for a group."""
        above = self._above
        above.setdefault(name, name)
        while above[name] != name:
            above[name] = above[above[name]]
            name = above[name]
        return name

    def join(self, one: str, other: str) -> None:
        """Both are of one group; the lesser name stands for it."""
        first, second = sorted((self.of(one), self.of(other)))
        self._above[second] = first
