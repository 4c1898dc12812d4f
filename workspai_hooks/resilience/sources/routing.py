"""What objects of gateways have in common: whom they lead to, and what they are hung onto."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.contracts.helm.nodes import Plain
from workspai_hooks.contracts.helm.objects import Build, Object

NOBODY = ("",)
"""Hosts of a layer that leads to nobody who is known here: it is nobody's, not everybody's."""
Item = Mapping[str, Plain]


def items(value: Plain) -> list[Item]:
    """The mappings of a list; what is no mapping counts as an empty one, so that positions stay."""
    return [one if isinstance(one, dict) else {} for one in value] if isinstance(value, list) else []


def texts(value: Plain) -> list[str]:
    """The texts of a list."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def mapping(value: Plain) -> Item:
    return value if isinstance(value, dict) else {}


def text(one: Item, key: str) -> str:
    value = one.get(key)
    return value if isinstance(value, str) else ""


def host(name: str, namespace: str) -> str:
    """A Service as who calls it may write it."""
    return f"{name}.{namespace}.svc.cluster.local" if namespace else name


def named(one: Item, at: Object) -> str:
    """The host of a reference to a Service (`name`, `namespace`); empty where it is to something else."""
    if text(one, "kind") not in ("", "Service") or not text(one, "name"):
        return ""
    return host(text(one, "name"), text(one, "namespace") or at.key.namespace)


def led_to(rule: Item, at: Object) -> tuple[str, ...]:
    """The hosts that a rule of the Gateway API leads to."""
    found = [named(one, at) for one in items(rule.get("backendRefs"))]
    return tuple(dict.fromkeys(filter(None, found)))


def parents(at: Object) -> tuple[tuple[str, ...], bool]:
    """The Services that a route is hung onto (a mesh's), and whether it is hung onto a gateway."""
    refs = items(at.get("spec", "parentRefs"))
    services = [named(one, at) for one in refs if text(one, "kind") == "Service"]
    return tuple(filter(None, services)), any(text(one, "kind") in ("", "Gateway") for one in refs)


def targets(policy: Object) -> Iterator[tuple[str, str]]:
    """Kind and name of what a policy is hung onto."""
    refs = items(policy.get("spec", "targetRefs")) or [mapping(policy.get("spec", "targetRef"))]
    for one in refs:
        if text(one, "kind") and text(one, "name"):
            yield text(one, "kind"), text(one, "name")


def ingress_leads(at: Object) -> tuple[str, ...]:
    """The Services behind an Ingress."""
    backends = [mapping(at.get("spec", "defaultBackend"))]
    for rule in items(at.get("spec", "rules")):
        backends += [mapping(one.get("backend")) for one in items(mapping(rule.get("http")).get("paths"))]
    names = [text(mapping(one.get("service")), "name") or text(one, "serviceName") for one in backends]
    return tuple(host(name, at.key.namespace) for name in dict.fromkeys(names) if name)


def of_group(build: Build, group: str, *kinds: str) -> Iterator[Object]:
    """A build's objects of some kinds of one API group."""
    return (one for one in build.of(*kinds) if one.key.group == group)
