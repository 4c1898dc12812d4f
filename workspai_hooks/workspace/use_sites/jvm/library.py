"""What the JVM's libraries do with values: collections, streams, futures and other holders alike."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.jvm import words
from workspai_hooks.workspace.use_sites.jvm.holders import of_map, of_multimap, of_pair, of_sequence
from workspai_hooks.workspace.use_sites.values import (
    CONTRACT,
    PLAIN,
    UNKNOWN,
    Choice,
    InstanceOf,
    LibraryOf,
    ListOf,
    MapOf,
    Method,
    Plain,
    StreamOf,
    TupleOf,
    TypeOf,
    Unknown,
    Value,
    join,
)

Values = tuple[Value, ...]


class JvmLibrary:
    """The protocol `naming.Library` for Java and Kotlin."""

    def builtin(self, name: str) -> Value | None:
        """A name that neither the package nor an import brings: `java.lang`, or a star import's."""
        if name in words.PLAIN_TYPES:
            return TypeOf(PLAIN)
        if name in ("log", "logger"):  # Lombok declares them
            return LibraryOf(name)
        if name in ("Object", "Any"):
            return TypeOf(UNKNOWN)
        return LibraryOf(name) if name[:1].isupper() else None

    def function(self, path: str) -> Method | None:
        """A function of a library, by its last name and where it comes from."""
        owner, _, name = path.rpartition(".")
        if "JsonFormat" in owner:
            return Method(escape="json") if name in ("print", "appendTo", "merge") else None
        if name in words.FILLING and any(
            part in words.SEQUENCES | words.MAPS | words.MULTIMAPS for part in _parts(owner)
        ):
            return Method(LibraryOf(f"{path}()"))
        if "TextFormat" in owner or name in words.TEXT:
            return Method(escape="text")
        if name in words.JSON:
            return Method(escape="json")
        if _is_testing(owner) and name not in words.IDENTITY:
            return Method(compute=lambda args: args[0] if args else PLAIN)
        if name == "of" and owner.rpartition(".")[2] in words.PAIRS | words.MAPS:
            return Method(compute=lambda args: _paired(owner, args))
        if name in words.LOGGING or name.startswith(("assert", "should")):
            return Method()
        if name in words.TYPED or name in words.IDENTITY or name in words.HOLDING or name in words.ELEMENT:
            return Method(compute=lambda args: _given(name, args))
        if name in (
            "ofEntries",
            "mapOf",
            "mutableMapOf",
            "hashMapOf",
            "linkedMapOf",
            "entry",
            "immutableEntry",
        ):
            return Method(compute=lambda args: _mapped(name, args))
        if name in (
            "setBody",
            "equal",
            "equals",
            "hash",
            "hashCode",
            "valueOf",
            "format",
            "nonNull",
            "isNull",
        ):
            return Method()
        return None

    def type(self, path: str, args: Values) -> Value | None:
        """Instances of generic types."""
        word = path.rsplit(".", 1)[-1]
        if word in words.MAPS or (len(args) == 2 and word in words.MADE):
            return MapOf(args[0], args[1]) if len(args) == 2 else MapOf(PLAIN, UNKNOWN)
        if word in ("tuple", *words.PAIRS):
            return TupleOf(args) if args else None
        if word in words.SEQUENCES:
            return ListOf(args[0] if args else UNKNOWN)
        if word in words.MULTIMAPS:
            return LibraryOf("Multimap", args)
        if not args:
            return None
        if word in words.MADE:
            return ListOf(args[0])
        if word in words.TYPED and len(args) == 1:
            return args[0]
        if word in ("StreamObserver", "ServerCallStreamObserver", "ClientCallStreamObserver"):
            return StreamOf(PLAIN, args[0])
        if word == "BlockingClientCall" and len(args) == 2:
            return StreamOf(args[1], args[0])
        if word in ("Class", "KClass"):
            return TypeOf(args[0])
        return None

    def member(self, value: Value, name: str) -> Value | None:
        """A member of a holder, a map, a pair, a record of a queue, a function value."""
        match value:
            case ListOf():
                return of_sequence(value, name)
            case MapOf():
                return of_map(value, name)
            case TupleOf():
                return of_pair(value, name)
            case LibraryOf("Multimap", args):
                return of_multimap(args, name)
            case LibraryOf(path, args) if args:
                return _of_generic(path, args, name)
            case Method() if name in _CALLS:
                return value
            case TypeOf() if name in ("getName", "getSimpleName", "name", "java", "javaClass", "simpleName"):
                return value if name == "java" else PLAIN
            case TypeOf(InstanceOf() as one) if name in ("values", "valueOf", "entries"):
                return Method(one if name == "valueOf" else ListOf(one))
            case Plain():
                return PLAIN if name in ("length", "size") else Method()
            case TypeOf(Plain()):
                return Method()
            case InstanceOf() | Unknown() | Choice():
                return None
            case _:
                return None


_CALLS = frozenset(
    {
        *("apply", "accept", "test", "get", "call", "run", "invoke", "compare", "applyAsInt", "applyAsLong"),
        *("applyAsDouble", "andThen", "compose", "negate"),
    }
)


def _is_testing(owner: str) -> bool:
    return any(part in words.TESTING for part in _parts(owner))


def _parts(path: str) -> list[str]:
    return path.replace("(", ".").split(".")


def _of_generic(path: str, args: Values, name: str) -> Value | None:
    """A library's type with one or two arguments: what it gives is likely one of them."""
    held = args[-1]
    if not any(_counts(one) for one in args):
        return None
    if path.endswith("StreamRecorder") and name in ("firstValue", "getValues"):
        return Method(ListOf(held))
    if name in ("key", "getKey"):
        return Method(args[0])
    if name in words.ONE or name in ("getData", "data", "unwrap", "getMessage", "message", "deserialize"):
        return Method(held)
    if name in words.ADDING or name in words.SEEING:
        return Method(parameters=(Method(parameters=(held,)),))
    if name in words.MAPPING or name in words.SAME:
        return of_sequence(ListOf(held), name)
    return LibraryOf(f"{path}.{name}", args) if name[:1].islower() else None


def _counts(value: Value) -> bool:
    return isinstance(value, (*CONTRACT, ListOf, MapOf, InstanceOf))


def _given(name: str, args: Values) -> Value:
    """What a function of a library gives for its arguments."""
    first = args[0] if args else PLAIN
    types = [one.value for one in args if isinstance(one, TypeOf) and one.value not in (PLAIN, UNKNOWN)]
    if types and (name in words.TYPED or name in words.IDENTITY):
        return ListOf(types[0]) if name in ("forClass", "argumentCaptor") else types[0]
    if name in words.ELEMENT:
        return first.item if isinstance(first, ListOf) else first
    if name == "get" and len(args) == 2 and isinstance(first, ListOf):
        return first.item
    if name in ("newArrayList", "copyOf", "from", "stream", "fromIterable") and len(args) > 1:
        return ListOf(join(args))
    if name in words.HOLDING:
        return ListOf(join(one.result if isinstance(one, Method) else one for one in args))
    return first.result if isinstance(first, Method) and name not in ("argThat", "eq") else first


def _paired(owner: str, args: Values) -> Value:
    """`Pair.of(a, b)`, `Map.of(k, v, k, v)`."""
    if owner.rpartition(".")[2] in words.PAIRS:
        return TupleOf(args)
    return MapOf(join(args[::2]), join(args[1::2])) if args else MapOf(PLAIN, UNKNOWN)


def _mapped(name: str, args: Values) -> Value:
    if "ntry" in name and len(args) == 2:
        return TupleOf(args)
    pairs = [one for one in args if isinstance(one, TupleOf) and len(one.items) == 2]
    return MapOf(PLAIN, join(one.items[1] for one in pairs) if pairs else UNKNOWN)
