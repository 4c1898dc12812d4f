"""A header that is added to a response of an OpenAPI description, as lines of its file: YAML and JSON, blocks
and one line, with the indentation that the file has there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from workspai_hooks.contracts.openapi.bounds import Unreadable
from workspai_hooks.contracts.openapi.description import members
from workspai_hooks.contracts.openapi.library import BOM, Library, is_json, read_text
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.resilience.reading import Edit
from workspai_hooks.source import Location

STEP = "  "


class Header(msgspec.Struct, frozen=True):
    """`schema` in one line of YAML and JSON alike for tools of today (3.x) or Swagger 2.0."""

    name: str
    type: str


def edits(
    library: Library, places: Iterable[Place], header: Header, *, swagger: bool
) -> Mapping[Place, Edit]:
    """What adds the header to the responses at these places, each response once. A response that can't be
    mended so (it is no mapping, or the file would not say what it should) has none."""
    found: dict[Place, Edit] = {}
    wanted = [place for place in dict.fromkeys(places) if members(library.at(place))]
    firsts = {place: _first(library, place) for place in wanted}
    library.locate([*wanted, *(one for holder, child in firsts.values() for one in (holder, child))])
    texts = {path: _split(library.text(path)) for path in {place.path for place in firsts}}
    for place, (holder, child) in firsts.items():
        edit = _edit(texts[place.path], library, holder, child, header, holder != place, swagger)
        if edit is not None:
            found[place] = edit
    return {
        place: edit
        for path in {one.path for one in found}
        for place, edit in _proven(library, path, found, header)
    }


def _split(text: bytes) -> tuple[Sequence[str], bool]:
    """A file's lines, and whether it is JSON."""
    text = text.removeprefix(BOM)
    return text.decode("utf-8", "replace").split("\n"), is_json(text)


def _first(library: Library, place: Place) -> tuple[Place, Place]:
    """Which mapping gets a member, the response or its headers, and the member that it goes before."""
    response = members(library.at(place))
    headers = members(response.get("headers"))
    holder = place.child("headers") if headers else place
    keys = list(headers or response)
    return holder, holder.child(keys[1] if len(keys) > 1 and not headers else keys[0])


def _edit(
    text: tuple[Sequence[str], bool],
    library: Library,
    holder: Place,
    child: Place,
    header: Header,
    has_headers: bool,
    swagger: bool,
) -> Edit | None:
    above, at = library.location(holder), library.location(child)
    lines, json = text
    if not 0 < at.line <= len(lines) or at.column < 1:
        return None
    line = lines[at.line - 1].rstrip("\r")
    before = line[: at.column - 1]
    schema: Mapping[str, object] = {"type": header.type}
    value: Mapping[str, object] = {header.name: schema if swagger else {"schema": schema}}
    if not has_headers:
        value = {"headers": value}
    if before.strip():  # in one line with what is before it
        added = before + _inline(value, json)[1:-1] + ", " + line[at.column - 1 :]
        return Edit(at.path, at.line, (line,), (added,)) if _opens(before) else None
    return Edit(at.path, at.line, (), tuple(_block(value, before, json, _step(above, lines, before))))


def _opens(before: str) -> bool:
    """Whether a flow mapping is open there: its brace, or a member before."""
    return before.rstrip().endswith(("{", ","))


def _step(above: Location, lines: Sequence[str], indent: str) -> str:
    """By how much the file indents there."""
    line = lines[above.line - 1]
    deeper = indent[len(line) - len(line.lstrip()) :]
    return deeper if deeper and not deeper.strip() and len(deeper) <= 8 else STEP


def _block(value: Mapping[str, object], indent: str, json: bool, step: str) -> list[str]:
    """The members of a mapping as lines; in JSON each is followed by a comma: one comes after it."""
    lines: list[str] = []
    for key, inner in value.items():
        name = f'"{key}"' if json else key
        if isinstance(inner, dict):
            lines.append(f"{indent}{name}: {{" if json else f"{indent}{name}:")
            nested = _block(inner, indent + step, json, step)
            if json:
                nested[-1] = nested[-1].removesuffix(",")
            lines += nested
            if json:
                lines.append(f"{indent}}},")
        else:
            lines.append(f'{indent}{name}: "{inner}",' if json else f"{indent}{name}: {inner}")
    return lines


def _inline(value: object, json: bool) -> str:
    if not isinstance(value, dict):
        return f'"{value}"' if json else str(value)
    quote = '"' if json else ""
    return (
        "{" + ", ".join(f"{quote}{key}{quote}: {_inline(inner, json)}" for key, inner in value.items()) + "}"
    )


def _proven(
    library: Library, path: str, found: Mapping[Place, Edit], header: Header
) -> Iterable[tuple[Place, Edit]]:
    """The edits of one file whose result was read: it says what it said, and the header."""
    mine = {place: edit for place, edit in found.items() if place.path == path}
    text = library.text(path).removeprefix(BOM).decode("utf-8", "replace")
    lines = text.split("\n")
    ordered = sorted(mine.values(), key=lambda one: -one.line)
    if len({one.line for one in ordered}) < len(ordered):
        return ()
    for edit in ordered:
        lines[edit.line - 1 : edit.line - 1 + len(edit.removed)] = edit.added
    try:
        value = read_text("\n".join(lines).encode(), strict=False)
    except Unreadable:
        return ()
    return [(place, edit) for place, edit in mine.items() if _has(value, place, header)]


def _has(value: object, place: Place, header: Header) -> bool:
    for name in (*place.pointer, "headers"):
        value = members(value).get(name)
    return header.name in members(value)
