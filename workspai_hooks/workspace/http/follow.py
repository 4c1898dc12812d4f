"""Follows types like use_sites/infer, with requests, texts and JSON among the values."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from workspai_hooks.workspace.http.bodies import holds_whole, is_json, is_whole, item_of, jsons_in
from workspai_hooks.workspace.http.calls_generated import called, of_library
from workspai_hooks.workspace.http.clients import COMPONENTS, PICKED, environment, formatted, is_number
from workspai_hooks.workspace.http.events import DYNAMIC, SHOWN, Escaped
from workspai_hooks.workspace.http.holding import Holding
from workspai_hooks.workspace.http.implementations import Implementations
from workspai_hooks.workspace.http.invocation import Invocation
from workspai_hooks.workspace.http.names import hint, named_at, symbol_of
from workspai_hooks.workspace.http.origins import has_origin, made_of, origin_of
from workspai_hooks.workspace.http.texts import is_text, joined, piece, says_text, text
from workspai_hooks.workspace.use_sites.infer.base import refined, says_nothing
from workspai_hooks.workspace.use_sites.infer.program import FunctionDecl
from workspai_hooks.workspace.use_sites.infer.scope import Scope
from workspai_hooks.workspace.use_sites.infer.types import with_arguments
from workspai_hooks.workspace.use_sites.syntax import (
    Call,
    Expr,
    Generic,
    Index,
    Member,
    Name,
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
    TupleOf,
    TypeOf,
    TypeParameter,
    Unknown,
    Value,
    alternatives,
    join,
)


class Requests(Holding):
    """Evaluation and calls."""

    @cached_property
    def implementations(self) -> Implementations:
        """The methods that something implements."""
        return Implementations(self)

    def evaluate(self, node: Expr, scope: Scope, expected: Value | None = None) -> Value:
        """As it is; texts are values, and where JSON goes to a place of a type it is of this type."""
        if isinstance(node, Text):
            return text(node.value)
        outer, self._scope = self._scope, scope
        try:
            if isinstance(node, Call) and isinstance(node.fn, Name) and node.fn.id in _MADE:
                return _MADE[node.fn.id](self, node, scope)
            value = super().evaluate(node, scope, expected)
        finally:
            self._scope = outer
        if isinstance(node, Record) and isinstance(value, RecordOf):
            self.literals[self.origin_of(node, scope)] = node
            if not value.origins:
                value = RecordOf(value.entries, value.merged, (self.origin_of(node, scope),))
        if expected is not None and holds_whole(value) and expected != PLAIN and not says_nothing(expected):
            made = self.decode(expected, value)
            return made if has_origin(made) else value
        return value

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
            getter = clients.getter(owner, name)
            if getter is not None:
                return Method(self.touch(owner, getter, pos, scope, False))
            known = clients.of_json(owner, name)
            return self.touch(owner, name, pos, scope, certain) if known is None else known
        if isinstance(owner, LibraryOf) and is_text(owner):
            return self.clients(scope).of_text(owner, name)
        return super().member(owner, name, pos, scope, certain)

    def _of_library(self, owner: LibraryOf, name: str, pos: Pos, scope: Scope) -> Value:
        known = self.clients(scope).member(owner, name)
        if known is not None:
            self.note_taken(owner, known)
            return known
        if owner.path.startswith("("):
            return LibraryOf(f"{owner.path}.{name}", owner.args)
        return super()._of_library(owner, name, pos, scope)

    def _element(self, owner: Value, node: Index) -> Value:
        if isinstance(owner, LibraryOf) and self._scope is not None:
            key = node.key.value if isinstance(node.key, Text) else None
            if is_json(owner):
                if key is not None and node.key is not None:
                    return self.touch(owner, key, node.key.pos, self._scope)
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
        elif key is not None and not is_number(key) and holds_whole(self.settle(value)):
            held = self.settle(self.evaluate(obj, scope))
            if not isinstance(held, ListOf | MapOf):
                self.leaves(value, "kept under a computed key", obj.pos, scope)
        super()._assign_index(obj, key, value, scope)

    def _by_any_key(self, owner: LibraryOf, pos: Pos, key: Expr | None) -> None:
        """A list's item, or a property that is known at run time only: which, its description knows."""
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

    def assign(self, target: Expr, value: Value, scope: Scope, declares: bool) -> None:
        """As it is; a client may be given the base of its URLs."""
        super().assign(target, value, scope, declares)
        in_component = scope.file.path.endswith(COMPONENTS)
        if in_component and isinstance(target, Name) and _is_top(target.id, scope, declares):
            self.leaves(value, SHOWN, target.pos, scope)
        if not isinstance(target, Member):
            return
        owner = self.settle(self.evaluate(target.obj, scope))
        foreign = isinstance(owner, LibraryOf) and not owner.path.startswith(("(", "'"))
        if (foreign or isinstance(owner, Unknown | Plain)) and holds_whole(self.settle(value)):
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

    def _result(
        self, callee: Value, args: tuple[Value, ...], named: dict[str, Value], node: Call, scope: Scope
    ) -> Value:
        if isinstance(callee, FunctionOf):
            decl = self.overload(self.program.functions[callee.key], args, callee)
            self.note_caller(decl, callee, args, named, node, scope)
            self.sink.called.add(decl.key)
            given = self.clients(scope).declared(Invocation(self, callee, args, named, node, scope), decl)
            if given is None and decl.file.path in self.generated:
                given = called(Invocation(self, callee, args, named, node, scope), decl)
            if given is not None:
                return given
            result = super()._result(callee, args, named, node, scope)
            self._fill_arguments(decl, callee, args, named, node, scope)
            return result
        if isinstance(callee, TypeOf) and isinstance(callee.value, InstanceOf):
            self.note_made(callee.value, node.args, node.named, scope)
        elif isinstance(callee, Unknown | Plain):
            given = self.clients(scope).guessed(Invocation(self, UNKNOWN, args, named, node, scope))
            if given is not None:
                return given
            if isinstance(node.fn, Name | Member) and not self.clients(scope).is_harmless(hint(node.fn)):
                for arg in args:
                    self._handed_on(arg, symbol_of(node), node, scope)
        return super()._result(callee, args, named, node, scope)

    def _fill_arguments(
        self,
        decl: FunctionDecl,
        callee: FunctionOf,
        args: tuple[Value, ...],
        named: dict[str, Value],
        node: Call,
        scope: Scope,
    ) -> None:
        """What a function decodes bodies into is made of them from now on: `get("/orders/1", &order)`."""
        before, ordered = self._given(decl, callee, args, named)
        for index, (value, target) in enumerate(zip(args, node.args, strict=False), before):
            known = self.knowledge.get(("decodes", decl.key, str(index)))
            if known is not None and isinstance(target, Name | Member):
                self.fill(target, value, with_arguments(known, decl.key, ordered), scope)

    def fill(self, target: Expr, value: Value, source: Value, scope: Scope) -> None:
        """A variable holds what was made of a body."""
        made = made_of(self.settle(value), source)
        if has_origin(made):
            self.update(target, made, scope)

    def call_function(
        self, function: FunctionOf, args: tuple[Value, ...], named: dict[str, Value] | None = None
    ) -> Value:
        """As it is; a result of a type that nobody knows is what was returned, and what a method gives of an
        instance that is made of a body is a part of this."""
        self.sink.called.add(function.key)
        result = super().call_function(function, args, named)
        decl = self.program.functions[function.key]
        if not decl.node.body and self.implementations.lacks(decl):
            for value in (*args, *(named or {}).values()):
                self.leaves_by(decl, value)
        seen = self.knowledge.get(("returns", function.key, ""))
        owner = function.receiver
        source = origin_of(owner) if isinstance(owner, InstanceOf) else None
        if source is not None and decl.owner is not None:
            field, sets = self.clients_of(decl.owner).field_of(decl.owner, decl.node.name)
            if not sets and field in decl.owner.variables:
                return self.part_of(result, decl.owner, field, source)
        if seen is None or has_origin(result):
            return result
        bodies = list(jsons_in(seen))
        if not bodies and not has_origin(seen):
            return result
        own = (owner or UNKNOWN,) if self._takes_self(decl, function) else ()
        given = with_arguments(seen, decl.key, self._in_order(decl, (*own, *args), named or {}))
        return _known_better(result, given)

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
        made = clients.picked(it) if callee.path.startswith(PICKED) else clients.call(it) or of_library(it)
        if made is not None:
            return made
        given = [self.settle(value) for value in (*args, *named.values())]
        whole = [one for value in given for one in alternatives(value) if is_whole(one)]
        kinds = [one.value for one in (*given, *callee.args) if isinstance(one, TypeOf)]
        if whole and not callee.path.startswith("("):
            kind = next((one for one in kinds if not says_nothing(one) and one != PLAIN), None)
            if kind is not None:
                return self.decode(kind, join(whole))
        if clients.is_harmless(callee.path):
            for value in given:
                self.look_at(value)
        elif scope.file.dialect.library.function(callee.path) is None:
            for value in given:
                self._handed_on(value, callee.path.rpartition(".")[2] or callee.path, node, scope)
        if callee.path.startswith("("):
            return LibraryOf(f"{callee.path}()", callee.args)
        return super()._call_library(callee, args, named, node, scope)

    def _handed_on(self, value: Value, to: str, node: Call, scope: Scope) -> None:
        self.leaves(value, f"handed to {to}", named_at(node), scope)

    def _call_method(
        self, method: Method, args: tuple[Value, ...], named: dict[str, Value], node: Call, scope: Scope
    ) -> Value:
        """Functions of containers take JSON as the list that it must be."""
        result = super()._call_method(method, args, named, node, scope)
        if self.clients(scope).is_harmless(symbol_of(node)):
            for arg in args:
                self.look_at(self.settle(arg))
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


def _is_top(name: str, scope: Scope, declares: bool) -> bool:
    """Whether a variable is one of the file's, not of a function."""
    at: Scope = scope
    while at.parent is not None:
        if declares or name in at.names:
            return False
        at = at.parent
    return True


def _known_better(declared: Value, given: Value) -> Value:
    """What a function is written to give, with what is known of the body that it comes of."""
    if isinstance(declared, TypeParameter):
        return given
    if (
        isinstance(declared, TupleOf)
        and isinstance(given, TupleOf)
        and len(declared.items) == len(given.items)
    ):
        return TupleOf(
            tuple([_known_better(one, other) for one, other in zip(declared.items, given.items, strict=True)])
        )
    for one in alternatives(given):
        if isinstance(one, LibraryOf) and is_json(one):
            return made_of(declared, one)
    return refined(declared, given)


_MADE: dict[str, Callable[[Requests, Call, Scope], Value]] = {
    "(joined)": Requests._joined,
    "(formatted)": Requests._formatted,
    "(env)": Requests._variable,
    "(named)": Requests._quiet,
    "(base)": Requests._quiet,
    "(request)": Requests._quiet,
}
