"""Messages that are matched by their type: MassTransit, EasyNetQ, event buses, Rebus, Axon; CAP by name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.calls import tried
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

MARKS = (
    *(
        b"EventBus",
        b"IntegrationEvent",
        b"IConsumer<",
        b"MassTransit",
        b"EasyNetQ",
        b"IHandleMessages<",
        b"IBus",
    ),
    *(
        b"NServiceBus",
        b"Rebus",
        b"axonframework",
        b"CapSubscribe",
        b"ICapPublisher",
        b"IEventHandler<",
        b"eventBus",
    ),
    *(b"EventPublisher", b"RawRabbit", b"typeof(", b"AsMessageHandler", b"MessageHandlerInterface"),
    b"MessageBusInterface",
    b"IPublishEndpoint",
    b"ventDispatcher",
    b"utbox",
    b"io.eventuate",
)
KIND = "event-type"
_TYPE = r"(?:[\w.]{1,120}\.)?([A-Z]\w{2,100})"
_HANDLES = regex(
    rf"\b(?:IIntegrationEventHandler|IConsumer|IHandleMessages|IEventHandler|IMessageHandler|IIntegrationHandler)<\s*{_TYPE}\s*>"
    rf"|\.(?:AddSubscription|Subscribe|SubscribeAsync|AddConsumerFor)<\s*{_TYPE}\s*[,>]"
    rf"|@(?:EventHandler|SagaEventHandler)\b[^{{;]{{0,160}}?\(\s*(?:final\s+)?(?:@\w+(?:\([^)]*\))?\s*)?{_TYPE}\s+\w+"
)
_LISTED = regex(r"\b\w{0,40}(?:Listen|Subscri|Consum)\w{0,40}\((?=[^;]{0,300}typeof\()[^;]{0,600};")
_COMMANDED = regex(rf"@(?:CommandHandler|QueryHandler)\b[^{{;]{{0,160}}?\(\s*(?:final\s+)?{_TYPE}\s+\w+")
_PUBLISHES = regex(
    rf"\b(?:Publish|PublishAsync|publish|PubSub\.Publish|PublishEvent|AddAndSaveEventAsync|SaveEventAndCatalogContextChangesAsync|"
    rf"PublishThroughEventBusAsync|apply|Raise)(?:<\s*{_TYPE}\s*>)?\s*\((?:\s*new\s+{_TYPE}\s*[({{])?"
)
_HANDED = regex(
    rf"\b\w{{0,40}}(?:[eE]ventDispatcher|[oO]utbox)\w{{0,40}}\.(?:Send|Publish|Dispatch|Raise|Enqueue|Add|Save|send|publish|"
    rf"dispatch|add|save)\w{{0,20}}\(\s*new\s+{_TYPE}\s*[({{{{]"
)
"""What a repository's own dispatcher or outbox hands on to the bus."""
_SENDS = regex(
    rf"\b(?:Send|SendAsync|send|sendAndWait|GetResponse|Request|RequestAsync|query)(?:<\s*{_TYPE}[^()<>]{{0,80}}>)?\s*\((?!\s*\w+\s*=>)(?:\s*new\s+{_TYPE}\s*[({{])?"
)
_MADE = regex(rf"\b(?:new\s+|(?:Adapt|Map)<\s*){_TYPE}\s*[({{>]")
_AN_EVENT = regex(r"(?:Event|Message|IntegrationEvent)$")
_BUS = regex(
    r"MassTransit|EasyNetQ|NServiceBus|Rebus|EventBus|eventBus|axonframework|IPublishEndpoint|IBus\b|IntegrationEvent|EventPublisher|RawRabbit"
)
_ASKED = regex(r"ISendEndpoint|IRequestClient|NServiceBus|axonframework|IBus\b|CommandGateway")
_CAP = regex(
    r"\[CapSubscribe\(\s*(?:nameof\()?\"?([\w.-]{2,120})|\b_?cap\w{0,40}\.Publish(?:Async)?(?:<\w+>)?\(\s*(?:nameof\()?\"?([\w.-]{2,120})"
)

_ENTITY = regex(
    rf"@EventHandlerMethod\b[^{{;]{{0,200}}?\(\s*(?:final\s+)?(?:EventHandlerContext|DispatchedEvent)\s*<\s*{_TYPE}\s*>"
)
_CHANGES = regex(r"\b(?:EventUtil\.)?events\((?=[^;]{0,60}\bnew\b)[^;]{0,600};")
"""What an entity of Eventuate's event store answers a command with."""

_PHP_TYPE = r"\\?(?:\w{1,60}\\){0,8}([A-Z]\w{1,100})"
_INVOKED = regex(rf"function\s+__invoke\(\s*{_PHP_TYPE}\s+\$")
_DISPATCHED = regex(rf"->dispatch\(\s*(?:new\s+{_PHP_TYPE}|\$(\w{{1,80}})\s*[,)])")


def wanted(path: str) -> bool:
    return path.endswith((".cs", ".fs", ".vb", ".java", ".kt", ".php"))


def read(data: bytes) -> Sightings:
    """The types that a file's code handles, publishes and sends."""
    text = data.decode("latin-1")
    found: dict[tuple[str, Role], Clue] = {}
    for at, role, name in _said(text):
        if not in_comment(data, at):
            scheme = "command" if role is Role.REQUESTS or name.startswith("=") else "event"
            clue = Clue(line_of(data, at), KIND, f"{scheme}:{name.lstrip('=')}", role)
            found.setdefault((clue.text, clue.role), clue)
    return Sightings(tuple(found.values()))


def _said(text: str) -> Iterator[tuple[int, Role, str]]:
    handled = set()
    for match in tried(_HANDLES, text):
        name = _named(match)
        handled.add(name)
        yield match.start(), Role.SUBSCRIBES, name
        if "IConsumer" in match[0] or "IHandleMessages" in match[0]:
            yield match.start(), Role.SUBSCRIBES, f"={name}"
    for match in tried(_LISTED, text):
        for one in re.finditer(r"typeof\((?:\w+\.)*(\w+)\)", match[0]):
            yield match.start() + one.start(), Role.SUBSCRIBES, one[1]
    for match in tried(_COMMANDED, text):
        yield match.start(), Role.SUBSCRIBES, f"={_named(match)}"
    for match in tried(_CAP, text):
        yield match.start(), Role.SUBSCRIBES if match[1] else Role.PUBLISHES, _named(match)
    if "io.eventuate" in text:
        yield from _stored(text)
    for match in tried(_HANDED, text):
        yield match.start(), Role.PUBLISHES, _named(match)
    yield from _symfony(text)
    if not _BUS.search(text):
        return
    for match in tried(_PUBLISHES, text):
        if any(match.groups()):
            yield match.start(), Role.PUBLISHES, _named(match)
    if _ASKED.search(text):
        for match in tried(_SENDS, text):
            if any(match.groups()):
                yield match.start(), Role.REQUESTS, _named(match)
    publishes = re.search(r"\.Publish\w{0,40}\(", text) is not None
    for match in tried(_MADE, text):
        if (publishes or _AN_EVENT.search(match[1])) and match[1] not in handled:
            yield match.start(), Role.PUBLISHES, match[1]


def _stored(text: str) -> Iterator[tuple[int, Role, str]]:
    """Eventuate's event store: handlers by the type that they take, entities by the events that they make."""
    for match in tried(_ENTITY, text):
        yield match.start(), Role.SUBSCRIBES, match[1]
    for statement in tried(_CHANGES, text):
        for match in re.finditer(rf"\bnew\s+{_TYPE}\s*\(", statement[0]):
            yield statement.start() + match.start(), Role.PUBLISHES, match[1]


def _symfony(text: str) -> Iterator[tuple[int, Role, str]]:
    """Symfony's Messenger: a handler by the type that it takes, a message by the type that is dispatched."""
    if "AsMessageHandler" in text or "MessageHandlerInterface" in text:
        for match in tried(_INVOKED, text):
            yield match.start(), Role.SUBSCRIBES, match[1]
    if "MessageBusInterface" in text:
        for match in tried(_DISPATCHED, text):
            made = re.compile(rf"\${match[2]}\s*=\s*new\s+{_PHP_TYPE}") if match[2] else None
            for name in [one[1] for one in tried(made, text)] if made else [match[1]]:
                yield match.start(), Role.PUBLISHES, name


def _named(match: re.Match[str]) -> str:
    return next(group for group in reversed(match.groups()) if group)
