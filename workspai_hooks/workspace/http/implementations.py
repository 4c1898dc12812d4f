"""Methods that nothing in the repository implements: what they are handed goes out of sight.

Mappers that annotations generate, proxies, functions of a host language: their declaration stands there
without a body.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from workspai_hooks.workspace.use_sites.infer.program import FunctionDecl
from workspai_hooks.workspace.use_sites.values import InstanceOf

if TYPE_CHECKING:
    from workspai_hooks.workspace.http.follow import Requests


class Implementations:
    """Asked of one part of a repository's sources."""

    def __init__(self, engine: Requests) -> None:
        self._engine = engine

    def lacks(self, decl: FunctionDecl) -> bool:
        """Whether a method has no body, here or in a class that derives from its own."""
        owner = decl.owner
        if owner is None or decl.node.body or decl.node.name == "__init__":
            return False
        if decl.file.path in self._engine.generated:
            return False
        if any(method.node.body for method in owner.methods.values()):
            return False  # a method that does nothing
        return (owner.key, decl.node.name) not in self._derived and decl.node.name not in self._structural

    @cached_property
    def _derived(self) -> frozenset[tuple[str, str]]:
        """The methods of classes, by the classes that these derive from."""
        found = set()
        for declared in list(self._engine.program.classes.values()):
            for base in declared.bases():
                value = self._engine.base_value(declared, base, InstanceOf(declared.key))
                if isinstance(value, InstanceOf):
                    found |= {(value.key, name) for name in declared.methods}
        return frozenset(found)

    @cached_property
    def _structural(self) -> frozenset[str]:
        """The names of methods with a body in languages whose classes do not say what they implement."""
        return frozenset(
            decl.node.name
            for decl in self._engine.program.functions.values()
            if decl.node.body and not decl.file.dialect.enclosing and not decl.file.dialect.implicit_self
        )
