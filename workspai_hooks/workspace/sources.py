"""Which folders are built into something that runs, and which of them a name or a build means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

import msgspec
from msgspec.structs import replace

from workspai_hooks.source import Location
from workspai_hooks.workspace.files import is_code, is_test
from workspai_hooks.workspace.manifests.facts import Build, Dockerfile, Facts, Source
from workspai_hooks.workspace.manifests.paths import ancestors, folder_of, holds
from workspai_hooks.workspace.names import (
    GENERIC,
    SOURCE_FOLDERS,
    Likeness,
    folder_name,
    folder_names,
    is_version,
    plain,
)
from workspai_hooks.workspace.programs import programs

_ASIDE = frozenset(
    """
    benchmark benchmarks build codegen contrib demo-data doc docs e2e example examples gen generate generator
    hack node_modules release
    releases sample samples script scripts test test-data test_data testdata tests third_party tool tools
    vendor
    """.split()  # noqa: SIM905
)


class Candidate(msgspec.Struct, frozen=True):
    """A folder that may be a service's. `container`: a Dockerfile builds it; `entry`: it has an entry point.

    `names` are plain and for comparing, `titles` what its builds call it.
    """

    folder: str
    names: tuple[str, ...]
    titles: tuple[str, ...]
    registered: tuple[str, ...]
    container: bool
    entry: bool
    base: str
    ports: tuple[int, ...]
    evidence: tuple[Location, ...]
    left_out: bool = False

    @property
    def aside(self) -> bool:
        """In a folder for tools, examples or tests, or left out of its workspace: no service unless something
        declares it."""
        return self.left_out or _is_aside(self.folder)


def _is_aside(folder: str) -> bool:
    return any(one in _ASIDE or one.startswith((".", "gen-")) for one in folder.lower().split("/"))


class Sources:
    """The candidates of a snapshot and the code around them."""

    def __init__(
        self,
        paths: Iterable[str],
        facts: Facts,
        read: Callable[[list[str]], Mapping[str, bytes]] = lambda paths: {},
    ) -> None:
        self._paths, self._read = tuple(paths), read
        self.folders: set[str] = {""}
        self.coded: set[str] = set()
        for path in self._paths:
            above = ancestors(path)
            self.folders.update(above)
            if is_code(path) and not is_test(path):
                self.coded.update(above)
        self.dockerfiles = {one.location.path: one for one in facts.dockerfiles}
        self._facts = facts
        self.executables = [
            one for one in facts.executables if one.folder in self.coded and not _is_aside(one.folder)
        ]
        self.candidates: dict[str, Candidate] = {}
        self._collect()

    def _collect(self) -> None:
        built: dict[str, list[Source]] = {}
        started = programs(self._facts, self.texts)
        self.files = {one.folder for one in started if one.folder not in self.folders}
        self.coded |= self.files
        split = {folder_of(path) for path in self.files}
        servers = {folder_of(path) for path in self._paths if path.rpartition("/")[2] == "server.js"}
        for source in [*_entries(self._facts.sources), *started]:
            if source.location.path.endswith("package.json") and source.folder in servers:
                source = replace(source, entry=True)  # what `npm start` runs without a script
            if source.folder in split:
                source = replace(source, entry=False)  # its files are the programs
            built.setdefault(source.folder, []).append(source)
        containers: dict[str, list[Dockerfile]] = {}
        manifests = {source.folder for source in self._facts.sources}
        beside = Counter(folder_of(path) for path in self.dockerfiles if _called(path))
        for path, dockerfile in self.dockerfiles.items():
            several = beside[folder_of(path)] > 1 and _called(path) != ""
            folder = self._built_by(dockerfile, manifests, several)
            if folder is not None:
                containers.setdefault(folder, []).append(dockerfile)
        for folder in sorted({*built, *containers}):
            self.candidates[folder] = self._candidate(
                folder, built.get(folder, []), containers.get(folder, [])
            )
        for folder, name in _without_common_end(self.candidates):
            one = self.candidates[folder]
            self.candidates[folder] = replace(one, names=(*one.names, name))

    def _candidate(self, folder: str, built: list[Source], containers: list[Dockerfile]) -> Candidate:
        registered = [
            one.name for one in self._facts.registered if self._nearest(one.location.path, built) == folder
        ]
        titles = [name for one in built for name in one.names]
        called = [name for one in containers if (name := _called(one.location.path))]
        if len(set(called)) > 1:
            called = []  # several programs of one folder
        own = [] if folder in self.files else [*folder_names(folder), plain(folder_name(folder))]
        names = [*own, *map(plain, (*titles, *called))]
        return Candidate(
            folder=folder,
            names=tuple(dict.fromkeys(name for name in (*names, *map(plain, registered)) if name)),
            titles=tuple(dict.fromkeys(titles)),
            registered=tuple(sorted(set(registered))),
            container=bool(containers),
            entry=any(source.entry for source in built),
            base=containers[0].base if containers else "",
            ports=tuple(sorted({port for one in containers for port in one.ports})),
            evidence=tuple(sorted({*(one.location for one in built), *(one.location for one in containers)})),
            left_out=folder in self._facts.left_out,
        )

    def _nearest(self, path: str, built: list[Source]) -> str | None:
        """The folder among these builds that holds a file of configuration."""
        folders = {source.folder for source in built}
        return next((folder for folder in ancestors(path) if folder in folders), None)

    def _built_by(self, dockerfile: Dockerfile, manifests: set[str], several: bool) -> str | None:
        """The folder whose code a Dockerfile builds, as far as the Dockerfile alone tells. `several`: it is
        one of many in its folder, each for a program of its own."""
        folder = folder_of(dockerfile.location.path)
        meant = self.mentioned(dockerfile.mentions, within=folder) if several else []
        meant = [one for one in meant if one != folder and one in self.coded]
        if len(meant) == 1:
            return meant[0]
        if folder in self.coded:
            return folder
        for above in ancestors(dockerfile.location.path)[1:]:
            if above in manifests and above and plain(folder_of(dockerfile.location.path)) != above:
                if _only_generic(folder[len(above) :]):
                    return above
                break
        named = self.mentioned(dockerfile.mentions)
        if len(named) == 1:
            return named[0]
        return folder if folder else None

    def mentioned(self, texts: Sequence[str], within: str = "") -> list[str]:
        """Folders with a build or code that these texts of a build name; the innermost of nested ones."""
        builds = self._applications | self.candidates.keys()
        found: set[str] = set()
        for text in texts:
            wanted = text.strip("./ ").rstrip("*").rstrip("/")
            if "$" in wanted or ("/" not in wanted and wanted not in builds):
                continue
            for folder in builds:
                if folder and holds(within, folder) and (folder == wanted or _tail_of(folder, wanted)):
                    found.add(folder)
        return sorted(one for one in found if not any(other != one and holds(one, other) for other in found))

    def texts(self, folder: str) -> Mapping[str, bytes]:
        """The code in a folder, read now."""
        return self._read([path for path in self._paths if holds(folder, path) and is_code(path)])

    def has(self, folder: str, endings: tuple[str, ...]) -> bool:
        """Whether a folder holds files that end so."""
        return any(path.endswith(endings) and holds(folder, path) for path in self._paths)

    def inside(self, folder: str) -> list[Candidate]:
        """Candidates strictly inside a folder."""
        return [one for path, one in self.candidates.items() if path != folder and holds(folder, path)]

    @cached_property
    def _applications(self) -> set[str]:
        return {source.folder for source in _entries(self._facts.sources)}

    def programs(self, folder: str) -> list[str]:
        """The folders in a folder, itself included, that have an entry point or an image of their own."""
        own = self.candidates.get(folder)
        inner = [one.folder for one in self.inside(folder) if (one.entry or one.container) and not one.aside]
        return ([folder] if own and own.entry else []) + sorted(inner)

    def of_build(self, build: Build, names: Sequence[str]) -> str | None:
        """The folder that a build means: narrower than its context where that holds several services."""
        context = build.context
        while context not in self.folders:
            context = folder_of(context)  # the output of a build, such as target/
        dockerfile = build.dockerfile
        is_here = dockerfile in self.dockerfiles or folder_of(dockerfile) in self.candidates
        home = folder_of(dockerfile) if is_here else ""  # a Dockerfile may be made by a build
        if self._is_one_of_many(dockerfile) and (meant := self.named([_called(dockerfile)], within=context)):
            return meant
        if home and home in self.coded and holds(context, home) and not self._broad(home):
            return home
        if not self._broad(context) and (context in self.coded or context in self.candidates) and context:
            return context
        if found := self.named(names, within=context):
            return found
        mentions = list(build.hints)
        if known := self.dockerfiles.get(dockerfile or (f"{context}/Dockerfile".lstrip("/"))):
            mentions += [text for text in known.mentions if "$" not in text]
        named = self.mentioned(mentions, within=context)
        if len(named) == 1:
            return named[0]
        if home and home in self.candidates:
            return home
        return context if context in self.coded and not self._broad(context) else None

    def _is_one_of_many(self, dockerfile: str) -> bool:
        """Whether it is called after the program that it builds, as others beside it are."""
        beside = [path for path in self.dockerfiles if folder_of(path) == folder_of(dockerfile)]
        return (
            dockerfile in beside
            and len([path for path in beside if _called(path)]) > 1
            and bool(_called(dockerfile))
        )

    def _broad(self, folder: str) -> bool:
        """Holds several things that run, so that it is no service's folder."""
        return len([one for one in self.inside(folder) if (one.entry or one.container) and not one.aside]) > 1

    def named(self, names: Sequence[str], within: str = "", strength: int = 1) -> str | None:
        """The one folder that fits the first of these names that any fits, at least this well."""
        for name in names:
            for fit in range(3, strength - 1, -1):
                fits = [
                    self.candidates[folder]
                    for folder in self._likeness.fitting(name, fit)
                    if folder and holds(within, folder)
                ]
                if not fits:
                    continue
                best = max((one.container, one.entry) for one in fits)
                folders = [one.folder for one in fits if (one.container, one.entry) == best]
                outer = [one for one in folders if not any(other in folders for other in ancestors(one))]
                if len(outer) == 1:
                    return outer[0]
                break
        return None

    @cached_property
    def _likeness(self) -> Likeness:
        return Likeness((name, one.folder) for one in self.candidates.values() for name in one.names)

    def widened(self, folder: str, taken: Iterable[str]) -> str:
        """`src/cart` for `src/cart/src`, `cart` for `cart/cart-main`, where nothing else lives there: its
        tests and the modules beside it are its own."""
        others = [other for other in taken if other != folder]
        while True:
            parent, _, last = folder.rpartition("/")
            named = parent.rpartition("/")[2].lower()
            a_part = plain(last).startswith(plain(named)) and self._is_split(parent)
            if (
                not (last.lower() in SOURCE_FOLDERS or is_version(last) or a_part)
                or not named
                or named in GENERIC
            ):
                return folder
            if any(holds(parent, other) for other in others):
                return folder
            folder = parent

    def _is_split(self, folder: str) -> bool:
        """Its modules are all called after it."""
        stem = plain(folder.rpartition("/")[2])
        inside = [
            one.folder for one in self._facts.sources if one.folder != folder and holds(folder, one.folder)
        ]
        return all(plain(one[len(folder) + 1 :]).startswith(stem) for one in inside)


_MANY = 3
_SERVICES = frozenset({"api", "app", "microservice", "server", "service", "svc"})


def _without_common_end(folders: Iterable[str]) -> list[tuple[str, str]]:
    """Folder, its name without what it and its neighbours all end in: `cart` for `cart-shop-microservice`
    beside `user-shop-microservice` and another one."""
    ends: dict[tuple[str, str], list[str]] = {}
    names = {folder: plain(folder.rpartition("/")[2]) for folder in folders}
    for folder, name in names.items():
        parts = name.split("-")
        for start in range(1, len(parts) - 1) if parts[-1] in _SERVICES else ():
            ends.setdefault((folder_of(folder), "-".join(parts[start:])), []).append(folder)
    common = [(end, each) for (_, end), each in ends.items() if len(each) >= _MANY]
    taken = set(names.values())
    found = [(folder, names[folder][: -len(end) - 1]) for end, each in common for folder in each]
    return [(folder, name) for folder, name in found if name not in taken | GENERIC]


_VARIANTS = frozenset(
    """
    alpine amd64 arm arm64 base build builder ci cpu cuda debian debug dev development distroless docker e2e
    gpu jvm legacy-jar local multi native native-micro nightly prod production release slim staging test tests
    ubi ubuntu web windows
    """.split()  # noqa: SIM905
)


def _called(path: str) -> str:
    """What a Dockerfile is called beside others: `cart` for `Dockerfile.cart` and `cart.Dockerfile`."""
    name = path.rpartition("/")[2]
    found = re.fullmatch(
        r"(?i)(?:dockerfile|containerfile)[._-]([\w-]+)|([\w-]+)\.(?:docker|container)file", name
    )
    called = (found[1] or found[2]).lower() if found else ""
    return "" if called in _VARIANTS else called


def _only_generic(path: str) -> bool:
    return all(
        segment.lower() in GENERIC | {"deploy", ".docker", "ci", "deployment"}
        for segment in path.split("/")
        if segment
    )


def _tail_of(folder: str, text: str) -> bool:
    """`src/cart` in `/app/src/cart/main.go`, `cart` for `src/cart`."""
    return f"/{text}/".find(f"/{folder}/") >= 0 or folder.endswith(f"/{text}")


def _entries(sources: Sequence[Source]) -> list[Source]:
    """Sources by the folder of their application: `cart` for the only command in `cart/cmd/server`. A main
    function in `cart/cmd` itself is the application's, so that a folder beside it holds another program."""
    commands: dict[str, set[str]] = {}
    for source in sources:
        found = re.search(r"^(?:(.*)/)?cmd(?:/([^/]+)|$)", source.folder)
        if found and (found[2] or source.entry):
            commands.setdefault(found[1] or "", set()).add(found[2] or "")
    moved = []
    for source in sources:
        found = re.search(r"^(?:(.*)/)?cmd(?:/([^/]+)(?:/.*)?)?$", source.folder)
        if found and source.entry:
            home, name = found[1] or "", found[2] or ""
            single = not name or len(commands.get(home, ())) <= 1
            folder = home if single else f"{home}/cmd/{name}".lstrip("/")
            moved.append(Source(folder, source.location, (name,) if plain(name) not in GENERIC else (), True))
        else:
            moved.append(source)
    return moved
