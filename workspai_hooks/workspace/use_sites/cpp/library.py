"""What C++'s standard library, abseil, protobuf and gRPC do with values.

A pointer, an optional and an iterator are what they lead to, so `begin()` of a list gives an item.
"""

from __future__ import annotations

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.workspace.use_sites.cpp.types import STREAMS
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    EnumOf,
    InstanceOf,
    LibraryOf,
    ListOf,
    MapOf,
    MessageOf,
    Method,
    OneofOf,
    Plain,
    StreamOf,
    TupleOf,
    TypeOf,
    Value,
    join,
)

Values = tuple[Value, ...]

PRIMITIVE = frozenset(
    {
        *("void", "bool", "char", "int", "long", "short", "float", "double", "unsigned", "signed", "size_t"),
        *(
            "string",
            "string_view",
            "int8_t",
            "int16_t",
            "int32_t",
            "int64_t",
            "uint8_t",
            "uint16_t",
            "uint32_t",
        ),
        *("uint64_t", "nullptr_t", "ServerContext", "ClientContext", "Status", "CompletionQueue", "thread"),
        *("mutex", "Channel", "Server", "ServerBuilder", "ServerCompletionQueue", "wchar_t", "ssize_t"),
        *(
            "CallbackServerContext",
            "ServerUnaryReactor",
            "ostream",
            "istream",
            "stringstream",
            "ostringstream",
        ),
    }
)
GIVEN = frozenset(
    {
        *(
            "move",
            "forward",
            "ref",
            "cref",
            "as_const",
            "addressof",
            "to_address",
            "exchange",
            "ok",
            "Return",
        ),
        *(
            "WrapUnique",
            "get_pointer",
            "begin",
            "end",
            "cbegin",
            "prev",
            "next",
            "CHECK_NOTNULL",
            "down_cast",
        ),
    }
)
MADE = frozenset(
    {
        *("make_unique", "make_shared", "static_cast", "dynamic_cast", "const_cast", "reinterpret_cast"),
        *("CreateMessage", "Create", "get", "get_if", "any_cast", "down_cast", "allocate_shared", "declval"),
        *("static_pointer_cast", "dynamic_pointer_cast", "DownCastMessage", "make_optional", "in_place_type"),
        *(
            "NiceMock",
            "StrictMock",
            "NaggyMock",
            "unsafe_down_cast",
            "MakeUnique",
            "make_unique_for_overwrite",
        ),
        *("DynamicCastToGenerated", "as", "value_or_die", "type_identity_t", "remove_cv_t"),
    }
)
"""Templates that give their first argument."""
OVER_RANGES = frozenset(
    {
        *("for_each", "find_if", "any_of", "all_of", "none_of", "count_if", "transform", "sort", "copy_if"),
        *(
            "remove_if",
            "stable_sort",
            "max_element",
            "min_element",
            "partition",
            "lower_bound",
            "upper_bound",
        ),
        *("find_if_not", "accumulate", "binary_search", "erase_if", "c_find_if", "c_any_of", "c_all_of"),
        *("c_for_each", "c_sort", "c_accumulate", "c_count_if", "c_transform", "find", "min", "max"),
    }
)
ITSELF = frozenset(
    {
        *("get", "value", "operator*", "operator->", "release", "lock", "at", "load", "value_or", "data"),
        *("ValueOrDie", "take", "unwrap", "move", "ptr"),
    }
)
ITEMS = frozenset(
    {
        *("begin", "end", "cbegin", "cend", "rbegin", "rend", "front", "back", "at", "Get", "Mutable", "top"),
        *(
            "data",
            "pop",
            "Add",
            "emplace_back",
            "erase",
            "find",
            "lower_bound",
            "ReleaseLast",
            "pointer_begin",
        ),
        *("emplace", "emplace_front", "UnsafeArenaReleaseLast", "AddAlreadyReserved"),
    }
)
ADDS = frozenset(
    {"push_back", "push", "push_front", "insert", "emplace_back", "Add", "AddAllocated", "assign"}
)
JSON = ("MessageToJsonString", "MessageToJsonStream", "BinaryToJsonString")


def _first(args: Values) -> Value:
    return args[0] if args else UNKNOWN


def _elements(args: Values) -> Values:
    """What the functions among an algorithm's arguments take: items of the range before them."""
    seen = [arg.item if isinstance(arg, ListOf) else arg for arg in args]
    item = seen[0] if seen else UNKNOWN
    taken = (seen[2], item) if len(seen) > 2 else (item, item)
    return (*args, Method(parameters=taken))


class CppLibrary:
    """The protocol `naming.Library` for C++.

    What no header of the repository declares is a library's, unless the contract knows the name: then it may
    be the contract's own, from a stub that was not recognised.
    """

    def __init__(self, schema: Schema) -> None:
        declared = (*schema.messages, *schema.enums, *schema.services)
        self._told = {name.rpartition(".")[2] for name in declared}

    def builtin(self, name: str) -> Value | None:
        """What everybody has, or has by `using namespace std`."""
        name = name.removesuffix("::")
        if name in PRIMITIVE:
            return TypeOf(PLAIN)
        if name in ("nullptr", "NULL", "true", "false", "cout", "cerr", "endl"):
            return PLAIN
        return None if name in self._told else LibraryOf(name)

    def function(self, path: str) -> Method | None:
        """A function of a library."""
        word = path.rpartition(".")[2]
        if word in OVER_RANGES:
            return Method(compute=_ranged, given=_elements)
        if word in GIVEN:
            return Method(compute=_first)
        if word in JSON:
            return Method(escape="json")
        if word == "JsonStringToMessage":
            return Method(escape="json")
        if word in ("make_pair", "make_tuple", "tie", "forward_as_tuple"):
            return Method(compute=lambda args: TupleOf(args))
        if word in ("MessageDifferencer.Equals", "Equals", "Equivalent", "DoAll", "SetArgPointee", "swap"):
            return Method(escape="reflection" if "Differencer" in path else None)
        if word in ("PrintToString", "Print", "format", "StrCat", "StrFormat", "print"):
            return Method(escape="text")
        return Method() if path.startswith(("grpc.", "testing.")) else None

    def type(self, path: str, args: Values) -> Value | None:
        """What an instance of a library's type is. One without arguments holds nothing of a contract."""
        word = path.rpartition(".")[2]
        if word == "list":
            return ListOf(args[0] if args else UNKNOWN)
        if word == "map":
            return MapOf(args[0], args[1]) if len(args) == 2 else MapOf(PLAIN, UNKNOWN)
        if word == "tuple":
            return TupleOf(args)
        if word in STREAMS:
            return PLAIN
        if word in MADE and args:
            return args[0]
        if word in GIVEN and args:
            return args[0]
        reflective = word in ("Message", "Any", "MessageLite", "Struct", "any")
        return PLAIN if not args and not reflective else None

    def member(self, value: Value, name: str) -> Value | None:
        """A member of a container, a pair, or of what leads to a value."""
        match value:
            case ListOf(item):
                return _of_list(value, item, name)
            case MapOf():
                return _of_map(value, name)
            case TupleOf(items):
                at = {"first": 0, "second": 1}.get(name)
                return items[at] if at is not None and at < len(items) else None
            case MessageOf() | InstanceOf() | EnumOf() | StreamOf() if name in ITSELF:
                return Method(value)
            case MessageOf() | InstanceOf() if name in ("has_value", "ok", "status", "reset", "use_count"):
                return Method()
            case OneofOf():
                return None
            case Plain():
                return Method()
            case LibraryOf(path) if path in ("google.protobuf.Reflection",):
                return Method()
            case _:
                return None


def _ranged(args: Values) -> Value:
    """Algorithms give a place in the range, or a number."""
    given = args[0] if args else UNKNOWN
    return given.item if isinstance(given, ListOf) else given


def _of_list(value: ListOf, item: Value, name: str) -> Value | None:
    if name in ADDS:
        at = -1
        return Method(
            item if name in ("Add", "emplace_back") else PLAIN,
            parameters=(item, item),
            becomes=lambda owner, args: _with(owner, args[at:]),
        )
    if name in ITEMS:
        return Method(item)
    if name in (
        "size",
        "empty",
        "clear",
        "reserve",
        "resize",
        "Reserve",
        "Clear",
        "RemoveLast",
        "DeleteSubrange",
    ):
        return Method()
    return Method(value) if name in ITSELF else Method()


def _with(owner: Value, args: Values) -> Value:
    if not isinstance(owner, ListOf) or not args:
        return owner
    given = args[0].item if isinstance(args[0], ListOf) else args[0]
    return ListOf(join((owner.item, given)), owner.indexed)


def _of_map(value: MapOf, name: str) -> Value | None:
    pair = TupleOf((value.key, value.value))
    if name in ("find", "begin", "end", "cbegin", "cend", "lower_bound", "upper_bound", "emplace", "insert"):
        return Method(pair)
    if name in ("at", "operator[]"):
        return Method(value.value)
    if name in ("insert_or_assign", "try_emplace"):
        return Method(TupleOf((pair, PLAIN)), parameters=(value.key, value.value))
    return Method()
