"""Which workloads stand behind a Service, in one build."""

from __future__ import annotations

from workspai_hooks.contracts.helm.objects import Build, Object, texts
from workspai_hooks.contracts.helm.pods import SERVING, pod_labels, ports, selects


def selector_of(service: Object) -> dict[str, str]:
    """What a Service selects by; empty where it selects nothing by itself (`ExternalName`, own Endpoints)."""
    return {} if service.text("spec", "type") == "ExternalName" else texts(service.get("spec", "selector"))


def behind(build: Build, service: Object) -> list[Object]:
    """The workloads that a Service selects; those of its own file where there are any."""
    selector = selector_of(service)
    if not selector:
        return []
    found = [
        one
        for one in build.of(*SERVING)
        if _same_namespace(one, service) and selects(selector, pod_labels(one))
    ]
    path = service.place().path
    return [one for one in found if one.place().path == path] or found


def _same_namespace(one: Object, other: Object) -> bool:
    return one.key.namespace == other.key.namespace or not (one.key.namespace and other.key.namespace)


def listens(workloads: list[Object], target: str | int) -> bool | None:
    """Whether containers of these declare a port by this name or number; None where they declare no ports.

    A name must be declared; a number works without (the list is for people), but says where the code listens.
    """
    declared = [port for one in workloads for port in ports(one)]
    if isinstance(target, str) and not target.isdigit():
        return any(name == target for name, _, _ in declared)
    return any(number == int(target) for _, number, _ in declared) if declared else None
