"""Routes in the YAML and JSON of gateways: Envoy, Ocelot, Kong, KrakenD, Traefik, Express Gateway, APISIX,
Tyk, Firebase Hosting, routers of GraphQL. A cluster counts where a route uses it."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.workspace.evidence.sightings import Clue, Sightings
from workspai_hooks.workspace.evidence.text import plain_json
from workspai_hooks.workspace.manifests.yaml_tree import Node, YamlError, documents

KIND = "route"
MARKS = (
    b"socket_address",
    b"DownstreamHostAndPorts",
    b"DownstreamPathTemplate",
    b"_format_version",
    b"upstream",
    b"url_pattern",
    b"loadBalancer",
    b"serviceEndpoint",
    b"routing_url",
    b"override_subgraph_url",
    b"listen_path",
    b"DownstreamHost",
    b'"rewrites"',
)
_MOST = 20_000


def wanted(path: str) -> bool:
    return path.endswith((".yaml", ".yml", ".json", ".tmpl", ".template"))


def read(data: bytes) -> Sightings:
    """Where a gateway's routes lead; a file that can't be read gives nothing."""
    found = set()
    try:
        for document in documents(plain_json(data)):
            nodes = list(_all(document))
            for line, address, protocol in (each for routes in _routes(document, nodes) for each in routes):
                target = address if "://" in address else f"http://{address}"
                found.add(Clue(line, KIND, target, protocol=protocol))
    except (YamlError, RecursionError):
        pass
    return Sightings(tuple(sorted(found)))


Routes = Iterator[tuple[int, str, str]]


def _routes(document: Node, nodes: list[Node]) -> Iterator[Routes]:
    yield _envoy(nodes)
    yield _ocelot(nodes)
    yield _kong(document)
    yield _firebase(document)
    yield _krakend(document)
    yield _traefik(document)
    yield _express_gateway(document, nodes)
    yield _subgraphs(document)
    yield _apisix(document)
    yield _tyk(nodes)


def _all(node: Node) -> Iterator[Node]:
    """Every mapping in a tree."""
    waiting = [node]
    for _ in range(_MOST):
        if not waiting:
            return
        one = waiting.pop()
        if one.members:
            yield one
        waiting += [value for _, value in one.members.values() if value.members or value.items]
        waiting += [item for item in one.items if item.members or item.items]


def _envoy(nodes: list[Node]) -> Routes:
    used = {node.at("cluster").text for node in nodes}
    used |= {
        item.at("name").text for node in nodes for item in node.at("weighted_clusters", "clusters").items
    }
    for node in nodes:
        if node.at("name").text not in used - {""} or not (node.at("load_assignment") or node.at("hosts")):
            continue
        protocol = "grpc" if "http2_protocol_options" in node.members else ""
        for one in _all(node):
            socket = one.at("socket_address")
            if host := socket.at("address").text:
                yield socket.at("address").line, f"{host}:{socket.at('port_value').text or 80}", protocol


def _ocelot(nodes: list[Node]) -> Routes:
    for node in nodes:
        name = node.at("ServiceName")
        if name.text and (node.at("DownstreamPathTemplate") or node.at("DownstreamScheme")):
            yield name.line, f"lb://{name.text}", "http"
        if host := node.at("DownstreamHost").text:  # before version 7
            yield node.at("DownstreamHost").line, f"{host}:{node.at('DownstreamPort').text or 80}", "http"
        for item in node.at("DownstreamHostAndPorts").items:
            if host := item.at("Host").text:
                yield item.at("Host").line, f"{host}:{item.at('Port').text or 80}", "http"


def _kong(document: Node) -> Routes:
    upstreams = {one.at("name").text: one.at("targets").items for one in document.at("upstreams").items}
    for service in document.at("services").items:
        host = service.at("host")
        if not host.text or not (service.at("routes") or document.at("routes")):
            continue
        targets = [one.at("target") for one in upstreams.get(host.text, ())]
        for target in targets or [host]:
            port = "" if ":" in target.text else f":{service.at('port').text or 80}"
            yield target.line, f"{target.text}{port}", "http"


def _krakend(document: Node) -> Routes:
    """Hosts of the endpoints' backends; where a backend has none, those that are said once for all."""
    bare = False
    backends = [one for endpoint in document.at("endpoints").items for one in endpoint.at("backend").items]
    for one in backends:
        bare = bare or not one.at("host")
        yield from ((host.line, host.text, "http") for host in _texts(one.at("host")))
    if bare:
        yield from ((host.line, host.text, "http") for host in _texts(document.at("host")))


def _texts(node: Node) -> list[Node]:
    return [one for one in (node, *node.items) if one.text]


def _traefik(document: Node) -> Routes:
    """The servers of the services that routers name. Where a file has no routers, they stand in another."""
    for kind in ("http", "tcp"):
        part = document.at(kind)
        routers = [one.at("service").text for _, one in part.at("routers").members.values()]
        used = {name.partition("@")[0] for name in routers}
        services = part.at("services").members
        for _, one in services.values():  # several behind one name
            below = (
                *one.at("weighted", "services").items,
                one.at("mirroring"),
                *one.at("mirroring", "mirrors").items,
            )
            used |= {each.at(key).text for each in below for key in ("name", "service")}
        for name, (_, service) in services.items():
            for server in service.at("loadBalancer", "servers").items if not routers or name in used else ():
                where = server.at("url") if kind == "http" else server.at("address")
                yield where.line, where.text, "http" if kind == "http" else ""


def _express_gateway(document: Node, nodes: list[Node]) -> Routes:
    used = {node.at("serviceEndpoint").text for node in nodes} - {""}
    for name, (_, one) in document.at("serviceEndpoints").members.items():
        for where in [*_texts(one.at("url")), *_texts(one.at("urls"))] if name in used else ():
            yield where.line, where.text, "http"


def _subgraphs(document: Node) -> Routes:
    """What a router of GraphQL is composed of."""
    for _, one in document.at("subgraphs").members.values():
        if where := one.at("routing_url"):
            yield where.line, where.text, "http"
    for line, one in document.at("override_subgraph_url").members.values():
        yield line, one.text, "http"


def _apisix(document: Node) -> Routes:
    used = {one.at("upstream_id").text for one in document.at("routes").items}
    used |= {one.at("upstream_id").text for one in document.at("services").items}
    inner = [one.at("upstream") for key in ("routes", "services") for one in document.at(key).items]
    for upstream in (
        *inner,
        *(one for one in document.at("upstreams").items if one.at("id").text in used - {""}),
    ):
        nodes = upstream.at("nodes")
        yield from ((line, address, "") for address, (line, _) in nodes.members.items())
        for one in nodes.items:
            if host := one.at("host").text:
                yield one.at("host").line, f"{host}:{one.at('port').text or 80}", ""


def _tyk(nodes: list[Node]) -> Routes:
    for node in nodes:
        target = node.at("target_url")
        if node.at("listen_path") and target.text:
            yield target.line, target.text, "http"


def _firebase(document: Node) -> Routes:
    """Paths of a hosted page that a container answers: `{"source": …, "run": {"serviceId": …}}`."""
    hosting = document.at("hosting")
    for site in (hosting, *hosting.items):
        for rewrite in site.at("rewrites").items:
            name = rewrite.at("run", "serviceId")
            if name.text:
                yield name.line, f"lb://{name.text}", "http"
