"""What answers from outside, in one form for all kinds of routes: host, path, where it leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec

from workspai_hooks.contracts.helm.nodes import Plain, Step
from workspai_hooks.contracts.helm.objects import Object
from workspai_hooks.contracts.helm.references import references_of
from workspai_hooks.patterns import regex

PREFIX, EXACT, REGEX = "Prefix", "Exact", "Regex"
_RULE = regex(r"(Host|HostSNI|PathPrefix|Path|PathRegexp)\(([^)]{0,2000})\)")
_QUOTED = regex(r"[`\"']([^`\"']{0,500})[`\"']")


class Entry(msgspec.Struct, frozen=True):
    """One way in: `host` (empty: any), `path` of a `kind`, `backends` it leads to; `at` is where it stands.

    `narrowed` is what else a request must have (method, headers); `gate` what it comes through.
    """

    host: str
    path: str
    kind: str
    backends: frozenset[str]
    at: tuple[Step, ...]
    host_at: tuple[Step, ...]
    narrowed: frozenset[str] = frozenset()
    gate: str = ""


def entries(one: Object) -> Iterator[Entry]:
    """The ways in of one object; nothing where it is no route."""
    match one.kind:
        case "Ingress":
            yield from _ingress(one)
        case "HTTPRoute" | "GRPCRoute" | "TLSRoute":
            yield from _gateway_route(one)
        case "VirtualService":
            yield from _virtual_service(one)
        case "Route":
            yield from _openshift(one)
        case "IngressRoute":
            yield from _traefik(one)
        case "HTTPProxy":
            yield from _contour(one)


Backends = Mapping[tuple[Step, ...], frozenset[str]]


def _backends(one: Object) -> Backends:
    """The Services that are referred to below each path."""
    found: dict[tuple[Step, ...], set[str]] = defaultdict(set)
    for use in references_of(one):
        if use.kind == "Service":
            for size in range(1, len(use.path)):
                found[use.path[:size]].add(use.name)
    return {path: frozenset(names) for path, names in found.items()}


_NONE: frozenset[str] = frozenset()


def _ingress(one: Object) -> Iterator[Entry]:
    leads = _backends(one)
    for key in ("defaultBackend", "backend"):
        if one.mapping("spec", key):
            at: tuple[Step, ...] = ("spec", key)
            yield Entry("", "/", PREFIX, leads.get(at, _NONE), at, at)
    for number, rule in enumerate(one.items("spec", "rules")):
        base: tuple[Step, ...] = ("spec", "rules", number)
        host = _text(rule, "host")
        for position, item in enumerate(one.items(*base, "http", "paths")):
            at = (*base, "http", "paths", position)
            kind = EXACT if item.get("pathType") == "Exact" else PREFIX
            path = _text(item, "path") or "/"
            if any(sign in path for sign in "(*[^$\\"):
                kind = REGEX
            yield Entry(host, path, kind, leads.get(at, _NONE), (*at, "path"), (*base, "host"))


def _gateway_route(one: Object) -> Iterator[Entry]:
    leads = _backends(one)
    hosts: list[tuple[str, tuple[Step, ...]]] = _listed(one, "spec", "hostnames") or [("", ("spec",))]
    for host, host_at in hosts:
        for number, rule in enumerate(one.items("spec", "rules")):
            base: tuple[Step, ...] = ("spec", "rules", number)
            backends = leads.get(base, _NONE)
            found = one.items(*base, "matches")
            if not found:
                yield Entry(host, "/", PREFIX, backends, base, host_at)
            for position, match in enumerate(found):
                at = (*base, "matches", position)
                if one.kind == "GRPCRoute":
                    method = match.get("method")
                    named = method if isinstance(method, dict) else {}
                    path = "/" + "/".join(filter(None, (_text(named, "service"), _text(named, "method"))))
                    kind = EXACT if _text(named, "method") else PREFIX
                else:
                    told = match.get("path")
                    where = told if isinstance(told, dict) else {}
                    path = _text(where, "value") or "/"
                    kind = {"Exact": EXACT, "RegularExpression": REGEX}.get(_text(where, "type"), PREFIX)
                narrowed = _said(
                    match, "headers", "queryParams", *(() if one.kind == "GRPCRoute" else ("method",))
                )
                yield Entry(host, path, kind, backends, at, host_at, narrowed)


def _virtual_service(one: Object) -> Iterator[Entry]:
    leads = _backends(one)
    gates = sorted(text for text, _ in _listed(one, "spec", "gateways") if text != "mesh")
    gate = ",".join(gates)
    for host, host_at in _listed(one, "spec", "hosts"):
        for number, rule in enumerate(one.items("spec", "http")):
            base: tuple[Step, ...] = ("spec", "http", number)
            backends = leads.get(base, _NONE)
            found = one.items(*base, "match")
            if not found:
                yield Entry(host, "/", PREFIX, backends, base, host_at, gate=gate)
            for position, match in enumerate(found):
                uri = match.get("uri")
                where = uri if isinstance(uri, dict) else {}
                kind, path = PREFIX, "/"
                for name, meant in (("prefix", PREFIX), ("exact", EXACT), ("regex", REGEX)):
                    if name in where:
                        kind, path = meant, _text(where, name)
                narrowed = _said(
                    match, "headers", "method", "queryParams", "sourceLabels", "withoutHeaders", "port"
                )
                yield Entry(host, path, kind, backends, (*base, "match", position), host_at, narrowed, gate)


def _openshift(one: Object) -> Iterator[Entry]:
    host: tuple[Step, ...] = ("spec", "host")
    if one.text("spec", "to", "name"):
        path = one.text("spec", "path") or "/"
        at = ("spec", "path") if one.text("spec", "path") else host
        yield Entry(one.text(*host), path, PREFIX, _backends(one).get(("spec",), _NONE), at, host)


def _traefik(one: Object) -> Iterator[Entry]:
    for number, rule in enumerate(one.items("spec", "routes")):
        at: tuple[Step, ...] = ("spec", "routes", number, "match")
        services = one.items("spec", "routes", number, "services")
        backends = frozenset(_text(service, "name") for service in services)
        hosts, paths = [], []
        for name, inside in _RULE.findall(_text(rule, "match")):
            texts = _QUOTED.findall(inside)
            if name.startswith("Host"):
                hosts += texts
            else:
                kind = {"Path": EXACT, "PathRegexp": REGEX}.get(name, PREFIX)
                paths += [(text, kind) for text in texts]
        for host in hosts or [""]:
            for path, kind in paths or [("/", PREFIX)]:
                yield Entry(host, path, kind, backends, at, at)


def _contour(one: Object) -> Iterator[Entry]:
    host: tuple[Step, ...] = ("spec", "virtualhost", "fqdn")
    for number, rule in enumerate(one.items("spec", "routes")):
        at: tuple[Step, ...] = ("spec", "routes", number)
        services = one.items(*at, "services")
        backends = frozenset(_text(service, "name") for service in services)
        for condition in one.items(*at, "conditions") or [{}]:
            kind = EXACT if "exact" in condition else PREFIX
            path = _text(condition, "exact") or _text(condition, "prefix") or "/"
            yield Entry(
                one.text(*host), path, kind, backends, at, host, _said(condition, "header", "queryParameter")
            )


def listeners(one: Object) -> Iterator[tuple[str, int, str, tuple[Step, ...]]]:
    """Name, port, host and place of what a Gateway (of the Gateway API, or of Istio) listens on."""
    if one.kind != "Gateway":
        return
    for number, item in enumerate(one.items("spec", "listeners")):
        at: tuple[Step, ...] = ("spec", "listeners", number)
        yield _text(item, "name"), _number(item.get("port")), _text(item, "hostname"), at
    for number, item in enumerate(one.items("spec", "servers")):
        port = item.get("port")
        told = port if isinstance(port, dict) else {}
        for host, at in _listed(one, "spec", "servers", number, "hosts"):
            yield _text(told, "name"), _number(told.get("number")), "" if host == "*" else host, at


def _listed(one: Object, *path: Step) -> list[tuple[str, tuple[Step, ...]]]:
    value = one.get(*path)
    return [
        (text, (*path, number))
        for number, text in enumerate(value if isinstance(value, list) else ())
        if isinstance(text, str)
    ]


def _said(match: Mapping[str, Plain], *keys: str) -> frozenset[str]:
    return frozenset(f"{key}={match[key]!r}" for key in keys if match.get(key))


def _number(value: Plain) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _text(value: Mapping[str, Plain], key: str) -> str:
    inner = value.get(key)
    return "" if inner is None or isinstance(inner, (dict, list)) else str(inner)
