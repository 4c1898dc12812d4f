"""Envoy's own configuration, for callers that bring an Envoy of their own: static route tables with
`retry_policy` and `timeout`, clusters with `outlier_detection` and `circuit_breakers`.

<https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto>: a route without
`timeout` has 15 s, `0s` is none; `num_retries` is 1 where it isn't said and counts what comes after the first
try; a route's retry policy takes the place of its virtual host's. A cluster lets 3 retries be under way at
once where nothing else is said. Durations are protobuf's (`0.5s`), keys as in the proto or in its JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from workspai_hooks.contracts.helm.documents import split
from workspai_hooks.contracts.helm.nodes import Node, YamlError, read_inside
from workspai_hooks.contracts.helm.nodes import read as read_yaml
from workspai_hooks.errors import Undecided
from workspai_hooks.resilience.durations import proto_seconds
from workspai_hooks.resilience.layers import Layer, Route
from workspai_hooks.resilience.model import Breaker, Provenance, Retry, Where
from workspai_hooks.resilience.reading import Read, joined
from workspai_hooks.resilience.sources.envoy_retry import backoff, conditions
from workspai_hooks.resilience.sources.taking import Path, Taking

NAME = "Envoy"
MARKS = (b"virtual_hosts", b"virtualHosts")
TIMEOUT_S = 15.0
MOST_AT_ONCE = 1000
"""So many retries under way at once stop nothing."""
_FORM = "1.5s (protobuf's)"
_MOST_DEPTH = 40
_CONDITIONS = ("headers", "query_parameters", "runtime_fraction", "grpc", "dynamic_metadata")


def wanted(path: str) -> bool:
    """Whether a file may be one, by its name."""
    return path.endswith((".yaml", ".yml", ".json"))


def read(path: str, data: bytes) -> Read:
    """What one file says. A text inside of a ConfigMap counts as a file; templates are an open question."""
    reads: list[Read] = []
    for document in split(data):
        try:
            trees = read_yaml(path, document.text, document.line).documents
        except YamlError as error:
            if not any(mark in document.text for mark in MARKS):
                continue
            why = "is a template of an Envoy's configuration: its routes are known when it is filled in"
            if b"{{" not in document.text and b"{%" not in document.text and b"<%" not in document.text:
                why = f"can't be read: {error}"
            reads.append(
                Read(undecided=(Undecided(f"{path}:{error.line}", why, "commit what comes of it, too"),))
            )
            continue
        for tree in trees:
            for one in _configurations(path, tree):
                taking = Taking(NAME, one)
                taking.layers += _layers(path, one, taking)
                reads.append(taking.read())
    return joined(reads)


def _configurations(path: str, tree: Node) -> Iterator[Node]:
    """A document, or the texts of a ConfigMap that look like one of Envoy's."""
    if tree.text("kind") != "ConfigMap" or not tree.text("apiVersion"):
        yield tree
        return
    data = tree.at("data")
    for _, inner in (data.members or {}).values() if data is not None else ():
        if isinstance(inner.value, str) and any(mark.decode() in inner.value for mark in MARKS):
            try:
                yield from read_inside(path, inner).documents
            except YamlError:
                continue


class _Cluster(msgspec.Struct, frozen=True):
    """Who a cluster is, and what stops retries to it."""

    hosts: tuple[str, ...] = ()
    breaker: Breaker | None = None
    budget: bool = True
    lines: tuple[Provenance, ...] = ()


def _layers(path: str, tree: Node, taking: Taking) -> Iterator[Layer]:
    tables = list(_below(tree, "virtual_hosts"))
    if not tables:
        return
    clusters = {_text(tree, (*at, "name")): _cluster(tree, at, taking) for at in _clusters(tree)}
    for number, table in enumerate(tables):
        rank = 0
        for host in range(_size(tree, table)):
            at = (*table, host)
            shared = _key(tree, at, "retry_policy")
            routes = _key(tree, at, "routes")
            for position in range(_size(tree, routes)):
                rank += 1
                found = _route(tree, (*routes, position), shared, taking)
                if found is None:
                    continue
                layer, names = found
                meant = [clusters[name] for name in names if name in clusters]
                hosts = tuple(dict.fromkeys(host for one in meant for host in one.hosts)) or tuple(names)
                yield msgspec.structs.replace(
                    layer,
                    hosts=hosts or ("",),
                    caller=path,
                    group=f"{path}#{number}.{host}",
                    rank=rank,
                    breaker=next((one.breaker for one in meant if one.breaker), None),
                    budget=all(one.budget for one in meant),
                    lines=(*layer.lines, *(line for one in meant for line in one.lines)),
                )


def _route(tree: Node, at: Path, shared: Path, taking: Taking) -> tuple[Layer, Sequence[str]] | None:
    """A route and the clusters that it leads to; None for one that only some requests of a path meet."""
    action = (*at, "route")
    if tree.at(*action) is None:
        return None
    timeout_at = _key(tree, action, "timeout")
    timeout = taking.seconds(timeout_at, proto_seconds, _FORM)
    said = timeout if timeout is not None else TIMEOUT_S
    own = _key(tree, action, "retry_policy")
    policy = own if tree.at(*own) is not None else shared
    retry, per_try = _retry(tree, policy, taking)
    names = [_text(tree, (*action, "cluster"))] if _text(tree, (*action, "cluster")) else []
    weighted = (*_key(tree, action, "weighted_clusters"), "clusters")
    names += [_text(tree, (*weighted, number, "name")) for number in range(_size(tree, weighted))]
    route = _match(tree, (*at, "match"))
    if route is None:
        return None
    per_try_at = _key(tree, policy, "per_try_timeout")
    count_at = _key(tree, policy, "num_retries")
    retry_at = count_at if tree.at(*count_at) is not None else policy
    layer = Layer(
        Where.SIDECAR,
        NAME,
        taking.place(at),
        routes=(route,),
        timeout_s=said or None,
        per_try_s=per_try,
        retry=retry,
        lines=taking.lines({"timeout_s": timeout_at, "retry": retry_at, "per_try_s": per_try_at}),
    )
    return layer, names


def _retry(tree: Node, at: Path, taking: Taking) -> tuple[Retry | None, float | None]:
    if tree.at(*at) is None:
        return None, None
    count = taking.whole(_key(tree, at, "num_retries"))
    retries = 1 if count is None else count
    per_try = taking.seconds(_key(tree, at, "per_try_timeout"), proto_seconds, _FORM)
    statuses_at = _key(tree, at, "retriable_status_codes")
    listed = taking.value(statuses_at)
    statuses = tuple(one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, int))
    waits = _key(tree, at, "retry_back_off")
    base = taking.seconds(_key(tree, waits, "base_interval"), proto_seconds, _FORM)
    longest = taking.seconds(_key(tree, waits, "max_interval"), proto_seconds, _FORM)
    words_at = _key(tree, at, "retry_on")
    words = _text(tree, words_at)
    meant = conditions(words, statuses)
    if meant.unknown:
        told = f"no condition is called {', '.join(meant.unknown)}: Envoy leaves it out"
        taking.fault(words_at, told, change="unknown")
    if not words:
        taking.fault(at, "without retry_on nothing is retried", change="retry_on")
        return Retry(1), None
    retry = Retry(retries + 1, backoff(base, longest), meant.on_grpc, meant.on_http, meant.on_transport)
    return retry, per_try or None


def _match(tree: Node, at: Path) -> Route | None:
    methods: tuple[str, ...] = ()
    headers = (*at, "headers")
    for number in range(_size(tree, headers)):
        each = (*headers, number)
        exact = _text(tree, (*_key(tree, each, "string_match"), "exact")) or _text(
            tree, _key(tree, each, "exact_match")
        )
        if _text(tree, (*each, "name")) != ":method" or not exact:
            return None
        methods = (exact.upper(),)
    if any(tree.at(*_key(tree, at, key)) is not None for key in _CONDITIONS[1:]):
        return None
    for key, kind in (("path", "exact"), ("prefix", "text"), ("path_separated_prefix", "prefix")):
        if text := _text(tree, _key(tree, at, key)):
            return Route(kind, text, methods)
    pattern = _text(tree, (*_key(tree, at, "safe_regex"), "regex"))
    return Route("regex", pattern, methods) if pattern else Route(methods=methods)


def _cluster(tree: Node, at: Path, taking: Taking) -> _Cluster:
    hosts = [_text(tree, (*where, "address")) for where in _below(tree, "socket_address", at)]
    outliers = _key(tree, at, "outlier_detection")
    breaker = None
    if tree.at(*outliers) is not None:
        count = taking.whole(_key(tree, outliers, "consecutive_5xx"))
        open_s = taking.seconds(_key(tree, outliers, "base_ejection_time"), proto_seconds, _FORM)
        breaker = Breaker(5 if count is None else count, open_s or 30.0) if count != 0 else None
    thresholds = (*_key(tree, at, "circuit_breakers"), "thresholds")
    budget = True
    for number in range(_size(tree, thresholds)):
        limit_at = _key(tree, (*thresholds, number), "max_retries")
        limit = taking.whole(limit_at) if tree.at(*limit_at) is not None else None
        within = tree.at(*_key(tree, (*thresholds, number), "retry_budget")) is not None
        budget = budget and (within or limit is None or limit <= MOST_AT_ONCE)
    lines = taking.lines({"breaker": outliers, "budget": thresholds})
    return _Cluster(tuple(dict.fromkeys(filter(None, hosts))), breaker, budget, lines)


def _clusters(tree: Node) -> Iterator[Path]:
    """Where clusters stand: in the bootstrap, or among the resources of a file that is watched."""
    static = (*_key(tree, (), "static_resources"), "clusters")
    yield from ((*static, number) for number in range(_size(tree, static)))
    for number in range(_size(tree, ("resources",))):
        if _text(tree, ("resources", number, "@type")).endswith(".Cluster"):
            yield ("resources", number)


def _below(tree: Node, key: str, start: Path = ()) -> Iterator[Path]:
    """All places below one where a key stands, in the file's order; of what an alias repeats the first."""
    first = tree.at(*start)
    waiting: list[tuple[Path, Node]] = [(start, first)] if first is not None else []
    names = (key, _camel(key))
    seen: set[int] = set()
    while waiting:
        at, node = waiting.pop()
        if len(at) > _MOST_DEPTH or id(node) in seen:
            continue
        if node.members is not None:
            seen.add(id(node))
            yield from ((*at, name) for name in names if name in node.members)
            inner = [(name, child) for name, (_, child) in node.members.items() if name not in names]
            waiting += [((*at, name), child) for name, child in reversed(inner)]
        elif node.items:
            seen.add(id(node))
            waiting += [((*at, number), one) for number, one in reversed([*enumerate(node.items)])]


def _key(tree: Node, at: Path, key: str) -> Path:
    """A key as it stands there: as in the proto, or as its JSON has it."""
    node = tree.at(*at)
    camel = _camel(key)
    written = camel if node is not None and node.child(key) is None and node.child(camel) else key
    return (*at, written)


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(one.capitalize() for one in rest)


def _size(tree: Node, at: Path) -> int:
    node = tree.at(*at)
    return len(node.items or ()) if node is not None else 0


def _text(tree: Node, at: Path) -> str:
    return tree.text(*at)
