"""Client libraries that can't talk to servers from some version on: a short table, each row with its
source."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename

import msgspec

from workspai_hooks.environments.versions import Version, version_of
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location

_MAX_BYTES = 2 * 1024 * 1024
_OPCODES = "https://www.mongodb.com/docs/manual/legacy-opcodes/"
_KAFKA = "https://kafka.apache.org/40/getting-started/compatibility"


class Floor(msgspec.Struct, frozen=True, order=True):
    """Servers of a `program` from version `server` on refuse the `library` below version `client` (every
    version of it where that is None). `why` in a few words, `source` where that is published."""

    program: str
    server: Version
    library: str
    client: Version | None
    why: str
    source: str


FLOORS: tuple[Floor, ...] = (
    # OP_MSG came with MongoDB 3.6, and with these drivers: https://jira.mongodb.org/browse/SERVER-57495
    Floor("mongodb", (5, 1), "npm:mongodb", (3, 0), "it knows no OP_MSG", _OPCODES),
    Floor("mongodb", (5, 1), "pypi:pymongo", (3, 6), "it knows no OP_MSG", _OPCODES),
    Floor("mongodb", (5, 1), "go:gopkg.in/mgo.v2", None, "it knows no OP_MSG", _OPCODES),
    Floor("mongodb", (5, 1), "go:github.com/globalsign/mgo", None, "it knows no OP_MSG", _OPCODES),
    Floor(
        "kafka",
        (4, 0),
        "maven:org.apache.kafka:kafka-clients",
        (2, 1),
        "its requests are gone (KIP-896)",
        _KAFKA,
    ),
    Floor(
        "mysql",
        (9, 0),
        "npm:mysql",
        None,
        "it knows no caching_sha2_password, and mysql_native_password is gone",
        "https://dev.mysql.com/doc/relnotes/mysql/9.0/en/news-9-0-0.html",
    ),
)


class Client(msgspec.Struct, frozen=True, order=True):
    """A library of the table that a manifest asks for, in this version or in one that begins with it."""

    library: str
    version: Version
    written: str
    location: Location


_BY_SYSTEM = {
    system: {one.library.partition(":")[2] for one in FLOORS if one.library.startswith(f"{system}:")}
    for system in ("npm", "pypi", "go", "maven")
}
# Only what fixes the major version: `^2.2`, `~2.2`, `2.2.36`, `2.x`. An open range takes the newest.
_NPM = regex(r"\"([\w./@-]{1,80})\"\s{0,8}:\s{0,8}\"[\^~=]?\s{0,2}v?(\d{1,4}(?:\.\d{1,4}){0,2})(?:\.x)?\"")
_PYPI = regex(
    r"^\s{0,20}[\"']?([A-Za-z][\w.-]{0,60})(?:\[[\w,-]{1,60}\])?\s{0,4}(?:==|~=)\s{0,4}(\d{1,4}(?:\.\d{1,4}){0,2})"
)
_GO = regex(r"^\s{0,8}(?:require\s{1,4})?([\w./-]{3,120})\s{1,8}(v\d[\w.+-]{0,80})")
_MAVEN = regex(
    r"<groupId>\s{0,8}([\w.-]{1,100})\s{0,8}</groupId>\s{0,80}<artifactId>\s{0,8}([\w.-]{1,100})\s{0,8}</artifactId>"
    r"\s{0,80}<version>\s{0,8}(\d{1,4}(?:\.\d{1,4}){0,2})"
)
_GRADLE = regex(r"[\"']([\w.-]{1,100}):([\w.-]{1,100}):(\d{1,4}(?:\.\d{1,4}){0,2})[\"']")


def wanted(path: str) -> bool:
    name = basename(path)
    return name in (
        "package.json",
        "go.mod",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "pyproject.toml",
    ) or (name.startswith("requirements") and name.endswith(".txt"))


def read(path: str, data: bytes) -> Iterator[Client]:
    """The libraries of the table that a manifest asks for, by lines."""
    text = data[:_MAX_BYTES].decode("utf-8", "replace")
    if basename(path) == "pom.xml":
        for match in _MAVEN.finditer(text):
            name = f"{match[1]}:{match[2]}"
            yield from _made("maven", name, match[3], Location(path, text.count("\n", 0, match.end()) + 1))
        return
    for number, line in enumerate(text.splitlines(), 1):
        yield from _of_line(path, line[:400], Location(path, number))


def _of_line(path: str, line: str, place: Location) -> Iterator[Client]:
    name = basename(path)
    if name == "package.json":
        for one in _NPM.finditer(line):
            yield from _made("npm", one[1], one[2], place)
    elif name == "go.mod":
        found = _GO.match(line) if "// indirect" not in line else None
        yield from _made("go", found[1], found[2], place) if found else ()
    elif name.startswith("build.gradle"):
        for one in _GRADLE.finditer(line):
            yield from _made("maven", f"{one[1]}:{one[2]}", one[3], place)
    else:
        found = _PYPI.match(line)
        yield from _made("pypi", found[1].lower(), found[2], place) if found else ()


def _made(system: str, name: str, written: str, place: Location) -> Iterator[Client]:
    version = version_of(written.partition("-")[0].partition("+")[0])
    if name in _BY_SYSTEM[system] and version is not None:
        yield Client(f"{system}:{name}", version, written, place)
