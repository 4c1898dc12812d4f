"""Names in dialects with `enclosing`: members of all classes and receivers around, methods beside fields."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.infer.program import ClassDecl, FunctionDecl
from workspai_hooks.workspace.use_sites.infer.scope import Scope
from workspai_hooks.workspace.use_sites.infer.symbols import Symbols
from workspai_hooks.workspace.use_sites.infer.types import substitute
from workspai_hooks.workspace.use_sites.naming import Access
from workspai_hooks.workspace.use_sites.syntax import Call, Expr, Lambda, Member, Name
from workspai_hooks.workspace.use_sites.values import (
    CONTRACT,
    UNKNOWN,
    Choice,
    FunctionOf,
    InstanceOf,
    LibraryOf,
    ListOf,
    MapOf,
    Method,
    ModuleOf,
    TupleOf,
    TypeOf,
    Unknown,
    Value,
    alternatives,
)

AT = "this@"
"""An instance of a certain class around is written as the name `this@Class`."""


class Enclosing(Symbols):
    """Evaluation of Java and Kotlin."""

    _calling = False
    """The name that is being looked up is called."""

    def reads(self, declared: ClassDecl) -> bool:
        """Whether a name that a field and a method share means the field: where it is not called."""
        calling, self._calling = self._calling, False
        return declared.file.dialect.enclosing and not calling

    def callee(self, node: Expr, scope: Scope) -> Value:
        """What a call calls: a method where a field or a variable has the same name."""
        if not scope.file.dialect.enclosing or not isinstance(node, Name | Member):
            return super().callee(node, scope)
        if isinstance(node, Member):
            owner = self.settle(self.evaluate(node.obj, scope))
            self._calling = True
            value = self.member(owner, node.name, node.pos, scope, not isinstance(owner, Choice))
        else:
            known = scope.lookup(node.id)
            self._calling = True
            value = known if known is not None and _can_be_called(known) else self._called_bare(node, scope)
        self._calling = False
        return value

    def call(self, node: Call, scope: Scope) -> Value:
        """`point { … }` means the generated builder where a function `point` takes no lambda."""
        if scope.file.dialect.enclosing and isinstance(node.fn, Name) and len(node.args) == 1:
            builder = self._builder(node.fn, scope) if isinstance(node.args[0], Lambda) else None
            if builder is not None:
                return self.call_of(self.take(builder, node.fn.id, node.fn.pos, scope), node, scope)
        return super().call(node, scope)

    def _builder(self, name: Name, scope: Scope) -> Access | None:
        declared = self.program.units[scope.file.unit].names.get(name.id)
        if not isinstance(declared, FunctionDecl):
            return None
        taken = [self.signature(one)[0] for one in (declared, *declared.overloads)]
        if any(isinstance(parameters[-1], Method) for parameters in taken if parameters):
            return None
        access = scope.file.dialect.naming.symbol(ModuleOf(scope.file.unit), name.id)
        return access if access is not None and isinstance(access.value, Method) else None

    def _called_bare(self, node: Name, scope: Scope) -> Value:
        found = self.of_receivers(node, scope)
        return self.bare(node.id, node.pos, scope) if found is None else found

    def of_receivers(self, node: Name, scope: Scope) -> Value | None:
        """A member of one of the instances that the code stands in, the innermost first."""
        if node.id.startswith(AT):
            return self._labelled(node.id.removeprefix(AT), scope)
        calling = self._calling
        for receiver in scope.every("this"):
            for owner in alternatives(self.settle(receiver)):
                self._calling = calling
                value = self._of_receiver(owner, node, scope, calling)
                if value is not None:
                    return value
        return None

    def _of_receiver(self, owner: Value, node: Name, scope: Scope, calling: bool) -> Value | None:
        match owner:
            case InstanceOf():
                value = self.of_class(owner, node.id, node.pos, scope)
                if isinstance(value, LibraryOf) and self._declaring(owner, node.id) is None:
                    return None  # what a base of a library may have hides nothing that is known
                return None if isinstance(value, Unknown) else value
            case ListOf() | MapOf() | TupleOf():
                return scope.file.dialect.library.member(owner, node.id)
            case _ if isinstance(owner, CONTRACT):
                access = scope.file.dialect.naming.member(owner, node.id)
                if access is None or (calling and not _can_be_called(access.value)):
                    return None
                return self.take(access, node.id, node.pos, scope)
            case _:
                return None

    def _labelled(self, label: str, scope: Scope) -> Value:
        """`Outer.this`, `this@Outer`; any other label is a function's, whose receiver is the innermost."""
        found = list(scope.every("this"))
        for one in found:
            declared = self.program.classes.get(one.key) if isinstance(one, InstanceOf) else None
            if declared is not None and declared.name == label:
                return one
        return found[0] if found else UNKNOWN

    def promised(self, expected: Value | None, scope: Scope) -> tuple[Value, ...]:
        """What a function literal will be called with; an interface with one method promises its own."""
        if isinstance(expected, Method):
            return expected.parameters
        declared = self.program.classes.get(expected.key) if isinstance(expected, InstanceOf) else None
        if declared is None or not isinstance(expected, InstanceOf):
            return ()
        open_methods = [method for method in declared.methods.values() if not method.node.body]
        if len(open_methods) != 1:
            return ()
        bound = dict(zip(declared.type_parameters, expected.args, strict=False))
        return tuple([substitute(one, bound) for one in self.signature(open_methods[0])[0]])


def _can_be_called(value: Value) -> bool:
    return any(
        isinstance(one, Method | FunctionOf | TypeOf | InstanceOf | Unknown) for one in alternatives(value)
    )
