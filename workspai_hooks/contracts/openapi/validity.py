"""Whether a description is what its version of OpenAPI allows: openapi-spec-validator's word on it.

Asked of the operations that a change touches, and of a whole description in CI: GitHub's takes 12.6 s. It
loads for a fifth of a second, so that it is imported only here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec

from workspai_hooks.contracts.openapi.bundle import Bundle
from workspai_hooks.contracts.openapi.description import Description, Members, Operation, members
from workspai_hooks.contracts.openapi.difference import Differing
from workspai_hooks.contracts.openapi.library import MISSING
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.disclosure import HIDDEN, harmless, texts_of, without
from workspai_hooks.errors import Undecided
from workspai_hooks.patterns import regex

MAX_BYTES = 3 * 1024 * 1024
"""A larger document is not validated on commit: it takes more than two seconds."""
_encode = msgspec.json.Encoder().encode
_FREE = frozenset(
    ("description", "summary", "example", "examples", "enum", "default", "title", "externalDocs")
)
_WORDS = frozenset(
    ("$ref", "type", "in", "name", "style", "format", "required", "operationId", "tags", "propertyName")
)
_TOLD = [
    [word] for word in ("in", "name", "type", "style", "format", "operationId", "$ref", "openapi", "swagger")
]
_OF_KEYS = ("required", "additionalProperties", "unevaluatedProperties", "dependentRequired", "propertyNames")
"""What these say of a value are its keys."""
_SHOWN = 200
_MOST_TOLD = 20
"""Who has more faults has one cause for many."""
_MOST_LOOKED_AT = 2000
_SMALL = 1_000_000
"""A base of so many bytes is looked at as a whole before a fault is called new: a second at most."""
_NAMES = regex(r"'[^']*'|\"[^\"]*\"|\[[^\]]*\]|\{[^}]*\}|\d+")
REMEDY = "mend it; a fault that was there before is left alone"


class Fault(msgspec.Struct, frozen=True, order=True):
    """One fault of a document; `pointer` is where, empty where the validator does not say."""

    message: str
    pointer: tuple[str, ...] = ()


def newly_invalid(base: Bundle, head: Bundle, some: Differing) -> tuple[Undecided, ...]:
    """Faults that a change brings into operations and schemas: of those whose own text it touches.

    `base` and `head` hold the operations that differ, most of them because of a schema that they reach.
    """
    operations, schemas = _touched(base, head, some)
    second = Bundle(head.of, renamed=base.of.path)
    document = second.document(operations[1], schemas=schemas[1])
    if (not operations[1] and not schemas[1]) or len(_encode(document)) > MAX_BYTES:
        return ()
    found = list(islice(faults(document), _MOST_LOOKED_AT))
    if not found:
        return ()
    first = Bundle(base.of).document(operations[0], schemas=schemas[0])
    known = _kinds(first)
    if any(_kind(fault.message) not in known for fault in found) and _is_small(base.of):
        known |= _kinds(_whole(base.of))
    return _new(found, known, head.of, second)


def _new(
    found: Iterable[Fault], known: set[str], description: Description, bundle: Bundle | None = None
) -> tuple[Undecided, ...]:
    """The faults of kinds that are not known, one for a line; of a bundle, by the lines of the files."""
    told: dict[str, Undecided] = {}
    for fault in found:
        if _kind(fault.message) not in known and len(told) < _MOST_TOLD:
            place = _source(bundle, fault.pointer) if bundle else Place(description.path, fault.pointer)
            question = _told(description, fault.message, place)
            told.setdefault(question.what, question)
    return tuple(told.values())


def _is_small(description: Description) -> bool:
    return len(description.library.text(description.path)) <= _SMALL


def _kinds(document: Members, *, rules: bool = False) -> set[str]:
    return {_kind(fault.message) for fault in islice(faults(document, rules=rules), _MOST_LOOKED_AT)}


def _kind(message: str) -> str:
    """A fault without the names and values in it: who lives with one of a kind lives with another one."""
    return _NAMES.sub("…", message)


def _touched(
    base: Bundle, head: Bundle, some: Differing
) -> tuple[tuple[list[Operation], list[Operation]], tuple[list[Place], list[Place]]]:
    """The operations and schemas whose own shape differs, on both sides."""
    before = {(*one.route, one.method): one for one in some.base}
    operations: tuple[list[Operation], list[Operation]] = ([], [])
    for one in some.head:
        old = before.get((*one.route, one.method))
        if old is None or shape(_said(base.of, old)) != shape(_said(head.of, one)):
            operations[1].append(one)
            operations[0].extend([old] if old else [])
    schemas: tuple[list[Place], list[Place]] = ([], [])
    for name, place in head.places.items():
        there = base.places.get(name)
        if there is None or shape(base.of.library.at(there)) != shape(head.of.library.at(place)):
            schemas[1].append(place)
            schemas[0].extend([there] if there else [])
    return operations, schemas


def shape(value: object, key: str = "") -> object:
    """What the validity of a text rests on: its keys, the types of its values, and words that mean something.

    Where it is the same on both sides, one is as valid as the other: an enumeration's values, bounds and
    prose may be anything of their type. (Whether a default is one of the enumeration is asked in CI.)
    """
    if isinstance(value, dict):
        named = key in (
            "properties",
            "patternProperties",
            "dependentSchemas",
            "responses",
            "content",
            "headers",
        )
        return {name: shape(each, name) for name, each in value.items() if named or name not in _FREE}
    if isinstance(value, (list, tuple)):
        return [shape(each, key) for each in value]
    return value if key in _WORDS or value is None else type(value)


def _said(description: Description, operation: Operation) -> tuple[object, object]:
    item = members(description.library.at(operation.item))
    return description.value(operation), item.get("parameters")


def newly_invalid_as_a_whole(base: Description, head: Description) -> tuple[Undecided, ...]:
    """Faults of a whole description, of kinds that it had not in base; also against OpenAPI's prose."""
    found = list(islice(faults(_whole(head), rules=True), _MOST_LOOKED_AT))
    return _new(found, _kinds(_whole(base), rules=True) if found else set(), head)


def invalid_as_new(description: Description, *, whole: bool) -> tuple[Undecided, ...]:
    """Faults of a description that base has not; of a large one only where it is asked as a `whole`."""
    if not whole and len(description.library.text(description.path)) > MAX_BYTES:
        return ()
    found = islice(faults(_whole(description), rules=whole), _MOST_LOOKED_AT)
    return _new(found, set(), description)


def _whole(description: Description) -> Members:
    refers = description.library.refers_elsewhere(description.path)
    return Bundle(description).document(description.operations) if refers else description.top


def _told(description: Description, message: str, place: Place) -> Undecided:
    where = description.library.location(place)
    kind = "Swagger" if description.is_swagger else "OpenAPI"
    return Undecided(str(where), f"is no valid {kind} {description.version}: {message}", REMEDY)


def faults(document: Members, *, rules: bool = False) -> Iterator[Fault]:
    """What is wrong with a document whose references are its own: its shape, by OpenAPI's JSON Schema.

    With `rules` also what OpenAPI says in prose: operationIds are told apart, parameters of a path are
    declared, defaults are of their type. Patterns are left out: the validator would try defaults on them, and
    who writes a pattern decides how long that takes.
    """
    validator = _validator(str(document.get("openapi") or document.get("swagger")))
    document = _plainer(document, defaults=rules)
    errors = iter(validator(document).iter_errors())
    while True:
        try:
            error = next(errors)
        except Exception:  # the end, or one of many things that it raises for what it can't follow
            return
        if rules or isinstance(error.validator, str):  # an error of the schema names its keyword
            deepest = _deepest(error)
            pointer = _pointer(document, list(deepest.absolute_path), deepest.instance)
            yield Fault(_short(_plain(deepest)), pointer)


def _deepest(error: Any) -> Any:
    """Of the alternatives that a value fits none of, the one that it came furthest in."""
    while error.context:
        error = max(error.context, key=lambda one: len(one.absolute_path))
    return error


def _plain(error: Any) -> str:
    """The validator's words without the value that they are about, if it is not a word of OpenAPI's own."""
    message, value = str(error.message), error.instance
    path = [step for step in error.absolute_path if isinstance(step, str)]
    if error.validator in _OF_KEYS or harmless(str(value)) or (isinstance(value, str) and path[-1:] in _TOLD):
        return message
    return without(message.replace(repr(value), f"'{HIDDEN}'"), texts_of(value))


def _pointer(document: Members, path: list[str | int], instance: object) -> tuple[str, ...]:
    """Where a fault is: its path counts from the top, or from some schema that is not told."""
    if not path or _at(document, path) is instance:
        return tuple(map(str, path))
    waiting: list[tuple[object, tuple[str, ...]]] = [(document, ())]
    while waiting:
        value, pointer = waiting.pop()
        if _at(value, path) is instance:
            return (*pointer, *map(str, path))
        children = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        waiting.extend((child, (*pointer, str(name))) for name, child in children)
    return ()


def _at(value: object, path: list[str | int]) -> object:
    for name in path:
        try:
            value = value[name]  # type: ignore[index]
        except (LookupError, TypeError):
            return None
    return value


def _short(message: str) -> str:
    return message if len(message) <= _SHOWN else f"{message[:_SHOWN]}…"


def _validator(version: str) -> Any:
    import openapi_spec_validator as known

    by_version: Mapping[str, Any] = {
        "2.0": known.OpenAPIV2SpecValidator,
        "3.0": known.OpenAPIV30SpecValidator,
        "3.1": known.OpenAPIV31SpecValidator,
        "3.2": known.OpenAPIV32SpecValidator,
    }
    validator = by_version[version[:3]]
    keywords = validator.keyword_validators
    schema = type("Schema", (keywords["schema"],), {"_collect_properties": _properties})
    own = {"resolver_handlers": {}, "keyword_validators": {**keywords, "schema": schema}}
    return type("Offline", (validator,), own)


def _properties(_: object, schema: Any) -> set[str]:
    """The names of properties in a schema and in what it is made of; each part is looked at once.

    The validator's own way follows every reference as often as there are ways to it, and a circle for ever.
    """
    names: set[str] = set()
    seen: set[int] = set()
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if id(one.read_value()) in seen:
            continue
        seen.add(id(one.read_value()))
        if "properties" in one:
            names.update((one / "properties").keys())
        for key in ("allOf", "anyOf", "oneOf"):
            waiting.extend(one / key if key in one else ())
        waiting.extend(one / key for key in ("items", "not") if key in one)
    return names


def _plainer(value: object, *, defaults: bool, key: str = "") -> Any:
    """A document without patterns, and without defaults; names of properties may be anything."""
    if isinstance(value, dict):
        named = key == "properties"
        return {
            name: _plainer(each, defaults=defaults, key=name)
            for name, each in value.items()
            if named
            or not (
                (name == "pattern" and isinstance(each, str))
                or (name == "default" and not defaults and key != "responses")
            )
        }
    return [_plainer(each, defaults=defaults) for each in value] if isinstance(value, list) else value


def _source(bundle: Bundle, pointer: tuple[str, ...]) -> Place:
    """Where in the files something of the bundle stands, as near as can be told."""
    place, rest = _start(bundle, pointer)
    for name in rest:
        further = place.child(name)
        if bundle.of.library.at(further) is MISSING:
            break
        value = members(bundle.of.library.at(further))
        place = bundle.behind(further, value)[0] if "$ref" in value and name != rest[-1] else further
    return place


def _start(bundle: Bundle, pointer: tuple[str, ...]) -> tuple[Place, tuple[str, ...]]:
    if pointer[:2] == ("components", "schemas") and len(pointer) > 2 and pointer[2] in bundle.places:
        return bundle.places[pointer[2]], pointer[3:]
    if pointer[:1] in (("paths",), ("webhooks",)) and len(pointer) > 1:
        item = bundle.of.items.get((pointer[0], pointer[1]))
        if item is not None:
            return item, pointer[2:]
    return Place(bundle.of.path), pointer
