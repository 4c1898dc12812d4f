"""Traefik's Middleware `retry`.

<https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/retry/>: `attempts` counts
all tries (pkg/middlewares/retry: from 1 to `attempts`), nought or none is refused; only what the service has
got nothing of is sent again. `initialInterval` is seconds, or a duration of Go's.
"""

from __future__ import annotations

from workspai_hooks.contracts.helm.objects import Build, Object
from workspai_hooks.resilience.durations import go_seconds
from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.model import Backoff, Retry, Where
from workspai_hooks.resilience.reading import Read, joined
from workspai_hooks.resilience.sources.routing import NOBODY, host, items, text
from workspai_hooks.resilience.sources.taking import Taking

NAME = "Traefik"
MARKS = (b"kind: Middleware", b'"Middleware"')


def read(build: Build) -> Read:
    """What the Middlewares of one installation say."""
    reads = []
    for one in build.of("Middleware"):
        if one.get("spec", "retry") is None or "traefik" not in one.key.group:
            continue
        taking = Taking(NAME, one)
        attempts = taking.whole(("spec", "retry", "attempts"), 1, as_text=True)
        wait = taking.seconds(("spec", "retry", "initialInterval"), _seconds, "100ms, or in seconds")
        waits = Backoff(wait or 0.0, 2 * (wait or 0.0), 2.0, 0.0)
        taking.layers.append(
            Layer(
                Where.GATEWAY,
                NAME,
                one.place("spec", "retry"),
                hosts=tuple(_hosts(one, build)) or NOBODY,
                group=f"{NAME} {one.title}",
                entry=True,
                retry=Retry(attempts or 1, waits, (), (), on_transport=False, unsent=True),
                lines=taking.lines({"retry": ("spec", "retry")}),
            )
        )
        reads.append(taking.read())
    return joined(reads)


def _seconds(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e6:
        return float(value)
    return go_seconds(value)


def _hosts(middleware: Object, build: Build) -> list[str]:
    found: dict[str, None] = {}
    for route in build.of("IngressRoute"):
        for rule in route.items("spec", "routes"):
            if any(text(one, "name") == middleware.name for one in items(rule.get("middlewares"))):
                for service in items(rule.get("services")):
                    if text(service, "name"):
                        found[host(text(service, "name"), route.key.namespace)] = None
    return list(found)
