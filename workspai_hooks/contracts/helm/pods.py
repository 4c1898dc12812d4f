"""Pods inside of workloads: where each kind keeps its template, its containers, labels and ports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from workspai_hooks.contracts.helm.nodes import Plain, Step
from workspai_hooks.contracts.helm.objects import Object, texts
from workspai_hooks.contracts.helm.workloads import TEMPLATE_OF

SERVING = frozenset(TEMPLATE_OF) - {"CronJob", "Job"}
"""Kinds whose pods stay, so that a Service can have them behind it."""


class Container(msgspec.Struct, frozen=True):
    """A container of a pod and its path in the object; `init` runs before the others and ends."""

    name: str
    body: Mapping[str, Plain]
    path: tuple[Step, ...]
    init: bool


def is_workload(one: Object) -> bool:
    return one.kind in TEMPLATE_OF


def pod_path(one: Object) -> tuple[str, ...]:
    """Where the pod of a workload stands."""
    return TEMPLATE_OF.get(one.kind, ())


def pod_labels(one: Object) -> dict[str, str]:
    """The labels that a workload gives to its pods."""
    return texts(one.get(*pod_path(one), "metadata", "labels"))


def containers(one: Object) -> Iterator[Container]:
    """All containers of a workload; one of `initContainers` that restarts always is a sidecar, no init
    one."""
    if not is_workload(one):
        return
    for key in ("containers", "initContainers"):
        path = (*pod_path(one), "spec", key)
        for number, body in enumerate(one.items(*path)):
            init = key == "initContainers" and body.get("restartPolicy") != "Always"
            yield Container(str(body.get("name") or number), body, (*path, number), init)


def ports(one: Object) -> Iterator[tuple[str, int, str]]:
    """Name, number and protocol of every port that the containers of a workload declare."""
    for container in containers(one):
        declared = container.body.get("ports")
        for port in declared if isinstance(declared, list) else ():
            if isinstance(port, dict) and isinstance(number := port.get("containerPort"), int):
                yield str(port.get("name") or ""), number, str(port.get("protocol") or "TCP")


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether a selector by labels takes these."""
    return all(labels.get(key) == value for key, value in selector.items())


def matches(selector: Mapping[str, Plain], labels: Mapping[str, str]) -> bool:
    """The same for a selector with `matchLabels` and `matchExpressions`."""
    if not selects(texts(selector.get("matchLabels")), labels):
        return False
    rules = selector.get("matchExpressions")
    return (
        all(_holds(rule, labels) for rule in rules if isinstance(rule, dict))
        if isinstance(rules, list)
        else True
    )


def _holds(rule: Mapping[str, Plain], labels: Mapping[str, str]) -> bool:
    key, listed = str(rule.get("key")), rule.get("values")
    values = {str(one) for one in listed} if isinstance(listed, list) else set()
    match rule.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case _:
            return True
