"""Follows types like use_sites/infer, with requests, texts and JSON among the values, and notes what happens.

What is noted (`Events`) is in terms of values: a URL may still hold parameters of the function that the line
stands in; expand.py exchanges them for what callers hand in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
import msgspec

from workspai_hooks.workspace.http.bodies import (
    is_json,
    is_response,
    item_of,
    json_of,
    jsons_in,
    member_of,
    response_of,
)
from workspai_hooks.workspace.http.clients import PICKED, Clients, environment, formatted, is_number
from workspai_hooks.workspace.http.texts import hole, is_text, joined, piece, says_text, text
from workspai_hooks.workspace.http.values import Place
from workspai_hooks.workspace.use_sites.infer.base import Reports, says_nothing
from workspai_hooks.workspace.use_sites.infer.classes import DEEPEST_BASE
from workspai_hooks.workspace.use_sites.infer.knowledge import Key, Knowledge, Reads
from workspai_hooks.workspace.use_sites.infer.program import ClassDecl, FunctionDecl, Program
from workspai_hooks.workspace.use_sites.infer.scope import Scope
from workspai_hooks.workspace.use_sites.infer.statements import Statements
from workspai_hooks.workspace.use_sites.syntax import (
    Call,
    Expr,
    Generic,
    Index,
    Member,
    Name,
    Named,
    New,
    Pos,
    Record,
    Text,
)
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    FunctionOf,
    InstanceOf,
    LibraryOf,
    ListOf,
    MapOf,
    Method,
    ParameterOf,
    Plain,
    RecordOf,
    TypeOf,
    Unknown,
    Value,
    alternatives,
    join,
    parts_of,
)

MOST_RECORDS = 40
"""Keys of an object literal that are looked at; longer ones are tables."""


class Called(msgspec.Struct, frozen=True):
    """A request is sent. `operation`, `owner`: where a generated client's method says what is called."""

    method: Value
    url: Value
    body: Value
    place: Place
    symbol: str
    sure: bool = True
    operation: str = ""
    owner: str = ""
    only_body: bool = False
    """It says what is sent by a request that is noted elsewhere."""


class Touched(msgspec.Struct, frozen=True):
    """A line names a property; `value` is the property as a part of the body."""

    value: LibraryOf
    place: Place
    symbol: str
    sure: bool = True


class Decoded(msgspec.Struct, frozen=True):
    """A part of a body becomes an instance of `kind` (a type, or an instance of it)."""

    kind: Value
    source: Value


class Escaped(msgspec.Struct, frozen=True):
    """A value goes where it can't be followed, with all that it holds."""

    value: Value
    place: Place
    why: str


class Taken(msgspec.Struct, frozen=True):
    """A body is asked for; `looked`: by something that keeps nothing of it, a log. Who asks for a body and is
    never seen to do anything with it handles it in a way that is not followed."""

    source: Value
    looked: bool = False


class Took(msgspec.Struct, frozen=True):
    """A member of an instance of a class of the repository is named."""

    owner: str
    name: str
    place: Place
    inside: str
    """The function that the line stands in, by its name; of a method of the same class."""
    sets: bool = False


class Caller(msgspec.Struct, frozen=True):
    """A call of a function of the repository: what it hands in, by position and for type parameters."""

    args: tuple[Value, ...]
    types: tuple[Value, ...]
    place: Place


Event = Called | Touched | Decoded | Escaped | Taken


class Noted(Reports):
    """What one walk of one piece noted, beside what is reported of contracts."""

    __slots__ = ("added", "called", "callers", "events", "takes")

    def __init__(self) -> None:
        super().__init__()
        self.events: dict[Event, None] = {}
        self.takes: dict[Took, None] = {}
        self.callers: dict[str, dict[Caller, None]] = {}
        self.added: dict[tuple[str, str, Place], None] = {}
        """Keys that are added to a literal behind it: where the literal stands, the key, its place."""
        self.called: set[str] = set()
        """The functions that something calls, also such as are handed to somebody."""


class _Knowledge(Knowledge):
    """Texts lead on, too: a walk is repeated when one has become known."""

    def learn(self, key: Key, value: Value) -> None:
        before = self.get_quietly(key)
        super().learn(key, value)
        after = self.get_quietly(key)
        if before != after and after is not None and _leads_on(after):
            self._changed[key] = None

    def get_quietly(self, key: Key) -> Value | None:
        """What is known; nobody is told that it was asked."""
        return self._values.get(key)


def _leads_on(value: Value) -> bool:
    if isinstance(value, LibraryOf) and value.path[:1] in ("'", "("):
        return True
    return any(map(_leads_on, parts_of(value)))


class Requests(Statements):
    """The analysis of one part of a repository's sources. `clients` by language."""

    def __init__(self, program: Program, clients: Mapping[str, Clients]) -> None:
        super().__init__(program, {})
        self.knowledge = _Knowledge()
        self.literals: dict[str, Record] = {}
        """Object literals by where they stand."""
        self._clients = clients
        self._scope: Scope | None = None
        self._sink: Reports = Noted()

    # -- what is noted

    def collect(self, key: Key, walk: Callable[[], None]) -> Reads:
        """As it is; what the walk notes is kept beside."""
        reads: Reads = {}
        outer, self._sink = self._sink, Noted()
        self._reports[key] = self._sink
        try:
            with self.knowledge.listening(reads):
                walk()
        finally:
            self._sink = outer
        return reads

    def noted(self) -> list[Noted]:
        """What all walks noted."""
        return [one for one in self._reports.values() if isinstance(one, Noted)]

    @property
    def sink(self) -> Noted:
        """Where things are noted now."""
        assert isinstance(self._sink, Noted)
        return self._sink

    def note_event(self, event: Event) -> None:
        self.sink.events.setdefault(event)

    def place(self, pos: Pos, scope: Scope) -> Place:
        return Place(scope.file.path, pos[0], pos[1], scope.file.in_test)

    def mention(self, name: str, pos: Pos, scope: Scope) -> None:
        """Only contracts have mentions."""

    def escape(self, value: Value, how: str, symbol: str, pos: Pos, scope: Scope) -> None:
        """What the tables of the languages say of contract values is true of JSON as well."""
        if how != "forwarded":
            self.leaves(value, _HOW.get(how, "handed to {}").format(symbol or "a library"), pos, scope)

    def leaves(self, value: Value, why: str, pos: Pos, scope: Scope) -> None:
        """JSON or an instance of a class goes out of sight."""
        settled = self.settle(value)
        if isinstance(settled, Method):  # who is handed a function gets what it gives
            settled = self.settle(settled.result)
        if _can_hold_json(settled):
            self.note_event(Escaped(settled, self.place(pos, scope), why))

    def touch(self, value: LibraryOf, name: str, pos: Pos, scope: Scope, sure: bool = True) -> LibraryOf:
        """A property is named; what it is."""
        inner = member_of(value, name)
        self.note_event(Touched(inner, self.place(pos, scope), name, sure))
        return inner

    def decode(self, kind: Value, value: Value) -> None:
        """Whatever JSON is in `value` becomes an instance of `kind`."""
        for one in alternatives(value):
            if isinstance(one, LibraryOf) and is_response(one):
                one = one.args[-1]
            if isinstance(one, ParameterOf) or (isinstance(one, LibraryOf) and is_json(one)):
                self.note_event(Decoded(kind, one))
            elif isinstance(one, ListOf) and isinstance(kind, ListOf):
                self.decode(kind.item, one.item)

    def request(
        self,
        method: Value,
        url: Value,
        body: Value,
        node: Call,
        scope: Scope,
        sure: bool = True,
        kind: Value | None = None,
    ) -> LibraryOf:
        """A request is sent; gives its response. `kind`: what its body is read as."""
        self.note_event(Called(method, url, body, self.place(_named_at(node), scope), _symbol(node), sure))
        source = json_of(method, url)
        if kind is None or says_nothing(kind):
            return response_of(method, url)
        self.decode(kind, source)
        return response_of(method, url, kind)

    def send(self, method: Value, url: Value, body: Value, node: Call, scope: Scope) -> None:
        """A body is given to a request that is noted where its URL is."""
        place = self.place(_named_at(node), scope)
        self.note_event(Called(method, url, body, place, _symbol(node), only_body=True))

    # -- evaluation

    def clients_of(self, declared: ClassDecl) -> Clients:
        """What the language of a class knows."""
        return self._clients[declared.file.source.language]

    def clients(self, scope: Scope) -> Clients:
        return self._clients[scope.file.source.language]

    def evaluate(self, node: Expr, scope: Scope, expected: Value | None = None) -> Value:
        """As it is; texts are values, and where JSON goes to a place of a type it is of this type."""
        kind = type(node)
        if kind is Text:
            return text(node.value)  # type: ignore[union-attr]
        outer, self._scope = self._scope, scope
        try:
            if kind is Call and type(node.fn) is Name and node.fn.id in _MADE:  # type: ignore[union-attr]
                return _MADE[node.fn.id](self, node, scope)  # type: ignore[union-attr]
            value = super().evaluate(node, scope, expected)
        finally:
            self._scope = outer
        if kind is Record and isinstance(value, RecordOf) and not value.origins:
            value = RecordOf(value.entries, value.merged, (self._origin(node, scope),))
        if kind is Record and isinstance(value, RecordOf):
            self.literals[self._origin(node, scope)] = node  # type: ignore[assignment]
        if expected is not None and _holds_whole(value) and expected != PLAIN and not says_nothing(expected):
            self.decode(expected, value)
        return value

    def _origin(self, node: Expr, scope: Scope) -> str:
        return f"{scope.file.path}:{node.pos[0]}:{node.pos[1]}"

    def _joined(self, node: Call, scope: Scope) -> Value:
        """Texts that are put together; other operands of `+` are what they always were."""
        values = [self.evaluate(arg, scope) for arg in node.args]
        if any(says_text(value) or isinstance(value, ParameterOf) for value in values):
            return joined(piece(value, hint(arg)) for value, arg in zip(values, node.args, strict=True))
        return join(self.settle(value) for value in values)

    def _formatted(self, node: Call, scope: Scope) -> Value:
        """`"%s/orders/%d" % (base, id)`."""
        return formatted(tuple([piece(self.evaluate(arg, scope), hint(arg)) for arg in node.args]))

    def _variable(self, node: Call, scope: Scope) -> Value:
        """A variable of the environment that is a name of the language's own."""
        return environment(tuple([self.evaluate(arg, scope) for arg in node.args]))

    def _quiet(self, node: Call, scope: Scope) -> Value:
        return PLAIN

    def member(self, owner: Value, name: str, pos: Pos, scope: Scope, certain: bool = True) -> Value:
        """As it is; a property of JSON is noted."""
        if isinstance(owner, LibraryOf) and is_json(owner):
            clients = self.clients(scope)
            known = clients.of_json(owner, name)
            return self.touch(owner, name, pos, scope, certain) if known is None else known
        if isinstance(owner, LibraryOf) and is_text(owner):
            return self.clients(scope).of_text(owner, name)
        return super().member(owner, name, pos, scope, certain)

    def _of_library(self, owner: LibraryOf, name: str, pos: Pos, scope: Scope) -> Value:
        known = self.clients(scope).member(owner, name)
        if known is not None:
            self._note_taken(owner, known)
            return known
        if owner.path.startswith("("):
            return LibraryOf(f"{owner.path}.{name}", owner.args)
        return super()._of_library(owner, name, pos, scope)

    def _note_taken(self, owner: LibraryOf, known: Value) -> None:
        given = known.result if isinstance(known, Method) else known
        if is_response(owner) and isinstance(given, LibraryOf) and not is_response(given):
            for one in jsons_in(owner):
                self.note_event(Taken(one))

    def _element(self, owner: Value, node: Index) -> Value:
        if isinstance(owner, LibraryOf) and self._scope is not None:
            key = node.key.value if isinstance(node.key, Text) else None
            if is_json(owner):
                if key is not None and node.key is not None:
                    return self.touch(owner, key, node.key.pos, self._scope)  # type: ignore[union-attr]
                self._by_any_key(owner, node.pos, node.key)
                return item_of(owner)
            if key is not None:
                clients = self.clients(self._scope)
                stored = self.knowledge.get(("setting", key, "")) if clients.is_store(owner) else None
                known = clients.element(owner, key) if stored is None else stored
                if known is not None:
                    return known
        return super()._element(owner, node)

    def _assign_index(self, obj: Expr, key: Expr | None, value: Value, scope: Scope) -> None:
        """As it is; what a library's configuration is filled with is known by its key, and so are the lines
        that add a key to a literal."""
        if isinstance(key, Text):
            owner = self.settle(self.evaluate(obj, scope))
            if isinstance(owner, LibraryOf) and self.clients(scope).is_store(owner):
                self.knowledge.learn(("setting", key.value, ""), self.settle(value))
            for origin in owner.origins if isinstance(owner, RecordOf) else ():
                self.sink.added.setdefault((origin, key.value, self.place(key.pos, scope)))
        elif key is not None and not is_number(key) and _holds_whole(self.settle(value)):
            held = self.settle(self.evaluate(obj, scope))
            if not isinstance(held, ListOf | MapOf):
                self.leaves(value, "kept under a computed key", obj.pos, scope)
        super()._assign_index(obj, key, value, scope)

    def _by_any_key(self, owner: LibraryOf, pos: Pos, key: Expr | None) -> None:
        """A list's item, or a property that is known at run time only: expand.py knows which."""
        if self._scope is not None and key is not None and not is_number(key):
            place = self.place(pos, self._scope)
            self.note_event(Escaped(owner, place, DYNAMIC))

    def _item(self, source: Value, pairs: bool) -> Value:
        shape = self.shape(source)
        if any(isinstance(one, LibraryOf) and is_json(one) for one in alternatives(shape)):
            return join(self._item_of(one, pairs) for one in alternatives(shape))
        return super()._item(source, pairs)

    def _item_of(self, one: Value, pairs: bool) -> Value:
        return item_of(one) if isinstance(one, LibraryOf) and is_json(one) else super()._item(one, pairs)

    def _keyed(self, source: Value) -> tuple[Value, ...]:
        shape = self.shape(source)
        if isinstance(shape, LibraryOf) and is_json(shape):
            return (PLAIN, item_of(shape))
        return super()._keyed(source)

    def _unpacked(self, value: Value, count: int) -> tuple[Value, ...]:
        shape = self.shape(value)
        if count > 1 and isinstance(shape, LibraryOf) and is_json(shape):
            return (item_of(shape),) * count
        return super()._unpacked(value, count)

    def of_class(
        self, owner: InstanceOf, name: str, pos: Pos, scope: Scope, depth: int = DEEPEST_BASE
    ) -> Value | None:
        """As it is; which member of which class is noted."""
        if depth == DEEPEST_BASE:
            decl = scope.frame.decl if scope.frame is not None else None
            inside = decl.node.name if decl is not None and _owner_key(decl) == owner.key else ""
            self.sink.takes.setdefault(Took(owner.key, name, self.place(pos, scope), inside))
        return super().of_class(owner, name, pos, scope, depth)

    def _new_instance(self, kind: InstanceOf, node: New, scope: Scope) -> Value:
        for named in node.named:
            self._note_set(kind, named.name, named.pos, scope)
        for name, item in zip(self._order(kind), node.items, strict=False):
            self._note_set(kind, name, _start(item), scope)
        if node.args:
            self._note_made(kind, node.args, (), scope)
        return super()._new_instance(kind, node, scope)

    def _new_unknown(self, written: Value, node: New, scope: Scope) -> Value:
        """As it is; what a library's object is made of may be what is sent."""
        path = written.path if isinstance(written, LibraryOf) else hint(node.type) if node.type else ""
        if not isinstance(written, LibraryOf) and path not in self.clients(scope).text_types:
            return super()._new_unknown(written, node, scope)
        args = tuple([self.settle(self.evaluate(arg, scope)) for arg in (*node.args, *node.items)])
        named = {one.name: self.settle(self.evaluate(one.value, scope)) for one in node.named}
        known = self.clients(scope).made(path, args, named)
        asked = self.clients(scope).new_request(known) if isinstance(known, LibraryOf) else None
        if asked is not None:
            place = self.place(node.pos, scope)
            self.note_event(Called(*asked, place, path.rpartition(".")[2]))
        return written if known is None else known

    def assign(self, target: Expr, value: Value, scope: Scope, declares: bool) -> None:
        """As it is; a client may be given the base of its URLs."""
        super().assign(target, value, scope, declares)
        if not isinstance(target, Member):
            return
        owner = self.settle(self.evaluate(target.obj, scope))
        if isinstance(owner, Unknown | Plain) and _holds_whole(self.settle(value)):
            self.leaves(value, f"kept in {hint(target)}", target.pos, scope)
        if not says_text(value):
            return
        clients = self.clients(scope)
        told = clients.assigned(owner, target.name, value)
        if told is not None:
            self.knowledge.learn(("base", told[0], ""), self.settle(told[1]))
        after = clients.changed(owner, target.name, self.settle(value))
        if after is None:
            return
        if isinstance(target.obj, Name) and scope.lookup(target.obj.id) is not None:
            scope.assign(target.obj.id, after)
        else:
            this = scope.lookup("this")
            name = target.obj.id if isinstance(target.obj, Name) else getattr(target.obj, "name", "")
            if isinstance(this, InstanceOf):
                self.learn_field(this, name, after)

    def _instance_literal(self, node: Record, kind: InstanceOf, scope: Scope) -> None:
        for key, _ in node.entries:
            if isinstance(key, Text):
                self._note_set(kind, key.value, key.pos, scope)
        super()._instance_literal(node, kind, scope)

    def _note_set(self, kind: InstanceOf, name: str, pos: Pos, scope: Scope) -> None:
        self.sink.takes.setdefault(Took(kind.key, name, self.place(pos, scope), "", True))

    def _note_made(
        self, kind: InstanceOf, args: tuple[Expr, ...], named: tuple[Named, ...], scope: Scope
    ) -> None:
        """What a constructor is handed sets fields of its parameters' names."""
        for one in named:
            self._note_set(kind, one.name, one.pos, scope)
        made = self.method_of(kind, "__init__")
        declared = self.program.classes.get(kind.key)
        if made is not None:
            order = [parameter.name for parameter in made.node.parameters]
            order = order[1:] if made.file.dialect.explicit_self else order
        else:
            order = list(declared.variables) if declared is not None else []
        for name, arg in zip(order, args, strict=False):
            self._note_set(kind, name, _start(arg), scope)

    def _of_receiver(self, owner: Value, node: Name, scope: Scope, calling: bool) -> Value | None:
        """As it is; a field of a type that says nothing hides those around it all the same."""
        value = super()._of_receiver(owner, node, scope, calling)
        if value is None and isinstance(owner, InstanceOf) and not calling:
            declared = self._declaring(owner, node.id)
            if declared is not None and node.id in declared.variables:
                return UNKNOWN
        return value

    def _own(self, node: Name, scope: Scope) -> Value | None:
        """As it is; a field that is a library's client is one."""
        value = super()._own(node, scope)
        owner = scope.lookup("this") if value is None else None
        declared = self._declaring(owner, node.id) if isinstance(owner, InstanceOf) else None
        if declared is None or node.id not in declared.variables or not isinstance(owner, InstanceOf):
            return value
        return self.field_value(declared, node.id, InstanceOf(declared.key))

    def learn_field(self, owner: InstanceOf, name: str, value: Value) -> None:
        """As it is; a client with its base is more than the type that is written."""
        super().learn_field(owner, name, value)
        settled = self.settle(value)
        if any(isinstance(one, LibraryOf) and one.path.startswith("(") for one in alternatives(settled)):
            declared = self._declaring(owner, name)
            if declared is not None and name in declared.variables:
                self.knowledge.learn(("carried", declared.key, name), settled)

    def field_value(self, declared: ClassDecl, name: str, owner: InstanceOf) -> Value:
        written = super().field_value(declared, name, owner)
        if not isinstance(written, LibraryOf) or written.path.startswith("("):
            return written
        seen = self.knowledge.get(("carried", declared.key, name))
        return written if seen is None else seen

    def _written(self, declared: ClassDecl, name: str) -> Value:
        """As it is; a field whose type says nothing is what it is first given."""
        written = super()._written(declared, name)
        variable, file = declared.variables[name]
        if not says_nothing(written) or variable.type is None or variable.value is None:
            return written
        scope = self.class_body(declared)
        scope.file = file
        value = self.settle(self.evaluate(variable.value, scope))
        return written if value == PLAIN else value

    def _static(self, inner: InstanceOf, name: str, pos: Pos, scope: Scope) -> Value:
        """As it is; `Order::getTotal` names the member as `order.getTotal()` does."""
        declared = self.program.classes.get(inner.key)
        if declared is not None and (name in declared.methods or name in declared.variables):
            self.sink.takes.setdefault(Took(inner.key, name, self.place(pos, scope), ""))
        return super()._static(inner, name, pos, scope)

    def construct(self, value: Value, args: tuple[Value, ...], named: dict[str, Value]) -> Value:
        """A conversion: JSON that is made an object of a class, by `**` or by a cast."""
        given = [one for one in (*args, *named.values()) for _ in jsons_in(one)]
        if given and says_nothing(value):
            return given[0]
        whole = [one for one in (*args[:1], *([named["**"]] if "**" in named else [])) if _is_whole(one)]
        for one in whole:
            self.decode(value, one)
        return super().construct(value, args, named)

    def suited(self, value: Value, wanted: Value | None, scope: Scope) -> Value:
        if wanted is not None and _holds_whole(value) and wanted != PLAIN and not says_nothing(wanted):
            self.decode(wanted, value)
        return super().suited(value, wanted, scope)

    def generic(self, node: Generic, scope: Scope) -> Value:
        """As it is; a function of the repository comes before what functions of libraries usually give."""
        if isinstance(node.base, Name):
            base = self.evaluate(node.base, scope)
            if isinstance(base, FunctionOf) or (
                isinstance(base, LibraryOf) and self.clients(scope).keeps_types(base.path)
            ):
                return self.instantiated(base, tuple([self.type_of(arg, scope) for arg in node.args]), scope)
        return super().generic(node, scope)

    def instantiated(self, base: Value, args: tuple[Value, ...], scope: Scope) -> Value:
        """As it is; what a request is told to give is kept beside what it carries."""
        if isinstance(base, LibraryOf) and self.clients(scope).keeps_types(base.path):
            return LibraryOf(base.path, (*base.args, *(TypeOf(arg) for arg in args)))
        return super().instantiated(base, args, scope)

    # -- calls

    def _result(
        self, callee: Value, args: tuple[Value, ...], named: dict[str, Value], node: Call, scope: Scope
    ) -> Value:
        if isinstance(callee, FunctionOf):
            decl = self.overload(self.program.functions[callee.key], args, callee)
            self._note_caller(decl, callee, args, named, node, scope)
            given = self.clients(scope).declared(Invocation(self, callee, args, named, node, scope), decl)
            if given is not None:
                return given
        elif isinstance(callee, TypeOf) and isinstance(callee.value, InstanceOf):
            self._note_made(callee.value, node.args, node.named, scope)
        elif isinstance(callee, Unknown | Plain):
            given = self.clients(scope).guessed(Invocation(self, UNKNOWN, args, named, node, scope))
            if given is not None:
                return given
            if isinstance(node.fn, Name | Member) and not self.clients(scope).is_harmless(hint(node.fn)):
                for arg in args:
                    self._handed_on(arg, _symbol(node), node, scope)
        return super()._result(callee, args, named, node, scope)

    def _note_caller(
        self,
        decl: FunctionDecl,
        callee: FunctionOf,
        args: tuple[Value, ...],
        named: dict[str, Value],
        node: Call,
        scope: Scope,
    ) -> None:
        own = (callee.receiver or UNKNOWN,) if self._takes_self(decl, callee) else ()
        ordered = self._in_order(decl, (*own, *args), named)
        place = self.place(_named_at(node), scope)
        self.sink.callers.setdefault(decl.key, {}).setdefault(Caller(ordered, callee.args, place))

    def call_function(
        self, function: FunctionOf, args: tuple[Value, ...], named: dict[str, Value] | None = None
    ) -> Value:
        """As it is; a result of a type that nobody knows is what was returned."""
        self.sink.called.add(function.key)
        result = super().call_function(function, args, named)
        if not _is_type_parameter(result):
            return result
        seen = self.knowledge.get(("returns", function.key, ""))
        return result if seen is None or not any(True for _ in jsons_in(seen)) else seen

    def _call_library(
        self,
        callee: LibraryOf,
        args: tuple[Value, ...],
        named: dict[str, Value],
        node: Call,
        scope: Scope,
    ) -> Value:
        if callee.path in self.clients(scope).text_types and len(args) == 1 and not named:
            return args[0]  # a conversion
        if callee.path == "(format)":
            return formatted((*callee.args, *args), named)
        clients = self.clients(scope)
        it = Invocation(self, callee, args, named, node, scope)
        made = clients.picked(it) if callee.path.startswith(PICKED) else clients.call(it)
        if made is not None:
            return made
        given = [self.settle(value) for value in (*args, *named.values())]
        whole = [one for value in given for one in alternatives(value) if _is_whole(one)]
        kinds = [one.value for one in (*given, *callee.args) if isinstance(one, TypeOf)]
        if whole and not callee.path.startswith("("):
            kind = next((one for one in kinds if not says_nothing(one) and one != PLAIN), None)
            if kind is not None:
                self.decode(kind, join(whole))
                return kind
        if clients.is_harmless(callee.path):
            for one in (part for value in given for part in jsons_in(value)):
                self.note_event(Taken(one, looked=True))
        elif scope.file.dialect.library.function(callee.path) is None:
            for value in given:
                self._handed_on(value, callee.path.rpartition(".")[2] or callee.path, node, scope)
        if callee.path.startswith("("):
            return LibraryOf(f"{callee.path}()", callee.args)
        return super()._call_library(callee, args, named, node, scope)

    def _handed_on(self, value: Value, to: str, node: Call, scope: Scope) -> None:
        self.leaves(value, f"handed to {to}", _named_at(node), scope)

    def _call_method(
        self, method: Method, args: tuple[Value, ...], named: dict[str, Value], node: Call, scope: Scope
    ) -> Value:
        """Functions of containers take JSON as the list that it must be."""
        result = super()._call_method(method, args, named, node, scope)
        if method.compute is not None and says_nothing(result):
            settled = tuple([self.settle(one) for one in args])
            listed = tuple(
                [
                    ListOf(item_of(one)) if isinstance(one, LibraryOf) and is_json(one) else one
                    for one in settled
                ]
            )
            if listed != settled:
                return self.kept(method.compute(listed))
        return result


class Invocation(msgspec.Struct, frozen=True):
    """One call of something of a library, as the clients of a language are asked about it."""

    engine: Requests
    callee: Value
    args: tuple[Value, ...]
    named: dict[str, Value]
    node: Call
    scope: Scope

    @property
    def path(self) -> str:
        """What is called."""
        return self.callee.path if isinstance(self.callee, LibraryOf) else ""

    @property
    def carried(self) -> tuple[Value, ...]:
        """What the callee carries along: method and URL of a response, the base of a client."""
        args = self.callee.args if isinstance(self.callee, LibraryOf) else ()
        return tuple([one for one in args if not isinstance(one, TypeOf)])

    @property
    def types(self) -> tuple[Value, ...]:
        """The written type arguments."""
        args = self.callee.args if isinstance(self.callee, LibraryOf) else ()
        return tuple([one.value for one in args if isinstance(one, TypeOf)])

    @property
    def name(self) -> str:
        """The last name of the callee as it is written."""
        return _symbol(self.node)

    def arg(self, index: int, name: str = "") -> Value | None:
        """An argument by its position or its name."""
        if name and name in self.named:
            return self.named[name]
        return self.args[index] if index < len(self.args) else None

    def text(self, index: int, name: str = "") -> Value:
        """An argument as a text; a hole where it is none."""
        value = self.arg(index, name)
        nodes = self.node.args
        called = hint(nodes[index]) if index < len(nodes) else name
        return hole(called) if value is None else piece(value, called)

    def request(
        self, method: Value, url: Value, body: Value = PLAIN, *, sure: bool = True, kind: Value | None = None
    ) -> LibraryOf:
        """It sends a request; gives the response."""
        return self.engine.request(method, url, body, self.node, self.scope, sure, kind)


_HOW = {
    "json": "turned into JSON or back",
    "text": "printed",
    "bytes": "encoded",
    "reflection": "handled by reflection",
    "library": "handed to {}",
}
DYNAMIC = "(dynamic)"
"""Why a part of a body escapes whose key is computed; where it is a list it does not."""


def hint(node: Expr) -> str:
    """What an expression is called: its last names."""
    match node:
        case Name(word):
            return word
        case Member(obj, name):
            outer = hint(obj)
            return f"{outer}.{name}" if outer else name
        case Call(fn):
            return hint(fn)
        case Generic(base):
            return hint(base)
        case _:
            return ""


def _symbol(node: Call) -> str:
    return hint(node.fn).rpartition(".")[2]


def _named_at(node: Call) -> Pos:
    """Where the name of what is called stands."""
    fn = node.fn.base if isinstance(node.fn, Generic) else node.fn
    return fn.pos if isinstance(fn, Name | Member) else node.pos


def _is_whole(value: Value) -> bool:
    return isinstance(value, LibraryOf) and (is_json(value) or is_response(value))


def _start(node: Expr) -> Pos:
    return node.pos


def _holds_whole(value: Value) -> bool:
    return any(
        _is_whole(one) or (isinstance(one, ListOf) and _is_whole(one.item)) for one in alternatives(value)
    )


def _is_type_parameter(value: Value) -> bool:
    return type(value).__name__ == "TypeParameter"


def _can_hold_json(value: Value) -> bool:
    if isinstance(value, InstanceOf):
        return True
    return any(True for _ in jsons_in(value)) or any(
        isinstance(part, InstanceOf) for part in (*parts_of(value), *alternatives(value))
    )


def _owner_key(decl: FunctionDecl) -> str:
    return decl.owner.key if decl.owner is not None else ""


_MADE: dict[str, Callable[[Requests, Call, Scope], Value]] = {
    "(joined)": Requests._joined,
    "(formatted)": Requests._formatted,
    "(env)": Requests._variable,
    "(named)": Requests._quiet,
    "(base)": Requests._quiet,
    "(request)": Requests._quiet,
}
