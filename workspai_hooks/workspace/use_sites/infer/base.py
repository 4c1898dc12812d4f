"""What all parts of the walk share: the program, what was learnt, and what is reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workspai_hooks.workspace.use_sites.found import Escape, Found, Implementation, Mention, Use
from workspai_hooks.workspace.use_sites.infer.knowledge import Knowledge
from workspai_hooks.workspace.use_sites.infer.program import ClassDecl, File, Program
from workspai_hooks.workspace.use_sites.infer.scope import Scope
from workspai_hooks.workspace.use_sites.naming import Access
from workspai_hooks.workspace.use_sites.syntax import Expr, Pos, Stmt
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    Choice,
    EntryOf,
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


class Base:
    """State of one analysis. A round walks everything once; what it reports replaces the round's before."""

    def __init__(self, program: Program, accessors: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        self.program = program
        self.knowledge = Knowledge()
        self._accessors = accessors
        self._sees_stubs = {
            key: any(file.imports_stubs for file in unit.files) for key, unit in program.units.items()
        }
        self._settling: set[ParameterOf] = set()
        self._parts: dict[Value, ClassDecl] = {}
        self._importing: set[tuple[str, str]] = set()
        self.declared: dict[ParameterOf, Value] = {}
        """What is written of parameters whose type says nothing."""
        self.begin_round()

    def begin_round(self) -> None:
        """Forget what was reported and what was looked up."""
        self.knowledge.begin_round()
        self._uses: dict[tuple[str, int, int, str], Use] = {}
        self._implementations: set[Implementation] = set()
        self._escapes: set[Escape] = set()
        self._mentions: set[Mention] = set()
        self.memo: dict[tuple[str, str, str], Value] = {}

    def found(self) -> Found:
        """What this round reported."""
        return Found(
            tuple(sorted(self._uses.values())),
            tuple(sorted(self._implementations)),
            tuple(sorted(self._escapes)),
            tuple(sorted(self._mentions)),
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
        for element in access.touches:
            key = (file.path, pos[0], pos[1], element)
            use = Use(file.path, pos[0], pos[1], element, name, kind, access.confidence, file.in_test)
            known = self._uses.get(key)
            if known is None or known.confidence != "proven":
                self._uses[key] = use
        return access.value

    def likely(self, access: Access, certain: bool) -> Access:
        """The access, less sure where its receiver is one of several."""
        return access if certain else replace(access, confidence="likely")

    def implements(self, service: str, how: str, pos: Pos, file: File) -> None:
        """A class or call makes an implementation of a service."""
        self._implementations.add(Implementation(file.path, *pos, service, how, file.in_test))

    def escape(self, value: Value, how: str, symbol: str, pos: Pos, scope: Scope) -> None:
        """The messages in `value` leave sight."""
        file = scope.file
        for message in messages_in(self.settle(value)):
            self._escapes.add(Escape(file.path, *pos, message, how, symbol, file.in_test))

    def mention(self, name: str, pos: Pos, scope: Scope) -> None:
        """A member of something unknown; it counts where it has an accessor's name and stubs are in sight."""
        file = scope.file
        elements = self._accessors[file.source.language].get(name)
        if elements and self._sees_stubs[file.unit]:
            self._mentions.add(Mention(file.path, *pos, name, elements, file.in_test))

    def settle(self, value: Value) -> Value:
        """The value with parameters exchanged for what callers hand in, as far as is known."""
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


def says_nothing(value: Value) -> bool:
    """Whether a written type leaves open what a value is: `any`, `map[string]any`, `[]any`."""
    if value == UNKNOWN:
        return True
    if isinstance(value, Method):
        return False
    return any(says_nothing(part) for part in parts_of(value))


def refined(declared: Value, seen: Value) -> Value:
    """A written type, and what is known beyond it where it says nothing."""
    if declared == UNKNOWN:
        return seen
    if not says_nothing(declared) or seen in (UNKNOWN, PLAIN):
        return declared
    if isinstance(declared, TupleOf) and isinstance(seen, TupleOf) and len(declared.items) == len(seen.items):
        return TupleOf(tuple(refined(d, s) for d, s in zip(declared.items, seen.items, strict=True)))
    return seen
