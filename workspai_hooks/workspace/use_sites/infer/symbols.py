"""Names that are calls, blocks, and symbols that name fields: what Ruby and Elixir have."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.infer.literals import Literals
from workspai_hooks.workspace.use_sites.infer.scope import Scope
from workspai_hooks.workspace.use_sites.syntax import (
    Call,
    Expr,
    Member,
    Name,
    Named,
    Record,
    Sequence,
    Text,
)
from workspai_hooks.workspace.use_sites.values import (
    Choice,
    FunctionOf,
    MessageOf,
    Method,
    OneofOf,
    Value,
    alternatives,
    join,
)


class Symbols(Literals):
    """Evaluation in dialects with `symbols` and `calls_bare`."""

    def method_named(self, node: Member, scope: Scope) -> Value:
        """`obj.name`, not called yet."""
        owner = self.settle(self.evaluate(node.obj, scope))
        return self.member(owner, node.name, node.pos, scope, not isinstance(owner, Choice))

    def callee(self, node: Expr, scope: Scope) -> Value:
        """What a call calls: naming it does not call it."""
        if not scope.file.dialect.calls_bare:
            return self.evaluate(node, scope)
        if isinstance(node, Member):
            return self.method_named(node, scope)
        return self.bare_name(node, scope) if isinstance(node, Name) else self.evaluate(node, scope)

    def bare_name(self, node: Name, scope: Scope) -> Value:
        """What a bare name stands for, not called yet."""
        raise NotImplementedError

    def called(self, value: Value, node: Name | Member, scope: Scope) -> Value:
        """What a name gives where naming a method calls it."""
        if not scope.file.dialect.calls_bare or (node.id if isinstance(node, Name) else node.name).startswith(
            "@"
        ):
            return value
        return join(self._called(one, node, scope) for one in alternatives(value))

    def _called(self, value: Value, node: Name | Member, scope: Scope) -> Value:
        if isinstance(value, FunctionOf):
            return self.call_function(value, ())
        if isinstance(value, Method):
            return self._call_method(value, (), {}, Call(node, (), (), node.pos), scope)
        return value

    def block_of(self, node: Named, callee: Value, scope: Scope) -> Value:
        """A block meets the parameters that it will be called with."""
        wanted = next(
            (
                p
                for one in alternatives(callee)
                if isinstance(one, Method)
                for p in one.parameters
                if _is_block(p)
            ),
            None,
        )
        value = self.callee(node.value, scope) if isinstance(node.value, Name | Member) else None
        if value is None:
            return self.evaluate(node.value, scope, wanted)
        if isinstance(value, FunctionOf) and isinstance(wanted, Method):
            return Method(self.call_function(value, wanted.parameters), wanted.parameters)
        return value

    def by_symbol(self, owner: Value, key: Expr, scope: Scope) -> Value | None:
        """`message[:field]`, and the value of one case of a oneof; any other key may be any field."""
        if not isinstance(owner, MessageOf | OneofOf):
            return None
        message = owner.name if isinstance(owner, MessageOf) else owner.message
        if not isinstance(key, Text):
            self.escape(MessageOf(message), "reflection", "[]", key.pos, scope)
            return None
        access = scope.file.dialect.naming.by_text(message, key.value)
        return self.access_or_none(access, key.value, key.pos, scope)

    def described(self, kind: MessageOf, node: Record, scope: Scope) -> Value:
        """A hash where a message is wanted: its keys are fields."""
        for key, held in node.entries:
            if isinstance(key, Text):
                self.set_field(kind, Named(key.value, held, key.pos), scope)
            else:
                self.evaluate(held, scope)
        return kind

    def tagged(self, case: OneofOf, node: Sequence, scope: Scope) -> Value:
        """`{:card, value}` where a oneof is wanted."""
        tag, *rest = node.items
        held = self.by_symbol(case, tag, scope) if isinstance(tag, Text) else None
        for item in rest:
            self.evaluate(item, scope, held)
        return case


def _is_block(value: Value) -> bool:
    return isinstance(value, Method)
