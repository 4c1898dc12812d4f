"""Which of several functions of one name a call means."""

from __future__ import annotations

from collections.abc import Callable

from workspai_hooks.workspace.use_sites.infer.base import says_nothing
from workspai_hooks.workspace.use_sites.infer.program import FunctionDecl
from workspai_hooks.workspace.use_sites.values import (
    FunctionOf,
    InstanceOf,
    Method,
    TypeParameter,
    Value,
    alternatives,
)

Signature = Callable[[FunctionDecl], tuple[Value, ...]]


def chosen(first: FunctionDecl, args: tuple[Value, ...], parameters: Signature) -> FunctionDecl:
    """The overload whose number of parameters and whose types fit best; the first of those that fit alike."""
    best, best_score = first, -1
    for one in (first, *first.overloads):
        score = _fits(parameters(one), args, one)
        if score > best_score:
            best, best_score = one, score
    return best


def _fits(wanted: tuple[Value, ...], args: tuple[Value, ...], decl: FunctionDecl) -> int:
    variadic = bool(decl.node.parameters) and decl.node.parameters[-1].variadic
    if len(args) > len(wanted) and not variadic:
        return -1
    score = 4 if len(args) == len(wanted) else 0
    for kind, value in zip(wanted, args, strict=False):
        score += max(_fit(kind, one) for one in alternatives(value))
    return max(score, 0)


def _fit(kind: Value, value: Value) -> int:
    if kind == value:
        return 3
    if says_nothing(value) or says_nothing(kind) or isinstance(kind, TypeParameter):
        return 1
    if isinstance(value, Method | FunctionOf):
        return 2 if isinstance(kind, Method | InstanceOf) else -4
    if isinstance(kind, InstanceOf) and isinstance(value, InstanceOf):
        return 2 if kind.key == value.key else 1  # it may be derived from it
    return -4
