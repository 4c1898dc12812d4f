"""From what a walk noted to facts: classes joined with the JSON that becomes an instance of them, what is
sent with the lines that make it, what goes out of sight.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from workspai_hooks.workspace.http.bodies import JSON, is_json, jsons_in, pointer_of, stepped
from workspai_hooks.workspace.http.events import (
    PAGE,
    SHOWN,
    Called,
    Decoded,
    Escaped,
    Event,
    Taken,
    Took,
    Touched,
)
from workspai_hooks.workspace.http.follow import Requests
from workspai_hooks.workspace.http.origins import bodies_in, origin_of
from workspai_hooks.workspace.http.shapes import Shapes, best_sources
from workspai_hooks.workspace.http.texts import literal, ways
from workspai_hooks.workspace.http.values import Fact, Kind, Part, Place
from workspai_hooks.workspace.http.ways import Ways
from workspai_hooks.workspace.use_sites.infer.program import FunctionDecl
from workspai_hooks.workspace.use_sites.syntax import Function, Pos, Record, Return, Text
from workspai_hooks.workspace.use_sites.values import (
    FunctionOf,
    InstanceOf,
    LibraryOf,
    ListOf,
    Method,
    ParameterOf,
    RecordOf,
    TypeOf,
    Unknown,
    Value,
    alternatives,
    parts_of,
)
from workspai_hooks.workspace.use_sites.walking import nodes_in

Request = tuple[str, tuple[Part, ...]]
"""Method (empty where not known) and URL."""


def facts_of(engine: Requests) -> tuple[Fact, ...]:
    """All facts of one part of a repository's sources."""
    return tuple(sorted(_Facts(engine).all()))


class _Facts:
    def __init__(self, engine: Requests) -> None:
        self._engine = engine
        self._shapes = Shapes(engine)
        self._facts: dict[Fact, None] = {}
        self._events: dict[Event, None] = {}
        self._takes: dict[Took, None] = {}
        self._added: dict[str, list[tuple[str, Place]]] = {}
        self._written = {place for noted in engine.noted() for place in noted.written}
        self._set: set[str] = set()
        """The classes of which somebody sets a member."""
        for noted in engine.noted():
            self._set |= {
                take.owner for take in noted.takes if not take.place.in_test and self._is_setter(take)
            }
            for origin, name, place in noted.added:
                self._added.setdefault(origin, []).append((name, place))
            self._events |= noted.events
            self._takes |= noted.takes

    def all(self) -> list[Fact]:
        """The facts, in no order."""
        ways = Ways(self._engine)
        events = [each for event in (*self._events, *self._known_takes()) for each in ways.of(event)]
        for event, place in events:
            match event:
                case Called():
                    self._called(event, place or event.place)
                case Decoded(kind, source):
                    for one in jsons_in(source):
                        self._shapes.associate(kind, one, True, self._shapes.received)
                case _:
                    pass
        for event, _ in events:
            match event:
                case Touched(value, place, symbol, sure):
                    self._fact(Kind.READS, value, place, symbol, sure)
                case Escaped(value, place, why):
                    self._escaped(value, place, why, True)
                case _:
                    pass
        self._members()
        self._required()
        self._shown()
        self._returned()
        self._unseen([event for event, _ in events])
        return list(self._facts)

    def _unseen(self, events: list[Event]) -> None:
        """Responses and bodies that nothing is seen to be done with."""
        done: dict[str, set[Request]] = {"body": set(), "looked": set(), "status": set()}
        for event in events:
            if isinstance(event, Taken | Decoded):
                how = event.how if isinstance(event, Taken) else "body"
                for one in jsons_in(event.source):
                    done[how].update(_requests(*one.args[:2]))
        seen = done["looked"] | {
            (fact.method, fact.url)
            for fact in self._facts
            if fact.kind in (Kind.READS, Kind.UNKNOWN) and not fact.request
        }
        why = "its answer goes where nobody here is seen to read it"
        for fact in list(self._facts):
            request = (fact.method, fact.url)
            if fact.kind is not Kind.CALLS or request in seen or fact.place.in_test:
                continue
            if request in done["body"] or request not in done["status"]:
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
        functions = engine.program.functions
        by_interface = {functions[key].node.name for key in called if not functions[key].node.body}
        for key, decl in functions.items():
            if not decl.node.body or self._hands_out(decl) or decl.file.path in engine.generated:
                continue
            why = f"returned by {decl.node.name}, which nothing here calls"
            if key in called or (decl.owner is not None and decl.node.name in by_interface):
                if not engine.clients_at(decl.file).pages:
                    continue
                why = PAGE + decl.node.name
            returned = engine.knowledge.get(("returns", key, ""))
            given = [] if returned is None else [engine.settle(returned)]
            written = engine.signature(decl)[1]
            if written is not None and not any(True for one in given for _ in bodies_in(one)):
                given.append(written)
            at = _last_return(decl.node) if given else None
            if at is not None:
                place = Place(decl.file.path, at[0], at[1], decl.file.in_test)
                for value in given:
                    self._escaped(value, place, why, True)

    def _shown(self) -> None:
        """What templates show that are not followed: members of the classes behind them."""
        for key, declared in list(self._engine.program.classes.items()):
            if declared.file.in_test or not self._engine.clients_of(declared).is_shown(declared):
                continue
            pos = declared.nodes[0].pos
            place = Place(declared.file.path, pos[0], pos[1])
            for held in self._shapes.held_by(key):
                for source, _ in self._shapes.received.get(held, {}):
                    self._fact(Kind.UNKNOWN, source, place, "", False, SHOWN)
            for member in list(declared.variables):
                seen = self._engine.knowledge.get(("attribute", key, member))
                if seen is not None:
                    self._escaped(seen, place, SHOWN, False)

    def _called(self, event: Called, at: Place) -> None:
        for method, url in _requests(event.method, event.url):
            if not event.only_body:
                self._facts.setdefault(Fact(Kind.CALLS, at, method, url, "", event.symbol, event.sure))
        if literal(event.method) in ("GET", "HEAD"):
            return
        body = LibraryOf(JSON, (event.method, event.url))
        self._sends(event.body, body, event.place, event.sure)

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
                    self._shapes.associate(one, body, sure, self._shapes.sent)
                    for part in self._unset(body) if not place.in_test else ():
                        self._open(part, place, "its body is made where nobody here sees it")
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

    def _unset(self, body: LibraryOf) -> list[LibraryOf]:
        """The parts of what is sent that are instances of classes of which nobody sets a member."""
        start = pointer_of(body)
        return [
            source
            for key, sources in self._shapes.sent.items()
            if key not in self._set
            for source, _ in sources
            if source.args == body.args and pointer_of(source).startswith(start)
        ]

    def _spread(self, origin: str, body: LibraryOf, place: Place) -> None:
        """Keys of a literal that are computed, or that come out of something else."""
        node = self._engine.literals.get(origin)
        computed = node is not None and any(not isinstance(key, Text) for key, _ in node.entries)
        if computed and not place.in_test:
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

    def _known_takes(self) -> Iterator[Touched]:
        """Members of instances that know what they are made of."""
        for take in list(self._takes):
            found = (
                None
                if take.origin is None or self._sets_it(take)
                else self._shapes.property_of(take.owner, take.name)
            )
            if found is None or take.origin is None or found[2]:
                continue
            del self._takes[take]
            if not _is_accessor(take.inside, take.name):
                pointer = stepped(pointer_of(take.origin), found[1])
                if pointer is not None:
                    yield Touched(LibraryOf(JSON + pointer, take.origin.args), take.place, take.name)

    def _is_setter(self, take: Took) -> bool:
        if take.sets or take.name[:3].lower() == "set":
            return True
        found = self._shapes.property_of(take.owner, take.name)
        return found is not None and found[2]

    def _sets_it(self, take: Took) -> bool:
        place = take.place
        return take.sets or (place.path, place.line, place.column) in self._written

    def _members(self) -> None:
        """Lines that name members of classes which bodies become, or are made from."""
        setting = {take.place for take in self._takes if take.sets}
        for take in self._takes:
            writes = self._sets_it(take)
            if take.place in setting and not take.sets:
                continue  # a literal's key is looked up, too
            found = self._shapes.property_of(take.owner, take.name)
            if found is None:
                continue
            key, name, setter = found
            quiet = _is_accessor(take.inside, take.name)
            kind = Kind.WRITES if writes or setter else Kind.READS
            known, other = self._shapes.sent, self._shapes.received
            if kind is Kind.READS:
                known, other = other, known
            for owner in dict.fromkeys((take.owner, key)) if not quiet else ():
                sources = best_sources(known.get(owner, {}))
                alone = len(sources) == 1 and owner not in other
                for source, sure in sources:  # an instance may be of any of them
                    self._named(kind, source, name, take, sure and alone)

    def _required(self) -> None:
        """Members without which a body can't become an instance: reading them is all that it needs."""
        for key, sources in self._shapes.received.items():
            declared = self._engine.program.classes.get(key)
            clients = None if declared is None else self._engine.clients_of(declared)
            for member in list(declared.variables) if declared is not None else ():
                if declared is None or clients is None or not clients.is_required(declared, member):
                    continue
                name, (node, file) = clients.json_name(declared, member), declared.variables[member]
                if file.path in self._engine.generated:
                    continue
                place = Place(file.path, node.pos[0], node.pos[1], file.in_test)
                for source, sure in sources if name is not None else ():
                    pointer = stepped(pointer_of(source), name or "")
                    if pointer is not None:
                        found = LibraryOf(JSON + pointer, source.args)
                        self._fact(Kind.READS, found, place, member, sure, "its model needs it")

    def _named(self, kind: Kind, source: LibraryOf, name: str, take: Took, sure: bool) -> None:
        pointer = stepped(pointer_of(source), name)
        if pointer is not None:
            self._fact(kind, LibraryOf(JSON + pointer, source.args), take.place, take.name, sure)

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
        for instance in _instances(value):
            origin, key = origin_of(instance), instance.key
            if origin is not None:
                self._fact(Kind.UNKNOWN, origin, place, "", sure, why)
                continue
            for held in self._shapes.held_by(key):
                for source, _ in self._shapes.received.get(held, {}):
                    self._fact(Kind.UNKNOWN, source, place, "", False, why)
            sources = self._shapes.received.get(key, {})
            alone = len(sources) == 1 and key not in self._shapes.sent and key not in self._set
            for source, known in sources:
                self._fact(Kind.UNKNOWN, source, place, "", sure and known and alone, why)


def _requests(method: Value, url: Value) -> Iterator[Request]:
    """The requests that values mean: each method with each URL."""
    methods = dict.fromkeys((literal(one) or "").upper() for one in alternatives(method))
    for way in ways(url):
        for said in methods:
            yield said, way


def _last_return(node: Function) -> Pos | None:
    """Where a function last returns something."""
    found = [each.values[0].pos for each in nodes_in(node.body) if isinstance(each, Return) and each.values]
    return max(found, default=None)


def _instances(value: Value, depth: int = 4) -> Iterator[InstanceOf]:
    """The instances that a value is or holds."""
    if depth == 0:
        return
    if isinstance(value, InstanceOf):
        yield value
        return
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
