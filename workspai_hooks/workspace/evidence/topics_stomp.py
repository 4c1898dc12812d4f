"""STOMP: destinations (`/queue/orders`) that a client of a broker subscribes to or sends to.

Their names are those of the broker's own queues and topics, which others reach by JMS or AMQP. Clients of all
languages take the destination as the first argument, as an argument of that name, or in an object of headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.calls import argument, tried
from workspai_hooks.workspace.evidence.expressions import File
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

MARKS = (b"stomp", b"Stomp", b"STOMP")
_CALL = regex(r"\b\w{0,40}\.(subscribe|send|publish|Subscribe|Send|SubscribeAsync|SendAsync)\s{0,4}\(")
_HEADERS = regex(
    r"\b([A-Za-z_]\w{0,60})\s{0,4}=\s{0,4}\{[^{}]{0,200}?\b[\"']?destination[\"']?\s{0,4}[:=]\s{0,4}([^\n]{1,200})"
)
_BROWSER = regex(
    r"SockJS|\bnew WebSocket\b|\bStomp\.(?:over|client)\b|brokerURL|webSocketFactory|react-stomp"
)
"""A page speaks STOMP with the server that it came from, whose destinations are no broker's."""
_NAME = regex(r"/(?:queue|topic|amq/queue|exchange/[\w.-]{1,80})/([\w.${}#-]{2,200})")


def read(data: bytes) -> Sightings:
    """The queues and topics of a file."""
    text = data.decode("latin-1")
    if _BROWSER.search(text):
        return Sightings()
    found = []
    for at, role, value in _destinations(File(text)):
        match = _NAME.fullmatch(value)
        if match and not in_comment(data, at):
            found.append(Clue(line_of(data, at), "topic", f"topic:{match[1]}", role))
    return Sightings(tuple(dict.fromkeys(found)))


def _destinations(file: File) -> Iterator[tuple[int, Role, str]]:
    """Offset, what is done, the destination as it is written."""
    headers = {match[1]: match[2].rstrip().rstrip(",") for match in tried(_HEADERS, file.text)}
    for match in tried(_CALL, file.text):
        role = Role.SUBSCRIBES if match[1].lower().startswith("subscribe") else Role.PUBLISHES
        opening = match.end() - 1
        handed = re.match(r"\(\s{0,40}([A-Za-z_]\w{0,60})\s{0,4}[,)]", file.text[opening : opening + 120])
        if handed and handed[1] in headers:
            values = file.values(headers[handed[1]])
        else:
            values = [*argument(file, opening, 0), *argument(file, opening, ("destination",))]
        yield from ((match.start(), role, value) for value in values)
