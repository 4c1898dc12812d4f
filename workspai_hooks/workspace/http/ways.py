"""From what a line says with parameters to what callers make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from msgspec.structs import replace

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.http.events import Called, Caller, Decoded, Escaped, Event, Taken, Touched
from workspai_hooks.workspace.http.follow import Requests
from workspai_hooks.workspace.http.texts import JOINED, literal
from workspai_hooks.workspace.http.values import Place
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    LibraryOf,
    ParameterOf,
    TypeParameter,
    Value,
    parts_of,
    replaced,
)

_PATH = regex(r"(?:^|[^/:])/\w")
DEEPEST_CALLS = 4
"""Helper functions that call each other before one sends the request."""
MOST_CALLS = 400
"""Ways to one line that are looked at."""


class Ways:
    """Exchanges the parameters in events for what the callers of their functions hand in."""

    def __init__(self, engine: Requests) -> None:
        self._engine = engine
        self._callers: dict[str, dict[Caller, None]] = {}
        for noted in engine.noted():
            for key, callers in noted.callers.items():
                self._callers.setdefault(key, {}).update(callers)

    def of(self, event: Event) -> Iterator[tuple[Event, Place | None]]:
        """The event for each way that leads to it, with the line where its URL becomes known."""
        for one, place in islice(self._ways(event, None, DEEPEST_CALLS), MOST_CALLS):
            yield self._settled(one), place

    def _ways(self, event: Event, place: Place | None, depth: int) -> Iterator[tuple[Event, Place | None]]:
        function = _function_in(event)
        callers = self._callers.get(function, {}) if function else {}
        if not function or not callers or depth == 0:
            yield event, place
            return
        for caller in islice(callers, MOST_CALLS):
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


def _changed(event: Event, change: Callable[[Value], Value]) -> Event:
    match event:
        case Called(method, url, body):
            return replace(event, method=change(method), url=change(url), body=change(body))
        case Touched(value) | Escaped(value):
            return replace(event, value=change(value))
        case Decoded(kind, source):
            return replace(event, kind=change(kind), source=change(source))
        case Taken(source):
            return replace(event, source=change(source))
