"""What Go's builtins and libraries do with values. Tables; no contract in them."""

from __future__ import annotations

import re
from functools import lru_cache

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.go.symbols import CONNECT
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    LibraryOf,
    ListOf,
    MapOf,
    Method,
    RecordOf,
    StreamOf,
    TemplateOf,
    TupleOf,
    TypeOf,
    Value,
    join,
)


def _first(args: tuple[Value, ...]) -> Value:
    return args[0] if args else UNKNOWN


def _first_result(args: tuple[Value, ...]) -> Value:
    """`Must(f())`: the value without the error."""
    return args[0].items[0] if args and isinstance(args[0], TupleOf) and args[0].items else _first(args)


def _made(args: tuple[Value, ...]) -> Value:
    """`make(T, …)`, `new(T)`: an instance of the type."""
    return args[0].value if args and isinstance(args[0], TypeOf) else _first(args)


def _appended(args: tuple[Value, ...]) -> Value:
    """The list; one whose type says nothing gets its items from what is appended, single or as lists."""
    if not args:
        return UNKNOWN
    whole = args[0]
    if isinstance(whole, ListOf) and whole.item not in (PLAIN, UNKNOWN):
        return whole
    items = [one.item if isinstance(one, ListOf) else one for one in args]
    return ListOf(join(items))


def _items(args: tuple[Value, ...]) -> Value:
    return args[0].item if args and isinstance(args[0], ListOf) else UNKNOWN


def _list_of_first(args: tuple[Value, ...]) -> Value:
    """`slices.Collect(seq)`, `slices.Values(list)`: the same items as a list or sequence."""
    return ListOf(_items(args))


def _sequence(args: tuple[Value, ...]) -> Value:
    return ListOf(_items(args), indexed=False)


def _map_values(args: tuple[Value, ...]) -> Value:
    return ListOf(args[0].value, indexed=False) if args and isinstance(args[0], MapOf) else UNKNOWN


def _any_of(args: tuple[Value, ...]) -> Value:
    return join(args)


def _wrapped(kind: str) -> Method:
    """`connect.NewRequest(m)`: the message in its envelope."""
    return Method(compute=lambda args: LibraryOf(f"{CONNECT}.{kind}", args[:1]), escape="forwarded")


def _last_result(args: tuple[Value, ...]) -> Value:
    """What the function that is handed in last gives, one by one: `lo.Map(xs, f)`."""
    callback = args[-1] if args else UNKNOWN
    return ListOf(callback.result) if isinstance(callback, Method) else UNKNOWN


TYPES = frozenset(
    {"bool", "string", "error", "byte", "rune", "uintptr", "float32", "float64", "complex64", "complex128"}
    | {f"{sign}int{bits}" for sign in ("", "u") for bits in ("", "8", "16", "32", "64")}
)
BUILTINS: dict[str, Value] = {
    **{name: TypeOf(PLAIN) for name in TYPES},
    **dict.fromkeys(("true", "false", "nil", "iota"), PLAIN),
    **{
        name: Method()
        for name in ("len", "cap", "delete", "panic", "print", "println", "close", "copy", "clear")
    },
    **{name: Method() for name in ("complex", "real", "imag")},
    "any": TypeOf(UNKNOWN),
    "comparable": TypeOf(UNKNOWN),
    "recover": Method(UNKNOWN),
    "append": Method(compute=_appended),
    "make": Method(compute=_made),
    "new": Method(compute=_made),
    "min": Method(),
    "max": Method(),
}

TEMPLATE = TupleOf((LibraryOf("html/template.Template"), PLAIN))
SAME = Method(compute=_first)
MUST = Method(compute=_first_result)
PROTO = "google.golang.org/protobuf/"
OLD_PROTO = regex(r"^github\.com/(?:golang|gogo)/protobuf/proto\.")
FUNCTIONS: dict[str, Method] = {
    "encoding/json.Marshal": Method(TupleOf((PLAIN, PLAIN)), escape="json"),
    "encoding/json.MarshalIndent": Method(TupleOf((PLAIN, PLAIN)), escape="json"),
    "encoding/json.NewEncoder().Encode": Method(escape="json"),
    "encoding/json.Unmarshal": Method(escape="json"),
    "encoding/json.NewDecoder().Decode": Method(escape="json"),
    "encoding/gob.NewEncoder().Encode": Method(escape="bytes"),
    "encoding/xml.Marshal": Method(TupleOf((PLAIN, PLAIN)), escape="text"),
    f"{PROTO}proto.Clone": SAME,
    f"{PROTO}proto.CloneOf": SAME,
    f"{PROTO}proto.Merge": Method(),
    f"{PROTO}proto.Equal": Method(),
    f"{PROTO}proto.Size": Method(),
    f"{PROTO}proto.Reset": Method(),
    f"{PROTO}proto.MessageName": Method(),
    f"{PROTO}proto.MessageV1": SAME,
    f"{PROTO}proto.MessageV2": SAME,
    f"{PROTO}proto.MessageReflect": Method(escape="reflection"),
    f"{PROTO}proto.Marshal": Method(TupleOf((PLAIN, PLAIN)), escape="bytes"),
    f"{PROTO}proto.Unmarshal": Method(escape="bytes"),
    f"{PROTO}types/known/anypb.New": Method(TupleOf((PLAIN, PLAIN)), escape="bytes"),
    f"{CONNECT}.NewRequest": _wrapped("Request"),
    f"{CONNECT}.NewResponse": _wrapped("Response"),
    "cmp.Or": Method(compute=_any_of),
    "cmp.Compare": Method(),
    "slices.Clone": SAME,
    "slices.Compact": SAME,
    "slices.CompactFunc": SAME,
    "slices.Delete": SAME,
    "slices.DeleteFunc": SAME,
    "slices.Grow": SAME,
    "slices.Clip": SAME,
    "slices.Insert": SAME,
    "slices.Concat": Method(compute=_any_of),
    "slices.Repeat": SAME,
    "slices.Collect": Method(compute=_list_of_first),
    "slices.Sorted": Method(compute=_list_of_first),
    "slices.SortedFunc": Method(compute=_list_of_first),
    "slices.Values": Method(compute=_sequence),
    "slices.MinFunc": Method(compute=_items),
    "slices.MaxFunc": Method(compute=_items),
    "maps.Clone": SAME,
    "maps.Values": Method(compute=_map_values),
    "maps.Keys": Method(ListOf(PLAIN, indexed=False)),
    "github.com/samber/lo.Map": Method(compute=_last_result),
    "github.com/samber/lo.Filter": SAME,
    "github.com/samber/lo.Reject": SAME,
    "github.com/samber/lo.Uniq": SAME,
    "github.com/samber/lo.UniqBy": SAME,
    "github.com/samber/lo.Values": Method(compute=_map_values),
    "github.com/samber/lo.ToPtr": SAME,
    "github.com/samber/lo.Find": Method(compute=lambda args: TupleOf((_items(args), PLAIN))),
    "html/template.ParseFiles": Method(TEMPLATE, loads_template=0),
    "text/template.ParseFiles": Method(TEMPLATE, loads_template=0),
    "html/template.ParseFS": Method(TEMPLATE, loads_template=1),
    "text/template.ParseFS": Method(TEMPLATE, loads_template=1),
    "html/template.Must": MUST,
    "text/template.Must": MUST,
    "github.com/samber/lo.Must": MUST,
}
PATTERNS: tuple[tuple[re.Pattern[str], Method], ...] = (
    (
        regex(r".*protobuf/proto\.(?:Unm|M)arshalOptions\b.*\.\w+"),
        Method(TupleOf((PLAIN, PLAIN)), escape="bytes"),
    ),
    (
        regex(r".*(protojson|jsonpb)\b.*\.(Marshal|MarshalAppend|MarshalToString|Format)$"),
        Method(TupleOf((PLAIN, PLAIN)), escape="json"),
    ),
    (
        regex(r".*(protojson|jsonpb)\b.*\.(Unmarshal|UnmarshalString|UnmarshalNext)$"),
        Method(escape="json"),
    ),
    (regex(r".*(prototext|protoregistry)\b.*"), Method(TupleOf((PLAIN, PLAIN)), escape="text")),
    (regex(r"(html|text)/template\..*\bExecuteTemplate$"), Method(template=(1, 2))),
    (
        regex(r"(html|text)/template\..*\bFuncs$"),
        Method(LibraryOf("html/template.Template"), defines_functions=0),
    ),
    (
        regex(r"(html|text)/template\..*\b(ParseFiles|ParseFS|ParseGlob)$"),
        Method(TEMPLATE),
    ),
    (
        regex(r"(html|text)/template\..*\b(Clone|Parse)$"),
        Method(TEMPLATE),
    ),
    (
        regex(r"(html|text)/template\..*\b(New|Lookup)$"),
        Method(LibraryOf("html/template.Template"), loads_template=0),
    ),
)
"""Tried in order where no function has the exact name."""
HARMLESS = regex(
    r"(fmt|log|errors|testing|reflect|strings|strconv|time|os|context|sort|sync|bytes|io)\b.*"
    r"|.*\b(logrus|zap|zerolog|klog|glog|logr|testify|go-cmp|gomock|gomega|spew|status|codes)\b.*"
)
"""Printing and comparing: what goes in there is not handed on."""
LONGEST = 160


class GoLibrary:
    """`Library` for Go."""

    def builtin(self, name: str) -> Value | None:
        """A predeclared identifier."""
        return BUILTINS.get(name)

    def function(self, path: str) -> Method | None:
        """A function or method outside the repository."""
        path = OLD_PROTO.sub(f"{PROTO}proto.", path)
        return FUNCTIONS.get(path) or _by_pattern(path)

    def member(self, value: Value, name: str) -> Value | None:
        """A member of a generic type's instance, or of a template."""
        match value:
            case TemplateOf(template):
                return _of_template(value, template, name)
            case LibraryOf(path, (item, *_)):
                return _of_instance(path, item, name)
            case _:
                return None

    def type(self, path: str, args: tuple[Value, ...]) -> Value | None:
        """Containers, sequences and the streams that generated code is written with."""
        item = args[0] if args else UNKNOWN
        other = args[1] if len(args) > 1 else UNKNOWN
        match path:
            case "list":
                return ListOf(item)
            case "map":
                return MapOf(item, other)
            case "chan":
                return ListOf(item, indexed=False)
            case "iter.Seq":
                return ListOf(item, indexed=False)
            case "iter.Seq2":
                return ListOf(TupleOf((item, other)), indexed=False)
            case (
                "google.golang.org/grpc.ServerStreamingClient"
                | "google.golang.org/grpc.ServerStreamForClient"
            ):
                return StreamOf(item, PLAIN)
            case "google.golang.org/grpc.ServerStreamingServer":
                return StreamOf(PLAIN, item)
            case "google.golang.org/grpc.ClientStreamingClient":
                return StreamOf(PLAIN, item, other)
            case "google.golang.org/grpc.ClientStreamingServer":
                return StreamOf(item, other)
            case "google.golang.org/grpc.BidiStreamingClient":
                return StreamOf(other, item)
            case "google.golang.org/grpc.BidiStreamingServer":
                return StreamOf(item, other)
            case _:
                return _connect_stream(path, item, other) or _loose(path)


@lru_cache(maxsize=4096)
def _by_pattern(path: str) -> Method | None:
    method = next((method for pattern, method in PATTERNS if pattern.fullmatch(path)), None)
    if method is None and HARMLESS.fullmatch(path):
        return Method(LibraryOf(f"{path}()") if len(path) < LONGEST else PLAIN)
    return method


def _of_template(value: TemplateOf, template: str, name: str) -> Value:
    """A template with a name stays the same while files are parsed into its set."""
    match name:
        case "Execute":
            return Method(template=(-1, 1), owner=template)
        case "Parse" | "ParseFiles" | "ParseFS" | "ParseGlob" | "Clone":
            return Method(TupleOf((value, PLAIN)))
        case "Option" | "Delims":
            return Method(value)
        case "Funcs":
            return Method(value, defines_functions=0)
        case _:
            return LibraryOf(f"html/template.Template.{name}")


def _connect_stream(path: str, item: Value, other: Value) -> Value | None:
    match path.removeprefix(f"{CONNECT}."):
        case "ServerStreamForClient":
            return StreamOf(item, PLAIN)
        case "ServerStream":
            return StreamOf(PLAIN, item)
        case "ClientStreamForClient":
            return StreamOf(PLAIN, item, LibraryOf(f"{CONNECT}.Response", (other,)))
        case "ClientStream":
            return StreamOf(item, PLAIN)
        case "BidiStreamForClient":
            return StreamOf(other, item)
        case "BidiStream":
            return StreamOf(item, other)
        case _:
            return None


def _loose(path: str) -> Value | None:
    """Types that say as little as `any`: interfaces that every message fulfils, maps of anything."""
    if path.endswith(("/proto.Message", "/protoiface.MessageV1")) or path == "proto.Message":
        return UNKNOWN
    return (
        RecordOf(()) if path.endswith(".FuncMap") and not path.startswith("github.com/Masterminds") else None
    )


def _of_instance(path: str, item: Value, name: str) -> Value | None:
    """Members of library types with type arguments, by what their names say."""
    if path.startswith(f"{CONNECT}."):
        return {"Msg": item, "Any": Method(UNKNOWN)}.get(name)
    if name in (
        "Load",
        "Get",
        "Swap",
        "Value",
        "Wait",
        "Front",
        "Peek",
        "Pop",
        "MustGet",
        "OrElse",
        "Unwrap",
    ):
        return Method(item)
    if name in ("V", "Val"):
        return item
    return Method(TupleOf((item, PLAIN))) if name in ("LoadOrStore", "LoadAndDelete") else None
