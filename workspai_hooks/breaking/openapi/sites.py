"""Where in the files the subject of a row stands, and what it is called: the way from an operation, step by
step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from workspai_hooks.breaking.openapi.subjects import Subject
from workspai_hooks.contracts.openapi.bundle import Bundle
from workspai_hooks.contracts.openapi.description import Description, Members, Operation, entries, members
from workspai_hooks.contracts.openapi.library import MISSING, Dangling
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.errors import UndecidedError
from workspai_hooks.patterns import regex

_LISTED = regex(r"(allOf|anyOf|oneOf|prefixItems)\[")
_NAMED = regex(r"(patternProperties|dependentSchemas)\[")
_WORDS = (
    *("items", "additionalProperties", "contains", "propertyNames", "unevaluatedItems"),
    *("unevaluatedProperties", "if", "then", "else", "not", "contentSchema"),
)
_MOST_INCLUDED = 50
"""An `allOf` that includes itself is not allowed, and written."""
_ANY_KEY = "*"
_COMPONENT = "#/components/schemas/"
_INDEX = regex(r"subschema #(\d{1,6})(?:: .*)?")
_NEEDS_QUOTES = regex(r'[.\s"#]|^$')

Step = tuple[Place, str, str]


class Site(msgspec.Struct, frozen=True):
    """Where a subject is on one side.

    `place` is the last step that is there; `whole` says whether it is the subject itself. `names` are the
    keys on the way that a reader of the JSON would use, `called` a parameter's or header's own name. `above`
    is what the last step stands in, `body` the schema that the way begins at. `closed`: the way leads through
    a reference that is not followed.
    """

    place: Place
    whole: bool
    names: tuple[str, ...] = ()
    above: Place | None = None
    body: Place | None = None
    called: str = ""
    closed: bool = False


class Sites(msgspec.Struct, frozen=True):
    """Where a subject is on both sides; `subject` says what a row left open: status, media type."""

    subject: Subject
    base: Site | None
    head: Site | None

    @property
    def whole(self) -> Site | None:
        """The subject itself, where one of the sides has it."""
        return next((one for one in (self.base, self.head) if one is not None and one.whole), None)


def sites_of(
    subject: Subject,
    before: tuple[Operation | None, Bundle],
    after: tuple[Operation | None, Bundle],
    *,
    behind: bool,
) -> Sites:
    """Where the subject is on both sides. `behind`: what a reference leads to counts; else its key.

    Of several responses and media types that a row does not tell apart, it is the first in which the sides
    differ.
    """
    walks = (
        (_Walk(before[1], behind, head=False), before[0]),
        (_Walk(after[1], behind, head=True), after[0]),
    )
    found: list[Sites] = []
    for one in _told_further(subject, walks):
        sites = [walk.tried(one, operation) if operation else None for walk, operation in walks]
        found.append(Sites(one, *sites))
        if _differ(sites[0], before[1], sites[1], after[1]):
            return found[-1]
    return found[0]


def _told_further(subject: Subject, walks: Sequence[tuple[_Walk, Operation | None]]) -> Iterator[Subject]:
    """What a subject can be where a row leaves something open."""
    sides = [(walk, operation) for walk, operation in walks if operation is not None]
    statuses = dict.fromkeys(one for walk, operation in sides for one in walk.statuses(subject, operation))
    for status in statuses or (subject.status,):
        further = replace(subject, status=status)
        media = dict.fromkeys(
            one for walk, operation in sides for one in walk.media_types(further, operation)
        )
        for name in media or (subject.media,):
            yield replace(further, media=name)


def _differ(base: Site | None, before: Bundle, head: Site | None, after: Bundle) -> bool:
    if base is None or head is None or base.whole != head.whole:
        return True
    sides = ((base, before.of.library), (head, after.of.library))
    values = [[library.at(place) for place in (site.place, site.above) if place] for site, library in sides]
    return values[0] != values[1]


class _Walk:
    def __init__(self, bundle: Bundle, behind: bool, *, head: bool) -> None:
        self._bundle = bundle
        self._of: Description = bundle.of
        self._library = bundle.of.library
        self._behind = behind
        self._head = head
        self._depth = 0

    def tried(self, subject: Subject, operation: Operation) -> Site:
        """Where the subject is; the operation, and `closed`, where what leads to it can't be followed."""
        try:
            return self.site(subject, operation)
        except (Dangling, UndecidedError):
            return Site(operation.place, False, closed=True)

    def site(self, subject: Subject, operation: Operation) -> Site:
        match subject.kind:
            case "security":
                return self._security(operation)
            case "parameter":
                return self._parameter(subject, operation)
            case "request":
                return self._request(subject, operation)
            case "response" | "header":
                return self._response(subject, operation)
            case _:
                return Site(operation.place, True)

    def _security(self, operation: Operation) -> Site:
        if "security" in self._of.value(operation):
            return Site(operation.place.child("security"), True)
        top = Place(self._of.path, ("security",))
        return Site(top, "security" in self._of.top)

    def _parameter(self, subject: Subject, operation: Operation) -> Site:
        for owner in (operation.place, operation.item):
            listed = members(self._library.at(owner)).get("parameters")
            for index, each in enumerate(entries(listed)):
                place = owner.child("parameters", str(index))
                there, value = self._library.follow(place) if "$ref" in members(each) else (place, each)
                parameter = members(value)
                name = str(parameter.get("name"))
                same = (
                    name.lower() == subject.name.lower()
                    if subject.place == "header"
                    else name == subject.name
                )
                if parameter.get("in") == subject.place and same:
                    if not subject.path:
                        return Site(there, True, called=name)
                    schema = there if self._of.is_swagger else there.child("schema")
                    return replace(self.steps(schema, subject.path), called=name)
        return Site(operation.place, False)

    def _request(self, subject: Subject, operation: Operation) -> Site:
        if self._of.is_swagger:
            return self._swagger_request(subject, operation)
        place = operation.place.child("requestBody")
        if self._library.at(place) is MISSING:
            return Site(operation.place, False)
        body, _ = self._library.follow(place)
        if not subject.path and not self._behind and not subject.of_media:
            return Site(body, True)
        return self._content(subject, body)

    def _response(self, subject: Subject, operation: Operation) -> Site:
        listed = operation.place.child("responses")
        place = listed.child(subject.status)
        if self._library.at(place) is MISSING:
            return Site(listed if self._library.at(listed) is not MISSING else operation.place, False)
        response, value = self._library.follow(place)
        if subject.kind == "header":
            for name in members(members(value).get("headers")):
                if name.lower() == subject.name.lower():
                    header = response.child("headers", name)
                    return Site(
                        self._library.follow(header)[0] if self._behind else header, True, called=name
                    )
            return Site(response, False)
        if not subject.path and not self._behind and not subject.of_media:
            return Site(response, True)
        if self._of.is_swagger:
            if subject.of_media:
                return Site(response, False)
            schema = response.child("schema")
            found = self._library.at(schema) is not MISSING
            return self.steps(schema, subject.path) if found else Site(response, False)
        return self._content(subject, response)

    def statuses(self, subject: Subject, operation: Operation) -> tuple[str, ...]:
        """The responses that a subject can be of: some rows do not tell it."""
        if subject.status or subject.kind not in ("response", "header"):
            return ()
        return tuple(members(self._of.value(operation).get("responses")))

    def media_types(self, subject: Subject, operation: Operation) -> tuple[str, ...]:
        """The media types of the body that a subject is in: the same way can be in each of them."""
        if (
            self._of.is_swagger
            or subject.of_media
            or subject.media
            or subject.kind not in ("request", "response")
        ):
            return ()
        if subject.kind == "request":
            place = operation.place.child("requestBody")
        else:
            place = operation.place.child("responses", subject.status)
        try:
            return tuple(members(members(self._library.follow(place)[1]).get("content")))
        except Dangling:
            return ()

    def _content(self, subject: Subject, owner: Place) -> Site:
        """A body's schema: of the media type that is named, else of the first one."""
        content = owner.child("content")
        types = members(self._library.at(content))
        media = subject.media if subject.media in types else next(iter(types), "")
        if not media or (subject.media and subject.media != media):
            return Site(content if types else owner, False)
        if subject.of_media:
            return Site(content.child(media), True)
        place, value = self._library.follow(content.child(media))
        schema = place.child("schema")
        return self.steps(schema, subject.path) if "schema" in members(value) else Site(place, False)

    def _swagger_request(self, subject: Subject, operation: Operation) -> Site:
        from workspai_hooks.contracts.openapi.swagger import all_parameters

        for place, value in all_parameters(self._bundle, operation):
            if value.get("in") == "body":
                if not subject.path and not self._behind:
                    return Site(place, True)
                return self.steps(place.child("schema"), subject.path)
            if value.get("in") == "formData":
                name = str(value.get("name"))
                if subject.path == name or subject.path.startswith(f"{name}/"):
                    rest = subject.path[len(name) + 1 :]
                    site = self.steps(place, rest)
                    return Site(site.place, site.whole, (name, *site.names), site.above)
        return Site(operation.place, False)

    def steps(self, place: Place, path: str) -> Site:
        """Follow a way through a schema, as oasdiff writes it."""
        names: list[str] = []
        above: Place | None = None
        body = place
        path = path.lstrip("/")
        while True:
            there, value = self._library.follow(place)
            if not path:
                return Site(there if self._behind else place, True, tuple(names), above, body)
            step = self._step(there, members(value), path, set())
            if step is None:
                return Site(there, False, tuple(names), above, body)
            above = there
            place, name, path = step
            if name:
                names.append(name)

    def _step(self, place: Place, schema: Members, path: str, seen: set[Place]) -> Step | None:
        """The next place, the key that a reader uses on the way, and what is left to go."""
        step = self._own_step(place, schema, path)
        if step is not None or place in seen:
            return step
        seen.add(place)
        # oasdiff merges what an `allOf` includes, so that its ways do not name the branch.
        for index in range(len(entries(schema.get("allOf")))):
            there, value = self._library.follow(place.child("allOf", str(index)))
            step = self._step(there, members(value), path, seen)
            if step is not None:
                return step
        return None

    def _own_step(self, place: Place, schema: Members, path: str) -> Step | None:
        properties = members(schema.get("properties"))
        fitting = [name for name in properties if path == name or path.startswith(f"{name}/")]
        if fitting:
            name = max(fitting, key=len)
            return place.child("properties", name), name, path[len(name) + 1 :]
        if found := _LISTED.match(path):
            label, rest = _bracketed(path[found.end() :])
            return self._alternative(place.child(found[1]), schema.get(found[1]), label, rest)
        if found := _NAMED.match(path):
            label, rest = _bracketed(path[found.end() :])
            there = label in members(schema.get(found[1]))
            key = _ANY_KEY if found[1] == "patternProperties" else ""
            return (place.child(found[1], label), key, rest) if there else None
        word, _, rest = path.partition("/")
        if word in _WORDS and isinstance(schema.get(word), dict):
            return place.child(word), _ANY_KEY if word == "additionalProperties" else "", rest
        return None

    def _alternative(self, place: Place, listed: object, label: str, rest: str) -> Step | None:
        before, arrow, after = label.partition(" -> ")
        label = after if arrow and self._head else before
        if label.startswith(_COMPONENT):
            found = self._bundle.places.get(label.removeprefix(_COMPONENT))
            return (found, "", rest) if found is not None else None
        index = _INDEX.fullmatch(label)
        if index is None or int(index[1]) > len(entries(listed)):
            return None
        return place.child(str(int(index[1]) - 1)), "", rest


def _bracketed(text: str) -> tuple[str, str]:
    """What stands before the closing bracket, and what is left behind it."""
    end = text.find("]/")
    return (text[:end], text[end + 2 :]) if end >= 0 else (text.removesuffix("]"), "")


def told_names(path: str) -> tuple[str, ...]:
    """The keys of a way that could not be followed: what is left without the words for structure."""
    parts = [part for part in path.split("/") if part and part not in _WORDS]
    return tuple(part for part in parts if "[" not in part and "]" not in part)


def element_of(operation: Operation, subject: Subject, names: tuple[str, ...], called: str = "") -> str:
    """An element as it is addressed everywhere (docs/openapi.md): `GET /orders/{id}#response.200.total`.

    `called` is a parameter's or header's name as it is written: oasdiff tells headers in lower case.
    """
    name = called or subject.name
    tail = "".join(f".{_quoted(name)}" for name in names)
    media = f".media:{subject.media}" if subject.of_media else ""
    match subject.kind:
        case "parameter":
            part = f"{subject.place}.{_quoted(name)}{tail}"
        case "header":
            part = f"response.{subject.status}.header:{name}"
        case "request":
            part = f"request{tail}{media}"
        case "response":
            part = f"response.{subject.status}{tail}{media}"
        case _:
            return operation.element
    return f"{operation.element}#{part}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '\\"') + '"' if _NEEDS_QUOTES.search(name) else name
