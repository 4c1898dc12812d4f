"""What one file says about whom its service talks to: values without a path, for they belong to its content.

Texts may hold references that only the service can fill in: `${name}` or `${name:default}` for a setting or
an environment variable, `#{NAME}` for a constant of its code.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What a line does."""

    CONNECTS = "connects"
    """Its text is an address (URL, `host:port`, `lb://name`) that the service calls or routes to."""
    ASKS = "asks"
    """Its text is a variable that the service takes an address from, and after a tab what it calls it."""
    PUBLISHES = "publishes"
    """Its text is a topic, queue or exchange, `kafka:orders`, that the service writes."""
    SUBSCRIBES = "subscribes"
    """The same, read by the service."""
    REQUESTS = "requests"
    """A message that is meant for whoever reads the topic (a command, a task): the writer depends on him."""
    BINDS = "binds"
    """What fills a queue: `amqp:queue`, exchange and pattern with a tab between, in whoever's file it is."""
    INCLUDES = "includes"
    """Its text is the path of a part of a page that is put in when the page is delivered."""
    HANDLES = "handles"
    """A type of messages, by its name, that the service tells from others."""
    FRONTS = "fronts"
    """A gateway that routes to every service which registers itself: where it registers too, or with the
    registry that its text names."""
    REGISTERS = "registers"
    """The service enters itself in a registry: `eureka`, `consul` …, empty where the line does not tell."""
    SERVES = "serves"
    """The service answers requests of its own; its text is empty."""
    PLATFORM = "platform"
    """The service is a registry, a configuration server or a monitor (its text): nobody's partner."""


class Clue(msgspec.Struct, frozen=True, order=True):
    """One line. `kind` is the row in docs/evidence.md; `protocol` where the line tells it.

    `service`: who it speaks for, by name, where that is not the one whose folder holds the file.
    """

    line: int
    kind: str
    text: str
    role: Role = Role.CONNECTS
    protocol: str = ""
    service: str = ""


class Setting(msgspec.Struct, frozen=True, order=True):
    """A named text: a key of the service's configuration, or a string constant of its code."""

    name: str
    value: str
    line: int


class Sightings(msgspec.Struct, frozen=True):
    """All that one file says."""

    clues: tuple[Clue, ...] = ()
    settings: tuple[Setting, ...] = ()
    constants: tuple[Setting, ...] = ()


NOTHING = Sightings()


def joined(many: Iterable[Sightings]) -> Sightings:
    """What several extractors found in one file."""
    all_of_them = list(many)
    return Sightings(
        tuple(sorted({clue for one in all_of_them for clue in one.clues})),
        tuple(sorted({each for one in all_of_them for each in one.settings})),
        tuple(sorted({each for one in all_of_them for each in one.constants})),
    )
