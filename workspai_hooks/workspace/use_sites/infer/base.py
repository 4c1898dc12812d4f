"""What all parts of the walk share: the program, what was learnt, and what is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from workspai_hooks.workspace.use_sites.found import Escape, Found, Implementation, Mention, Use
from workspai_hooks.workspace.use_sites.infer.knowledge import Key, Knowledge, Reads
from workspai_hooks.workspace.use_sites.infer.program import ClassDecl, File, Program
from workspai_hooks.workspace.use_sites.infer.scope import Scope
from workspai_hooks.workspace.use_sites.naming import Access
from workspai_hooks.workspace.use_sites.syntax import Expr, Pos, Stmt
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    Choice,
    EntryOf,
    InstanceOf,
    LibraryOf,
    ListOf,
    LocalModule,
    MapOf,
    Method,
    ParameterOf,
    RecordOf,
    TupleOf,
    Value,
    join,
    messages_in,
    parts_of,
    within,
)
from workspai_hooks.workspace.use_sites.writing import given, names_a_setter

UNSETTLED = frozenset({ParameterOf, EntryOf, Choice})


class Reports:
    """What one walk of one piece of code reported; the next walk of the same piece replaces it."""

    __slots__ = ("escapes", "given", "implementations", "mentions", "uses", "written")

    def __init__(self) -> None:
        self.uses: dict[tuple[str, int, int, str], Use] = {}
        self.implementations: set[Implementation] = set()
        self.escapes: set[Escape] = set()
        self.mentions: set[Mention] = set()
        self.written: set[tuple[str, int, int]] = set()
        """Where a name stands that is assigned to, by file."""
        self.given: set[tuple[str, int, int]] = set()
        """Where a name stands whose value is assigned, returned or handed to a field."""


class Base:
    """State of one analysis."""

    def __init__(self, program: Program, accessors: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        self.program = program
        self.knowledge = Knowledge()
        self._accessors = accessors
        self._sees_stubs = _seeing_stubs(program)
        self._guessing = {file.path for unit in program.units.values() for file in unit.files if file.guesses}
        self._settling: set[ParameterOf] = set()
        self._parts: dict[Value, ClassDecl] = {}
        self._importing: set[tuple[str, str]] = set()
        self.declared: dict[ParameterOf, Value] = {}
        """What is written of parameters whose type says nothing."""
        self._depth = 0
        self._reports: dict[Key, Reports] = {}
        self._sink = Reports()
        self._memo: dict[Key, tuple[Value, Reads]] = {}
        self._made_of: dict[Key, set[Key]] = {}

    def collect(self, key: Key, walk: Callable[[], None]) -> Reads:
        """Walk a piece of code; what it reports is kept under `key`. Gives what it read."""
        reads: Reads = {}
        outer, self._sink = self._sink, self._fresh()
        self._reports[key] = self._sink
        try:
            with self.knowledge.listening(reads):
                walk()
        finally:
            self._sink = outer
        return reads

    def _fresh(self) -> Reports:
        """Where one walk reports to."""
        return Reports()

    def memoized(self, key: Key, compute: Callable[[], Value]) -> Value:
        """What a declaration is, made once; Unknown where it is asked for while it is being made."""
        known = self._memo.get(key)
        if known is None:
            self._memo[key] = (UNKNOWN, {})
            made: list[Value] = []
            reads = self.collect((f"memo {key[0]}", key[1], key[2]), lambda: made.append(compute()))
            known = self._memo[key] = (made[0], reads)
            for read in reads:
                self._made_of.setdefault(read, set()).add(key)
        self.knowledge.note(known[1])
        return known[0]

    def forget(self, key: Key) -> None:
        """A key has changed: what was made by reading it is made anew when it is asked for again."""
        for memo in self._made_of.pop(key, ()):
            self._memo.pop(memo, None)

    def found(self) -> Found:
        """All that was reported."""
        reports = self._reports.values()
        uses: dict[tuple[str, int, int, str], Use] = {}
        for one in reports:
            for key, use in one.uses.items():
                if key not in uses or use.confidence == "proven":
                    uses[key] = use
        written = {place for one in reports for place in one.written}
        given = {place for one in reports for place in one.given}
        for key, use in uses.items():
            if key[:3] in written or (use.kind == "enum" and key[:3] in given):
                uses[key] = replace(use, writes=True)
        return Found(
            tuple(sorted(uses.values())),
            tuple(sorted({each for one in reports for each in one.implementations})),
            tuple(sorted({escape for one in reports for escape in one.escapes})),
            tuple(sorted({mention for one in reports for mention in one.mentions})),
        )

    def evaluate(self, node: Expr, scope: Scope, expected: Value | None = None) -> Value:
        """The value of an expression; what it uses is reported on the way."""
        raise NotImplementedError

    def walk(self, statements: tuple[Stmt, ...], scope: Scope) -> None:
        """Follow statements in order."""
        raise NotImplementedError

    def take(self, access: Access, name: str, pos: Pos, scope: Scope) -> Value:
        """Report what a name uses, and give its value."""
        file = scope.file
        kind = "template" if file.unit.startswith("template:") else access.kind
        confidence = "likely" if file.path in self._guessing else access.confidence
        for element in access.touches:
            key = (file.path, pos[0], pos[1], element)
            writes = access.kind in ("field", "oneof") and names_a_setter(name, element)
            use = Use(file.path, pos[0], pos[1], element, name, kind, confidence, file.in_test, writes)
            known = self._sink.uses.get(key)
            if known is None or known.confidence != "proven":
                self._sink.uses[key] = use
        return access.value

    def written(self, pos: Pos, scope: Scope) -> None:
        """What the name at `pos` stands for is assigned to."""
        self._sink.written.add((scope.file.path, *pos))

    def given(self, nodes: Iterable[Expr], scope: Scope) -> None:
        """What these expressions give goes somewhere: into a field, a variable, to a caller."""
        self._sink.given.update((scope.file.path, *pos) for node in nodes for pos in given(node))

    def likely(self, access: Access, certain: bool) -> Access:
        """The access, less sure where its receiver is one of several."""
        return access if certain else replace(access, confidence="likely")

    def implements(self, service: str, how: str, pos: Pos, file: File) -> None:
        """A class or call makes an implementation of a service."""
        self._sink.implementations.add(Implementation(file.path, *pos, service, how, file.in_test))

    def escape(self, value: Value, how: str, symbol: str, pos: Pos, scope: Scope) -> None:
        """The messages in `value` leave sight."""
        file = scope.file
        for message in messages_in(self.settle(value)):
            self._sink.escapes.add(Escape(file.path, *pos, message, how, symbol, file.in_test))

    def mention(self, name: str, pos: Pos, scope: Scope) -> None:
        """A member of something unknown; it counts where it has an accessor's name and stubs are in sight."""
        file = scope.file
        elements = self._accessors[file.source.language].get(name)
        if elements and self._sees_stubs[file.unit]:
            self._sink.mentions.add(Mention(file.path, *pos, name, elements, file.in_test))

    def settle(self, value: Value) -> Value:
        """The value with parameters exchanged for what callers hand in, as far as is known."""
        if type(value) not in UNSETTLED:
            return value
        match value:
            case ParameterOf(function, index):
                if value in self._settling:
                    return UNKNOWN
                self._settling.add(value)
                seen = self.knowledge.get(("argument", function, str(index)))
                settled = UNKNOWN if seen is None else self.settle(seen)
                self._settling.discard(value)
                return refined(self.declared.get(value, UNKNOWN), settled)
            case EntryOf(source, part):
                return self._entry(self.settle(source), part)
            case Choice(values):
                return join(self.settle(one) for one in values)
            case _:
                return value

    def _entry(self, source: Value, part: str) -> Value:
        match source:
            case MapOf(key, held):
                return self.settle(key if part == "key" else held)
            case RecordOf(entries, merged):
                if part == "key":
                    return PLAIN
                inner = [self._entry(self.settle(one), part) for one in merged]
                return join([*(self.settle(held) for _, held in entries), *inner])
            case Choice(values):
                return join(self._entry(one, part) for one in values)
            case _:
                return UNKNOWN

    def kept(self, value: Value) -> Value:
        """The value, or Unknown where it has grown out of bounds."""
        return value if within(value) else UNKNOWN


def _seeing_stubs(program: Program) -> dict[str, bool]:
    """Units that import generated code, or a module of the repository that does."""
    seeing = {key for key, unit in program.units.items() if any(file.imports_stubs for file in unit.files)}
    for key, unit in program.units.items():
        modules = {b.module for file in unit.files for b in (*file.bindings.values(), *file.opened)}
        if any(isinstance(module, LocalModule) and module.unit in seeing for module in modules):
            seeing.add(key)
    return {key: key in seeing for key in program.units}


def says_nothing(value: Value) -> bool:
    """Whether a written type leaves open what a value is: `any`, `map[string]any`, `[]any`."""
    if value == UNKNOWN:
        return True
    if isinstance(value, Method):
        return False
    return any(says_nothing(part) for part in parts_of(value))


def _carries_more(declared: Value, seen: Value) -> bool:
    """Whether what is seen is of the written type and carries a value of our own (`(…)`) beside it."""
    match declared, seen:
        case LibraryOf(), LibraryOf(path):
            return path.startswith("(")
        case InstanceOf(key, args), InstanceOf(other, more):
            if key != other or len(more) == len(args):
                return key == other and any(map(_carries_more, args, more))
            return len(more) > len(args) and _is_ours(more[-1])
        case (ListOf(held), ListOf(item)) | (MapOf(_, held), MapOf(_, item)):
            return _carries_more(held, item)
        case _:
            return False


def _is_ours(value: Value) -> bool:
    return isinstance(value, LibraryOf) and value.path.startswith("(")


def refined(declared: Value, seen: Value) -> Value:
    """A written type, and what is known beyond it where it says nothing."""
    if declared == UNKNOWN or _carries_more(declared, seen):
        return seen
    if not says_nothing(declared) or seen in (UNKNOWN, PLAIN):
        return declared
    if isinstance(declared, TupleOf) and isinstance(seen, TupleOf) and len(declared.items) == len(seen.items):
        return TupleOf(tuple(refined(d, s) for d, s in zip(declared.items, seen.items, strict=True)))
    return seen
