"""What PHP's array functions and google/protobuf's containers do with values."""

from __future__ import annotations

from collections.abc import Callable

from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    Choice,
    FunctionOf,
    ListOf,
    MapOf,
    Method,
    Plain,
    RecordOf,
    TupleOf,
    Value,
    join,
)

Values = tuple[Value, ...]


def item_of(value: Value) -> Value:
    """What a loop over it gives."""
    match value:
        case ListOf(item):
            return item
        case MapOf(_, held):
            return held
        case RecordOf(entries):
            return join([held for _, held in entries])
        case TupleOf(items):
            return join(items)
        case Choice(values):
            return join([item_of(one) for one in values])
        case Plain():
            return PLAIN
        case _:
            return UNKNOWN


def _first(args: Values) -> Value:
    return args[0] if args else UNKNOWN


def _item(args: Values) -> Value:
    return item_of(_first(args))


def _list(args: Values) -> Value:
    return ListOf(_item(args))


def _same(args: Values) -> Value:
    source = _first(args)
    return source if isinstance(source, ListOf | MapOf | RecordOf) else ListOf(item_of(source))


def _given(args: Values) -> Value:
    return next((arg.result for arg in args if isinstance(arg, Method)), UNKNOWN)


def _mapped(args: Values) -> Value:
    return ListOf(_given(args))


def _joined(args: Values) -> Value:
    if args and all(isinstance(arg, RecordOf) for arg in args):
        merged = args[0]
        for arg in args[1:]:
            merged = merged.with_merged(arg) if isinstance(merged, RecordOf) else merged
        return merged
    return ListOf(join([item_of(arg) for arg in args]))


def _reduced(args: Values) -> Value:
    return join((_given(args), *args[2:3]))


def _combined(args: Values) -> Value:
    return MapOf(PLAIN, item_of(args[1]) if len(args) > 1 else UNKNOWN)


def _sees_item(args: Values) -> Values:
    """A function after an array sees its elements; in a comparison two of them."""
    item = _item(args)
    return (UNKNOWN, Method(parameters=(item, item)))


def _sees_items(args: Values) -> Values:
    """A function after several arrays sees an element of each."""
    seen = Method(parameters=tuple([item_of(arg) for arg in args]))
    return (*[UNKNOWN] * len(args), seen)


def _reducing(args: Values) -> Values:
    return (UNKNOWN, Method(parameters=(args[2] if len(args) > 2 else PLAIN, _item(args))), UNKNOWN)


def _over(compute: Callable[[Values], Value]) -> Method:
    return Method(compute=compute, given=_sees_item)


FUNCTIONS: dict[str, Method] = {
    "iterator_to_array": Method(compute=_same),
    "array_map": Method(compute=_mapped, given=_sees_items),
    "array_filter": _over(_same),
    "array_values": Method(compute=_list),
    "array_slice": Method(compute=_same),
    "array_reverse": Method(compute=_same),
    "array_unique": Method(compute=_same),
    "array_merge": Method(compute=_joined),
    "array_reduce": Method(compute=_reduced, given=_reducing),
    "array_walk": _over(lambda args: PLAIN),
    "usort": _over(lambda args: PLAIN),
    "uasort": _over(lambda args: PLAIN),
    "array_find": _over(_item),
    "array_any": _over(lambda args: PLAIN),
    "array_all": _over(lambda args: PLAIN),
    "array_combine": Method(compute=_combined),
    "array_chunk": Method(compute=lambda args: ListOf(_same(args))),
    **dict.fromkeys(("current", "reset", "end", "next", "array_pop", "array_shift"), Method(compute=_item)),
    **dict.fromkeys(
        ("count", "sizeof", "strlen", "isset", "empty", "is_null", "sprintf", "printf"), Method()
    ),
    **dict.fromkeys(("implode", "in_array", "array_keys", "error_log", "var_dump", "print_r"), Method()),
    **dict.fromkeys(("get_class", "is_array", "is_object", "spl_object_id", "get_debug_type"), Method()),
    "json_encode": Method(escape="json"),
    "serialize": Method(escape="bytes"),
    "var_export": Method(escape="text"),
    "get_object_vars": Method(escape="reflection"),
    "call_user_func": Method(compute=_given, given=lambda args: (*args, Method(parameters=args))),
}


class PhpLibrary:
    """The protocol `naming.Library` for PHP."""

    def builtin(self, name: str) -> Value | None:
        """Names are never bare in PHP."""
        return None

    def function(self, path: str) -> Method | None:
        """A global function."""
        return FUNCTIONS.get(path)

    def type(self, path: str, args: tuple[Value, ...]) -> Value | None:
        """Arrays of doc comments; google/protobuf's own containers say nothing of what they hold."""
        if path == "list":
            return ListOf(args[0] if args else UNKNOWN)
        return UNKNOWN if path.endswith(("RepeatedField", "MapField")) or path == "Traversable" else None

    def member(self, value: Value, name: str) -> Value | None:
        """Methods of repeated fields, maps, iterators and closures."""
        match value:
            case ListOf(item) if name in ("offsetGet", "current", "first", "last", "get"):
                return Method(item)
            case ListOf() if name in ("getIterator", "filter", "all", "toArray", "values"):
                return Method(value, (Method(parameters=(value.item,)),))
            case ListOf(item) if name in ("map", "each"):
                return Method(compute=_mapped, parameters=(Method(parameters=(item,)),))
            case MapOf(_, held) if name in ("offsetGet", "current", "get"):
                return Method(held)
            case ListOf() | MapOf() if name in ("count", "offsetExists", "offsetUnset", "offsetSet"):
                return Method()
            case Method() | FunctionOf() if name in ("call", "bindTo", "__call__", "__invoke"):
                return value
            case _:
                return None
