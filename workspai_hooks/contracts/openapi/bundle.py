"""Some operations of a description as a description of their own, in one value with local references only.

Only what oasdiff has rules for is kept: no examples, links, callbacks, servers and prose. Schemas stay what
is referred to (oasdiff pairs the alternatives of `oneOf` by their references); everything else is written
out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence

from workspai_hooks.contracts.openapi.description import Description, Members, Operation, members
from workspai_hooks.contracts.openapi.library import Dangling
from workspai_hooks.contracts.openapi.places import Place, Pointer, Refused, escaped, target
from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.patterns import regex

_LOCAL = "#/components/schemas/"
_ONE = ("items", "not", "additionalProperties", "contains", "propertyNames", "unevaluatedItems")
_ONE_MORE = ("unevaluatedProperties", "if", "then", "else", "contentSchema", "additionalItems")
_SCHEMA = frozenset((*_ONE, *_ONE_MORE))
_ALTERNATIVES = frozenset(("anyOf", "oneOf"))
_LISTS = frozenset(("allOf", "prefixItems"))
_MAPS = frozenset(("properties", "patternProperties", "dependentSchemas"))
_DROPPED = frozenset(("example", "examples", "$defs", "definitions", "externalDocs", "xml"))
_KEPT_OF_OPERATION = ("operationId", "tags", "deprecated", "security")
_NAME = regex(r"[^A-Za-z0-9_.-]+")

UNFOLLOWED = "unfollowed"
"""Stands for a schema behind a reference that is not followed; what is said of who uses it does not count."""

Walk = Callable[[Place, object], object]


class Bundle:
    """Collects operations of one side. Names of what is not in `components/schemas` follow from where it
    stands, so that both sides call it the same; `renamed` says under which file a moved one is known."""

    def __init__(
        self, description: Description, renamed: str | None = None, named: frozenset[str] = frozenset()
    ) -> None:
        self.of = description
        self.alternatives: set[str] = set()
        """Names that alternatives (`oneOf`, `anyOf`) without one would have, by where they stand and what
        they say; those that are `named` have them."""
        self._to_name = named
        self.places: dict[str, Place] = {}
        """Name in the bundle -> where the schema stands."""
        self._library = description.library
        self._known_as = renamed or description.path
        self._names: dict[Place, str] = {}
        self._schemas: Members = {}
        self._waiting: list[str] = []
        self.problems: dict[object, list[Undecided]] = {}
        """Who (an operation, or a schema by its name) refers to what is not followed."""
        self._uses: dict[object, set[str]] = {}
        self._owner: object = None
        self._siblings = not description.is_swagger and not description.version.startswith("3.0")

    def document(
        self,
        operations: Iterable[Operation],
        *,
        paths: Sequence[tuple[str, str]] = (),
        schemas: Iterable[Place] = (),
    ) -> Members:
        """These operations and `schemas` as a description; path items at `paths` are in it, empty or not."""
        sections: dict[str, dict[str, Members]] = {"paths": {}, "webhooks": {}}
        for section, path in paths:
            if (section, path) in self.of.items:
                sections[section][path] = self._item(self.of.items[section, path])
        for one in operations:
            item = sections[one.section].setdefault(one.path, {}) or self._item(one.item)
            sections[one.section][one.path] = item
            if one.place.pointer[-2:-1] == ("additionalOperations",):
                members(item.setdefault("additionalOperations", {}))[one.method] = self.operation(one)
            else:
                item[one.method.lower()] = self.operation(one)
        for place in schemas:
            self._name(place)
        return self._document(sections)

    def of_payloads(self, events: Mapping[str, Operation]) -> Members:
        """A description whose operations answer, at these paths, with what those of ours are sent."""
        items: Members = {}
        for path, one in events.items():
            self._owner = one
            body = members(self._body(one.place.child("requestBody"), self.of.value(one).get("requestBody")))
            content = {"content": body["content"]} if "content" in body else {}
            items[path] = {one.method.lower(): {"responses": {"200": {"description": "", **content}}}}
        return self._document({"paths": items, "webhooks": {}})

    def _document(self, sections: Mapping[str, Mapping[str, object]]) -> Members:
        self._finish()
        top = self.of.top
        info = members(top.get("info"))
        document: Members = {
            "openapi": "3.0.3" if self.of.is_swagger else self.of.version,
            "info": {"title": str(info.get("title", "")), "version": str(info.get("version", ""))},
            "paths": sections["paths"],
            "components": {"schemas": self._schemas, "securitySchemes": self._security_schemes()},
        }
        if sections["webhooks"]:
            document["webhooks"] = sections["webhooks"]
        if "security" in top:
            document["security"] = top["security"]
        return document

    def stubs_for(self, other: Bundle, document: Members) -> None:
        """Name in `document` the schemas that `other` has and this side has as well, though nothing uses
        them.

        Otherwise oasdiff would tell them removed.
        """
        own, theirs = self._declared(), other._declared()
        schemas = members(members(document["components"])["schemas"])
        for name in other.places:
            if name not in schemas and (name in own or name not in theirs):
                schemas[name] = {}

    def removed(self, head: Bundle, document: Members) -> None:
        """Name in `document` the schemas that `head` does not have any more, though nothing used them."""
        schemas = members(members(document["components"])["schemas"])
        there = head._declared()
        for name in self._declared():
            if name not in there:
                schemas.setdefault(name, {})

    def _declared(self) -> Members:
        if self.of.is_swagger:
            return members(self.of.top.get("definitions"))
        return members(members(self.of.top.get("components")).get("schemas"))

    def unfollowed(self, operation: Operation) -> list[Undecided]:
        """References that are not followed, of all that an operation reaches."""
        found: list[Undecided] = []
        seen: set[object] = set()
        waiting: list[object] = [operation, operation.item]
        while waiting:
            owner = waiting.pop()
            if owner not in seen:
                seen.add(owner)
                found += self.problems.get(owner, ())
                waiting.extend(self._uses.get(owner, ()))
        return found

    def _noted(self, error: Dangling | UndecidedError) -> None:
        problem = error.undecided if isinstance(error, UndecidedError) else self._library.undecided(error)
        self.problems.setdefault(self._owner, []).append(problem)

    # Path items and operations

    def _item(self, place: Place) -> Members:
        self._owner = place
        value = members(self._library.at(place))
        item: Members = {key: each for key, each in value.items() if key.startswith("x-")}
        if "parameters" in value and not self.of.is_swagger:
            item["parameters"] = self._list(place.child("parameters"), value["parameters"], self.parameter)
        return item

    def operation(self, one: Operation) -> Members:
        """An operation as it is in the bundle."""
        self._owner = one
        value = self.of.value(one)
        if self.of.is_swagger:
            from workspai_hooks.contracts.openapi.swagger import operation

            return operation(self, one, value)
        place = one.place
        made = kept(value)
        if "parameters" in value:
            made["parameters"] = self._list(place.child("parameters"), value["parameters"], self.parameter)
        if "requestBody" in value:
            made["requestBody"] = self._body(place.child("requestBody"), value["requestBody"])
        if "responses" in value:
            made["responses"] = self._map(place.child("responses"), value["responses"], self._response)
        return made

    def _list(self, place: Place, value: object, walk: Walk) -> object:
        if not isinstance(value, list):
            return value
        return [walk(place.child(str(index)), each) for index, each in enumerate(value)]

    def _map(self, place: Place, value: object, walk: Walk) -> object:
        if not isinstance(value, dict):
            return value
        return {
            name: each if name.startswith("x-") else walk(place.child(name), each)
            for name, each in value.items()
        }

    def parameter(self, place: Place, value: object) -> object:
        """A parameter or a header."""
        place, value = self.behind(place, value)
        if not isinstance(value, dict):
            return value
        made = {key: each for key, each in value.items() if key not in ("example", "examples")}
        if "schema" in made:
            made["schema"] = self.schema(place.child("schema"), made["schema"])
        if "content" in made:
            made["content"] = self._map(place.child("content"), made["content"], self._media)
        return made

    def _body(self, place: Place, value: object) -> object:
        place, value = self.behind(place, value)
        if not isinstance(value, dict):
            return value
        made = dict(value)
        if "content" in made:
            made["content"] = self._map(place.child("content"), made["content"], self._media)
        return made

    def _response(self, place: Place, value: object) -> object:
        place, value = self.behind(place, value)
        if not isinstance(value, dict):
            return value
        made = {key: each for key, each in value.items() if key != "links"}
        if "content" in made:
            made["content"] = self._map(place.child("content"), made["content"], self._media)
        if "headers" in made:
            made["headers"] = self._map(place.child("headers"), made["headers"], self.parameter)
        return made

    def _media(self, place: Place, value: object) -> object:
        place, value = self.behind(place, value)
        if not isinstance(value, dict):
            return value
        made: Members = {key: each for key, each in value.items() if key.startswith("x-")}
        for key in ("schema", "itemSchema"):
            if key in value:
                made[key] = self.schema(place.child(key), value[key])
        return made

    def behind(self, place: Place, value: object) -> tuple[Place, object]:
        """What a reference at a place leads to, the value itself where it is none."""
        if "$ref" not in members(value):
            return place, value
        try:
            return self._library.follow(place)
        except (Dangling, UndecidedError) as error:
            self._noted(error)
            return place, {}

    # Schemas

    def schema(self, place: Place, value: object) -> object:
        """A schema, with references into the bundle."""
        if not isinstance(value, dict):
            return value
        if self.of.is_swagger:
            from workspai_hooks.contracts.openapi.swagger import modern_schema

            value = modern_schema(value)
        ref = value.get("$ref")
        if isinstance(ref, str):
            made: Members = {"$ref": self.refer(place, ref)}
            if not self._siblings or len(value) == 1:
                return made
            value = {key: each for key, each in value.items() if key != "$ref"}
            return {**made, **members(self.schema(place, value))}
        made = {}
        for key, each in value.items():
            if key in _SCHEMA and isinstance(each, dict):
                made[key] = self.schema(place.child(key), each)
            elif key in _ALTERNATIVES:
                made[key] = self._list(place.child(key), each, self._alternative)
            elif key in _LISTS:
                made[key] = self._list(place.child(key), each, self.schema)
            elif key in _MAPS and isinstance(each, dict):
                made[key] = {name: self.schema(place.child(key, name), one) for name, one in each.items()}
            elif key == "discriminator" and isinstance(each, dict):
                made[key] = self._discriminator(place, each)
            elif key not in _DROPPED:
                made[key] = each
        return made

    def _alternative(self, place: Place, value: object) -> object:
        if not isinstance(value, dict) or "$ref" in value or not self._refers(value):
            return self.schema(place, value)
        path = self._known_as if place.path == self.of.path else place.path
        name = generated_name(path, (*place.pointer[:-1], repr(value), "alternative"))
        self.alternatives.add(name)
        if name not in self._to_name:
            return self.schema(place, value)
        self.places.setdefault(name, place)
        self._schemas[name] = self.schema(place, value)
        self._uses.setdefault(self._owner, set()).add(name)
        return {"$ref": _LOCAL + name}

    @staticmethod
    def _refers(value: object) -> bool:
        """Whether there is a reference in a value: what has none did not change behind one."""
        waiting = [value]
        while waiting:
            one = waiting.pop()
            if isinstance(one, dict):
                if "$ref" in one:
                    return True
                waiting.extend(one.values())
            elif isinstance(one, list):
                waiting.extend(one)
        return False

    def refer(self, place: Place, ref: str) -> str:
        """The reference of the bundle for one that stands at a place; what it names is in the bundle."""
        try:
            where = self._library.arrive(self._library.target(place, ref), place.child("$ref"))
            self._name(where)
        except (Dangling, UndecidedError) as error:
            self._noted(error)
            self._schemas.setdefault(UNFOLLOWED, {})
            return _LOCAL + UNFOLLOWED
        self._uses.setdefault(self._owner, set()).add(self._names[where])
        return _LOCAL + escaped(self._names[where])

    def _name(self, where: Place) -> None:
        """Take a schema in, once."""
        if where not in self._names:
            self._library.follow(where)  # a circle of nothing but references says nothing
            name = self._names[where] = self._named(where)
            self.places[name] = where
            self._waiting.append(name)

    def _named(self, where: Place) -> str:
        pointer = where.pointer
        if where.path == self.of.path and len(pointer) > 1:
            if pointer[:2] == ("components", "schemas") and len(pointer) == 3 and not self.of.is_swagger:
                return pointer[2]
            if pointer[0] == "definitions" and len(pointer) == 2 and self.of.is_swagger:
                return pointer[1]
        path = self._known_as if where.path == self.of.path else where.path
        return generated_name(path, pointer)

    def _discriminator(self, place: Place, value: Members) -> Members:
        mapping = value.get("mapping")
        if not isinstance(mapping, dict):
            return value
        made: Members = {}
        for name, ref in mapping.items():
            made[name] = ref
            if isinstance(ref, str) and "/" in ref:
                try:  # oasdiff follows nothing here, but its loader follows files
                    made[name] = _LOCAL + escaped(self._named(target(place.path, ref)))
                except Refused:
                    made[name] = f"unfollowed:{ref.replace('/', ':')}"
        return {**value, "mapping": made}

    def _finish(self) -> None:
        while self._waiting:
            name = self._owner = self._waiting.pop()
            place = self.places[name]
            self._schemas[name] = self.schema(place, self._library.at(place))

    def _security_schemes(self) -> Members:
        if self.of.is_swagger:
            from workspai_hooks.contracts.openapi.swagger import security_schemes

            return security_schemes(members(self.of.top.get("securityDefinitions")))
        there = members(members(self.of.top.get("components")).get("securitySchemes"))
        place = Place(self.of.path, ("components", "securitySchemes"))
        return {name: self.behind(place.child(name), value)[1] for name, value in there.items()}


def kept(value: Members) -> Members:
    """What an operation keeps as it is."""
    made = {key: value[key] for key in _KEPT_OF_OPERATION if key in value}
    made.update({key: each for key, each in value.items() if key.startswith("x-")})
    return made


def generated_name(path: str, pointer: Pointer) -> str:
    """A name for a schema that has none: readable at its front, its own by its end."""
    stem = pointer[-1] if pointer else path.rpartition("/")[2].rpartition(".")[0]
    digest = hashlib.blake2b("\0".join((path, *pointer)).encode("utf-8", "surrogatepass"), digest_size=5)
    return f"{_NAME.sub('_', stem)[:60]}.{digest.hexdigest()}"
