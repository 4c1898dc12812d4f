"""Texts that are addresses: `host:port`, URLs, `dns:///host:port`, names for a service registry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.manifests.paths import in_common
from workspai_hooks.workspace.names import plain
from workspai_hooks.workspace.services import Service, Services

_URL = regex(
    r"^(?:jdbc:|r2dbc:)?([a-z][a-z0-9+.-]*):(?://(?:[^/@\s]*@)?|///)([A-Za-z0-9_.-]+)(?::(\d{1,5}))?(/[^\s]*)?",
    re.I,
)
_HOST_PORT = regex(r"^(?:[^/@\s:]+(?::[^/@\s:]*)?@)?([A-Za-z0-9][A-Za-z0-9_.-]*):(\d{1,5})(/\S*)?$")
_HOST = regex(r"^[A-Za-z][A-Za-z0-9_.-]*$")
_PRIVATE = regex(
    r"(?<![\d.])((?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2})\}?:(\d{2,5})(?!\d)"
)
_HEALTH = regex(
    r"/(?:_?healthz?|health[-_]?check|actuator|ready|readyz|readiness|livez?|liveness|ping|metrics)\b|/hc/?$",
    re.I,
)
NAMES_AN_ADDRESS = regex(
    r"(?:^|_)(?:ADDR|ADDRESS|ADDRESSES|HOST|HOSTS|HOSTNAME|URL|URLS|URI|URIS|ENDPOINT|ENDPOINTS|SERVER|SERVERS|TARGET|"
    r"UPSTREAM|BACKEND|BROKER|BROKERS|ORIGIN|DOMAIN|BASEURL|SVC|SERVICE|CONNECT|CONNECTION)(?:_|$)|(?:HOST|ADDR|URL|URI)$"
)
_CONSUL = regex(r"(?:[\w-]{1,60}\.)?([\w-]{1,80})\.service(?:\.[\w-]{1,60})?\.consul\.?")
"""Consul's DNS: `cart.service.consul`, also with a tag before and a data centre after."""
LOCAL = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "host.docker.internal", "docker.for.mac.localhost"})
"""This machine; no service is called so, whatever its `hostname` says."""
_REGISTRY = frozenset({"lb", "discovery", "consul", "eureka", "nacos", "etcd", "polaris", "srv", "stork"})
_PROTOCOLS: Mapping[str, str] = {
    **dict.fromkeys(("http", "https", "ws", "wss", "lb", "stork"), "http"),
    **dict.fromkeys(("grpc", "grpcs"), "grpc"),
    **dict.fromkeys(("amqp", "amqps"), "amqp"),
    **dict.fromkeys(("redis", "rediss"), "redis"),
    **dict.fromkeys(("postgres", "postgresql"), "postgres"),
    **{scheme: scheme for scheme in ("kafka", "mongodb", "mysql", "nats")},
}
_PORTS: Mapping[int, str] = {
    3306: "mysql",
    5432: "postgres",
    5672: "amqp",
    6379: "redis",
    9092: "kafka",
    11211: "memcached",
    27017: "mongodb",
}
_MAX_TEXT = 4096


class Address(msgspec.Struct, frozen=True, order=True):
    """Where something is reached; what the text doesn't say is empty or 0."""

    host: str
    port: int = 0
    scheme: str = ""
    path: str = ""

    @property
    def is_registered_name(self) -> bool:
        """A name that a registry is asked for."""
        return self.scheme in _REGISTRY

    @property
    def is_health_check(self) -> bool:
        return _HEALTH.search(self.path) is not None


def addresses_in(variable: str, value: str) -> list[Address]:
    """The addresses that a variable's value holds; a bare host only where the variable's name says so."""
    found = []
    for part in re.split(r"[,;\s]+", value[:_MAX_TEXT].strip()):
        part = part.strip("\"'")
        if address := parsed(part):
            found.append(address)
        elif _HOST.match(part) and NAMES_AN_ADDRESS.search(
            variable.upper().replace(".", "_").replace("-", "_")
        ):
            found.append(Address(part.lower()))
    return found


def private_in(text: str) -> list[tuple[str, int]]:
    """The addresses of private networks in a text, in figures, also as a default: `${IP:10.0.0.1}:80`."""
    return [(host, int(port)) for host, port in _PRIVATE.findall(text)]


def parsed(text: str) -> Address | None:
    """A URL or `host:port`."""
    if match := _URL.match(text):
        scheme, host, port, path = match[1].lower(), match[2].lower(), int(match[3] or 0), match[4] or ""
        return Address(host, port, scheme, path)
    if match := _HOST_PORT.match(text):
        return Address(match[1].lower(), int(match[2]), "", match[3] or "")
    return None


class Hosts:
    """Which service a host name means."""

    def __init__(self, services: Services) -> None:
        self._namespaces = {*services.facts.namespaces, "default"}
        self._reached = _unique(
            ((host, one) for one in services.all for host in one.hosts),
            {one.name: one for one in services.all},
        )
        self._called = _unique(
            ((plain(name), one) for one in services.all for name in (one.name, *one.aliases)), {}
        )

    def service(self, address: Address, seen_from: str) -> Service | None:
        """The service at an address, as it is seen from the manifest or source file `seen_from`."""
        if address.host in LOCAL:
            return None
        for host in self._spellings(address.host):
            found = self._reached.get(host, ())
            if len(found) > 1:
                near = [one for one in found if any(place.path == seen_from for place in one.evidence)]
                found = tuple(near)
            if len(found) == 1:
                return found[0]
            named = self._nearest(plain(host), seen_from)
            if len(named) == 1 and (address.scheme in _REGISTRY or host == plain(host)):
                return named[0]
        return None

    def _nearest(self, name: str, seen_from: str) -> tuple[Service, ...]:
        """Who is called so: whose own name it is comes before those that only borrow it. In a repository of
        several systems one of them keeps a name, and each means its own service by it."""
        found = self._called.get(name, ())
        own = [one for one in found if plain(one.name) == name or plain(one.name).endswith(f"-{name}")]
        if len(own) < 2:
            first = [one for one in own if plain(one.name) == name]
            return tuple(first) or found
        shares = {
            one.name: max((in_common(f"{root}/", f"{seen_from}/") for root in one.roots), default=0)
            for one in own
        }
        near = [one for one in own if shares[one.name] == max(shares.values())]
        return tuple([one for one in near if plain(one.name) == name] or near)

    def _spellings(self, host: str) -> Iterable[str]:
        yield host
        if found := _CONSUL.fullmatch(host):
            yield found[1]
        name, _, rest = host.partition(".")
        namespace, _, domain = rest.partition(".")
        if domain in ("svc", "svc.cluster.local") or (rest and not domain and namespace in self._namespaces):
            yield name


def _unique(
    rows: Iterable[tuple[str, Service]], own: Mapping[str, Service]
) -> dict[str, tuple[Service, ...]]:
    """Name -> the services that have it. Whose own name it is comes before those that only borrow it."""
    found: dict[str, dict[str, Service]] = {}
    for name, service in rows:
        found.setdefault(name, {})[service.name] = service
    return {
        name: (own[name],) if name in own and own[name].name in each else tuple(each.values())
        for name, each in found.items()
    }


def protocol_of(address: Address, provider: Service) -> str:
    """What is spoken at an address: what it says, else what the provider's ports say, else the port's own."""
    if said := _PROTOCOLS.get(address.scheme.partition("+")[0]):
        return said
    named = provider.ports.get(address.port, "")
    for known in ("grpc", "http", "redis", "mongo", "mysql", "postgres", "amqp", "kafka"):
        if known in named.lower():
            return "mongodb" if known == "mongo" else known
    return _PORTS.get(address.port, "")
