"""C#'s written types -> types of the neutral syntax tree.

A task is what it promises, a nullable what it may be; collections of any name are lists and maps; delegates
that the framework declares are signatures.
"""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, named
from workspai_hooks.workspace.use_sites.syntax import (
    Expr,
    Generic,
    Member,
    Name,
    Opaque,
    Parameter,
    Signature,
)

LISTS = frozenset(
    {
        *(
            "List",
            "IList",
            "IEnumerable",
            "ICollection",
            "IReadOnlyList",
            "IReadOnlyCollection",
            "IQueryable",
        ),
        *("HashSet", "ISet", "IReadOnlySet", "SortedSet", "Queue", "Stack", "LinkedList", "Collection"),
        *(
            "ObservableCollection",
            "ReadOnlyCollection",
            "ConcurrentBag",
            "ConcurrentQueue",
            "BlockingCollection",
        ),
        *(
            "ImmutableArray",
            "ImmutableList",
            "ImmutableHashSet",
            "IImmutableList",
            "FrozenSet",
            "ArraySegment",
        ),
        *("IEnumerator", "IAsyncEnumerator", "IAsyncEnumerable", "IOrderedEnumerable", "IOrderedQueryable"),
        *("Channel", "ChannelReader", "ChannelWriter"),
        *("Span", "ReadOnlySpan", "Memory", "ReadOnlyMemory", "RepeatedField", "DbSet", "PriorityQueue"),
    }
)
MAPS = frozenset(
    {
        *("Dictionary", "IDictionary", "IReadOnlyDictionary", "ReadOnlyDictionary", "SortedDictionary"),
        *(
            "ConcurrentDictionary",
            "ImmutableDictionary",
            "IImmutableDictionary",
            "FrozenDictionary",
            "MapField",
        ),
        "SortedList",
    }
)
WRAPPERS = frozenset({"Task", "ValueTask", "Nullable", "AsyncUnaryCall", "Lazy"})
FUNCTIONS = frozenset({"Func", "Action", "Predicate", "Converter", "Comparison"})
INNER = frozenset({"nullable_type", "ref_type", "scoped_type", "pointer_type", "parenthesized_type"})


def lower_type(nodes: Nodes, node: Node | None, depth: int = 0) -> Expr | None:
    """A written type; None for `var` and for none at all."""
    if node is None or node.type == "implicit_type":
        return None
    pos = nodes.pos(node)
    if depth > DEEPEST:
        return Opaque((), pos)
    deeper = depth + 1
    if node.type in ("identifier", "predefined_type"):
        return Name(nodes.text(node), pos)
    if node.type == "generic_name":
        return _generic(nodes, node, deeper)
    if node.type in ("qualified_name", "alias_qualified_name", "member_access_expression"):
        first, *_, last = named(node)
        qualifier = lower_type(nodes, first, deeper)
        if qualifier is None or nodes.text(first) == "global" or _is_wrapper(nodes, last):
            return lower_type(nodes, last, deeper)
        return _within(qualifier, lower_type(nodes, last, deeper))
    if node.type in INNER:
        parts = named(node)
        return lower_type(nodes, parts[0], deeper) if parts else None
    if node.type == "array_type":
        item = lower_type(nodes, node.child_by_field_name("type"), deeper)
        return Generic(Name("list", pos), () if item is None else (item,), pos)
    if node.type == "tuple_type":
        elements = [lower_type(nodes, part.child_by_field_name("type"), deeper) for part in named(node)]
        return Generic(Name("tuple", pos), tuple([each or Opaque((), pos) for each in elements]), pos)
    return Opaque((), pos)


def _is_wrapper(nodes: Nodes, node: Node) -> bool:
    """Whether a name is that of a type that stands for its argument, wherever it is declared."""
    word = named(node)[:1] if node.type == "generic_name" else []
    return bool(word) and nodes.text(word[0]) in WRAPPERS | {"Expression"}


def type_arguments(nodes: Nodes, node: Node, depth: int = 0) -> tuple[Expr, ...]:
    """The arguments in `<…>` of a generic name."""
    lists = [part for part in named(node) if part.type == "type_argument_list"]
    arguments = [lower_type(nodes, part, depth) for each in lists for part in named(each)]
    return tuple([argument or Opaque((), nodes.pos(node)) for argument in arguments])


def _within(qualifier: Expr, name: Expr | None) -> Expr:
    """`A.B<T>`: the qualifier belongs to B."""
    match name:
        case Name(text, pos):
            return Member(qualifier, text, pos)
        case Generic(Name(text, at), arguments, pos) if text[:1].isupper():
            return Generic(Member(qualifier, text, at), arguments, pos)
        case None:
            return qualifier
    return name


def _generic(nodes: Nodes, node: Node, depth: int) -> Expr:
    pos = nodes.pos(node)
    parts = named(node)
    word = nodes.text(parts[0]) if parts else ""
    arguments = type_arguments(nodes, node, depth)
    if word in LISTS:
        return Generic(Name("list", pos), arguments[:1], pos)
    if word in MAPS:
        return Generic(Name("map", pos), arguments, pos)
    if word in WRAPPERS and arguments:
        return arguments[0]
    if word == "Expression" and arguments:
        return arguments[0]
    if word in FUNCTIONS:
        results = arguments[-1:] if word in ("Func", "Converter") else ()
        taken = arguments[: len(arguments) - len(results)]
        return Signature(tuple([Parameter("", each, pos) for each in taken]), results, pos)
    return Generic(Name(word, pos), arguments, pos)
