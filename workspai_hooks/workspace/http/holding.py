"""What fields and objects hold, with requests and JSON among the values; which of their members are named."""

from __future__ import annotations

from workspai_hooks.workspace.http.bodies import holds_whole, is_whole, jsons_in, member_of
from workspai_hooks.workspace.http.events import Called, Took
from workspai_hooks.workspace.http.names import hint
from workspai_hooks.workspace.http.noting import Noting
from workspai_hooks.workspace.http.origins import has_origin, made_of, origin_of, without_origins
from workspai_hooks.workspace.use_sites.infer.base import refined, says_nothing
from workspai_hooks.workspace.use_sites.infer.classes import DEEPEST_BASE
from workspai_hooks.workspace.use_sites.infer.program import ClassDecl, FunctionDecl
from workspai_hooks.workspace.use_sites.infer.scope import Scope
from workspai_hooks.workspace.use_sites.syntax import Expr, Name, New, Pos, Record, Text
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    InstanceOf,
    LibraryOf,
    Value,
    alternatives,
    join,
)


class Holding(Noting):
    """Classes of the repository: what JSON becomes, and what is sent."""

    def of_class(
        self, owner: InstanceOf, name: str, pos: Pos, scope: Scope, depth: int = DEEPEST_BASE
    ) -> Value | None:
        """As it is; which member of which class is noted."""
        if depth == DEEPEST_BASE:
            decl = scope.frame.decl if scope.frame is not None else None
            inside = decl.node.name if decl is not None and _owner_key(decl) == owner.key else ""
            took = Took(owner.key, name, self.place(pos, scope), inside, False, origin_of(owner))
            self.sink.takes.setdefault(took)
        return super().of_class(owner, name, pos, scope, depth)

    def type_of(self, node: Expr, scope: Scope) -> Value:
        """As it is; a dict that is only described by a class is what it was."""
        value = super().type_of(node, scope)
        declared = self.program.classes.get(value.key) if isinstance(value, InstanceOf) else None
        if declared is not None and self.clients_of(declared).is_dict(declared):
            return UNKNOWN
        return value

    def _new_instance(self, kind: InstanceOf, node: New, scope: Scope) -> Value:
        for named in node.named:
            self.note_set(kind, named.name, named.pos, scope)
        for name, item in zip(self._order(kind), node.items, strict=False):
            self.note_set(kind, name, item.pos, scope)
        if node.args:
            self.note_made(kind, node.args, (), scope)
        return super()._new_instance(kind, node, scope)

    def _new_unknown(self, written: Value, node: New, scope: Scope) -> Value:
        """As it is; what a library's object is made of may be what is sent."""
        path = written.path if isinstance(written, LibraryOf) else hint(node.type) if node.type else ""
        told = isinstance(written, LibraryOf) or node.type is None  # C#'s `new("http://orders")`
        if not told and path not in self.clients(scope).text_types:
            return super()._new_unknown(written, node, scope)
        args = tuple([self.settle(self.evaluate(arg, scope)) for arg in (*node.args, *node.items)])
        named = {one.name: self.settle(self.evaluate(one.value, scope)) for one in node.named}
        known = self.clients(scope).made(path, args, named)
        asked = self.clients(scope).new_request(known) if isinstance(known, LibraryOf) else None
        if asked is not None:
            place = self.place(node.pos, scope)
            self.note_event(Called(*asked, place, path.rpartition(".")[2]))
        if known is None and not isinstance(written, LibraryOf):
            return super()._new_unknown(written, node, scope)
        return written if known is None else known

    def _instance_literal(self, node: Record, kind: InstanceOf, scope: Scope) -> None:
        for key, _ in node.entries:
            if isinstance(key, Text):
                self.note_set(kind, key.value, key.pos, scope)
        super()._instance_literal(node, kind, scope)

    def _of_receiver(self, owner: Value, node: Name, scope: Scope, calling: bool) -> Value | None:
        """As it is; a field of a type that says nothing hides those around it all the same."""
        value = super()._of_receiver(owner, node, scope, calling)
        if value is None and isinstance(owner, InstanceOf) and not calling:
            declared = self._declaring(owner, node.id)
            if declared is not None and node.id in declared.variables:
                return UNKNOWN
        return value

    def _own(self, node: Name, scope: Scope) -> Value | None:
        """As it is; a field that is a library's client is one."""
        value = super()._own(node, scope)
        owner = scope.lookup("this") if value is None else None
        declared = self._declaring(owner, node.id) if isinstance(owner, InstanceOf) else None
        if declared is None or node.id not in declared.variables or not isinstance(owner, InstanceOf):
            return value
        return self.field_value(declared, node.id, InstanceOf(declared.key))

    def _assign_name(self, name: str, value: Value, scope: Scope, declares: bool) -> None:
        """As it is; the written type of a loop's variable takes nothing from what the loop gives it."""
        before = scope.names.get(name) if declares else None
        if before is not None and has_origin(before):
            value = refined(value, before)
        super()._assign_name(name, value, scope, declares)

    def learn_field(self, owner: InstanceOf, name: str, value: Value) -> None:
        """As it is; a client with its base is more than the type that is written."""
        super().learn_field(owner, name, value)
        settled = self.settle(value)
        if any(isinstance(one, LibraryOf) and one.path.startswith("(") for one in alternatives(settled)):
            declared = self._declaring(owner, name)
            if declared is not None and name in declared.variables:
                self.knowledge.learn(("carried", declared.key, name), settled)

    def field_value(self, declared: ClassDecl, name: str, owner: InstanceOf) -> Value:
        written = super().field_value(declared, name, owner)
        source = origin_of(owner)
        if source is not None:
            return self.part_of(written, declared, name, source)
        if not isinstance(written, LibraryOf) or written.path.startswith("("):
            return written
        seen = self.knowledge.get(("carried", declared.key, name))
        return written if seen is None else seen

    def part_of(self, value: Value, declared: ClassDecl, field: str, source: LibraryOf) -> Value:
        """What a field holds of an instance that is made of a part of a body."""
        name = self.clients_of(declared).json_name(declared, field)
        return value if name is None else made_of(value, member_of(source, name))

    def _extension(self, owner: Value, name: str) -> Value | None:
        return super()._extension(without_origins(owner), name)

    def _written(self, declared: ClassDecl, name: str) -> Value:
        """As it is; a field whose type says nothing is what it is first given."""
        written = super()._written(declared, name)
        variable, file = declared.variables[name]
        open_type = says_nothing(written) or isinstance(written, LibraryOf)
        if not open_type or variable.type is None or variable.value is None:
            return written
        scope = self.class_body(declared)
        scope.file = file
        value = self.settle(self.evaluate(variable.value, scope))
        if isinstance(written, LibraryOf):
            return value if isinstance(value, LibraryOf) and value.path.startswith("(") else written
        return written if value == PLAIN else value

    def _static(self, inner: InstanceOf, name: str, pos: Pos, scope: Scope) -> Value:
        """As it is; `Order::getTotal` names the member as `order.getTotal()` does."""
        declared = self.program.classes.get(inner.key)
        if declared is not None and (name in declared.methods or name in declared.variables):
            self.sink.takes.setdefault(Took(inner.key, name, self.place(pos, scope), ""))
        return super()._static(inner, name, pos, scope)

    def construct(self, value: Value, args: tuple[Value, ...], named: dict[str, Value]) -> Value:
        """A conversion: JSON that is made an object of a class, by `**` or by a cast."""
        given = [one for one in (*args, *named.values()) for _ in jsons_in(one)]
        if given and says_nothing(value):
            return given[0]
        whole = [one for one in (*args[:1], *([named["**"]] if "**" in named else [])) if is_whole(one)]
        made = super().construct(value, args, named)
        return join([self.decode(value, one) for one in whole]) if whole else made

    def suited(self, value: Value, wanted: Value | None, scope: Scope) -> Value:
        if wanted is not None and holds_whole(value) and wanted != PLAIN and not says_nothing(wanted):
            made = self.decode(wanted, value)
            value = made if has_origin(made) else value
        return super().suited(value, wanted, scope)


def _owner_key(decl: FunctionDecl) -> str:
    return decl.owner.key if decl.owner is not None else ""
