"""Kong: annotations of Services, and what KongIngress and KongUpstreamPolicy add.

<https://developer.konghq.com/operator/dataplanes/reference/service-annotations/>: times are milliseconds
without a unit, `retries` counts what comes after the first try. As nginx, from which it is made, Kong tries
again what got no answer, and no POST, LOCK or PATCH that was sent.
"""

from __future__ import annotations

from workspai_hooks.contracts.helm.objects import Build, Object
from workspai_hooks.resilience.layers import Layer, Route
from workspai_hooks.resilience.model import Backoff, Breaker, Retry, Where
from workspai_hooks.resilience.reading import Read, joined
from workspai_hooks.resilience.sources.routing import NOBODY, host
from workspai_hooks.resilience.sources.taking import Path, Taking

NAME = "Kong"
PREFIX = "konghq.com/"
MARKS = (b"konghq.com/",)
_AGAIN = ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE")
_VALUES = ("retries", "read-timeout", "connect-timeout", "write-timeout")


def read(build: Build) -> Read:
    """What the objects of one installation say."""
    reads = []
    breakers = {one.name: one for one in build.of("KongUpstreamPolicy")}
    overrides = {one.name: one for one in build.of("KongIngress")}
    for one in build.of("Service"):
        if any(one.annotation(f"{PREFIX}{key}") for key in (*_VALUES, "upstream-policy", "override")):
            taking = Taking(NAME, one)
            policy = breakers.get(one.annotation(f"{PREFIX}upstream-policy"))
            breaker = _breaker(policy) if policy is not None else None
            own: dict[str, Path] = {key: ("metadata", "annotations", f"{PREFIX}{key}") for key in _VALUES}
            layer = _layer(one, taking, own, breaker)
            other = overrides.get(one.annotation(f"{PREFIX}override"))
            if other is not None and layer is None:
                inside = Taking(NAME, other)
                paths: dict[str, Path] = {key: ("proxy", key.replace("-", "_")) for key in _VALUES}
                layer = _layer(one, inside, paths, breaker, other)
                reads.append(inside.read())
            taking.layers += [layer] if layer is not None else []
            reads.append(taking.read())
    return joined(reads)


def _layer(
    service: Object,
    taking: Taking,
    paths: dict[str, Path],
    breaker: Breaker | None,
    written: Object | None = None,
) -> Layer | None:
    retries = taking.whole(paths["retries"], as_text=True)
    times = {key: taking.whole(paths[key], 1, as_text=True) for key in _VALUES[1:]}
    if retries is None and times["read-timeout"] is None and breaker is None:
        return None
    single = times["read-timeout"]
    return Layer(
        Where.GATEWAY,
        NAME,
        (written or service).place(*paths["retries"]),
        hosts=(host(service.name, service.key.namespace),) if service.name else NOBODY,
        routes=(Route(methods=_AGAIN),),
        group=f"{NAME} {service.title}",
        entry=True,
        per_try_s=single / 1000 if single is not None else None,
        retry=Retry(retries + 1, Backoff(0.0, 0.0, 1.0, 0.0), (), ()) if retries is not None else None,
        breaker=breaker,
        lines=taking.lines({"retry": paths["retries"], "per_try_s": paths["read-timeout"]}),
    )


def _breaker(policy: Object) -> Breaker | None:
    base = ("spec", "healthchecks", "passive", "unhealthy")
    counts = [policy.get(*base, key) for key in ("httpFailures", "tcpFailures", "timeouts")]
    said = [one for one in counts if isinstance(one, int) and not isinstance(one, bool) and one > 0]
    return Breaker(min(said)) if said else None
