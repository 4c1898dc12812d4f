"""What arrays, sets, maps and plain objects of JavaScript do with what they hold."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    Choice,
    ListOf,
    MapOf,
    Method,
    Plain,
    RecordOf,
    StreamOf,
    TupleOf,
    Value,
    join,
)

Values = tuple[Value, ...]

SAME = frozenset(
    {"filter", "slice", "sort", "reverse", "toSorted", "toReversed", "splice", "toSpliced", "fill", "with"}
    | {
        "copyWithin",
        "union",
        "difference",
        "intersection",
        "values",
        "take",
        "drop",
        "toArray",
        "asUint8List",
    }
)
ONE = frozenset({"pop", "shift", "at", "find", "findLast", "get", "next", "read", "first", "last"})
PARTS = frozenset({"map", "flatMap"})
QUIET = frozenset(
    {
        "join",
        "includes",
        "indexOf",
        "lastIndexOf",
        "has",
        "delete",
        "clear",
        "keys",
        "toString",
        "some",
        "every",
    }
    | {"findIndex", "findLastIndex", "length", "size"}
)


def item_of(value: Value) -> Value:
    """What a loop over it gives."""
    match value:
        case ListOf(item):
            return item
        case MapOf(key, held):
            return TupleOf((key, held))
        case TupleOf(items):
            return join(items)
        case StreamOf(receives):
            return receives
        case Choice(values):
            return join(item_of(one) for one in values)
        case Plain() | RecordOf():
            return PLAIN
        case _:
            return UNKNOWN


def _returned(args: Values) -> Value:
    return args[0].result if args and isinstance(args[0], Method) else UNKNOWN


def _mapped(args: Values) -> Value:
    return ListOf(_returned(args))


def _flat_mapped(args: Values) -> Value:
    inner = _returned(args)
    return inner if isinstance(inner, ListOf) else ListOf(inner)


def _with_items(owner: Value, args: Values) -> Value:
    return ListOf(join((item_of(owner), *args)), getattr(owner, "indexed", True))


def _with_entry(owner: Value, args: Values) -> Value:
    if not isinstance(owner, MapOf) or len(args) < 2:
        return owner
    return MapOf(join((owner.key, args[0])), join((owner.value, args[1])))


def of_list(value: ListOf, item: Value, name: str) -> Value | None:
    """A method of an array, a set or an iterator."""
    taker = Method(parameters=(item, PLAIN, value))
    if name in PARTS:
        return Method(parameters=(taker,), compute=_mapped if name == "map" else _flat_mapped)
    if name == "flat":
        return Method(ListOf(item_of(item)))
    if name in ("some", "every", "findIndex", "findLastIndex", "forEach"):
        return Method(parameters=(taker,))
    if name == "entries":
        return Method(ListOf(TupleOf((PLAIN, item)), indexed=False))
    if name in ("sort", "toSorted"):
        return Method(value, parameters=(Method(parameters=(item, item)),))
    if name in ("filter", "find", "findLast"):
        return Method(value if name == "filter" else item, parameters=(taker,))
    if name == "concat":
        return Method(compute=lambda args: ListOf(join((item, *(_spread(arg) for arg in args)))))
    if name == "reduce":
        return Method(item, parameters=(Method(parameters=(item, item)),))
    if name == "reduce from":
        return Method(given=lambda args: _reducing(args, item), compute=_reduced)
    if name in ("push", "unshift", "add"):
        return Method(parameters=(item, item, item), becomes=_with_items)
    if name in SAME:
        return Method(value)
    if name in ONE:
        return Method(item)
    return Method() if name in QUIET else None


def _spread(value: Value) -> Value:
    return item_of(value) if isinstance(value, ListOf | TupleOf) else value


def _reducing(args: Values, item: Value) -> Values:
    """`reduce`, what it starts with first: this is what its function gets, too."""
    return (UNKNOWN, Method(args[0], (args[0], item))) if args else (UNKNOWN,)


def _reduced(args: Values) -> Value:
    return join((args[0], _returned(args[1:]))) if args else UNKNOWN


def of_map(value: MapOf, name: str) -> Value | None:
    """A method of a Map; of an object that is used as one, any name is a key."""
    key, held = value.key, value.value
    if name == "get":
        return Method(held)
    if name == "set":
        return Method(value, parameters=(key, held), becomes=_with_entry)
    if name == "forEach":
        return Method(parameters=(Method(parameters=(held, key)),))
    if name in ("entries", "getEntryList", "toObject"):
        return Method(ListOf(TupleOf((key, held)), indexed=False))
    if name == "values":
        return Method(ListOf(held, indexed=False))
    if name == "keys":
        return Method(ListOf(key, indexed=False))
    if name in ("has", "delete", "clear", "size", "getLength"):
        return Method()
    return None if name in ("then", "catch", "finally", "pipe", "subscribe") else held


def _values_of(args: Values) -> Value:
    match args[0] if args else UNKNOWN:
        case MapOf(_, held):
            return ListOf(held)
        case RecordOf(entries):
            return ListOf(join(held for _, held in entries) if entries else PLAIN)
        case ListOf() as listed:
            return listed
        case _:
            return ListOf(UNKNOWN)


def _pairs_of(args: Values) -> Value:
    values = _values_of(args)
    return ListOf(TupleOf((PLAIN, item_of(values))))


def _assigned(args: Values) -> Value:
    """`Object.assign(a, b)` is a with what b has."""
    if not args:
        return UNKNOWN
    record = args[0]
    if not isinstance(record, RecordOf):
        return record
    for one in args[1:]:
        record = record.with_merged(one)
    return record


def _from(args: Values) -> Value:
    items = item_of(args[0]) if args else UNKNOWN
    return ListOf(_returned(args[1:]) if len(args) > 1 else items)


def _from_pairs(args: Values) -> Value:
    pair = item_of(args[0]) if args else UNKNOWN
    return (
        MapOf(PLAIN, pair.items[1])
        if isinstance(pair, TupleOf) and len(pair.items) == 2
        else MapOf(PLAIN, UNKNOWN)
    )


def _first(args: Values) -> Value:
    return args[0] if args else UNKNOWN


def _together(args: Values) -> Value:
    """`Promise.all([a, b])` is a and b."""
    return args[0] if args else UNKNOWN


def _one_of(args: Values) -> Value:
    return item_of(args[0]) if args else UNKNOWN


def _outcome(held: Value) -> Value:
    return RecordOf((("status", PLAIN), ("value", held)))


def _settled(args: Values) -> Value:
    match args[0] if args else UNKNOWN:
        case TupleOf(items):
            return TupleOf(tuple([_outcome(item) for item in items]))
        case listed:
            return ListOf(_outcome(item_of(listed)))


STATIC: dict[str, Method] = {
    "Object.keys": Method(ListOf(PLAIN), escape="reflection"),
    "Object.getOwnPropertyNames": Method(ListOf(PLAIN), escape="reflection"),
    "Object.values": Method(compute=_values_of, escape="reflection"),
    "Object.entries": Method(compute=_pairs_of, escape="reflection"),
    "Object.assign": Method(compute=_assigned),
    "Object.freeze": Method(compute=_first),
    "Object.seal": Method(compute=_first),
    "Object.fromEntries": Method(compute=_from_pairs),
    "Object.create": Method(compute=_first),
    "Array.from": Method(compute=_from),
    "Array.of": Method(compute=lambda args: ListOf(join(args))),
    "Array.isArray": Method(),
    "Promise.all": Method(compute=_together),
    "Promise.allSettled": Method(compute=_settled),
    "Promise.race": Method(compute=_one_of),
    "Promise.any": Method(compute=_one_of),
    "Promise.resolve": Method(compute=_first),
    "Promise.reject": Method(),
    "JSON.stringify": Method(escape="json"),
    "JSON.parse": Method(UNKNOWN),
    "Iterator.from": Method(compute=_first),
}


def of_object(path: str, name: str) -> Value | None:
    """A function that belongs to `Object`, `Array`, `Promise` or `JSON`."""
    return STATIC.get(f"{path}.{name}")
