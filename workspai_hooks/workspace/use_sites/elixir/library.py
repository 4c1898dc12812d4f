"""What Elixir's Enum, Map and the protobuf and gRPC libraries do with values."""

from __future__ import annotations

from collections.abc import Callable

from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    ListOf,
    MapOf,
    Method,
    Plain,
    RecordOf,
    StreamOf,
    TupleOf,
    TypeOf,
    Value,
    join,
)

Values = tuple[Value, ...]
Given = Callable[[Values], Values]

SAME = frozenset(
    {
        *("filter", "reject", "sort", "sort_by", "uniq", "uniq_by", "reverse", "take", "drop", "take_while"),
        *(
            "drop_while",
            "to_list",
            "shuffle",
            "dedup",
            "dedup_by",
            "slice",
            "each",
            "take_every",
            "drop_every",
        ),
        *("take_random", "run", "cycle", "split_with", "delete_at", "flatten"),
    }
)
"""Give the same kind of list; a function sees an element."""
ONE = frozenset(
    {
        *("find", "at", "random", "min_by", "max_by", "min", "max", "first", "last", "fetch!", "hd"),
    }
)
"""Give an element; a function sees one."""
TESTS = frozenset(
    {
        *(
            "any?",
            "all?",
            "count",
            "count_until",
            "member?",
            "empty?",
            "find_index",
            "join",
            "sum",
            "product",
        ),
        *("sum_by", "frequencies_by", "frequencies", "map_join", "product_by"),
    }
)
"""Give nothing of the elements; a function sees one."""
MAPPING = frozenset({"map", "map_every", "async_stream", "map_intersperse"})


def item_of(value: Value) -> Value:
    """What a loop over it gives."""
    match value:
        case ListOf(item):
            return item
        case MapOf(key, held):
            return TupleOf((key, held))
        case RecordOf(entries):
            return TupleOf((PLAIN, join([held for _, held in entries])))
        case Plain():
            return PLAIN
        case _:
            return UNKNOWN


def _first(args: Values) -> Value:
    return args[0] if args else UNKNOWN


def _item(args: Values) -> Value:
    return item_of(_first(args))


def _sees_item(args: Values) -> Values:
    """The functions after a list see its elements."""
    seen = Method(parameters=(item_of(_first(args)),))
    return (UNKNOWN, seen, seen, seen)


def _given(args: Values) -> Value:
    """What the function among the arguments gives."""
    return next((arg.result for arg in args if isinstance(arg, Method)), UNKNOWN)


def _over(compute: Callable[[Values], Value]) -> Method:
    return Method(compute=compute, given=_sees_item)


def _reduced(args: Values) -> Value:
    return join((_given(args), *args[1:2]))


def _reducing(args: Values) -> Values:
    seen = Method(parameters=(item_of(_first(args)), args[1] if len(args) > 1 else UNKNOWN))
    return (UNKNOWN, seen, seen)


def _grouped(args: Values) -> Value:
    return MapOf(PLAIN, ListOf(_item(args)))


def _flat(args: Values) -> Value:
    return ListOf(item_of(_given(args)))


def _zipped(args: Values) -> Value:
    return ListOf(TupleOf(tuple([item_of(arg) for arg in args])))


def _indexed(args: Values) -> Value:
    return ListOf(TupleOf((_item(args), PLAIN)))


def _into_map(args: Values) -> Value:
    """`Map.new(list, fn x -> {k, v} end)`, `Enum.into(list, %{}, …)`."""
    pair = _given(args) if any(isinstance(arg, Method) for arg in args) else _item(args)
    return MapOf(*pair.items) if isinstance(pair, TupleOf) and len(pair.items) == 2 else MapOf(PLAIN, UNKNOWN)


def _joined(args: Values) -> Value:
    return ListOf(join([item_of(arg) for arg in args]))


def _halves(args: Values) -> Value:
    return TupleOf((_first(args), _first(args)))


def _values(args: Values) -> Value:
    source = _first(args)
    held = source.value if isinstance(source, MapOf) else item_of(source)
    return ListOf(held.items[-1] if isinstance(held, TupleOf) else held)


def _merged(args: Values) -> Value:
    first, second = (*args, UNKNOWN, UNKNOWN)[:2]
    return first.with_merged(second) if isinstance(first, RecordOf) else join((first, second))


def _decoded(args: Values) -> Value:
    """`Protobuf.decode(bytes, Cart)`."""
    return next((arg.value for arg in args if isinstance(arg, TypeOf)), UNKNOWN)


def _decoded_ok(args: Values) -> Value:
    return TupleOf((PLAIN, _decoded(args)))


def _received(args: Values) -> Value:
    """`GRPC.Stub.recv(stream)`."""
    return args[0].receives if args and isinstance(args[0], StreamOf) else UNKNOWN


def _called(args: Values) -> Value:
    """A task is what its function gives."""
    return _given(args)


def _wrapped(args: Values) -> Value:
    return args[0] if args and isinstance(args[0], ListOf) else ListOf(_first(args))


def _any_of(args: Values) -> Value:
    return join(args[0].items) if args and isinstance(args[0], TupleOf) else UNKNOWN


FUNCTIONS: dict[str, Method] = {
    **{f"{m}.{n}": _over(_first) for m in ("Enum", "Stream", "List", "GRPC.Stream") for n in SAME},
    **{f"{m}.{n}": _over(_item) for m in ("Enum", "List") for n in ONE},
    **{f"Enum.{n}": _over(lambda args: PLAIN) for n in TESTS},
    **{
        f"{m}.{n}": _over(lambda args: ListOf(_given(args)))
        for m in ("Enum", "Stream", "Task")
        for n in MAPPING
    },
    **{f"GRPC.Stream.{n}": _over(lambda args: ListOf(_given(args))) for n in ("map", "map_with_context")},
    "GRPC.Stream.unary": Method(compute=lambda args: ListOf(_first(args))),
    "GRPC.Stream.from": Method(compute=_first),
    "Enum.flat_map": _over(_flat),
    "Stream.flat_map": _over(_flat),
    "Enum.find_value": _over(_given),
    "Enum.group_by": _over(_grouped),
    "Enum.reduce": Method(compute=_reduced, given=_reducing),
    "Enum.map_reduce": Method(compute=lambda args: UNKNOWN, given=_reducing),
    "Enum.reduce_while": Method(compute=lambda args: join(args[1:2]), given=_reducing),
    "Enum.zip": Method(compute=_zipped),
    "Enum.with_index": Method(compute=_indexed),
    "Enum.into": _over(_into_map),
    "Map.new": _over(_into_map),
    "Enum.concat": Method(compute=_joined),
    "Enum.chunk_every": Method(compute=lambda args: ListOf(_first(args))),
    "Enum.split": Method(compute=_halves),
    "Enum.split_with": _over(_halves),
    "Map.values": Method(compute=_values),
    "Map.merge": Method(compute=_merged),
    "Map.from_struct": Method(compute=_first),
    "Map.to_list": Method(compute=lambda args: ListOf(_item(args))),
    "Map.take": Method(compute=_first),
    "Map.drop": Method(compute=_first),
    "Map.delete": Method(compute=_first),
    "Map.keys": Method(),
    "List.wrap": Method(compute=_wrapped),
    "Task.async": Method(compute=_called),
    "Task.await": Method(compute=_first),
    "Protobuf.decode": Method(compute=_decoded),
    "Protobuf.Decoder.decode": Method(compute=_decoded),
    "Protobuf.encode": Method(escape="bytes"),
    "Protobuf.Encoder.encode": Method(escape="bytes"),
    "Protobuf.encode_to_iodata": Method(escape="bytes"),
    "Protobuf.JSON.encode": Method(escape="json"),
    "Protobuf.JSON.encode!": Method(escape="json"),
    "Protobuf.JSON.to_encodable": Method(escape="json"),
    "Protobuf.JSON.decode": Method(compute=_decoded_ok),
    "Protobuf.JSON.decode!": Method(compute=_decoded),
    "Jason.encode": Method(escape="json"),
    "Jason.encode!": Method(escape="json"),
    "Jason.encode_to_iodata!": Method(escape="json"),
    "Poison.encode!": Method(escape="json"),
    "JSON.encode!": Method(escape="json"),
    "Phoenix.Controller.json": Method(escape="json"),
    ":erlang.term_to_binary": Method(escape="bytes"),
    "GRPC.Stub.recv": Method(compute=_received),
    "GRPC.Stub.send_request": Method(compute=_first, escape="forwarded"),
    "GRPC.Stub.end_stream": Method(compute=_first),
    "GRPC.Server.send_reply": Method(compute=_first, escape="forwarded"),
    "IO.inspect": Method(compute=_first),
    "Function.identity": Method(compute=_first),
}
BUILTINS: dict[str, Method] = {
    "(render)": Method(template=(0, 1)),
    "(item)": Method(compute=_item),
    "hd": Method(compute=_item),
    "tl": Method(compute=_first),
    "json": Method(escape="json"),
    "elem": Method(compute=_any_of),
    "send_reply": Method(escape="forwarded"),
    **dict.fromkeys(
        ("inspect", "to_string", "length", "map_size", "raise", "throw", "is_nil", "self"), Method()
    ),
    **dict.fromkeys(("is_struct", "is_map", "is_list", "byte_size", "round", "abs", "div", "rem"), Method()),
    **dict.fromkeys(("assert", "refute", "max", "min", "put_status", "redirect", "put_flash"), Method()),
}


class ElixirLibrary:
    """The protocol `naming.Library` for Elixir."""

    def builtin(self, name: str) -> Value | None:
        """A function that is there without a module."""
        return BUILTINS.get(name)

    def function(self, path: str) -> Method | None:
        """A function of a module."""
        if path.startswith(("Logger.", "String.", "Integer.", "DateTime.", "IO.", ":telemetry.")):
            return FUNCTIONS.get(path, Method())
        return FUNCTIONS.get(path)

    def type(self, path: str, args: tuple[Value, ...]) -> Value | None:
        """Lists of `@spec`."""
        return ListOf(args[0] if args else UNKNOWN) if path == "list" else None

    def member(self, value: Value, name: str) -> Value | None:
        """A key of a map whose keys are not known."""
        match value:
            case MapOf(_, held):
                return held
            case _:
                return None
