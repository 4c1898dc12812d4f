"""Joins declarations and folders into services: which of them are one, its names, its folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import count

import msgspec

from workspai_hooks.source import Location
from workspai_hooks.workspace.executables import started
from workspai_hooks.workspace.files import is_for_show, is_for_tests
from workspai_hooks.workspace.infrastructure import is_infrastructure
from workspai_hooks.workspace.machine import standing
from workspai_hooks.workspace.manifests.facts import Build, Declaration, Endpoint, Facts, Front, Naming
from workspai_hooks.workspace.manifests.paths import ancestors, folder_of, holds, in_common
from workspai_hooks.workspace.modes import servers
from workspai_hooks.workspace.mounted_sources import home
from workspai_hooks.workspace.names import (
    GENERIC,
    folder_name,
    image_name,
    plain,
    similar,
    unversioned,
    without_kind,
)
from workspai_hooks.workspace.programs import stem
from workspai_hooks.workspace.sources import Candidate, Sources
from workspai_hooks.workspace.subcommands import homes

_VERSIONED = (("app", "version"), ("app.kubernetes.io/name", "app.kubernetes.io/version"))
"""The labels by which meshes tell the versions of one application apart."""


class Group(msgspec.Struct):
    """A service on its way: declarations that are one, and the folders that they are built from."""

    declarations: tuple[Declaration, ...] = ()
    folders: set[str] = msgspec.field(default_factory=set)
    name: str = ""
    roots: tuple[str, ...] = ()
    aliases: set[str] = msgspec.field(default_factory=set)
    hosts: set[str] = msgspec.field(default_factory=set)
    ports: dict[int, str] = msgspec.field(default_factory=dict)
    evidence: tuple[Location, ...] = ()
    base: str = ""

    @property
    def images(self) -> set[str]:
        return {image for one in self.declarations for image in one.images if image_name(image)}


def grouped(facts: Facts, sources: Sources) -> list[Group]:
    """The services: first what is run, joined by name and folder, then folders that nothing declares."""
    builds = _builds(facts)
    named = _by_name(facts.declarations, builds, sources)
    programs = _told_apart(named, sources)
    groups = _without_tests(_merged(named, sources), sources)
    taken = {folder for group in groups for folder in group.folders}
    groups += [
        Group(folders={one.folder})
        for one in _undeclared(sources, taken)
        if one.container or not any(holds(folder, one.folder) for folder in programs)
    ]
    every = {folder for group in groups for folder in group.folders}
    for group in groups:
        _complete(group, sources, every)
    groups += [_proxy(root, fronts) for root, fronts in standing(facts, sources, every).items()]
    _serve(groups, facts)
    _stand_in(groups, facts)
    _unique(groups)
    return groups


def _without_tests(groups: list[Group], sources: Sources) -> list[Group]:
    """What is only run by tests or by CI is no service, where anything else is run; nor is somebody else's
    program that only examples run."""
    groups = [group for group in groups if not _is_empty(group) and not _is_elsewheres(group)]
    serious = [
        group
        for group in groups
        if not all(is_for_tests(one.location.path) for one in group.declarations)
        or not all(is_for_tests(f"{folder}/") for folder in group.folders)
    ]
    if any(group.folders and not _in_examples(group) for group in serious) or _others(sources):
        # Where examples also run what is built here, they show how the whole is deployed.
        ours = {
            folder_of(one.location.path) for group in serious if group.folders for one in group.declarations
        }
        serious = [
            group
            for group in serious
            if group.folders
            or not all(
                is_for_show(one.location.path) and folder_of(one.location.path) not in ours
                for one in group.declarations
            )
        ]
    return serious if serious or _others(sources) else groups


def _others(sources: Sources) -> bool:
    """Whether anything runs that no manifest needs to declare."""
    return any(
        (one.entry or one.container) and not one.aside and one.folder in sources.coded
        for one in sources.candidates.values()
    )


def _in_examples(group: Group) -> bool:
    return all(is_for_show(f"{folder}/") for folder in group.folders)


def _is_elsewheres(group: Group) -> bool:
    """What only scripts start, of an image that nothing here is built into: somebody's tool."""
    return not group.folders and all(one.naming is Naming.SCRIPT for one in group.declarations)


def _is_empty(group: Group) -> bool:
    """Compose only adds to it: there is neither an image nor a build nor a folder of its name."""
    return not group.folders and all(
        one.interpolate is not None and not one.images and not one.build for one in group.declarations
    )


def _builds(facts: Facts) -> dict[str, Build]:
    """What an image is built from, by its plain name; one that is built in two ways is left out."""
    found: dict[str, set[Build]] = {}
    for artifact in facts.artifacts:
        found.setdefault(plain(image_name(artifact.image)), set()).add(artifact.build)
    for one in facts.declarations:
        if one.build and one.images:
            found.setdefault(plain(image_name(one.images[0])), set()).add(one.build)
    return {
        image: min(builds, key=lambda build: (build.context, build.dockerfile))
        for image, builds in found.items()
        if image and len({build.context for build in builds}) == 1
    }


def _folder(one: Declaration, builds: dict[str, Build], sources: Sources) -> str | None:
    """The folder that a declaration is built from: by the program that it starts, by its build, else by its
    image's build."""
    if program := started(one, sources.executables):
        return program
    names = [one.name, *(image_name(image) for image in one.images)]
    if one.build:
        built = sources.of_build(one.build, names)
        return built if built in sources.coded else home(one, names, sources) or built
    if mounted := home(one, names, sources):
        return mounted
    for image in one.images:
        build = builds.get(plain(image_name(image)))
        if build and (len(one.images) == 1 or similar(one.name, [plain(image_name(image))])):
            return sources.of_build(build, names)
    if one.location.path.endswith(".cs"):
        # An application host says the project itself; several hosts have a `frontend`.
        return sources.named([plain(host) for host in one.hosts], strength=3)
    return None


def _by_name(declarations: Sequence[Declaration], builds: dict[str, Build], sources: Sources) -> list[Group]:
    """Declarations of one name are one service, unless they are built from different folders."""
    named: dict[str, list[tuple[Declaration, str | None]]] = {}
    for one in declarations:
        named.setdefault(plain(_called(one)), []).append((one, _folder(one, builds, sources)))
    groups = []
    apart = [each for rows in named.values() for each in _apart(rows)]
    for rows in apart:
        folders = sorted({folder for _, folder in rows if folder is not None})
        if len(folders) <= 1:
            groups.append(Group(tuple(one for one, _ in rows), set(folders)))
            continue
        parts: dict[str, list[Declaration]] = {folder: [] for folder in folders}
        for one, folder in rows:
            nearest = max(folders, key=lambda other: (in_common(f"{other}/", one.location.path), -len(other)))
            parts[nearest if folder is None else folder].append(one)
        groups += [Group(tuple(members), {folder}) for folder, members in parts.items()]
    _liken(groups, sources)
    _surround(groups, sources)
    return groups


def _called(one: Declaration) -> str:
    """A declaration's name without the kind of its workload: `cart-deployment` runs the cart; and without the
    version that its labels tell."""
    return without_kind(_versionless(one)) if one.labels is not None else one.name


def _versionless(one: Declaration) -> str:
    """`cart` for the workload `cart-v2` with the labels `app: cart` and `version: v2`: it runs beside
    `cart-v1` behind one Service that selects the application's label."""
    labels = one.labels or {}
    for app, version in _VERSIONED:
        if labels.get(app) and one.name == f"{labels[app]}-{labels.get(version)}":
            return labels[app]
    return one.name


def _surround(groups: list[Group], sources: Sources) -> None:
    """What is built in a folder whose only program another is built from is that one: a Dockerfile in
    `cart/` builds the project `cart/src/Cart.Api`."""
    taken = {folder for group in groups for folder in group.folders}
    for group in groups:
        for folder in list(group.folders):
            around = next((one for one in ancestors(folder) if one and one in taken), None)
            if around and sources.programs(around) == [folder]:
                group.folders = (group.folders - {folder}) | {around}


def _apart(rows: list[tuple[Declaration, str | None]]) -> list[list[tuple[Declaration, str | None]]]:
    """Workloads of one name that run other images in another namespace are others; overlays are not."""
    spaces: dict[str, list[tuple[Declaration, str | None]]] = {}
    for row in rows:
        spaces.setdefault(row[0].namespace, []).append(row)
    images = [
        {plain(image_name(image)) for one, _ in each for image in one.images} for each in spaces.values()
    ]
    seen: set[str] = set()
    for each in images:
        if not each or each & seen:
            return [rows]
        seen |= each
    return list(spaces.values()) if "" not in spaces else [rows]


def _liken(groups: list[Group], sources: Sources) -> None:
    """Give groups without a build the folder that is called like them, their image or their host.

    The best likeness goes first, that without versions last, and a folder that has a service by then is not
    taken for a lesser one, unless both run one image, or the image is called like the folder that the
    manifest lies in: `valkey-cart` is not the cart, `shop-cart` of the image `shop/cart` is, and so is what
    `cart/chart` runs. What another manifest starts on a developer's machine may have another name there.
    """
    own = [group for group in groups if not group.folders and not _is_public(group)]
    for strength, spelled in [(one, way) for way in (plain, unversioned) for one in (3, 2, 1)]:
        taken: dict[str, set[str]] = {}
        tried: dict[str, set[str]] = {}
        for group in groups:
            for folder in group.folders:
                taken.setdefault(folder, set()).update(_image_names(group))
                if any(one.side_by_side for one in group.declarations):
                    tried.setdefault(folder, set()).update(_files(group))
        for group in (group for group in own if not group.folders):
            images = _image_names(group)
            hosts = [host for one in group.declarations for host in one.hosts]
            for names in ([_versionless(group.declarations[0])], sorted(images), hosts):
                found = sources.named([spelled(plain(name)) for name in names], strength=strength)
                if found is None:
                    continue
                found = _around(found, group, sources)
                inside = set(names) == images and all(
                    holds(found, one.location.path) for one in group.declarations
                )
                likeness = max(similar(spelled(plain(name)), _names_of(found, sources)) for name in names)
                elsewhere = likeness != 2 and found in tried and not tried[found] & _files(group)
                if found not in taken or taken[found] & images or inside or elsewhere:
                    group.folders.add(found)
                    break


def _around(found: str, group: Group, sources: Sources) -> str:
    """The folder called like a group's image, where it holds an application and with it the folder called
    like the group: `web` that runs the image `shop-web` is not the page in `shop-web/webapp` alone."""
    if len(_image_names(group)) != 1 or any(one.commands for one in group.declarations):
        return found
    outer = sources.named(sorted(_image_names(group)), strength=3)
    if not outer or outer == found or not holds(outer, found):
        return found
    return outer if sources.candidates[outer].entry and not sources.candidates[found].container else found


def _files(group: Group) -> set[str]:
    return {one.location.path for one in group.declarations}


def _image_names(group: Group) -> set[str]:
    """Plain names without versions: what runs in two versions is one service."""
    return {unversioned(plain(image_name(image))) for image in group.images}


def _is_public(group: Group) -> bool:
    return bool(group.images) and all(is_infrastructure(image) for image in group.images)


def _told_apart(groups: list[Group], sources: Sources) -> set[str]:
    """Give the sub-commands of one program their own folders; the folders of such programs."""
    built: dict[frozenset[str], list[Group]] = {}
    for group in groups:
        if len(group.folders) == 1:
            built.setdefault(frozenset(group.folders), []).append(group)
    programs = set()
    for (folder,), members in built.items():
        found = homes([group.declarations for group in members], folder, sources.coded)
        if found is not None:
            programs.add(folder)
            for group, home in zip(members, found, strict=True):
                group.folders = {home}
    return programs


def _merged(groups: list[Group], sources: Sources) -> list[Group]:
    """Groups that are built from one folder are one service (a web process and its worker), named after
    the one that is called most like the folder; but those that are told apart as servers (`modes.py`)."""
    by_folder: dict[frozenset[str], list[Group]] = {}
    merged = []
    for group in groups:
        if group.folders:
            by_folder.setdefault(frozenset(group.folders), []).append(group)
        else:
            merged.append(group)
    for folders, members in by_folder.items():
        names = [name for folder in folders for name in _names_of(folder, sources)]
        members.sort(
            key=lambda group: (
                min(one.naming for one in group.declarations),
                -similar(group.declarations[0].name, names),
                group.declarations[0].name,
            )
        )
        texts = partial(sources.texts, min(folders))
        apart = servers([group.declarations for group in members], texts)
        merged += [members[place] for place in apart[1:]]
        members = [group for place, group in enumerate(members) if place not in apart[1:]]
        ranked = sorted(members, key=lambda group: -similar(group.declarations[0].name, names))
        merged.append(Group(tuple(one for group in ranked for one in group.declarations), set(folders)))
    return merged


def _names_of(folder: str, sources: Sources) -> Iterable[str]:
    candidate = sources.candidates.get(folder)
    return candidate.names if candidate else (plain(folder_name(folder)),)


def _undeclared(sources: Sources, taken: set[str]) -> list[Candidate]:
    """Folders whose code is built into something that runs, and that nothing declares or holds."""
    found: list[Candidate] = []
    runs = [
        one
        for one in sources.candidates.values()
        if one.folder in sources.coded and (one.container or (one.entry and not one.aside))
    ]
    # Images of examples and tests are services where the repository has nothing else.
    runs = runs if not taken and all(one.aside for one in runs) else [one for one in runs if not one.aside]
    above = Counter(folder for one in runs for folder in ancestors(one.folder))
    owned, around_owned = set(taken), {folder for owner in taken for folder in ancestors(owner)}
    for one in sorted(runs, key=lambda candidate: (candidate.folder.count("/"), candidate.folder)):
        folder = one.folder
        within = any(other and other in owned for other in ancestors(folder))
        around = folder in around_owned or (not one.container and above[folder] > 1)
        whole = not folder and (taken or len(runs) > 1)
        if folder in taken or whole or around or (within and not (one.container and one.entry)):
            continue
        found.append(one)
        owned.add(folder)
        around_owned.update(ancestors(folder))
    return found


def _complete(group: Group, sources: Sources, every: set[str]) -> None:
    candidates = [sources.candidates[one] for one in sorted(group.folders) if one in sources.candidates]
    group.roots = tuple(
        sorted({sources.widened(folder, every) for folder in group.folders} | _siblings(group, sources))
    )
    names = _own_names(group, candidates, sources.files)
    group.name = names[0] if names else "repository"
    group.hosts = {one.name for one in group.declarations}
    group.hosts.update(host for one in group.declarations for host in one.hosts)
    group.aliases = {*names, *group.hosts, *(title for one in candidates for title in one.titles)} - {""}
    for ports in (*(one.ports for one in group.declarations), *(one.ports for one in candidates)):
        group.ports.update(dict.fromkeys(ports, ""))
    group.base = next((one.base for one in candidates if one.base), "")
    places = {one.location for one in group.declarations}
    group.evidence = tuple(sorted(places.union(*(one.evidence for one in candidates))))


def _proxy(root: str, fronts: Sequence[Front]) -> Group:
    """A proxy of the machine that is only configured here: called like its folder."""
    name = folder_name(root) if root != fronts[0].location.path else fronts[0].program
    return Group(
        folders={root},
        name=name,
        roots=(root,),
        aliases={name},
        evidence=tuple(one.location for one in fronts),
        base=fronts[0].program,
    )


def _own_names(group: Group, candidates: Sequence[Candidate], files: Collection[str]) -> list[str]:
    """The names of a service in the order of `Naming`: the first is its name.

    An image that several run, or that is called otherwise, is no name of its own.
    """
    declared = [_versionless(one) for one in sorted(group.declarations, key=_rank)]
    applications = [name for one in candidates for name in one.registered]
    images = [image_name(image) for image in sorted(group.images)]
    folders = [stem(root) if root in files else folder_name(root) for root in group.roots if root]
    called = [*declared, *(one.name for one in group.declarations)]
    known = [plain(name) for name in (*called, *applications, *folders)]
    meant = [image for image in images if not group.folders or similar(image, known)]
    return [name for name in (*declared, *applications, *meant, *folders) if name]


def _rank(one: Declaration) -> tuple[int, bool]:
    """Whose name comes first: what is deployed before what is only started on a developer's machine."""
    return one.naming, one.side_by_side


def _siblings(group: Group, sources: Sources) -> set[str]:
    """`internal/cart` beside `cmd/cart`: in a repository of several commands the code stands there."""
    found: set[str] = set()
    for folder in group.folders:
        above, _, name = folder.rpartition("/")
        if above.rpartition("/")[2] == "cmd":
            home = folder_of(above)
            places = (
                f"{home}/{kind}/{name}".lstrip("/")
                for kind in ("app", "internal", "pkg", "service", "services")
            )
            found.update(place for place in places if place in sources.coded)
    return found


def _serve(groups: list[Group], facts: Facts) -> None:
    """Kubernetes Services give DNS names to the workloads that they select."""
    labelled: dict[tuple[str, str], list[tuple[Group, Declaration]]] = {}
    for group in groups:
        for one in group.declarations:
            for label in (one.labels or {}).items():
                labelled.setdefault(label, []).append((group, one))
    for endpoint in facts.endpoints:
        if endpoint.target:
            continue
        chosen = _selected(endpoint, labelled.get(next(iter(endpoint.selector.items())), []))
        if chosen is not None:
            chosen.hosts.add(endpoint.name)
            chosen.aliases.add(endpoint.name)
            for port, protocol in endpoint.ports.items():
                chosen.ports[port] = chosen.ports.get(port) or protocol


def _stand_in(groups: list[Group], facts: Facts) -> None:
    """Services of type ExternalName are other names of what they stand for, where that is here."""
    for endpoint in facts.endpoints:
        name, _, rest = endpoint.target.partition(".")
        if endpoint.target and (not rest or ".svc" in f".{rest}"):
            meant = [group for group in groups if name in group.hosts]
            if len(meant) == 1:
                meant[0].hosts.add(endpoint.name)
                meant[0].aliases.add(endpoint.name)


def _selected(endpoint: Endpoint, rows: Sequence[tuple[Group, Declaration]]) -> Group | None:
    """The one service behind an endpoint; of several the one of its name, else the one in its file."""
    chosen = [
        (group, one) for group, one in rows if one.labels and endpoint.selector.items() <= one.labels.items()
    ]
    named = [group for group, _ in chosen if plain(group.name) == plain(endpoint.name)]
    near = [group for group, one in chosen if one.location.path == endpoint.location.path]
    for groups in ([group for group, _ in chosen], named, near):
        if groups and all(group is groups[0] for group in groups):
            return groups[0]
    return None


def _unique(groups: list[Group]) -> None:
    """Two services never share a name: the later ones take their folder's, then their manifest's folder's."""
    groups.sort(key=lambda group: (not group.declarations, group.evidence, group.roots))
    shared = Counter(group.name for group in groups)
    # `app` that several are called is nobody's name.
    taken = {name for name, count in shared.items() if count > 1 and plain(name) in GENERIC}
    for group in groups:
        name = next(option for option in _options(group) if option and option not in taken)
        if name != group.name:
            group.aliases.add(group.name)
        group.name = name
        taken.add(name)


def _options(group: Group) -> Iterator[str]:
    yield group.name
    for root in group.roots:
        yield folder_name(root)
        yield root.replace("/", "-")
    for place in group.evidence:
        if "/" in place.path:
            yield f"{folder_name(folder_of(place.path))}-{group.name}"
    yield from (f"{group.name}-{number}" for number in count(2))
