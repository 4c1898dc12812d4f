"""The functional interfaces of the JVM's libraries as function types."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.syntax import Expr, Parameter, Pos, Signature

TAKES_AND_GIVES = frozenset(
    {
        *(
            "Function",
            "BiFunction",
            "Supplier",
            "Callable",
            "ThrowingSupplier",
            "CheckedFunction",
            "Function1",
        ),
        *("AsyncFunction", "FutureSupplier", "CheckedSupplier", "TriFunction", "Converter", "Func"),
        *("ToIntFunction", "ToLongFunction", "ToDoubleFunction", "IntFunction", "Mapper"),
    }
)
"""The last argument is the result."""
TAKES = frozenset({"Consumer", "BiConsumer", "Predicate", "BiPredicate", "ThrowingConsumer"})
TWICE = frozenset({"Comparator", "BinaryOperator"})
NUMERIC = frozenset({"ToIntFunction", "ToLongFunction", "ToDoubleFunction"})


def functional(word: str, args: tuple[Expr, ...], pos: Pos) -> Signature | None:
    """`Function<A, B>` as a function type; None for anything else."""
    if not args:
        return None
    if word == "UnaryOperator":
        return _signature(args, args, pos)
    if word in TWICE:
        return _signature((*args, *args), args if word == "BinaryOperator" else (), pos)
    if word in TAKES or word in NUMERIC:
        return _signature(args, (), pos)
    return _signature(args[:-1], args[-1:], pos) if word in TAKES_AND_GIVES else None


def _signature(takes: tuple[Expr, ...], gives: tuple[Expr, ...], pos: Pos) -> Signature:
    return Signature(tuple([Parameter("", each, pos) for each in takes]), gives, pos)
