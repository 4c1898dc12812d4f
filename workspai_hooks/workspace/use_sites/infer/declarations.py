"""Walks classes and functions: what they implement, take and return."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.infer.calls import is_open
from workspai_hooks.workspace.use_sites.infer.classes import DEEPEST_BASE
from workspai_hooks.workspace.use_sites.infer.expressions import Expressions
from workspai_hooks.workspace.use_sites.infer.program import ClassDecl, FunctionDecl
from workspai_hooks.workspace.use_sites.infer.scope import Frame, Scope
from workspai_hooks.workspace.use_sites.syntax import (
    Class,
    Expr,
    Function,
    Stmt,
)
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    FunctionOf,
    InstanceOf,
    Method,
    ParameterOf,
    ServerOf,
    TypeOf,
    TypeParameter,
    Value,
    alternatives,
    join,
)


class Declarations(Expressions):
    """Declarations, wherever they stand."""

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
        if scope.file.dialect.structural:
            served = self.knowledge.get(("serves", declared.key, ""))
            for one in alternatives(served or UNKNOWN):
                if isinstance(one, ServerOf):
                    self.implements(one.service, "registers", node.pos, scope.file)
                    servers.append(one)
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

    def _inherited_servers(self, owner: InstanceOf) -> list[ServerOf]:
        """The services that the bases of a class implement, or leave to it. Each base is looked at once:
        names that are resolved wrongly can make classes bases of each other, many times over."""
        found: list[ServerOf] = []
        seen, level = {owner.key}, [owner]
        for _ in range(DEEPEST_BASE):
            above: list[InstanceOf] = []
            for one in level:
                declared = self.program.classes.get(one.key)
                if declared is None:
                    continue
                for base in declared.bases():
                    value = self.base_value(declared, base, one)
                    if isinstance(value, ServerOf):
                        found.append(value)
                    elif isinstance(value, InstanceOf) and value.key not in seen:
                        seen.add(value.key)
                        above.append(value)
            level = above
        return found

    def _handles(self, server: ServerOf, decl: FunctionDecl, scope: Scope) -> None:
        """A method that implements an rpc: it is a use, and its parameters get the rpc's types."""
        if scope.file.dialect.marked and not decl.node.overrides:
            return
        access = scope.file.dialect.naming.handler(server, decl.node.name)
        if access is None:
            return
        value = self.take(access, decl.node.name, decl.node.pos, scope)
        if isinstance(value, Method):
            if decl.file.dialect.structural:
                self.knowledge.learn(("wanted", decl.key, ""), value.result)
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
        wanted = self.knowledge.get(("wanted", decl.key, "")) if decl.file.dialect.structural else None
        frame = Frame(wanted if written is None and wanted != PLAIN else written, decl)
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
        if scope.file.dialect.this:
            scope.declare("this", owner)
            scope.declare("super", inherited)
        elif scope.file.dialect.implicit_self:
            scope.declare("this", owner)
            scope.declare("base", inherited)
        elif scope.file.dialect.explicit_self:
            scope.declare("super", Method(inherited))

    def _self(self, decl: FunctionDecl, receiver: Value, kind: Value) -> Value:
        if "staticmethod" in decl.node.decorators:
            return kind if not is_open(kind) else ParameterOf(decl.key, 0)
        return TypeOf(receiver) if "classmethod" in decl.node.decorators else receiver
