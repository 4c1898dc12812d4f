"""Reads buf's rows: which element each one speaks of.

buf names messages and enums by their last name only, so the row's place in head decides which is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable

import msgspec

from workspai_hooks.breaking.upstream import SURFACES
from workspai_hooks.contracts.protobuf.describe import Described
from workspai_hooks.contracts.protobuf.serialized import repository_path
from workspai_hooks.errors import UndecidedError
from workspai_hooks.patterns import regex
from workspai_hooks.tools.buf import RETRY, Row


class Hit(msgspec.Struct, frozen=True, order=True):
    """A row and one element that it speaks of. `owner` is the full name of the declaration around it."""

    element: str
    kind: str
    owner: str
    name: str
    row: Row


class Sides(msgspec.Struct, frozen=True):
    """What a unit declares in base and in head; `moved` maps a head path to the base path it had."""

    base: Described
    head: Described
    moved: dict[str, str]

    def base_path(self, head_path: str) -> str:
        return self.moved.get(head_path, head_path)

    def base_package(self, path: str) -> str:
        file = self.base.files.get(self.base_path(path)) or self.head.files.get(path)
        return file.package if file else ""


_Reader = Callable[[re.Match[str], Row, Sides], Iterable[Hit]]


def read(row: Row, sides: Sides) -> tuple[Hit, ...]:
    """The elements of one row; a row that is not known is an `UndecidedError`, never dropped."""
    if row.rule in SURFACES:
        for pattern, reader in _READERS:
            if match := pattern.match(row.message):
                return tuple(reader(match, row, sides))
    why = f"its row is not known here: {row.rule} {row.message}"
    raise UndecidedError("buf breaking", why, f"use the buf that is bundled; {RETRY}")


def _file(match: re.Match[str], row: Row, sides: Sides) -> Iterable[Hit]:
    path = repository_path(match[1])
    yield Hit(f"file:{path}", "file", path, path, row)


def _file_option(match: re.Match[str], row: Row, sides: Sides) -> Iterable[Hit]:
    path = sides.base_path(row.path)
    yield Hit(f"file:{path}", "file", path, path, row)


def _package(match: re.Match[str], row: Row, sides: Sides) -> Iterable[Hit]:
    yield Hit(f"package:{match[1]}", "package", match[1], match[1], row)


def _declaration(match: re.Match[str], row: Row, sides: Sides) -> Iterable[Hit]:
    package = match["package"]
    if package is None:
        package = sides.base_package(row.path)
    full = f"{package}.{match['name']}" if package else match["name"]
    if entry := sides.base.map_entries.get(full):
        yield Hit(f"{entry[0]}.{entry[1]}", "map entry", *entry, row)
        return
    yield Hit(full, match["kind"], full, full, row)


def _field(match: re.Match[str], row: Row, sides: Sides) -> Iterable[Hit]:
    head = {**sides.head.messages, **sides.head.map_entries}
    base = {**sides.base.messages, **sides.base.map_entries}
    owner = _meant(match["owner"], row, sides, head, base)
    if entry := sides.head.map_entries.get(owner) or sides.base.map_entries.get(owner):
        yield Hit(f"{entry[0]}.{entry[1]}", "field", *entry, row)
        return
    number = int(match["number"])
    name = match.groupdict().get("name") or ""
    for side in (sides.head, sides.base):
        message = side.messages.get(owner)
        for field in message.fields.values() if message else ():
            if field.number == number:
                name = field.name
    yield Hit(f"{owner}.{name}", "field", owner, name, row)


def _extension(match: re.Match[str], row: Row, sides: Sides) -> Iterable[Hit]:
    yield Hit(match[1], "extension", match[1], match[1], row)


def _value(match: re.Match[str], row: Row, sides: Sides) -> Iterable[Hit]:
    owner = _meant(match["owner"], row, sides, sides.head.enums, sides.base.enums)
    number = int(match["number"])
    before = sides.base.enums.get(owner)
    after = sides.head.enums.get(owner)
    names = [name for name, (value, _) in before.values.items() if value == number] if before else []
    kept = {name for name, (value, _) in after.values.items() if value == number} if after else set()
    for name in [name for name in names if name not in kept] or names[:1] or [match["number"]]:
        yield Hit(f"{owner}.{name}", "value", owner, name, row)


def _oneof(match: re.Match[str], row: Row, sides: Sides) -> Iterable[Hit]:
    owner = _meant(match["owner"], row, sides, sides.head.messages, sides.base.messages)
    yield Hit(f"{owner}.{match['name']}", "oneof", owner, match["name"], row)


def _rpc(match: re.Match[str], row: Row, sides: Sides) -> Iterable[Hit]:
    owner = _meant(match["owner"], row, sides, sides.head.services, sides.base.services)
    yield Hit(f"{owner}/{match['name']}", "rpc", owner, match["name"], row)


def _message(match: re.Match[str], row: Row, sides: Sides) -> Iterable[Hit]:
    owner = _meant(match["owner"], row, sides, sides.head.messages, sides.base.messages)
    yield Hit(owner, "message", owner, owner, row)


def _enum(match: re.Match[str], row: Row, sides: Sides) -> Iterable[Hit]:
    owner = _meant(match["owner"], row, sides, sides.head.enums, sides.base.enums)
    yield Hit(owner, "enum", owner, owner, row)


def _message_option(match: re.Match[str], row: Row, sides: Sides) -> Iterable[Hit]:
    around = sides.head.around(row.path, row.line, row.column)
    owner = around[0] if around else row.path
    yield Hit(owner, "message", owner, owner, row)


def _meant(simple: str, row: Row, sides: Sides, head: Collection[str], base: Collection[str]) -> str:
    """The full name behind a last name: the innermost around the row's place, else the first that fits."""

    def fits(name: str) -> bool:
        return name == simple or name.endswith("." + simple)

    for name in sides.head.around(row.path, row.line, row.column):
        if fits(name) and name in head:
            return name
    package = sides.base_package(row.path)
    full = f"{package}.{simple}" if package else simple
    if full in base or full in head:
        return full
    return min((name for name in base if fits(name)), default=full)


_DECLARED = r'Previously present (?P<kind>message|enum|service|extension) "(?P<name>.+)" was deleted from '
_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (regex(pattern, re.DOTALL), reader)
    for pattern, reader in (
        (r'Previously present file "(.+)" was deleted', _file),
        (r'Previously present package "(.*)" was deleted', _package),
        (_DECLARED + r'(?:file|package "(?P<package>.*)")\.', _declaration),
        (
            r'(?:Previously present field|Field) "(?P<number>-?\d+)"(?: with name "(?P<name>[^"]*)")?'
            r' on message "(?P<owner>[^"]+)"',
            _field,
        ),
        (r'Message "(?P<owner>[^"]+)" had required field "(?P<number>\d+)"', _field),
        (r'(?:Previously present extension|Extension) "\d+" with name "([^"]+)" on message', _extension),
        (r'(?:Previously present enum|Enum) value "(?P<number>-?\d+)" on enum "(?P<owner>[^"]+)"', _value),
        (r'Previously present oneof "(?P<name>[^"]+)" on message "(?P<owner>[^"]+)"', _oneof),
        (r'(?:Previously present )?RPC "(?P<name>[^"]+)" on service "(?P<owner>[^"]+)"', _rpc),
        (r'Previously present .* on message "(?P<owner>[^"]+)" ', _message),
        (r'Previously present .* on enum "(?P<owner>[^"]+)" ', _enum),
        (r'Message "(?P<owner>[^"]+)" JSON format support', _message),
        (r'Enum "(?P<owner>[^"]+)" (?:changed from|JSON format support)', _enum),
        (r'Message option "', _message_option),
        (r"File ", _file_option),
    )
)
