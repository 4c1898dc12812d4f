"""Routes in the YAML and JSON of Envoy, Ocelot, Kong and Firebase Hosting.

A cluster counts where a route uses it.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.workspace.evidence.sightings import Clue, Sightings
from workspai_hooks.workspace.manifests.yaml_tree import Node, YamlError, documents

KIND = "route"
MARKS = (
    b"socket_address",
    b"DownstreamHostAndPorts",
    b"DownstreamPathTemplate",
    b"_format_version",
    b"upstream",
    b'"rewrites"',
)
_MOST = 20_000


def wanted(path: str) -> bool:
    return path.endswith((".yaml", ".yml", ".json", ".tmpl", ".template"))


def read(data: bytes) -> Sightings:
    """Where a gateway's routes lead; a file that can't be read gives nothing."""
    found = set()
    try:
        for document in documents(data):
            nodes = list(_all(document))
            for line, address, protocol in (
                *(*_envoy(nodes), *_ocelot(nodes)),
                *(*_kong(document), *_firebase(document)),
            ):
                target = address if "://" in address else f"http://{address}"
                found.add(Clue(line, KIND, target, protocol=protocol))
    except (YamlError, RecursionError):
        pass
    return Sightings(tuple(sorted(found)))


Routes = Iterator[tuple[int, str, str]]


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


def _firebase(document: Node) -> Routes:
    """Paths of a hosted page that a container answers: `{"source": …, "run": {"serviceId": …}}`."""
    hosting = document.at("hosting")
    for site in (hosting, *hosting.items):
        for rewrite in site.at("rewrites").items:
            name = rewrite.at("run", "serviceId")
            if name.text:
                yield name.line, f"lb://{name.text}", "http"
