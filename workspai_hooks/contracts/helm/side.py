"""One side of a change as charts and manifests see it: which folders are charts and kustomizations, and
files."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

from workspai_hooks.changes.snapshot import REGULAR, SYMLINK, Snapshot
from workspai_hooks.contract_files import CHART, KUSTOMIZATIONS
from workspai_hooks.contracts.helm.documents import (
    Document,
    looks_like_manifest,
    split,
    without_actions,
    without_expressions,
)
from workspai_hooks.contracts.helm.nodes import Node, Read, Repeated, YamlError, read
from workspai_hooks.contracts.helm.objects import Object, objects_of
from workspai_hooks.errors import Undecided
from workspai_hooks.patterns import regex

T = TypeVar("T")

MANIFEST_SUFFIXES = (".yaml", ".yml", ".json")
MEND = "mend the file, so that kubectl and helm can read it, too"

_FOR_TESTS = regex(r"(?:^|/)(?:testdata|test-?fixtures|__fixtures__|node_modules|vendor)/")
_NO_OBJECTS = regex(
    r"(?:skaffold|kustomize\.config\.k8s\.io|backstage\.io|kind\.x-k8s\.io|k3d\.io|ctlptl\.dev|eksctl\.io"
    r"|kops\.k8s\.io|kubeadm\.k8s\.io|kubelet\.config\.k8s\.io|kpt\.dev|fn\.kpt\.dev|audit\.k8s\.io"
    r"|apiserver\.config\.k8s\.io|tilt\.dev|telepresence\.io|chainsaw\.kyverno\.io|kuttl\.dev)/.*"
)
"""APIs of tools: files that have `apiVersion` and `kind` and are no objects of a cluster."""
_LOCAL = "config.kubernetes.io/local-config"


Kept = dict[tuple[str, str], tuple[T, Undecided | None, bool]]
"""By path and content: what was read, what is wrong with it, and whether it is not all."""


_DEFINITION = regex(rb"^kind:[ \t]*CustomResourceDefinition[ \t]*\r?$", re.MULTILINE)
_KINDS = regex(rb"^[\"']?kind\b", re.MULTILINE)
_DEFINED = regex(rb"^(?:spec|status):[ \t]*\r?\n(?:[ \t#-][^\n]*(?:\n|\Z)|\r?\n)*", re.MULTILINE)


class Memory:
    """What both sides of a change have in common is read once: contents by their id, trees, objects."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes | None] = {}
        self.trees: Kept[Node | None] = {}
        self.objects: Kept[tuple[Object, ...]] = {}
        self.brief: Kept[tuple[Object, ...]] = {}


class Side:
    """A snapshot, looked at once. `problems` are files that could not be read, or not for certain, by path;
    `broken` those of them that are not known as a whole."""

    def __init__(self, snapshot: Snapshot, memory: Memory | None = None) -> None:
        self.snapshot = snapshot
        self.problems: dict[str, Undecided] = {}
        self.broken: set[str] = set()
        self._memory = memory or Memory()

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """All regular files, sorted."""
        return tuple(path for path, entry in self.snapshot.entries.items() if entry.mode in REGULAR)

    @cached_property
    def links(self) -> tuple[str, ...]:
        """All symbolic links, sorted."""
        return tuple(self.snapshot.links)

    @cached_property
    def charts(self) -> frozenset[str]:
        """Folders with a Chart.yaml; the empty one is the repository's top."""
        return frozenset(
            path.rpartition("/")[0]
            for path in self.paths
            if path.rpartition("/")[2] == CHART and not _FOR_TESTS.search(path)
        )

    @cached_property
    def kustomizations(self) -> Mapping[str, str]:
        """Folder -> its kustomization file."""
        return {
            path.rpartition("/")[0]: path
            for path in self.paths
            if path.rpartition("/")[2] in KUSTOMIZATIONS and not _FOR_TESTS.search(path)
        }

    def has(self, path: str) -> bool:
        return path in self.snapshot.entries and self.snapshot.entries[path].mode in REGULAR

    def blob(self, path: str) -> str:
        """The id of a file's content; empty where there is none."""
        entry = self.snapshot.entries.get(path)
        return entry.blob if entry else ""

    def below(self, folder: str) -> Iterator[str]:
        """Paths in a folder, at any depth, links included."""
        if not folder:
            yield from self._sorted
            return
        for path in self._sorted[bisect_left(self._sorted, f"{folder}/") :]:
            if not path.startswith(f"{folder}/"):
                return
            yield path

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.snapshot.entries)

    def load(self, paths: Iterable[str]) -> None:
        """Read many files at once."""
        known = self._memory.contents
        missing = [path for path in paths if self.blob(path) not in known]
        if missing:
            found = self.snapshot.read_many(missing)
            known.update({self.blob(path): found.get(path) for path in missing})

    def bytes_of(self, path: str) -> bytes:
        """A file's content. One that is not here (a partial clone, over 32 MiB) is empty, and a problem."""
        self.load([path])
        data = self._memory.contents[self.blob(path)]
        if data is None:
            if path in self.snapshot.entries:
                self.problems[path] = self.snapshot.missing(path)
                self.broken.add(path)
            return b""
        return data

    def values(self, path: str) -> bytes:
        """A values file as helm can read it: helmfile carries out its templates before (`.gotmpl`)."""
        return _carried_out(path, self.bytes_of(path))

    def tree(self, path: str) -> Node | None:
        """The first document of a YAML file; None where it has none or can't be read, which is a problem."""
        return self._kept(self._memory.trees, path, _tree)

    def objects(self, path: str) -> tuple[Object, ...]:
        """The objects of a manifest. What can't be read is a problem; the file's other documents count."""
        return self._kept(self._memory.objects, path, _objects)

    def brief(self, path: str) -> tuple[Object, ...]:
        """The objects of a manifest, definitions of kinds (CRDs) without what they define: that is most of
        the bytes of many a repository, and says nothing of other objects."""
        return self._kept(self._memory.brief, path, _brief)

    def _kept(
        self, kept: Kept[T], path: str, make: Callable[[str, bytes], tuple[T, Undecided | None, bool]]
    ) -> T:
        key = (path, self.blob(path))
        data = self.bytes_of(path)
        if key not in kept:
            kept[key] = make(path, data)
        found, problem, broken = kept[key]
        if problem is not None:
            self.problems.setdefault(path, problem)
        if broken:
            self.broken.add(path)
        return found

    def is_in_chart(self, path: str) -> bool:
        """Whether a file is a chart's own: helm reads it, nobody applies it."""
        for folder in ancestors(path):
            if folder in self.charts:
                inner = path[len(folder) + 1 :] if folder else path
                return "/" not in inner or inner.partition("/")[0] in ("templates", "crds", "charts", "ci")
        return False

    def is_manifest(self, path: str) -> bool:
        """Whether a file holds objects that somebody applies as they are."""
        if not path.endswith(MANIFEST_SUFFIXES) or path.rpartition("/")[2] in (CHART, *KUSTOMIZATIONS):
            return False
        if not self.has(path) or _FOR_TESTS.search(path) or self.is_in_chart(path):
            return False
        return looks_like_manifest(self.bytes_of(path))

    def resolve(self, path: str) -> str | None:
        """Where a path leads when links are followed inside of the repository; None where it leads out."""
        for _ in range(20):
            link = self._link_of(path)
            if link is None:
                return path
            head, target, rest = link
            moved = inside(head.rpartition("/")[0], target)
            if moved is None:
                return None
            path = f"{moved}/{rest}".strip("/") if rest else moved
        return None

    def _link_of(self, path: str) -> tuple[str, str, str] | None:
        """The first link on the way: its path, where it points to, and the rest of the way."""
        parts = path.split("/")
        for size in range(1, len(parts) + 1):
            head = "/".join(parts[:size])
            entry = self.snapshot.entries.get(head)
            if entry is not None and entry.mode == SYMLINK:
                return head, self.bytes_of(head).decode(errors="replace"), "/".join(parts[size:])
        return None


def _tree(path: str, data: bytes) -> tuple[Node | None, Undecided | None, bool]:
    try:
        found = read(path, _carried_out(path, data))
    except YamlError as error:
        return None, _unread(path, error), True
    problem = _twice(found.repeated[0]) if found.repeated else None
    return (found.documents[0] if found.documents else None), problem, False


def _carried_out(path: str, data: bytes) -> bytes:
    return without_expressions(data) if path.endswith(".gotmpl") else data


def _objects(path: str, data: bytes) -> tuple[tuple[Object, ...], Undecided | None, bool]:
    return _objects_in(path, split(data))


def _brief(path: str, data: bytes) -> tuple[tuple[Object, ...], Undecided | None, bool]:
    return _objects_in(path, (_in_brief(path, document) for document in split(data)))


def _in_brief(path: str, document: Document) -> Document:
    """A document that certainly is a CustomResourceDefinition with its `spec` and `status` as blank lines."""
    text = document.text
    if _DEFINITION.search(text) is None or len(_KINDS.findall(text)) != 1:
        return document
    brief = Document(_DEFINED.sub(lambda found: b"\n" * found[0].count(b"\n"), text), document.line)
    try:
        read(path, brief.text)
    except YamlError:  # what stands there goes on where nothing should: a text over several lines
        return document
    return brief


def _objects_in(
    path: str, documents: Iterable[Document]
) -> tuple[tuple[Object, ...], Undecided | None, bool]:
    found: list[Object] = []
    problem: Undecided | None = None
    broken = False
    for document in documents:
        try:
            one = _document(path, document)
        except YamlError as error:
            broken, problem = True, problem or _unread(path, error)
            continue
        problem = problem or (_twice(one.repeated[0]) if one.repeated else None)
        found += [each for node in one.documents for each in objects_of(node) if _is_applied(each)]
    return tuple(found), problem, broken


def _document(path: str, document: Document) -> Read:
    """A document; one with open places of some other tool's templates, with these as plain text."""
    try:
        return read(path, document.text, document.line)
    except YamlError:
        if b"{{" not in document.text and b"{%" not in document.text:
            raise
        return read(path, without_actions(document.text), document.line)


def _is_applied(one: Object) -> bool:
    return not _NO_OBJECTS.fullmatch(one.api) and one.annotation(_LOCAL) != "true"


def _unread(path: str, error: YamlError) -> Undecided:
    return Undecided(f"{path}:{error.line}", f"can't be read: {error}", MEND)


def _twice(again: Repeated) -> Undecided:
    why = f"key {again.key} is given twice in one mapping, first in line {again.first}"
    return Undecided(str(again.place), f"{why}: which of them counts is not certain", "remove one of them")


def named(side: Side, folder: str, text: str) -> str | None:
    """The path that a text means, seen from `folder`, links followed; None where it leads out."""
    path = inside(folder, text)
    return side.resolve(path) if path is not None else None


def ancestors(path: str) -> Iterator[str]:
    """The folders that hold `path`, the innermost first, the repository's top (`""`) last."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def inside(folder: str, relative: str) -> str | None:
    """`relative` as seen from `folder`, as a path in the repository; None where it leads out of it."""
    relative = relative.strip().replace("\\", "/")
    if not relative or relative.startswith(("/", "~")) or "://" in relative or "\0" in relative:
        return None
    path = posixpath.normpath(posixpath.join(folder, relative))
    if path == ".." or path.startswith("../"):
        return None
    return "" if path == "." else path


def holds(folder: str, path: str) -> bool:
    """`path` is `folder` or lies in it."""
    return not folder or path == folder or path.startswith(folder + "/")
