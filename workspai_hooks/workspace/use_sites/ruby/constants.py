"""What a constant means in a Ruby file: one of the contract, one of the repository, or a library's.

Ruby looks through the modules around, from the inside out, through what these include and derive from, and
then among the top-level ones. A constant that only gives another one a new name is followed by its text.
"""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.workspace.use_sites.naming import Access, Binding
from workspai_hooks.workspace.use_sites.projects import Projects
from workspai_hooks.workspace.use_sites.syntax import Bind, Class, Name, Source
from workspai_hooks.workspace.use_sites.values import LibraryOf, LocalModule, ModuleOf

FURTHEST = 12
"""Steps from one name to another; broken sources can go in a circle."""
OBJECT = "Object"


class Constants:
    """Resolves constants."""

    def __init__(
        self, generated: Mapping[str, Access], projects: Projects, sources: Mapping[str, Source]
    ) -> None:
        self._generated = generated
        self._modules = {prefix for name in generated for prefix in _prefixes(name)}
        self._projects = projects
        self._renamed: dict[str, str] = {}
        self._bases: dict[str, list[str]] = {}
        for source in sources.values():
            for statement in source.body if source.language == "ruby" else ():
                match statement:
                    case Bind((Name(name),), None, (Name(key),)) if ">" in key:
                        self._renamed[name] = key
                    case Class(name, bases):
                        keys = [base.id for base in bases if isinstance(base, Name) and ">" in base.id]
                        self._bases.setdefault(name, []).extend(keys)
                    case _:
                        pass

    def binding(self, key: str, path: str) -> Binding:
        """What `nest>path` is in a file."""
        full = self.resolved(key, FURTHEST)
        if full in self._generated:
            outer, _, inner = full.rpartition("::")
            return Binding(key, ModuleOf(f"ruby:{outer}"), inner)
        unit = self._projects.declaring(full, path)
        if unit is not None:
            return Binding(key, LocalModule(unit), full)
        return Binding(key, LibraryOf(full))

    def resolved(self, key: str, steps: int) -> str:
        """The full name of a constant."""
        nest, _, path = key.partition(">")
        first, *rest = path.split("::")
        full = self._first(nest, first, steps)
        for name in rest:
            full = self._inside(self._followed(full, steps), name, steps)
        return self._followed(full, steps)

    def _first(self, nest: str, name: str, steps: int) -> str:
        """The constant that a bare name means inside these modules."""
        around = nest.split("::") if nest else []
        for count in range(len(around), 0, -1):
            full = f"{'::'.join(around[:count])}::{name}"
            if self._exists(full):
                return full
        inherited = [nest, OBJECT] if nest and steps else [OBJECT]
        for owner in inherited:
            for found in (self._inherited(owner, name, steps),):
                if found is not None and not (owner == OBJECT and self._exists(name)):
                    return found
        return name

    def _inside(self, owner: str, name: str, steps: int) -> str:
        full = f"{owner}::{name}"
        if self._exists(full):
            return full
        return self._inherited(owner, name, steps) or full

    def _inherited(self, owner: str, name: str, steps: int) -> str | None:
        """A constant that a class has from what it includes or derives from."""
        if steps <= 0:
            return None
        for key in self._bases.get(owner, ()):
            base = self.resolved(key, steps - 4)
            if self._exists(f"{base}::{name}"):
                return f"{base}::{name}"
        return None

    def _followed(self, full: str, steps: int) -> str:
        """What a constant that renames another one stands for."""
        key = self._renamed.get(full)
        return full if key is None or steps <= 0 else self.resolved(key, steps - 1)

    def _exists(self, full: str) -> bool:
        return full in self._generated or full in self._modules or self._projects.declares(full)


def _prefixes(name: str) -> list[str]:
    parts = name.split("::")
    return ["::".join(parts[:count]) for count in range(1, len(parts))]
