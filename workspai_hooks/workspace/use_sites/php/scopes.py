"""What a PHP file is lowered in: its namespace, what `use` brings, classes and functions that it names."""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import Nodes
from workspai_hooks.workspace.use_sites.syntax import Import, Name, Pos, Stmt

SELF = "this"
PARENT = "super"


class Scopes:
    """The state of lowering one file. Names of classes and functions are made full here."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.depth = 0
        self.hoisted: list[Stmt] = []
        """What expressions do before their value is there: assignments inside them."""
        self.lifted: list[Stmt] = []
        """Classes and functions, by their full names."""
        self.namespace = ""
        self.used: dict[str, str] = {}
        self.used_functions: dict[str, str] = {}
        self.owner = ""
        """The full name of the class."""
        self.known: set[str] = set()
        self.named_here: dict[str, Pos] = {}

    def imported(self) -> tuple[Import, ...]:
        """The classes and functions that the file names."""
        return tuple([Import(name, None, (), self.named_here[name]) for name in sorted(self.named_here)])

    def written(self, node: Node | None) -> str:
        """A name as it is written, without spaces."""
        return "".join(self.nodes.text(node).split())

    def full(self, name: str) -> str:
        """The full name of a class."""
        if name.startswith("\\"):
            return name[1:]
        if name.lower().startswith("namespace\\"):
            return self.inside(name[10:])
        first, slash, rest = name.partition("\\")
        if first in self.used:
            return f"{self.used[first]}{slash}{rest}"
        return self.inside(name)

    def inside(self, name: str) -> str:
        """A name in the file's own namespace."""
        return f"{self.namespace}\\{name}" if self.namespace else name

    def class_named(self, written: str, pos: Pos) -> Name:
        """A class as an expression."""
        if written.lower() in ("self", "static"):
            return self.noted(self.owner, pos)
        return Name(PARENT, pos) if written.lower() == "parent" else self.noted(self.full(written), pos)

    def function_named(self, written: str, pos: Pos) -> Name:
        """A function: of the namespace, else a global one: `App\\foo()|foo()`."""
        if written.startswith("\\"):
            return self.noted(f"{written[1:]}()", pos)
        if written in self.used_functions:
            return self.noted(f"{self.used_functions[written]}()", pos)
        if "\\" in written:
            return self.noted(f"{self.full(written)}()", pos)
        return self.noted(f"{self.inside(written)}()|{written}()", pos)

    def noted(self, name: str, pos: Pos) -> Name:
        """A name that the naming will be asked for."""
        self.named_here.setdefault(name, pos)
        return Name(name, pos)
