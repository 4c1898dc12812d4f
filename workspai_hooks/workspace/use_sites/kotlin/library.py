"""What Kotlin's standard library does beyond the JVM's: scope functions, properties of collections."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.jvm.library import JvmLibrary
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    FunctionOf,
    ListOf,
    MapOf,
    Method,
    ParameterOf,
    TupleOf,
    TypeOf,
    Value,
)

Values = tuple[Value, ...]

BLOCKS = frozenset(
    {
        *("run", "coroutineScope", "runBlocking", "withContext", "supervisorScope", "measureTime", "lazy"),
        *("runCatching", "synchronized", "withTimeout", "withTimeoutOrNull", "transaction", "runTest"),
        *("measureTimedValue", "assertDoesNotThrow", "buildString", "launch", "thread", "runInterruptible"),
    }
)
"""Functions that give what their block gives (or, where that is of no interest, nothing)."""
BUILDING = frozenset({"flow", "sequence", "buildList", "channelFlow", "callbackFlow", "buildSet", "iterator"})
"""Their block adds to what they give."""
LISTED = frozenset({"async", "lazyOf", "List", "MutableList", "generateSequence", "Array", "produce"})
PROPERTIES = frozenset({"values", "keys", "entries", "first", "last", "value", "indices", "lastIndex"})


class KotlinLibrary(JvmLibrary):
    """The protocol `naming.Library` for Kotlin."""

    def builtin(self, name: str) -> Value | None:
        """Functions of `kotlin` and its coroutines, then what Java knows."""
        if name == "with":
            return Method(given=_receiving, compute=_result)
        if name in ("Pair", "Triple"):
            return Method(compute=TupleOf)
        if name in BLOCKS:
            return Method(parameters=(UNKNOWN,), compute=_result)
        if name in BUILDING:
            return Method(ListOf(UNKNOWN))
        if name in LISTED:
            return Method(compute=lambda args: ListOf(_result(args)))
        if name in ("repeat", "println", "print", "require", "check", "error", "TODO", "assert", "delay"):
            return Method()
        if name in ("null", "true", "false"):
            return PLAIN
        known = self.function(f"kotlin.{name}") if name[:1].islower() else None
        return super().builtin(name) if known is None else known

    def member(self, value: Value, name: str) -> Value | None:
        """Scope functions of any value; properties of collections."""
        scoped = None if isinstance(value, TypeOf | ParameterOf) else _scoped(value, name)
        if scoped is not None:
            return scoped
        if isinstance(value, MapOf) and name in ("forEach", "onEach"):
            pair = TupleOf((value.key, value.value))
            return Method(parameters=(Method(parameters=(pair, value.value)),))
        known = super().member(value, name)
        if isinstance(value, MapOf) and name in PROPERTIES and isinstance(known, Method):
            return known.result
        return known


def _scoped(value: Value, name: str) -> Value | None:
    if name in ("let", "use", "useLines"):
        return Method(parameters=(Method(parameters=(value,)),), compute=_result)
    if name == "also":
        return Method(value, parameters=(Method(parameters=(value,)),))
    if name == "run" and not isinstance(value, Method | FunctionOf):
        return Method(parameters=(Method(receiver=value),), compute=_result)
    if name == "apply" and not isinstance(value, Method | FunctionOf):
        return Method(value, parameters=(Method(receiver=value),))
    if name in ("takeIf", "takeUnless"):
        return Method(value, parameters=(Method(parameters=(value,)),))
    return None


def _receiving(args: Values) -> Values:
    """`with(x) { … }`: x is the receiver of the block."""
    return (UNKNOWN, Method(receiver=args[0])) if args else ()


def _result(args: Values) -> Value:
    last = args[-1] if args else PLAIN
    return last.result if isinstance(last, Method) else UNKNOWN
