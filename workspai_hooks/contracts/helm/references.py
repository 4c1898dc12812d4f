"""What objects refer to by name: the keys that pods read, the Services and ports that routes lead to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from workspai_hooks.contracts.helm.nodes import Plain, Step
from workspai_hooks.contracts.helm.objects import Object
from workspai_hooks.contracts.helm.pods import containers, is_workload, pod_path
from workspai_hooks.source import Location

ALL = "*"
"""The key of a reference to all keys: `envFrom`, a volume that is mounted whole."""


class Reference(msgspec.Struct, frozen=True):
    """`source` refers at `path` to an object by kind and name, and to a `key` (or port) of it where it does.

    `optional`: it does without. `how` names the kind of reference for a person.
    """

    source: Object
    path: tuple[Step, ...]
    kind: str
    name: str
    key: str = ""
    optional: bool = False
    how: str = ""

    @property
    def place(self) -> Location:
        return self.source.place(*self.path)


class References:
    """All references of some objects, by what they refer to. Names are those of one namespace."""

    def __init__(self, objects: Iterable[Object]) -> None:
        self._found: dict[tuple[str, str], list[Reference]] = defaultdict(list)
        for one in objects:
            for reference in references_of(one):
                if reference.name:
                    self._found[reference.kind, reference.name].append(reference)

    def of(self, kind: str, name: str) -> list[Reference]:
        """Who refers to the object."""
        return self._found.get((kind, name), [])

    def __iter__(self) -> Iterator[Reference]:
        return (reference for found in self._found.values() for reference in found)


def references_of(one: Object) -> Iterator[Reference]:
    """What one object refers to."""
    if is_workload(one):
        yield from _pod(one)
    match one.kind:
        case "StatefulSet":
            yield Reference(
                one, ("spec", "serviceName"), "Service", one.text("spec", "serviceName"), how="serviceName"
            )
        case "Ingress":
            yield from _ingress(one)
        case "HTTPRoute" | "GRPCRoute" | "TCPRoute" | "TLSRoute" | "UDPRoute":
            yield from _gateway_route(one)
        case "VirtualService":
            yield from _virtual_service(one)
        case "Route":
            at: tuple[Step, ...] = ("spec", "to", "name")
            yield Reference(
                one, at, "Service", one.text(*at), one.text("spec", "port", "targetPort"), how="Route"
            )
        case "HorizontalPodAutoscaler" | "ScaledObject":
            at = ("spec", "scaleTargetRef")
            kind = one.text(*at, "kind") or "Deployment"
            yield Reference(one, (*at, "name"), kind, one.text(*at, "name"), how="scaleTargetRef")
        case "RoleBinding" | "ClusterRoleBinding":
            at = ("roleRef",)
            yield Reference(one, (*at, "name"), one.text(*at, "kind"), one.text(*at, "name"), how="roleRef")


def _pod(one: Object) -> Iterator[Reference]:
    spec = (*pod_path(one), "spec")
    account = one.text(*spec, "serviceAccountName")
    yield Reference(one, (*spec, "serviceAccountName"), "ServiceAccount", account, how="serviceAccountName")
    for number, item in enumerate(one.items(*spec, "imagePullSecrets")):
        path = (*spec, "imagePullSecrets", number)
        yield Reference(one, path, "Secret", _text(item, "name"), optional=True, how="imagePullSecrets")
    for number, item in enumerate(one.items(*spec, "volumes")):
        yield from _volume(one, (*spec, "volumes", number), item)
    for container in containers(one):
        for number, item in enumerate(one.items(*container.path, "env")):
            path = (*container.path, "env", number, "valueFrom")
            source = item.get("valueFrom")
            for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                if isinstance(source, dict) and isinstance(named := source.get(key), dict):
                    yield Reference(
                        *(one, (*path, key, "key"), kind, _text(named, "name"), _text(named, "key")),
                        optional=named.get("optional") is True,
                        how=f"env {_text(item, 'name')}",
                    )
        for number, item in enumerate(one.items(*container.path, "envFrom")):
            path = (*container.path, "envFrom", number)
            for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                if isinstance(named := item.get(key), dict):
                    optional = named.get("optional") is True
                    yield Reference(
                        one, (*path, key, "name"), kind, _text(named, "name"), ALL, optional, "envFrom"
                    )


def _volume(one: Object, path: tuple[Step, ...], volume: Mapping[str, Plain]) -> Iterator[Reference]:
    how = f"volume {_text(volume, 'name')}"
    if isinstance(claim := volume.get("persistentVolumeClaim"), dict):
        at = (*path, "persistentVolumeClaim", "claimName")
        yield Reference(one, at, "PersistentVolumeClaim", _text(claim, "claimName"), how=how)
    for key, kind, named in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")):
        if isinstance(source := volume.get(key), dict):
            yield from _mounted(one, (*path, key), kind, source, named, how)
    projected = volume.get("projected")
    sources = projected.get("sources") if isinstance(projected, dict) else None
    for number, item in enumerate(sources if isinstance(sources, list) else ()):
        for key, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
            if isinstance(item, dict) and isinstance(source := item.get(key), dict):
                yield from _mounted(
                    one, (*path, "projected", "sources", number, key), kind, source, "name", how
                )


def _mounted(
    one: Object, path: tuple[Step, ...], kind: str, source: Mapping[str, Plain], named: str, how: str
) -> Iterator[Reference]:
    name, optional, items = _text(source, named), source.get("optional") is True, source.get("items")
    if not isinstance(items, list) or not items:
        yield Reference(one, (*path, named), kind, name, ALL, optional, how)
        return
    for number, item in enumerate(items):
        if isinstance(item, dict):
            yield Reference(
                one, (*path, "items", number, "key"), kind, name, _text(item, "key"), optional, how
            )


def _ingress(one: Object) -> Iterator[Reference]:
    for key in ("defaultBackend", "backend"):
        if isinstance(backend := one.get("spec", key), dict):
            yield from _backend(one, ("spec", key), backend)
    for number, rule in enumerate(one.items("spec", "rules")):
        at: tuple[Step, ...] = ("spec", "rules", number, "http", "paths")
        for position, item in enumerate(one.items(*at)):
            if isinstance(backend := item.get("backend"), dict):
                yield from _backend(one, (*at, position, "backend"), backend)
    for number, item in enumerate(one.items("spec", "tls")):
        path = ("spec", "tls", number, "secretName")
        yield Reference(one, path, "Secret", _text(item, "secretName"), optional=True, how="tls")


def _backend(one: Object, path: tuple[Step, ...], backend: Mapping[str, Plain]) -> Iterator[Reference]:
    """Both forms: `service: {name, port: {number, name}}` and, until 1.22, `serviceName`, `servicePort`."""
    service = backend.get("service")
    if isinstance(service, dict):
        port = service.get("port")
        which = "name" if isinstance(port, dict) and "name" in port else "number"
        text = _text(port, which) if isinstance(port, dict) else ""
        at = (*path, "service", "port", which) if text else (*path, "service", "name")
        yield Reference(one, at, "Service", _text(service, "name"), text, how="backend")
    elif backend.get("serviceName"):
        at = (*path, "servicePort")
        yield Reference(
            one, at, "Service", _text(backend, "serviceName"), _text(backend, "servicePort"), how="backend"
        )


def _gateway_route(one: Object) -> Iterator[Reference]:
    for number, rule in enumerate(one.items("spec", "rules")):
        at: tuple[Step, ...] = ("spec", "rules", number, "backendRefs")
        for position, item in enumerate(one.items(*at)):
            elsewhere = item.get("namespace") not in (None, one.key.namespace)
            if item.get("kind", "Service") == "Service" and not elsewhere:
                path = (*at, position, "port" if "port" in item else "name")
                yield Reference(
                    one, path, "Service", _text(item, "name"), _text(item, "port"), how="backendRef"
                )


def _virtual_service(one: Object) -> Iterator[Reference]:
    for kind in ("http", "tcp", "tls"):
        for number, rule in enumerate(one.items("spec", kind)):
            at: tuple[Step, ...] = ("spec", kind, number, "route")
            for position, _ in enumerate(one.items(*at)):
                path = (*at, position, "destination")
                host, port = one.text(*path, "host"), one.text(*path, "port", "number")
                name, _, rest = host.partition(".")
                if not rest or rest.split(".")[0] in ("svc", one.key.namespace):
                    where = (*path, "port", "number") if port else (*path, "host")
                    yield Reference(one, where, "Service", name, port, how="destination")


def _text(value: Mapping[str, Plain], key: str) -> str:
    inner = value.get(key)
    return "" if inner is None or isinstance(inner, (dict, list)) else str(inner)
