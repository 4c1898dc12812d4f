"""Rust's written types -> types of the neutral syntax tree.

What only owns, shares, guards, promises or may lack a value is that value: `Option<Box<T>>`, `Arc<Mutex<T>>`,
`Result<T, E>`, `impl Future<Output = T>` and `&mut T` are all T.
"""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import Nodes, named
from workspai_hooks.workspace.use_sites.rust.names import MODULE
from workspai_hooks.workspace.use_sites.syntax import (
    Expr,
    Generic,
    Member,
    Name,
    Opaque,
    Parameter,
    Pos,
    Signature,
)

WRAPPERS = frozenset(
    {
        *("Option", "Result", "Box", "Arc", "Rc", "Weak", "Cow", "Pin", "Cell", "RefCell", "Mutex", "RwLock"),
        *("OnceCell", "OnceLock", "LazyLock", "LazyCell", "Lazy", "Ref", "RefMut", "MutexGuard", "ArcSwap"),
        *("RwLockReadGuard", "RwLockWriteGuard", "JoinHandle", "ManuallyDrop", "Poll", "BoxFuture", "Data"),
        *("Into", "TryInto", "AsRef", "AsMut", "Borrow", "BorrowMut", "ToOwned", "Deref", "DerefMut"),
        *("IntoRequest", "LocalBoxFuture", "OwnedMutexGuard", "State", "Extension", "Wrapping", "Reverse"),
    }
)
"""Generic types and bounds that are as good as their first argument."""
LISTS = frozenset({"Vec", "VecDeque", "HashSet", "BTreeSet", "IndexSet", "LinkedList", "SmallVec", "DashSet"})
FLOWS = frozenset(
    {
        *("Stream", "Iterator", "IntoIterator", "DoubleEndedIterator", "ExactSizeIterator", "Streaming"),
        *("BoxStream", "LocalBoxStream", "ReceiverStream", "UnboundedReceiverStream", "IntoStreamingRequest"),
        *("Sender", "Receiver", "UnboundedSender", "UnboundedReceiver", "SyncSender", "Peekable", "Iter"),
        *("IntoIter", "BroadcastStream", "WatchStream", "Fuse", "Drain"),
    }
)
"""Give or take one value after another."""
MAPS = frozenset({"HashMap", "BTreeMap", "IndexMap", "DashMap", "FxHashMap", "AHashMap"})
FUNCTIONS = frozenset({"Fn", "FnMut", "FnOnce"})
MARKERS = frozenset(
    {
        *(
            "Send",
            "Sync",
            "Unpin",
            "Clone",
            "Copy",
            "Debug",
            "Display",
            "Default",
            "Sized",
            "PartialEq",
            "Eq",
        ),
        *("Hash", "Ord", "PartialOrd", "Serialize", "Deserialize", "DeserializeOwned", "Error", "Any"),
    }
)
"""Traits that say nothing of what a value holds."""
_INNER = frozenset(
    {"reference_type", "pointer_type", "dynamic_type", "abstract_type", "bracketed_type", "qualified_type"}
)


class Types:
    """Lowers the written types of one file."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.bounds: dict[str, Expr] = {}

    def type(self, node: Node | None) -> Expr | None:
        """A written type; None for `_` and for none at all."""
        if node is None:
            return None
        pos = self.nodes.pos(node)
        if node.type in ("type_identifier", "identifier", "primitive_type", "self", "crate", "super"):
            word = self.nodes.text(node)
            return None if word == "_" else self.bounds.get(word) or Name(word, pos)
        if node.type in ("scoped_type_identifier", "scoped_identifier"):
            return self.path(node)
        if node.type in ("generic_type", "generic_type_with_turbofish"):
            return self._generic_type(node)
        if node.type in _INNER:
            parts = [part for part in named(node) if part.type not in ("lifetime", "mutable_specifier")]
            return self.type(parts[0]) if parts else None
        if node.type == "bounded_type":
            return self._first_of([part for part in named(node) if part.type != "lifetime"])
        if node.type == "array_type":
            return Generic(Name("list", pos), self._known([node.child_by_field_name("element")], pos), pos)
        if node.type == "tuple_type":
            return Generic(Name("tuple", pos), self._known(named(node), pos), pos)
        if node.type == "function_type":
            return self._function_type(node, pos)
        return Opaque((), pos)

    def path(self, node: Node) -> Expr:
        """`a::b::C`, in types and expressions."""
        name = node.child_by_field_name("name") or node
        path = node.child_by_field_name("path")
        word, pos = self.word(name), self.nodes.pos(name)
        if path is None:  # `::a::B`
            return Name(word, pos)
        return Member(self._head(path) or Opaque((), pos), word, pos)

    def _head(self, node: Node) -> Expr | None:
        """What stands before `::`. A module's name is marked: variables may be called like it."""
        word = self.word(node)
        if node.type in ("identifier", "self", "super", "crate") and not word[:1].isupper():
            return Name(f"{word}{MODULE}", self.nodes.pos(node))
        return self.type(node)

    def word(self, node: Node) -> str:
        """An identifier without the mark of raw ones."""
        return self.nodes.text(node).removeprefix("r#")

    def arguments(self, node: Node | None) -> tuple[Expr, ...]:
        """What stands in `<…>`, lifetimes left out; `Item = T` counts as T."""
        found = [part for part in named(node) if part.type not in ("lifetime", "block", "integer_literal")]
        values = [part.child_by_field_name("type") if part.type == "type_binding" else part for part in found]
        return self._known(values, (1, 1) if node is None else self.nodes.pos(node))

    def _known(self, nodes: list[Node | None] | list[Node], pos: Pos) -> tuple[Expr, ...]:
        return tuple([self.type(each) or Opaque((Name("_", pos),), pos) for each in nodes])

    def _generic_type(self, node: Node) -> Expr | None:
        pos = self.nodes.pos(node)
        base = self.type(node.child_by_field_name("type"))
        arguments = self.arguments(node.child_by_field_name("type_arguments"))
        word = base.id if isinstance(base, Name) else base.name if isinstance(base, Member) else ""
        if word in ("Future", "IntoFuture", *WRAPPERS) and arguments:
            return arguments[0]
        if word in LISTS:
            return Generic(Name("list", pos), arguments[:1], pos)
        if word in FLOWS and arguments:
            return Generic(Name("flow", pos), arguments[:1], pos)
        if word in MAPS:
            return Generic(Name("map", pos), arguments[:2], pos)
        return base if base is None else Generic(base, arguments, pos)

    def _function_type(self, node: Node, pos: Pos) -> Expr:
        """`Fn(A) -> B`, `fn(A) -> B`."""
        taken = self._known(named(node.child_by_field_name("parameters")), pos)
        result = self.type(node.child_by_field_name("return_type"))
        parameters = tuple([Parameter("", each, pos) for each in taken])
        return Signature(parameters, () if result is None else (result,), pos)

    def _first_of(self, bounds: list[Node]) -> Expr | None:
        """The first bound that says something."""
        for bound in bounds:
            kind = self.type(bound)
            word = kind.id if isinstance(kind, Name) else kind.name if isinstance(kind, Member) else ""
            if kind is not None and word not in MARKERS:
                return kind
        return None

    def type_parameters(self, node: Node) -> tuple[str, ...]:
        """The type parameters that a declaration leaves open; from now on a bound one is its bound."""
        names: list[str] = []
        bounded = [
            (part.child_by_field_name("name"), part.child_by_field_name("bounds"))
            for part in named(node.child_by_field_name("type_parameters"))
            if part.type == "type_parameter"
        ]
        names.extend(self.nodes.text(name) for name, _ in bounded)
        clauses = [part for part in node.children if part.type == "where_clause"]
        bounded += [
            (part.child_by_field_name("left"), part.child_by_field_name("bounds"))
            for clause in clauses
            for part in named(clause)
        ]
        for name, bounds in bounded:
            kind = self._first_of([part for part in named(bounds) if part.type != "lifetime"])
            if kind is not None and self.nodes.text(name) in names:
                self.bounds[self.nodes.text(name)] = kind
        return tuple([name for name in names if name not in self.bounds])
