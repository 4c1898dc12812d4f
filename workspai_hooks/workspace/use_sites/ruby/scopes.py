"""What a Ruby file is lowered in: the modules around, the local names so far, the constants that it names.

Ruby finds a constant through the modules around it. The tree keeps that in the name: `Shop::Api>Cart::Item`
is `Cart::Item` as seen from inside `Shop::Api`. Each is also an Import, so that the naming resolves it once.
"""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.nodes import Nodes
from workspai_hooks.workspace.use_sites.syntax import (
    Expr,
    Import,
    Index,
    Member,
    Name,
    Opaque,
    Pos,
    Record,
    Stmt,
    Text,
)

CONTEXT = "(context)"
"""The one parameter of a template; no name in Ruby can be written like this."""
SELF = "this"
BLOCK = "&"
"""What a method calls the block that it is given, and a call the one that it gives."""


class Scopes:
    """The state of lowering one file."""

    def __init__(self, nodes: Nodes, in_template: bool = False) -> None:
        self.nodes = nodes
        self.in_template = in_template
        self.depth = 0
        self.hoisted: list[Stmt] = []
        """What expressions do before their value is there: assignments, branches."""
        self.lifted: list[Stmt] = []
        """Classes, functions and constants, wherever they stand, by their full names."""
        self.nest: tuple[str, ...] = ()
        self.known: set[str] = set()
        """Local variables that the method has bound so far."""
        self.attributes: frozenset[str] = frozenset()
        """Instance variables of the class that its accessors make public."""
        self.in_class = False
        self.shared: dict[str, Pos] = {}
        """Global variables, and instance variables outside of classes."""
        self.instance: dict[str, None] = {}
        """Instance variables of the class, or of the file outside of classes, in order."""
        self.constants: dict[str, Pos] = {}
        self.imports: list[Import] = []

    def full(self, path: str) -> str:
        """The full name of what is declared as `path` here."""
        return "::".join((*self.nest, path))

    def constant(self, path: str, pos: Pos) -> Name:
        """A constant as it is seen from here."""
        around = "" if path.startswith("::") else "::".join(self.nest)
        key = f"{around}>{path.removeprefix('::')}"
        self.constants.setdefault(key, pos)
        return Name(key, pos)

    def local(self, name: str, pos: Pos) -> Expr:
        """A bare name: a local variable, else a method of the object; in a template what it is given."""
        if name in self.known or not self.in_template:
            return Name(name, pos)
        return Index(Name(CONTEXT, pos), Text(name, pos), pos)

    def variable(self, name: str, pos: Pos) -> Expr:
        """`@x`, `@@x`, `$x`."""
        if self.in_template:
            return Index(Name(CONTEXT, pos), Text(name, pos), pos)
        if name.startswith("$") or not self.in_class:
            self.shared.setdefault(name, pos)
            if not name.startswith("$"):
                self.instance.setdefault(name)
            return Name(name, pos)
        self.instance.setdefault(name)
        bare = name.lstrip("@")
        return Member(Name(SELF, pos), bare if bare in self.attributes else name, pos)

    def surroundings(self, pos: Pos) -> Record:
        """`binding`: local and instance variables by name."""
        entries: list[tuple[Expr, Expr]] = [(Text(name, pos), Name(name, pos)) for name in sorted(self.known)]
        return Record((*entries, *self.instance_entries(pos)), pos)

    def instance_entries(self, pos: Pos) -> list[tuple[Expr, Expr]]:
        """What a template sees of the object that renders it."""
        if self.in_template:
            return [(Opaque((), pos), Name(CONTEXT, pos))]
        return [(Text(name, pos), self.variable(name, pos)) for name in list(self.instance)]
