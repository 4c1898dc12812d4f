"""What Python's builtins, containers and well-known libraries do with values."""

from __future__ import annotations

from collections.abc import Callable

from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    Choice,
    LibraryOf,
    ListOf,
    MapOf,
    MessageOf,
    Method,
    Plain,
    RecordOf,
    StreamOf,
    TemplateOf,
    TupleOf,
    TypeOf,
    Value,
    join,
)

Values = tuple[Value, ...]


def item_of(value: Value) -> Value:
    """What a loop over it gives."""
    match value:
        case ListOf(item):
            return item
        case MapOf(key, _):
            return key
        case TupleOf(items):
            return join(items)
        case StreamOf(receives):
            return receives
        case Plain() | RecordOf():
            return PLAIN
        case _:
            return UNKNOWN


def _first(args: Values) -> Value:
    return args[0] if args else UNKNOWN


def _list(args: Values) -> Value:
    return ListOf(item_of(args[0]) if args else PLAIN)


def _item(args: Values) -> Value:
    """`next(it)`, `min(xs)`, `max(a, b)`, `random.choice(xs)`."""
    return item_of(args[0]) if len(args) == 1 else join(args)


def _next(args: Values) -> Value:
    return join((item_of(_first(args)), *args[1:]))


def _enumerated(args: Values) -> Value:
    return ListOf(TupleOf((PLAIN, item_of(_first(args)))))


def _zipped(args: Values) -> Value:
    return ListOf(TupleOf(tuple([item_of(arg) for arg in args])))


def _mapped(args: Values) -> Value:
    """`map(f, xs)`: a lambda is seen as a Method that gives what it returns."""
    return ListOf(args[0].result if args and isinstance(args[0], Method) else UNKNOWN)


def _filtered(args: Values) -> Value:
    return ListOf(item_of(args[1])) if len(args) > 1 else ListOf(UNKNOWN)


def _chained(args: Values) -> Value:
    return ListOf(join(item_of(arg) for arg in args))


def _flattened(args: Values) -> Value:
    return ListOf(item_of(item_of(_first(args))))


def _grouped(args: Values) -> Value:
    return ListOf(TupleOf((PLAIN, ListOf(item_of(_first(args))))))


def _gathered(args: Values) -> Value:
    return TupleOf(args)


def _dict(args: Values) -> Value:
    source = _first(args)
    if isinstance(source, MapOf | RecordOf):
        return source
    pair = item_of(source)
    return MapOf(*pair.items) if isinstance(pair, TupleOf) and len(pair.items) == 2 else MapOf(PLAIN, UNKNOWN)


def _type_variable(args: Values) -> Value:
    """`TypeVar("T", A, B)` is one of its constraints."""
    return TypeOf(join(arg.value for arg in args if isinstance(arg, TypeOf)))


def _second(args: Values) -> Value:
    return args[1] if len(args) > 1 else UNKNOWN


BUILTINS: dict[str, Value] = {
    **{
        name: Method(compute=_list)
        for name in ("list", "set", "frozenset", "sorted", "reversed", "iter", "aiter")
    },
    **{name: Method(compute=_item) for name in ("min", "max")},
    **{name: Method(compute=_next) for name in ("next", "anext")},
    "tuple": Method(compute=_list),
    "enumerate": Method(compute=_enumerated),
    "zip": Method(compute=_zipped),
    "map": Method(compute=_mapped),
    "filter": Method(compute=_filtered),
    "dict": Method(compute=_dict),
    **{
        name: TypeOf(PLAIN)
        for name in ("str", "int", "float", "bool", "bytes", "bytearray", "complex", "None")
    },
    **{
        name: Method()
        for name in (
            *("len", "print", "isinstance", "issubclass", "hasattr", "id", "hash", "repr", "format", "abs"),
            *("sum", "any", "all", "round", "range", "ord", "chr", "bin", "hex", "callable", "open", "input"),
        )
    },
    **dict.fromkeys(("True", "False", "Ellipsis", "NotImplemented", "__name__", "__file__"), PLAIN),
}

FUNCTIONS: dict[str, Callable[[Values], Value]] = {
    "copy.copy": _first,
    "copy.deepcopy": _first,
    "typing.cast": _second,
    "typing.TypeVar": _type_variable,
    "typing_extensions.TypeVar": _type_variable,
    "itertools.chain": _chained,
    "itertools.chain.from_iterable": _flattened,
    "itertools.islice": _list,
    "itertools.groupby": _grouped,
    "itertools.cycle": _list,
    "functools.partial": _first,
    "collections.deque": _list,
    "collections.OrderedDict": _dict,
    "random.choice": _item,
    "random.sample": _list,
    "random.choices": _list,
    "heapq.nlargest": lambda args: _list(args[1:]),
    "heapq.nsmallest": lambda args: _list(args[1:]),
    "contextlib.closing": _first,
    "contextlib.aclosing": _first,
    "asyncio.run": _first,
    "asyncio.wait_for": _first,
    "asyncio.shield": _first,
    "asyncio.create_task": _first,
    "asyncio.ensure_future": _first,
    "asyncio.gather": _gathered,
    "operator.attrgetter": lambda args: PLAIN,
    "google.protobuf.json_format.Parse": _second,
    "google.protobuf.json_format.ParseDict": _second,
    "google.protobuf.text_format.Parse": _second,
    "google.protobuf.text_format.Merge": _second,
}

ESCAPES = {
    "google.protobuf.json_format.MessageToDict": "json",
    "google.protobuf.json_format.MessageToJson": "json",
    "google.protobuf.json_format.Parse": "json",
    "google.protobuf.json_format.ParseDict": "json",
    "google.protobuf.text_format.MessageToString": "text",
    "google.protobuf.text_format.Parse": "text",
    "google.protobuf.text_format.Merge": "text",
    "json.dumps": "json",
    "json.dump": "json",
    "pickle.dumps": "bytes",
    "vars": "reflection",
    "dir": "reflection",
    "getattr": "reflection",
    "setattr": "reflection",
}

OPEN = frozenset({"typing.Any"})
"""Annotations that say nothing."""

TEMPLATES = {
    "jinja2.Environment().get_template": Method(loads_template=0),
    "jinja2.Environment().select_template": Method(loads_template=0),
    "flask.render_template": Method(template=(0, -1)),
    "flask.stream_template": Method(template=(0, -1)),
    "quart.render_template": Method(template=(0, -1)),
    "django.shortcuts.render": Method(template=(1, 2)),
    "django.template.loader.render_to_string": Method(template=(0, 1)),
    "django.template.loader.get_template": Method(loads_template=0),
}


class PythonLibrary:
    """The protocol `naming.Library` for Python."""

    def builtin(self, name: str) -> Value | None:
        """A name that is there without an import."""
        if name in ESCAPES:
            return Method(UNKNOWN, escape=ESCAPES[name])
        if name.endswith(("Error", "Exception", "Warning", "Interrupt", "Iteration")):
            return TypeOf(PLAIN)
        return BUILTINS.get(name)

    def function(self, path: str) -> Method | None:
        """A function of a library."""
        compute = FUNCTIONS.get(path)
        how = ESCAPES.get(path)
        if compute is not None or how is not None:
            return Method(compute=compute, escape=how)
        if path.startswith("logging."):
            return Method()
        return TEMPLATES.get(path)

    def type(self, path: str, args: tuple[Value, ...]) -> Value | None:
        """Instances of `list[T]`, `dict[K, V]`, `tuple[…]`."""
        if path == "list":
            return ListOf(args[0] if args else UNKNOWN)
        if path == "map":
            return MapOf(args[0], args[1]) if len(args) == 2 else MapOf(PLAIN, UNKNOWN)
        if path == "tuple":
            return TupleOf(args) if args else UNKNOWN
        return UNKNOWN if path in OPEN else None

    def member(self, value: Value, name: str) -> Value | None:
        """A method of a list, a map, a template; an asyncio queue and the like say nothing."""
        match value:
            case ListOf(item):
                return self._of_list(value, item, name)
            case MapOf():
                return self._of_map(value, name)
            case RecordOf() | TupleOf() | Plain():
                return self._of_plain(value, name)
            case TemplateOf(template):
                return _of_template(template, name)
            case LibraryOf(path):
                return _of_library(path, name)
            case _:
                return None

    def _of_list(self, value: ListOf, item: Value, name: str) -> Value | None:
        if name == "add" and isinstance(item, MessageOf):
            return TypeOf(item)
        if name in (
            "append",
            "add",
            "remove",
            "discard",
            "put",
            "put_nowait",
            "appendleft",
            "index",
            "count",
        ):
            return Method(parameters=(item,), becomes=_with_item)
        if name in ("extend", "update", "MergeFrom", "extendleft"):
            return Method(parameters=(value,), becomes=_with_items)
        if name == "insert":
            return Method(parameters=(PLAIN, item), becomes=lambda owner, args: _with_item(owner, args[1:]))
        if name in ("pop", "popleft", "get", "get_nowait", "read", "__next__", "__getitem__", "result"):
            return Method(item)
        if name in ("copy", "union", "difference", "intersection", "symmetric_difference", "__iter__"):
            return Method(value)
        return Method() if name in ("sort", "clear", "reverse", "cancel", "join") else None

    def _of_map(self, value: MapOf, name: str) -> Value | None:
        if name in ("get", "pop", "get_or_create", "setdefault"):
            held = value.value
            return Method(compute=lambda args: join((held, *args[1:2])), parameters=(value.key, held))
        if name == "items":
            return Method(ListOf(TupleOf((value.key, value.value))))
        if name == "values":
            return Method(ListOf(value.value))
        if name == "keys":
            return Method(ListOf(value.key))
        if name in ("update", "MergeFrom"):
            return Method(parameters=(value,))
        return Method(value) if name == "copy" else None

    def _of_plain(self, value: Value, name: str) -> Value | None:
        if isinstance(value, RecordOf):
            held = join(one for _, one in value.entries)
            known = {"items": ListOf(TupleOf((PLAIN, held))), "values": ListOf(held), "keys": ListOf(PLAIN)}
            if name in known:
                return Method(known[name])
            if name in ("get", "pop", "setdefault"):
                return Method(held)
            return Method(becomes=_merged) if name == "update" else None
        return Method() if isinstance(value, Plain) else None


def _with_item(owner: Value, args: Values) -> Value:
    return ListOf(join((item_of(owner), *args[:1]))) if isinstance(owner, ListOf) else owner


def _with_items(owner: Value, args: Values) -> Value:
    return ListOf(join((item_of(owner), item_of(_first(args))))) if isinstance(owner, ListOf) else owner


def _merged(owner: Value, args: Values) -> Value:
    return owner.with_merged(args[0]) if isinstance(owner, RecordOf) and args else owner


def _of_template(template: str, name: str) -> Value | None:
    return (
        Method(template=(-1, -1), owner=template)
        if name in ("render", "render_async", "stream", "generate")
        else None
    )


def _of_library(path: str, name: str) -> Value | None:
    """Environments come from many places; what matters is what is asked of them."""
    if name in ("get_template", "select_template"):
        return Method(loads_template=0)
    if name == "TemplateResponse":  # Starlette takes the request first since 0.29
        return Choice((Method(template=(0, 1)), Method(template=(1, 2))))
    return None
