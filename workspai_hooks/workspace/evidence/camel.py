"""Endpoints of Apache Camel's routes: whom they call over HTTP, which queues and topics they read and write.

`from(…)` and `pollEnrich(…)` consume, everything else that takes an endpoint produces. Property placeholders
are Camel's own: `{{cart.url}}`, `{{env:CART_URL:cart:8080}}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

MARKS = (b"camel", b"RouteBuilder")
_HTTP = regex(
    r"[\"'>](?:(?:netty4?-http|undertow|jetty|vertx-http|ahc|cxfrs?):(?://)?(?:bean:)?)?https?4?:(?://)?"
    r"((?:\{\{[^{}\"\n]{1,160}\}\}|[A-Za-z$])[^\"'<>\s]{0,200})"
)
_TOPIC = regex(
    r"[\"'>](jms|activemq6?|amq|amqp|sjms2?|kafka|spring-rabbitmq|rabbitmq|nats|aws2?-sqs|aws2?-sns|paho(?:-mqtt5)?|stomp"
    r"|azure-servicebus|google-pubsub|pulsar):(?://)?([^\"'<>\s]{1,200})[\"'<]"
)
_SCHEMES = {
    **dict.fromkeys(("jms", "activemq", "activemq6", "sjms", "sjms2"), "jms"),
    **dict.fromkeys(("amq", "amqp", "stomp"), "topic"),  # protocols of several brokers
    "kafka": "kafka",
    "nats": "nats",
    "pulsar": "pulsar",
    "azure-servicebus": "servicebus",
    "aws-sqs": "sqs",
    "aws2-sqs": "sqs",
    "aws-sns": "sns",
    "aws2-sns": "sns",
    "google-pubsub": "pubsub",
    "paho": "mqtt",
    "paho-mqtt5": "mqtt",
}
_CONSUMES = regex(
    r"(?:\b(?:from|fromF|pollEnrich)\s{0,4}\(\s{0,40}|<(?:from|pollEnrich)\s[^<>]{0,80}?=\s{0,4}|\bfrom:\s{0,60}uri:\s{0,4})$"
)
_PRODUCES = regex(
    r"(?:\b(?:to|toD|toF|enrich|inOnly|inOut|wireTap|recipientList|simple|constant|sendBody\w{0,20}|requestBody\w{0,20}|send|setHeader"
    r"|interceptSendToEndpoint|deadLetterChannel|routingSlip|dynamicRouter|@EndpointInject|@Produce)\s{0,4}\("
    r"|<(?:to|toD|wireTap|enrich|inOnly|inOut)\s|<simple>|<constant>|\buri:\s)"
)
_PLACE = regex(r"\{\{\??(?:(?:env|sys):)?([\w.-]{1,100})(?::([^{}]{0,120}))?\}\}")
_QUERY = regex(r"[?&](?:amp;)?(queues?|routingKey)=(?:RAW\()?([^&\")]{1,120})")
_BEFORE = 200


def wanted(path: str) -> bool:
    return path.endswith((".java", ".kt", ".groovy", ".xml", ".yaml", ".yml"))


def read(data: bytes) -> Sightings:
    """The endpoints of a file with routes."""
    text = data.decode("latin-1")
    found = []
    for match in _HTTP.finditer(text):
        target = _filled(match[1])
        calls = _side(text, match.start()) is Role.PUBLISHES and "0.0.0.0" not in target
        if calls and not in_comment(data, match.start()):
            found.append(Clue(line_of(data, match.start()), "camel", f"http://{target}"))
    for match in _TOPIC.finditer(text):
        role = _side(text, match.start())
        if role is not None and not in_comment(data, match.start()):
            line = line_of(data, match.start())
            found += [Clue(line, "topic", name, role) for name in _names(match[1], _filled(match[2]), role)]
    return Sightings(tuple(dict.fromkeys(found)))


def _side(text: str, at: int) -> Role | None:
    """Whether an endpoint is consumed or produced to; None where no route has it."""
    before = text[max(0, at - _BEFORE) : at]
    if _CONSUMES.search(before):
        return Role.SUBSCRIBES
    line = before[before.rfind("\n") + 1 :]
    above = before.rstrip()
    opened = above.endswith("(") and _PRODUCES.search(above[above.rfind("\n") + 1 :])
    return Role.PUBLISHES if opened or _PRODUCES.search(line) else None


def _filled(written: str) -> str:
    """Camel's placeholders as ours; what a message fills in (`${header.id}`) ends an address."""
    text = _PLACE.sub(
        lambda match: f"${{{match[1]}:{match[2]}}}" if match[2] is not None else f"${{{match[1]}}}", written
    )
    return re.split(r"\$\{(?:header|body|exchange|property|in)\b", text)[0]


def _names(component: str, target: str, role: Role) -> Iterator[str]:
    """What a messaging endpoint names, with its scheme."""
    name, _, _ = target.partition("?")
    if component in ("rabbitmq", "spring-rabbitmq"):
        exchange = name.rpartition("/")[2]
        options = {key.rstrip("s"): value for key, value in _QUERY.findall(target)}
        if role is Role.SUBSCRIBES and (queue := options.get("queue")):
            yield from (f"amqp:{one}" for one in queue.split(","))
        else:
            yield f"amqp:{'' if exchange == 'default' else exchange}\t{options.get('routingKey', '')}"
        return
    name = re.sub(r"^(?:queue|topic|temp-queue|temp-topic):(?://)?", "", name)
    yield from (f"{_SCHEMES[component]}:{one}" for one in name.split(",") if one)
