"""Workloads of compose files, each line with its place; a file for production lies over the plain one beside
it, as `docker compose -f compose.yaml -f compose.prod.yaml` has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from workspai_hooks.contracts.helm.nodes import Node, YamlError, read
from workspai_hooks.environments.stages import ASIDE, stage_of
from workspai_hooks.environments.values import ImageUse, Means, Quantity, Setting, Stage, Workload
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.files import is_for_show, is_for_tests
from workspai_hooks.workspace.manifests.env_file import filled, meant_by
from workspai_hooks.workspace.manifests.facts import Declaration, Naming, Variable
from workspai_hooks.workspace.manifests.paths import folder_of, inside

# Swarm's stacks run here and there: which, nothing says.
_STACK = regex(r"(?:^|[._-])(?:stack|swarm)(?:[._-]|$)")
_ALONE = regex(r"\$\{?([A-Za-z_]\w*)\}?")
_OPTIONAL = regex(r"\$\{[A-Za-z_]\w*:?-\}")
_LIMITS = {"memory": ("mem_limit",), "cpu": ("cpus",)}

Variables = Mapping[str, tuple[Variable, ...]]
"""Env files that are in the repository: path -> what it sets. An example stands for the file itself."""


def stage(path: str) -> str:
    """Compose is local where nothing else is said; empty for what says nothing of either."""
    if is_for_tests(path) or is_for_show(path) or _STACK.search(path.rpartition("/")[2].lower()):
        return ""
    found = stage_of(path)
    return "" if found == ASIDE else found or Stage.LOCAL


def paths_of(declarations: Iterable[Declaration]) -> list[str]:
    """The compose files among all that was found, sorted."""
    return sorted({one.location.path for one in declarations if one.naming is Naming.COMPOSE})


def workloads(files: Mapping[str, bytes], env_files: Variables) -> list[Workload]:
    """What compose files run; one that can't be read gives nothing (services.py says so)."""
    trees = {path: tree for path, data in files.items() if (tree := _tree(path, data)) is not None}
    found: list[Workload] = []
    for path, tree in trees.items():
        told = stage(path)
        if not told:
            continue
        for name, (_, node) in _services(tree).items():
            layers = [node, *_bases(path, node, trees)]
            found.append(_workload(path, Stage(told), name, layers, env_files))
    return list(_laid_over(found))


def _tree(path: str, data: bytes) -> Node | None:
    try:
        documents = read(path, data).documents
    except YamlError:
        return None
    return documents[0] if documents else None


def _services(tree: Node) -> Mapping[str, tuple[Location, Node]]:
    node = tree.at("services")
    found = (node.members if node is not None else tree.members) or {}
    return {name: row for name, row in found.items() if row[1].members}


def _bases(path: str, node: Node, trees: Mapping[str, Node]) -> Iterator[Node]:
    """What a service `extends`, the nearest first."""
    for _ in range(5):
        extends = node.at("extends")
        if extends is None:
            return
        file = extends.text("file")
        path = (inside(folder_of(path), file) or "") if file else path
        name = extends.text("service") or extends.text()
        row = _services(trees[path]).get(name) if path in trees else None
        if row is None:
            return
        node = row[1]
        yield node


def _workload(path: str, at: Stage, name: str, layers: list[Node], env_files: Variables) -> Workload:
    folder = folder_of(path)
    beside = {one.name: one for one in env_files.get(f"{folder}/.env".lstrip("/"), ())}
    texts = {key: one.value or "" for key, one in beside.items()}
    variables: dict[str, Setting] = {}
    is_open = False
    for node in reversed(layers):
        for file in _env_files(folder, node):
            is_open = is_open or file not in env_files
            variables.update({one.name: _of_file(one) for one in env_files.get(file, ())})
        variables.update({one.name: one for one in _settings(node, texts)})
    return Workload(
        label=f"compose file {path}",
        means=Means.COMPOSE,
        stage=at,
        name=name,
        place=layers[0].place if not layers[0].members else _first(layers[0]),
        images=_images(layers, texts, beside),
        variables=variables,
        is_open=is_open,
        ports={port: place for node in reversed(layers) for port, place in _ports(node, texts)},
        limits={key: one for node in reversed(layers) for key, one in _limits(node)},
        commands="\n".join(
            text for node in layers[:1] for key in ("command", "entrypoint") for text in _texts(node.at(key))
        ),
    )


def _first(node: Node) -> Location:
    """The line of a service's name is the one above its first key."""
    place = min(place for place, _ in (node.members or {}).values())
    return Location(place.path, max(place.line - 1, 1), 1)


def _texts(node: Node | None) -> list[str]:
    if node is None:
        return []
    return [one.text() for one in node.items] if node.items is not None else [node.text()]


def _images(
    layers: list[Node], texts: Mapping[str, str], beside: Mapping[str, Variable]
) -> tuple[ImageUse, ...]:
    for node in layers:
        written = node.text("image")
        if written:
            alone = _ALONE.fullmatch(written)
            told = beside.get(alone[1]) if alone else None
            place = told.location if told is not None else node.nearest("image")
            return (ImageUse(filled(written, texts), place),)
    return ()


def _env_files(folder: str, node: Node) -> Iterator[str]:
    listed = node.at("env_file")
    for one in [] if listed is None else listed.items if listed.items is not None else (listed,):
        written = one.text("path") if one.members else one.text()
        if written:
            yield inside(folder, written) or written


def _of_file(one: Variable) -> Setting:
    """An example shows what can be set: nobody has to."""
    is_firm = bool(one.value) and not meant_by(one.location.path)
    return Setting(one.name, one.value, one.location, is_firm)


def _settings(node: Node, texts: Mapping[str, str]) -> Iterator[Setting]:
    listed = node.at("environment")
    if listed is None:
        return
    for name, (place, value) in (listed.members or {}).items():
        yield _setting(name, None if value.value is None else value.text(), place, texts)
    for one in listed.items or ():
        name, equals, text = one.text().partition("=")
        if name.strip():
            yield _setting(name.strip(), text if equals else None, one.place, texts)


def _setting(name: str, written: str | None, place: Location, texts: Mapping[str, str]) -> Setting:
    if written is None:
        return Setting(name, texts.get(name), place, name in texts)
    value = filled(written, texts)
    # A variable of the shell that nobody here knows is set all the same.
    firm = bool(value) or ("$" in written and _OPTIONAL.fullmatch(written) is None)
    return Setting(name, value or None if "$" in written else value, place, firm)


def _ports(node: Node, texts: Mapping[str, str]) -> Iterator[tuple[int, Location]]:
    """Ports inside of the container."""
    for key in ("ports", "expose"):
        listed = node.at(key)
        for one in (listed.items if listed is not None else None) or ():
            text = one.text("target") if one.members else one.text()
            port = filled(text, texts).partition("/")[0].rpartition(":")[2]
            if port.isdigit() and len(port) <= 5:
                yield int(port), one.place


def _limits(node: Node) -> Iterator[tuple[str, Quantity]]:
    for kind, keys in _LIMITS.items():
        for key in keys:
            if text := node.text(key):
                yield kind, Quantity(text, node.nearest(key))
    for kind, key in (("memory", "memory"), ("cpu", "cpus")):
        if text := node.text("deploy", "resources", "limits", key):
            yield kind, Quantity(text, node.nearest("deploy", "resources", "limits", key))


def _laid_over(found: Iterable[Workload]) -> Iterator[Workload]:
    """With what the plain file of a folder says of a service that one of another stage overlays."""
    plain: dict[tuple[str, str], Workload] = {}
    every = sorted(found, key=lambda one: (len(one.place.path), one.place))
    for one in every:
        if not stage_of(one.place.path):
            plain.setdefault((folder_of(one.place.path), one.name), one)
    for one in every:
        base = plain.get((folder_of(one.place.path), one.name))
        if base is None or base is one or one.stage is Stage.LOCAL:
            yield one
            continue
        yield replace(
            one,
            images=one.images or base.images,
            variables={**base.variables, **one.variables},
            is_open=one.is_open or base.is_open,
            ports={**base.ports, **one.ports},
            limits={**base.limits, **one.limits},
            commands=one.commands or base.commands,
        )
