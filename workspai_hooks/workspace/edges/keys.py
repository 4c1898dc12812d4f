"""Which keys of its configuration a service's own code reads, and where."""

from __future__ import annotations

import re
from functools import cached_property

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.bound import Prefix, uses
from workspai_hooks.workspace.evidence.bindings import ANY_KEY, words
from workspai_hooks.workspace.evidence.configuration import plain_key
from workspai_hooks.workspace.evidence.text import in_comment, line_of
from workspai_hooks.workspace.files import is_code
from workspai_hooks.workspace.reading import SourceTree

_JVM = (".java", ".kt", ".groovy", ".scala")
_WRITTEN = regex(rb"[$#]\{([A-Za-z][\w.-]{1,120})|\"([A-Za-z][\w-]*(?:\.[\w-]+){1,12})\"")
_PREFIX = regex(rb"@(?:ConfigurationProperties|ConfigMapping|EachProperty)\([^()\"]{0,60}\"([\w.-]{1,120})\"")
_ANY_PREFIX = regex(rb"@(?:ConfigurationProperties|ConfigMapping|EachProperty)\(")
_FRAMEWORK = regex(
    r"(?:spring|zuul|feign|security\.oauth2|quarkus|micronaut|camel|grpc\.client|dubbo|jhipster|kafka|mp)\."
    r"|.*\.ribbon\.listofservers|.*/mprest/ur[il]$"
)
_GENERATED = regex(r"(?:^|/)Migrations/|\.(?:[Dd]esigner|g|generated)\.cs$")
_VAGUE = frozenset(
    """
    addr address api backend base baseuri baseurl client clients config endpoint endpoints host hostname
    name options port root server servers service services settings target uri uris url urls
    """.split()  # noqa: SIM905
)


class Keys(msgspec.Struct, frozen=True, dict=True):
    """The keys that the code of one service asks for."""

    tree: SourceTree

    @cached_property
    def is_jvm(self) -> bool:
        return any(path.endswith(_JVM) for path in self.tree.paths)

    def read_at(self, key: str) -> Location | None:
        """Where a key is read. JVM code names the whole key or a prefix of it; elsewhere a part serves."""
        found = self.tree.once(("key", key), list[Location], lambda: [*filter(None, [self._read_at(key)])])
        return found[0] if found else None

    def _read_at(self, key: str) -> Location | None:
        plain = plain_key(key)
        if not self.is_jvm:
            return self._part(plain)
        if plain in self._written:
            return self._written[plain]
        bare = re.sub(r"\[\d+\]", "", plain)
        names = [bare[: match.start()] for match in re.finditer(r"\.", bare)]
        return next((place for name in reversed(names) if (place := self._bound(name, bare))), None)

    def _bound(self, prefix: str, key: str) -> Location | None:
        """Where a class takes the settings of a prefix, if somebody asks it for the member of this one."""
        place = self._prefixes.get(prefix)
        if place is None:
            return None
        data = self.tree.files.get(place.path, b"")
        member = Prefix(prefix, place, words(data), False).member(key[len(prefix) + 1 :].split("."))
        known = ANY_KEY.search(data) or not member or uses(self.tree.files, member, place.path)
        return place if known else None

    def is_the_frameworks(self, key: str) -> bool:
        """A key that a JVM framework reads by itself."""
        return self.is_jvm and _FRAMEWORK.match(plain_key(key)) is not None

    @cached_property
    def _written(self) -> dict[str, Location]:
        found: dict[str, Location] = {}
        for path, data in self.tree.files.items():
            if path.endswith((*_JVM, ".xml")):
                for match in _WRITTEN.finditer(data):
                    name = plain_key((match[1] or match[2]).decode())
                    if name not in found and not in_comment(data, match.start()):
                        found[name] = Location(path, line_of(data, match.start()))
        return found

    @cached_property
    def _prefixes(self) -> dict[str, Location]:
        found: dict[str, Location] = {}
        for path, data in self.tree.files.items():
            if path.endswith(_JVM) and _ANY_PREFIX.search(data):
                # A prefix that is a constant stands in the same file as a rule.
                for match in (*_PREFIX.finditer(data), *_WRITTEN.finditer(data)):
                    name = (match[1] or match[match.lastindex or 1]).decode()
                    found.setdefault(plain_key(name), Location(path, line_of(data, match.start())))
        return found

    def _part(self, plain: str) -> Location | None:
        """The last part of a key that says something, as a word of the code in any spelling."""
        parts = [part for part in re.split(r"[.:\[\]\d/\"]+", plain) if part]
        telling = [part for part in parts if part not in _VAGUE] or parts
        if not telling:
            return None
        wanted = telling[-1].encode()
        for path, squeezed in self._squeezed.items():
            at = squeezed.find(wanted)
            if at >= 0:
                return Location(path, line_of(squeezed, at))
        return None

    @cached_property
    def _squeezed(self) -> dict[str, bytes]:
        return {
            path: re.sub(rb"[-_]", b"", data).lower()
            for path, data in self.tree.files.items()
            if is_code(path) and not _GENERATED.search(path)
        }
