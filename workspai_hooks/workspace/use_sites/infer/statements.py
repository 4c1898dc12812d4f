"""Follows statements: bindings, loops, returns, and the declarations that they stand in."""

from __future__ import annotations

from collections.abc import Callable

from workspai_hooks.workspace.use_sites.infer.base import refined, says_nothing
from workspai_hooks.workspace.use_sites.infer.declarations import Declarations
from workspai_hooks.workspace.use_sites.infer.program import File, VariableDecl
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
    StreamOf,
    TupleOf,
    TypeOf,
    Value,
    alternatives,
    join,
)

DEEPEST_LOOP = 3
"""Loops within each other that are walked twice: each level doubles the work."""


class Statements(Declarations):
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
        if scope.file.dialect.static or scope.file.dialect.blocks:
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
        if wanted is not None and scope.file.dialect.structural:
            values = tuple(self.suited(value, wanted, scope) for value in values)
        self.given(node.values, scope)
        if frame is not None and values:
            frame.returned.append(values[0] if len(values) == 1 else TupleOf(values))

    def _loop(self, node: Loop, scope: Scope) -> None:
        static = scope.file.dialect.static
        inner = Scope(scope.file, scope) if static or scope.file.dialect.blocks else scope
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
            case InstanceOf() as instance if parts := self._components(instance):
                return parts
            case Choice(values) if all(isinstance(one, TupleOf | ListOf) for one in values):
                return tuple(
                    join(part) for part in zip(*(self._unpacked(one, count) for one in values), strict=False)
                )
            case _:
                return (value, *(UNKNOWN if value == UNKNOWN else PLAIN for _ in range(count - 1)))

    def _components(self, instance: InstanceOf) -> tuple[Value, ...]:
        """The fields of a data class, in order, where it can be taken apart."""
        declared = self.program.classes.get(instance.key)
        if declared is None or not (declared.file.dialect.enclosing and declared.file.dialect.pairs):
            return ()
        return tuple([self.field_value(declared, name, instance) for name in declared.variables])

    def _bind(self, node: Bind, scope: Scope) -> None:
        written = None if node.type is None else self.type_of(node.type, scope)
        self.given(node.values, scope)
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
                if scope.file.dialect.structural:
                    value = self.suited(value, written, scope)
                value = refined(written, value)
            self.assign(target, value, scope, node.declares)

    def _wanted(self, target: Expr, scope: Scope) -> Value | None:
        """What an untyped literal is that is assigned here: the type of the name."""
        if isinstance(target, Member) and scope.file.dialect.structural:
            return self.evaluate(target, scope)
        return scope.lookup(target.id) if isinstance(target, Name) else None

    def assign(self, target: Expr, value: Value, scope: Scope, declares: bool) -> None:
        """A value for a target of any kind."""
        match target:
            case Name(name) if not declares and scope.file.dialect.enclosing and scope.lookup(name) is None:
                self.set_member(target, value, scope)
            case Name(name):
                self._assign_name(name, value, scope, declares)
            case Sequence(items):
                for inner, part in zip(items, self._unpacked(value, len(items)), strict=False):
                    self.assign(inner, part, scope, declares)
            case Member(obj, name, pos):
                owner = self.settle(self.evaluate(obj, scope))
                self._learn_attribute(owner, name, value)
                held = self.member(owner, name, pos, scope)
                self.written(pos, scope)
                if scope.file.dialect.structural:
                    self.suited(value, held, scope)
                    if isinstance(owner, RecordOf) and isinstance(obj, Name | Member):
                        self.update(obj, self.kept(owner.with_entry(name, self.settle(value))), scope)
            case Index(obj, key):
                self._assign_index(obj, key, value, scope)
            case Opaque(parts):
                for piece in parts:
                    self.assign(piece, UNKNOWN, scope, declares)
            case _:
                self.evaluate(target, scope)

    def set_member(self, target: Name, value: Value, scope: Scope) -> None:
        """`name = value` where it is a member of what is around, or a variable of the file."""
        for receiver in scope.every("this"):
            owner = self.settle(receiver)
            if self.of_receivers(target, scope) is not None:
                self.written(target.pos, scope)
                self._learn_attribute(owner, target.id, value)
                return
        self._assign_name(target.id, value, scope, False)

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
        for part in (obj, key):
            if isinstance(part, Member | Text):
                self.written(part.pos, scope)
        at = PLAIN if key is None else self.evaluate(key, scope)
        before = self.shape(raw)
        if scope.file.dialect.structural:
            self._fit_element(value, before, scope)
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

    def _fit_element(self, value: Value, owner: Value, scope: Scope) -> None:
        """What is put into a container under a key is what the container holds."""
        for one in alternatives(owner):
            origins = one.origins if isinstance(one, RecordOf) else ()
            for kind in (one, *[self.knowledge.get(("literal", origin, "")) for origin in origins]):
                match kind:
                    case MapOf(_, held) | ListOf(held) if not says_nothing(held):
                        self.suited(value, held, scope)
                    case _:
                        pass

    def update(self, target: Expr, value: Value, scope: Scope) -> None:
        """An assignment that replaces what a target was."""
        if isinstance(target, Name):
            if not scope.assign(target.id, value):
                self._learn_variable(target.id, value, scope)
        elif isinstance(target, Member):
            self._learn_attribute(self.settle(self.evaluate(target.obj, scope)), target.name, value)


_WALK: dict[type, Callable[..., None]] = {
    Bind: Statements._bind,
    Loop: Statements._loop,
    Block: Statements._block,
    Return: Statements._return,
    Do: Statements._do,
    Function: Statements._function,
    Class: Statements._class,
}
