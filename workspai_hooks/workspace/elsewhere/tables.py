"""Writes one package of a facts file: texts become places in tables, rows become sorted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from workspai_hooks.contracts.protobuf.elements import FILE
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.stubs.holding import Held as HeldHere
from workspai_hooks.workspace.elsewhere.layout import (
    IN_TEST,
    LIKELY,
    WRITES,
    Contract,
    Held,
    Package,
    Unfollowed,
    Use,
)
from workspai_hooks.workspace.use_sites.found import Use as UseHere

MAX_TEXT = 4096

Holding = tuple[tuple[str, ...], Mapping[str, HeldHere]]
"""What a contract declares, and the services that hold it."""


def told(text: str) -> str:
    """A text as JSON can have it: paths need not be UTF-8."""
    return text.encode("utf-8", "replace").decode()[:MAX_TEXT]


def travelling(element: str, schema: Schema) -> str:
    """An element as other repositories know it: a file by the path that it is imported by."""
    if not element.startswith(FILE):
        return element
    file = schema.files.get(element.removeprefix(FILE))
    return FILE + (file.import_path if file else element.removeprefix(FILE))


class PackageWriter:
    """Takes the rows of one package; `written` gives them with their tables."""

    def __init__(self, name: str, service_of: Callable[[str], str]) -> None:
        self.name = name
        self._service_of = service_of
        self._uses: dict[str, set[UseHere]] = {}
        self._holdings: list[Holding] = []
        self._unfollowed: dict[str, dict[str, str]] = {}

    def use(self, element: str, use: UseHere) -> None:
        """A line that uses an element (by its travelling name)."""
        self._uses.setdefault(element, set()).add(use)

    def holding(self, declares: Iterable[str], held: Mapping[str, HeldHere]) -> None:
        """A contract and who holds it."""
        self._holdings.append((tuple(sorted(declares)), held))

    def unfollowed(self, element: str, service: str, said: str) -> None:
        """A service that handles an element in a way that can't be followed; the first reason is told."""
        self._unfollowed.setdefault(element, {}).setdefault(service, said)

    def services(self) -> set[str]:
        """All that its rows name."""
        named = {self._service_of(use.path) for uses in self._uses.values() for use in uses}
        named |= {service for _, held in self._holdings for service in held}
        return named | {service for many in self._unfollowed.values() for service in many}

    def written(self, number: Mapping[str, int]) -> Package:
        """The package; `number` is each service's place in the file's table."""
        paths = _table(self._paths())
        words = _table(self._words())
        return Package(
            told(self.name),
            list(paths),
            list(words),
            {
                told(element): sorted(
                    (self._row(use, number, paths, words) for use in self._uses[element]), key=_order
                )
                for element in sorted(self._uses)
            },
            [
                Contract(
                    [told(one) for one in declares],
                    [
                        Held(number[service], paths[told(one.path)], words[told(one.kind)])
                        for service, one in sorted(held.items())
                    ],
                )
                for declares, held in sorted(self._holdings, key=lambda one: one[0])
            ],
            {
                told(element): [
                    Unfollowed(number[service], words[told(said)]) for service, said in sorted(many.items())
                ]
                for element, many in sorted(self._unfollowed.items())
            },
        )

    def _paths(self) -> Iterable[str]:
        yield from (use.path for uses in self._uses.values() for use in uses)
        yield from (one.path for _, held in self._holdings for one in held.values())

    def _words(self) -> Iterable[str]:
        for uses in self._uses.values():
            for use in uses:
                yield use.symbol
                yield use.kind
        yield from (one.kind for _, held in self._holdings for one in held.values())
        yield from (said for many in self._unfollowed.values() for said in many.values())

    def _row(
        self, use: UseHere, number: Mapping[str, int], paths: Mapping[str, int], words: Mapping[str, int]
    ) -> Use:
        flags = LIKELY * (use.confidence != "proven") | IN_TEST * use.in_test | WRITES * use.writes
        return Use(
            number[self._service_of(use.path)],
            paths[told(use.path)],
            use.line,
            use.column,
            words[told(use.symbol)],
            words[told(use.kind)],
            flags,
        )


def _order(use: Use) -> tuple[int, ...]:
    return use.service, use.path, use.line, use.column, use.symbol, use.kind, use.flags


def _table(texts: Iterable[str]) -> dict[str, int]:
    return {text: at for at, text in enumerate(sorted({told(one) for one in texts}))}


def reached(schema: Schema, messages: Collection[str]) -> dict[str, frozenset[str]]:
    """Each of these messages with all messages and enums that it holds at any depth, itself included."""
    inside: dict[str, frozenset[str]] = {}
    for name in sorted(messages):
        seen = {name}
        waiting = [name]
        while waiting:
            message = schema.messages.get(waiting.pop())
            for field in message.fields.values() if message else ():
                if field.type not in seen and (field.type in schema.messages or field.type in schema.enums):
                    seen.add(field.type)
                    waiting.append(field.type)
        inside[name] = frozenset(seen)
    return inside
