"""ingress-nginx: annotations of an Ingress for timeouts and further tries.

<https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#custom-timeouts>:
times are whole seconds without a unit; what is no number is left out in silence. `proxy-next-upstream-tries`
counts all tries, 3 where it isn't said and 0 for no limit. nginx tries POST, LOCK and PATCH again only where
`proxy-next-upstream` has `non_idempotent` (ngx_http_proxy_module).
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.contracts.helm.objects import Build, Object
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.layers import Layer, Route
from workspai_hooks.resilience.model import Backoff, Retry, Where
from workspai_hooks.resilience.reading import Read, joined
from workspai_hooks.resilience.sources.routing import NOBODY, ingress_leads, mapping, texts
from workspai_hooks.resilience.sources.taking import Path, Taking

NAME = "ingress-nginx"
PREFIX = "nginx.ingress.kubernetes.io/proxy-"
MARKS = (PREFIX.encode(),)
_READ = ("read-timeout", "next-upstream")
_AGAIN = ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE")
_STATUS = regex(r"http_(\d{3})")
_NO_END = 1_000
"""Tries of an Ingress that sets no limit: as many as there are endpoints."""


def read(build: Build) -> Read:
    """What the Ingresses of one installation say."""
    reads = []
    for one in build.of("Ingress"):
        if any(key.startswith(PREFIX) for key in mapping(one.get("metadata", "annotations"))):
            taking = Taking(NAME, one)
            taking.layers += _layers(one, taking)
            reads.append(taking.read())
    return joined(reads)


def _layers(one: Object, taking: Taking) -> Iterator[Layer]:
    def at(name: str) -> Path:
        return ("metadata", "annotations", f"{PREFIX}{name}")

    times = {
        name: taking.whole(at(name), as_text=True)
        for name in ("read-timeout", "connect-timeout", "send-timeout", "next-upstream-timeout")
    }
    count = taking.whole(at("next-upstream-tries"), as_text=True)
    words = one.text(*at("next-upstream"))
    if not any(key.startswith(f"{PREFIX}{part}") for key in _annotations(one) for part in _READ):
        return
    on = words.split() or ["error", "timeout"]
    tries = {None: 3, 0: _NO_END}.get(count, count) or 1
    statuses = tuple(sorted({int(match[1]) for word in on if (match := _STATUS.fullmatch(word))}))
    retry = Retry(1 if "off" in on else tries, Backoff(0.0, 0.0, 1.0, 0.0), (), statuses)
    yield Layer(
        Where.GATEWAY,
        NAME,
        one.place("metadata", "annotations"),
        hosts=ingress_leads(one) or NOBODY,
        routes=() if "non_idempotent" in on else (Route(methods=_AGAIN),),
        group=f"{NAME} {one.title}",
        entry=True,
        timeout_s=float(times["next-upstream-timeout"] or 0) or None,
        per_try_s=float(times["read-timeout"] or 0) or None,
        retry=retry,
        lines=taking.lines(
            {
                "timeout_s": at("next-upstream-timeout"),
                "per_try_s": at("read-timeout"),
                "retry": at("next-upstream-tries" if count is not None else "next-upstream"),
            }
        ),
    )


def _annotations(one: Object) -> list[str]:
    return texts(list(mapping(one.get("metadata", "annotations"))))
