"""Variables that no code names: a framework binds them to the members of a class by the class's prefix.

Spring's `@ConfigurationProperties("shop.endpoints")` with a member `cart` takes `SHOP_ENDPOINTS_CART`, .NET's
`GetSection("Endpoints")` with a property `Cart` takes `Endpoints__Cart`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from workspai_hooks.source import Location
from workspai_hooks.workspace.evidence.text import in_comment, line_of

_JVM = (".java", ".kt", ".groovy", ".scala")
_NET = (".cs", ".fs", ".vb")
_PREFIX = re.compile(
    rb"@(?:ConfigurationProperties|ConfigMapping|EachProperty)\(\s*(?:(?:prefix|value)\s*=\s*)?\"([\w.-]{1,120})\""
)
_SECTION = re.compile(
    rb"\.(?:GetSection|GetRequiredSection|BindConfiguration|Bind)\(\s*(?:\"([\w:.-]{1,120})\"|nameof\(([\w.]{1,120})\))"
)
_WORD = re.compile(rb"[a-z_]\w*")
_ANY_KEY = re.compile(rb"\bMap\s*<|\bProperties\b|Dictionary\s*<")


@dataclass(frozen=True, slots=True)
class Prefix:
    """Where a class says which settings it takes: `name` without dashes, `words` those of its members."""

    name: str
    location: Location
    words: frozenset[bytes]
    takes_any: bool

    def takes(self, parts: list[str]) -> bool:
        """A member is called like the first parts of what follows the prefix."""
        joined = ("".join(parts[:count]).encode() for count in range(1, len(parts) + 1))
        return self.takes_any or any(one in self.words for one in joined)


def bound(files: Mapping[str, bytes], names: Iterable[str]) -> dict[str, Location]:
    """Variable -> where the class says its prefix."""
    known = _Prefixes(files)
    found = {}
    for name in names:
        place = known.of_jvm(name) or known.of_net(name)
        if place is not None:
            found[name] = place
    return found


@dataclass(frozen=True)
class _Prefixes:
    files: Mapping[str, bytes]

    def of_jvm(self, name: str) -> Location | None:
        parts = name.lower().split("_")
        return _longest(self._jvm, parts, "_")

    def of_net(self, name: str) -> Location | None:
        parts = name.lower().split("__")
        return _longest(self._net, parts, ":")

    @cached_property
    def _jvm(self) -> dict[str, list[Prefix]]:
        found: dict[str, list[Prefix]] = {}
        for path, data in self._with(_JVM):
            for match in _PREFIX.finditer(data):
                if not in_comment(data, match.start()):
                    name = match[1].decode().lower().replace("-", "").replace(".", "_")
                    location = Location(path, line_of(data, match.start()))
                    one = Prefix(name, location, _words(data), _ANY_KEY.search(data) is not None)
                    found.setdefault(name, []).append(one)
        return found

    @cached_property
    def _net(self) -> dict[str, list[Prefix]]:
        # The class stands in another file, as a rule: all members of the service's code are looked at.
        sections: dict[str, Location] = {}
        for path, data in self._with(_NET):
            for match in _SECTION.finditer(data):
                if not in_comment(data, match.start()):
                    name = (match[1] or match[2].rpartition(b".")[2]).decode().lower()
                    sections.setdefault(name, Location(path, line_of(data, match.start())))
        words = (
            frozenset[bytes]().union(*(_words(data) for _, data in self._with(_NET))) if sections else None
        )
        return {name: [Prefix(name, place, words or frozenset(), False)] for name, place in sections.items()}

    def _with(self, endings: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
        return ((path, data) for path, data in sorted(self.files.items()) if path.endswith(endings))


def _longest(prefixes: Mapping[str, list[Prefix]], parts: list[str], joint: str) -> Location | None:
    """The longest prefix whose class has a member for the rest."""
    for count in range(len(parts) - 1, 0, -1):
        for one in prefixes.get(joint.join(parts[:count]), ()):
            if one.takes(parts[count:]):
                return one.location
    return None


def _words(data: bytes) -> frozenset[bytes]:
    return frozenset(_WORD.findall(data.lower()))
