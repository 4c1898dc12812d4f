"""What is deployed, as objects of Kubernetes: charts rendered with all values that they are installed with,
kustomizations built, raw manifests.

Only what has one of the marks in a file of its own is rendered or built: of most repositories nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.helm.objects import Build
from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.resilience.reading import Read
from workspai_hooks.store import Store

if TYPE_CHECKING:
    from workspai_hooks.contracts.helm.charts import Chart
    from workspai_hooks.contracts.helm.installations import Installation
    from workspai_hooks.contracts.helm.rendering import Rendered, Rendering
    from workspai_hooks.contracts.helm.side import Side

SUFFIXES = (".yaml", ".yml", ".json", ".tpl", ".tmpl", ".gotmpl")
"""Files whose text may end up in an object."""
MAX_BYTES = 5 * 1024 * 1024
Files = Sequence[tuple[str, str, bool]]
_VENDOR = "run `helm dependency update {}` and commit what it puts into charts/"
_FETCHED = "commit a copy of what it fetches, and name that"


class Builds(msgspec.Struct, frozen=True):
    """One for each way to install something, and what could not be built; `manifests` are the raw manifests
    with a mark by the scope that they are put together in."""

    all: tuple[Build, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    manifests: Mapping[str, Sequence[str]] = msgspec.field(default_factory=dict)


class Scoped(msgspec.Struct, frozen=True):
    """What all raw manifests of a scope say, and what is wrong with which of them."""

    read: Read
    problems: Mapping[str, Undecided]


def marked(snapshot: Snapshot, marks: Collection[bytes]) -> frozenset[str]:
    """The files that have one of the marks in them; kept by content."""
    told = sorted(marks)
    keys = {path: Store.key(snapshot.entries[path].blob, told) for path in snapshot.paths(*SUFFIXES)}

    def look(missing: list[str]) -> Mapping[str, bool]:
        has = {}
        for path, data in snapshot.contents(missing):
            has[path] = len(data) <= MAX_BYTES and any(mark in data for mark in told)
        return has

    found = snapshot.store.each("deployed marks", keys, bool, look)
    return frozenset(path for path, has in found.items() if has)


def builds_of(side: Side, marks: Collection[bytes]) -> Builds:
    """All of a snapshot that has one of the marks in it."""
    holding = marked(side.snapshot, marks)
    builds: list[Build] = []
    undecided: list[Undecided] = []
    reached: set[str] = set()
    for found, files in (_charts(side, holding), _kustomizations(side, holding)):
        builds += found.all
        undecided += found.undecided
        reached |= files
    others = {path for path in holding - reached if not _is_charts(side, path)}
    problems = [problem for path, problem in side.problems.items() if path in others]
    return Builds(tuple(builds), tuple(dict.fromkeys((*undecided, *problems))), _scopes(side, others))


def _is_charts(side: Side, path: str) -> bool:
    """Whether a chart has the file, and its templates may read it: nobody applies it."""
    from workspai_hooks.contracts.helm.side import ancestors

    return any(folder in side.charts for folder in ancestors(path) if folder)


def _charts(side: Side, holding: frozenset[str]) -> tuple[Builds, set[str]]:
    """Charts that hold a mark, or that somebody gives one; those that others take in are rendered with
    these."""
    if not side.charts:
        return Builds(), set()
    from workspai_hooks.contracts.helm import installations as installing
    from workspai_hooks.contracts.helm.charts import inputs, read_chart, takers

    known = installing.find(side)
    taken = takers(side)
    builds: list[Build] = []
    undecided: list[Undecided] = []
    reached: set[str] = set()
    for folder in sorted(side.charts):
        chart = read_chart(side, folder)
        if chart is None:
            continue
        files = set(inputs(side, chart))
        reached |= files
        if chart.type == "library" or folder in taken:
            continue
        mine = installing.of_chart(side, chart, known)
        given = {path for one in mine for path in (*one.files, one.place.path)}
        if (files | given) & holding:
            try:
                found = _rendered(side, chart, mine)
            except UndecidedError as error:
                undecided.append(error.undecided)
                continue
            builds += found.all
            undecided += found.undecided
    return Builds(tuple(builds), tuple(undecided)), reached


def _rendered(side: Side, chart: Chart, installations: list[Installation]) -> Builds:
    from workspai_hooks.contracts.helm.rendering import MOST_INSTALLATIONS, Reader, render, told
    from workspai_hooks.tools.helm import resolve_helm

    undecided = []
    if len(installations) > MOST_INSTALLATIONS:
        why = f"is installed with {len(installations)} sets of values; {MOST_INSTALLATIONS} of them are read"
        undecided.append(Undecided(chart.path, why, "look at the others in a repository of their own"))
        installations = installations[:MOST_INSTALLATIONS]
    rendered = render(resolve_helm(), side, chart, installations)
    reader = Reader()
    builds = [
        reader.build(side, rendered, one, {}, one.documents) for one in rendered.renderings if not one.faults
    ]
    undecided += [question for build in builds for question in build.unfollowed]
    for one in _failed(rendered, any_rendered=bool(builds)):
        undecided += [_with_dependencies(chart, told(rendered, fault)) for fault in one.faults[:1]]
    return Builds(tuple(builds), tuple(dict.fromkeys(undecided)))


def _failed(rendered: Rendered, *, any_rendered: bool) -> Iterator[Rendering]:
    """Renderings that leave something open. A chart that only renders with values that somebody gives it is
    never installed without; where none renders, one tells why."""
    failed = [one for one in rendered.renderings if one.faults]
    if not any_rendered:
        yield from failed[:1]
        return
    for one in failed:
        given = one.installation
        if given.files or given.inline or given.settings:
            yield one


def _with_dependencies(chart: Chart, question: Undecided) -> Undecided:
    missing = [one.name for one in chart.dependencies if not one.is_here]
    if not missing:
        return question
    why = f"{question.why}; its dependencies {', '.join(missing)} are not in charts/"
    return Undecided(question.what, why, _VENDOR.format(chart.folder or "."))


def _kustomizations(side: Side, holding: frozenset[str]) -> tuple[Builds, set[str]]:
    """Kustomizations that no other one takes in and that read a file with a mark."""
    if not side.kustomizations:
        return Builds(), set()
    from workspai_hooks.contracts.helm.kustomize.build import build, undecided
    from workspai_hooks.contracts.helm.kustomize.kustomization import Graph

    graph = Graph(side)
    builds: list[Build] = []
    questions: list[Undecided] = []
    for folder in graph.roots():
        if not graph.reach(folder) & holding:
            continue
        made = build(side, folder)
        builds.append(made.build)
        if made.unfollowed:  # what it patches may come from there
            first, count = made.unfollowed[0], len(made.unfollowed)
            more = f", and {count - 1} more" if count > 1 else ""
            why = f"kustomization {folder or '.'}: {first.why}{more}"
            questions.append(Undecided(str(first.place), why, _FETCHED))
        else:
            questions += [undecided(one, folder) for one in made.problems]
    return Builds(tuple(builds), tuple(questions)), graph.everything()


def _scopes(side: Side, paths: Iterable[str]) -> Mapping[str, Sequence[str]]:
    from workspai_hooks.contracts.helm.scopes import scope_of

    scopes: dict[str, list[str]] = {}
    for path in sorted(paths):
        if side.is_manifest(path):
            scopes.setdefault(scope_of(path), []).append(path)
    return dict(sorted(scopes.items()))


def scoped(side: Side, builds: Builds, read: Callable[[Build], Read]) -> Iterator[Scoped]:
    """What `read` gives of the raw manifests of each scope; kept by the contents of all its files."""
    from workspai_hooks.contracts.helm.scopes import build_of, files_of

    for scope, paths in builds.manifests.items():
        files = [(path, side.blob(path), side.is_in_chart(path)) for path in files_of(side, scope, paths)]

        def read_them(scope: str = scope, paths: Sequence[str] = paths, files: Files = files) -> Scoped:
            found = read(build_of(side, scope, paths, whole=False))
            return Scoped(found, {path: side.problems[path] for path, *_ in files if path in side.problems})

        yield side.snapshot.store.once("deployed scope", Store.key(scope, files), Scoped, read_them)
