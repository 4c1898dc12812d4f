"""Events that a service leaves in its database for a relay, which hands them to the broker: an outbox."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.addresses import addresses_in
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Evidence
from workspai_hooks.workspace.evidence.calls import arguments, tried
from workspai_hooks.workspace.evidence.expressions import File
from workspai_hooks.workspace.evidence.text import in_comment, line_of
from workspai_hooks.workspace.files import is_code, is_test
from workspai_hooks.workspace.names import image_name
from workspai_hooks.workspace.services import Kind, Service

KIND = "outbox"
_OUTBOX = regex(r"(?i)outbox")
_DATABASE = regex(r"(?i)database|postgres|mysql|maria|mongo|datasource|(?:^|[._])(?:db|pg)(?:[._]|$)|jdbc")
_EXCHANGE = regex(r"(?i)exchange(?:[._]name)?$")
_LEAVES = regex(r"\b(?:insert|publish|save|add|append|emit|enqueue|store|write|create|record)\w{0,40}\s*\(")
_KEYED = regex(r"(?i)topic|routing|subject|event_?(?:type|name)|_key$")
_ROUTING_KEY = regex(r"[\w-]{1,60}(?:\.[\w-]{1,60}){1,8}")
_MOST = 200

Left = tuple[str, str, str, Evidence]
"""Exchange, routing key, service, line."""


def left(scene: Scene) -> list[Left]:
    """What services leave for the relays of their databases."""
    relays = [(one, exchange) for one in scene.partners for exchange in _exchanges(scene, one)]
    if not relays:
        return []
    databases = {one.name: _databases(scene, one) for one in scene.partners}
    found: set[Left] = set()
    for relay, exchange in relays:
        owners = [
            one
            for one in scene.partners
            if one.kind is Kind.APPLICATION
            and one.name != relay.name
            and databases[one.name] & databases[relay.name]
        ]
        if len(owners) == 1:
            found.update((exchange, key, owners[0].name, line) for key, line in _keys(scene, owners[0]))
    return sorted(found)


def _exchanges(scene: Scene, service: Service) -> set[str]:
    """The exchanges that a relay is set to: somebody else's program that is called an outbox's."""
    names = (service.name, *map(image_name, service.images))
    if service.kind is Kind.APPLICATION or not any(_OUTBOX.search(name) for name in names):
        return set()
    said = [(one.name, one.value) for one, _ in scene.variables(service)]
    return {value for name, value in said if value and _EXCHANGE.search(name)}


def _databases(scene: Scene, service: Service) -> set[str]:
    """The services that its variables for a database point to."""
    found = set()
    for one, seen_from in scene.variables(service):
        if _DATABASE.search(one.name):
            for address in addresses_in(one.name, (one.value or "").removeprefix("jdbc:")):
                provider = scene.hosts.service(address, seen_from)
                if provider is not None and provider.kind is Kind.INFRASTRUCTURE:
                    found.add(provider.name)
    return found


def _keys(scene: Scene, service: Service) -> Iterator[tuple[str, Evidence]]:
    """The routing keys that its code hands to what fills the outbox, in files that speak of one."""
    for path, data in sorted(scene.tree(service).files.items()):
        if not is_code(path) or is_test(path) or not (_OUTBOX.search(path) or b"utbox" in data):
            continue
        file = File(data.decode("latin-1"))
        for match in tried(_LEAVES, file.text):
            for given in arguments(file, match.end() - 1)[:4]:
                if in_comment(data, match.start()) or not _KEYED.search(given) or len(given) > _MOST:
                    continue
                for text in (one for each in file.values(given) for one in scene.texts(service, each)):
                    if _ROUTING_KEY.fullmatch(text):
                        yield text, Evidence(Location(path, line_of(data, match.start())), KIND)
