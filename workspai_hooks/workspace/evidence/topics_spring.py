"""Spring Cloud Stream, SmallRye Reactive Messaging and Micronaut: channels by name, bound in the configuration."""

# ruff: noqa: E501 (a row of a table is one line)

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.calls import argument, tried
from workspai_hooks.workspace.evidence.expressions import File
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

MARKS = (
    *(
        b"@Input",
        b"@Output",
        b"@StreamListener",
        b"StreamBridge",
        b"@EnableBinding",
        b"@Incoming",
        b"@Outgoing",
    ),
    *(b"@Channel", b"Supplier<", b"Consumer<", b"Function<", b"Source.class", b"Sink.class"),
)
KIND = "stream-binding"
_ANNOTATED = regex(r"@(Input|Output|StreamListener|Incoming|Outgoing|Channel)\s*\(")
_BRIDGE = regex(r"[bB]ridge\w{0,40}\s*\.send\s*\(")
_FUNCTION = regex(
    r"@Bean\b[^{};]{0,200}?\b(?:public\s+)?(Supplier|Consumer|Function|BiFunction|BiConsumer)\s*<[^{};()]{1,200}>\s+(\w+)\s*\("
    r"|@Bean\b\s*fun\s+(\w+)\s*\([^)]{0,100}\)\s*:\s*\(?(Supplier|Consumer|Function)"
)
_BOUND = regex(r"@EnableBinding\s*\(([^)]{1,200})\)")
_WRITES, _READS = Role.PUBLISHES, Role.SUBSCRIBES


def wanted(path: str) -> bool:
    return path.endswith((".java", ".kt", ".groovy"))


def read(data: bytes) -> Sightings:
    """What a file's channels write and read; the setting of a channel's name says which topic that is."""
    text = data.decode("latin-1")
    found = []
    for at, role, destination in _said(File(text)):
        if not in_comment(data, at):
            found.append(Clue(line_of(data, at), KIND, f"topic:{destination}", role))
    return Sightings(tuple(dict.fromkeys(found)))


Found = Iterator[tuple[int, Role, str]]


def _said(file: File) -> Found:
    for match in tried(_ANNOTATED, file.text):
        for name in _named(file, match):
            if match[1] in ("Incoming", "Outgoing", "Channel"):
                way, role = ("incoming", _READS) if match[1] == "Incoming" else ("outgoing", _WRITES)
                yield match.start(), role, f"${{mp.messaging.{way}.{name}.topic:{name}}}"
            elif match[1] != "Input":  # an input alone is only declared; its listener reads it
                yield match.start(), _WRITES if match[1] == "Output" else _READS, _destination(name)
            elif "SubscribableChannel" not in file.text:
                yield match.start(), _READS, _destination(name)
    for match in tried(_BRIDGE, file.text):
        for name in argument(file, match.end() - 1, 0):
            yield match.start(), _WRITES, _destination(name)
    for match in tried(_FUNCTION, file.text):
        kind, name = match[1] or match[4], match[2] or match[3]
        if kind != "Supplier":
            yield match.start(), _READS, f"${{spring.cloud.stream.bindings.{name}-in-0.destination}}"
        if "Consumer" not in kind:
            yield match.start(), _WRITES, f"${{spring.cloud.stream.bindings.{name}-out-0.destination}}"
    for match in tried(_BOUND, file.text):
        if re.search(r"\b(?:Source|Processor)\.class", match[1]):
            yield match.start(), _WRITES, _destination("output")
        if re.search(r"\b(?:Sink|Processor)\.class", match[1]):
            yield match.start(), _READS, _destination("input")


def _named(file: File, match: re.Match[str]) -> list[str]:
    opening = match.end() - 1
    given = argument(file, opening, ("target", "value")) or argument(file, opening, 0)
    known = {
        "#{Sink.INPUT}": "input",
        "#{Processor.INPUT}": "input",
        "#{Source.OUTPUT}": "output",
        "#{Processor.OUTPUT}": "output",
    }
    return [known.get(one, one) for one in given]


def _destination(name: str) -> str:
    """The topic of a binding; a binding that nothing configures is its topic's name."""
    if "{" in name:
        return name
    return f"${{spring.cloud.stream.bindings.{name}.destination:{name}}}"
