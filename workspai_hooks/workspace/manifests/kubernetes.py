"""Kubernetes manifests: workloads, Services, ConfigMaps; kustomize's own of them; Helm templates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from workspai_hooks.contracts.helm.workloads import TEMPLATE_OF
from workspai_hooks.errors import Undecided
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests import openshift
from workspai_hooks.workspace.manifests.facts import (
    Declaration,
    Endpoint,
    Facts,
    Naming,
    Reference,
    Renaming,
    Settings,
    Variable,
    joined,
)
from workspai_hooks.workspace.manifests.helm import Charts, neutralised
from workspai_hooks.workspace.manifests.helm_loops import written_out
from workspai_hooks.workspace.manifests.paths import folder_of, inside
from workspai_hooks.workspace.manifests.yaml_tree import EMPTY, Node, YamlError, documents

_OTHER = ("ConfigMap", "Service", "Kustomization", "Component", *openshift.KINDS)
_INTERESTING = regex(
    rb"^[ \t{-]*[\"']?kind[\"']?:[ \t]*[\"']?(?:" + "|".join((*TEMPLATE_OF, *_OTHER)).encode() + rb")\b",
    re.MULTILINE,
)
_SEPARATOR = regex(rb"^---(?:[ \t].*)?$", re.MULTILINE)
_REMEDY = "mend the YAML, or name the service in .workspai.yaml"


_JSON = regex(r"(?i)(?:openshift|k8s|kubernetes|[-_.]template)[\w./-]{0,200}\.json$|[-_]template\.json$")
_FOR_TESTS = regex(r"(?:^|/)(?:testdata|test-?fixtures|__fixtures__)/")


def wanted(path: str) -> bool:
    named = path.endswith((".yaml", ".yml")) or _JSON.search(path) is not None
    return named and not _FOR_TESTS.search(path)


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """The workloads, Services and ConfigMaps of a manifest; other YAML gives nothing."""
    if b"kind" not in data and not path.endswith(("kustomization.yaml", "kustomization.yml")):
        return Facts()
    if b"{{" not in data:
        return _read(path, data, {})
    sets = charts.every(path)
    return joined([_read(path, data, values) for values in sets])


def _read(path: str, data: bytes, values: Mapping[str, str]) -> Facts:
    """A manifest as one set of values has it."""
    lines: list[int] = []
    if b"{{" in data:
        text, lines = written_out(data.decode("utf-8", "replace"), values)
        data = text.encode()
    found = []
    for line, text_of_one in _split(data):
        if _INTERESTING.search(text_of_one) or _is_kustomization(path):
            numbers = lines[line - 1 : line + text_of_one.count(b"\n")]
            found.append(_document(path, line, text_of_one, values, numbers))
    return joined(found)


def _is_kustomization(path: str) -> bool:
    return path.rpartition("/")[2] in ("kustomization.yaml", "kustomization.yml", "Kustomization")


def _split(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The documents and their first lines. Each is parsed by itself: a broken one doesn't hide the others."""
    start, line = 0, 1
    for separator in _SEPARATOR.finditer(data):
        text = data[start : separator.start()]
        yield line, text
        line += text.count(b"\n")
        start = separator.end()
    yield line, data[start:]


def _document(
    path: str, line: int, text: bytes, values: Mapping[str, str], lines: Sequence[int] = ()
) -> Facts:
    try:
        nodes = list(documents(neutralised(text, values), line, lines))
        if any(one.at("kind").text == "Template" and one.at("parameters") for one in nodes):
            nodes = list(documents(openshift.filled(text, nodes[0]), line, lines))
    except YamlError as error:
        if b"{{" in text:
            return Facts()
        return Facts(unread=(Undecided(f"{path}:{error.line}", f"can't be read: {error}", _REMEDY),))
    return joined([_object(path, node, values) for node in nodes])


def _object(path: str, node: Node, values: Mapping[str, str]) -> Facts:
    kind = node.at("kind").text
    if kind in ("List", "Template"):
        return joined(
            [_object(path, item, values) for item in node.at("items" if kind == "List" else "objects").items]
        )
    if kind == "Route":
        return openshift.route(path, node)
    if kind == "BuildConfig":
        return openshift.build(path, node)
    if kind in TEMPLATE_OF:
        return _workload(path, node, TEMPLATE_OF[kind])
    if kind == "Service":
        return _service(path, node)
    if kind == "ConfigMap":
        return Facts(settings=(_config_map(path, node),))
    if kind in ("Kustomization", "Component") or (not kind and _is_kustomization(path)):
        return _kustomization(path, node, values)
    return Facts()


def _clean(name: str) -> str:
    """A name whose unknown parts (a release's name) were blanked."""
    return name.strip().strip("-")


def _workload(path: str, node: Node, pod_at: tuple[str, ...]) -> Facts:
    name = _clean(node.at("metadata", "name").text or node.at("metadata", "generateName").text)
    if not name or not re.fullmatch(r"[\w.-]+", name):
        return Facts()
    if "test" in re.split(r"[\s,-]+", node.at("metadata", "annotations", "helm.sh/hook").text):
        return Facts()  # `helm test` runs it
    pod = node.at(*pod_at)
    containers = list(pod.at("spec", "containers").items)
    everything = containers + list(pod.at("spec", "initContainers").items)
    variables: list[Variable] = []
    references: list[Reference] = []
    for container in everything:
        _environment(path, container, variables, references)
    declaration = Declaration(
        naming=Naming.WORKLOAD,
        name=name,
        location=Location(path, node.at("metadata", "name").line or node.line),
        images=_images(node, containers),
        ports=tuple(
            port
            for one in containers
            for item in one.at("ports").items
            if (port := _port(item.at("containerPort").text))
        ),
        labels=pod.at("metadata", "labels").scalars(),
        variables=tuple(variables),
        references=tuple(references),
        commands="\n".join(
            text for one in containers for key in ("command", "args") for text in one.at(key).texts()
        ),
        volumes=_volumes(pod),
        hosts=tuple(filter(None, (_clean(pod.at("metadata", "annotations", "dapr.io/app-id").text),))),
        namespace=_clean(node.at("metadata", "namespace").text),
    )
    namespace = node.at("metadata", "namespace").text
    return Facts(declarations=(declaration,), namespaces=(namespace,) if namespace else ())


def _images(node: Node, containers: Sequence[Node]) -> tuple[str, ...]:
    written = tuple(text for one in containers if (text := one.at("image").text.strip()))
    return tuple(dict.fromkeys((*written, *openshift.images_of_triggers(node))))


def _volumes(pod: Node) -> tuple[str, ...]:
    """The ConfigMaps that a pod mounts."""
    volumes = pod.at("spec", "volumes").items
    sources = [*volumes, *(each for one in volumes for each in one.at("projected", "sources").items)]
    return tuple(name for one in sources if (name := _clean(one.at("configMap", "name").text)))


def _port(text: str) -> int:
    return int(text) if text.isdigit() and len(text) <= 5 else 0


def _environment(path: str, container: Node, variables: list[Variable], references: list[Reference]) -> None:
    for item in container.at("env").items:
        name, value = item.at("name").text, item.at("value")
        location = Location(path, value.line if value else item.line)
        reference = item.at("valueFrom", "configMapKeyRef")
        if not name:
            continue
        if reference:
            references.append(
                Reference(
                    map=_clean(reference.at("name").text),
                    key=reference.at("key").text,
                    name=name,
                    location=Location(path, item.line),
                )
            )
        elif value:
            variables.append(Variable(name, value.text, location))
    for item in container.at("envFrom").items:
        if name := item.at("configMapRef", "name").text:
            references.append(
                Reference(map=_clean(name), name=item.at("prefix").text, location=Location(path, item.line))
            )


def _service(path: str, node: Node) -> Facts:
    name = _clean(node.at("metadata", "name").text)
    selector = node.at("spec", "selector").scalars()
    target = node.at("spec", "externalName").text
    if not name or not (selector or target):
        return Facts()
    ports = {}
    for item in node.at("spec", "ports").items:
        if port := _port(item.at("port").text):
            ports[port] = item.at("appProtocol").text or item.at("name").text
    namespace = node.at("metadata", "namespace").text
    location = Location(path, node.at("metadata", "name").line)
    return Facts(
        endpoints=(Endpoint(name, namespace, selector, ports, location, "" if selector else target),),
        namespaces=(namespace,) if namespace else (),
    )


def _config_map(path: str, node: Node) -> Settings:
    return Settings(
        _clean(node.at("metadata", "name").text),
        tuple(
            Variable(key, value.text, Location(path, line))
            for key, (line, value) in node.at("data").members.items()
            if value.text
        ),
    )


def _kustomization(path: str, node: Node, values: Mapping[str, str]) -> Facts:
    """Generated ConfigMaps, inline patches of both kinds, and the names that it gives to its resources."""
    found = _renamings(path, node)
    for item in node.at("configMapGenerator").items:
        literals = [(*text.text.partition("="), text.line) for text in item.at("literals").items]
        variables = tuple(
            Variable(key, value.strip("\"'"), Location(path, line)) for key, _, value, line in literals
        )
        texts = [each.text.rpartition("=")[2] for each in item.at("files").items]
        files = tuple(file for text in texts if (file := inside(folder_of(path), text)))
        found.append(Facts(settings=(Settings(item.at("name").text, variables, files),)))
    patches = [item.at("patch") for item in node.at("patches").items]
    patches += list(node.at("patchesStrategicMerge").items)
    found += [_operations(path, item) for item in node.at("patches").items + node.at("patchesJson6902").items]
    for patch in patches:
        if "\n" in patch.text and not patch.text.lstrip().startswith(("- ", "[")):
            found += [
                _document(path, patch.line + line, text, values) for line, text in _split(patch.text.encode())
            ]
    return joined(found)


def _renamings(path: str, node: Node) -> list[Facts]:
    prefix, suffix = node.at("namePrefix").text, node.at("nameSuffix").text
    if not prefix and not suffix:
        return []
    texts = [text for key in ("resources", "bases", "components") for text in node.at(key).texts()]
    places = tuple(place for text in texts if (place := inside(folder_of(path), text)))
    return [Facts(renamings=(Renaming(places, prefix, suffix),))] if places else []


def _operations(path: str, item: Node) -> Facts:
    """The variables that an inline JSON patch (RFC 6902) gives to its target."""
    name, text = item.at("target", "name").text, item.at("patch")
    if item.at("target", "kind").text not in TEMPLATE_OF or not re.fullmatch(r"[\w.-]+", name):
        return Facts()
    try:
        operations = next(documents(text.text.encode(), text.line + 1), EMPTY).items
    except YamlError:
        return Facts()
    found = []
    for one in operations:
        value, at = one.at("value"), one.at("path").text
        rows = value.items if at.endswith("/env") else (value,) if "/env/" in at else ()
        if one.at("op").text in ("add", "replace"):
            found += [
                Variable(row.at("name").text, row.at("value").text, Location(path, row.line))
                for row in rows
                if row.at("name").text and row.at("value").text
            ]
    if not found:
        return Facts()
    location = Location(path, item.line)
    return Facts(declarations=(Declaration(Naming.WORKLOAD, name, location, variables=tuple(found)),))
