"""RT14 of hosts: a mesh's policy for a host that is no service here, and one slip away from one that is.

A host that no service here has may be installed from elsewhere; a letter more, less, other or swapped is a
slip.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from workspai_hooks.resilience.model import Where
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View

RULE = "policy-dangling"
_CONVENTIONS = ("Istio", "Linkerd", "Linkerd ServiceProfile")
_SHORTEST = 4


def find(view: View) -> Iterator[Fault]:
    """One a file and host."""
    services = view.workspace.services.all
    known = {name: one.name for one in services for name in (one.name, *one.aliases, *one.hosts)}
    namespaces = view.workspace.services.facts.namespaces
    seen: set[tuple[str, str]] = set()
    for layer in view.layers:
        if layer.convention not in _CONVENTIONS or layer.where is not Where.SIDECAR or view.providers(layer):
            continue
        for host in layer.hosts:
            name, key = _service_in(host, namespaces), (layer.location.path, host)
            near = [each for each in known if _is_slip(name, each)] if name not in known else []
            if len(name) >= _SHORTEST and len({known[each] for each in near}) == 1 and key not in seen:
                seen.add(key)
                why = f"a rule for {host}, which is no service here; there is {known[near[0]]}"
                yield Fault(RULE, f"file:{layer.location.path}#{host}", why, layer.location)


def _service_in(host: str, namespaces: Collection[str]) -> str:
    """The service of a name in the cluster; empty for any other."""
    name, *rest = host.split(".")
    inside = not rest or (len(rest) == 1 and rest[0] in namespaces) or rest[1:2] == ["svc"]
    return name if inside else ""


def _is_slip(name: str, other: str) -> bool:
    if name == other or abs(len(name) - len(other)) > 1:
        return False
    if len(name) == len(other):
        differ = [number for number, (one, two) in enumerate(zip(name, other, strict=True)) if one != two]
        if len(differ) == 1:
            return name[differ[0]].isalpha() and other[differ[0]].isalpha()
        swapped = len(differ) == 2 and differ[1] == differ[0] + 1
        return swapped and name[differ[0]] == other[differ[1]] and name[differ[1]] == other[differ[0]]
    longer, shorter = sorted((name, other), key=len, reverse=True)
    for number, letter in enumerate(longer):
        if letter.isalpha() and longer[:number] + longer[number + 1 :] == shorter:
            return True
    return False
