"""What Ruby's core, JSON, ERB and google-protobuf's containers do with values.

A block comes first among the arguments that `compute` sees.
"""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    FunctionOf,
    ListOf,
    MapOf,
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

SAME = frozenset(
    {
        *("select", "reject", "filter", "sort", "sort_by", "uniq", "reverse", "take", "drop", "take_while"),
        *(
            "drop_while",
            "compact",
            "to_a",
            "to_ary",
            "entries",
            "each",
            "each_entry",
            "lazy",
            "shuffle",
            "dup",
        ),
        *("clone", "freeze", "force", "eager", "rotate", "reverse_each", "select!", "reject!", "sort_by!"),
        *(
            "sort!",
            "uniq!",
            "compact!",
            "keep_if",
            "delete_if",
            "tap",
            "presence",
            "itself",
            "to_set",
            "find_all",
        ),
        *("slice", "cycle", "max_by!", "in_order_of", "compact_blank", "each_remote_read", "wrap"),
    }
)
"""Give the same kind of list; a block sees an element."""
ONE = frozenset(
    {
        *("first", "last", "find", "detect", "min_by", "max_by", "min", "max", "sample", "pop", "shift"),
        *("next", "fetch", "at", "delete_at", "peek", "sole", "delete", "dig"),
    }
)
"""Give an element; a block sees an element."""
TESTS = frozenset(
    {
        *("any?", "all?", "none?", "one?", "count", "sum", "length", "size", "empty?", "include?", "index"),
        *("find_index", "join", "present?", "blank?", "member?", "rindex", "clear", "hash", "tally_by"),
    }
)
"""Give nothing of the elements; a block sees one."""
MAPPING = frozenset({"map", "collect", "filter_map", "map!", "collect!", "pluck"})
FLAT = frozenset({"flat_map", "collect_concat"})
PAIRED = frozenset({"each_with_index", "each_with_object", "with_index", "each_slice_with_index"})
CHUNKS = frozenset({"each_slice", "each_cons", "partition", "in_groups_of", "chunk_while", "slice_when"})
JOINING = frozenset(
    {"concat", "+", "|", "union", "push", "append", "<<", "unshift", "prepend", "add", "insert", "replace"}
)
GROUPING = frozenset({"group_by", "index_by"})
PAIRS = frozenset(
    {"each", "each_pair", "select", "filter", "reject", "any?", "all?", "find", "sort_by", "sum"}
)


def item_of(value: Value) -> Value:
    """What a loop over it gives."""
    match value:
        case ListOf(item):
            return item
        case MapOf(key, held):
            return TupleOf((key, held))
        case RecordOf(entries):
            return TupleOf((PLAIN, join([held for _, held in entries])))
        case StreamOf(receives):
            return receives
        case TupleOf(items):
            return join(items)
        case Plain():
            return PLAIN
        case _:
            return UNKNOWN


def _given(args: Values) -> Value:
    """What the block gives."""
    return args[0].result if args and isinstance(args[0], Method) else UNKNOWN


def _first(args: Values) -> Value:
    return args[0] if args else UNKNOWN


def _last(args: Values) -> Value:
    return args[-1] if args else UNKNOWN


def _mapped(args: Values) -> Value:
    return ListOf(_given(args))


def _list(args: Values) -> Value:
    return args[0] if args and isinstance(args[0], ListOf) else ListOf(join(args) if args else PLAIN)


def _repeated(args: Values) -> Value:
    """`RepeatedField.new(:message, Cart, [])`."""
    kinds = [arg.value for arg in args if isinstance(arg, TypeOf)]
    return ListOf(kinds[0] if kinds else PLAIN)


def _map(args: Values) -> Value:
    kinds = [arg.value for arg in args if isinstance(arg, TypeOf)]
    return MapOf(PLAIN, kinds[0] if kinds else PLAIN)


def _decoded(args: Values) -> Value:
    """`Google::Protobuf.decode(Cart, bytes)`."""
    return args[0].value if args and isinstance(args[0], TypeOf) else UNKNOWN


FUNCTIONS: dict[str, Method] = {
    "Google::Protobuf::RepeatedField": Method(compute=_repeated),
    "Google::Protobuf::Map": Method(compute=_map),
    "Google::Protobuf.decode": Method(compute=_decoded),
    "Google::Protobuf.decode_json": Method(compute=_decoded),
    "Google::Protobuf.deep_copy": Method(compute=_first),
    "Google::Protobuf.encode": Method(escape="bytes"),
    "Google::Protobuf.encode_json": Method(escape="json"),
    "JSON.generate": Method(escape="json"),
    "JSON.pretty_generate": Method(escape="json"),
    "JSON.dump": Method(escape="json"),
    "Oj.dump": Method(escape="json"),
    "MultiJson.dump": Method(escape="json"),
    "Marshal.dump": Method(escape="bytes"),
    "YAML.dump": Method(escape="text"),
    "File.read": Method(loads_template=0),
    "IO.read": Method(loads_template=0),
    "ERB": Method(compute=_first),
    "Array": Method(compute=_list),
    "Set": Method(compute=_list),
    "Struct": Method(),
    "Hash": Method(MapOf(PLAIN, UNKNOWN)),
    "Array.wrap": Method(compute=_list),
    "Rails.cache.fetch": Method(compute=_given, parameters=(Method(),)),
    "Timeout.timeout": Method(compute=_given, parameters=(Method(),)),
    "Thread": Method(compute=_given, parameters=(Method(),)),
    "Concurrent::Promises.future": Method(compute=_given, parameters=(Method(),)),
    "Concurrent::Future.execute": Method(compute=_given, parameters=(Method(),)),
}
RENDER = Method(template=(0, 1))
BUILTINS: dict[str, Method] = {
    "(render)": RENDER,
    "(to_json)": Method(escape="json"),
    "Array": Method(compute=_list),
    "Hash": Method(compute=_first),
    "json": Method(escape="json"),
    **dict.fromkeys(
        ("puts", "print", "p", "pp", "warn", "format", "sprintf", "raise", "sleep", "exit"), Method()
    ),
    **dict.fromkeys(("Integer", "Float", "String", "rand", "require", "gets", "at_exit", "loop"), Method()),
    **dict.fromkeys(("block_given?", "redirect", "halt", "status", "content_type", "headers"), Method()),
}


class RubyLibrary:
    """The protocol `naming.Library` for Ruby."""

    def builtin(self, name: str) -> Value | None:
        """A function that is there without a receiver."""
        return BUILTINS.get(name)

    def function(self, path: str) -> Method | None:
        """A function of a library, or the constructor of one of its classes."""
        known = FUNCTIONS.get(path)
        if known is None and path.startswith(("Logger", "Rails.logger", "GRPC.logger")):
            return Method()
        return known

    def type(self, path: str, args: tuple[Value, ...]) -> Value | None:
        """Types are not written in Ruby."""
        if path == "list":
            return ListOf(args[0] if args else UNKNOWN)
        return MapOf(PLAIN, args[-1] if args else UNKNOWN) if path == "map" else None

    def member(self, value: Value, name: str) -> Value | None:
        """A method of a list, a hash, a template or a function."""
        match value:
            case ListOf():
                return _of_list(value, name)
            case MapOf():
                return _of_map(value, name)
            case RecordOf():
                return None if value.get(name) is not None else _of_record(value, name)
            case TemplateOf(template):
                return _of_template(template, name)
            case Method() | FunctionOf() if name in ("call", "to_proc", "()", "curry"):
                return value
            case Plain():
                return _of_plain(name)
            case _:
                return None


def _of_list(value: ListOf, name: str) -> Value | None:
    item = value.item
    block = Method(parameters=item.items if isinstance(item, TupleOf) else (item,))
    if name in MAPPING:
        return Method(value, (block,), compute=_mapped)
    if name in FLAT:
        return Method(compute=lambda args: ListOf(item_of(_given(args))), parameters=(block,))
    if name in ONE:
        return Method(item, (block,))
    if name in TESTS:
        return Method(PLAIN, (block,))
    if name in GROUPING:
        held = ListOf(item) if name == "group_by" else item
        return Method(MapOf(PLAIN, held), (block,))
    if name in PAIRED:
        return _paired(item, name)
    if name in ("inject", "reduce"):
        return Method(
            compute=lambda args: join((_given(args), *args[1:])),
            parameters=(Method(parameters=(item, item)),),
        )
    if name in CHUNKS:
        return Method(ListOf(value), (Method(parameters=(value if name.startswith("each") else item,)),))
    if name in JOINING:
        return Method(
            becomes=_joined, parameters=(item,), compute=lambda args: join((value, *map(_as_list, args)))
        )
    if name == "zip":
        return Method(compute=lambda args: ListOf(TupleOf((item, *map(item_of, args)))))
    if name in ("to_h", "each_entry", "to_hash"):
        return Method(compute=lambda args: _hash_of(item, args), parameters=(block,))
    if name in ("flatten", "sum"):
        return Method(ListOf(item_of(item) if isinstance(item, ListOf) else item))
    return Method(value, (block,)) if name in SAME else None


def _paired(item: Value, name: str) -> Method:
    if name == "each_with_object":
        return Method(compute=_last, parameters=(Method(parameters=(item, UNKNOWN)),))
    return Method(ListOf(TupleOf((item, PLAIN))), (Method(parameters=(item, PLAIN)),))


def _as_list(value: Value) -> Value:
    return value if isinstance(value, ListOf) else ListOf(value)


def _joined(owner: Value, args: Values) -> Value:
    return join((owner, *map(_as_list, args))) if isinstance(owner, ListOf) else owner


def _hash_of(item: Value, args: Values) -> Value:
    """`pairs.to_h`, `items.to_h { |i| [i.id, i] }`."""
    pair = _given(args) if args else item
    match pair:
        case TupleOf((key, held)):
            return MapOf(key, held)
        case ListOf(held):
            return MapOf(PLAIN, held)
        case _:
            return MapOf(PLAIN, UNKNOWN)


def _of_map(value: MapOf, name: str) -> Value | None:
    held = value.value
    pair = Method(parameters=(value.key, held))
    if name in ("fetch", "dig", "delete", "store"):
        return Method(held)
    if name in ("values", "each_value", "values_at"):
        return Method(ListOf(held), (Method(parameters=(held,)),))
    if name in ("keys", "each_key"):
        return Method(ListOf(value.key), (Method(parameters=(value.key,)),))
    if name == "transform_values":
        return Method(
            compute=lambda args: MapOf(value.key, _given(args)), parameters=(Method(parameters=(held,)),)
        )
    if name in (
        "to_h",
        "dup",
        "merge",
        "select",
        "filter",
        "reject",
        "each",
        "each_pair",
        "sort_by",
        "compact",
    ):
        return Method(value, (pair,))
    if name in MAPPING | FLAT:
        return Method(compute=_mapped, parameters=(pair,))
    if name in ("find", "min_by", "max_by", "first"):
        return Method(TupleOf((value.key, held)), (pair,))
    return Method(PLAIN, (pair,)) if name in TESTS | {"key?", "has_key?"} else None


def _of_record(value: RecordOf, name: str) -> Value | None:
    held = join([one for _, one in value.entries])
    if name in ("merge", "merge!", "update"):
        return Method(compute=lambda args: _merged(value, args[-1:]), becomes=_merged)
    if name in (
        "to_h",
        "dup",
        "compact",
        "with_indifferent_access",
        "symbolize_keys",
        "freeze",
        "except",
        "slice",
    ):
        return Method(value)
    return _of_map(MapOf(PLAIN, held), name)


def _merged(owner: Value, args: Values) -> Value:
    return owner.with_merged(args[0]) if isinstance(owner, RecordOf) and args else owner


def _of_template(template: str, name: str) -> Value | None:
    if name in ("result", "result_with_hash", "render"):
        return Method(template=(-1, 0), owner=template)
    return TemplateOf(template) if name in ("strip", "chomp", "freeze") else None


def _of_plain(name: str) -> Value | None:
    """Numbers and strings give their like; a block of theirs sees one."""
    return Method(PLAIN, (Method(parameters=(PLAIN,)),)) if name not in ("call",) else None
