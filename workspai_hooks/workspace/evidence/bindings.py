"""Classes of the JVM that take settings by a prefix: `@prefix`, with the words of the file as members."""

from __future__ import annotations

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.sightings import Setting, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

MARKS = (b"@ConfigurationProperties", b"@ConfigMapping", b"@EachProperty")
PREFIX = regex(
    rb"@(?:ConfigurationProperties|ConfigMapping|EachProperty)\(\s*(?:(?:prefix|value)\s*=\s*)?\"([\w.-]{1,120})\""
)
ANY_KEY = regex(rb"\bMap\s*<|\bProperties\b|Dictionary\s*<")
MARK = "@"
EVERY = "*"
"""The members of a class that takes whatever stands below its prefix."""
_WORD = regex(rb"[a-z_]\w*")


def wanted(path: str) -> bool:
    return path.endswith((".java", ".kt", ".groovy", ".scala"))


def read(data: bytes) -> Sightings:
    """What a service that uses the class is asked for: libraries hold such classes for many."""
    members = EVERY if ANY_KEY.search(data) else b" ".join(sorted(words(data))).decode("ascii", "replace")
    return Sightings(
        constants=tuple(
            Setting(MARK + match[1].decode().lower().replace("-", ""), members, line_of(data, match.start()))
            for match in PREFIX.finditer(data)
            if not in_comment(data, match.start())
        )
    )


def words(data: bytes) -> frozenset[bytes]:
    """The words of a file in lower case."""
    return frozenset(_WORD.findall(data.lower()))
