"""What JavaScript's builtins, arrays, promises and well-known libraries do with values. A promise is what it
gives.
"""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.ecmascript.collections import item_of, of_list, of_map, of_object
from workspai_hooks.workspace.use_sites.ecmascript.frameworks import FUNCTIONS, GENERIC, of_call, of_library
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    FunctionOf,
    InstanceOf,
    LibraryOf,
    ListOf,
    MapOf,
    MessageOf,
    Method,
    ModuleOf,
    Plain,
    RecordOf,
    ServerOf,
    StreamOf,
    TupleOf,
    TypeOf,
    Unknown,
    Value,
)

Values = tuple[Value, ...]


def _first(args: Values) -> Value:
    return args[0] if args else UNKNOWN


def _served(args: Values) -> Values:
    """`addService(definition, implementation)`: the first says what the second is."""
    first = _first(args)
    inner = first.value if isinstance(first, TypeOf) else first
    return (UNKNOWN, ServerOf(inner.service, "grpc")) if isinstance(inner, ServerOf) else ()


def _routed(args: Values) -> Values:
    """The same where handlers take the request and return the response."""
    first = _first(args)
    inner = first.value if isinstance(first, TypeOf) else first
    return (UNKNOWN, ServerOf(inner.service)) if isinstance(inner, ServerOf) else ()


SERVING = {
    "addService": Method(given=_served),
    "addProtoService": Method(given=_served),
    "add": Method(given=_routed),
    "service": Method(given=_routed),
    "with": Method(given=_routed),
}

WRAPPERS = frozenset(
    {"Promise", "PromiseLike", "Awaited", "Partial", "Required", "Readonly", "NonNullable", "Observable"}
    | {"Omit", "Exclude", "DeepPartial", "PartialMessage", "PlainMessage", "MessageInitShape", "MessageShape"}
    | {"DeepReadonly", "Ref", "ShallowRef", "Signal", "WritableSignal", "DeepRequired", "Exact", "Mutable"}
    | {"Subject", "BehaviorSubject", "ReplaySubject", "PropsWithChildren", "Message", "Deferred", "MaybeRef"}
)
"""Generic types that are their first argument, or give it when they are awaited."""
LISTS = frozenset(
    {"list", "Array", "ReadonlyArray", "Set", "ReadonlySet", "Iterable", "Iterator", "IterableIterator"}
    | {"AsyncIterable", "AsyncIterator", "Generator", "AsyncGenerator", "AsyncIterableIterator", "WeakSet"}
)
MAPS = frozenset({"map", "Map", "Record", "ReadonlyMap", "WeakMap"})
NUMBERS = frozenset(
    {"string", "number", "boolean", "bigint", "symbol", "void", "null", "undefined", "never", "true", "false"}
    | {"String", "Number", "Boolean", "BigInt", "Symbol", "Date", "RegExp", "Error", "Buffer", "Uint8Array"}
    | {
        "NaN",
        "Infinity",
        "process",
        "__dirname",
        "__filename",
        "URL",
        "URLSearchParams",
        "Headers",
        "(error)",
    }
    | {"AbortController", "TextEncoder", "TextDecoder", "ArrayBuffer", "Function", "globalThis", "TypeError"}
)
QUIET = frozenset(
    {"parseInt", "parseFloat", "isNaN", "isFinite", "setTimeout", "setInterval", "clearTimeout", "describe"}
    | {"clearInterval", "setImmediate", "queueMicrotask", "encodeURIComponent", "decodeURIComponent", "it"}
    | {"encodeURI", "decodeURI", "btoa", "atob", "alert", "confirm", "prompt", "test", "beforeEach", "expect"}
    | {"afterEach", "beforeAll", "afterAll", "requestAnimationFrame", "requestIdleCallback"}
)
OPEN = frozenset({"any", "unknown", "object", "Object"})
QUIET_MODULES = frozenset(
    {"console", "Math", "Intl", "performance", "crypto", "localStorage", "sessionStorage"}
)


class EcmaLibrary:
    """The protocol `naming.Library` for JavaScript and TypeScript."""

    def builtin(self, name: str) -> Value | None:
        """A name that is there without an import."""
        if name[:1].isdigit() or name in ("null", "undefined"):
            return PLAIN
        if name in OPEN:
            return LibraryOf("Object") if name == "Object" else TypeOf(UNKNOWN)
        if name in NUMBERS or name.endswith("Error"):
            return TypeOf(PLAIN)
        if name in QUIET:
            return Method()
        if name in QUIET_MODULES:
            return LibraryOf(name)
        if name in ("Map", "WeakMap"):
            return Method(compute=_made_map)
        if name in ("Set", "Array", "WeakSet"):
            return LibraryOf("Array") if name == "Array" else Method(compute=_made_list)
        if name in ("Proxy", "structuredClone", "String.raw"):
            return Method(compute=_first)
        if name == "(event)":
            return Method(parameters=(Method(parameters=(LibraryOf("(event)"),)),))
        if name == "(services)":
            return ModuleOf("services:")
        if name == "(handles)":
            return Method(names_fields_of="(rpc)")
        return LibraryOf(name) if name in GLOBALS else None

    def function(self, path: str) -> Method | None:
        """A function of a library."""
        known = FUNCTIONS.get(path)
        if known is not None:
            return known
        module, _, name = path.rpartition(".")
        if module.split(".")[0] in QUIET_MODULES:
            return Method()
        if name in ("debug", "info", "warn", "error", "log", "trace", "verbose", "fatal", "child", "silly"):
            return Method()
        return SERVING.get(name) if module else None

    def type(self, path: str, args: Values) -> Value | None:
        """Instances of `Promise<T>`, `T[]`, `Map<K, V>`; what generic functions give."""
        name = path.rpartition(".")[2]
        if name in WRAPPERS:
            return args[0] if args else UNKNOWN
        if name in LISTS:
            return ListOf(args[0] if args else UNKNOWN, name in ("list", "Array", "ReadonlyArray"))
        if name in MAPS:
            return MapOf(args[0], args[1]) if len(args) == 2 else MapOf(PLAIN, UNKNOWN)
        if name == "tuple":
            return TupleOf(args)
        made = GENERIC.get(name)
        if made is not None and args:
            return made(args)
        if path in NUMBERS:
            return PLAIN
        return UNKNOWN if path in OPEN else of_call(path, args)

    def member(self, value: Value, name: str) -> Value | None:
        """A method of a list, a map, a function; `then` of anything."""
        match value:
            case ListOf(item):
                return of_list(value, item, name) or awaited(value, name)
            case TupleOf(items):
                known = of_list(ListOf(item_of(value)), item_of(value), name)
                return known or (awaited(value, name) if items else None)
            case MapOf():
                return of_map(value, name) or awaited(value, name)
            case FunctionOf() | Method() if name in ("bind", "call", "apply"):
                return Method(value) if name == "bind" else None
            case LibraryOf(path, args):
                return of_object(path, name) or of_library(path, args, name) or _served_by(name)
            case Unknown():
                return UNKNOWN_MEMBERS.get(name) or awaited(value, name) or _listed(name)
            case RecordOf():
                return None if value.get(name) is not None else awaited(value, name)
            case Plain():
                return Method() if name in TEXT_METHODS else awaited(value, name)
            case MessageOf() | InstanceOf() | StreamOf():
                return awaited(value, name)
            case _:
                return None


TEXT_METHODS = frozenset(
    {"toString", "trim", "toFixed", "padStart", "padEnd", "replace", "replaceAll", "toUpperCase", "split"}
    | {
        "toLowerCase",
        "substring",
        "substr",
        "slice",
        "charAt",
        "includes",
        "startsWith",
        "endsWith",
        "toNumber",
    }
)
GLOBALS = frozenset(
    {"Promise", "JSON", "fetch", "window", "document", "React", "jQuery", "axios", "Reflect", "Response"}
    | {"NextResponse", "Iterator", "navigator", "history", "location", "angular", "Symbol", "EventSource"}
)
LOOPS = frozenset({"map", "flatMap", "forEach", "filter", "reduce", "reduce from"})
ANYTHING = ListOf(UNKNOWN)
UNKNOWN_MEMBERS: dict[str, Value] = {
    **SERVING,
    "json": Method(UNKNOWN, escape="json"),
    "jsonp": Method(UNKNOWN, escape="json"),
}
"""What frameworks call the methods of objects that no import tells: `res.json(x)`, `server.addService(…)`."""


def _listed(name: str) -> Value | None:
    """What only arrays are asked for with a function."""
    return of_list(ANYTHING, UNKNOWN, name) if name in LOOPS else None


def _served_by(name: str) -> Value | None:
    """Servers and routers of any library."""
    return UNKNOWN_MEMBERS.get(name)


def _given(args: Values) -> Value:
    """What the function that `then` takes gives."""
    return args[0].result if args and isinstance(args[0], Method) else UNKNOWN


def awaited(value: Value, name: str) -> Value | None:
    """A promise, an observable or a computed reference is what it gives."""
    taker = Method(parameters=(value,))
    if name == "then":
        return Method(parameters=(taker,), compute=_given)
    if name in ("finally then", "subscribe", "onSuccess", "tap"):
        return Method(value, parameters=(taker,))
    if name in ("catch", "finally", "pipe", "toPromise", "asObservable", "asReadonly", "lean", "unwrap"):
        return Method(value)
    return None


def _made_map(args: Values) -> Value:
    pair = item_of(_first(args))
    return MapOf(*pair.items) if isinstance(pair, TupleOf) and len(pair.items) == 2 else MapOf(PLAIN, PLAIN)


def _made_list(args: Values) -> Value:
    return ListOf(item_of(args[0]) if args else PLAIN, indexed=False)
