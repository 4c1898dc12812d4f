"""Written types, and what calls bind type parameters to."""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.workspace.use_sites.infer.base import Base
from workspai_hooks.workspace.use_sites.infer.program import ClassDecl, FunctionDecl
from workspai_hooks.workspace.use_sites.infer.scope import Scope
from workspai_hooks.workspace.use_sites.syntax import Expr, Generic, Name, Parameter, Pos, Signature, Struct
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    Choice,
    FunctionOf,
    InstanceOf,
    LibraryOf,
    ListOf,
    LocalModule,
    Method,
    ParameterOf,
    TupleOf,
    TypeOf,
    TypeParameter,
    Unknown,
    Value,
    join,
    parts_of,
    replaced,
)

MADE = frozenset({"list", "map", "tuple"})
"""Names of types that a lowering makes."""
DEEPEST_NESTING = 8
"""Classes within each other."""


class Types(Base):
    """From type expressions to the values that their instances are."""

    def type_of(self, node: Expr, scope: Scope) -> Value:
        """What an instance of a written type is."""
        match self._type_expression(node, scope):
            case TypeOf(value):
                return value
            case LibraryOf(path, args):
                known = scope.file.dialect.library.type(path, args)
                return LibraryOf(path, args) if known is None else known
            case Method() as signature:
                return signature
            case Choice(values) if all(isinstance(one, TypeOf) for one in values):
                return join(one.value for one in values if isinstance(one, TypeOf))
            case value if value == PLAIN:
                return PLAIN
            case _:
                return UNKNOWN

    def _type_expression(self, node: Expr, scope: Scope) -> Value:
        """A type where a member may be called like its own type: `Cart Cart { get; }`."""
        value = self.evaluate(node, scope)
        if scope.file.dialect.implicit_self and isinstance(node, Name) and not isinstance(value, TypeOf):
            return self.bare(node.id, node.pos, scope)
        return value

    def bare(self, name: str, pos: Pos, scope: Scope) -> Value:
        """A name that no scope of a function knows."""
        raise NotImplementedError

    def signature_type(self, node: Signature, scope: Scope) -> Value:
        """A function type: something that can be called."""
        kinds = [(p.name, self.parameter_type(p, scope)) for p in node.parameters]
        receiver = next((kind for name, kind in kinds if name == "this"), None)
        parameters = tuple(kind for name, kind in kinds if name != "this")
        return TypeOf(Method(self.results(node.returns, scope), parameters, receiver=receiver))

    def parameter_type(self, parameter: Parameter, scope: Scope) -> Value:
        """The written type of a parameter, Unknown where there is none."""
        if parameter.type is None:
            return UNKNOWN
        written = self.type_of(parameter.type, scope)
        return ListOf(written) if parameter.variadic else written

    def results(self, returns: tuple[Expr, ...], scope: Scope) -> Value:
        """What a call gives by the written result types."""
        values = tuple(self.type_of(kind, scope) for kind in returns)
        return PLAIN if not values else values[0] if len(values) == 1 else TupleOf(values)

    def struct_type(self, node: Struct, scope: Scope) -> Value:
        """A struct without a name is a class that is known by its place."""
        declared = self.program.declare_class(scope.file, node)
        declared.scope = scope
        return TypeOf(InstanceOf(declared.key))

    def generic(self, node: Generic, scope: Scope) -> Value:
        """`base<args>` as a type or as a function with its type arguments."""
        if scope.file.dialect.structural:
            if isinstance(node.base, Name) and node.base.id == "typeof":
                return TypeOf(self._called_alike(self.evaluate(node.args[0], scope)))
            alias = self._generic_alias(node, scope)
            if alias is not None:
                return alias
        args = tuple(self.type_of(arg, scope) for arg in node.args)
        made = isinstance(node.base, Name) and node.base.id in MADE
        if scope.file.dialect.enclosing and not made:  # one of the repository may be called like a library's
            base = self.evaluate(node.base, scope)
            if isinstance(base, TypeOf) and isinstance(base.value, InstanceOf):
                return self.instantiated(base, args, scope)
        if isinstance(node.base, Name):
            known = scope.file.dialect.library.type(node.base.id, args)
            if known is not None:
                return TypeOf(known)
        return self.instantiated(self.evaluate(node.base, scope), args, scope)

    def _called_alike(self, value: Value) -> Value:
        """A function of the repository as what can be called and gives the same."""
        return Method(self.call_function(value, ())) if isinstance(value, FunctionOf) else value

    def _generic_alias(self, node: Generic, scope: Scope) -> Value | None:
        """`type Maybe<T> = T | null` with its argument."""
        if not isinstance(node.base, Name):
            return None
        unit, name = self.program.units[scope.file.unit], node.base.id
        binding = scope.file.bindings.get(name)
        if binding is not None and isinstance(binding.module, LocalModule) and binding.symbol is not None:
            other = self.program.units.get(binding.module.unit)
            unit, name = (unit, "") if other is None else (other, binding.symbol)
        declared = unit.names.get(name)
        if not isinstance(declared, ClassDecl) or declared.alias is None or not declared.type_parameters:
            return None
        return TypeOf(self.underlying(declared, tuple([self.type_of(arg, scope) for arg in node.args])))

    def underlying(self, declared: ClassDecl, args: tuple[Value, ...]) -> Value:
        """What a named type is made of."""
        raise NotImplementedError

    def call_function(self, function: FunctionOf, args: tuple[Value, ...]) -> Value:
        """The result of a function of the repository."""
        raise NotImplementedError

    def instantiated(self, base: Value, args: tuple[Value, ...], scope: Scope) -> Value:
        """A generic type or function with type arguments."""
        match base:
            case TypeOf(InstanceOf(key)):
                return TypeOf(InstanceOf(key, args))
            case TypeOf(LibraryOf(path)) | LibraryOf(path):
                known = scope.file.dialect.library.type(path, args)
                return LibraryOf(path, args) if known is None else TypeOf(known)
            case FunctionOf(key, receiver):
                return FunctionOf(key, receiver, args)
            case Unknown() if scope.file.dialect.structural and len(args) == 1:
                return TypeOf(args[0])  # what is told its type most likely gives it
            case _:
                return base

    def home(self, decl: FunctionDecl | ClassDecl) -> Scope:
        """The scope in which a declaration's types are read, its type parameters among the names."""
        outer = decl.scope
        scope = Scope(decl.file, outer if isinstance(outer, Scope) else Scope(decl.file))
        if isinstance(decl, ClassDecl):
            words = decl.type_parameters
        else:
            words = (*decl.node.type_parameters, *self.receiver_parameters(decl))
            if decl.owner is not None:
                words = (*decl.owner.type_parameters, *words)
        for word in words:
            scope.declare(word, TypeOf(TypeParameter(word)))
        if decl.file.dialect.implicit_self:
            self._declare_nested(decl if isinstance(decl, ClassDecl) else decl.owner, scope)
        return scope

    def _declare_nested(self, owner: ClassDecl | None, scope: Scope) -> None:
        """Classes inside the class, and inside those around it, are visible bare."""
        for _ in range(DEEPEST_NESTING):
            if owner is None:
                return
            for name, nested in owner.nested.items():
                if name not in scope.names:
                    scope.declare(name, self.class_value(nested))
            owner = self.program.classes.get(owner.owner)

    def class_value(self, declared: ClassDecl) -> Value:
        """A class as a type."""
        raise NotImplementedError

    def receiver_parameters(self, decl: FunctionDecl) -> tuple[str, ...]:
        """What a Go method calls the type parameters of its receiver: `func (s *Set[E]) …`."""
        receiver = decl.node.receiver
        if receiver is None or not isinstance(receiver.type, Generic):
            return ()
        return tuple(arg.id if isinstance(arg, Name) else "" for arg in receiver.type.args)

    def signature(self, decl: FunctionDecl) -> tuple[tuple[Value, ...], Value | None]:
        """Written parameter types, and the written result; None where nothing is written."""
        known = self.memoized(("signature", decl.key, ""), lambda: self._as_written(decl))
        if not isinstance(known, Method):
            return (UNKNOWN,) * len(decl.node.parameters), UNKNOWN
        return known.parameters, known.result if decl.node.returns else None

    def _as_written(self, decl: FunctionDecl) -> Method:
        scope = self.home(decl)
        parameters = tuple(self.parameter_type(p, scope) for p in decl.node.parameters)
        return Method(self.results(decl.node.returns, scope) if decl.node.returns else UNKNOWN, parameters)

    def bindings_of(
        self, decl: FunctionDecl, receiver: Value | None, args: tuple[Value, ...]
    ) -> dict[str, Value]:
        """What the type parameters of a function's class stand for, by its receiver; then its own, as
        written.
        """
        bound: dict[str, Value] = {}
        if isinstance(receiver, InstanceOf) and receiver.args:
            names = decl.owner.type_parameters if decl.owner is not None else ()
            bound.update(zip(names, receiver.args, strict=False))
            bound.update(zip(self.receiver_parameters(decl), receiver.args, strict=False))
        bound.update(zip(decl.node.type_parameters, args, strict=False))
        return bound


def unify(pattern: Value, value: Value, bound: dict[str, Value]) -> None:
    """Bind the type parameters in `pattern` to what stands in their place in `value`."""
    if isinstance(pattern, TypeParameter):
        if value not in (UNKNOWN, PLAIN):
            bound.setdefault(pattern.name, value)
        return
    if type(pattern) is not type(value):
        return
    if isinstance(pattern, InstanceOf | LibraryOf) and pattern != value and _name(pattern) != _name(value):
        return
    for part, given in zip(parts_of(pattern), parts_of(value), strict=False):
        unify(part, given, bound)


def _name(value: Value) -> str:
    match value:
        case InstanceOf(key):
            return key
        case LibraryOf(path):
            return path
        case _:
            return ""


def substitute(value: Value, bound: Mapping[str, Value]) -> Value:
    """The value with its type parameters exchanged for what they are bound to."""
    if not bound:
        return value
    return replaced(value, lambda one: bound.get(one.name) if isinstance(one, TypeParameter) else None)


def with_arguments(value: Value, function: str, args: tuple[Value, ...]) -> Value:
    """The value with a function's parameters exchanged for the arguments of one call."""

    def given(one: Value) -> Value | None:
        if isinstance(one, ParameterOf) and one.function == function and one.index < len(args):
            return args[one.index]
        return None

    return replaced(value, given)
