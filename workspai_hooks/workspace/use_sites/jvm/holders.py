"""Members of what holds other values: sequences, maps, pairs."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.jvm import words
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    InstanceOf,
    LibraryOf,
    ListOf,
    MapOf,
    Method,
    TupleOf,
    Value,
    alternatives,
    join,
)

Values = tuple[Value, ...]

_GETTERS = frozenset({"getFirst", "getLast"})


def of_sequence(value: ListOf, name: str) -> Value | None:
    """A member of a list, a stream, an optional, a future, a flow."""
    item = value.item
    sees = Method(parameters=(item, item))
    if name in words.MAPPING:
        indexed = Method(parameters=(PLAIN, item)) if "Indexed" in name else sees
        return Method(compute=_given, parameters=(indexed, sees))
    if name in words.FLAT:
        return Method(compute=_flat, parameters=(sees,))
    if name in ("forEachIndexed", "onEachIndexed", "filterIndexed"):
        return Method(
            value if name == "filterIndexed" else PLAIN, parameters=(Method(parameters=(PLAIN, item)),)
        )
    if name in ("peek", "take"):  # Stream.peek(lambda), Queue.peek(); take(2), BlockingQueue.take()
        return Method(compute=lambda args: value if args else item, parameters=(sees,))
    if name in ("stream", "values") and isinstance(item, ListOf):
        return Method(value)
    if name == "flatten":
        return Method(item if isinstance(item, ListOf) else value)
    if name in words.SAME:
        return Method(value, parameters=(sees, sees))
    if name in words.ONE:
        return Method(item, parameters=(sees, sees))
    if name in words.ADDING:
        return Method(parameters=(item, item), becomes=_with)
    if name in ("addAll", "addAllFirst", "addAllLast", "sendAll", "emitAll"):
        return Method(parameters=(value, value), becomes=_with_all)
    if name in words.SEEING:
        return Method(PLAIN, parameters=(sees, sees))
    if name in words.BOTH:
        return Method(value, parameters=(value, sees))
    if name in ("collect.toMap", "associate", "collect.toConcurrentMap", "collect.toImmutableMap"):
        return Method(compute=_keyed, parameters=(sees, sees, sees))
    if name in ("associateBy", "associateWith", "toMap", "uniqueIndex"):
        return Method(compute=lambda args: _associated(item, name, args), parameters=(sees, sees))
    if name in words.KEYED:
        return Method(compute=lambda args: _grouped(value, args), parameters=(sees, sees, sees))
    if name in words.LISTS:
        return Method(value, parameters=(sees, sees))
    if name in words.WINDOWS:
        return Method(ListOf(value), parameters=(Method(parameters=(value,)),))
    if name in ("withIndex", "indexed"):
        return Method(ListOf(TupleOf((PLAIN, item))))
    if name == "zip":
        return Method(
            compute=lambda args: _zipped(item, args), parameters=(UNKNOWN, Method(parameters=(item,)))
        )
    if name in ("fold", "foldRight", "foldIndexed"):
        folds = Method(parameters=(UNKNOWN, item))
        return Method(compute=lambda args: args[0] if args else UNKNOWN, parameters=(PLAIN, folds))
    if name in ("size", "length", "indices", "lastIndex", "isCompleted", "isEmpty", "isPresent", "count"):
        return PLAIN
    if name == "getAllValues" or name == "allValues":
        return Method(value)
    return item if name in ("firstValue", "captured") else None


def as_property(value: Value | None, name: str, owner: Value) -> Value | None:
    """Kotlin reads `list.size`, `entry.key`, `future.value` without a call."""
    if name in ("value", "result", "body", "payload", "captured", "first", "last", "lastValue", "firstValue"):
        return owner.item if isinstance(owner, ListOf) else value
    return value


def of_map(value: MapOf, name: str) -> Value | None:
    """A member of a map."""
    key, held = value.key, value.value
    pair = TupleOf((key, held))
    both = Method(parameters=(key, held))
    if name in ("get", "getOrDefault", "remove", "getIfPresent", "getUnchecked", "getValue", "getOrElse"):
        return Method(held, parameters=(key, Method(parameters=(key,))))
    if name in ("computeIfAbsent", "getOrPut", "putIfAbsent"):
        return Method(compute=lambda args: _computed(held, args), parameters=(key, _making(key, held)))
    if name in ("compute", "computeIfPresent", "merge"):
        return Method(held, parameters=(key, both, Method(parameters=(held, held))))
    if name in ("put", "set", "replace"):
        return Method(held, parameters=(key, held), becomes=_with_entry)
    if name in ("putAll", "clear", "containsKey", "containsValue", "isEmpty", "size", "invalidate"):
        return Method(parameters=(value,))
    if name in ("forEach", "replaceAll"):
        return Method(parameters=(both,))
    if name in ("entrySet", "entries", "toList", "asSequence", "iterator"):
        return Method(ListOf(pair))
    if name in ("values", "keySet", "keys", "asMap", "descendingMap", "toMap", "toMutableMap", "orEmpty"):
        inner: Value = ListOf(held) if name == "values" else ListOf(key) if name.startswith("key") else value
        return Method(inner)
    if name in ("firstEntry", "lastEntry", "floorEntry", "ceilingEntry", "pollFirstEntry"):
        return Method(pair)
    if name in ("filterKeys", "filterValues", "filter", "filterNot", "toSortedMap", "plus", "minus"):
        seen = held if name == "filterValues" else key if name == "filterKeys" else pair
        return Method(value, parameters=(Method(parameters=(seen,)),))
    if name in ("mapValues", "mapKeys"):
        return Method(
            compute=lambda args: _remapped(value, name, args), parameters=(Method(parameters=(pair,)),)
        )
    return of_sequence(ListOf(pair), name)


def of_multimap(args: Values, name: str) -> Value | None:
    """A member of Guava's and Spring's maps of several values."""
    key, held = (args[0], args[1]) if len(args) == 2 else (PLAIN, UNKNOWN)
    if name in ("get", "values", "removeAll"):
        return Method(ListOf(held))
    if name == "getFirst":
        return Method(held)
    if name == "entries":
        return Method(ListOf(TupleOf((key, held))))
    if name == "asMap":
        return Method(MapOf(key, ListOf(held)))
    if name == "forEach":
        return Method(parameters=(Method(parameters=(key, held)),))
    return Method() if name in ("put", "putAll", "add", "size", "isEmpty", "containsKey", "keySet") else None


def of_pair(value: TupleOf, name: str) -> Value | None:
    """A member of an entry or a pair."""
    items = value.items
    at = {"key": 0, "first": 0, "left": 0, "index": 0, "value": 1, "second": 1, "right": 1, "third": 2}
    word = name.removeprefix("get")
    found = at.get(word[:1].lower() + word[1:])
    if name.startswith("component") and name[9:].isdigit():
        found = int(name[9:]) - 1
    if found is None or found >= len(items):
        return Method() if name in ("setValue", "toString", "equals") else None
    return Method(items[found]) if name.startswith(("get", "component")) else items[found]


def _result(value: Value) -> Value:
    """What a lambda or a method reference gives."""
    found = [one.result if isinstance(one, Method) else one for one in alternatives(value)]
    return join(one.result if isinstance(one, Method) else one for one in found)


def _given(args: Values) -> Value:
    return ListOf(_result(args[0]) if args else UNKNOWN)


def _flat(args: Values) -> Value:
    given = _result(args[0]) if args else UNKNOWN
    return given if isinstance(given, ListOf) else ListOf(UNKNOWN)


def _keyed(args: Values) -> Value:
    if args and len(args) == 1:
        pair = _result(args[0])
        return (
            MapOf(*pair.items)
            if isinstance(pair, TupleOf) and len(pair.items) == 2
            else MapOf(PLAIN, UNKNOWN)
        )
    return MapOf(_result(args[0]), _result(args[1])) if len(args) > 1 else MapOf(PLAIN, UNKNOWN)


def _associated(item: Value, name: str, args: Values) -> Value:
    if not args and isinstance(item, TupleOf) and len(item.items) == 2:
        return MapOf(*item.items)
    first = _result(args[0]) if args else PLAIN
    if name == "associateWith":
        return MapOf(item, first)
    return MapOf(first, _result(args[1]) if len(args) > 1 else item)


def _grouped(value: ListOf, args: Values) -> Value:
    inner = args[-1] if len(args) > 1 else value
    held = inner if isinstance(inner, ListOf | MapOf) else ListOf(_result(inner)) if len(args) > 1 else value
    return MapOf(_result(args[0]) if args else PLAIN, held)


def _zipped(item: Value, args: Values) -> Value:
    other = args[0].item if args and isinstance(args[0], ListOf) else UNKNOWN
    return ListOf(_result(args[1])) if len(args) > 1 else ListOf(TupleOf((item, other)))


def _making(key: Value, held: Value) -> Value:
    return held if isinstance(held, InstanceOf | LibraryOf) else Method(parameters=(key,))


def _computed(held: Value, args: Values) -> Value:
    if held not in (UNKNOWN, PLAIN):
        return held
    return _result(args[-1]) if args else UNKNOWN


def _remapped(value: MapOf, name: str, args: Values) -> Value:
    made = _result(args[0]) if args else UNKNOWN
    return MapOf(value.key, made) if name == "mapValues" else MapOf(made, value.value)


def _with(owner: Value, args: Values) -> Value:
    return ListOf(join((owner.item, *args[-1:]))) if isinstance(owner, ListOf) else owner


def _with_all(owner: Value, args: Values) -> Value:
    added = args[-1] if args else PLAIN
    if not isinstance(owner, ListOf) or not isinstance(added, ListOf):
        return owner
    return ListOf(join((owner.item, added.item)))


def _with_entry(owner: Value, args: Values) -> Value:
    if not isinstance(owner, MapOf) or len(args) < 2:
        return owner
    return MapOf(owner.key, join((owner.value, args[1])))
