"""What an Elixir file is lowered in: the module, its aliases, its attributes, the modules that it names."""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import Nodes
from workspai_hooks.workspace.use_sites.syntax import (
    Either,
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
"""The one parameter of a template; no name in Elixir can be written like this."""
SELF = "this"
ASSIGNS = "assigns"


class Scopes:
    """The state of lowering one file."""

    def __init__(self, nodes: Nodes, in_template: bool = False) -> None:
        self.nodes = nodes
        self.in_template = in_template
        self.in_markup = False
        """A template that stands in a function, whose `assigns` it sees."""
        self.depth = 0
        self.hoisted: list[Stmt] = []
        """What expressions do before their value is there: matches inside them."""
        self.lifted: list[Stmt] = []
        """Modules and their attributes, by their full names."""
        self.module = ""
        self.aliases: dict[str, str] = {}
        """What a module's first name stands for here."""
        self.opened: tuple[str, ...] = ()
        """Modules whose functions are imported."""
        self.own: frozenset[str] = frozenset()
        """Functions of the module."""
        self.assigned: dict[str, None] = {}
        """What the module assigns for its templates."""
        self.known: set[str] = set()
        """Variables of a template that it has bound so far."""
        self.modules: dict[str, Pos] = {}

    def imported(self) -> tuple[Import, ...]:
        """The modules that the file names, in full."""
        return tuple([Import(name, None, (), self.modules[name]) for name in sorted(self.modules)])

    def full(self, written: str) -> str:
        """A module's name without its alias."""
        first, dot, rest = written.partition(".")
        if first == "__MODULE__":
            return f"{self.module}{dot}{rest}"
        return f"{self.aliases.get(first, first)}{dot}{rest}"

    def module_named(self, written: str, pos: Pos) -> Name:
        """A module as an expression."""
        name = self.full(written.replace(" ", "").removeprefix("Elixir."))
        self.modules.setdefault(name, pos)
        return Name(name, pos)

    def path(self, node: Node | None) -> str:
        """A module's name as written; empty where it is none."""
        if node is None:
            return ""
        if node.type == "alias" or (node.type == "identifier" and self.nodes.text(node) == "__MODULE__"):
            return "".join(self.nodes.text(node).split())
        if node.type == "dot":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            outer, inner = self.path(left), self.path(right)
            return f"{outer}.{inner}" if outer and inner else ""
        return ""

    def attribute(self, name: str, pos: Pos) -> Expr:
        """`@x`: in a template what it is given, in a module a constant of it or what it has assigned."""
        if self.in_template:
            return Index(Name(CONTEXT, pos), Text(name, pos), pos)
        if self.in_markup:
            given = Index(Name(ASSIGNS, pos), Text(name, pos), pos)
            return (
                Either((given, self.assigned_value(name, pos)), (), pos) if name in self.assigned else given
            )
        return Name(f"{self.module}@{name}", pos)

    def local(self, name: str, pos: Pos) -> Expr:
        """A bare name; in a template what it is given, unless it has bound it itself."""
        if self.in_template and name not in self.known:
            return Index(Name(CONTEXT, pos), Text(name, pos), pos)
        return Name(name, pos)

    def surroundings(self, pos: Pos) -> list[tuple[Expr, Expr]]:
        """What a template sees beside what it is handed."""
        if self.in_template:
            return [(Opaque((), pos), Name(CONTEXT, pos))]
        return [(Text(name, pos), self.assigned_value(name, pos)) for name in self.assigned]

    def assigned_value(self, name: str, pos: Pos) -> Expr:
        """What the module assigns under a name."""
        return Member(Name(SELF, pos), f"@{name}", pos)

    def record(self, entries: list[tuple[Expr, Expr]], pos: Pos) -> Record:
        """A map of what a template is given."""
        return Record(tuple(entries), pos)
