"""Names inside a function."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.workspace.use_sites.infer.program import File, FunctionDecl
from workspai_hooks.workspace.use_sites.values import Value


class Frame:
    """The function or lambda that is being walked: what it returns so far, and what it has to.

    `decl` is the function, or the one around the lambda.
    """

    __slots__ = ("decl", "expected", "returned")

    def __init__(self, expected: Value | None = None, decl: FunctionDecl | None = None) -> None:
        self.decl = decl
        self.expected = expected
        self.returned: list[Value] = []


class Scope:
    """A scope; the outermost one of a file has no parent, and its names are those of the file's unit."""

    __slots__ = ("file", "frame", "names", "parent")

    def __init__(self, file: File, parent: Scope | None = None, frame: Frame | None = None) -> None:
        self.file = file
        self.parent = parent
        self.frame: Frame | None = frame if frame is not None else (parent.frame if parent else None)
        self.names: dict[str, Value] = {}

    def lookup(self, name: str) -> Value | None:
        """What a name stands for in this function and those around it."""
        scope: Scope | None = self
        while scope is not None:
            value = scope.names.get(name)
            if value is not None:
                return value
            scope = scope.parent
        return None

    def every(self, name: str) -> Iterator[Value]:
        """What a name stands for in each scope that declares it, from the inside out."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                yield scope.names[name]
            scope = scope.parent

    def declare(self, name: str, value: Value) -> None:
        """A new name in this very scope."""
        self.names[name] = value

    def assign(self, name: str, value: Value) -> bool:
        """A new value for a known name. False: it is not known here."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                scope.names[name] = value
                return True
            scope = scope.parent
        return False
