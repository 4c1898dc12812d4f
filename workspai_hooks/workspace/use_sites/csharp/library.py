"""What C#'s containers, LINQ and the gRPC library do with values."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    InstanceOf,
    LibraryOf,
    ListOf,
    MapOf,
    Method,
    Plain,
    RecordOf,
    StreamOf,
    TupleOf,
    TypeOf,
    Unknown,
    Value,
    join,
)

Values = tuple[Value, ...]

PREDEFINED = frozenset(
    {
        *("bool", "byte", "sbyte", "char", "decimal", "double", "float", "int", "uint", "nint", "nuint"),
        *(
            "long",
            "ulong",
            "short",
            "ushort",
            "string",
            "void",
            "String",
            "Int32",
            "Int64",
            "Guid",
            "DateTime",
        ),
        *("TimeSpan", "DateTimeOffset", "Console", "Math", "Convert", "Environment", "Exception", "Uri"),
    }
)
SAME = frozenset(
    {
        *("Where", "OrderBy", "OrderByDescending", "ThenBy", "ThenByDescending", "TakeWhile", "SkipWhile"),
        *("DistinctBy", "FindAll", "MinBy", "MaxBy"),
        *("Take", "Skip", "TakeLast", "SkipLast", "Distinct", "Reverse", "ToList", "ToArray", "ToHashSet"),
        *("AsEnumerable", "AsQueryable", "AsReadOnly", "AsParallel", "ToImmutableList", "ToImmutableArray"),
        *(
            "ToListAsync",
            "ToArrayAsync",
            "ReadAllAsync",
            "Clone",
            "AsNoTracking",
            "Include",
            "GetRange",
            "Shuffle",
        ),
        *(
            "ConfigureAwait",
            "GetAwaiter",
            "GetResult",
            "WithCancellation",
            "ToAsyncEnumerable",
            "GetEnumerator",
        ),
        *("AsSpan", "ToQueue", "Order", "OrderDescending", "WaitAsync", "AsTask", "GetAsyncEnumerator"),
    }
)
"""Give the same kind of sequence; a lambda sees an element."""
ONE = frozenset(
    {
        *(
            "First",
            "FirstOrDefault",
            "Single",
            "SingleOrDefault",
            "Last",
            "LastOrDefault",
            "Find",
            "FindLast",
        ),
        *("FirstAsync", "FirstOrDefaultAsync", "SingleAsync", "SingleOrDefaultAsync", "MinBy", "MaxBy"),
        *("LastAsync", "LastOrDefaultAsync", "ElementAt", "ElementAtOrDefault", "Dequeue", "Pop", "Peek"),
        *("Min", "Max", "FindAsync", "ReadAsync"),
    }
)
"""Give an element; a lambda sees an element."""
TESTS = frozenset(
    {
        *(
            "Any",
            "All",
            "Count",
            "Sum",
            "Average",
            "LongCount",
            "Contains",
            "Exists",
            "TrueForAll",
            "ForEach",
        ),
        *(
            "RemoveAll",
            "FindIndex",
            "SequenceEqual",
            "IndexOf",
            "Remove",
            "RemoveAt",
            "Clear",
            "CopyTo",
            "Sort",
        ),
        *("AnyAsync", "AllAsync", "CountAsync", "SumAsync", "ContainsAsync", "ForEachAsync", "MoveNext"),
    }
)
"""Give nothing of the elements; a lambda sees one."""
BOTH = frozenset(
    {"Concat", "Union", "Except", "Intersect", "Append", "Prepend", "Zip", "UnionBy", "ExceptBy"}
)
SERVICES = frozenset(
    {
        "GetRequiredService",
        "GetService",
        "GetRequiredKeyedService",
        "Deserialize",
        "Cast",
        "For",
        "Fake",
        "Of",
    }
)
"""Generic methods that give their type argument, whatever they are called on; mocks have some, too."""
SEQUENCES = frozenset(
    {"OfType", "Cast", "GetServices", "Empty", "ToListAsync", "Repeat", "CreateBounded", "CreateUnbounded"}
)
MOCKING = frozenset({"Object", "Setup", "SetupGet", "SetupSequence", "Verify", "VerifyGet"})
"""Members of Moq's `Mock<T>`: the object, and what takes a lambda over it."""
PROMISES = frozenset({"Result", "Value"})
PROMISING = frozenset({"ConfigureAwait", "GetAwaiter", "GetResult", "WaitAsync", "AsTask"})


class CSharpLibrary:
    """The protocol `naming.Library` for C#."""

    def builtin(self, name: str) -> Value | None:
        """A name that no namespace of the repository declares."""
        if name in PREDEFINED:
            return TypeOf(PLAIN)
        if name in ("object", "dynamic"):
            return TypeOf(UNKNOWN)
        return LibraryOf(name) if name[:1].isupper() else None

    def function(self, path: str) -> Method | None:
        """A static method of a library."""
        if path.startswith("Task."):
            return Method(compute=lambda args: TupleOf(args) if len(args) > 1 else args[0] if args else PLAIN)
        if path.startswith(("JsonFormatter", "JsonSerializer.Serialize", "JsonConvert.Serialize")):
            return Method(escape="json")
        head = path.split(".", 1)[0]
        return Method() if head in ("Assert", "Console", "Log", "ArgumentNullException", "Debug") else None

    def type(self, path: str, args: tuple[Value, ...]) -> Value | None:
        """Instances of generic types, and what generic methods of libraries give."""
        word = path.rsplit(".", 1)[-1]
        if word == "list":
            return ListOf(args[0] if args else UNKNOWN)
        if word == "map":
            return MapOf(args[0], args[1]) if len(args) == 2 else MapOf(PLAIN, UNKNOWN)
        if word in ("tuple", "KeyValuePair", "Tuple", "ValueTuple"):
            return TupleOf(args)
        if not args:
            return None
        if word in SEQUENCES:
            return ListOf(args[0])
        if word in ("IGrouping", "ILookup", "Lookup"):
            return ListOf(args[-1])
        if word in ("IServerStreamWriter", "IClientStreamWriter", "IAsyncStreamWriter"):
            return StreamOf(PLAIN, args[0])
        if word in ("IAsyncStreamReader", "AsyncServerStreamingCall"):
            return StreamOf(args[0], PLAIN)
        if word == "AsyncClientStreamingCall" and len(args) == 2:
            return StreamOf(PLAIN, args[0], args[1])
        if word == "AsyncDuplexStreamingCall" and len(args) == 2:
            return StreamOf(args[1], args[0])
        return args[0] if word in SERVICES or word in ("IOptions", "TaskCompletionSource") else None

    def member(self, value: Value, name: str) -> Value | None:
        """A member of a sequence, a map, a pair, a task."""
        match value:
            case ListOf(item):
                return _of_sequence(value, item, name)
            case MapOf():
                return _of_map(value, name)
            case TupleOf(items):
                return _of_tuple(value, items, name)
            case RecordOf():
                return None
            case StreamOf() | InstanceOf() if name in PROMISES:
                return value
            case StreamOf() | InstanceOf() if name in PROMISING:
                return Method(value)
            case LibraryOf(args=(mocked,)) if name in MOCKING:
                return mocked if name == "Object" else Method(parameters=(Method(parameters=(mocked,)),))
            case Plain():
                return Method()
            case Unknown() if name in SERVICES or name in SEQUENCES:
                return LibraryOf(name)
            case _:
                return None


def _of_sequence(value: ListOf, item: Value, name: str) -> Value | None:
    sees = Method(parameters=(item, PLAIN))
    if name in ("Select", "SelectMany", "ConvertAll", "SelectAwait"):
        flat = name == "SelectMany"
        return Method(compute=lambda args: _selected(args, flat), parameters=(sees, UNKNOWN))
    if name in ONE:
        return Method(item, parameters=(sees,))
    if name in SAME:
        return Method(value, parameters=(sees,))
    if name in TESTS:
        return Method(PLAIN, parameters=(sees,))
    if name in BOTH:
        return Method(value, parameters=(value,))
    if name in (
        "Add",
        "Enqueue",
        "Push",
        "Insert",
        "AddLast",
        "AddFirst",
        "TryAdd",
        "TryWrite",
        "WriteAsync",
    ):
        at = 1 if name == "Insert" else 0
        parameters = (*([PLAIN] * at), item)
        return Method(parameters=parameters, becomes=lambda owner, args: _with(owner, args[at:]))
    if name in ("AddRange", "InsertRange", "UnionWith"):
        return Method(parameters=(value,), becomes=lambda owner, args: _with_all(owner, args))
    if name in ("ToDictionary", "ToFrozenDictionary", "ToImmutableDictionary", "ToDictionaryAsync"):
        return Method(compute=lambda args: _mapped(item, args), parameters=(sees, sees))
    if name in ("GroupBy", "ToLookup", "Chunk"):
        return Method(ListOf(value), parameters=(sees, sees))
    if name == "Aggregate":
        return Method(compute=lambda args: args[0] if args else UNKNOWN, parameters=(PLAIN, _folds(item)))
    if name in ("OfType", "Cast"):
        return LibraryOf(name)
    if name in ("Count", "Length", "Key", "LongLength"):
        return PLAIN
    return (
        value
        if name in PROMISES or name in ("Values", "Span", "Reader", "Writer")
        else item
        if name == "Current"
        else None
    )


def _folds(item: Value) -> Method:
    return Method(parameters=(UNKNOWN, item))


def _selected(args: Values, flat: bool) -> Value:
    given = args[0].result if args and isinstance(args[0], Method) else UNKNOWN
    if not flat:
        return ListOf(given)
    return given if isinstance(given, ListOf) else ListOf(UNKNOWN)


def _mapped(item: Value, args: Values) -> Value:
    """`ToDictionary(key, value)`; without the second the elements are the values."""
    given = args[1].result if len(args) > 1 and isinstance(args[1], Method) else item
    return MapOf(PLAIN, given)


def _with(owner: Value, args: Values) -> Value:
    return ListOf(join((owner.item, *args[:1]))) if isinstance(owner, ListOf) else owner


def _with_all(owner: Value, args: Values) -> Value:
    added = args[-1] if args else PLAIN
    if not isinstance(owner, ListOf) or not isinstance(added, ListOf):
        return owner
    return ListOf(join((owner.item, added.item)))


def _of_map(value: MapOf, name: str) -> Value | None:
    pair = TupleOf((value.key, value.value))
    if name == "Values":
        return ListOf(value.value)
    if name == "Keys":
        return ListOf(value.key)
    if name in ("Add", "TryAdd"):
        return Method(parameters=(value.key, value.value), becomes=_with_entry)
    if name in ("GetValueOrDefault", "GetOrAdd", "AddOrUpdate"):
        return Method(value.value)
    if name in ("TryGetValue", "ContainsKey", "Remove", "Clear", "MergeFrom", "TryRemove"):
        return Method()
    if name == "Count":
        return PLAIN
    return _of_sequence(ListOf(pair), pair, name)


def _with_entry(owner: Value, args: Values) -> Value:
    return (
        MapOf(owner.key, join((owner.value, args[1])))
        if isinstance(owner, MapOf) and len(args) > 1
        else owner
    )


def _of_tuple(value: Value, items: Values, name: str) -> Value | None:
    if name in ("Key", "Item1") and items:
        return items[0]
    if name in ("Value", "Item2") and len(items) > 1:
        return items[1]
    if name.startswith("Item") and name[4:].isdigit() and 0 < int(name[4:]) <= len(items):
        return items[int(name[4:]) - 1]
    return value if name == "Result" else Method(value) if name in PROMISING else None
