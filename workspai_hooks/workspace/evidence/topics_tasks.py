"""Tasks, patterns and command channels by name: Celery, Sidekiq, BullMQ, NestJS, Eventuate Tram, Zeebe."""

# ruff: noqa: E501 (a row of a table is one line)

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.calls import Call, argument, call, clues_of, is_name, tried
from workspai_hooks.workspace.evidence.expressions import File
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

MARKS = (
    *(
        b"elery",
        b"shared_task",
        b"bullmq",
        b"Bull",
        b"@nestjs",
        b"eventuate",
        b"Eventuate",
        b"zeebe",
        b"Zeebe",
    ),
    *(b"Moleculer", b"asynq", b"socket_timeout", b"dramatiq"),
)
_PUB, _SUB, _ASK = Role.PUBLISHES, Role.SUBSCRIBES, Role.REQUESTS

CALLS: tuple[Call, ...] = (
    call(_SUB, "celery", r"@(?:\w+\.)?(?:task|shared_task)\s*\(", "name", r"celery"),
    call(_ASK, "celery", r"\.send_task\s*\(", 0, r"celery"),
    call(_ASK, "celery", r"\b(?:signature|Signature)\s*\(", 0, r"celery"),
    call(_SUB, "bull", r"\bnew\s+Worker\s*(?:<[^()]{0,80}>)?\(", 0, r"bullmq"),
    call(_ASK, "bull", r"\bnew\s+Queue\s*(?:<[^()]{0,80}>)?\(", 0, r"bullmq"),
    call(_SUB, "bull", r"@Processor\s*\(", 0, r"bull"),
    call(_ASK, "bull", r"@InjectQueue\s*\(", 0, r"bull"),
    call(_SUB, "topic", r"@EventPattern\s*\(", 0, r"@nestjs/microservices"),
    call(_SUB, "message", r"@MessagePattern\s*\(", 0, r"@nestjs/microservices"),
    call(_SUB, "message", r"@MessagePattern\s*\(", "cmd", r"@nestjs/microservices"),
    call(_PUB, "topic", r"\.emit\s*(?:<[^()]{0,80}>)?\(", 0, r"@nestjs/microservices|Client(?:Proxy|Kafka)"),
    call(_ASK, "message", r"\.send\s*(?:<[^()]{0,80}>)?\(", 0, r"@nestjs/microservices|Client(?:Proxy|Kafka)"),
    call(_ASK, "message", r"\.send\s*(?:<[^()]{0,80}>)?\(", "cmd", r"@nestjs/microservices|Client(?:Proxy|Kafka)"),
    call(_ASK, "asynq", r"asynq\.NewTask\s*\("),
    call(_SUB, "asynq", r"\.HandleFunc\s*\(", 0, r"asynq"),
    call(_SUB, "zeebe", r"@(?:ZeebeWorker|JobWorker)\s*\(", "type"),
    # Eventuate Tram: channels of commands; events by the aggregate that they are of
    call(_SUB, "command", r"\.fromChannel\s*\(", 0, r"eventuate"),
    call(_ASK, "command", r"\.(?:to|withChannel)\s*\(", 0, r"eventuate"),
    call(_SUB, "event", r"@EventuateDomainEventHandler\s*\(", "channel"),
    call(_SUB, "command", r"@EventuateCommandHandler\s*\(", "channel"),
    call(_SUB, "event", r"\.(?:forAggregateType|andForAggregateType)\s*\(", 0, r"eventuate"),
)  # fmt: skip
_AGGREGATE = regex(r"\.publish\s*\(\s*(\w+)\.class|Abstract\w{0,30}DomainEventPublisher\w{0,30}\s*<\s*(\w+)")


def read(data: bytes) -> Sightings:
    """The tasks and channels that a file's code hands out and takes on."""
    found = [*clues_of(data, CALLS).clues]
    if b"eventuate" in data:
        found += _published(data)
    return Sightings(tuple(found))


def _published(data: bytes) -> Iterator[Clue]:
    """Eventuate's aggregates, by their class's name."""
    text = data.decode("latin-1")
    for match in tried(_AGGREGATE, text):
        if not in_comment(data, match.start()):
            yield Clue(line_of(data, match.start()), "topic", f"event:{match[1] or match[2]}", _PUB)
    for match in tried(re.compile(r"[pP]ublisher\.publish\s*\("), text):
        for name in argument(File(text), match.end() - 1, 0):
            if is_name(name) and not in_comment(data, match.start()):
                yield Clue(line_of(data, match.start()), "topic", f"event:{name}", _PUB)
