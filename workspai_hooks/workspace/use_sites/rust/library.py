"""What Rust's standard library, tokio, futures and tonic do with values.

An option, a result, a box, a lock and a future are the value that they hold, so most of their methods give
the value itself. A ListOf that is `indexed` is a vector or a slice; an iterator or a stream is not.
"""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.rust.names import MODULE
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
    Plain,
    TupleOf,
    TypeOf,
    Value,
    join,
)

Values = tuple[Value, ...]

PRIMITIVE = frozenset(
    {
        *("bool", "char", "str", "String", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32"),
        *("i64", "i128", "isize", "f32", "f64", "None", "Uuid", "Status", "Duration", "Instant"),
    }
)
ITSELF = frozenset(
    {
        *("unwrap", "expect", "unwrap_or_default", "as_ref", "as_mut", "as_deref", "as_deref_mut", "clone"),
        *("cloned", "copied", "to_owned", "ok_or", "ok_or_else", "ok", "lock", "read", "write", "borrow"),
        *(
            "borrow_mut",
            "get_mut",
            "try_lock",
            "unwrap_unchecked",
            "context",
            "with_context",
            "take",
            "boxed",
        ),
        *("map_err", "or_else", "inspect", "inspect_err", "unwrap_or_else", "unwrap_or", "or", "as_slice"),
        *("into_boxed", "get_or_init", "get_or_insert_with", "get_or_insert", "transpose", "flatten", "fuse"),
        *("instrument", "in_current_span", "by_ref", "make_mut", "as_mut_slice", "load", "load_full", "join"),
        *("into_boxed_slice", "to_vec", "into_vec", "as_pin_mut", "deref", "deref_mut", "blocking_lock"),
        *("filter", "xor", "insert", "replace", "set", "get_or_try_init", "clone_from", "leak", "upgrade"),
        *("downgrade", "as_inner", "into_iter_ok", "map_ok_or", "expect_err", "poll_unpin", "poll", "pin"),
        *("await", "into_future", "shared", "abortable", "now_or_never", "change_context", "wrap_err", "get"),
    }
)
"""Give the value that is held, whatever holds it."""
APPLY = frozenset(
    {"map", "and_then", "then", "map_or", "map_or_else", "map_ok", "and_then_ok", "is_some_and"}
)
"""Give what a function makes of the value."""
STREAMED = frozenset({"message", "next", "try_next", "recv", "try_recv", "last", "peek", "next_back", "nth"})
SAME = frozenset(
    {
        *(
            "iter",
            "iter_mut",
            "into_iter",
            "filter",
            "skip",
            "take",
            "skip_while",
            "take_while",
            "rev",
            "chain",
        ),
        *(
            "cloned",
            "copied",
            "step_by",
            "peekable",
            "inspect",
            "sorted_by",
            "sorted_by_key",
            "cycle",
            "fuse",
        ),
        *("drain", "par_iter", "into_par_iter", "unique_by", "sorted", "sorted_unstable_by_key", "values"),
        *("into_values", "values_mut", "dedup_by_key", "by_ref", "into_inner", "throttle", "buffered"),
        *("buffer_unordered", "try_filter", "boxed", "timeout", "into_stream", "unique", "split_off"),
    }
)
"""Give the items one by one, or some of them."""
COLLECTED = frozenset({"collect", "try_collect", "to_vec", "into_vec", "collect_vec", "concat", "retain"})
ONE = frozenset(
    {
        *("find", "first", "last", "get", "get_mut", "pop", "pop_front", "pop_back", "max_by_key", "nth"),
        *(
            "min_by_key",
            "max_by",
            "min_by",
            "swap_remove",
            "remove",
            "first_mut",
            "last_mut",
            "front",
            "back",
        ),
        *("choose", "get_unchecked", "find_or_first", "exactly_one", "at_most_one", "max", "min", "reduce"),
    }
)
TESTS = frozenset(
    {
        *("any", "all", "position", "for_each", "retain", "sort_by_key", "sort_by", "len", "is_empty"),
        *("sort_unstable_by_key", "sort_unstable_by", "dedup_by_key", "contains", "binary_search_by_key"),
        *("count", "sum", "product", "iter_any", "try_for_each", "for_each_concurrent", "sort_by_cached_key"),
        *("partition_point", "rposition", "drop_while", "clear", "truncate", "try_for_each_concurrent"),
    }
)
HOLDERS = frozenset(
    {
        *("Arc", "Rc", "Box", "Mutex", "RwLock", "RefCell", "Cell", "Pin", "Some", "Ok", "OnceCell", "Data"),
        *("Cow", "Reverse", "ArcSwap", "Extension", "ReceiverStream", "UnboundedReceiverStream", "Wrapping"),
        *("ManuallyDrop", "LazyLock", "Lazy", "OnceLock", "State", "BroadcastStream", "StreamReader"),
    }
)
GIVEN = frozenset({"take", "swap", "spawn", "spawn_blocking", "block_on", "timeout", "identity", "join_all"})
GIVEN_TOO = frozenset({"try_join_all", "pin", "from_fn", "spawn_local", "once", "ready", "black_box", "iter"})


def _first(args: Values) -> Value:
    """What a constructor of a holder is given, and what a function that is handed in gives."""
    given = args[0] if args else UNKNOWN
    return given.result if isinstance(given, Method) and not given.parameters else given


def _applied(args: Values) -> Value:
    last = args[-1] if args else UNKNOWN
    return last.result if isinstance(last, Method) else last.value if isinstance(last, TypeOf) else UNKNOWN


HOLDS = Method(compute=_first)
FORWARDS = "forwarded"


class RustLibrary:
    """The protocol `naming.Library` for Rust."""

    def builtin(self, name: str) -> Value | None:
        """The prelude, macros, and what is so common that its import says nothing more."""
        if name.endswith(MODULE) and name[:-2] not in PRIMITIVE:
            return LibraryOf(name.removesuffix(MODULE))
        name = name.removesuffix(MODULE)
        if name in PRIMITIVE:
            return PLAIN if name == "None" else TypeOf(PLAIN)
        if name in ("Some", "Ok"):
            return HOLDS
        if name == "Err":
            return Method()
        if name == "format!":
            return Method(escape="text")
        if name.endswith("!"):
            return Method(UNKNOWN)
        if name in ("Request", "Response"):
            return LibraryOf(f"tonic.{name}")
        return LibraryOf(name) if name[:1].isupper() else None

    def function(self, path: str) -> Method | None:
        """A function of a library, or of one of its types."""
        owner, _, word = path.rpartition(".")
        holder = owner.rpartition(".")[2]
        if word in HOLDERS or (holder in HOLDERS and word in ("new", "pin", "from", "cyclic", "clone")):
            return Method(compute=_first)
        if word in ("channel", "unbounded_channel", "sync_channel", "unbounded", "bounded"):
            flow = ListOf(UNKNOWN, indexed=False)
            return Method(TupleOf((flow, flow)))
        if holder in ("Vec", "VecDeque", "HashSet", "BTreeSet") and word in ("new", "with_capacity"):
            return Method(ListOf(UNKNOWN))
        if holder in ("HashMap", "BTreeMap", "DashMap", "IndexMap") and word in ("new", "with_capacity"):
            return Method(MapOf(PLAIN, UNKNOWN))
        if holder in ("Vec", "VecDeque") and word in ("from", "from_iter"):
            return Method(compute=_first)
        if word in ("join", "zip"):
            return Method(compute=lambda args: TupleOf(args))
        if word == "select" and len(owner) > 0:
            return Method(compute=join)
        if word == "replace":
            return Method(compute=_first)
        if word in GIVEN or word in GIVEN_TOO:
            return Method(compute=lambda args: _first(args[-1:]) if word == "timeout" else _first(args))
        if "serde_json" in path or "Json" in (word, holder) or word == "to_json":
            return Method(UNKNOWN, escape="json")
        return Method(PLAIN) if holder == "Status" or word in ("drop", "size_of_val") else None

    def type(self, path: str, args: Values) -> Value | None:
        """What an instance of a library's type is. One without arguments holds nothing of a contract."""
        word = path.rpartition(".")[2]
        if word == "list":
            return ListOf(args[0] if args else UNKNOWN)
        if word == "flow":
            return ListOf(args[0] if args else UNKNOWN, indexed=False)
        if word == "map":
            return MapOf(args[0], args[1]) if len(args) == 2 else MapOf(PLAIN, UNKNOWN)
        if word == "tuple":
            return TupleOf(args) if args else PLAIN
        return None if args or word in ("Any", "Value", "DynamicMessage", "_") or "." not in path else PLAIN

    def member(self, value: Value, name: str) -> Value | None:
        """A member of a container, a tuple, a request, or of what holds a value."""
        match value:
            case ListOf(item, indexed):
                return _of_list(value, item, indexed, name)
            case MapOf():
                return _of_map(value, name)
            case TupleOf(items) if name.isdigit():
                return items[int(name)] if int(name) < len(items) else PLAIN
            case LibraryOf(path, args) if path.endswith((".Request", ".Response")):
                return _of_envelope(value, args, name)
            case LibraryOf(path) if name == "new" and path in ("Request", "Response"):
                return None
            case Plain():
                return Method() if not name.isdigit() else PLAIN
            case TypeOf() | LibraryOf():
                return None
            case _:
                return _of_any(value, name)


def _of_any(value: Value, name: str) -> Value | None:
    """Options, results, locks and their like."""
    sees = Method(parameters=(value,))
    if name in APPLY:
        return Method(
            compute=_applied, parameters=(sees,) if name not in ("map_or", "map_or_else") else (UNKNOWN, sees)
        )
    if name in ITSELF:
        return Method(value, parameters=(sees,))
    if name in ("iter", "iter_mut", "into_iter"):
        return Method(ListOf(value, indexed=False))
    if name in ("is_some_and", "is_ok_and", "is_none_or"):
        return Method(parameters=(sees,))
    if name in ("into", "try_into", "into_inner"):
        return Method(
            UNKNOWN if isinstance(value, MessageOf | InstanceOf) and name != "into_inner" else value
        )
    if name in ("is_some", "is_none", "is_ok", "is_err", "as_str_name", "to_string", "to_str"):
        return Method()
    return Method() if isinstance(value, EnumOf) else None


def _of_envelope(value: LibraryOf, args: Values, name: str) -> Value | None:
    """`Request<T>` and `Response<T>`."""
    held = args[0] if args else UNKNOWN
    if name in ("into_inner", "get_ref", "get_mut"):
        return Method(held)
    if name == "new":
        return Method(compute=lambda given: LibraryOf(value.path, (_first(given),)), escape=FORWARDS)
    if name in ("from_parts", "into_parts"):
        return Method(TupleOf((PLAIN, PLAIN if name == "from_parts" else held, PLAIN)))
    if name == "map":
        sees = Method(parameters=(held,))
        return Method(compute=lambda given: LibraryOf(value.path, (_applied(given),)), parameters=(sees,))
    if name in ITSELF or name == "into_request":
        return Method(value)
    return Method()


def _of_list(value: ListOf, item: Value, indexed: bool, name: str) -> Value | None:
    flow = ListOf(item, indexed=False)
    sees = Method(parameters=(item,))
    if indexed and name in APPLY:  # an optional vector
        return _of_any(value, name)
    if name in (
        "map",
        "filter_map",
        "flat_map",
        "map_while",
        "scan",
        "then",
        "map_ok",
        "and_then",
        "find_map",
    ):
        one = name == "find_map"
        return Method(compute=lambda args: _mapped(args, name, one), parameters=(sees,))
    if name in STREAMED and not indexed:
        return Method(item)
    if name in ("fold", "try_fold"):
        folds = Method(parameters=(UNKNOWN, item))
        return Method(compute=lambda args: args[0] if args else UNKNOWN, parameters=(UNKNOWN, folds))
    if name in ("enumerate", "zip"):
        return Method(compute=lambda args: _paired(item, args))
    if name in ("chunks", "windows", "split", "group_by", "chunk_by", "ready_chunks"):
        return Method(ListOf(value, indexed=False))
    if name in ("partition", "split_at"):
        return Method(TupleOf((value, value)), parameters=(sees,))
    if name == "unzip":
        parts = item.items if isinstance(item, TupleOf) else ()
        return Method(TupleOf(tuple(ListOf(part) for part in parts)))
    if name == "flatten":
        return Method(ListOf(item.item if isinstance(item, ListOf) else item, indexed=False))
    if name in COLLECTED:
        return Method(ListOf(item), parameters=(sees,))
    if name in ONE and (indexed or name not in ("get", "get_mut")):
        return Method(item, parameters=(sees,))
    if name in SAME and not (indexed and name == "take"):
        return Method(flow, parameters=(sees,))
    if name in TESTS:
        return Method(PLAIN, parameters=(sees,))
    if name in ("push", "push_back", "push_front", "insert", "send", "try_send", "yield", "blocking_send"):
        at = 1 if name == "insert" else 0
        return Method(
            parameters=(*([PLAIN] * at), item), becomes=lambda owner, args: _with(owner, args[at : at + 1])
        )
    if name in ("extend", "append", "extend_from_slice", "send_all"):
        return Method(parameters=(value,), becomes=_with_all)
    return _of_any(value, name)


def _mapped(args: Values, name: str, one: bool) -> Value:
    given = _applied(args)
    if one:
        return given
    flat = name == "flat_map" and isinstance(given, ListOf)
    return ListOf(given.item if flat and isinstance(given, ListOf) else given, indexed=False)


def _paired(item: Value, args: Values) -> Value:
    """`enumerate()` counts, `zip(other)` pairs."""
    if not args:
        return ListOf(TupleOf((PLAIN, item)), indexed=False)
    other = args[0].item if isinstance(args[0], ListOf) else UNKNOWN
    return ListOf(TupleOf((item, other)), indexed=False)


def _with(owner: Value, args: Values) -> Value:
    if not isinstance(owner, ListOf) or not args:
        return owner
    return ListOf(join((owner.item, args[0])), owner.indexed)


def _with_all(owner: Value, args: Values) -> Value:
    added = args[-1] if args else PLAIN
    if not isinstance(owner, ListOf) or not isinstance(added, ListOf):
        return owner
    return ListOf(join((owner.item, added.item)), owner.indexed)


def _of_map(value: MapOf, name: str) -> Value | None:
    pair = TupleOf((value.key, value.value))
    if name in ("get", "get_mut", "remove", "entry", "get_or_insert_with", "swap_remove", "shift_remove"):
        return Method(value.value)
    if name in ("values", "values_mut", "into_values"):
        return Method(ListOf(value.value, indexed=False))
    if name in ("keys", "into_keys"):
        return Method(ListOf(value.key, indexed=False))
    if name in ("iter", "iter_mut", "into_iter", "drain"):
        return Method(ListOf(pair, indexed=False))
    if name == "insert":
        return Method(parameters=(value.key, value.value), becomes=_with_entry)
    if name in ("contains_key", "len", "is_empty", "clear", "retain"):
        return Method(parameters=(Method(parameters=(value.key, value.value)),))
    return _of_any(value, name)


def _with_entry(owner: Value, args: Values) -> Value:
    if not isinstance(owner, MapOf) or len(args) < 2:
        return owner
    return MapOf(owner.key, join((owner.value, args[1])))
