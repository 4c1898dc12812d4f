"""Instances of classes that know which part of which body they were made of.

The part is carried behind the type arguments, `InstanceOf(Order, (…, (json)items[]))`, and goes wherever the
instance goes; where it gets lost (behind a written type), all bodies that become such instances are meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.workspace.http.bodies import JSON, RESPONSE, is_json, item_of, jsons_in
from workspai_hooks.workspace.http.texts import HOLE, JOINED, is_text
from workspai_hooks.workspace.use_sites.values import (
    Choice,
    InstanceOf,
    LibraryOf,
    ListOf,
    MapOf,
    TupleOf,
    TypeOf,
    Value,
    join,
    parts_of,
    replaced,
)


def made_of(kind: Value, source: Value) -> Value:
    """An instance of a type, or a container of such, that is made of a part of a body."""
    source = known_best(source)
    if not isinstance(source, LibraryOf) or not is_json(source):
        return kind
    match kind:
        case TypeOf(inner):
            return made_of(inner, source)
        case InstanceOf(key):
            return InstanceOf(key, (*without_origin(kind).args, source))
        case ListOf(item, indexed):
            return ListOf(made_of(item, item_of(source)), indexed)
        case MapOf(key, held):
            return MapOf(key, made_of(held, item_of(source)))
        case Choice(values):
            return join(made_of(one, source) for one in values)
        case LibraryOf("(one)", (inner,)):
            return LibraryOf("(one)", (made_of(inner, source),))
        case _:
            return kind


def origin_of(value: InstanceOf) -> LibraryOf | None:
    """The part of a body that an instance is made of, where it knows."""
    last = value.args[-1] if value.args else None
    return last if isinstance(last, LibraryOf) and is_json(last) else None


def without_origin(value: InstanceOf) -> InstanceOf:
    """The instance as one of any body."""
    return InstanceOf(value.key, value.args[:-1]) if origin_of(value) is not None else value


def known_best(value: Value) -> Value:
    """Of several values the best known ones: what a request, its answer or an instance of it was before the
    base of its URL was known is none of them any more."""
    return replaced(value, _best_of)


def _best_of(value: Value) -> Value | None:
    if not isinstance(value, Choice):
        return None
    known = {_kind_of(one) for one in value.values if _url_of(one) is not None and _is_known(one)}
    kept = [
        one for one in value.values if _kind_of(one) not in known or _url_of(one) is None or _is_known(one)
    ]
    return None if len(kept) == len(value.values) else join(kept)


def _url_of(value: Value) -> Value | None:
    """The URL that a value carries along."""
    match value:
        case InstanceOf(_, (*_, LibraryOf() as last)) if is_json(last):
            return _url_of(last)
        case LibraryOf(path, (_, url, *_)) if path.startswith((JSON, RESPONSE, "(request)")):
            return url
        case LibraryOf() if is_text(value):
            return value
        case TupleOf(items):
            urls = (_url_of(one) for one in items)
            return next((one for one in urls if one is not None), None)
        case _:
            return None


def _kind_of(value: Value) -> str:
    if isinstance(value, InstanceOf):
        return value.key
    if isinstance(value, TupleOf):
        return " ".join(_kind_of(one) for one in value.items)
    return "text" if is_text(value) else value.path if isinstance(value, LibraryOf) else ""


def _is_known(value: Value) -> bool:
    url = _url_of(value)
    first = url.args[0] if isinstance(url, LibraryOf) and url.path == JOINED and url.args else url
    return not (isinstance(first, LibraryOf) and first.path.startswith(HOLE))


def without_origins(value: Value) -> Value:
    """The value with all its instances as of any body."""
    return replaced(value, _plain)


def _plain(value: Value) -> Value | None:
    return without_origin(value) if isinstance(value, InstanceOf) and origin_of(value) is not None else None


def bodies_in(value: Value, depth: int = 4) -> Iterator[LibraryOf]:
    """The parts of bodies that a value is, holds, or is made of."""
    yield from jsons_in(value)
    for part in (value, *parts_of(value)) if depth else ():
        if isinstance(part, InstanceOf):
            source = origin_of(part)
            if source is not None:
                yield source
        elif part is not value:
            yield from bodies_in(part, depth - 1)


def has_origin(value: Value) -> bool:
    """Whether there are instances in it that know what they are made of."""
    match value:
        case InstanceOf():
            return origin_of(value) is not None
        case ListOf(item) | MapOf(_, item):
            return has_origin(item)
        case TupleOf(items) | Choice(items):
            return any(has_origin(one) for one in items)
        case LibraryOf("(one)", args):
            return any(has_origin(one) for one in args)
        case _:
            return False
