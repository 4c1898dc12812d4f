"""RT21: a policy that another one overrides, so that it does nothing. A function a case.

Both stand in one installation, or in one file: what only lies side by side may be a choice.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.contracts.helm.objects import Build, Object
from workspai_hooks.resilience.reading import Fault, Read
from workspai_hooks.resilience.sources.gateway_api import API, BY_LINKERD, is_linkerds
from workspai_hooks.resilience.sources.routing import host, mapping, of_group, parents, targets, texts
from workspai_hooks.resilience.sources.taking import Path

RULE = "policy-overridden"
MARKS = (b"networking.istio.io/", b"linkerd.io/v1alpha", b"gateway.envoyproxy.io/")


def read(build: Build) -> Read:
    """All that is overridden in one installation."""
    found = (fault for case in (_by_profile, _by_route, _by_first) for fault in case(build))
    return Read(faults=tuple(found))


def _by_profile(build: Build) -> Iterator[Fault]:
    """Annotations of Linkerd where there is a ServiceProfile (linkerd.io/2/reference/retries, "Warning")."""
    profiles = {
        one.name.partition(".svc.")[0]: one for one in of_group(build, "linkerd.io", "ServiceProfile")
    }
    for one in build.of("Service", "HTTPRoute", "GRPCRoute") if profiles else ():
        if not is_linkerds(one):
            continue
        hosts = [f"{one.name}.{one.key.namespace or 'default'}"]
        if one.kind != "Service":
            hosts = [name.partition(".svc.")[0] for name in parents(one)[0]]
        for name in hosts:
            profile = profiles.get(name) or profiles.get(f"{name}.{one.key.namespace or 'default'}")
            profile = profile or next((each for key, each in profiles.items() if _same(key, name, one)), None)
            if profile is None or not (build.is_whole or profile.file == one.file):
                continue
            key = next(
                key for key in mapping(one.get("metadata", "annotations")) if key.startswith(BY_LINKERD)
            )
            at: Path = ("metadata", "annotations", key)
            why = f"Linkerd ignores {key} of {one.title}, as there is ServiceProfile/{profile.name}"
            yield _fault(one, at, why, profile, ("spec",))


def _same(key: str, name: str, one: Object) -> bool:
    """A profile's `name.namespace` and a Service whose namespace is said by who installs it."""
    return not one.key.namespace and key.partition(".")[0] == name.partition(".")[0]


def _by_route(build: Build) -> Iterator[Fault]:
    """A BackendTrafficPolicy where the route itself says the same (gateway.envoyproxy.io, "Retry": from 1.3
    on the HTTPRoute's takes precedence)."""
    routes = {one.name: one for one in of_group(build, API, "HTTPRoute")}
    values: tuple[tuple[str, Path, Path], ...] = (
        ("retry", ("spec", "retry"), ("retry",)),
        ("timeout", ("spec", "timeout", "http", "requestTimeout"), ("timeouts", "request")),
    )
    for one in of_group(build, "gateway.envoyproxy.io", "BackendTrafficPolicy"):
        named = [routes[name] for kind, name in targets(one) if kind == "HTTPRoute" and name in routes]
        for route in named:
            if not (build.is_whole or route.file == one.file):
                continue
            rules = [("spec", "rules", number) for number in range(len(route.items("spec", "rules")))]
            for word, own, theirs in values:
                by = [at for at in rules if route.get(*at, *theirs) is not None]
                if one.get(*own) is not None and by and len(by) == len(rules):
                    why = f"the {word} of {one.title} does nothing: all rules of {route.title} have their own"
                    yield _fault(one, own, why, route, (*by[0], *theirs))


def _by_first(build: Build) -> Iterator[Fault]:
    """A second VirtualService for a host of the mesh: sidecars take one of them and merge none (istio.io,
    "Split large virtual services": only gateways do)."""
    seen: dict[tuple[str, str], Object] = {}
    for one in of_group(build, "networking.istio.io", "VirtualService"):
        gates = texts(one.get("spec", "gateways"))
        if (gates and "mesh" not in gates) or not one.items("spec", "http"):
            continue
        if one.get("spec", "exportTo") is not None or "delegate" in str(one.get("spec", "http")):
            continue
        for name in texts(one.get("spec", "hosts")):
            full = name if "." in name else host(name, one.key.namespace)
            first = seen.setdefault((full, one.key.namespace), one)
            together = build.is_whole or first.file == one.file
            if first is not one and first.key != one.key and together:
                why = f"{one.title} and {first.title} are both for {name}: sidecars take one of them alone"
                yield _fault(one, ("spec", "hosts"), why, first, ("spec", "hosts"))


def _fault(one: Object, at: Path, why: str, by: Object, there: Path) -> Fault:
    place = one.place(*at)
    return Fault(
        RULE,
        f"file:{place.path}#{one.title}:{'.'.join(map(str, at))}",
        why,
        place,
        related=(by.place(*there),),
        change=by.title,
    )
