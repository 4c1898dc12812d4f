"""Evidence of who talks to whom in code and configuration: one extractor a file, in the table below.

An extractor reads one file's bytes and knows nothing else, so that what it finds can be kept by blob id.
What its finds mean (which service an address is, who reads a topic) is said by `workspace/edges/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.store import Store, version
from workspai_hooks.tools.parallel import packed, spread
from workspai_hooks.workspace.evidence import (
    asked,
    bindings,
    camel,
    composed,
    configuration,
    constants,
    dapr,
    docker_api,
    gateways,
    includes,
    literals,
    members,
    message_types,
    platform,
    proxies,
    registry,
    registry_templates,
    topics_amqp,
    topics_brokers,
    topics_events,
    topics_kafka,
    topics_spring,
    topics_stomp,
    topics_tasks,
    vertx,
)
from workspai_hooks.workspace.evidence.sightings import NOTHING, Sightings, joined


class Extractor(msgspec.Struct, frozen=True):
    """One kind of evidence. `wanted`: in which files by their path; `marks`: a file without any of these
    words is not read; `version` grows when `read` finds something else in the same bytes.
    """

    name: str
    version: int
    wanted: Callable[[str], bool]
    read: Callable[[bytes], Sightings]
    marks: tuple[bytes, ...] = ()


CONSTANTS: tuple[Extractor, ...] = (
    Extractor("constants", 1, composed.wanted, constants.read),
    Extractor("bindings", 1, bindings.wanted, bindings.read, bindings.MARKS),
    Extractor("members", 1, members.wanted, members.read, members.MARKS),
)
"""What names of code stand for."""

MESSAGING: tuple[Extractor, ...] = (
    Extractor("topics-kafka", 1, composed.wanted, topics_kafka.read, topics_kafka.MARKS),
    Extractor("topics-amqp", 1, composed.wanted, topics_amqp.read, topics_amqp.MARKS),
    Extractor("topics-brokers", 1, composed.wanted, topics_brokers.read, topics_brokers.MARKS),
    Extractor("topics-events", 1, topics_events.wanted, topics_events.read, topics_events.MARKS),
    Extractor("topics-spring", 1, topics_spring.wanted, topics_spring.read, topics_spring.MARKS),
    Extractor("topics-stomp", 1, composed.wanted, topics_stomp.read, topics_stomp.MARKS),
    Extractor("topics-tasks", 1, composed.wanted, topics_tasks.read, topics_tasks.MARKS),
    Extractor("vertx", 1, vertx.wanted, vertx.read, vertx.MARKS),
    Extractor("dapr", 1, composed.wanted, dapr.read, dapr.MARKS),
)
"""Who writes and reads topics and queues."""

ADDRESSES: tuple[Extractor, ...] = (
    Extractor("literals", 2, literals.wanted, literals.read, literals.MARKS),
    Extractor("composed", 1, composed.wanted, composed.read, composed.MARKS),
    Extractor("asked", 1, asked.wanted, asked.read, asked.MARKS),
    Extractor("registry", 2, registry.wanted, registry.read, registry.MARKS),
)
"""Whom code calls."""

EXTRACTORS: tuple[Extractor, ...] = (
    *CONSTANTS,
    *MESSAGING,
    *ADDRESSES,
    Extractor("asked-places", 1, asked.wanted_places, asked.read_places, asked.MARKS),
    Extractor("configuration", 1, configuration.wanted, configuration.read),
    Extractor("platform", 1, platform.wanted, platform.read, platform.MARKS),
    Extractor("message-types", 1, composed.wanted, message_types.read, message_types.MARKS),
    Extractor("dapr-routes", 1, dapr.routes, dapr.read_routes, dapr.ROUTE_MARKS),
    Extractor("proxies", 1, proxies.wanted, proxies.read, proxies.MARKS),
    Extractor(
        "registry-templates", 1, registry_templates.wanted, registry_templates.read, registry_templates.MARKS
    ),
    Extractor("includes", 1, includes.wanted, includes.read, includes.MARKS),
    Extractor("camel", 1, camel.wanted, camel.read, camel.MARKS),
    Extractor("docker-api", 1, docker_api.wanted, docker_api.read, docker_api.MARKS),
    Extractor("gateways", 1, gateways.wanted, gateways.read, gateways.MARKS),
)


WORTH_A_FORK = 1_000_000
"""Bytes of files; extractors take about 0.2 s for so many."""
MOST_BYTES = 32 * 1024 * 1024
"""Of files whose contents are in memory at once, and shared by those that look at them."""
MAX_BYTES = 1024 * 1024
"""Larger files are bundles and data: nobody wrote an address into them."""


def sightings(path: str, data: bytes, extractors: Sequence[Extractor] = EXTRACTORS) -> Sightings:
    """What extractors find in a file; nothing in one that is no text."""
    if not is_text(data):
        return NOTHING
    return joined(
        one.read(data)
        for one in extractors
        if one.wanted(path) and (not one.marks or any(mark in data for mark in one.marks))
    )


def sighted(
    snapshot: Snapshot, paths: Iterable[str], extractors: Sequence[Extractor] = EXTRACTORS
) -> dict[str, Sightings]:
    """What is sighted in files, each looked at once for its content and the extractors that want it.

    A file whose content is not here is left out.
    """

    def look(missing: list[str]) -> dict[str, Sightings]:
        encoder, decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Sightings)
        found: dict[str, Sightings] = {}
        for contents in snapshot.in_batches(sorted(missing), MOST_BYTES):

            def seen(path: str, contents: Mapping[str, bytes] = contents) -> Sightings:
                return sightings(path, contents[path], extractors)

            pays = sum(map(len, contents.values())) > WORTH_A_FORK
            made = spread(list(contents), lambda path: packed(encoder, seen(path)), pays=pays)
            for path, each in zip(contents, made, strict=True):
                found[path] = decoder.decode(each) if each else seen(path)
        return found

    made_by = _makers(extractors)
    keys = {path: Store.key(snapshot.entries[path].blob, made_by(path)) for path in paths}
    return snapshot.store.each("sightings", keys, Sightings, look)


def sighted_texts(store: Store, texts: Mapping[str, bytes]) -> dict[str, Sightings]:
    """What is sighted in texts that are no files of the repository: one that a ConfigMap holds."""
    made_by = _makers(EXTRACTORS)
    keys = {path: Store.key(data, made_by(path)) for path, data in texts.items()}
    return store.each(
        "sightings", keys, Sightings, lambda missing: {path: sightings(path, texts[path]) for path in missing}
    )


def _makers(extractors: Sequence[Extractor]) -> Callable[[str], str]:
    """Path -> the extractors that want it and their versions, as part of a key."""
    known: dict[tuple[str, ...], str] = {}

    def made_by(path: str) -> str:
        names = tuple(one.name for one in extractors if one.wanted(path))
        if names not in known:
            known[names] = str([(name, version("evidence " + name)) for name in names])
        return known[names]

    return made_by


def is_text(data: bytes) -> bool:
    """Whether a file can be somebody's code or configuration."""
    return len(data) <= MAX_BYTES and b"\0" not in data[:4096]
