"""Addresses in a service's configuration, where its framework or its own code reads the setting."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.addresses import LOCAL, NAMES_AN_ADDRESS, Address, addresses_in, protocol_of
from workspai_hooks.workspace.edges.dotnet import cluster_of, loads_routes, routed, signs_in
from workspai_hooks.workspace.edges.keys import Keys
from workspai_hooks.workspace.edges.named import Names, says_nothing
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.evidence.configuration import plain_key
from workspai_hooks.workspace.services import Kind, Service

_ASIDE = regex(
    r"(?:^|\.)(?:eureka|management|logging|info|server|springdoc|swagger|zipkin|jaeger|otel|opentelemetry|turbine)\."
    r"|^spring\.(?:cloud\.(?:config|consul|zookeeper|nacos|vault|discovery|bus)|boot\.admin|zipkin|sleuth)\."
    r"|cors|validissuer|validaudience|alloworigin|allowedorigin|allowedhost|redirect|callback|postlogout|tracing|telemetry|metrics"
)
"""Registries, configuration servers, monitors, the service's own server, and who may call or come back."""
_ROUTES = regex(r"^zuul\.routes\.|^spring\.cloud\.gateway\.")
_SECURITY = regex(r"^(?:spring\.)?security\.oauth2\.")
_SECURED = regex(
    rb"@EnableResourceServer|@EnableOAuth2|oauth2ResourceServer|oauth2Login|oauth2Client|-oauth2-"
)


_CHECKS = regex(rb"@EnableResourceServer\b")
_ASKS = regex(
    rb"@EnableOAuth2Sso|oauth2Login|client_?credentials|ClientCredentials|ResourceOwnerPassword|(?i:grant-?_?type)\W{1,8}password"
)
"""A resource server hands its callers' tokens on, and asks for one of its own only where it says how."""
_BROKER = regex(r"^spring\.(?:rabbitmq|kafka)\.")
_BUS = regex(rb"spring-cloud-(?:starter-)?bus-(?:amqp|kafka)\b")
_MESSAGES = regex(
    rb"Rabbit(?:Listener|Template|Handler)|AmqpTemplate|AmqpAdmin|Kafka(?:Listener|Template|Streams)|ConnectionFactory"
    rb"|EnableBinding|StreamBridge|StreamListener|MessageChannel|cloud[-.]stream|-(?:starter-)?amqp\b(?<!bus-amqp)"
    rb"|spring-(?:rabbit|kafka)\b|sleuth-stream"
)
"""Code, dependencies or settings for messages of its own."""


def find(scene: Scene) -> list[Hint]:
    """The settings of all services."""
    names = Names(scene)
    return [hint for service in scene.partners for hint in _of(service, scene, names)]


def _of(service: Service, scene: Scene, names: Names) -> Iterator[Hint]:
    keys = Keys(scene.tree(service))
    for path, setting in scene.settings(service):
        key = plain_key(setting.name)
        if _ASIDE.search(key) or _ROUTES.match(key):
            continue
        if _BROKER.match(key) and _has_only_a_bus(keys):
            continue
        for text in scene.texts(service, setting.value):
            for address in addresses_in(setting.name, text):
                provider = scene.reached(address, service, path)
                if provider is None and keys.is_jvm and says_nothing(text, scene):
                    provider = names.meant((re.split(r"[.:]", setting.name)[-1],), service)
                if provider is None or not _is_meant(address, provider, setting.name):
                    continue
                evidence = [Evidence(Location(path, setting.line), "setting")]
                if cluster := cluster_of(setting.name):
                    loaded = loads_routes(service, scene)
                    if loaded is None or cluster.lower() not in routed(service, scene):
                        continue
                    evidence.append(Evidence(loaded, "reads"))
                elif address.host in LOCAL and signs_in(service, scene):
                    continue
                elif not (address.is_registered_name or _is_used_unasked(service, key, keys)):
                    read = keys.read_at(setting.name)
                    if read is None:
                        continue
                    evidence.append(Evidence(read, "reads"))
                protocol = protocol_of(address, provider)
                yield Hint(service.name, provider.name, protocol, Tier.PROVEN, tuple(evidence))


def _has_only_a_bus(keys: Keys) -> bool:
    """Whether a broker carries nothing of the service's own: only Spring Cloud Bus' news of its settings."""
    files = keys.tree.files
    return any(
        _BUS.search(data) for path, data in files.items() if path.endswith(("pom.xml", ".gradle", ".kts"))
    ) and not any(_MESSAGES.search(data) for data in files.values())


def _is_meant(address: Address, provider: Service, name: str) -> bool:
    """An address, and not a text that looks like one."""
    if address.is_health_check:
        return False
    if address.host in LOCAL and address.port:
        return True  # the one service that listens there
    last = re.split(r"[.:/]", re.sub(r"\[\d+\]", "", name))[-1]
    spelled = re.sub(r"(?<=[a-z])(?=[A-Z])|[-.]", "_", last).upper()
    return bool(address.scheme or address.port in provider.ports or NAMES_AN_ADDRESS.search(spelled))


def _is_used_unasked(service: Service, key: str, keys: Keys) -> bool:
    """Somebody else's program reads its own configuration, and so does a framework."""
    if service.kind is Kind.INFRASTRUCTURE:
        return True
    if _SECURITY.match(key):
        texts = keys.tree.files.values()
        if key.endswith(".accesstokenuri") and any(_CHECKS.search(data) for data in texts):
            return any(_ASKS.search(data) for data in texts)
        return any(_SECURED.search(data) for data in texts)
    return keys.is_the_frameworks(key)
