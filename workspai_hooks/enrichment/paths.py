"""Which path of an OpenAPI description a request's path is: the order in which they are tried."""

from __future__ import annotations

from collections.abc import Iterable

from workspai_hooks.enrichment.values import HttpOperation
from workspai_hooks.patterns import regex

_PARAMETER = regex(r"\{[^{}/]*\}")


def most_literal_first(operations: Iterable[HttpOperation]) -> list[HttpOperation]:
    """The first whose path fits is the one that is meant: `/orders/latest` stands before `/orders/{id}`, as
    OpenAPI 3.0 asks under Paths Object, `/{file}.json` before `/{file}`."""
    return sorted(operations, key=lambda one: ([_vague(part) for part in one.path.split("/")], one.method))


def _vague(segment: str) -> tuple[int, int, str]:
    """Sorts what is without parameters first, then what has more characters beside them."""
    literal, parameters = _PARAMETER.subn("", segment)
    return (min(parameters, 1), -len(literal) if parameters else 0, segment)
