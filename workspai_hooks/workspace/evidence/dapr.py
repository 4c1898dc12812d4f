"""Dapr: services by their app id, topics of its pub/sub."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence import composed
from workspai_hooks.workspace.evidence.calls import Call, argument, arguments, call, clues_of, is_name, tried
from workspai_hooks.workspace.evidence.expressions import File
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

MARKS = (b"dapr", b"Dapr", b"/v1.0/invoke/", b"/v1.0/publish/")
KIND = "dapr"
_PUB, _SUB = Role.PUBLISHES, Role.SUBSCRIBES

CALLS: tuple[Call, ...] = (
    call(_PUB, "dapr", r"\.PublishEvent(?:Async|FromCustomContent)?\s*(?:<\w+>)?\(", 1),
    call(_PUB, "dapr", r"\.PublishEvent(?:FromCustomContent)?\s*\(", 2),
    call(_PUB, "dapr", r"\.publish_event\s*\(", "topicname topic"),
    call(_PUB, "dapr", r"\.publish_event\s*\(", 1),
    call(_PUB, "dapr", r"\bpubsub\.publish\s*\(", 1, r"dapr"),
    call(_PUB, "dapr", r"\.publishEvent\s*\(", 1, r"dapr"),
    call(_SUB, "dapr", r"\[(?:Dapr\.)?Topic\s*\(", 1),
    call(_SUB, "dapr", r"\.WithTopic\s*\(", 1),
    call(_SUB, "dapr", r"@Topic\s*\(", "name", r"dapr"),
    call(_SUB, "dapr", r"@\w+\.subscribe\s*\(", "topic topicname", r"dapr"),
    call(_SUB, "dapr", r"\bpubsub\.subscribe(?:WithOptions|ToRoute)?\s*\(", 1, r"dapr"),
    call(_SUB, "dapr", r"\b(?:common\.)?(?:Dapr)?Subscription\s*[({]", "topic", r"dapr"),
)  # fmt: skip
_OLD = (
    (_PUB, regex(r"\.PublishEvent(?:Async)?\s{0,8}(?:<[\w.]{1,80}>)?\("), 2),
    (_SUB, regex(r"\[(?:Dapr\.)?Topic\s{0,8}\("), 1),
)
"""Calls of .NET before its SDK 1.0, which had one component for all topics: the topic comes first. So many
arguments tell it apart from now."""
_CANCELS = regex(r"(?i)(?:\w{1,40}:\s{0,4})?(?:\w{0,40}\.)?(?:\w{0,40}token|ct|default)")
_INVOKES = regex(
    r"\.(?:InvokeMethod(?:WithContent|WithCustomContent|Grpc)?(?:Async)?|CreateInvokeMethodRequest|CreateInvokeHttpClient|"
    r"CreateInvokableHttpClient|invoke_method(?:_async)?|invokeMethod|invoker\.invoke)\s*(?:<[^()\n]{0,120}>)?\("
)
_HEADER = regex(r"[\"']dapr-app-id[\"']\s*[:,\]]?\s*[=,]?\s*[\"']([\w.-]{2,100})[\"']", re.IGNORECASE)
_HEADER_GIVEN = regex(
    r"[\"']dapr-app-id[\"']\s{0,8}\]?\s{0,8}[:,=]\s{0,8}(?:`\$\{([\w.]{1,80})\}`|f[\"']\{([\w.]{1,80})\}[\"']|([A-Za-z_][\w.]{0,80}))\s{0,8}[,;)}\]\n]",
    re.IGNORECASE,
)
_PATH_GIVEN = regex(
    r"/v1\.0/invoke/(?:\$?\{([\w.]{1,80})\}/method|[\"'`]\s{0,8}\+\s{0,8}([\w.]{1,80})\s{0,8}\+)"
)
"""The id is what an expression says: `'dapr-app-id': appId`."""
_PATH = regex(r"/v1\.0/(invoke|publish)/(?:[\w.{}$%-]{1,80}/(?=[\w.-]+[\"'`?]))?([\w.-]{2,100})")
_ROUTED = regex(
    rb"/v1\.0/invoke/([\w.-]{2,100})/method"
    rb"|dapr-app-id(?![\w-])[\"']?[ \t:,=]{0,8}(?:\s{0,40}[\"']?(?:value|set)[\"']?[ \t:]{1,8})?"
    rb"[\"']?([\w.-]{2,100})[\"']?[ \t]{0,8}[,;}\r\n]",
    re.IGNORECASE,
)
ROUTE_MARKS = (b"/v1.0/invoke/", b"dapr-app-id")
_SUBSCRIBED = regex(
    r"[\"']?pubsubname[\"']?\s*:[^{}]{0,200}?[\"']?topic[\"']?\s*:\s*[\"']([\w./-]{2,100})[\"']",
    re.IGNORECASE,
)
_MOVED = regex(
    r"/v1\.0/publish/(?:\"\s*\+\s*[\w.]+\s*\+\s*\"/\"\s*\+\s*|\$?\{[\w.]+\}/\$?\{|%s/%s['\"]\s*%\s*\([^()\n,]+,\s*[\w.]+,\s*)([\w.]+)"
)


def routes(path: str) -> bool:
    """Configuration that a gateway's routes may stand in."""
    return not composed.wanted(path)


def read_routes(data: bytes) -> Sightings:
    """Whom a gateway's routes invoke by the app id: `prefix_rewrite: /v1.0/invoke/cart/method/`."""
    found = []
    for match in _ROUTED.finditer(data):
        name = (match[1] or match[2]).decode()
        if is_name(name) and not in_comment(data, match.start()):
            found.append(Clue(line_of(data, match.start()), KIND, f"lb://{name}", protocol="http"))
    return Sightings(tuple(dict.fromkeys(found)))


def read(data: bytes) -> Sightings:
    """Whom a file invokes by its app id, and which topics it writes and reads."""
    text = data.decode("latin-1")
    file = File(text)
    found = [*clues_of(data, CALLS).clues]

    def add(at: int, name: str, role: Role) -> None:
        if is_name(name) and not in_comment(data, at):
            target = f"lb://{name}" if role is Role.CONNECTS else f"dapr:{name}"
            found.append(Clue(line_of(data, at), KIND, target, role))

    for role, looks, many in _OLD:
        for match in tried(looks, text):
            given = [one for one in arguments(file, match.end() - 1) if not _CANCELS.fullmatch(one)]
            if len(given) == many and all(_is_data(file.values(one)) for one in given[1:]):
                for name in file.values(given[0]):
                    add(match.start(), name, role)
    for match in tried(_INVOKES, text):
        names = argument(file, match.end() - 1, ("appid",)) or [
            name for at in (0, 1) for name in argument(file, match.end() - 1, at)
        ]
        for name in names[:1]:
            add(match.start(), name, Role.CONNECTS)
    for match in tried(_HEADER, text):
        add(match.start(), match[1], Role.CONNECTS)
    for match in (*tried(_HEADER_GIVEN, text), *tried(_PATH_GIVEN, text)):
        for name in file.values(next(group for group in match.groups() if group)):
            add(match.start(), name, Role.CONNECTS)
    for match in tried(_PATH, text):
        add(match.start(), match[2], Role.CONNECTS if match[1] == "invoke" else _PUB)
    for match in tried(_MOVED, text):
        for name in file.values(match[1]):
            add(match.start(), name, _PUB)
    for match in tried(_SUBSCRIBED, text):
        add(match.start(), match[1], _SUB)
    return Sightings(tuple(dict.fromkeys(found)))


def _is_data(values: list[str]) -> bool:
    """Whether an argument is no text that is known here, but for what a caller gives: it is what is sent."""
    return all(one.startswith("#{") for one in values)
