"""Follows statements: bindings, loops, returns, and the declarations that they stand in."""

from __future__ import annotations

from collections.abc import Callable

from workspai_hooks.workspace.use_sites.infer.base import refined, says_nothing
from workspai_hooks.workspace.use_sites.infer.calls import is_open
from workspai_hooks.workspace.use_sites.infer.expressions import Expressions
from workspai_hooks.workspace.use_sites.infer.members import DEEPEST_BASE
from workspai_hooks.workspace.use_sites.infer.program import ClassDecl, File, FunctionDecl, VariableDecl
from workspai_hooks.workspace.use_sites.infer.scope import Frame, Scope
from workspai_hooks.workspace.use_sites.naming import Access
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Class,
    Do,
    Expr,
    Function,
    Index,
    Loop,
    Member,
    Name,
    Opaque,
    Return,
    Sequence,
    Stmt,
    Text,
)
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    Choice,
    EntryOf,
    FunctionOf,
    InstanceOf,
    LibraryOf,
    ListOf,
    MapOf,
    Method,
    ParameterOf,
    Plain,
    RecordOf,
    ServerOf,
    StreamOf,
    TupleOf,
    TypeOf,
    TypeParameter,
    Value,
    alternatives,
    join,
)

DEEPEST_LOOP = 3
"""Loops within each other that are walked twice: each level doubles the work."""


class Statements(Expressions):
    """Walking: one method a kind of statement, by the table at the end."""

    _repeated = 0

    def walk(self, statements: tuple[Stmt, ...], scope: Scope) -> None:
        """Follow statements in order; functions inside a function are known before they stand there."""
        for statement in statements:
            if isinstance(statement, Function) and scope.parent is not None:
                decl = self.program.declare_function(scope.file, statement, None, scope)
                scope.declare(statement.name, FunctionOf(decl.key))
        for statement in statements:
            _WALK[type(statement)](self, statement, scope)

    def walk_imports(self, file: File) -> None:
        """What a file's imports use by themselves."""
        scope = Scope(file, None, Frame())
        for binding, pos in file.imported:
            access = Access(binding.module, binding.touches, "import", binding.confidence)
            self.take(access, binding.name, pos, scope)

    def _do(self, node: Do, scope: Scope) -> None:
        self.evaluate(node.value, scope)

    def _block(self, node: Block, scope: Scope) -> None:
        """A scope of its own; where blocks are none, a branch that may not have run."""
        if scope.file.dialect.static:
            self.walk(node.body, Scope(scope.file, scope))
            return
        before = dict(scope.names)
        self.walk(node.body, scope)
        for name, value in before.items():
            if scope.names[name] is not value:
                scope.names[name] = self.kept(join((value, scope.names[name])))

    def _return(self, node: Return, scope: Scope) -> None:
        frame = scope.frame
        wanted = frame.expected if frame is not None else None
        several = wanted.items if isinstance(wanted, TupleOf) and len(node.values) > 1 else None
        values = tuple(
            self.evaluate(value, scope, several[i] if several and i < len(several) else wanted)
            for i, value in enumerate(node.values)
        )
        if frame is not None and values:
            frame.returned.append(values[0] if len(values) == 1 else TupleOf(values))

    def _loop(self, node: Loop, scope: Scope) -> None:
        static = scope.file.dialect.static
        inner = Scope(scope.file, scope) if static else scope
        self.bind_items(node.targets, self.evaluate(node.iterable, scope), node.keyed, inner)
        before = dict(inner.names)
        self.walk(node.body, inner)
        if not static:
            self._again(node, before, inner)

    def _again(self, node: Loop, before: dict[str, Value], scope: Scope) -> None:
        """A second time through a loop, where the first one changed what a name holds."""
        changed = False
        for name, value in before.items():
            if scope.names[name] is not value:
                joined = self.kept(join((value, scope.names[name])))
                changed = changed or joined != value
                scope.names[name] = joined
        if changed and self._repeated < DEEPEST_LOOP:
            self._repeated += 1
            self.walk(node.body, scope)
            self._repeated -= 1

    def bind_items(self, targets: tuple[Expr, ...], source: Value, keyed: bool, scope: Scope) -> None:
        """Give the targets of a loop what they hold."""
        pairs = scope.file.dialect.pairs
        values = self._keyed(source) if keyed else self._unpacked(self._item(source, pairs), len(targets))
        for index, target in enumerate(targets):
            self.assign(target, values[index] if index < len(values) else PLAIN, scope, declares=True)

    def _keyed(self, source: Value) -> tuple[Value, ...]:
        """Key and value of Go's range."""
        shape = self.shape(source)
        match shape:
            case ListOf(item, indexed):
                return (PLAIN, item) if indexed else item.items if isinstance(item, TupleOf) else (item,)
            case RecordOf():
                raw = source if isinstance(source, ParameterOf) else shape
                return (EntryOf(raw, "key"), EntryOf(raw, "value"))
            case MapOf(key, held):
                if isinstance(source, ParameterOf) and says_nothing(shape):
                    return (EntryOf(source, "key"), EntryOf(source, "value"))
                return (key, held)
            case Method(parameters=(Method() as yields, *_)):
                return yields.parameters
            case Method(compute=None, result=result) if result != PLAIN:
                return self._keyed(result)
            case Plain():
                return (PLAIN, PLAIN)
            case LibraryOf(path):
                return (LibraryOf(f"{path}[]"),) * 2
            case _:
                return (UNKNOWN, UNKNOWN)

    def _item(self, source: Value, pairs: bool) -> Value:
        """What a loop without keys gives; `pairs`: of a map key and value."""
        found: list[Value] = []
        for one in alternatives(self.shape(source)):
            match one:
                case ListOf(item):
                    found.append(item)
                case MapOf(key, held):
                    found.append(TupleOf((key, held)) if pairs else key)
                case TupleOf(items):
                    found.extend(items)
                case StreamOf(receives):
                    found.append(receives)
                case RecordOf() | Plain():
                    found.append(PLAIN)
                case LibraryOf(path):
                    found.append(LibraryOf(f"{path}[]"))
                case _:
                    found.append(UNKNOWN)
        return join(found)

    def _unpacked(self, value: Value, count: int) -> tuple[Value, ...]:
        """One value for several targets."""
        if count == 1:
            return (value,)
        match self.shape(value):
            case TupleOf(items):
                return items
            case ListOf(item):
                return (item,) * count
            case Choice(values) if all(isinstance(one, TupleOf | ListOf) for one in values):
                return tuple(
                    join(part) for part in zip(*(self._unpacked(one, count) for one in values), strict=False)
                )
            case _:
                return (value, *(UNKNOWN if value == UNKNOWN else PLAIN for _ in range(count - 1)))

    def _bind(self, node: Bind, scope: Scope) -> None:
        written = None if node.type is None else self.type_of(node.type, scope)
        if len(node.values) == 1 and len(node.targets) > 1:
            values = self._unpacked(self.evaluate(node.values[0], scope, written), len(node.targets))
        else:
            values = tuple(
                self.evaluate(value, scope, written if written is not None else self._wanted(target, scope))
                for target, value in zip(node.targets, node.values, strict=False)
            )
        for index, target in enumerate(node.targets):
            value = values[index] if index < len(values) else UNKNOWN if written is None else written
            if written is not None:
                value = refined(written, value)
            self.assign(target, value, scope, node.declares)

    def _wanted(self, target: Expr, scope: Scope) -> Value | None:
        """What an untyped literal is that is assigned here: the type of the name."""
        return scope.lookup(target.id) if isinstance(target, Name) else None

    def assign(self, target: Expr, value: Value, scope: Scope, declares: bool) -> None:
        """A value for a target of any kind."""
        match target:
            case Name(name):
                self._assign_name(name, value, scope, declares)
            case Sequence(items):
                for inner, part in zip(items, self._unpacked(value, len(items)), strict=False):
                    self.assign(inner, part, scope, declares)
            case Member(obj, name, pos):
                owner = self.settle(self.evaluate(obj, scope))
                self._learn_attribute(owner, name, value)
                self.member(owner, name, pos, scope)
            case Index(obj, key):
                self._assign_index(obj, key, value, scope)
            case Opaque(parts):
                for piece in parts:
                    self.assign(piece, UNKNOWN, scope, declares)
            case _:
                self.evaluate(target, scope)

    def _assign_name(self, name: str, value: Value, scope: Scope, declares: bool) -> None:
        if scope.parent is None:
            self._learn_variable(name, value, scope)
            if not scope.file.dialect.static:
                scope.declare(name, value)
            return
        if not scope.file.dialect.static and name in scope.names:
            scope.declare(name, value)
            return
        if declares:
            before = scope.names.get(name)
            keeps = before is not None and scope.file.dialect.static and value in (UNKNOWN, PLAIN)
            scope.declare(name, before if keeps and before is not None else value)
            return
        known = scope.lookup(name)
        if known is None:
            self._learn_variable(name, value, scope)
        elif not scope.file.dialect.static or says_nothing(known) or known == PLAIN:
            scope.assign(name, self.kept(join((known, value))))

    def _learn_variable(self, name: str, value: Value, scope: Scope) -> None:
        declared = self.program.units[scope.file.unit].names.get(name)
        if isinstance(declared, VariableDecl):
            if scope.file.dialect.static and not says_nothing(self.variable_value(declared)):
                return
            self.knowledge.learn(("variable", declared.key, ""), self.settle(value))
        elif scope.file.dialect.static is False:
            scope.declare(name, value)

    def _learn_attribute(self, owner: Value, name: str, value: Value) -> None:
        for one in alternatives(owner):
            inner = one.value if isinstance(one, TypeOf) else one
            if isinstance(inner, InstanceOf) and value != UNKNOWN:
                self.learn_field(inner, name, value)

    def _assign_index(self, obj: Expr, key: Expr | None, value: Value, scope: Scope) -> None:
        """`obj[key] = value`: containers whose type says nothing learn what they hold."""
        raw = self.evaluate(obj, scope)
        at = PLAIN if key is None else self.evaluate(key, scope)
        before = self.shape(raw)
        after: Value | None = None
        if isinstance(at, EntryOf) and isinstance(value, EntryOf) and at.source == value.source:
            base = before if isinstance(before, RecordOf) else RecordOf(())
            after = base.with_merged(at.source)
        elif isinstance(before, RecordOf) or (isinstance(before, MapOf) and says_nothing(before)):
            base = before if isinstance(before, RecordOf) else RecordOf(())
            after = base.with_entry(key.value, self.settle(value)) if isinstance(key, Text) else None
        elif isinstance(before, ListOf) and before.item in (UNKNOWN, PLAIN):
            after = ListOf(self.settle(value), before.indexed)
        elif isinstance(before, MapOf) and before.value in (UNKNOWN, PLAIN):
            after = MapOf(before.key, self.settle(value))
        if after is not None and isinstance(obj, Name | Member):
            self.update(obj, self.kept(after), scope)

    def update(self, target: Expr, value: Value, scope: Scope) -> None:
        """An assignment that replaces what a target was."""
        if isinstance(target, Name):
            if not scope.assign(target.id, value):
                self._learn_variable(target.id, value, scope)
        elif isinstance(target, Member):
            self._learn_attribute(self.settle(self.evaluate(target.obj, scope)), target.name, value)

    def _class(self, node: Class, scope: Scope) -> None:
        """A class: its types, its bases, what it implements, its methods."""
        unit = self.program.units[scope.file.unit]
        declared = unit.names.get(node.name) if scope.parent is None else None
        if not isinstance(declared, ClassDecl):
            declared = self.program.declare_class(scope.file, node)
            if scope.parent is not None:
                declared.scope = scope
                scope.declare(node.name, self.class_value(declared))
        inner = self.class_body(declared)
        inner.file = scope.file
        if node.alias is not None:
            self.evaluate(node.alias, inner)
        servers = [server for base in node.bases for server in self._servers(base, inner)]
        owner = InstanceOf(declared.key, tuple(TypeParameter(p) for p in declared.type_parameters))
        for variable in node.fields:
            written = None if variable.type is None else self.evaluate(variable.type, inner)
            if variable.value is not None:
                wanted = written.value if isinstance(written, TypeOf) else None
                self.evaluate(variable.value, inner, wanted)
        for statement in node.body:
            self._class_statement(statement, declared, owner, servers, inner)

    def _class_statement(
        self, statement: Stmt, declared: ClassDecl, owner: InstanceOf, servers: list[ServerOf], inner: Scope
    ) -> None:
        match statement:
            case Function():
                decl = self.program.declare_function(inner.file, statement, declared, declared.scope)
                for server in servers:
                    self._handles(server, decl, inner)
                self.walk_function(decl, owner)
            case Class(name):
                if name in declared.nested:
                    declared.nested[name].scope = inner
                self._class(statement, Scope(inner.file, inner))
            case Bind():
                self._bind(statement, Scope(inner.file, inner))
            case _:
                self.walk((statement,), Scope(inner.file, inner))

    def _servers(self, base: Expr, scope: Scope) -> list[ServerOf]:
        """The services that a base makes a class implement."""
        found = []
        for one in alternatives(self.type_of(base, scope)):
            if isinstance(one, ServerOf):
                self.implements(one.service, "derives", getattr(base, "pos", (1, 1)), scope.file)
                found.append(one)
            elif isinstance(one, InstanceOf):
                found.extend(self._inherited_servers(one))
        return found

    def _inherited_servers(self, owner: InstanceOf, depth: int = DEEPEST_BASE) -> list[ServerOf]:
        """The services that the bases of a class implement, or leave to it."""
        declared = self.program.classes.get(owner.key)
        if declared is None or depth == 0:
            return []
        values = [self.base_value(declared, base, owner) for base in declared.bases()]
        found = [value for value in values if isinstance(value, ServerOf)]
        for value in values:
            if isinstance(value, InstanceOf):
                found.extend(self._inherited_servers(value, depth - 1))
        return found

    def _handles(self, server: ServerOf, decl: FunctionDecl, scope: Scope) -> None:
        """A method that implements an rpc: it is a use, and its parameters get the rpc's types."""
        access = scope.file.dialect.naming.handler(server, decl.node.name)
        if access is None:
            return
        value = self.take(access, decl.node.name, decl.node.pos, scope)
        if isinstance(value, Method):
            first = 1 if decl.file.dialect.explicit_self else 0
            for index, given in enumerate(value.parameters):
                self.knowledge.learn(("argument", decl.key, str(index + first)), given)

    def _function(self, node: Function, scope: Scope) -> None:
        if scope.parent is None:
            decl = self.program.declare_function(scope.file, node)
            owner = decl.owner
            args = tuple(TypeParameter(p) for p in self.receiver_parameters(decl))
            self.walk_function(decl, None if owner is None else InstanceOf(owner.key, args))
            return
        decl = self.program.declare_function(scope.file, node, None, scope)
        scope.declare(node.name, FunctionOf(decl.key))
        self.walk_function(decl, None)

    def walk_function(self, decl: FunctionDecl, receiver: Value | None) -> None:
        """A function's body, with parameters as written or as callers decide; what it returns is learnt."""
        parameters, written = self.signature(decl)
        frame = Frame(written, decl)
        scope = Scope(decl.file, self.home(decl), frame)
        node = decl.node
        if node.receiver is not None:
            given = self.parameter_type(node.receiver, self.home(decl)) if receiver is None else receiver
            scope.declare(node.receiver.name, given)
        elif isinstance(receiver, InstanceOf):
            self._declare_owner(receiver, scope)
        for index, (parameter, kind) in enumerate(zip(node.parameters, parameters, strict=True)):
            value = kind
            if index == 0 and receiver is not None and decl.file.dialect.explicit_self:
                value = self._self(decl, receiver, kind)
            elif is_open(kind):
                value = ParameterOf(decl.key, index)
                self.declared[value] = kind
            scope.declare(parameter.name, value)
        self.walk(node.body, scope)
        returned = join(frame.returned) if frame.returned else PLAIN
        self.knowledge.learn(("returns", decl.key, ""), returned)

    def _declare_owner(self, owner: InstanceOf, scope: Scope) -> None:
        """What a method calls its own instance, and what is inherited."""
        declared = self.program.classes.get(owner.key)
        bases = [self.base_value(declared, base, owner) for base in declared.bases()] if declared else []
        inherited = join(base for base in bases if isinstance(base, InstanceOf | ServerOf))
        if scope.file.dialect.implicit_self:
            scope.declare("this", owner)
            scope.declare("base", inherited)
        elif scope.file.dialect.explicit_self:
            scope.declare("super", Method(inherited))

    def _self(self, decl: FunctionDecl, receiver: Value, kind: Value) -> Value:
        if "staticmethod" in decl.node.decorators:
            return kind if not is_open(kind) else ParameterOf(decl.key, 0)
        return TypeOf(receiver) if "classmethod" in decl.node.decorators else receiver


_WALK: dict[type, Callable[..., None]] = {
    Bind: Statements._bind,
    Loop: Statements._loop,
    Block: Statements._block,
    Return: Statements._return,
    Do: Statements._do,
    Function: Statements._function,
    Class: Statements._class,
}
