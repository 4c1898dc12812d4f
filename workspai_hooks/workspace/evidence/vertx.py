"""Vert.x: services and HTTP endpoints that are entered as records and asked for, addresses of the event bus.

A service proxy is asked for by its interface and bound by it; a record by its name. A gateway that takes
whatever HTTP endpoints there are leads to every service that enters one.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.calls import arguments, tried
from workspai_hooks.workspace.evidence.expressions import File
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

MARKS = (b"vertx",)
_TYPE = r"(?:[\w.]{1,120}\.)?([A-Z]\w{1,80})(?:\.class|::class\.java)"
_PROXY = regex(
    rf"\b(?:getProxy|getServiceProxy|build)\(\s*(?:\w+\s*,\s*)?{_TYPE}\b|\b([A-Z]\w{{1,80}})\.createProxy\("
)
_BOUND = regex(
    rf"\b(?:publishEventBusService|EventBusService\.createRecord|registerService|register)\((?:[^();]|\([^();]{{0,80}}\)){{0,200}}?{_TYPE}"
)
_RECORD = regex(r"\b(?:publishHttpEndpoint|HttpEndpoint\.createRecord)(?=\()")
_ASKED = regex(
    r"\bHttpEndpoint\.(?:<\w+>)?(?:getClient|getWebClient)\([^;]{0,120}?\.put\(\s*\"name\"\s*,\s*([^()]{1,120})\)"
)
_EVERY = regex(r"\bgetRecords\([^;{}]{0,200}\bHttpEndpoint\.TYPE\b")
_SOURCE = regex(r"\b(?:publishMessageSource|MessageSource\.createRecord)(?=\()")
_CONSUMES = regex(
    r"\bMessageSource\.(?:<\w+>)?getConsumer\([^;]{0,120}?\.put\(\s*\"name\"\s*,\s*([^()]{1,120})\)"
)
_DECLARED = regex(r"(?:(?<!-)>|(?<!return)\b(?!return\b)\w{1,40})[ \t]{1,8}$")
"""A type before a name: the method is declared there."""
_BUS = regex(r"\beventBus\(\)\s{0,40}\.\s?(?:<\w{1,40}>)?(publish|send|request|consumer|localConsumer)(?=\()")


def wanted(path: str) -> bool:
    return path.endswith((".java", ".kt", ".groovy")) and "/generated/" not in path


def read(data: bytes) -> Sightings:
    """What a file enters, asks for, sends and consumes."""
    file = File(data.decode("latin-1"))
    found = [
        Clue(line_of(data, at), kind, text, role)
        for at, kind, text, role in _said(file)
        if not in_comment(data, at)
    ]
    return Sightings(tuple(dict.fromkeys(found)))


def _said(file: File) -> Iterator[tuple[int, str, str, Role]]:
    for match in tried(_PROXY, file.text):
        yield match.start(), "event-type", f"vertx:{match[1] or match[2]}", Role.REQUESTS
    for match in tried(_BOUND, file.text):
        yield match.start(), "event-type", f"vertx:{match[1]}", Role.SUBSCRIBES
    for match in tried(_EVERY, file.text):
        yield match.start(), "fronts", "vertx", Role.FRONTS
    for pattern, role in ((_ASKED, Role.REQUESTS), (_CONSUMES, Role.SUBSCRIBES)):
        for match in tried(pattern, file.text):
            for name in file.values(match[1]):
                yield match.start(), "topic", f"vertx:{name}", role
    for pattern, role in ((_RECORD, Role.SUBSCRIBES), (_SOURCE, Role.PUBLISHES)):
        for match in tried(pattern, file.text):
            if pattern is _RECORD and not _DECLARED.search(
                file.text[max(0, match.start() - 60) : match.start()]
            ):
                yield match.start(), "registers", "vertx", Role.REGISTERS
            for name in file.values(next(iter(arguments(file, match.end())), "")):
                yield match.start(), "topic", f"vertx:{name}", role
    for match in tried(_BUS, file.text):
        role = {"publish": Role.PUBLISHES, "consumer": Role.SUBSCRIBES, "localConsumer": Role.SUBSCRIBES}.get(
            match[1], Role.REQUESTS
        )
        for name in file.values(next(iter(arguments(file, match.end())), "")):
            yield match.start(), "topic", f"vertx:{name}", role
