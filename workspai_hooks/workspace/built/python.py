"""Python: a module takes in the modules that it imports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import basename, dirname

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.built.values import Linked, System, most_alike
from workspai_hooks.workspace.files import is_test

_MAX_BYTES = 512 * 1024
_FROM = regex(rb"\n[ \t]*from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#;]+)")
_IMPORT = regex(rb"\n[ \t]*import[ \t]+([\w., \t]+)")
_PROJECT = ("pyproject.toml", "setup.py", "setup.cfg")


def _wanted(path: str) -> bool:
    return path.endswith(".py") or basename(path) in ("pyproject.toml", "setup.cfg")


def _read(data: bytes) -> list[str]:
    """Modules as they are imported; `a.b` for `from a import b` as well, for `b` may be a module."""
    data = b"\n" + data[:_MAX_BYTES]  # a search skips to a line's end, not to a line's beginning
    found: set[str] = set()
    for module, names in _FROM.findall(data):
        start = module.decode("utf-8", "replace")
        words = re.findall(r"\w+", re.sub(r"\bas\s+\w+", "", names.decode("utf-8", "replace")))[:50]
        found.add(start)
        found.update(start + word if start.endswith(".") else f"{start}.{word}" for word in words)
    for names in _IMPORT.findall(data):
        for one in names.decode("utf-8", "replace").split(","):
            found.update(one.split()[:1])
    return sorted(found)


def _link(texts: Mapping[str, list[str]], paths: frozenset[str]) -> Linked:
    sources = {path for path in texts if path.endswith(".py")}
    modules = _Modules(sources, {dirname(path) for path in paths if basename(path) in _PROJECT})
    starts = {_part(path): path for path in sources if not is_test(path)}
    needs = {}
    for path in sources:
        taken = {_part(found) for one in texts[path] for found in modules.meant(path, one) if found != path}
        if taken:
            needs[_part(path)] = frozenset(taken)
    return Linked(lambda path: (_part(path),) if path in sources else (), starts, needs)


def _part(path: str) -> str:
    return f"python:{path}"


class _Modules:
    """Where an import leads to: up the folders of the importing file, then to projects of their own."""

    def __init__(self, sources: set[str], projects: set[str]) -> None:
        self._sources = sources
        self._known = {part for path in sources for part in path.removesuffix(".py").split("/")}
        homes = {place for folder in projects for place in (folder, f"{folder}/src".lstrip("/"))}
        self._tops: dict[str, set[str]] = {}
        for path in sources:
            folder = dirname(path)
            while folder:
                if (above := dirname(folder)) in homes:
                    self._tops.setdefault(basename(folder), set()).add(above)
                folder = above

    def meant(self, path: str, written: str) -> Iterator[str]:
        """The files of a module, those of the packages around it included."""
        dots = len(written) - len(written.lstrip("."))
        parts = [part for part in written[dots:].split(".") if part]
        if dots:
            home = dirname(path)
            for _ in range(dots - 1):
                home = dirname(home)
            yield from self._below(home, parts)
            return
        if not parts or parts[0] not in self._known:  # most are of the library or of others
            return
        home = dirname(path)
        while True:
            if found := list(self._below(home, parts)):
                yield from found
                return
            if not home:
                break
            home = dirname(home)
        if homes := self._tops.get(parts[0]):
            yield from self._below(most_alike(path, frozenset(homes)), parts)

    def _below(self, home: str, parts: list[str]) -> Iterator[str]:
        place = home
        for at, part in enumerate(parts):
            place = f"{place}/{part}".lstrip("/")
            for option in (f"{place}/__init__.py", *([f"{place}.py"] if at >= len(parts) - 2 else [])):
                if option in self._sources:
                    yield option


PYTHON = System("python", _wanted, _read, _link)
