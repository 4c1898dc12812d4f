"""Variables that no code names: a framework binds them to the members of a class by the class's prefix.

Spring's `@ConfigurationProperties("shop.endpoints")` with a member `cart` takes `SHOP_ENDPOINTS_CART`, .NET's
`GetSection("Endpoints")` with a property `Cart` takes `Endpoints__Cart`, and a field `cart_url` of Python's
pydantic or Rust's clap takes `CART_URL`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.evidence.bindings import ANY_KEY, PREFIX, words
from workspai_hooks.workspace.evidence.text import in_comment, line_of

_JVM = (".java", ".kt", ".groovy", ".scala")
_NET = (".cs", ".fs", ".vb")
_FIELDS = (".py", ".rs")
_SECTION = regex(
    rb"\.(?:GetSection|GetRequiredSection|BindConfiguration|Bind)\(\s*(?:\"([\w:.-]{1,120})\"|nameof\(([\w.]{1,120})\))"
)
_ROUTED = regex(rb"\.(?:LoadFromConfig|AddOcelot)\([^();]{0,80}$")
"""A proxy takes the whole section, whose keys are names of its own."""
_NEAR = 120
_IMPORTS = regex(rb"^[ \t]*(?:import|package)\s[^\n]*", re.MULTILINE)
_KEPT = (
    rb"this\.%s\s*=\s*%s\s*;|return\s+(?:this\.)?%s\s*;|[\w>\]?]\s+%s\s*[;,)=:]"
    rb"|\"[^\"\n]*\"|//[^\n]*|/\*.*?\*/"
)
"""What a class says of a member that it only keeps: assigned, given back, declared."""


class Prefix(msgspec.Struct, frozen=True):
    """Where a class says which settings it takes: `name` without dashes, `words` those of its members."""

    name: str
    location: Location
    words: frozenset[bytes]
    takes_any: bool

    def member(self, parts: Sequence[str]) -> bytes:
        """The member that is called like the first parts of what follows the prefix; empty without."""
        joined = ("".join(parts[:count]).encode() for count in range(1, len(parts) + 1))
        return next((one for one in joined if one in self.words), b"")


def bound(files: Mapping[str, bytes], names: Iterable[str]) -> dict[str, Location]:
    """Variable -> where the class says its prefix."""
    known = _Prefixes(files)
    found = {}
    for name in names:
        place = known.of_jvm(name) or known.of_net(name) or _field(files, name)
        if place is not None:
            found[name] = place
    return found


def _field(files: Mapping[str, bytes], name: str) -> Location | None:
    """Where code takes the value of a field that is called like a variable, in small letters: of an object of
    settings that a library fills, in this service's code or in what it shares with others."""
    if "_" not in name.strip("_"):
        return None
    word = re.compile(rb"\." + re.escape(name.lower().encode()) + rb"\b(?!\s*[(=])")
    for path, data in files.items():
        for match in word.finditer(data) if path.endswith(_FIELDS) else ():
            if not in_comment(data, match.start()):
                return Location(path, line_of(data, match.start()))
    return None


class _Prefixes(msgspec.Struct, frozen=True, dict=True):
    files: Mapping[str, bytes]

    def of_jvm(self, name: str) -> Location | None:
        for one, member in _fitting(self._jvm, name.lower().split("_"), "_"):
            if one.takes_any or (member and uses(self.files, member, one.location.path)):
                return one.location
        return None

    def of_net(self, name: str) -> Location | None:
        fitting = _fitting(self._net, name.lower().split("__"), ":")
        return next((one.location for one, member in fitting if member or one.takes_any), None)

    @cached_property
    def _jvm(self) -> dict[str, list[Prefix]]:
        found: dict[str, list[Prefix]] = {}
        for path, data in self._with(_JVM):
            for match in PREFIX.finditer(data):
                if not in_comment(data, match.start()):
                    name = match[1].decode().lower().replace("-", "").replace(".", "_")
                    location = Location(path, line_of(data, match.start()))
                    one = Prefix(name, location, words(data), ANY_KEY.search(data) is not None)
                    found.setdefault(name, []).append(one)
        return found

    @cached_property
    def _net(self) -> dict[str, list[Prefix]]:
        # The class stands in another file, as a rule: all members of the service's code are looked at.
        sections: dict[str, Location] = {}
        routed: set[str] = set()
        for path, data in self._with(_NET):
            for match in _SECTION.finditer(data):
                if not in_comment(data, match.start()):
                    name = (match[1] or match[2].rpartition(b".")[2]).decode().lower()
                    sections.setdefault(name, Location(path, line_of(data, match.start())))
                    if _ROUTED.search(data, max(0, match.start() - _NEAR), match.start()):
                        routed.add(name)
        if not sections:
            return {}
        members = frozenset[bytes]().union(*(words(data) for _, data in self._with(_NET)))
        return {name: [Prefix(name, place, members, name in routed)] for name, place in sections.items()}

    def _with(self, endings: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
        return ((path, data) for path, data in sorted(self.files.items()) if path.endswith(endings))


def _fitting(
    prefixes: Mapping[str, list[Prefix]], parts: list[str], joint: str
) -> Iterator[tuple[Prefix, bytes]]:
    """The prefixes of a variable's parts, the longest first, with the member for the rest."""
    for count in range(len(parts) - 1, 0, -1):
        for one in prefixes.get(joint.join(parts[:count]), ()):
            yield one, one.member(parts[count:])


def uses(files: Mapping[str, bytes], member: bytes, declared_in: str) -> bool:
    """Whether JVM code asks a settings class for a member, or the class itself works with it."""
    name = re.escape(member)
    called = re.compile(
        rb"(?:\.|::)(?:(?:get|is)?" + name + rb"\s*\(\s*\)|(?<=::)(?:get)?" + name + rb"\b)", re.I
    )
    asked = re.compile(rb"[\w)\]!]\s*\??\." + name + rb"\b(?!\s*\()", re.I)
    kept = re.compile(_KEPT.replace(b"%s", name), re.I | re.DOTALL)
    own = re.compile(rb"\b" + name + rb"\b", re.I)
    for path, data in files.items():
        if not path.endswith(_JVM):
            continue
        code = _IMPORTS.sub(b"", data)
        if path == declared_in:
            if own.search(kept.sub(b"", code)):
                return True
            continue
        looks = (called,) if path.endswith(".java") else (called, asked)
        if any(not in_comment(code, one.start()) for look in looks for one in look.finditer(code)):
            return True
    return False
