"""The value of an expression."""

from __future__ import annotations

from collections.abc import Callable

from workspai_hooks.workspace.use_sites.infer.base import says_nothing
from workspai_hooks.workspace.use_sites.infer.calls import texts_in
from workspai_hooks.workspace.use_sites.infer.enclosing import Enclosing
from workspai_hooks.workspace.use_sites.infer.program import name_of
from workspai_hooks.workspace.use_sites.infer.scope import Frame, Scope
from workspai_hooks.workspace.use_sites.syntax import (
    Call,
    Each,
    Either,
    Expr,
    Generic,
    Index,
    Lambda,
    Member,
    Name,
    Named,
    New,
    Opaque,
    Pos,
    Record,
    Sequence,
    Signature,
    Struct,
    Text,
)
from workspai_hooks.workspace.use_sites.values import (
    CONTRACT,
    PLAIN,
    UNKNOWN,
    Choice,
    EnumOf,
    FunctionOf,
    InstanceOf,
    LibraryOf,
    ListOf,
    MapOf,
    MessageOf,
    Method,
    OneofOf,
    Plain,
    RecordOf,
    TupleOf,
    TypeOf,
    Unknown,
    Value,
    alternatives,
    join,
)

DEEPEST_VALUE = 400
"""Expressions that are looked into from within each other, through variables, functions and lambdas."""


QUALIFIER = "::"
"""Behind a name: it qualifies another one, so that no variable is meant (C++, Rust)."""


class Expressions(Enclosing):
    """Evaluation: one method a kind of node, by the table at the end."""

    def evaluate(self, node: Expr, scope: Scope, expected: Value | None = None) -> Value:
        """The value of an expression; what it uses is reported on the way."""
        if self._depth > DEEPEST_VALUE:
            return UNKNOWN
        self._depth += 1
        try:
            return _EVALUATE[type(node)](self, node, scope, expected)
        finally:
            self._depth -= 1

    def _name(self, node: Name, scope: Scope, expected: Value | None) -> Value:
        value = scope.lookup(node.id)
        return self.called(self.bare_name(node, scope), node, scope) if value is None else value

    def bare_name(self, node: Name, scope: Scope) -> Value:
        """What a bare name stands for, not called yet."""
        if node.id.endswith(QUALIFIER):
            return self._qualifier(node, scope)
        value = scope.lookup(node.id)
        if value is None and scope.file.dialect.enclosing:
            value = self.of_receivers(node, scope)
        elif value is None and scope.file.dialect.implicit_self:
            value = self._own(node, scope)
        return self.bare(node.id, node.pos, scope) if value is None else value

    def _qualifier(self, node: Name, scope: Scope) -> Value:
        """What stands before `::`: a module or a type, whatever variable is called like it."""
        marked = scope.file.bindings.get(node.id)
        if marked is not None:
            return self.bound(marked, node.pos, scope)
        plain = Name(node.id.removesuffix(QUALIFIER), node.pos)
        value = scope.lookup(plain.id)
        if not isinstance(value, TypeOf) and scope.file.dialect.implicit_self:
            value = self._own(plain, scope)
        value = value if isinstance(value, TypeOf) else self.bare(plain.id, node.pos, scope)
        known = scope.file.dialect.library.builtin(node.id) if value == UNKNOWN else None
        return value if known is None else known

    def _own(self, node: Name, scope: Scope) -> Value | None:
        """A member of the class that the code stands in. What a base outside of the repository may have
        under this name hides nothing that is known."""
        owner = scope.lookup("this")
        value = self.of_class(owner, node.id, node.pos, scope) if isinstance(owner, InstanceOf) else None
        return None if isinstance(value, Unknown | LibraryOf) else value

    def _member(self, node: Member, scope: Scope, expected: Value | None) -> Value:
        return self.called(self.method_named(node, scope), node, scope)

    def _call(self, node: Call, scope: Scope, expected: Value | None) -> Value:
        return self.call(node, scope)

    def _text(self, node: Text, scope: Scope, expected: Value | None) -> Value:
        dialect = scope.file.dialect
        if isinstance(expected, EnumOf) and (dialect.structural or dialect.symbols):
            return self.named_value(expected, node, scope)
        if isinstance(expected, OneofOf) and dialect.structural:
            return self.named_value(expected, node, scope)
        return PLAIN

    def _opaque(self, node: Opaque, scope: Scope, expected: Value | None) -> Value:
        """Operators and the like: lists that are added are a list, the rest is of no interest or unknown."""
        values = [self.settle(self.evaluate(part, scope)) for part in node.parts]
        for value in values:
            by_name = scope.file.dialect.structural or scope.file.dialect.symbols
            if isinstance(value, OneofOf) or (isinstance(value, EnumOf) and by_name):
                self._compared(value, node, scope)
        lists = [value for value in values if isinstance(value, ListOf)]
        if lists:
            return join(lists)
        return PLAIN if all(isinstance(value, Plain) for value in values) else UNKNOWN

    def _compared(self, case: OneofOf | EnumOf, node: Opaque, scope: Scope) -> None:
        """`m.WhichOneof("o") == "x"`: the string names a field; an enum's, one of its values."""
        owner = case.message if isinstance(case, OneofOf) else case.name
        for text in (text for part in node.parts for text in texts_in(part)):
            access = scope.file.dialect.naming.by_text(owner, text.value)
            self.access_or_none(access, text.value, text.pos, scope)

    def _sequence(self, node: Sequence, scope: Scope, expected: Value | None) -> Value:
        if isinstance(expected, OneofOf) and node.is_tuple and scope.file.dialect.symbols:
            return self.tagged(expected, node, scope)
        wanted = expected.item if isinstance(expected, ListOf) else None
        values = tuple(self.evaluate(item, scope, wanted) for item in node.items)
        if wanted is not None and scope.file.dialect.structural:
            values = tuple(self.suited(value, wanted, scope) for value in values)
        if node.is_tuple:
            return TupleOf(values)
        return ListOf(join(self.settle(value) for value in values) if values else PLAIN)

    def _either(self, node: Either, scope: Scope, expected: Value | None) -> Value:
        for condition in node.also:
            self.evaluate(condition, scope)
        values = [self.settle(self.evaluate(choice, scope, expected)) for choice in node.choices]
        return join(self.alike(values, scope) if scope.file.dialect.structural else values)

    def _generic(self, node: Generic, scope: Scope, expected: Value | None) -> Value:
        return self.generic(node, scope)

    def _signature(self, node: Signature, scope: Scope, expected: Value | None) -> Value:
        return self.signature_type(node, scope)

    def _struct(self, node: Struct, scope: Scope, expected: Value | None) -> Value:
        value = self.struct_type(node, scope)
        for variable in node.fields:
            if variable.type is not None:
                self.evaluate(variable.type, scope)
        return value

    def _index(self, node: Index, scope: Scope, expected: Value | None) -> Value:
        owner = self.shape(self.evaluate(node.obj, scope))
        for bound in node.bounds:
            self.evaluate(bound, scope)
        if node.key is None:
            return owner
        key = self.evaluate(node.key, scope)
        if scope.file.dialect.symbols:
            named = [self.by_symbol(one, node.key, scope) for one in alternatives(owner)]
            if any(value is not None for value in named):
                return join(value for value in named if value is not None)
        if isinstance(owner, TypeOf) and scope.file.dialect.structural:
            return self._indexed_type(owner.value, node.key, scope)
        if isinstance(key, TypeOf) and isinstance(owner, TypeOf | FunctionOf | LibraryOf):
            return self.instantiated(owner, (key.value,), scope)
        if scope.file.dialect.structural:
            self._by_key(owner, node, scope)
        return join(
            self._element(one, node) for one in (owner.values if isinstance(owner, Choice) else [owner])
        )

    def _by_key(self, owner: Value, node: Index, scope: Scope) -> None:
        """`message[key]`: any field may be meant."""
        if not isinstance(node.key, Text):
            for one in alternatives(owner):
                if isinstance(one, MessageOf):
                    self.escape(one, "reflection", "[]", node.pos, scope)

    def _indexed_type(self, owner: Value, key: Expr, scope: Scope) -> Value:
        """In types: `Cart["items"]`, `Items[number]`."""
        if isinstance(key, Text):
            return TypeOf(self.member(owner, key.value, key.pos, scope))
        inner = self.shape(owner)
        return TypeOf(inner.item if isinstance(inner, ListOf) else UNKNOWN)

    def _element(self, owner: Value, node: Index) -> Value:
        match owner:
            case ListOf(item):
                return item
            case MapOf(_, held):
                return held
            case RecordOf(entries, merged):
                if isinstance(node.key, Text):
                    return self.entry(owner, node.key.value)
                return join([*(self.settle(held) for _, held in entries), *([UNKNOWN] if merged else [])])
            case TupleOf(items):
                return join(items)
            case LibraryOf(path):
                return LibraryOf(f"{path}[]")
            case Method(compute=None, result=result):
                return self._element(self.shape(result), node)
            case Plain():
                return PLAIN
            case _:
                return UNKNOWN

    def _lambda(self, node: Lambda, scope: Scope, expected: Value | None) -> Value:
        """A function literal is walked where it stands, with the parameters that its taker promises."""
        if scope.file.dialect.structural:
            return self.function_literal(node, scope, expected)
        promised = self.promised(expected, scope)
        frame = Frame(None, scope.frame.decl if scope.frame is not None else None)
        inner = Scope(scope.file, scope, frame)
        if isinstance(expected, Method) and expected.receiver is not None:
            inner.declare("this", expected.receiver)
        values: list[Value] = []
        for index, parameter in enumerate(node.parameters):
            value = self.parameter_type(parameter, scope)
            if says_nothing(value) and index < len(promised):
                value = promised[index]
            values.append(value)
            inner.declare(parameter.name, value)
        written = self.results(node.returns, scope) if node.returns else UNKNOWN
        frame.expected = written
        self.walk(node.body, inner)
        returned = join(self.settle(value) for value in frame.returned) if frame.returned else PLAIN
        return Method(returned if says_nothing(written) else written, tuple(values))

    def _each(self, node: Each, scope: Scope, expected: Value | None) -> Value:
        inner = Scope(scope.file, scope)
        for targets, iterable in node.loops:
            self.bind_items(targets, self.evaluate(iterable, inner), False, inner)
        for condition in node.conditions:
            self.evaluate(condition, inner)
        wanted = expected.item if isinstance(expected, ListOf) else None
        return ListOf(self.settle(self.evaluate(node.element, inner, wanted)))

    def _record(self, node: Record, scope: Scope, expected: Value | None) -> Value:
        """A map literal; its keys are kept where they are strings and its type says nothing of its values."""
        if scope.file.dialect.structural:
            return self.object_literal(node, scope, expected)
        kind = self.shape(self.type_of(node.type, scope) if node.type is not None else expected or UNKNOWN)
        if isinstance(kind, MessageOf) and scope.file.dialect.symbols:
            return self.described(kind, node, scope)
        wanted = kind.value if isinstance(kind, MapOf) else kind.item if isinstance(kind, ListOf) else None
        record, values, named = RecordOf(()), [], True
        for key, held in node.entries:
            self.evaluate(key, scope, kind.key if isinstance(kind, MapOf) else None)
            value = self.settle(self.evaluate(held, scope, wanted))
            values.append(value)
            if isinstance(key, Text):
                record = record.with_entry(key.value, value)
            elif key == Opaque((), key.pos) and node.type is None:
                record = record.with_merged(value)
            else:
                named = False
        if isinstance(kind, MapOf | ListOf | InstanceOf) and not says_nothing(kind):
            return kind
        return self.kept(record) if named else MapOf(PLAIN, join(values))

    def _new(self, node: New, scope: Scope, expected: Value | None) -> Value:
        """A composite literal or an object with its initialiser."""
        written = expected or UNKNOWN if node.type is None else self.type_of(node.type, scope)
        kind = self.shape(written)
        if isinstance(kind, CONTRACT):
            for named in node.named:
                self.set_field(kind, named, scope)
            self._all(node, scope, None)
            return written
        match kind:
            case InstanceOf():
                return self._new_instance(kind, node, scope)
            case ListOf(item):
                values = [self.settle(value) for value in self._all(node, scope, item)]
                return ListOf(join(values)) if says_nothing(kind) and values else written
            case MapOf(_, held):
                self._all(node, scope, held)
                return written
            case _:
                return self._new_unknown(written, node, scope)

    def _all(self, node: New, scope: Scope, wanted: Value | None) -> list[Value]:
        """The parts of a literal that are not fields of a message."""
        parts = [*node.args, *node.items]
        if wanted is not None:
            parts.extend(named.value for named in node.named)
        return [self.evaluate(part, scope, wanted) for part in parts]

    def _new_unknown(self, written: Value, node: New, scope: Scope) -> Value:
        record = RecordOf(())
        for part in (*node.args, *node.items):
            self.evaluate(part, scope)
        for named in node.named:
            if written == UNKNOWN:
                self.mention(named.name, named.pos, scope)
            record = record.with_entry(named.name, self.settle(self.evaluate(named.value, scope)))
        return record if node.type is None and node.named else written

    def _new_instance(self, kind: InstanceOf, node: New, scope: Scope) -> Value:
        """A struct or object of the repository: fields whose type says nothing learn what they hold."""
        args = tuple(self.evaluate(arg, scope) for arg in node.args)
        self.construct(kind, args, {}) if node.args else None
        order = [
            Named(name, item, item.pos) for name, item in zip(self._order(kind), node.items, strict=False)
        ]
        for named in (*node.named, *order):
            wanted = self._field(kind, named.name, scope)
            value = self.settle(self.evaluate(named.value, scope, wanted))
            self.learn_field(kind, named.name, value)
        for item in node.items[len(order) :]:
            self.evaluate(item, scope)
        return kind

    def _order(self, kind: InstanceOf) -> list[str]:
        """Names of a struct's fields as they are written, embedded ones first or among them by place."""
        declared = self.program.classes.get(kind.key)
        if declared is None:
            return []
        places = [(base.pos, name_of(base)) for base in declared.bases()]
        places += [(variable.pos, name) for name, (variable, _) in declared.variables.items()]
        return [name for _, name in sorted(places)]

    def _field(self, kind: InstanceOf, name: str, scope: Scope) -> Value | None:
        """The written type of a field or embedded type; C#'s initialisers also set what a base declares."""
        declared = self.program.classes.get(kind.key)
        if declared is None:
            return None
        if name in declared.variables:
            return self.field_value(declared, name, kind)
        for base in declared.bases():
            value = self.base_value(declared, base, kind)
            if name_of(base) == name:
                return value
            if isinstance(value, InstanceOf):
                found = self._field(value, name, scope)
                if found is not None:
                    return found
            elif isinstance(value, CONTRACT):
                access = scope.file.dialect.naming.argument(value, name)
                if access is not None:
                    return access.value
        return None

    def field_type(self, kind: InstanceOf, name: str, pos: Pos, scope: Scope) -> Value | None:
        """What a field of a class takes; one that a message brings among its bases is used by this."""
        if self.is_open_field(kind, name):
            return None
        found = self.of_class(kind, name, pos, scope)
        return None if found in (None, UNKNOWN) else found

    def bind_items(self, targets: tuple[Expr, ...], source: Value, keyed: bool, scope: Scope) -> None:
        """Give the targets of a loop what they hold."""
        raise NotImplementedError


_EVALUATE: dict[type, Callable[..., Value]] = {
    Name: Expressions._name,
    Member: Expressions._member,
    Call: Expressions._call,
    New: Expressions._new,
    Generic: Expressions._generic,
    Index: Expressions._index,
    Text: Expressions._text,
    Sequence: Expressions._sequence,
    Record: Expressions._record,
    Either: Expressions._either,
    Each: Expressions._each,
    Lambda: Expressions._lambda,
    Signature: Expressions._signature,
    Struct: Expressions._struct,
    Opaque: Expressions._opaque,
}
