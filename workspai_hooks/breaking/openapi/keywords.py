"""Which keyword of a schema (or an operation) a row is about: its line says more than its owner's."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.patterns import regex

_BOUND = regex(
    r"-((?:exclusive-)?(?:max|min)(?:-length|-items|-properties|-contains)?|multiple-of|pattern|unique-items|const"
    r"|all-of|any-of|one-of|prefix-items|content-encoding|content-media-type|discriminator)-"
)
_LONG = {
    "max": "maximum",
    "min": "minimum",
    "exclusive-max": "exclusiveMaximum",
    "exclusive-min": "exclusiveMinimum",
}
_SAID = regex(r"`(type|format)`")


def keywords(id: str, text: str) -> Iterator[str]:
    """The keywords, the likeliest first; on one side or the other it may not be there."""
    if "enum" in id:
        yield from ("enum", "x-extensible-enum")
    elif found := _BOUND.search(f"{id}-"):
        yield _LONG.get(found[1]) or _camel(found[1])
    elif "type" in id or "nullable" in id:
        if said := _SAID.search(text):
            yield said[1]
        yield from ("nullable", "type") if "nullable" in id else ("type", "format")
    elif id.startswith("api-operation-id"):
        yield "operationId"
    elif "sunset" in id:
        yield from ("x-sunset", "deprecated")
    elif "stability" in id:
        yield "x-stability-level"


def _camel(words: str) -> str:
    first, *rest = words.split("-")
    return first + "".join(map(str.capitalize, rest))
