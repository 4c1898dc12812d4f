"""Object and function literals of dialects in which where a value goes says what it is (`structural`).

An object literal that reaches a place which takes a message is that message, however far from the place it
was written: its keys are the message's fields. What a literal turned out to be is learnt by where it stands
(`RecordOf.origins`), and the literal is looked at again.
"""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.infer.base import says_nothing
from workspai_hooks.workspace.use_sites.infer.calls import Calls
from workspai_hooks.workspace.use_sites.infer.program import key_of
from workspai_hooks.workspace.use_sites.infer.scope import Frame, Scope
from workspai_hooks.workspace.use_sites.infer.types import with_arguments
from workspai_hooks.workspace.use_sites.naming import Access
from workspai_hooks.workspace.use_sites.syntax import Expr, Lambda, Pos, Record, Text
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    EnumOf,
    FunctionOf,
    InstanceOf,
    ListOf,
    MapOf,
    MessageOf,
    Method,
    OneofOf,
    ParameterOf,
    RecordOf,
    ServerOf,
    TupleOf,
    Value,
    alternatives,
    join,
)

DEEPEST_FIT = 6
"""Containers within each other."""


class Literals(Calls):
    """What literals are by where they go."""

    def object_literal(self, node: Record, scope: Scope, expected: Value | None) -> Value:
        """`{a: x, ...rest}`: a message, an implementation, an instance of an interface, or a record."""
        origin = key_of(scope.file, node.pos)
        for kind in alternatives(UNKNOWN if expected is None else self.shape(expected)):
            match kind:
                case MessageOf() | OneofOf():
                    self._message_literal(node, kind, scope)
                    return kind
                case ServerOf():
                    self._implementation(node, kind, scope)
                    return kind
                case InstanceOf():
                    self._instance_literal(node, kind, scope)
                    return kind
                case MapOf(_, held) if not says_nothing(held):
                    self._entries(node, RecordOf(()), held, scope)
                    return kind
                case _:
                    continue
        record = self._entries(node, expected, None, scope)
        for kind in self._learnt(origin, node, scope):
            if isinstance(kind, MessageOf):
                self._message_literal(node, kind, scope, certain=False)
            elif isinstance(kind, ServerOf):
                self._implementation(node, kind, scope)
            elif isinstance(kind, InstanceOf):
                self._instance_literal(node, kind, scope)
        return self.kept(RecordOf(record.entries, record.merged, (origin,)))

    def _learnt(self, origin: str, node: Record, scope: Scope) -> tuple[Value, ...]:
        """What the literal has turned out to be; by likeness to another one only if all its keys fit."""
        known = self.knowledge.get(("literal", origin, ""))
        if known is not None:
            return alternatives(known)
        alike = self.knowledge.get(("literal alike", origin, ""))
        naming = scope.file.dialect.naming
        keys = [key.value for key, _ in node.entries if isinstance(key, Text)]
        return tuple(
            kind
            for kind in alternatives(alike or UNKNOWN)
            if keys and all(naming.argument(kind, key) is not None for key in keys)
        )

    def _entries(self, node: Record, expected: Value | None, wanted: Value | None, scope: Scope) -> RecordOf:
        """The entries as they are; a key that is computed says nothing."""
        record = RecordOf(())
        kinds = expected if isinstance(expected, RecordOf) else RecordOf(())
        for key, held in node.entries:
            self.evaluate(key, scope)
            kind = (kinds.get(key.value) if isinstance(key, Text) else None) or wanted
            value = self.settle(self.suited(self.evaluate(held, scope, kind), kind, scope))
            if isinstance(key, Text):
                record = record.with_entry(key.value, value)
            else:
                record = record.with_merged(value)
        return record

    def _message_literal(
        self, node: Record, kind: MessageOf | OneofOf, scope: Scope, certain: bool = True
    ) -> None:
        """Its keys set fields."""
        naming = scope.file.dialect.naming
        for key, held in node.entries:
            if not isinstance(key, Text):
                self.evaluate(key, scope)
                self.fit(self.evaluate(held, scope, kind), kind, scope)
                continue
            access = naming.argument(kind, key.value)
            if access is None:
                self.evaluate(held, scope)
                continue
            taken = self.take(self.likely(access, certain), key.value, key.pos, scope)
            self.written(key.pos, scope)
            self.given((held,), scope)
            value = self.suited(self.evaluate(held, scope, taken), taken, scope)
            self.forwarded(held, value, key.value, scope)

    def _implementation(self, node: Record, server: ServerOf, scope: Scope) -> None:
        """Its keys name rpcs, its values handle them."""
        self.implements(server.service, "registers", node.pos, scope.file)
        for key, held in node.entries:
            access = None
            if isinstance(key, Text):
                access = scope.file.dialect.naming.handler(server, key.value)
            if access is None or not isinstance(key, Text):
                self.fit(self.evaluate(held, scope), server, scope)
                continue
            kind = self.take(access, key.value, key.pos, scope)
            self.suited(self.evaluate(held, scope, kind), kind, scope)

    def _instance_literal(self, node: Record, kind: InstanceOf, scope: Scope) -> None:
        """An object of a written interface; what its types leave open is learnt."""
        for key, held in node.entries:
            if not isinstance(key, Text):
                self.evaluate(key, scope)
                self.fit(self.evaluate(held, scope, kind), kind, scope)
                continue
            wanted = self.field_type(kind, key.value, key.pos, scope)
            value = self.suited(self.evaluate(held, scope, wanted), wanted, scope)
            if wanted is None or says_nothing(wanted):
                self.learn_field(kind, key.value, self.settle(value))

    def field_type(self, kind: InstanceOf, name: str, pos: Pos, scope: Scope) -> Value | None:
        """What a field of a class takes; one that a message brings among its bases is used by this."""
        raise NotImplementedError

    def suited(self, value: Value, wanted: Value | None, scope: Scope) -> Value:
        """A value where `wanted` is asked for: functions meet the parameters that they will get."""
        if wanted is None:
            return value
        for kind in alternatives(wanted):
            if not isinstance(kind, Method):
                continue
            for one in alternatives(value):
                if isinstance(one, FunctionOf):
                    self.knowledge.learn(("wanted", one.key, ""), kind.result)
                    taken = kind.parameters or self.signature(self.program.functions[one.key])[0]
                    return Method(self.call_function(one, kind.parameters), taken)
                if isinstance(one, Method) and one.literal:
                    self._learn_parameters(one, kind.parameters)
        self.fit(value, wanted, scope)
        return value

    def _learn_parameters(self, function: Method, args: tuple[Value, ...]) -> None:
        for index, value in enumerate(args):
            settled = self.settle(value)
            if settled not in (UNKNOWN, PLAIN):
                self.knowledge.learn(("argument", function.literal, str(index)), settled)

    def call_literal(self, function: Method, args: tuple[Value, ...]) -> Value:
        """A function literal is called that was kept in a variable, a record or a parameter."""
        self._learn_parameters(function, args)
        return with_arguments(function.result, function.literal, args)

    def fit(self, value: Value, wanted: Value, scope: Scope, depth: int = DEEPEST_FIT) -> None:
        """Object literals and classes turn out to be what is wanted of them here."""
        if depth == 0:
            return
        for kind in alternatives(self.shape(wanted)):
            for one in alternatives(self.settle(value)):
                self._fit_one(one, kind, scope, depth - 1)

    def _fit_one(self, value: Value, kind: Value, scope: Scope, depth: int) -> None:
        match value, kind:
            case RecordOf(origins=origins), MessageOf() | ServerOf():
                for origin in origins:
                    self.knowledge.learn(("literal", origin, ""), kind)
            case RecordOf(entries, origins=origins), MapOf(_, inner):
                for origin in origins if not says_nothing(inner) else ():
                    self.knowledge.learn(("literal", origin, ""), kind)
                for _, held in entries:
                    self.fit(held, inner, scope, depth)
            case RecordOf(entries, origins=origins), InstanceOf():
                if self._extends(kind):
                    for origin in origins:
                        self.knowledge.learn(("literal", origin, ""), kind)
                for name, held in entries:
                    declared = self.program.classes.get(kind.key)
                    if declared is not None and name in declared.variables:
                        self.fit(held, self.field_value(declared, name, kind), scope, depth)
            case (ListOf(item), ListOf(inner)) | (MapOf(_, item), MapOf(_, inner)):
                self.fit(item, inner, scope, depth)
            case TupleOf(items), ListOf(inner):
                for item in items:
                    self.fit(item, inner, scope, depth)
            case InstanceOf(key), ServerOf():
                self.knowledge.learn(("serves", key, ""), kind)
            case _:
                pass

    def alike(self, values: list[Value], scope: Scope) -> list[Value]:
        """A literal that stands in for a message is one: `cart ?? {label: "none"}`. So is one that stands in
        for an object whose interface extends a message.
        """
        messages = {value for value in values if isinstance(value, MessageOf)}
        if len(messages) != 1:
            own = {value for value in values if isinstance(value, InstanceOf) and self._extends(value)}
            for kind in own if len(own) == 1 and not messages else ():
                for value in values:
                    self.fit(value, kind, scope)
            return values
        (message,) = messages
        found = []
        for value in values:
            if self._stands_in(value, message, scope):
                self.fit(value, message, scope)
            else:
                found.append(value)
        return found

    def _extends(self, kind: InstanceOf) -> bool:
        """Whether an interface can have fields of a message among those that it inherits."""
        declared = self.program.classes.get(kind.key)
        return declared is not None and any(True for _ in declared.bases())

    def _stands_in(self, value: Value, message: MessageOf, scope: Scope) -> bool:
        """Whether all that a literal has are fields of the message."""
        if not isinstance(value, RecordOf) or value.merged:
            return False
        naming = scope.file.dialect.naming
        return all(naming.argument(message, name) is not None for name, _ in value.entries)

    def literal_access(self, record: RecordOf, name: str, scope: Scope) -> Access | None:
        """A member of an object literal that has turned out to be a message. Literals that meet in one
        variable are alike."""
        kinds = {origin: self.knowledge.get(("literal", origin, "")) for origin in record.origins}
        known = {kind for kind in kinds.values() if isinstance(kind, MessageOf)}
        if len(known) != 1:
            alike = [self.knowledge.get(("literal alike", origin, "")) for origin in record.origins]
            known = {kind for kind in alike if isinstance(kind, MessageOf)} if not known else set()
            if len(known) != 1:
                return None
        (kind,) = known
        for origin, own in kinds.items():
            if own is None:
                self.knowledge.learn(("literal alike", origin, ""), kind)
        access = scope.file.dialect.naming.member(kind, name)
        return None if access is None else self.likely(access, certain=False)

    def function_literal(self, node: Lambda, scope: Scope, expected: Value | None) -> Value:
        """A function literal; callers decide what its taker and its author leave open."""
        wanted = next((one for one in alternatives(expected or UNKNOWN) if isinstance(one, Method)), Method())
        key = key_of(scope.file, node.pos)
        frame = Frame(None, scope.frame.decl if scope.frame is not None else None)
        inner = Scope(scope.file, scope, frame)
        kinds: list[Value] = []
        for index, parameter in enumerate(node.parameters):
            written = self.parameter_type(parameter, scope)
            value = written
            if says_nothing(value) and index < len(wanted.parameters):
                value = wanted.parameters[index]
            if says_nothing(value):
                value = ParameterOf(key, index)
                self.declared[value] = written
            kinds.append(UNKNOWN if isinstance(value, ParameterOf) else value)
            inner.declare(parameter.name, value)
        result = self.results(node.returns, scope) if node.returns else UNKNOWN
        frame.expected = wanted.result if says_nothing(result) and wanted.result != PLAIN else result
        self.walk(node.body, inner)
        returned = join(frame.returned) if frame.returned else PLAIN
        return Method(returned if says_nothing(result) else result, tuple(kinds), literal=key)

    def named_value(self, asked: EnumOf | OneofOf, text: Text, scope: Scope) -> Value:
        """A string where an enum or a oneof's case is asked for names a value or a field."""
        owner = asked.name if isinstance(asked, EnumOf) else asked.message
        access = scope.file.dialect.naming.by_text(owner, text.value)
        self.access_or_none(access, text.value, text.pos, scope)
        return PLAIN

    def forwarded(self, node: Expr, value: Value, symbol: str, scope: Scope) -> None:
        """A message that is not written right here goes on as it is."""
        self._forwarded(node, value, symbol, scope)
