"""An installation: a chart, and the values that somebody gives it."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from workspai_hooks.contract_files import CHART
from workspai_hooks.contracts.helm.nodes import Node
from workspai_hooks.contracts.helm.side import Side, inside
from workspai_hooks.contracts.helm.values import Setting, assignments
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location

_UNKNOWN = regex(r"\{\{.{0,300}?\}\}|\$\{\{.{0,300}?\}\}|\$\{[^}]{0,200}\}|\$\([^)]{0,200}\)|\$\w{1,80}")
_VALUES = (".yaml", ".yml", ".json", ".gotmpl", ".enc", ".dec")
_MOST_FILES = 40
_MOST_TEXT = 1024 * 1024
"""Bytes of a file that is one value; helm's own limit of a release is as much."""


class Installation(msgspec.Struct, frozen=True):
    """`chart` is a folder of this repository; where it is empty, `chart_name` names it as a repository of
    charts does (who sets which keys, but not of which version). `label` names it for a person. Later
    `files`, then `inline` values, then `settings` win.
    """

    label: str
    place: Location
    chart: str
    chart_name: str = ""
    release: str = ""
    namespace: str = ""
    files: tuple[str, ...] = ()
    inline: tuple[Node, ...] = ()
    settings: tuple[Setting, ...] = ()
    reads: tuple[str, ...] = ()
    """Files whose texts are values."""

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells it from others of its chart, the same on both sides of a change where it did not
        change."""
        given = tuple((one.key, repr(one.value)) for one in self.settings)
        paths = tuple(self._inside(path) for path in (self.place.path, *self.files))
        return self._inside(self.label), paths, given, self.release, self.namespace

    def _inside(self, text: str) -> str:
        """Without the chart's folder: that may have moved."""
        return text.replace(f"{self.chart}/", "") if self.chart else text

    def layers(self, side: Side) -> Iterator[Node]:
        """Its files and inline values as trees; what can't be read is left out."""
        for path in self.files:
            tree = side.tree(path)
            if tree is not None:
                yield tree
        yield from self.inline


def partners(
    before: Sequence[Installation], after: Sequence[Installation]
) -> list[tuple[Installation, Installation]]:
    """The same installations on both sides: those that say the same, then, in their order, those of the same
    label where there are as many. One that is only on one side has nothing to be compared with."""
    left = {one.identity: one for one in before}
    right = {one.identity: one for one in after}
    pairs = [(one, right[identity]) for identity, one in left.items() if identity in right]
    rest: dict[tuple[str, str], tuple[list[Installation], list[Installation]]] = {}
    for number, (mine, theirs) in enumerate(((left, right), (right, left))):
        for identity, one in mine.items():
            if identity not in theirs:
                rest.setdefault((one.label, one.place.path), ([], []))[number].append(one)
    for olds, news in rest.values():
        if len(olds) == len(news):
            pairs += zip(olds, news, strict=True)
    return pairs


def matching(side: Side, path: str) -> list[str]:
    """The files of values that a path with variables may mean: each variable is anything but a slash."""
    if not _UNKNOWN.search(path) and "*" not in path:
        return [path] if side.has(path) else []
    pattern = _UNKNOWN.sub("*", path)
    if not pattern.strip("*/") or pattern.count("*") > 6:
        return []
    parts = pattern.split("/")
    found = []
    for one in side.paths:
        theirs = one.split("/")
        if not one.endswith(_VALUES) or theirs[-1] == CHART:
            continue
        if len(theirs) == len(parts) and all(map(fnmatch.fnmatchcase, theirs, parts)):
            found.append(one)
    return found[:_MOST_FILES]


def sets_of(side: Side, folders: Sequence[str], listed: Iterable[str]) -> list[tuple[str, ...]]:
    """The lists of files that a list of paths may mean, seen from the first of `folders` that holds each.

    Where one path has variables, there is one list for each file that it may mean.
    """
    sets: list[tuple[str, ...]] = [()]
    for text in listed:
        options: list[str] = []
        for folder in folders:
            path = inside(folder, text)
            options = matching(side, path) if path else []
            if options:
                break
        if options:
            sets = [(*one, option) for one in sets for option in options][:_MOST_FILES]
    return sets


def chart_at(side: Side, folders: Sequence[str], text: str) -> str | None:
    """The chart's folder that a path means, seen from the first of `folders` where there is one."""
    for folder in folders:
        path = inside(folder, text.rstrip("/") or ".")
        real = side.resolve(path) if path is not None else None
        if real is not None and real in side.charts:
            return real
    return None


def name_at(text: str) -> str:
    """The chart's name in `oci://host/charts/shop`, `repo/shop`."""
    return text.rstrip("/").rpartition("/")[2].partition(":")[0]


def from_files(
    side: Side, folders: Sequence[str], given: Iterable[tuple[str, Location]]
) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    """Settings whose values are the texts of files (`key=path`, as `--set-file` has it), and these files; one
    that is not here says nothing."""
    settings, files = [], []
    for text, place in given:
        for one in assignments(text, place, strings=True):
            named = (inside(folder, str(one.value)) for folder in folders)
            path = next((path for path in named if path and side.has(path)), None)
            if path is not None:
                files.append(path)
                content = side.bytes_of(path)[:_MOST_TEXT].decode("utf-8", "replace")
                settings.append(Setting(one.key, content, Location(path, 1)))
    return tuple(settings), tuple(files)
