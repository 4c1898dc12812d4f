"""RabbitMQ: exchanges, queues and what binds them, in the clients of all languages.

A publish is `amqp:exchange<tab>routing key`; the default exchange is empty and its key is a queue's name.
"""

# ruff: noqa: E501 (a row of a table is one line)

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.calls import Call, argument, arguments, call, clues_of, is_name, tried
from workspai_hooks.workspace.evidence.expressions import File
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

MARKS = (b"abbit", b"amqp", b"Amqp", b"AMQP", b"pika", b"unny", b"kombu", b"ExchangeName", b"lapin", b"rhea")
KIND = "topic"
_AMQP = r"amqp|rabbit|pika|bunny|lapin|kombu|(?<![a-z])rhea"
_SUB = Role.SUBSCRIBES

CALLS: tuple[Call, ...] = (
    call(_SUB, "amqp", r"@RabbitListener\s*\(", "queues"),
    call(_SUB, "amqp", r"@Queue\s*\(", 0, r"RabbitListener", unnamed=True),
    call(_SUB, "amqp", r"@Queue\s*\(", "value name", r"RabbitListener"),
    call(_SUB, "amqp", r"\.(?:setQueueNames|addQueueNames)\s*\(", 0, _AMQP),
    call(_SUB, "amqp", r"\.(?:basicConsume|BasicConsume(?:Async)?)\s*\(", 0, unnamed=True),
    call(_SUB, "amqp", r"\.(?:receiveAndConvert|BasicGet|basicGet)\s*\(", 0, _AMQP),
    call(_SUB, "amqp", r"(?:[cC]h|[cC]hannel(?:Wrapper)?|[cC]hnl|conn\w{0,40}|rabbit\w{0,40})\.(?:Consume(?:WithContext)?|consume)\s*\(", 0, _AMQP, unnamed=True),
    call(_SUB, "amqp", r"->basic_consume\s*\(", 0, unnamed=True),
    call(_SUB, "amqp", r"\.basic_consume\s*\(", "queue", _AMQP, unnamed=True),
    call(_SUB, "amqp", r"\.basic_consume\s*\(", 0, _AMQP),
    call(_SUB, "amqp", r"\b(?:AMQP\.)?Basic\.consume\s*\(", 1, _AMQP, unnamed=True),
    call(_SUB, "amqp", r"(?:BroadwayRabbitMQ\.Producer)\s*[,({]", "queue"),
    # AMQP 1.0 knows no exchanges: rhea, go-amqp
    call(_SUB, "amqp", r"\.(?:open_receiver|createReceiver)\s*\(", 0, r"\brhea\b"),
    call(Role.PUBLISHES, "amqp", r"\.(?:open_sender|createSender)\s*\(", 0, r"\brhea\b"),
    call(_SUB, "amqp", r"\.NewReceiver\s*\(", 1, r"go-amqp"),
    call(Role.PUBLISHES, "amqp", r"\.NewSender\s*\(", 1, r"go-amqp"),
    call(_SUB, "amqp", r"\.subscribe\s*\(", 99, r"Bunny|kombu", unnamed=True),
)  # fmt: skip
_PUBLISH = (
    # What it looks like, where the exchange is, where the routing key is.
    (r"\.(?:convertAndSend|convertSendAndReceive|sendAndReceive)\s*\(", 0, 1, r"rabbit|amqp"),
    (r"\.(?:basicPublish|BasicPublish(?:Async)?)\s*(?:<\w+>)?\(", 0, 1, ""),
    (r"\.(?:PublishWithContext|PublishWithDeferredConfirmWithContext)\s*\(", 1, 2, _AMQP),
    (
        r"(?:[cC]h|[cC]hannel(?:Wrapper)?|[cC]hnl|amqp\w{0,40}|rabbit\w{0,40})\.(?:Publish|publish)\s*\(",
        0,
        1,
        _AMQP,
    ),
    (r"\b(?:AMQP\.)?Basic\.publish\s*\(", 1, 2, r"AMQP"),
    (r"->basic_publish\s*\(", 1, 2, ""),
)
_BIND = (
    # Queue, exchange, pattern.
    (r"\.(?:queueBind|QueueBind(?:Async|NoWait)?|bindQueue|queue_bind)\s*\(", (0, 1, 2), r"bindQueue|queueBind|QueueBindAsync|IModel|RabbitMQ\.Client"),
    (r"\.QueueBind\s*\(", (0, 2, 1), r"amqp091|streadway|amqp\."),
    (r"->queue_bind\s*\(", (0, 1, 2), ""),
    (r"\bQueue\.bind\s*\(", (1, 2, 3), r"AMQP"),
)  # fmt: skip
_BUILDER = regex(
    r"BindingBuilder\s*\.bind\s*\(\s*(\w+)\s*(?:\(\s*\))?\s*\)\s*\.to\s*\(\s*(\w+)\s*(?:\(\s*\))?\s*\)(\s*\.with\s*\()?"
)
_BEAN = regex(
    r"\b(Queue|AnonymousQueue|TopicExchange|FanoutExchange|DirectExchange|HeadersExchange|Exchange)\s+(\w+)\s*"
    r"(?:\([^()]{0,200}\)\s*(?:throws \w+\s*)?\{[^{}]{0,200}?(?:new\s+\w+|\w+Builder\.\w+)|=\s*new\s+\w+)\s*\("
)
_NAMED_OPTION = regex(
    r"\b(\w{0,40}(?:[pP]ub|[pP]roducer|[cC]onsum|[sS]ub|[sS]ender|[lL]istener)\w{0,40})\.(?:With)?(ExchangeName|Exchange|QueueName|Queue)\s*\("
)
_SUBSCRIBED = regex(r"@Rabbit(?:Subscribe|RPC)\s*\(|\.createConsumer\s*\(")
_PIKA_OR_SENT = regex(r"\.basic_publish\s*\(|\.publish\s*\(|\.send\s*\(")
_PIKA_BIND = regex(r"\.queue_bind\s*\(|\.bind\s*\(|@QueueBinding\s*\(")


def read(data: bytes) -> Sightings:
    """What a file publishes, consumes and binds."""
    file = File(data.decode("latin-1"))
    if not re.search(_AMQP + r"|ExchangeName", file.text, re.IGNORECASE):
        return Sightings()
    found = [*clues_of(data, CALLS).clues]
    several = (*_published(file), *_bindings(file), *_built(file), *_options(file), *_subscribed(file))
    for at, role, text in several:
        if not in_comment(data, at):
            found.append(Clue(line_of(data, at), KIND, f"amqp:{text}", role))
    return Sightings(tuple(dict.fromkeys(found)))


Found = Iterator[tuple[int, Role, str]]


def _published(file: File) -> Found:
    for looks, exchange, key, mark in _PUBLISH:
        if mark and not re.search(mark, file.text, re.IGNORECASE):
            continue
        for match in tried(re.compile(looks), file.text):
            given = arguments(file, match.end() - 1)
            if _keyworded(given):
                continue
            if "onvert" in match[0] and len(given) == 2:
                yield from _routed(match.start(), [""], _said(file, given, 0))
            elif len(given) > key:
                yield from _routed(match.start(), _said(file, given, exchange), _said(file, given, key))
    for match in tried(re.compile(r"\.sendToQueue\s*\("), file.text):
        for name in argument(file, match.end() - 1, 0):
            yield match.start(), Role.PUBLISHES, f"\t{name}"
    for match in tried(_PIKA_OR_SENT, file.text):
        if match[0].startswith(".send") and "rabbitmq-client" not in file.text:
            continue
        exchanges = argument(file, match.end() - 1, ("exchange", "exchangename"))
        keys = argument(file, match.end() - 1, ("routingkey",))
        if exchanges or keys:
            yield from _routed(match.start(), exchanges or [""], keys)


def _routed(at: int, exchanges: list[str], keys: list[str]) -> Found:
    for exchange in exchanges:
        for key in keys or [""]:
            if (exchange or key) and " " not in exchange + key:
                yield at, Role.PUBLISHES, f"{exchange}\t{key}"


def _said(file: File, given: list[str], at: int) -> list[str]:
    """An argument's texts; the empty one is said as well."""
    if at >= len(given):
        return []
    return [""] if given[at] in ('""', "''", "``", "String.Empty", "string.Empty") else file.values(given[at])


def _keyworded(given: list[str]) -> bool:
    return any(re.match(r"(?:exchange|routing_?key)\s*[:=]", one, re.IGNORECASE) for one in given)


def _bindings(file: File) -> Found:
    for looks, places, mark in _BIND:
        if mark and not re.search(mark, file.text):
            continue
        for match in tried(re.compile(looks), file.text):
            given = arguments(file, match.end() - 1)
            if len(given) >= 2 and not _keyworded(given):
                queue, exchange, key = (_said(file, given, place) for place in places)
                yield from _bound(match.start(), queue, exchange, key)
    for match in tried(_PIKA_BIND, file.text):
        opening = match.end() - 1
        exchanges = argument(file, opening, ("exchange",))
        if match[0].startswith("@"):
            exchanges = _annotated(file, opening, "Exchange") or exchanges
            queues = _annotated(file, opening, "Queue")
        else:
            queues = argument(file, opening, ("queue",))
        yield from _bound(match.start(), queues, exchanges, argument(file, opening, ("routingkey", "key")))


def _subscribed(file: File) -> Found:
    """A handler with its queue and what fills that, `@RabbitSubscribe({ exchange, routingKey, queue })`."""
    for match in tried(_SUBSCRIBED, file.text):
        opening = match.end() - 1
        queues = argument(file, opening, ("queue",))
        exchanges = argument(file, opening, ("exchange",))
        if not match[0].startswith("@") and not (queues and "rabbitmq-client" in file.text):
            continue
        for name in filter(is_name, queues):
            yield match.start(), Role.SUBSCRIBES, name
        if exchanges and not queues:
            yield match.start(), Role.SUBSCRIBES, ""
        yield from _bound(match.start(), queues, exchanges, argument(file, opening, ("routingkey",)))


def _annotated(file: File, opening: int, name: str) -> list[str]:
    """`@Exchange("x")` and `@Exchange(value = "x")` inside of `@QueueBinding(…)`."""
    match = re.compile(rf"@{name}\s*\(").search(file.text, opening, opening + 600)
    if match is None:
        return []
    return argument(file, match.end() - 1, ("value", "name")) or argument(file, match.end() - 1, 0)


def _bound(at: int, queues: list[str], exchanges: list[str], keys: list[str]) -> Found:
    for exchange in exchanges:
        for queue in queues or [""]:
            for key in keys or [""]:
                if is_name(exchange) and " " not in queue + key:
                    yield at, Role.BINDS, f"{queue}\t{exchange}\t{key}"


def _built(file: File) -> Found:
    """Spring's `BindingBuilder`, whose queue and exchange are beans of the file."""
    beans: dict[str, list[str]] = {}
    kinds: dict[str, list[str]] = {}
    for match in tried(_BEAN, file.text):
        names = argument(file, match.end() - 1, 0)
        beans[match[2]] = names
        kinds.setdefault("queue" if "Queue" in match[1] else "exchange", []).extend(names)
    for match in tried(_BUILDER, file.text):
        queues = beans.get(match[1]) or _only(kinds.get("queue", []))
        exchanges = beans.get(match[2]) or _only(kinds.get("exchange", []))
        keys = argument(file, match.end() - 1, 0) if match[3] else []
        yield from _bound(match.start(), queues, exchanges, keys)


def _only(names: list[str]) -> list[str]:
    return names if len(set(names)) == 1 else []


def _options(file: File) -> Found:
    """A wrapper's named options, `publisher.ExchangeName("orders")`: their owner says who writes and reads."""
    for match in tried(_NAMED_OPTION, file.text):
        writes = re.search(r"pub|prod|send", match[1], re.IGNORECASE) is not None
        for name in argument(file, match.end() - 1, 0):
            if not is_name(name):
                continue
            if writes:
                yield match.start(), Role.PUBLISHES, f"{name}\t" if "Exchange" in match[2] else f"\t{name}"
            elif "Exchange" in match[2]:
                yield match.start(), Role.BINDS, f"\t{name}\t"
                yield match.start(), Role.SUBSCRIBES, ""
            else:
                yield match.start(), Role.SUBSCRIBES, name
