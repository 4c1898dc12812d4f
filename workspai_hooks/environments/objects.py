"""Workloads of Kubernetes' objects as one build of them has it, with the ConfigMaps that these read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product

from workspai_hooks.contracts.helm.objects import Build, Object, texts
from workspai_hooks.contracts.helm.pods import SERVING, containers, is_workload, pod_labels, pod_path, selects
from workspai_hooks.environments.values import ImageUse, Means, Quantity, Setting, Stage, Workload
from workspai_hooks.source import Location

Locate = Callable[[Object, tuple[str | int, ...], str], Location]
"""The line that says a value of an object: object, path, the value as text."""

_INJECTED = ("vault.hashicorp.com/", "vault.security.banzaicloud.io/", "secrets.", "dapr.io/")
"""Annotations of those who give a pod more variables than its manifest says."""


def workloads(build: Build, means: Means, stage: Stage, locate: Locate | None = None) -> Iterator[Workload]:
    """The workloads of a build. Tests of helm are none."""
    for one in build.objects:
        if is_workload(one) and "test" not in one.annotation("helm.sh/hook"):
            yield _workload(one, build, means, stage, locate or _written)


def _written(one: Object, path: tuple[str | int, ...], text: str) -> Location:
    return one.place(*path)


def _workload(one: Object, build: Build, means: Means, stage: Stage, locate: Locate) -> Workload:
    images: list[ImageUse] = []
    variables: dict[str, Setting] = {}
    limits: dict[str, Quantity] = {}
    ports: dict[int, Location] = {}
    commands: list[str] = []
    is_open = any(key.startswith(_INJECTED) for key in one.mapping(*pod_path(one), "metadata", "annotations"))
    for container in containers(one):
        if not container.init and (text := str(container.body.get("image") or "")):
            images.append(ImageUse(text, locate(one, (*container.path, "image"), text)))
        found, more = _variables(one, container.path, container.body, build)
        variables.update(found)
        is_open = is_open or more
        if container.init:
            continue
        for part, kind in product(("limits", "requests"), ("memory", "cpu")):
            path = (*container.path, "resources", part, kind)
            if text := one.text(*path):
                limits[kind if part == "limits" else f"{kind} request"] = Quantity(
                    text, locate(one, path, text)
                )
        for number, port in enumerate(one.items(*container.path, "ports")):
            if isinstance(value := port.get("containerPort"), int):
                ports[value] = one.place(*container.path, "ports", number)
        for key in ("command", "args"):
            words = container.body.get(key)
            commands += [str(text) for text in words] if isinstance(words, list) else []
    ports.update(_served(one, build))
    return Workload(
        label=build.label,
        means=means,
        stage=stage,
        name=one.name,
        place=one.place("metadata", "name"),
        images=tuple(images),
        variables=variables,
        is_open=is_open,
        ports=ports,
        limits=limits,
        commands="\n".join(commands),
        files=tuple(_files(one, build)),
        stays=one.kind in SERVING,
    )


def _variables(
    one: Object, path: tuple[str | int, ...], body: Mapping[str, object], build: Build
) -> tuple[dict[str, Setting], bool]:
    """The variables of a container, and whether there are more that are not known."""
    found: dict[str, Setting] = {}
    is_open = False
    for number, source in enumerate(one.items(*path, "envFrom")):
        place = one.place(*path, "envFrom", number)
        for kind, key in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            if not isinstance(source.get(key), dict):
                continue
            holder = _named(build, kind, one.text(*path, "envFrom", number, key, "name"))
            is_open = is_open or holder is None
            prefix = str(source.get("prefix") or "")
            for name, text, at in _held(holder) if holder is not None else ():
                found[prefix + name] = Setting(prefix + name, text, at or place)
    for number, item in enumerate(one.items(*path, "env")):
        name = str(item.get("name") or "")
        if not name:
            continue
        place = one.place(*path, "env", number)
        origin = item.get("valueFrom")
        if not isinstance(origin, dict):
            if item.get("value", "") is None:
                continue  # what a template makes of values that are not there
            text = one.text(*path, "env", number, "value")
            found[name] = Setting(name, text, place, bool(text))
        elif "fieldRef" in origin or "resourceFieldRef" in origin:
            # What only a cluster can tell; nobody misses it elsewhere.
            found[name] = Setting(name, None, place, False)
        else:
            found[name] = Setting(name, None, place)
    return found, is_open


def _named(build: Build, kind: str, name: str) -> Object | None:
    """A ConfigMap or Secret by name; kustomize's generators put a digest behind it."""
    return next((one for one in build.of(kind) if one.name == name), None)


def _held(one: Object) -> Iterator[tuple[str, str | None, Location | None]]:
    for part in ("data", "stringData", "binaryData"):
        for key, text in texts(one.get(part)).items():
            known = text if one.kind == "ConfigMap" else None
            yield key, known, one.place(part, key)


def _served(one: Object, build: Build) -> Iterator[tuple[int, Location]]:
    """The ports to which Services lead, by number."""
    labels = pod_labels(one)
    for service in build.of("Service"):
        selector = texts(service.get("spec", "selector"))
        if not selector or not selects(selector, labels) or service.key.namespace != one.key.namespace:
            continue
        for number, port in enumerate(service.items("spec", "ports")):
            target = port.get("targetPort", port.get("port"))
            if isinstance(target, int):
                yield target, service.place("spec", "ports", number)


def _files(one: Object, build: Build) -> Iterator[str]:
    """The texts of ConfigMaps that are mounted."""
    for volume in one.items(*pod_path(one), "spec", "volumes"):
        source = volume.get("configMap")
        holder = (
            _named(build, "ConfigMap", str(source.get("name") or "")) if isinstance(source, dict) else None
        )
        yield from (text for _, text, _ in _held(holder) if text) if holder is not None else ()
