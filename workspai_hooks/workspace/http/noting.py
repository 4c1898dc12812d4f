"""Notes what happens with requests while types are followed."""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.workspace.http.bodies import (
    is_json,
    is_response,
    json_of,
    jsons_in,
    member_of,
    response_of,
)
from workspai_hooks.workspace.http.clients import Clients
from workspai_hooks.workspace.http.events import (
    Called,
    Caller,
    Decoded,
    Escaped,
    Event,
    Noted,
    Taken,
    Took,
    Touched,
)
from workspai_hooks.workspace.http.names import named_at, symbol_of
from workspai_hooks.workspace.http.origins import bodies_in, has_origin, known_best, made_of, without_origins
from workspai_hooks.workspace.http.values import Place
from workspai_hooks.workspace.use_sites.infer.base import Reports, says_nothing
from workspai_hooks.workspace.use_sites.infer.knowledge import Key, Knowledge
from workspai_hooks.workspace.use_sites.infer.program import ClassDecl, File, FunctionDecl, Program
from workspai_hooks.workspace.use_sites.infer.scope import Scope
from workspai_hooks.workspace.use_sites.infer.statements import Statements
from workspai_hooks.workspace.use_sites.syntax import Bind, Call, Do, Expr, Name, Named, Pos, Record, Stmt
from workspai_hooks.workspace.use_sites.values import (
    UNKNOWN,
    FunctionOf,
    InstanceOf,
    LibraryOf,
    ListOf,
    Method,
    ParameterOf,
    Value,
    alternatives,
    join,
    parts_of,
)


class TextKnowledge(Knowledge):
    """Texts lead on, too: a walk is repeated when one has become known."""

    def learn(self, key: Key, value: Value) -> None:
        before = self.get_quietly(key)
        if before is not None and before != value:
            better = known_best(merged := join((before, value)))
            if better != merged:
                self._values[key] = better
                self._changed[key] = None
                return
        if before is not None and before != value and has_origin(before):
            # Instances of several bodies are of any: otherwise there would soon be too many kinds of them.
            self._values[key] = before = without_origins(before)
            value = without_origins(value)
        elif before is not None and without_origins(value) == before:
            value = before
        super().learn(key, value)
        after = self.get_quietly(key)
        if before != after and after is not None and _leads_on(after):
            self._changed[key] = None

    def get_quietly(self, key: Key) -> Value | None:
        """What is known; nobody is told that it was asked."""
        return self._values.get(key)


def _leads_on(value: Value) -> bool:
    if isinstance(value, LibraryOf) and value.path[:1] in ("'", "("):
        return True
    return any(map(_leads_on, parts_of(value)))


class Noting(Statements):
    """The analysis of one part of a repository's sources. `clients` by language; `generated` are the files
    that only declare."""

    def __init__(
        self, program: Program, clients: Mapping[str, Clients], generated: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(program, {})
        self.generated = generated
        self.knowledge = TextKnowledge()
        self.literals: dict[str, Record] = {}
        """Object literals by where they stand."""
        self._dropped: set[tuple[str, Pos]] = set()
        """Calls that are statements."""
        self._clients = clients
        self._scope: Scope | None = None
        self._sink: Reports = Noted()

    def _fresh(self) -> Reports:
        """As it is; what the walk notes is kept beside."""
        return Noted()

    def noted(self) -> list[Noted]:
        """What all walks noted."""
        return [one for one in self._reports.values() if isinstance(one, Noted)]

    @property
    def sink(self) -> Noted:
        """Where things are noted now."""
        assert isinstance(self._sink, Noted)
        return self._sink

    def note_event(self, event: Event) -> None:
        self.sink.events.setdefault(event)

    def place(self, pos: Pos, scope: Scope) -> Place:
        return Place(scope.file.path, pos[0], pos[1], scope.file.in_test)

    def mention(self, name: str, pos: Pos, scope: Scope) -> None:
        """Only contracts have mentions."""

    def escape(self, value: Value, how: str, symbol: str, pos: Pos, scope: Scope) -> None:
        """What the tables of the languages say of contract values is true of JSON as well."""
        if how != "forwarded":
            self.leaves(value, _HOW.get(how, "handed to {}").format(symbol or "a library"), pos, scope)

    def leaves(self, value: Value, why: str, pos: Pos, scope: Scope) -> None:
        """JSON or an instance of a class goes out of sight."""
        settled = self.settle(value)
        if isinstance(settled, Method):  # who is handed a function gets what it gives
            settled = self.settle(settled.result)
        if _can_hold_json(settled):
            self.note_event(Escaped(settled, self.place(pos, scope), why))

    def leaves_by(self, decl: FunctionDecl, value: Value) -> None:
        """What a function is handed that has no body here goes out of sight where it is declared."""
        settled = self.settle(value)
        if _can_hold_json(settled):
            place = Place(decl.file.path, decl.node.pos[0], decl.node.pos[1], decl.file.in_test)
            self.note_event(Escaped(settled, place, f"handed to {decl.node.name}, which has no body here"))

    def touch(self, value: LibraryOf, name: str, pos: Pos, scope: Scope, sure: bool = True) -> LibraryOf:
        """A property is named; what it is."""
        inner = member_of(value, name)
        self.note_event(Touched(inner, self.place(pos, scope), name, sure))
        return inner

    def decode(self, kind: Value, value: Value) -> Value:
        """Whatever JSON is in `value` becomes an instance of `kind`; gives this instance."""
        made: list[Value] = []
        for one in alternatives(value):
            if isinstance(one, LibraryOf) and is_response(one):
                one = one.args[-1]
            if isinstance(one, ParameterOf) or (isinstance(one, LibraryOf) and is_json(one)):
                self.note_event(Decoded(kind, one))
                if isinstance(kind, ParameterOf):
                    self.knowledge.learn(("decodes", kind.function, str(kind.index)), one)
                made.append(made_of(kind, one))
            elif isinstance(one, ListOf) and isinstance(kind, ListOf):
                made.append(ListOf(self.decode(kind.item, one.item)))
        return join(made) if made else kind

    def request(
        self,
        method: Value,
        url: Value,
        body: Value,
        node: Call,
        scope: Scope,
        sure: bool = True,
        kind: Value | None = None,
    ) -> LibraryOf:
        """A request is sent; gives its response. `kind`: what its body is read as."""
        self.note_event(Called(method, url, body, self.place(named_at(node), scope), symbol_of(node), sure))
        source = json_of(method, url)
        self.drop(source, node, scope)
        if kind is None or says_nothing(kind) or self.is_dropped(node, scope):
            return response_of(method, url)
        return response_of(method, url, self.decode(kind, source))

    def take_body(self, response: Value) -> None:
        """A body is handed to somebody."""
        for one in jsons_in(response):
            self.note_event(Taken(one))

    def look_at(self, value: Value) -> None:
        """Something that keeps nothing of it is handed a body, or what is made of one."""
        for one in bodies_in(value):
            self.note_event(Taken(one, "looked"))

    def drop(self, source: Value, node: Call, scope: Scope) -> None:
        """What a call gives that is a statement is dropped."""
        if self.is_dropped(node, scope):
            self.note_event(Taken(source, "status"))

    def is_dropped(self, node: Call, scope: Scope) -> bool:
        """Whether nobody takes what a call gives."""
        return (scope.file.path, node.pos) in self._dropped

    def send(self, method: Value, url: Value, body: Value, node: Call, scope: Scope) -> None:
        """A body is given to a request that is noted where its URL is."""
        place = self.place(named_at(node), scope)
        self.note_event(Called(method, url, body, place, symbol_of(node), only_body=True))

    def walk(self, statements: tuple[Stmt, ...], scope: Scope) -> None:
        """As it is; what a call gives that is a statement is dropped."""
        for statement in statements:
            value = statement.value if type(statement) is Do else None
            if type(statement) is Bind and len(statement.values) == 1 and _is_dropping(statement.targets):
                value = statement.values[0]
            if type(value) is Call:
                self._dropped.add((scope.file.path, value.pos))
        super().walk(statements, scope)

    def clients_of(self, declared: ClassDecl) -> Clients:
        """What the language of a class knows."""
        return self._clients[declared.file.source.language]

    def clients_at(self, file: File) -> Clients:
        """What the language of a file knows."""
        return self._clients[file.source.language]

    def clients(self, scope: Scope) -> Clients:
        return self._clients[scope.file.source.language]

    def origin_of(self, node: Expr, scope: Scope) -> str:
        return f"{scope.file.path}:{node.pos[0]}:{node.pos[1]}"

    def note_set(self, kind: InstanceOf, name: str, pos: Pos, scope: Scope) -> None:
        self.sink.takes.setdefault(Took(kind.key, name, self.place(pos, scope), "", True))

    def note_made(
        self, kind: InstanceOf, args: tuple[Expr, ...], named: tuple[Named, ...], scope: Scope
    ) -> None:
        """What a constructor is handed sets fields of its parameters' names."""
        for one in named:
            self.note_set(kind, one.name, one.pos, scope)
        made = self.method_of(kind, "__init__")
        declared = self.program.classes.get(kind.key)
        if made is not None:
            order = [parameter.name for parameter in made.node.parameters]
            order = order[1:] if made.file.dialect.explicit_self else order
        else:
            order = list(declared.variables) if declared is not None else []
        for name, arg in zip(order, args, strict=False):
            self.note_set(kind, name, arg.pos, scope)

    def _given(
        self, decl: FunctionDecl, callee: FunctionOf, args: tuple[Value, ...], named: dict[str, Value]
    ) -> tuple[int, tuple[Value, ...]]:
        """What a function's parameters get, in their order, and how many come before the call's own."""
        own = (callee.receiver or UNKNOWN,) if self._takes_self(decl, callee) else ()
        return len(own), self._in_order(decl, (*own, *args), named)

    def note_caller(
        self,
        decl: FunctionDecl,
        callee: FunctionOf,
        args: tuple[Value, ...],
        named: dict[str, Value],
        node: Call,
        scope: Scope,
    ) -> None:
        _, ordered = self._given(decl, callee, args, named)
        place = self.place(named_at(node), scope)
        self.sink.callers.setdefault(decl.key, {}).setdefault(Caller(ordered, callee.args, place))

    def note_taken(self, owner: LibraryOf, known: Value) -> None:
        given = known.result if isinstance(known, Method) else known
        if is_response(owner):
            held = isinstance(given, LibraryOf | InstanceOf | ListOf) and given != owner
            for one in jsons_in(owner):
                self.note_event(Taken(one, "body" if held else "status"))


_HOW = {
    "json": "turned into JSON or back",
    "text": "printed",
    "bytes": "encoded",
    "reflection": "handled by reflection",
    "library": "handed to {}",
}


def _can_hold_json(value: Value) -> bool:
    if isinstance(value, InstanceOf):
        return True
    return any(True for _ in jsons_in(value)) or any(
        isinstance(part, InstanceOf) for part in (*parts_of(value), *alternatives(value))
    )


def _is_dropping(targets: tuple[Expr, ...]) -> bool:
    """`_, err := f()`, `_ = f()`."""
    return bool(targets) and isinstance(targets[0], Name) and targets[0].id == "_"
