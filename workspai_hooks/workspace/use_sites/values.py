"""What an expression can stand for while types are followed: contract values, containers, things of the code.

All of them are hashable and compare by content, so that joins and fixpoints are plain set operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace


class Unknown(msgspec.Struct, frozen=True):
    """Nothing could be found out; it may well be a contract value."""


class Plain(msgspec.Struct, frozen=True):
    """Known to hold nothing of a contract: numbers, strings, `nil`, `None`."""


class MessageOf(msgspec.Struct, frozen=True):
    """An instance of a message, by full name (also of one that the schema does not declare)."""

    name: str


class EnumOf(msgspec.Struct, frozen=True):
    """A value of an enum, by full name."""

    name: str


class OneofOf(msgspec.Struct, frozen=True):
    """What a oneof holds as a value of its own: Go's interface `isMsg_Choice`, a case enum elsewhere."""

    message: str
    oneof: str


class WrapperOf(msgspec.Struct, frozen=True):
    """Go's wrapper struct of a oneof's field: `&pb.Msg_Text{Text: …}`."""

    message: str
    field: str


class BuilderOf(msgspec.Struct, frozen=True):
    """A builder of a message: its members are named like the message's fields, `Build()` ends it."""

    message: str


class ClientOf(msgspec.Struct, frozen=True):
    """A client (stub) of a service, by the service's full name; `flavour` where a language has several
    kinds.
    """

    service: str
    flavour: str = ""


class ServerOf(msgspec.Struct, frozen=True):
    """What an implementation of a service derives from, embeds or registers.

    `flavour` as in ClientOf.
    """

    service: str
    flavour: str = ""


class StreamOf(msgspec.Struct, frozen=True):
    """A stream of an rpc: what its reading side gives and its writing side takes, `Plain` where none."""

    receives: Value
    sends: Value
    result: Value = Plain()
    """What closing the sending side returns."""


class ListOf(msgspec.Struct, frozen=True):
    """A list, array, set, iterator or channel.

    `indexed` False (channels, iterators): Go's keyed loop gives the item, or its parts where it is a tuple,
    instead of index and item.
    """

    item: Value
    indexed: bool = True


class MapOf(msgspec.Struct, frozen=True):
    """A map by any keys."""

    key: Value
    value: Value


class TupleOf(msgspec.Struct, frozen=True):
    """A tuple, or the several results of a function."""

    items: tuple[Value, ...]


class RecordOf(msgspec.Struct, frozen=True):
    """A map whose string keys are known, and whole maps that were merged into it (`{**a}`, range copies).

    `origins`: the object literals that it was written as, where such a literal becomes a message by where it
    goes (see `Dialect.structural`).
    """

    entries: tuple[tuple[str, Value], ...]
    merged: tuple[Value, ...] = ()
    origins: tuple[str, ...] = ()

    def get(self, key: str) -> Value | None:
        """What stands under `key` in its own entries."""
        return next((value for name, value in self.entries if name == key), None)

    def with_entry(self, key: str, value: Value) -> RecordOf:
        """The same with `key` set; entries stay sorted."""
        entries = {**dict(self.entries), key: value}
        return RecordOf(tuple(sorted(entries.items(), key=lambda entry: entry[0])), self.merged, self.origins)

    def with_merged(self, other: Value) -> RecordOf:
        """The same with all entries of `other` laid over its own."""
        if isinstance(other, RecordOf):
            entries = {**dict(self.entries), **dict(other.entries)}
            merged = tuple(dict.fromkeys((*self.merged, *other.merged)))
            return RecordOf(tuple(sorted(entries.items(), key=lambda entry: entry[0])), merged, self.origins)
        return self if other in self.merged else RecordOf(self.entries, (*self.merged, other), self.origins)


class EntryOf(msgspec.Struct, frozen=True):
    """The key or the value that a loop over a map of unknown content holds: `for k, v := range payload`."""

    source: Value
    part: str
    """`key` or `value`."""


class TypeOf(msgspec.Struct, frozen=True):
    """A type itself: `pb.CartItem` as an expression. Called or created, it gives `value`."""

    value: Value


class ModuleOf(msgspec.Struct, frozen=True):
    """A module of generated code; `key` has a meaning for the language's naming only.

    Where hand-written files share the stub's folder, `key` is also their unit (see `Naming.unit`).
    """

    key: str


class LocalModule(msgspec.Struct, frozen=True):
    """A module, package or namespace of the repository, by its unit (see `Naming.unit`)."""

    unit: str


class LibraryOf(msgspec.Struct, frozen=True):
    """Something outside the repository, by how it was reached: `encoding/json.NewEncoder().Encode`.

    Module paths, functions, types and instances alike: a step into it appends `.name`, a call `()`. `args`
    are type arguments: `atomic.Pointer[pb.Cart]` is LibraryOf("sync/atomic.Pointer", (MessageOf(…),)).
    """

    path: str
    args: tuple[Value, ...] = ()


class InstanceOf(msgspec.Struct, frozen=True):
    """An instance of a class of the repository; `key` is where it was declared. `args` are type arguments."""

    key: str
    args: tuple[Value, ...] = ()


class FunctionOf(msgspec.Struct, frozen=True):
    """A function or method of the repository; `key` is where it was declared, `receiver` what it is bound
    to.
    """

    key: str
    receiver: Value | None = None
    args: tuple[Value, ...] = ()
    """Written type arguments."""


class TemplateOf(msgspec.Struct, frozen=True):
    """A text template by its name: that of a `define`, or of its file without folders."""

    name: str


class ParameterOf(msgspec.Struct, frozen=True):
    """A parameter whose type is not written or says nothing (`any`): callers decide what it is."""

    function: str
    index: int


class TypeParameter(msgspec.Struct, frozen=True):
    """A type parameter of a generic function or class, until a call binds it."""

    name: str


class Method(msgspec.Struct, frozen=True):
    """Something that can be called and is not code of the repository: an accessor, an rpc, a library
    function.

    - `result`: what a call gives; `compute`, where set, makes it from the arguments' values instead. For a
      lambda among the arguments, `compute` sees a `Method` whose `result` is what the lambda returns.
    - `parameters`: what it takes, by position. Types literals without a type of their own; for a lambda give
      `Method(parameters=…)`: its parameters get these values.
    - `becomes`: (receiver, arguments) -> what the receiver is after the call: Python's `list.append`, C#'s
      `Add`.
    - `names_fields_of`: string arguments name fields of this message: `HasField("x")`, `getattr(m, "x")`;
      each is looked up with `Naming.by_text`. With `result` Unknown, the call gives that field's value.
    - `escape`: whole messages among the arguments go out of sight this way: `json`, `bytes`, `text`,
      `reflection`; `forwarded` (rpcs, streams' Send) is said only of what is not written right there.
    - `escapes`: the message that a call of it makes escape, where it is the receiver: `m.ToJson()`.
    - `template`: positions of the template's name and of its data: `ExecuteTemplate(w, "name", data)`; a name
      at -1 is the receiver's TemplateOf, data at -1 the record of all named arguments (Jinja's
      `render(order=o)`).
    - `loads_template`: position of the string that names the template which the call gives (as a TemplateOf).
    - `owner`: anything that the naming wants to find again in `Naming.member(method, name)`: Python's
      `stub.GetCart.future`.
    - `registers`: calling it registers an implementation of this service.
    - `defines_functions`: position of a record that gives templates their functions by name (Go's FuncMap).
    - `given`: the arguments so far -> `parameters`, where the earlier ones decide what the next one is.
    - `literal`: the function literal that it is, by its place, where callers decide what it takes.
    - `receiver`: as a lambda's promise, what `this` is inside it (Kotlin's `apply { … }`).
    """

    result: Value = Plain()
    parameters: tuple[Value, ...] = ()
    compute: Callable[[tuple[Value, ...]], Value] | None = None
    becomes: Callable[[Value, tuple[Value, ...]], Value] | None = None
    names_fields_of: str | None = None
    escape: str | None = None
    escapes: str | None = None
    template: tuple[int, int] | None = None
    loads_template: int | None = None
    owner: str = ""
    registers: str | None = None
    defines_functions: int | None = None
    given: Callable[[tuple[Value, ...]], tuple[Value, ...]] | None = None
    literal: str = ""
    receiver: Value | None = None


class Choice(msgspec.Struct, frozen=True):
    """One of several known values; made by `join` only."""

    values: tuple[Value, ...]


Value = (
    Unknown
    | Plain
    | MessageOf
    | EnumOf
    | OneofOf
    | WrapperOf
    | BuilderOf
    | ClientOf
    | ServerOf
    | StreamOf
    | ListOf
    | MapOf
    | TupleOf
    | RecordOf
    | EntryOf
    | TypeOf
    | ModuleOf
    | LocalModule
    | LibraryOf
    | InstanceOf
    | FunctionOf
    | TemplateOf
    | ParameterOf
    | TypeParameter
    | Method
    | Choice
)

UNKNOWN = Unknown()
PLAIN = Plain()
CONTRACT = (MessageOf, EnumOf, OneofOf, WrapperOf, BuilderOf, ClientOf, ServerOf, StreamOf, ModuleOf)
"""Values whose members only the naming knows."""

MAX_CHOICES = 6
"""Beyond so many alternatives a value says too little to be followed."""


def join(values: Iterable[Value]) -> Value:
    """What is true of all of them: the one, a `Choice`, or Unknown. Plain and Unknown give way to better
    ones.
    """
    found: dict[Value, None] = {}
    for value in values:
        if type(value) is Choice:
            found.update(dict.fromkeys(value.values))
        else:
            found[value] = None
    said = [one for one in found if type(one) is not Plain and type(one) is not Unknown]
    if len(said) == 1:
        return said[0]
    if not said:
        return PLAIN if found and UNKNOWN not in found else UNKNOWN
    merged = _merged_containers(said)
    return UNKNOWN if isinstance(merged, Choice) and len(merged.values) > MAX_CHOICES else merged


def _merged_containers(values: Sequence[Value]) -> Value:
    """Several lists are one list of several items, several records one record: no choice between them."""
    lists = [value for value in values if isinstance(value, ListOf)]
    records = [value for value in values if isinstance(value, RecordOf)]
    rest: list[Value] = [value for value in values if not isinstance(value, ListOf | RecordOf)]
    if lists:
        rest.append(ListOf(join(one.item for one in lists), all(one.indexed for one in lists)))
    if records:
        rest.append(_merged_records(records))
    return rest[0] if len(rest) == 1 else Choice(tuple(sorted(rest, key=repr)))


def _merged_records(records: Sequence[RecordOf]) -> RecordOf:
    entries: dict[str, list[Value]] = {}
    for record in records:
        for key, value in record.entries:
            entries.setdefault(key, []).append(value)
    merged = dict.fromkeys(one for record in records for one in record.merged)
    origins = sorted({one for record in records for one in record.origins})
    return RecordOf(
        tuple((key, join(entries[key])) for key in sorted(entries)), tuple(merged), tuple(origins)
    )


def alternatives(value: Value) -> tuple[Value, ...]:
    """The values that it can be."""
    return value.values if isinstance(value, Choice) else (value,)


def messages_in(value: Value, depth: int = 4) -> Iterator[str]:
    """Full names of the messages that a value is or holds whole."""
    if depth == 0:
        return
    inner: tuple[Value, ...] = ()
    match value:
        case MessageOf(name):
            yield name
        case ListOf(item):
            inner = (item,)
        case MapOf(_, held):
            inner = (held,)
        case TupleOf(items):
            inner = items
        case RecordOf(entries, merged):
            inner = (*(held for _, held in entries), *merged)
        case Choice(values):
            inner = values
        case _:
            pass
    for one in inner:
        yield from messages_in(one, depth - 1)


LARGEST = 400
"""Parts of a value that are kept; code that nests containers without end makes values without end."""


def within(value: Value, limit: int = LARGEST) -> bool:
    """Whether a value has at most `limit` parts."""
    stack: list[Value] = [value]
    count = 0
    while stack:
        count += 1
        if count > limit:
            return False
        stack.extend(parts_of(stack.pop()))
    return True


def parts_of(value: Value) -> tuple[Value, ...]:
    """The values that it is made of."""
    find = _PARTS.get(type(value))
    return () if find is None else find(value)


# A table: it is asked at every step, and most values have no parts.
_PARTS: dict[type, Callable[..., tuple[Value, ...]]] = {
    ListOf: lambda value: (value.item,),
    MapOf: lambda value: (value.key, value.value),
    TupleOf: lambda value: value.items,
    Choice: lambda value: value.values,
    RecordOf: lambda value: (*(held for _, held in value.entries), *value.merged),
    TypeOf: lambda value: (value.value,),
    EntryOf: lambda value: (value.source,),
    InstanceOf: lambda value: value.args,
    LibraryOf: lambda value: value.args,
    StreamOf: lambda value: (value.receives, value.sends, value.result),
    Method: lambda value: (value.result, *value.parameters),
    FunctionOf: lambda value: value.args if value.receiver is None else (value.receiver, *value.args),
}


def replaced(value: Value, change: Callable[[Value], Value | None]) -> Value:
    """The value with each part exchanged for what `change` gives for it; None keeps the part and looks
    inside.
    """
    new = change(value)
    if new is not None:
        return new
    match value:
        case ListOf(item, indexed):
            return ListOf(replaced(item, change), indexed)
        case MapOf(key, held):
            return MapOf(replaced(key, change), replaced(held, change))
        case TupleOf(items):
            return TupleOf(tuple(replaced(item, change) for item in items))
        case Choice(values):
            return join(replaced(one, change) for one in values)
        case RecordOf(entries, merged):
            held_now = tuple((key, replaced(held, change)) for key, held in entries)
            record = RecordOf(held_now, (), value.origins)
            for one in merged:
                record = record.with_merged(replaced(one, change))
            return record
        case EntryOf(source, part):
            return EntryOf(replaced(source, change), part)
        case TypeOf(inner):
            return TypeOf(replaced(inner, change))
        case InstanceOf(key, args) if args:
            return InstanceOf(key, tuple(replaced(arg, change) for arg in args))
        case LibraryOf(path, args) if args:
            return LibraryOf(path, tuple(replaced(arg, change) for arg in args))
        case StreamOf(receives, sends, result):
            return StreamOf(replaced(receives, change), replaced(sends, change), replaced(result, change))
        case Method() if value.compute is None:
            parameters = tuple(replaced(one, change) for one in value.parameters)
            return replace(value, result=replaced(value.result, change), parameters=parameters)
        case _:
            return value
