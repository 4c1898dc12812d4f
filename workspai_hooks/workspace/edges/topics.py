"""Topics and queues: who subscribes depends on who publishes; who sends a command on who handles it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.edges.captured import captured
from workspai_hooks.workspace.edges.message_types import handled, made
from workspai_hooks.workspace.edges.outbox import left
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.evidence.sightings import Role

ANY = "topic"
"""The scheme of a line that names a topic and not its broker."""
_MOST_PAIRS = 20_000
_IMPERATIVES = frozenset({"cancel", "create", "delete", "execute", "process", "remove", "reserve", "send"})
_ORDERS = frozenset({"cmd", "command", "commands", "create", "delete", "remove", "request", "requests"})
_PACKAGE = regex(r"^(?:\w+\.)+(?=[A-Z]\w*$)")


_TYPE = regex(r"[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+")
"""A type's name, of at least two words."""
_ADDRESS = regex(r"^/(?:amq/)?queues?/")
"""RabbitMQ's addresses in AMQP 1.0."""


class End(msgspec.Struct, frozen=True, order=True):
    """One line of a service that writes or reads `name`. Of RabbitMQ: a queue, or an exchange with the
    routing key or pattern; None where that is not known."""

    scheme: str
    name: str
    service: str
    evidence: Evidence
    exchange: str = ""
    key: str | None = None
    fixed: bool = False
    """A library says the name, as it does for everybody who takes it in: a bus."""


def find(scene: Scene) -> list[Hint]:
    """Subscriber -> publisher, and sender -> handler, for every topic that both sides name. A topic with one
    handler that is called like an order is one."""
    readers = [*_ends(scene, Role.SUBSCRIBES), *_bound(scene)]
    types = handled(scene)
    hints = []
    changes = [End("kafka", one.topic, one.service, one.evidence) for one in captured(scene)]
    changes += [End("amqp", "", name, line, exchange, key) for exchange, key, name, line in left(scene)]
    for writers, asks in (
        ([*_ends(scene, Role.PUBLISHES), *changes], False),
        (_ends(scene, Role.REQUESTS), True),
    ):
        met = _taken(scene, _met(readers, writers), types)
        handlers: dict[tuple[str, str | None], set[str]] = {}
        for reader, writer in met:
            handlers.setdefault((writer.name, writer.key), set()).add(reader.service)
        for reader, writer in met:
            handled_once = len(handlers[writer.name, writer.key]) == 1
            sends = asks or (handled_once and orders(writer.key or writer.name))
            consumer, provider = (writer, reader) if sends else (reader, writer)
            protocol = _protocol(reader, writer)
            evidence = (consumer.evidence, provider.evidence)
            hints.append(Hint(consumer.service, provider.service, protocol, Tier.PROVEN, evidence))
    return hints


def orders(name: str) -> bool:
    """A topic that says what is to be done: `create-order`, `product_delete`, `mail.commands`. What has
    happened (`order-created`) or changes (`price-update`) is an event."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
    parts = [word for word in re.split(r"[^a-z]+", words) if word]
    return len(parts) > 1 and (parts[0] in _IMPERATIVES or parts[-1] in _ORDERS)


def _taken(
    scene: Scene, met: list[tuple[End, End]], types: Mapping[str, Mapping[str, Evidence]]
) -> list[tuple[End, End]]:
    """Where several write to one topic, a reader that tells messages apart by their types reads those of the
    services that make one of them, as far as that is known of any."""
    writers: dict[tuple[str, str, str], set[str]] = {}
    for reader, writer in met:
        writers.setdefault((reader.service, writer.exchange, writer.name), set()).add(writer.service)
    aside: set[tuple[str, str, str, str]] = set()
    for (reader_name, exchange, name), services in writers.items():
        if len(services) > 1 and reader_name in types:
            making = {one for one in services if made(scene, one, types[reader_name])}
            if making:
                aside.update((reader_name, exchange, name, one) for one in services - making)
    fixed: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for reader, writer in met:
        read, written = fixed.setdefault((writer.exchange, writer.name), (set(), set()))
        read |= {reader.service} if reader.fixed else set()
        written |= {writer.service} if writer.fixed else set()
    both = {topic: read & written for topic, (read, written) in fixed.items()}
    return [
        (reader, writer)
        for reader, writer in met
        if (reader.service, writer.exchange, writer.name, writer.service) not in aside
        and not (
            reader.fixed and writer.fixed and reader.service not in types and _is_bus(reader, writer, both)
        )
    ]


def _is_bus(reader: End, writer: End, both: Mapping[tuple[str, str], set[str]]) -> bool:
    """Whether a library's topic is one that each who takes the library in writes and reads."""
    on = (writer.exchange, writer.name)
    return {reader.service, writer.service} <= both.get(on, set())


def _met(readers: Iterable[End], writers: Iterable[End]) -> list[tuple[End, End]]:
    """The readers and writers of one topic in different services."""
    by_name: dict[str, list[End]] = {}
    patterns: list[End] = []
    for reader in sorted(set(readers)):
        if reader.exchange or re.search(r"[*>#+]", reader.name):
            patterns.append(reader)
        else:
            by_name.setdefault(reader.name.lower(), []).append(reader)
    met: list[tuple[End, End]] = []
    for writer in sorted(set(writers)):
        for reader in (*by_name.get(writer.name.lower(), ()), *patterns):
            if len(met) >= _MOST_PAIRS:
                return met
            if reader.service != writer.service and _same_scheme(reader, writer) and _meet(reader, writer):
                met.append((reader, writer))
    return met


def _same_scheme(reader: End, writer: End) -> bool:
    """The same broker, as far as both say. A bus of the repository's own publishes each type to the topic
    that is called like it: who names that topic reads the type."""
    if reader.scheme == writer.scheme or ANY in (reader.scheme, writer.scheme):
        return True
    by_type = "event" in (reader.scheme, writer.scheme) and "command" not in (reader.scheme, writer.scheme)
    return by_type and reader.name == writer.name and _TYPE.fullmatch(reader.name) is not None


def _meet(reader: End, writer: End) -> bool:
    """What is written here is read there."""
    if reader.exchange:
        return reader.exchange == writer.exchange and (
            not reader.key or not writer.key or matches(reader.key, writer.key)
        )
    if writer.exchange:
        return False
    if reader.name == writer.name:
        return True
    return matches(reader.name, writer.name) and re.search(r"[\w]", reader.name) is not None


def matches(pattern: str, name: str) -> bool:
    """Wildcards of RabbitMQ, NATS and MQTT: `*` and `+` are one word, `#` and `>` the rest."""
    if pattern == name or pattern in ("#", ">", "*"):
        return True
    expression = ""
    for piece in re.split(r"([*#>+])", pattern):
        expression += {"*": r"[^./]+", "+": r"[^./]+", "#": ".*", ">": ".+"}.get(piece, re.escape(piece))
    return re.fullmatch(expression.replace(r"\..*", r"(?:\..*)?"), name) is not None


def _protocol(reader: End, writer: End) -> str:
    scheme = writer.scheme if reader.scheme == ANY else reader.scheme
    return f"{scheme}:{writer.exchange or reader.exchange or writer.name}"


def _ends(scene: Scene, role: Role) -> list[End]:
    """The lines of a role that name what they write or read."""
    found = []
    for service, path, clue in scene.with_shared(role):
        scheme, _, rest = clue.text.partition(":")
        evidence = Evidence(Location(path, clue.line), clue.kind)
        first, tab, second = rest.partition("\t")
        fixed = "${" not in rest and path not in scene.tree(service).files
        for name in scene.texts(service, first):
            if not tab:
                found += [
                    End(scheme, _own(scheme, each), service.name, evidence, fixed=fixed)
                    for each in _names(name)
                ]
                continue
            for key in scene.texts(service, second) or [""]:
                if name:
                    found.append(End(scheme, "", service.name, evidence, name, key or None))
                elif key:
                    found.append(End(scheme, key, service.name, evidence))  # the default exchange
    return found


def _names(text: str) -> list[str]:
    """A setting may list several."""
    return [one for one in re.split(r"[,\s]+", text) if one]


def _own(scheme: str, name: str) -> str:
    """A type of events by its own name: the publisher's code seldom writes the package before it."""
    if scheme == "amqp":
        return _ADDRESS.sub("", name)
    return _PACKAGE.sub("", name) if scheme == "event" else name


def _bound(scene: Scene) -> list[End]:
    """Who reads an exchange: the readers of a queue that is bound to it, and who binds a queue of no known
    name and reads one."""
    queues: dict[str, dict[str, Evidence]] = {}
    unnamed: dict[str, Evidence] = {}
    reading: dict[str, Evidence] = {}
    for service, path, clue in scene.with_shared(Role.SUBSCRIBES):
        if clue.text.startswith("amqp:"):
            evidence = Evidence(Location(path, clue.line), clue.kind)
            reading.setdefault(service.name, evidence)
            names = [one for one in scene.texts(service, clue.text[5:]) if one]
            for name in names:
                queues.setdefault(name, {}).setdefault(service.name, evidence)
            if not names:
                unnamed.setdefault(service.name, evidence)
    found = []
    for service, path, clue in scene.with_shared(Role.BINDS):
        queue, exchange, pattern = (*clue.text.removeprefix("amqp:").split("\t"), "", "")[:3]
        evidence = Evidence(Location(path, clue.line), clue.kind)
        named = [one for one in scene.texts(service, queue) if one]
        readers = _readers(named, queues, unnamed if named else reading, service.name)
        for target in scene.texts(service, exchange):
            for key in scene.texts(service, pattern) or [""]:
                if target:
                    found += [End("amqp", "", name, line, target, key) for name, line in readers.items()]
    return found


def _readers(
    named: list[str],
    queues: Mapping[str, Mapping[str, Evidence]],
    own: Mapping[str, Evidence],
    binder: str,
) -> dict[str, Evidence]:
    """The services that read a queue of these names, else the binder where it reads one that may be it."""
    known = {name: line for queue in named for name, line in queues.get(queue, {}).items()}
    return known or ({binder: own[binder]} if binder in own else {})
