"""What inputs are made from: files of our fixtures, and the texts that stand in our tests."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
FIXTURES = TESTS.parent / "fixtures"
MOST = 24
"""Seeds of one reader: more only take longer to load."""
LARGEST = 16 * 1024
"""Bytes of a seed; readers see larger inputs by repetition."""


@cache
def files(*endings: str) -> tuple[bytes, ...]:
    """Files of the fixtures whose names end so."""
    found = [path for path in sorted(FIXTURES.rglob("*")) if path.is_file() and path.name.endswith(endings)]
    return _some(path.read_bytes() for path in found)


@cache
def texts(*modules: str, having: str = "") -> tuple[bytes, ...]:
    """Texts of some length that stand in test modules (`test_services`), those with a word in them."""
    found = []
    for module in modules:
        for path in sorted(TESTS.glob(f"{module}.py")):
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
                    data = node.value.encode() if isinstance(node.value, str) else node.value
                    if len(data) > 40 and having.encode() in data:
                        found.append(data)
    return _some(found)


def _some(found: Iterable[bytes]) -> tuple[bytes, ...]:
    """Not too many, from all over the list."""
    every = list(dict.fromkeys(data[:LARGEST] for data in found if data))
    step = max(1, len(every) // MOST)
    return tuple(every[::step][:MOST])
