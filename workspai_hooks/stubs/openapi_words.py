"""A schema of OpenAPI in words, so that two are the same on the wire where their words are.

Prose, examples, defaults and extensions are left out. A schema whose name both sides know is called by it;
others are written out, each once: a long one is told by its beginning and a digest, so that schemas within
schemas can't multiply.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from workspai_hooks.contracts.openapi.description import Members, entries, members

MAX_DEPTH = 30
"""So deep a schema is read within others."""
MAX_TEXT = 1500
REF = "#/components/schemas/"
_SAID = frozenset(
    ("type", "format", "items", "enum", "properties", "allOf", "additionalProperties", "nullable")
)
_PROSE = frozenset(
    (
        "description",
        "title",
        "example",
        "examples",
        "externalDocs",
        "xml",
        "deprecated",
        "default",
        "required",
    )
)
_DEFAULTS = {
    **dict.fromkeys(("minItems", "minLength", "minProperties"), 0),
    **dict.fromkeys(("uniqueItems", "exclusiveMinimum", "exclusiveMaximum", "readOnly", "writeOnly"), False),
}
"""What a schema means that does not say it; generators leave it out."""
_MORE = "…"


def name_in(ref: object) -> str:
    """The name of a schema that a local reference leads to."""
    return str(ref).removeprefix(REF).replace("~1", "/").replace("~0", "~")


class Words:
    """The schemas of one side; `common` are the names that both sides know."""

    def __init__(self, schemas: Members, common: frozenset[str]) -> None:
        self._schemas = schemas
        self._common = common
        self._known: dict[str, str] = {}
        self._open: set[str] = set()

    def text(self, value: object, depth: int = 0, *, whole: bool = True) -> str:
        """What a schema says; not its properties where those are told one by one (`whole` is False)."""
        one = members(value)
        if "$ref" in one:
            return self._named(name_in(one["$ref"]))
        if depth > MAX_DEPTH:
            return _MORE
        parts = entries(one.get("allOf"))
        if len(parts) == 1 and not one.get("properties"):
            return self.text(parts[0], depth + 1, whole=whole)
        said = " ".join(one for one in self._parts(one, depth, whole) if one) or "any"
        if len(said) > MAX_TEXT:
            said = f"{said[:200]}{_MORE} {hashlib.blake2b(said.encode(), digest_size=8).hexdigest()}"
        return said

    def is_told(self, name: str) -> bool:
        """Whether a schema has members to be told by its name; others (a map, a list, an enumeration) are
        written out, as generators do."""
        one = members(self._schemas.get(name))
        return any(one.get(key) for key in ("properties", "allOf", "oneOf", "anyOf"))

    def _named(self, name: str) -> str:
        if name in self._common and self.is_told(name):
            return name
        if name in self._open or len(self._open) > MAX_DEPTH:
            return _MORE
        if name not in self._known:
            self._open.add(name)
            self._known[name] = self.text(self._schemas.get(name))
            self._open.discard(name)
        return self._known[name]

    def _parts(self, one: Members, depth: int, whole: bool) -> Iterator[str]:
        kinds = {str(kind) for kind in entries(one.get("type"))} or {str(one.get("type", ""))}
        kind = "/".join(sorted(kinds - {"", "null"}))
        if "items" in one:
            yield f"array of {self.text(one['items'], depth + 1)}"
        else:
            kind = kind or ("object" if "allOf" in one else "")
            holds = one.get("properties") or (kind and isinstance(one.get("additionalProperties"), dict))
            # Without members it is anything: generators write so what has no type.
            yield "object" if holds else "" if kind == "object" and "allOf" not in one else kind
        yield str(one.get("format") or "")
        if "enum" in one and kind != "object":
            yield f"enum({', '.join(sorted(str(each) for each in entries(one['enum'])))})"
        if whole:
            fields = members(one.get("properties"))
            needed = {str(name) for name in entries(one.get("required"))}
            inner = [
                f"{name}: {self.text(fields[name], depth + 1)}{' required' if name in needed else ''}"
                for name in sorted(fields, key=str)
            ]
            yield f"{{{', '.join(inner)}}}" if inner else ""
            yield from (f"& {self.text(part, depth + 1)}" for part in entries(one.get("allOf")))
        rest = one.get("additionalProperties")
        yield f"of {self.text(rest, depth + 1)}" if kind and isinstance(rest, dict) and rest else ""
        for key in sorted(str(key) for key in one.keys() - _SAID - _PROSE):
            if not key.startswith("x-") and not self._is_default(key, one.get(key)):
                yield f"{key}={self._value(one.get(key), depth + 1)}"
        yield "or null" if one.get("nullable") is True or "null" in kinds else ""

    @staticmethod
    def _is_default(key: str, value: object) -> bool:
        return key in _DEFAULTS and value == _DEFAULTS[key] and type(value) is type(_DEFAULTS[key])

    def _value(self, value: object, depth: int) -> str:
        if depth > MAX_DEPTH:
            return _MORE
        if isinstance(value, list):
            return "[" + ", ".join(self._value(one, depth + 1) for one in value) + "]"
        return self.text(value, depth + 1) if isinstance(value, dict) else str(value)
