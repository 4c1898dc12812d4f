"""Two JSON Schemas compared: what the newer one refuses that the older one took.

Serves `values.schema.json` of charts and the schemas of CustomResourceDefinitions. References are followed
inside of the document only. What the keywords below don't cover (`not`, `if`) is told as changed, not
judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from workspai_hooks.contracts.helm.nodes import Plain, Step

_MOST = 20_000
"""Pairs of schemas that are looked at; a document that goes past it is told."""
_MOST_DEPTH = 60

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_UNJUDGED = ("not", "if", "then", "else", "dependencies", "dependentSchemas", "dependentRequired", "contains")
_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


class Tightened(msgspec.Struct, frozen=True, order=True):
    """`key` is the value's path (`service.ports[].name`), `at` the place in the newer document, or in the
    older where `gone`; `certain` unless it was only seen that something changed."""

    key: str
    why: str
    at: tuple[Step, ...]
    gone: tuple[Step, ...] = ()
    certain: bool = True


def tightened(old: Plain, new: Plain, was_used: Callable[[str], bool]) -> Iterator[Tightened]:
    """All that `new` refuses and `old` does not, outermost first.

    What comes to be named for the first time hits only those who gave it before, when nobody asked for it:
    `was_used` says of a path whether somebody could have a reason to.
    """
    yield from _Comparison(old, new, was_used).run()


class _Comparison:
    def __init__(self, old: Plain, new: Plain, was_used: Callable[[str], bool]) -> None:
        self._old, self._new, self._was_used = old, new, was_used
        self._seen: set[tuple[int, int, str]] = set()
        self._count = 0

    def run(self) -> Iterator[Tightened]:
        yield from self._schemas(self._old, self._new, "", (), ())

    def _schemas(
        self, old: Plain, new: Plain, key: str, was: tuple[Step, ...], at: tuple[Step, ...]
    ) -> Iterator[Tightened]:
        old, new = _resolved(old, self._old), _resolved(new, self._new)
        self._count += 1
        if self._count > _MOST or len(at) > _MOST_DEPTH:
            if self._count == _MOST + 1:
                yield Tightened(key, "is too large to be compared from here on", at, was, certain=False)
            return
        if new is False and old is not False:
            yield Tightened(key, "is not allowed any more", at, was)
            return
        if old is False or not isinstance(new, dict):
            return
        before: Mapping[str, Plain] = old if isinstance(old, dict) else {}
        if before == new or (id(before), id(new), key) in self._seen:
            return
        self._seen.add((id(before), id(new), key))
        yield from _own(before, new, key, was, at)
        yield from self._inside(before, new, key, was, at)

    def _inside(
        self,
        old: Mapping[str, Plain],
        new: Mapping[str, Plain],
        key: str,
        was: tuple[Step, ...],
        at: tuple[Step, ...],
    ) -> Iterator[Tightened]:
        had, has = _mapping(old, "properties"), _mapping(new, "properties")
        for name, schema in has.items():
            before = had.get(name, old.get("additionalProperties", True))
            if name not in had and not isinstance(before, dict):
                if before is not False and self._was_used(_joined(key, name)) and schema not in (True, {}):
                    why = "is checked by the schema for the first time"
                    yield Tightened(_joined(key, name), why, (*at, "properties", name), was, certain=False)
                continue
            yield from self._schemas(
                before, schema, _joined(key, name), (*was, "properties", name), (*at, "properties", name)
            )
        closed = new.get("additionalProperties", True)
        for name, schema in had.items():
            if name not in has and schema is not False:
                if closed is False and not new.get("patternProperties"):
                    yield Tightened(
                        _joined(key, name), "is not allowed any more", at, (*was, "properties", name)
                    )
                elif isinstance(closed, dict):
                    where = (*at, "additionalProperties")
                    yield from self._schemas(
                        schema, closed, _joined(key, name), (*was, "properties", name), where
                    )
        if isinstance(closed, dict):
            before = old.get("additionalProperties", True)
            where = (*at, "additionalProperties")
            yield from self._schemas(before, closed, _joined(key, "*"), (*was, "additionalProperties"), where)
        if isinstance(items := new.get("items"), (dict, bool)):
            yield from self._schemas(
                old.get("items", True), items, f"{key}[]", (*was, "items"), (*at, "items")
            )
        for name, schema in _mapping(new, "patternProperties").items():
            before = _mapping(old, "patternProperties").get(name, old.get("additionalProperties", True))
            where = (*at, "patternProperties", name)
            yield from self._schemas(
                before, schema, _joined(key, f"/{name}/"), (*was, "patternProperties", name), where
            )
        yield from self._combined(old, new, key, was, at)

    def _combined(
        self,
        old: Mapping[str, Plain],
        new: Mapping[str, Plain],
        key: str,
        was: tuple[Step, ...],
        at: tuple[Step, ...],
    ) -> Iterator[Tightened]:
        for word in ("allOf", "anyOf", "oneOf"):
            before, after = _list(old.get(word)), _list(new.get(word))
            if before == after:
                continue
            if word == "allOf":
                for number, schema in enumerate(after):
                    if schema not in before:
                        mate = before[number] if number < len(before) else True
                        yield from self._schemas(mate, schema, key, (*was, word, number), (*at, word, number))
            elif not before:
                yield Tightened(
                    key, f"must be {word.removesuffix('Of')} of {len(after)} forms now", (*at, word), was
                )
            elif after and all(schema in after for schema in before):
                continue  # more forms than before; `oneOf` may refuse what two of them take
            elif len(before) == len(after):
                for number, (one, other) in enumerate(zip(before, after, strict=True)):
                    yield from self._schemas(one, other, key, (*was, word, number), (*at, word, number))
            elif after:
                yield Tightened(key, f"has fewer forms in {word}", (*at, word), (*was, word))


def _own(
    old: Mapping[str, Plain], new: Mapping[str, Plain], key: str, was: tuple[Step, ...], at: tuple[Step, ...]
) -> Iterator[Tightened]:
    """What the keywords of one schema refuse by themselves."""
    if gone := sorted(_types(old) - _types(new)):
        told = "no type" if not _types(new) else " or ".join(sorted(_types(new)))
        shown = "" if len(gone) > 4 else f", {' or '.join(gone)} no longer"
        yield Tightened(key, f"must be {told} now{shown}", (*at, "type"), (*was, "type"))
    for name in _list(new.get("required")):
        if name not in _list(old.get("required")) and isinstance(name, str):
            yield Tightened(_joined(key, name), "is required now", (*at, "required"), was)
    values, allowed = old.get("enum"), new.get("enum")
    if isinstance(allowed, list):
        gone_values = [one for one in values if one not in allowed] if isinstance(values, list) else None
        if gone_values is None and "const" not in old:
            yield Tightened(key, f"must be one of {_shown(allowed)} now", (*at, "enum"), was)
        elif gone_values:
            yield Tightened(key, f"may no longer be {_shown(gone_values)}", (*at, "enum"), (*was, "enum"))
    if "const" in new and new["const"] != old.get("const"):
        yield Tightened(key, f"must be {_shown([new['const']])} now", (*at, "const"), was)
    for words, sign in ((_LOWER, 1), (_UPPER, -1)):
        for word in words:
            if _stricter(old.get(word), new.get(word), sign):
                before = f", was {old[word]}" if word in old else ""
                yield Tightened(key, f"has {word} {new[word]} now{before}", (*at, word), (*was, word))
    for word in ("pattern", "format", "multipleOf", "uniqueItems", "propertyNames", *_UNJUDGED):
        if new.get(word) and new[word] != old.get(word):
            certain = word not in _UNJUDGED and not (word in old and word == "pattern")
            shown = f" {new[word]}" if isinstance(new[word], (str, int, float)) else ""
            kind = "another" if word in old else "a new"
            yield Tightened(key, f"has {kind} {word}{shown} now", (*at, word), (*was, word), certain)
    if new.get("additionalProperties") is False and old.get("additionalProperties", True) is not False:
        yield Tightened(key, "takes no further keys any more", (*at, "additionalProperties"), was)


def _stricter(old: Plain, new: Plain, sign: int) -> bool:
    """Whether a bound is new or narrower: a lower one (`sign` 1) that rose, an upper one that fell."""
    if isinstance(new, bool) or not isinstance(new, (int, float)):
        return False
    if isinstance(old, bool) or not isinstance(old, (int, float)):
        return not (sign == 1 and new == 0)
    return sign * new > sign * old


def _types(schema: Mapping[str, Plain]) -> set[str]:
    told = schema.get("type")
    found = {told} if isinstance(told, str) else {one for one in _list(told) if isinstance(one, str)}
    if not found:
        found = set(_TYPES)
    if "number" in found:
        found.add("integer")
    if schema.get("nullable") is True:
        found.add("null")
    if schema.get("x-kubernetes-int-or-string") is True:
        found = {"integer", "string"}
    return found


def _resolved(schema: Plain, root: Plain) -> Plain:
    """A schema with its reference inside of the document followed; one that leads elsewhere takes
    anything."""
    for _ in range(20):
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str):
            return schema
        if not reference.startswith("#"):
            return True
        schema = root
        for step in filter(None, reference[1:].split("/")):
            name = step.replace("~1", "/").replace("~0", "~")
            schema = schema.get(name, True) if isinstance(schema, dict) else True
    return True


def _joined(key: str, name: str) -> str:
    name = name.replace(".", "\\.")
    return f"{key}.{name}" if key else name


def _shown(values: list[Plain]) -> str:
    texts = [str(one)[:60] for one in values[:5]]
    return ", ".join(texts) + (", …" if len(values) > 5 else "")


def _mapping(schema: Mapping[str, Plain], word: str) -> Mapping[str, Plain]:
    value = schema.get(word)
    return value if isinstance(value, dict) else {}


def _list(value: Plain) -> list[Plain]:
    return value if isinstance(value, list) else []
