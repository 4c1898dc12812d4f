"""Compose files: services with their images, builds, names and environment; overlays and `extends`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from workspai_hooks.errors import Undecided
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import (
    Build,
    Declaration,
    Facts,
    Naming,
    Reference,
    Variable,
)
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.manifests.paths import folder_of, inside
from workspai_hooks.workspace.manifests.yaml_tree import EMPTY, Node, YamlError, documents

_NAME = regex(r"(?:^|/)(?:docker-)?compose(?:[._-][\w.-]+)?\.ya?ml$|(?:^|/)[\w.-]+[._-]compose\.ya?ml$")
_DEFAULT_PORT = regex(r"\$\{\w+:?-(\d{1,5})\}")
_EXTENDS_DEPTH = 5
_REMEDY = "mend the YAML, or name the services in .workspai.yaml"


_SERVICES = regex(rb"(?m)^services:[ \t]*(?:#.*)?\r?$")
_RUNS = regex(rb"(?m)^[ \t]+(?:image|build):")
_FOR_TESTS = regex(r"(?:^|/)(?:testdata|test-?fixtures|__fixtures__)/")


def wanted(path: str) -> bool:
    return _NAME.search(path) is not None and not _FOR_TESTS.search(path)


def may_be(path: str) -> bool:
    """Stacks, and what `include` and `extends` name, are called as anybody likes."""
    return wanted(path) or (path.endswith((".yaml", ".yml")) and not _FOR_TESTS.search(path))


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """The services of a compose file, by its name or by its content. Its `.env` is the one beside it."""
    if not wanted(path) and not (_SERVICES.search(data) and _RUNS.search(data)):
        return Facts()
    try:
        top = next(documents(data), EMPTY)
    except YamlError as error:
        if not wanted(path):
            return Facts()
        return Facts(unread=(Undecided(f"{path}:{error.line}", f"can't be read: {error}", _REMEDY),))
    if not wanted(path) and (top.at("kind") or top.at("apiVersion")):
        return Facts()
    services = top.at("services").members
    if not services and not top.at("version"):
        # The first format of compose files had services at the top.
        services = {
            name: (line, node)
            for name, (line, node) in top.members.items()
            if node.at("image") or node.at("build")
        }
    configs = {key: one.at("file").text for key, (_, one) in top.at("configs").members.items()}
    return Facts(
        declarations=tuple(
            _service(path, name, line, node, {key: value for key, (_, value) in services.items()}, configs)
            for name, (line, node) in services.items()
            if re.fullmatch(r"[\w.-]+", name)
        )
    )


def _service(
    path: str, name: str, line: int, node: Node, others: dict[str, Node], configs: Mapping[str, str]
) -> Declaration:
    folder = folder_of(path)
    layers = _layers(node, others)
    first = {
        key: next((one.at(key) for one in layers if one.at(key)), EMPTY)
        for key in ("image", "build", "hostname", "container_name")
    }
    # What an image is built with stays in it: a browser's code knows no other environment.
    arguments = _variables(path, first["build"].at("args"))
    variables = {one.name: one for one in arguments if one.value}
    for one in reversed(layers):
        variables.update({found.name: found for found in _variables(path, one.at("environment"))})
    return Declaration(
        naming=Naming.COMPOSE,
        name=name,
        location=Location(path, line),
        images=(first["image"].text,) if first["image"].text else (),
        build=_build(folder, first["build"]),
        hosts=tuple(
            dict.fromkeys(
                [
                    host
                    for one in layers
                    for host in (
                        *(one.at("container_name").text, one.at("hostname").text),
                        *(*_aliases(one), *_dapr_ids(name, others), *_links(name, others)),
                    )
                    if host
                ]
            )
        ),
        ports=tuple(dict.fromkeys(port for one in layers for port in _ports(one))),
        published=tuple(dict.fromkeys(port for one in layers for port in _published(one))),
        variables=tuple(variables.values()),
        references=tuple(reference for one in layers for reference in _env_files(path, one.at("env_file"))),
        after=tuple(after for one in layers for after in _after(path, one)),
        commands="\n".join(text for key in ("command", "entrypoint") for text in node.at(key).texts()),
        interpolate=f"{folder}/.env" if folder else ".env",
        extends=_elsewhere(folder, layers[-1]),
        mounts=tuple(dict.fromkeys(path for one in layers for path in _mounts(folder, one, configs))),
        binds=tuple(dict.fromkeys(bind for one in layers for bind in _binds(folder, one))),
        working_dir=next((text for one in layers if (text := one.at("working_dir").text)), ""),
        bears=tuple(sorted(_labels(layers).items())),
        on_host=any(one.at("network_mode").text == "host" for one in layers),
    )


def _labels(layers: Sequence[Node]) -> dict[str, str]:
    """The labels of a container, written as a mapping or as a list, those of Swarm's `deploy` too."""
    found: dict[str, str] = {}
    for node in (each for one in reversed(layers) for each in (one.at("deploy", "labels"), one.at("labels"))):
        found.update(node.scalars())
        found.update((key, value) for key, _, value in (text.partition("=") for text in node.texts()) if key)
    return found


def _layers(node: Node, others: dict[str, Node]) -> list[Node]:
    """The service and what it `extends` in the same file, nearest first.

    A base in another file is joined in environment.py.
    """
    layers = [node]
    while len(layers) < _EXTENDS_DEPTH:
        extends = layers[-1].at("extends")
        base = others.get(extends.text or ("" if extends.at("file") else extends.at("service").text))
        if base is None or base in layers:
            break
        layers.append(base)
    return layers


def _elsewhere(folder: str, node: Node) -> tuple[str, str] | None:
    """The file and the service of a base in another file."""
    extends = node.at("extends")
    file = inside(folder, extends.at("file").text) if extends.at("file") else None
    return (file, extends.at("service").text) if file and extends.at("service").text else None


def _links(name: str, others: Mapping[str, Node]) -> list[str]:
    """What other services call this one: `links: [cart:basket]`."""
    written = [item.text for one in others.values() for item in one.at("links").items]
    return [
        alias for target, _, alias in (text.partition(":") for text in written) if target == name and alias
    ]


def _build(folder: str, node: Node) -> Build | None:
    if not node:
        return None
    context = node.text or node.at("context").text or "."
    arguments = node.at("args")
    hints = [*arguments.scalars().values(), *(text.partition("=")[2] for text in arguments.texts())]
    return Build(
        context=f"{folder}\0{context}",
        dockerfile=node.at("dockerfile").text,
        hints=tuple(hint for hint in (*hints, node.at("target").text) if hint),
    )


def located(build: Build) -> Build | None:
    """A build whose texts are interpolated, with paths in the repository; None where it leads out of it."""
    folder, _, written = build.context.rpartition("\0")
    context = inside(folder, written)
    if context is None:
        return None
    dockerfile = inside(context, build.dockerfile) if build.dockerfile else None
    return Build(context, dockerfile or "", build.hints)


def _variables(path: str, node: Node) -> list[Variable]:
    found = [
        Variable(key, value.text or None, Location(path, line)) for key, (line, value) in node.members.items()
    ]
    for item in node.items:
        name, equals, value = item.text.partition("=")
        if name.strip():
            found.append(Variable(name.strip(), value if equals else None, Location(path, item.line)))
    return found


def _mounts(folder: str, node: Node, configs: Mapping[str, str]) -> list[str]:
    """Files and folders of the repository that a container gets to see."""
    texts = [
        item.text.partition(":")[0] or item.at("source").text
        for item in node.at("volumes").items
        if item.text.startswith((".", "$", "/"))
        or "/" in item.text.partition(":")[0]
        or item.at("type").text == "bind"
    ]
    texts = [re.sub(r"^\$\{?PWD\}?", ".", text) for text in texts]
    texts += [configs.get(item.text or item.at("source").text, "") for item in node.at("configs").items]
    return [path for text in texts if (path := inside(folder, text))]


def _binds(folder: str, node: Node) -> list[tuple[str, str]]:
    """Folders of the repository and where they are in the container: `./cart:/app`."""
    written = [
        (item.at("source").text, item.at("target").text) if item.members else item.text.split(":")[:2]
        for item in node.at("volumes").items
    ]
    found = []
    for source, target in (pair for pair in written if len(pair) == 2):
        source = re.sub(r"^\$\{?PWD\}?", ".", source)
        if source.startswith(".") and target.startswith("/"):
            place = inside(folder, source)
            found += [(place, target.rstrip("/"))] if place is not None else []
    return found


def _env_files(path: str, node: Node) -> list[Reference]:
    written = [(node.text, node.line)] if node.text else []
    written += [(item.text or item.at("path").text, item.line) for item in node.items]
    found = ((inside(folder_of(path), text), line) for text, line in written)
    return [Reference(file=file, location=Location(path, line)) for file, line in found if file]


def _aliases(node: Node) -> list[str]:
    """What a service is called in its networks, a fixed address there as well."""
    networks = [network for _, network in node.at("networks").members.values()]
    fixed = [network.at("ipv4_address").text for network in networks]
    return [*(alias for network in networks for alias in network.at("aliases").texts()), *fixed]


def _dapr_ids(name: str, others: Mapping[str, Node]) -> list[str]:
    """What Dapr's sidecars, which share the network of a service, call it."""
    found = []
    for one in others.values():
        if one.at("network_mode").text == f"service:{name}":
            words = " ".join(
                text for key in ("command", "entrypoint") for text in one.at(key).texts()
            ).split()
            found += [value for flag, value in pairwise(words) if flag.lstrip("-") == "app-id"]
    return found


def _defaults(text: str) -> str:
    """Ports as they are where nobody says otherwise: `${WEB_PORT:-8080}:80`."""
    return _DEFAULT_PORT.sub(r"\1", text)


def _ports(node: Node) -> list[int]:
    """Ports inside the container: what other containers connect to."""
    texts = [
        item.text or item.at("target").text for key in ("ports", "expose") for item in node.at(key).items
    ]
    ports = [_defaults(text).partition("/")[0].rpartition(":")[2] for text in texts]
    return [int(port) for port in ports if port.isdigit() and len(port) <= 5]


def _published(node: Node) -> list[int]:
    """Ports of the machine: what a browser and programs outside of the containers connect to."""
    texts = [
        _defaults(item.text).partition("/")[0].rpartition(":")[0].rpartition(":")[2]
        or _defaults(item.at("published").text)
        for item in node.at("ports").items
    ]
    return [int(text) for text in texts if text.isdigit() and len(text) <= 5]


def _after(path: str, node: Node) -> list[tuple[str, Location]]:
    found = []
    for key in ("depends_on", "links"):
        for item in node.at(key).items:
            found.append((item.text.partition(":")[0], Location(path, item.line)))
        for name, (line, _) in node.at(key).members.items():
            found.append((name, Location(path, line)))
    return [(name, location) for name, location in found if name]
