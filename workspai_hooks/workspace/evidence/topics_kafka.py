"""Kafka: producers and consumers of the clients of all languages, Kafka Streams and Watermill."""

# ruff: noqa: E501 (a row of a table is one line)

from __future__ import annotations

import re

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.brackets import closing, split
from workspai_hooks.workspace.evidence.calls import Call, call, clues_of, is_name, tried
from workspai_hooks.workspace.evidence.expressions import File
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

MARKS = (
    b"kafka",
    b"Kafka",
    b"KAFKA",
    b"sarama",
    b"kgo.",
    b"watermill",
    b"brod",
    b"Racecar",
    b"racecar",
    b"Karafka",
)
_GENERIC = r"(?:<[\w<>,.\[\]? ]{0,80}>)?"
_PUB, _SUB = Role.PUBLISHES, Role.SUBSCRIBES


def _kafka(role: Role, looks: str, at: int | str = 0, mark: str = "") -> Call:
    return call(role, "kafka", looks, at, mark)


CALLS: tuple[Call, ...] = (
    # JVM
    _kafka(_SUB, r"@KafkaListener\s*\(", "topics"),
    _kafka(_SUB, r"@TopicPartition\s*\(", "topic"),
    _kafka(_PUB, r"(?:[tT]emplate|[kK]afka\w{0,40}|[pP]roducer|[sS]ender)\s*(?:\(\))?\.(?:send|sendDefault)\s*\(", 0, r"KafkaTemplate|KafkaOperations|ReactiveKafkaProducer"),
    _kafka(_PUB, r"\bProducerRecord\s*" + _GENERIC + r"\s*\("),
    _kafka(_SUB, r"[cC]onsumer\w{0,40}\s*(?:\(\))?\.subscribe\s*\(", 0, r"KafkaConsumer|kafka\.clients|Consumer<"),
    _kafka(_SUB, r"\.(?:stream|table|globalTable)\s*" + _GENERIC + r"\(", 0, r"StreamsBuilder|KStreamBuilder"),
    _kafka(_PUB, r"\.(?:to|through)\s*\(", 0, r"StreamsBuilder|KStreamBuilder|KStream"),
    _kafka(_SUB, r"@Topic\s*\(", 0, r"@KafkaListener"),
    _kafka(_PUB, r"@Topic\s*\(", 0, r"@KafkaClient"),
    _kafka(_PUB, r"\.setHeader\s*\(\s*KafkaHeaders\.TOPIC\s*(?=,)", 1, r"KafkaHeaders"),
    _kafka(_SUB, r"(?<![\w.])subscribe\s*\(", 0, r"KafkaConsumer"),
    # Go
    _kafka(_PUB, r"sarama\.ProducerMessage\s*\{", "topic"),
    _kafka(_SUB, r"\.ConsumePartition\s*\(", 0, r"sarama"),
    _kafka(_SUB, r"\.Consume\s*\(", 1, r"sarama"),
    _kafka(_SUB, r"kafka\.(?:NewReader|ReaderConfig)\s*[({]", "topic grouptopics"),
    _kafka(_PUB, r"(?:kafka\.(?:Writer|WriterConfig|Message)|\bkafka\.NewWriter)\s*[({]", "topic", r"segmentio|kafka-go|WriteMessages"),
    _kafka(_PUB, r"kafka\.TopicPartition\s*\{", "topic", r"\.Produce\("),
    _kafka(_SUB, r"\.SubscribeTopics\s*\("),
    _kafka(_SUB, r"\.Subscribe\s*\(", 0, r"confluent-kafka-go|confluent_kafka|Confluent\.Kafka|ConsumerBuilder"),
    _kafka(_PUB, r"kgo\.Record\s*\{", "topic"),
    _kafka(_PUB, r"kgo\.DefaultProduceTopic\s*\("),
    _kafka(_SUB, r"kgo\.ConsumeTopics\s*(?=\()\("),
    # JavaScript
    _kafka(_PUB, r"[pP]roducer\w{0,40}\s*(?:\(\))?\.send(?:Batch)?\s*\(", "topic", r"kafka"),
    _kafka(_SUB, r"[cC]onsumer\w{0,40}\s*(?:\(\))?\.subscribe\s*\(", "topic topics", r"kafka"),
    _kafka(_SUB, r"\bnew\s+(?:kafka\.)?(?:Consumer|ConsumerGroup(?:Stream)?)\s*\(", "topic topics", r"kafka-node"),
    _kafka(_PUB, r"\.produce\s*\(", 0, r"node-rdkafka|confluent_kafka|KafkaEx|brod|Confluent\.Kafka"),
    # Python
    _kafka(_PUB, r"(?:[pP]roducer|kafka)\w{0,40}\s*(?:\(\))?\.(?:send|send_and_wait|produce)\s*\(", 0, r"kafka"),
    _kafka(_PUB, r"(?:[pP]roducer|kafka)\w{0,40}\s*(?:\(\))?\.(?:send|send_and_wait|produce)\s*\(", "topic", r"kafka"),
    _kafka(_SUB, r"\bA?I?O?KafkaConsumer\s*\("),
    _kafka(_SUB, r"(?:[cC]onsumer|[kK]afka)\w{0,40}\s*(?:\(\))?\.subscribe\s*\(", 0, r"KafkaConsumer|confluent_kafka|rdkafka|RdKafka|kafka"),
    _kafka(_SUB, r"@(?:broker|router|kafka\w{0,40})\.subscriber\s*\(", 0, r"faststream|Kafka"),
    _kafka(_PUB, r"@(?:broker|router|kafka\w{0,40})\.publisher\s*\(", 0, r"faststream|Kafka"),
    # .NET
    _kafka(_PUB, r"\.Produce(?:Async)?\s*\(", 0, r"Confluent\.Kafka|IProducer<"),
    # Rust, PHP, Ruby, Elixir
    _kafka(_PUB, r"\b(?:FutureRecord|BaseRecord)::to\s*\("),
    _kafka(_SUB, r"\.subscribe\s*\(", 0, r"rdkafka|StreamConsumer"),
    _kafka(_PUB, r"[pP]roducer\w{0,40}->newTopic\s*\("),
    _kafka(_SUB, r"[cC]onsumer\w{0,40}->(?:subscribe|newTopic)\s*\("),
    _kafka(_PUB, r"\.(?:produce|deliver_message|produce_sync|produce_async|deliver)\s*\(", "topic", r"kafka"),
    _kafka(_SUB, r"\.(?:subscribe|each_message)\s*\(", 0, r"ruby-kafka|Kafka\.new|rdkafka"),
    _kafka(_PUB, r":brod\.produce(?:_sync)?\s*\(", 1),
    _kafka(_SUB, r"(?:BroadwayKafka\.Producer|brod_group_subscriber\w{0,40})[^\n]{0,40}?[,({]", "topics"),
    # Watermill: any broker
    call(_PUB, "topic", r"[pP]ub\w{0,40}\.Publish\s*\(", 0, r"watermill"),
    call(_SUB, "topic", r"[sS]ub\w{0,40}\.Subscribe\s*\(", 1, r"watermill"),
    call(_SUB, "topic", r"\.(?:AddNoPublisherHandler|AddConsumerHandler|AddHandler)\s*\(", 1, r"watermill"),
    call(_PUB, "topic", r"\.AddHandler\s*\(", 3, r"watermill"),
)  # fmt: skip
_KARAFKA = regex(rb"^[ \t]*(?:subscribes_to|topic)\s+[\"':]([\w.-]+)[\"']?", re.MULTILINE)


_SWITCHED = regex(r"\bswitch\s*\(?\s*(?:\w+\.)*[tT]opic(?:\(\)|Name)?\s*\)?\s*\{")
_CASE = regex(r"\bcase\s+([^\n:]{2,300}):")
_READS = regex(r"\b(?:FetchMessage|ReadMessage|ConsumeClaim|eachMessage|PollFetches|Consume|Poll)\b")


def _dispatched(data: bytes) -> list[Clue]:
    """Topics that a reader tells apart by: `switch message.Topic { case orders:`."""
    text = data.decode("latin-1")
    file = File(text)
    clues = []
    for match in tried(_SWITCHED, text) if _READS.search(text) else ():
        end = closing(text, match.end() - 1)
        for case in _CASE.finditer(text, match.end(), end if end > 0 else match.end()):
            names = [name for _, each in split(case[1]) for name in file.values(each)]
            clues += [
                Clue(line_of(data, case.start()), "topic", f"kafka:{name}", _SUB)
                for name in names
                if is_name(name) and not in_comment(data, case.start())
            ]
    return clues


def read(data: bytes) -> Sightings:
    """The topics that a file writes and reads."""
    found = clues_of(data, CALLS)
    found = Sightings((*found.clues, *_dispatched(data)))
    if b"acecar" in data or b"Karafka" in data or b"karafka" in data:
        ruby = [
            Clue(data.count(b"\n", 0, match.start()) + 1, "topic", f"kafka:{match[1].decode()}", _SUB)
            for match in _KARAFKA.finditer(data)
        ]
        return Sightings((*found.clues, *ruby))
    return found
