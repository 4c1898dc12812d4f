"""A description: its operations, and what each of them stands on."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from workspai_hooks.contracts.openapi.library import Dangling, Library
from workspai_hooks.contracts.openapi.outline import is_description
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.patterns import regex

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "connect", "query")
"""Of a path item: OpenAPI 3.2 has `query`; `connect` is what oasdiff reads, too."""
_PREFIXES = {"paths": "", "webhooks": "webhook:", "callbacks": "callback:"}
SECTIONS = ("paths", "webhooks")

_TEMPLATE = regex(r"\{[^{}]*\}")

Members = dict[str, object]


class Operation(msgspec.Struct, frozen=True, order=True):
    """`section` is `paths` or `webhooks`, `path` as it is written (of a webhook, its name), `method` in
    capitals (a custom one of OpenAPI 3.2 as it is written). `item` is the path item's place, `place` its own.
    """

    section: str
    path: str
    method: str
    item: Place
    place: Place

    @property
    def element(self) -> str:
        """As it is called everywhere: `GET /orders/{id}`, `POST webhook:shipped`, `POST callback:…`."""
        return f"{self.method} {_PREFIXES[self.section]}{self.path}"

    @property
    def route(self) -> tuple[str, str]:
        """What makes two path items the same: names of parameters do not count."""
        return self.section, normalized(self.path)


def normalized(path: str) -> str:
    """A path without the names of its parameters."""
    return _TEMPLATE.sub("{}", path)


def members(value: object) -> Members:
    """A mapping, or an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def entries(value: object) -> list[object]:
    """A list, or an empty one where there is none."""
    return value if isinstance(value, list) else []


class Description:
    """The description in one file of a library; `UndecidedError` where it holds none that can be read."""

    def __init__(self, library: Library, path: str) -> None:
        self.library = library
        self.path = path
        self.top = members(library.file(path))
        self.version = str(self.top.get("swagger") or self.top.get("openapi") or "")
        if not is_description(self.version):
            why = (
                f"says version {self.version[:20]!r}"
                if self.version
                else "holds no OpenAPI description any more"
            )
            raise UndecidedError(path, why, "OpenAPI 3.0, 3.1, 3.2 and Swagger 2.0 are read")
        self.is_swagger = self.version == "2.0"
        self.problems: dict[tuple[str, str], Undecided] = {}
        """Path items and operations whose reference is not followed: what they are is not known."""
        self.items: dict[tuple[str, str], Place] = {}
        """(section, path) -> its path item, behind its reference."""
        for section in SECTIONS:
            for name, item in members(self.top.get(section)).items():
                if not name.startswith("x-"):
                    self._add(section, name, item)
        self.operations: tuple[Operation, ...] = tuple(self._operations())

    @property
    def own_names(self) -> tuple[str, ...]:
        """The operations that stand in this very file, by name (named.py)."""
        return tuple(
            sorted(
                one.element
                for one in self.operations
                if one.item.pointer[:1] == (one.section,) and one.item.path == self.path
            )
        )

    def _add(self, section: str, name: str, item: object) -> None:
        place = Place(self.path, (section, name))
        try:
            self.items[section, name] = self.library.follow(place)[0] if "$ref" in members(item) else place
        except Dangling as error:
            self.problems[section, name] = self.library.undecided(error)
        except UndecidedError as error:
            self.problems[section, name] = error.undecided

    def _operations(self) -> Iterator[Operation]:
        for (section, name), item in self.items.items():
            value = members(self.library.at(item))
            for method in METHODS:
                if isinstance(value.get(method), dict):
                    yield from self._operation(section, name, method.upper(), item, item.child(method))
            for method in members(value.get("additionalOperations")):
                place = item.child("additionalOperations", method)
                yield from self._operation(section, name, method, item, place)

    def _operation(
        self, section: str, name: str, method: str, item: Place, place: Place
    ) -> Iterator[Operation]:
        """An operation, behind its reference: OpenAPI knows none there, what bundles descriptions does."""
        try:
            there = self.library.follow(place)[0] if "$ref" in members(self.library.at(place)) else place
        except Dangling as error:
            self.problems[section, f"{method} {name}"] = self.library.undecided(error)
        except UndecidedError as error:
            self.problems[section, f"{method} {name}"] = error.undecided
        else:
            yield Operation(section, name, method, item, there)

    def value(self, operation: Operation) -> Members:
        return members(self.library.at(operation.place))
