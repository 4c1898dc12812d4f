"""Topics of change data capture: Debezium, or Confluent's JDBC source, writes the changes of tables for the
service that owns them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Evidence
from workspai_hooks.workspace.files import is_test
from workspai_hooks.workspace.manifests.helm import flattened
from workspai_hooks.workspace.names import bare
from workspai_hooks.workspace.services import Kind

KIND = "captured"
_PLACES = regex(r"(?i)(?:connect|debezium|cdc|kafka)[^\n]*\.(?:json|ya?ml)$")
_MOST_FILES = 500
_DATABASE = regex(
    r"(?i)^(?:jdbc:|r2dbc:)?(?:postgres(?:ql)?|mysql|mariadb|sqlserver|mongodb(?:\+srv)?)(?:\+\w+)?://[^/\s]+/([\w-]+)"
)
_NAMES = ("database.dbname", "database.include.list", "database.names", "database.whitelist")


class Captured(msgspec.Struct, frozen=True):
    """A topic that a connector fills from the tables of a service."""

    topic: str
    service: str
    evidence: Evidence


def captured(scene: Scene) -> list[Captured]:
    """The topics of every connector whose database one service alone has."""
    owners: dict[str, set[str]] | None = None
    found = []
    for path in scene.paths(_PLACES)[:_MOST_FILES]:
        data = scene.text(path)
        queried = b"JdbcSourceConnector" in data
        if not (queried or b"io.debezium.connector" in data) or is_test(path):
            continue
        owners = _owners(scene) if owners is None else owners
        known = {
            key.removeprefix("spec.").removeprefix("config."): text for key, text in flattened(data).items()
        }
        url = _DATABASE.match(known.get("connection.url", "")) if queried else None
        names = url[1] if url else next((known[name] for name in _NAMES if name in known), "")
        having = {owner for name in names.split(",") for owner in _owner(name.strip().lower(), owners)}
        if len(having) == 1:
            place = Evidence(Location(path, _line(data)), KIND)
            topics = _queried(known) if queried else _topics(known)
            found += [Captured(topic, min(having), place) for topic in topics]
    return found


def _owner(database: str, owners: dict[str, set[str]]) -> set[str]:
    """Who connects to a database; of several the one that is called like it."""
    having = owners.get(database, set())
    named = {one for one in having if bare(one) == bare(database)}
    return named or having


def _topics(known: dict[str, str]) -> Iterator[str]:
    """`prefix.schema.table` for each table that is listed."""
    prefix = known.get("topic.prefix") or known.get("database.server.name", "")
    tables = (
        known.get("table.include.list")
        or known.get("table.whitelist")
        or known.get("collection.include.list")
    )
    for table in (tables or "").split(","):
        if prefix and re.fullmatch(r"[\w.-]+", name := table.strip().replace("\\.", ".")):
            yield f"{prefix}.{name}"


def _queried(known: dict[str, str]) -> Iterator[str]:
    """Of Confluent's JDBC source: the prefix with each table behind it; of a query the prefix alone."""
    prefix = known.get("topic.prefix", "")
    tables = known.get("table.whitelist") or known.get("table.include.list") or ""
    names = (
        [prefix]
        if "query" in known
        else [f"{prefix}{one.strip()}" for one in tables.split(",") if one.strip()]
    )
    yield from (name for name in names if re.fullmatch(r"[\w.-]+", name))


def _line(data: bytes) -> int:
    at = max(data.find(b"topic.prefix"), data.find(b"database.server.name"), 0)
    return data.count(b"\n", 0, at) + 1


def _owners(scene: Scene) -> dict[str, set[str]]:
    """Database -> the services whose configuration or environment connects to it."""
    found: dict[str, set[str]] = {}
    for service in scene.partners:
        if service.kind is Kind.APPLICATION:
            texts = [setting.value for _, setting in scene.settings(service)]
            texts += [variable.value or "" for variable, _ in scene.variables(service)]
            for text in texts:
                for filled in scene.texts(service, text) if "://" in text else ():
                    if match := _DATABASE.match(filled):
                        found.setdefault(match[1].lower(), set()).add(service.name)
    return found
