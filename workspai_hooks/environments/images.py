"""Images by name: which program, which version, and which names mean the same program."""

from __future__ import annotations

import msgspec

from workspai_hooks.environments.versions import Change, Version, difference, version_of

STORES = {
    name: program
    for program, names in {
        "activemq": "activemq activemq-artemis artemis",
        "arangodb": "arangodb",
        "cassandra": "cassandra",
        "clickhouse": "clickhouse clickhouse-server",
        "cockroachdb": "cockroach cockroachdb",
        "consul": "consul",
        "couchbase": "couchbase",
        "couchdb": "couchdb",
        "elasticsearch": "elasticsearch",
        "etcd": "etcd",
        "influxdb": "influxdb",
        "kafka": "kafka cp-kafka",
        "mariadb": "mariadb",
        "memcached": "memcached",
        "mongodb": "mongo mongodb mongodb-community-server",
        "mssql": "mssql/server mssql-server",
        "mysql": "mysql mysql-server",
        "nats": "nats nats-server",
        "neo4j": "neo4j",
        "opensearch": "opensearch",
        "postgresql": "postgres postgresql",
        "pulsar": "pulsar",
        "rabbitmq": "rabbitmq",
        "redis": "redis redis-server",
        "solr": "solr",
        "valkey": "valkey",
        "vault": "vault",
        "zookeeper": "zookeeper cp-zookeeper",
    }.items()
    for name in names.split()
}
"""The last part of an image's name -> the store or broker whose data and protocol go with its version."""

_UPSTREAM = frozenset(
    """
    apache bitnami bitnamilegacy bitnamisecure clickhouse docker/library elasticsearch library mongodb mysql
    opensearchproject valkey
    """.split()  # noqa: SIM905
) | {""}
"""Those who tag with the program's own version. Others (Confluent, wurstmeister) count in their own way."""

_SERIES = {"mysql": 2, "mariadb": 2, "mongodb": 2}
"""Programs whose releases that read each other's data are told apart by so many numbers.

https://dev.mysql.com/doc/refman/8.4/en/upgrade-paths.html, https://mariadb.org/about/#maintenance-policy,
https://www.mongodb.com/docs/manual/reference/versioning/
"""


class Image(msgspec.Struct, frozen=True):
    """An image's name taken apart: `registry/path:tag@digest`; `name` is the path's last part."""

    registry: str
    path: str
    tag: str
    digest: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def version(self) -> Version | None:
        """What its tag says; a digest beside a tag does not take that back."""
        return version_of(self.tag) if self.tag else None

    @property
    def store(self) -> str:
        """The store or broker that it is, empty for anything else."""
        whole = "/".join(self.path.split("/")[-2:])
        return STORES.get(whole) or STORES.get(self.name, "")

    @property
    def is_upstream(self) -> bool:
        """Whether its tags are the program's own versions."""
        return self.path.rpartition("/")[0] in _UPSTREAM


def image_of(text: str) -> Image:
    """An image's name taken apart; what is not said is empty."""
    text, _, digest = text.strip().strip("\"'").partition("@")
    head, slash, last = text.rpartition("/")
    last, _, tag = last.partition(":")
    path = f"{head}{slash}{last}"
    first, slash, rest = path.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return Image(first, rest.lower(), tag, digest)
    return Image("", path.lower(), tag, digest)


def same_program(left: Image, right: Image) -> bool:
    """Whether the tags of two images count in the same way: one path in any registry, or one program by
    those who tag it with its own version."""
    if left.path.removeprefix("library/") == right.path.removeprefix("library/"):
        return True
    return bool(left.store) and left.store == right.store and left.is_upstream and right.is_upstream


def parted(left: Image, right: Image) -> Change | None:
    """Where the versions of two images of one program part; None also where one of them is not known."""
    if left.version is None or right.version is None:
        return None
    return difference(left.version, right.version)


def is_other_series(program: str, left: Version, right: Version) -> bool:
    """Whether two versions of a store are of different major releases, as its makers count them."""
    size = _SERIES.get(program, 1)
    if program == "postgresql" and min(left[0], right[0]) < 10:
        size = 2  # https://www.postgresql.org/support/versioning/
    short = min(size, len(left), len(right))
    return left[:short] != right[:short]
