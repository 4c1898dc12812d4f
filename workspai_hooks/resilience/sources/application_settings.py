"""Settings of JVM and .NET applications as the readers of their policies ask for them: names in parts, values
with their lines, durations in the dialects of Spring, resilience4j, MicroProfile and .NET."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from workspai_hooks.contracts.helm import nodes
from workspai_hooks.contracts.helm.documents import looks_like_manifest
from workspai_hooks.errors import Undecided
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.durations import seconds_of
from workspai_hooks.source import Location
from workspai_hooks.workspace.evidence.configuration import plain_key
from workspai_hooks.workspace.evidence.configuration import wanted as _is_configuration
from workspai_hooks.workspace.evidence.flat import MAX_BYTES, flat
from workspai_hooks.workspace.files import is_for_tests, is_test

REST = "**"
_PARTS = regex(r'"([^"]{1,200})"|\[([^\]]{1,200})\]|([^.\["]{1,200})')
_ISO = regex(r"PT(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?")
_SPAN = regex(r"(?:(\d{1,9})\.)?(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,7})?))?")
_DEFAULTED = regex(r"\$\{[^{}:]{1,200}:([^{}]{0,200})\}")
_NUMBER = regex(r"\d{1,12}(?:\.\d{1,9})?")


class Value(msgspec.Struct, frozen=True, order=True):
    """A setting's value and line."""

    text: str
    location: Location

    @property
    def known(self) -> str | None:
        """The text with a placeholder's default in its place; None where what it is stands elsewhere."""
        text = _DEFAULTED.sub(r"\1", self.text)
        return None if "${" in text or "{{" in text or text.startswith("@") else text.strip()

    @property
    def number(self) -> float | None:
        """A number; None for anything else."""
        text = self.known
        return float(text) if text is not None and _NUMBER.fullmatch(text) else None

    def seconds(self, unit_s: float = 1e-3) -> float | None:
        """A duration: `500ms`, `PT1S`, `00:00:30`, or a number in `unit_s`; None for anything else."""
        text = self.known
        if text is None:
            return None
        if _NUMBER.fullmatch(text):
            return float(text) * unit_s
        iso = _ISO.fullmatch(text.upper())
        if iso is not None and text.upper() != "PT":
            return float(iso[1] or 0) * 3600 + float(iso[2] or 0) * 60 + float(iso[3] or 0)
        span = _SPAN.fullmatch(text)
        if span is not None:
            days = float(span[1] or 0) * 86_400
            return days + float(span[2]) * 3600 + float(span[3]) * 60 + float(span[4] or 0)
        return seconds_of(text.replace(" ", "").lower())

    @property
    def is_true(self) -> bool:
        return (self.known or "").lower() == "true"


class Settings:
    """The settings of one file."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self._rows = [(_split(one.name), Value(one.value, Location(path, one.line))) for one in flat(data)]
        self.undecided = () if self._rows else _unreadable(path, data)

    def find(self, pattern: str) -> Iterator[tuple[tuple[str, ...], Value]]:
        """What stands for each `*` of a dotted pattern, and the value. Parts are compared as Spring does:
        case, `-` and `_` do not count; `**` at the end takes all that follows as one."""
        wanted = pattern.split(".")
        for parts, value in self._rows:
            if len(parts) == len(wanted) or (wanted[-1] == REST and len(parts) >= len(wanted)):
                head = len(wanted) - (wanted[-1] == REST)
                if all(_fits(mine, parts[at]) for at, mine in enumerate(wanted[:head])):
                    taken = tuple(parts[at] for at, mine in enumerate(wanted[:head]) if mine == "*")
                    rest = (".".join(parts[head:]),) if wanted[-1] == REST else ()
                    yield (*taken, *rest), value

    def groups(self, pattern: str) -> dict[str, dict[str, Value]]:
        """`a.*.**`: by what stands for the first star, the values by the plain names of the rest; of a name
        that is given twice the first, as profiles come after what holds in general."""
        found: dict[str, dict[str, Value]] = {}
        for (name, rest), value in self.find(pattern):
            found.setdefault(name, {}).setdefault(plain_key(rest), value)
        return found

    def one(self, *patterns: str) -> Value | None:
        """The first value of the first pattern that has one."""
        for pattern in patterns:
            for _, value in self.find(pattern):
                return value
        return None


def wanted(path: str) -> bool:
    """Whether a file may hold settings of an application that runs, not of its tests; what a chart makes
    objects of is none."""
    if "/templates/" in path:
        return False
    return _is_configuration(path) and not is_test(path) and not is_for_tests(path)


def first_line(values: Sequence[Value]) -> Location:
    """Where a group of settings begins."""
    return min(one.location for one in values)


def question(value: Value, what: str, wanted_as: str) -> Undecided:
    """A value that is not what it should be."""
    return Undecided(f"{value.location}: {what}", f"{value.text[:40]!r} is no {wanted_as}", "mend the value")


def _fits(wanted: str, part: str) -> bool:
    return wanted == "*" or plain_key(part) == wanted


def _split(name: str) -> tuple[str, ...]:
    """`a."b.c".d` and `a[b.c].d` are three parts; `a[0]` two."""
    return tuple(found[1] or found[2] or found[3] for found in _PARTS.finditer(name))


def _unreadable(path: str, data: bytes) -> tuple[Undecided, ...]:
    """Why a file gives no settings, where that is a fault of its own. A manifest that is too large for
    settings is no application's: who looks at what is deployed reads it, and that takes seconds."""
    if path.endswith(".properties") or (len(data) > MAX_BYTES and looks_like_manifest(data)):
        return ()
    try:
        nodes.read(path, data)
    except nodes.YamlError as error:
        why = f"can't be read: {error}"
        return (Undecided(f"{path}:{error.line}", why, "mend the file, or leave it out of the repository"),)
    return ()
