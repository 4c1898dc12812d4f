"""Languages whose top-level names hold in the whole program (Ruby, PHP, Elixir): which files that is.

Names are full there (`Shop::Cart`, `Shop.Cart`), and nothing is imported from a file. A monorepo has several
programs that may use one name twice, so files belong together by the nearest manifest above them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from posixpath import basename, dirname

from workspai_hooks.workspace.use_sites.syntax import Bind, Class, Function, Name, Source, Stmt


class Projects:
    """The projects of one language, and what each declares."""

    def __init__(
        self, language: str, manifests: Iterable[str], paths: Iterable[str], sources: Mapping[str, Source]
    ) -> None:
        self._language = language
        wanted = frozenset(manifests)
        self._homes = frozenset(dirname(path) for path in paths if basename(path) in wanted)
        self._declared: dict[str, set[str]] = {}
        for path, source in sources.items():
            if source.language == language:
                unit = self.unit(path)
                for name in names_in(source.body):
                    self._declared.setdefault(name, set()).add(unit)

    def unit(self, path: str) -> str:
        """The project of a file: the nearest folder with a manifest, else its own folder."""
        return f"{self._language}:{_home(dirname(path), self._homes)}"

    def declaring(self, name: str, path: str) -> str | None:
        """The project that declares a full name: the file's own, else the nearest one."""
        units = self._declared.get(name)
        if not units:
            return None
        own = self.unit(path)
        return own if own in units else min(sorted(units), key=lambda unit: _steps(unit, own))

    def declares(self, name: str) -> bool:
        """Whether any project declares a name."""
        return name in self._declared


def names_in(body: Iterable[Stmt]) -> Iterable[str]:
    """Top-level names of classes, functions and constants."""
    for statement in body:
        match statement:
            case Class(name) | Function(name):
                yield name
            case Bind(targets):
                yield from (target.id for target in targets if isinstance(target, Name))
            case _:
                pass


@lru_cache(maxsize=65536)
def _home(folder: str, homes: frozenset[str]) -> str:
    above = folder
    while True:
        if above in homes:
            return above
        if not above:
            return folder
        above = dirname(above)


def _steps(unit: str, own: str) -> int:
    """Folders between two projects."""
    left, right = unit.split("/"), own.split("/")
    shared = 0
    while shared < min(len(left), len(right)) and left[shared] == right[shared]:
        shared += 1
    return len(left) + len(right) - 2 * shared
