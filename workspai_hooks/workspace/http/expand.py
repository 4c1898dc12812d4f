"""From what a walk noted to facts: parameters exchanged for what callers hand in, classes joined with the JSON
that becomes an instance of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.http.bodies import (
    DEEPEST_POINTER,
    JSON,
    is_json,
    jsons_in,
    pointer_of,
    stepped,
)
from workspai_hooks.workspace.http.follow import (
    DYNAMIC,
    Called,
    Caller,
    Decoded,
    Escaped,
    Event,
    Requests,
    Taken,
    Took,
    Touched,
)
from workspai_hooks.workspace.http.texts import JOINED, literal, ways
from workspai_hooks.workspace.http.values import Fact, Kind, Part, Place
from workspai_hooks.workspace.use_sites.infer.classes import DEEPEST_BASE
from workspai_hooks.workspace.use_sites.infer.program import FunctionDecl
from workspai_hooks.workspace.use_sites.syntax import Function, Pos, Record, Return, Text
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    Choice,
    FunctionOf,
    InstanceOf,
    LibraryOf,
    ListOf,
    MapOf,
    Method,
    ParameterOf,
    RecordOf,
    TupleOf,
    TypeOf,
    TypeParameter,
    Unknown,
    Value,
    alternatives,
    parts_of,
    replaced,
)
from workspai_hooks.workspace.use_sites.walking import nodes_in

_PATH = regex(r"(?:^|[^/:])/\w")
DEEPEST_CALLS = 4
"""Helper functions that call each other before one sends the request."""
MOST_CALLS = 400
"""Ways to one line that are looked at."""

Request = tuple[str, tuple[Part, ...]]
"""Method (empty where not known) and URL."""


def facts_of(engine: Requests) -> tuple[Fact, ...]:
    """All facts of one part of a repository's sources."""
    return tuple(sorted(_Expansion(engine).facts()))


class _Expansion:
    def __init__(self, engine: Requests) -> None:
        self._engine = engine
        self._facts: dict[Fact, None] = {}
        self._callers: dict[str, dict[Caller, None]] = {}
        self._events: dict[Event, None] = {}
        self._takes: dict[Took, None] = {}
        self._received: dict[str, dict[tuple[LibraryOf, bool], None]] = {}
        """Class -> the parts of bodies that become instances of it."""
        self._sent: dict[str, dict[tuple[LibraryOf, bool], None]] = {}
        """Class -> the parts of requests' bodies that are instances of it."""
        self._added: dict[str, list[tuple[str, Place]]] = {}
        self._set: set[str] = set()
        """The classes of which somebody sets a member."""
        for noted in engine.noted():
            self._set |= {take.owner for take in noted.takes if take.sets}
            self._set |= {take.owner for take in noted.takes if take.name[:3].lower() == "set"}
            for origin, name, place in noted.added:
                self._added.setdefault(origin, []).append((name, place))
            self._events |= noted.events
            self._takes |= noted.takes
            for key, callers in noted.callers.items():
                self._callers.setdefault(key, {}).update(callers)

    def facts(self) -> list[Fact]:
        expanded = [each for event in self._events for each in self._expanded(event)]
        for event, place, sure in expanded:
            match event:
                case Called():
                    self._called(event, place, sure)
                case Decoded(kind, source):
                    for one in jsons_in(source):
                        self._associate(kind, one, sure, self._received)
                case _:
                    pass
        for event, _, sure in expanded:
            match event:
                case Touched(value, place, symbol):
                    self._fact(Kind.READS, value, place, symbol, sure and event.sure)
                case Escaped(value, place, why):
                    self._escaped(value, place, why, sure)
                case _:
                    pass
        self._members()
        self._returned()
        self._unseen(expanded)
        return list(self._facts)

    def _unseen(self, expanded: list[tuple[Event, Place | None, bool]]) -> None:
        """Bodies that somebody asks for, and that nothing is seen to be done with."""
        taken: dict[Request, None] = {}
        seen = {
            (fact.method, fact.url)
            for fact in self._facts
            if fact.kind in (Kind.READS, Kind.UNKNOWN) and not fact.request
        }
        for event, _, _ in expanded:
            if isinstance(event, Taken | Decoded):
                for one in jsons_in(event.source):
                    for request in _requests(*one.args[:2]):
                        if isinstance(event, Taken) and event.looked:
                            seen.add(request)
                        taken.setdefault(request)
        why = "its answer goes where nobody here is seen to read it"
        for fact in list(self._facts):
            request = (fact.method, fact.url)
            if (
                fact.kind is Kind.CALLS
                and request in taken
                and request not in seen
                and not fact.place.in_test
            ):
                self._facts.setdefault(replace(fact, kind=Kind.UNKNOWN, symbol="", why=why))

    def _hands_out(self, decl: FunctionDecl) -> bool:
        """Whether it is a getter: what it hands out is asked for by its own name."""
        owner = decl.owner
        if owner is None:
            return False
        return self._engine.clients_of(owner).field_of(owner, decl.node.name)[0] in owner.variables

    def _returned(self) -> None:
        """What a function hands out that nothing here calls goes to whoever does: a client, a framework."""
        engine = self._engine
        called = {key for noted in engine.noted() for key in noted.called}
        for key, decl in engine.program.functions.items():
            if key in called or not decl.node.body or self._hands_out(decl):
                continue
            returned = engine.knowledge.get(("returns", key, ""))
            given = [] if returned is None else [engine.settle(returned)]
            written = engine.signature(decl)[1]
            given += [] if written is None else [written]
            at = _last_return(decl.node) if given else None
            if at is not None:
                place = Place(decl.file.path, at[0], at[1], decl.file.in_test)
                for value in given:
                    self._escaped(
                        value, place, f"returned by {decl.node.name}, which nothing here calls", True
                    )

    # -- parameters

    def _expanded(self, event: Event) -> Iterator[tuple[Event, Place | None, bool]]:
        """The event for each way that leads to it, with the line where its values become known."""
        count = 0
        for one, place in self._ways(event, None, DEEPEST_CALLS):
            yield self._settled(one), place, True
            count += 1
            if count >= MOST_CALLS:
                return

    def _ways(self, event: Event, place: Place | None, depth: int) -> Iterator[tuple[Event, Place | None]]:
        function = _function_in(event)
        callers = self._callers.get(function, {}) if function else {}
        if not function or not callers or depth == 0:
            yield event, place
            return
        for caller in list(callers)[:MOST_CALLS]:
            at = place if _says_path(event) else caller.place
            yield from self._ways(self._with(event, function, caller), at, depth - 1)

    def _with(self, event: Event, function: str, caller: Caller) -> Event:
        decl = self._engine.program.functions.get(function)
        types = dict(zip(decl.node.type_parameters if decl else (), caller.types, strict=False))

        def given(one: Value) -> Value | None:
            if isinstance(one, ParameterOf) and one.function == function:
                return caller.args[one.index] if one.index < len(caller.args) else PLAIN
            if isinstance(one, TypeParameter):
                return types.get(one.name)
            return None

        return _changed(event, lambda value: replaced(value, given))

    def _settled(self, event: Event) -> Event:
        return _changed(event, lambda value: replaced(value, self._settle))

    def _settle(self, value: Value) -> Value | None:
        return self._engine.settle(value) if isinstance(value, ParameterOf) else None

    # -- requests

    def _called(self, event: Called, place: Place | None, sure: bool) -> None:
        at = place or event.place
        for method, url in _requests(event.method, event.url):
            if not event.only_body:
                known = sure and event.sure
                fact = Fact(
                    Kind.CALLS, at, method, url, "", event.symbol, known, "", event.operation, event.owner
                )
                self._facts.setdefault(fact)
        body = LibraryOf(JSON, (event.method, event.url))
        self._sends(event.body, body, event.place, sure and event.sure)

    def _sends(self, value: Value, body: LibraryOf, place: Place, sure: bool) -> None:
        """What is sent: keys of literals set properties, and so do members of classes."""
        for one in alternatives(value):
            match one:
                case RecordOf(entries, merged, origins):
                    for origin in origins:
                        self._keys(origin, body, sure)
                    for name, held in entries:
                        pointer = stepped(pointer_of(body), name)
                        if pointer is not None:
                            self._sends(held, LibraryOf(JSON + pointer, body.args), place, sure)
                    for held in merged:
                        self._sends(held, body, place, sure)
                    for origin in origins if not merged else ():
                        self._spread(origin, body, place)
                case ListOf(item):
                    pointer = stepped(pointer_of(body), "[]")
                    if pointer is not None:
                        self._sends(item, LibraryOf(JSON + pointer, body.args), place, sure)
                case InstanceOf() | TypeOf():
                    self._associate(one, body, sure, self._sent)
                    if isinstance(one, InstanceOf) and one.key not in self._set and not place.in_test:
                        self._open(body, place, "its body is made where nobody here sees it")
                case Unknown() | ParameterOf():
                    if not place.in_test:
                        self._open(body, place, "its body can't be followed")
                case LibraryOf() if is_json(one):
                    if not place.in_test:
                        self._open(body, place, "its body is what another request gave")
                case LibraryOf(path) if not path.startswith(("'", "(")):
                    if not place.in_test:
                        self._open(body, place, "its body is made by a library")
                case _:
                    pass

    def _spread(self, origin: str, body: LibraryOf, place: Place) -> None:
        """Keys of a literal that are computed, or that come out of something else."""
        node = self._engine.literals.get(origin)
        if node is not None and not place.in_test:
            if any(not isinstance(key, Text) for key, _ in node.entries):
                self._open(body, place, "keys of its body are computed")

    def _open(self, body: LibraryOf, place: Place, why: str) -> None:
        """Any property below may be set."""
        for method, url in _requests(*body.args[:2]):
            fact = Fact(Kind.UNKNOWN, place, method, url, pointer_of(body), "", True, why, request=True)
            self._facts.setdefault(fact)

    def _keys(self, origin: str, body: LibraryOf, sure: bool) -> None:
        """The lines of a literal's keys."""
        node = self._engine.literals.get(origin)
        if not isinstance(node, Record):
            return
        path = origin.rsplit(":", 2)[0]
        for key, _ in node.entries:
            if isinstance(key, Text):
                place = Place(path, key.pos[0], key.pos[1], self._in_test(path))
                self._sets(body, key.value, place, sure)
        for name, place in self._added.get(origin, ()):
            self._sets(body, name, place, sure)

    def _sets(self, body: LibraryOf, name: str, place: Place, sure: bool) -> None:
        pointer = stepped(pointer_of(body), name)
        if pointer is not None:
            self._fact(Kind.WRITES, LibraryOf(JSON + pointer, body.args), place, name, sure)

    def _in_test(self, path: str) -> bool:
        return any(
            file.in_test
            for unit in self._engine.program.units.values()
            for file in unit.files
            if file.path == path
        )

    # -- classes

    def _associate(
        self,
        kind: Value,
        source: LibraryOf,
        sure: bool,
        into: dict[str, dict[tuple[LibraryOf, bool], None]],
        depth: int = DEEPEST_POINTER,
    ) -> None:
        """A part of a body is an instance of a type, so that its properties are those of its members."""
        if depth == 0:
            return
        match kind:
            case TypeOf(inner):
                self._associate(inner, source, sure, into, depth)
            case Choice(values):
                for one in values:
                    self._associate(one, source, False, into, depth)
            case ListOf(item):
                self._down(item, source, "[]", sure, into, depth)
            case MapOf(_, held):
                self._down(held, source, "*", sure, into, depth)
            case InstanceOf(key):
                known = into.setdefault(key, {})
                if (source, sure) in known:
                    return
                known.setdefault((source, sure))
                for name, held in self._members_of(kind):
                    self._down(held, source, name, sure, into, depth)
            case LibraryOf(_, args) if len(args) == 1 and not is_json(kind):
                self._associate(args[0], source, sure, into, depth - 1)
            case _:
                pass

    def _down(
        self,
        kind: Value,
        source: LibraryOf,
        step: str,
        sure: bool,
        into: dict[str, dict[tuple[LibraryOf, bool], None]],
        depth: int,
    ) -> None:
        pointer = stepped(pointer_of(source), step)
        if pointer is not None:
            self._associate(kind, LibraryOf(JSON + pointer, source.args), sure, into, depth - 1)

    def _members_of(self, owner: InstanceOf, depth: int = DEEPEST_BASE) -> Iterator[tuple[str, Value]]:
        """The properties of a class, by their names in JSON, with what they hold."""
        engine = self._engine
        declared = engine.program.classes.get(owner.key)
        if declared is None or depth == 0:
            return
        clients = engine.clients_of(declared)
        for member in list(declared.variables):
            name = clients.json_name(declared, member)
            if name is not None:
                yield name, engine.field_value(declared, member, owner)
        for base in declared.bases():
            value = engine.base_value(declared, base, owner)
            if isinstance(value, InstanceOf):
                yield from self._members_of(value, depth - 1)
        if declared.alias is not None:
            value = engine.underlying(declared, owner.args)
            if isinstance(value, InstanceOf):
                yield from self._members_of(value, depth - 1)

    def _members(self) -> None:
        """Lines that name members of classes which bodies become, or are made from."""
        written = {place for noted in self._engine.noted() for place in noted.written}
        for take in self._takes:
            place = take.place
            writes = take.sets or (place.path, place.line, place.column) in written
            found = self._property(take.owner, take.name)
            if found is None:
                continue
            key, name, setter = found
            quiet = _is_accessor(take.inside, take.name)
            for owner in dict.fromkeys((take.owner, key)):
                if not (writes or setter):
                    for source, sure in self._received.get(owner, {}) if not quiet else ():
                        self._named(Kind.READS, source, name, take, sure)
                else:
                    for source, sure in self._sent.get(owner, {}) if not quiet else ():
                        self._named(Kind.WRITES, source, name, take, sure)

    def _named(self, kind: Kind, source: LibraryOf, name: str, take: Took, sure: bool) -> None:
        pointer = stepped(pointer_of(source), name)
        if pointer is not None:
            self._fact(kind, LibraryOf(JSON + pointer, source.args), take.place, take.name, sure)

    def _property(self, key: str, member: str, depth: int = DEEPEST_BASE) -> tuple[str, str, bool] | None:
        """The class that declares what a member stands for, its name in JSON, whether it sets it."""
        engine = self._engine
        declared = engine.program.classes.get(key)
        if declared is None or depth == 0:
            return None
        clients = engine.clients_of(declared)
        field, setter = clients.field_of(declared, member)
        if field in declared.variables:
            name = clients.json_name(declared, field)
            return None if name is None else (key, name, setter)
        for base in declared.bases():
            value = engine.base_value(declared, base, InstanceOf(key))
            found = self._property(value.key, member, depth - 1) if isinstance(value, InstanceOf) else None
            if found is not None:
                return found
        return None

    # -- facts

    def _fact(
        self, kind: Kind, value: LibraryOf, place: Place, symbol: str, sure: bool, why: str = ""
    ) -> None:
        for method, url in _requests(*value.args[:2]):
            self._facts.setdefault(Fact(kind, place, method, url, pointer_of(value), symbol, sure, why))

    def _escaped(self, value: Value, place: Place, why: str, sure: bool) -> None:
        if place.in_test:
            return  # no verdict rests on what a test does
        for one in jsons_in(value):
            self._fact(Kind.UNKNOWN, one, place, "", sure, why)
        for key in _instances(value):
            for source, known in self._received.get(key, {}):
                self._fact(Kind.UNKNOWN, source, place, "", sure and known, why)


def _says_path(event: Event) -> bool:
    """Whether the URL has a piece of a path by now: this is the line that says what is called."""
    if not isinstance(event, Called):
        return True
    waiting: list[Value] = [event.url]
    while waiting:
        part = waiting.pop()
        if isinstance(part, LibraryOf) and part.path == JOINED:
            waiting.extend(part.args)
        said = literal(part)
        if said is not None and _PATH.search(said):
            return True
    return False


def _function_in(event: Event) -> str:
    """A function whose parameters an event speaks of."""
    for value in _values(event):
        stack = [value]
        while stack:
            one = stack.pop()
            if isinstance(one, ParameterOf):
                return one.function
            stack.extend(parts_of(one))
    return ""


def _values(event: Event) -> tuple[Value, ...]:
    match event:
        case Called(method, url, body):
            return (method, url, body)
        case Touched(value) | Escaped(value):
            return (value,)
        case Decoded(kind, source):
            return (kind, source)
        case Taken(source):
            return (source,)


def _changed(event: Event, change: object) -> Event:
    match event:
        case Called(method, url, body):
            return replace(event, method=change(method), url=change(url), body=change(body))
        case Touched(value) | Escaped(value):
            return replace(event, value=change(value))
        case Decoded(kind, source):
            return replace(event, kind=change(kind), source=change(source))
        case Taken(source):
            return replace(event, source=change(source))


def _requests(method: Value, url: Value) -> Iterator[Request]:
    """The requests that values mean: each method with each URL."""
    methods = dict.fromkeys(literal(one) or "" for one in alternatives(method))
    for way in ways(url):
        for said in methods:
            yield said, way


def _last_return(node: Function) -> Pos | None:
    """Where a function last returns something."""
    found = [each.pos for each in nodes_in(node.body) if isinstance(each, Return) and each.values]
    return max(found, default=None)


def _instances(value: Value, depth: int = 4) -> Iterator[str]:
    """The classes whose instances a value is or holds."""
    if depth == 0:
        return
    if isinstance(value, InstanceOf):
        yield value.key
    if isinstance(value, Method | FunctionOf | TypeOf):
        return
    for part in parts_of(value):
        yield from _instances(part, depth - 1)


def _is_accessor(inside: str, name: str) -> bool:
    """Whether a line of the class itself only hands a member out or takes it in."""
    plain = inside.lower()
    return bool(inside) and (
        inside in ("__init__", "__repr__", "__str__", "__eq__", "__hash__", "toString", "equals", "hashCode")
        or inside in ("ToString", "Equals", "GetHashCode", "compareTo", "String", "canEqual", "(init)")
        or plain.removeprefix("get").removeprefix("set").removeprefix("is") == name.lower()
    )
