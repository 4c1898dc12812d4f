"""Classes and variables of the repository as values: fields, bases, other names for types."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.infer.base import refined, says_nothing
from workspai_hooks.workspace.use_sites.infer.program import (
    ClassDecl,
    Declaration,
    FunctionDecl,
    VariableDecl,
)
from workspai_hooks.workspace.use_sites.infer.scope import Scope
from workspai_hooks.workspace.use_sites.infer.types import Types, substitute
from workspai_hooks.workspace.use_sites.syntax import Expr
from workspai_hooks.workspace.use_sites.values import (
    CONTRACT,
    PLAIN,
    UNKNOWN,
    FunctionOf,
    InstanceOf,
    ModuleOf,
    TypeOf,
    TypeParameter,
    Value,
    join,
)

DEEPEST_BASE = 8
"""Steps from a class to its bases; broken sources can derive in a circle."""


class Classes(Types):
    """What top-level names and fields stand for."""

    def declared_value(self, declared: Declaration) -> Value:
        """What a top-level name stands for."""
        if isinstance(declared, FunctionDecl):
            return FunctionOf(declared.key)
        if isinstance(declared, ClassDecl):
            return self.class_value(declared)
        return self.variable_value(declared)

    def class_value(self, declared: ClassDecl) -> Value:
        """A class as a type; one that only gives another name to a type is that type."""
        generated = self.generated_part(declared)
        if generated is not None:
            return TypeOf(generated)
        if declared.alias is None or declared.methods or declared.type_parameters:
            return TypeOf(InstanceOf(declared.key, tuple(TypeParameter(p) for p in declared.type_parameters)))
        return TypeOf(self.underlying(declared, ()))

    def join_parts(self) -> None:
        """Look for all hand-written parts of generated classes."""
        for declared in list(self.program.classes.values()):
            self.generated_part(declared)

    def generated_part(self, declared: ClassDecl) -> Value | None:
        """What the class is a hand-written part of: C#'s partial classes add members to generated ones."""
        dialect = declared.file.dialect
        if not dialect.implicit_self or dialect.enclosing or declared.owner:
            return None
        access = declared.file.dialect.naming.symbol(ModuleOf(declared.file.unit), declared.name)
        part = None if access is None else access.value
        if isinstance(part, TypeOf) and isinstance(part.value, CONTRACT):
            self._parts.setdefault(part.value, declared)
            return part.value
        return None

    def underlying(self, declared: ClassDecl, args: tuple[Value, ...]) -> Value:
        """What a named type is made of."""
        alias = declared.alias
        assert alias is not None
        known = self.memoized(("alias", declared.key, ""), lambda: self.type_of(alias, self.home(declared)))
        return substitute(known, dict(zip(declared.type_parameters, args, strict=False)))

    def shape(self, value: Value) -> Value:
        """A value as what it can be looped over, indexed or called."""
        settled = self.settle(value)
        if isinstance(settled, InstanceOf):
            declared = self.program.classes.get(settled.key)
            if declared is not None and declared.alias is not None:
                return self.underlying(declared, settled.args)
        return settled

    def variable_value(self, declared: VariableDecl) -> Value:
        """A top-level variable: its written type, else its initial value and what it was assigned."""
        key = ("variable", declared.key, "")
        known = self.memoized(key, lambda: self._initial(declared))
        seen = self.knowledge.get(key)
        if seen is None:
            return known
        if declared.file.dialect.structural and declared.node.type is None:
            return self.kept(join((known, seen)))
        return refined(known, seen) if says_nothing(known) else known

    def _initial(self, declared: VariableDecl) -> Value:
        node, scope = declared.node, Scope(declared.file)
        if node.type is not None:
            written = self.type_of(node.type, scope)
            if not says_nothing(written):
                return written
        if len(node.values) == len(node.targets):
            return self.settle(self.evaluate(node.values[declared.index], scope))
        return UNKNOWN

    def method_of(self, owner: InstanceOf, name: str, depth: int = DEEPEST_BASE) -> FunctionDecl | None:
        """A method that a class or the nearest of its bases declares."""
        declared = self.program.classes.get(owner.key)
        if declared is None or depth == 0:
            return None
        if name in declared.methods:
            return declared.methods[name]
        for base in declared.bases():
            value = self.base_value(declared, base, owner)
            found = self.method_of(value, name, depth - 1) if isinstance(value, InstanceOf) else None
            if found is not None:
                return found
        return None

    def learn_field(self, owner: InstanceOf, name: str, value: Value) -> None:
        """A field was seen to hold a value: that is of interest where its type says nothing of it."""
        declared = self._declaring(owner, name)
        if declared is None:
            return
        itself = InstanceOf(declared.key)
        if name not in declared.variables or says_nothing(self.field_value(declared, name, itself)):
            self.knowledge.learn(("attribute", declared.key, name), self.settle(value))

    def _declaring(self, owner: InstanceOf, name: str, depth: int = DEEPEST_BASE) -> ClassDecl | None:
        """The class that declares a field; the class itself where fields need no declaration."""
        declared = self.program.classes.get(owner.key)
        if declared is None or depth == 0 or name in declared.variables:
            return declared
        for base in declared.bases():
            value = self.base_value(declared, base, owner)
            found = self._declaring(value, name, depth - 1) if isinstance(value, InstanceOf) else None
            if found is not None and name in found.variables:
                return found
        return None if declared.file.dialect.static else declared

    def is_open_field(self, owner: InstanceOf, name: str) -> bool:
        """Whether the written type of a field says nothing: what it was seen to hold is no type of it."""
        declared = self._declaring(owner, name)
        if declared is None or name not in declared.variables:
            return declared is not None and self.knowledge.get(("attribute", declared.key, name)) is not None
        key = ("field", declared.key, name)
        return says_nothing(self.memoized(key, lambda: self._written(declared, name)))

    def field_value(self, declared: ClassDecl, name: str, owner: InstanceOf) -> Value:
        """The type of a field; what it was seen to hold where its type says nothing."""
        written = self.memoized(("field", declared.key, name), lambda: self._written(declared, name))
        if written == PLAIN and declared.file.dialect.structural and declared.variables[name][0].type is None:
            written = UNKNOWN  # `x = null`: what it holds comes later
        if says_nothing(written):
            seen = self.knowledge.get(("attribute", declared.key, name))
            written = written if seen is None else refined(written, self.settle(seen))
        return substitute(written, dict(zip(declared.type_parameters, owner.args, strict=False)))

    def _written(self, declared: ClassDecl, name: str) -> Value:
        """The written type of a field, or that of its initial value."""
        variable, file = declared.variables[name]
        scope = self.class_body(declared)
        scope.file = file
        if variable.type is not None:
            return self.type_of(variable.type, scope)
        return UNKNOWN if variable.value is None else self.settle(self.evaluate(variable.value, scope))

    def class_body(self, declared: ClassDecl) -> Scope:
        """The scope of what stands right in a class; where methods are plain functions there, they are
        names.
        """
        scope = self.home(declared)
        if declared.file.dialect.explicit_self:
            for name, method in declared.methods.items():
                scope.declare(name, FunctionOf(method.key))
        if declared.file.dialect.enclosing:
            args = tuple(TypeParameter(word) for word in declared.type_parameters)
            scope.declare("this", InstanceOf(declared.key, args))
        return scope

    def base_value(self, declared: ClassDecl, base: Expr, owner: InstanceOf) -> Value:
        """What a base class or embedded type is. Never the class itself, which the name of one with other
        type parameters (`class Query : Query<Nothing>`) looks like: a search through bases would not end."""
        key = ("base", declared.key, str(base.pos))
        known = self.memoized(key, lambda: self.type_of(base, self.home(declared)))
        if isinstance(known, InstanceOf) and known.key == declared.key:
            return UNKNOWN
        return substitute(known, dict(zip(declared.type_parameters, owner.args, strict=False)))
