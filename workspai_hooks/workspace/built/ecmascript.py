"""JavaScript and TypeScript: a file takes in the files that it imports, by path, package or alias."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from posixpath import basename, dirname

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.built.values import Linked, System, most_alike
from workspai_hooks.workspace.files import is_test
from workspai_hooks.workspace.manifests.paths import inside

_CODE = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte")
_NOT_OURS = regex(r"(?:^|/)(?:node_modules|dist|vendor|third_party|\.next)/|\.min\.js$|\.d\.ts$")
_MAX_BYTES = 512 * 1024
_IMPORTED = regex(r"(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*[\"']([^\"'\n]{1,300})[\"']")
_TRAILING = regex(r",(\s*[}\]])")
_COMMENT = regex(r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)


def _wanted(path: str) -> bool:
    if _NOT_OURS.search(path):
        return False
    name = basename(path)
    return name == "package.json" or _is_configuration(name) or path.endswith(_CODE)


def _is_configuration(name: str) -> bool:
    return name.startswith("tsconfig") and name.endswith(".json")


def _read(data: bytes) -> list[str]:
    """Of a package.json `name x`, of a tsconfig `alias pattern target`, of a source what it imports."""
    text = data[:_MAX_BYTES].decode("utf-8", "replace")
    if text.lstrip()[:1] == "{":
        return _described(text)
    return sorted(set(_IMPORTED.findall(text)))


def _described(text: str) -> list[str]:
    try:
        top = json.loads(_TRAILING.sub(r"\1", _COMMENT.sub(lambda found: found[1] or "", text)))
    except (ValueError, RecursionError):
        return []
    options = top.get("compilerOptions") if isinstance(top, dict) else None
    aliases = options.get("paths") if isinstance(options, dict) else None
    if isinstance(options, dict) and isinstance(aliases, dict):
        base = options.get("baseUrl")
        start = base if isinstance(base, str) else "."
        return [
            f"alias {pattern} {start}/{target}"
            for pattern, targets in aliases.items()
            if isinstance(targets, list) and " " not in pattern
            for target in targets[:3]
            if isinstance(target, str)
        ]
    name = top.get("name") if isinstance(top, dict) else None
    return [f"name {name}"] if isinstance(name, str) else []


def _link(texts: Mapping[str, list[str]], paths: frozenset[str]) -> Linked:
    places = _Places(texts, paths)
    sources = {path: said for path, said in texts.items() if path.endswith(_CODE)}
    starts = {_part(path): path for path in sources if not is_test(path)}
    needs = {}
    for path, said in sources.items():
        taken = {_part(found) for one in said for found in places.meant(path, one) if found != path}
        if taken:
            needs[_part(path)] = frozenset(taken)
    return Linked(lambda path: (_part(path),) if path in sources else (), starts, needs)


def _part(path: str) -> str:
    return f"ecmascript:{path}"


class _Places:
    """Where an import leads to."""

    def __init__(self, texts: Mapping[str, list[str]], paths: frozenset[str]) -> None:
        self._paths = paths
        self._packages: dict[str, set[str]] = {}
        self._aliases: list[tuple[str, str]] = []
        files: dict[str, list[str]] = {}
        for path, said in sorted(texts.items()):
            for one in said if path.endswith(".json") else ():
                kind, _, rest = one.partition(" ")
                if kind == "name" and rest:
                    self._packages.setdefault(rest, set()).add(dirname(path))
                elif kind == "alias" and not rest.startswith(("@/", "~/", "* ")):
                    pattern, _, target = rest.partition(" ")
                    if (place := inside(dirname(path), target.replace("*", "\0"))) is not None:
                        self._aliases.append((pattern, place.replace("\0", "*")))
            if path.endswith(_CODE) and not is_test(path):
                folder = dirname(path)
                while folder:
                    files.setdefault(folder, []).append(path)
                    folder = dirname(folder)
        self._files = files

    def meant(self, path: str, written: str) -> Iterable[str]:
        """The files that an import may lead to; all of a package where only that is named."""
        if written.startswith("."):
            place = inside(dirname(path), written)
            return [] if place is None else self._file(place)
        for pattern, target in self._aliases:
            head, star, tail = pattern.partition("*")
            if written == pattern or (star and written.startswith(head) and written.endswith(tail)):
                rest = written[len(head) : len(written) - len(tail)] if star else ""
                if found := self._file(target.replace("*", rest)):
                    return found
        return self._of_package(path, written)

    def _of_package(self, path: str, written: str) -> list[str]:
        words = written.split("/")
        name = "/".join(words[: 2 if written.startswith("@") else 1])
        folders = self._packages.get(name)
        if not folders:
            return []
        folder = most_alike(path, frozenset(folders))
        rest = "/".join(words[name.count("/") + 1 :])
        places = [f"{folder}/{rest}", f"{folder}/src/{rest}"] if rest else []
        found = next((files for place in places if (files := self._file(place.lstrip("/")))), [])
        return found or (self._files.get(folder, []) if folder else [])

    def _file(self, place: str) -> list[str]:
        stem = re.sub(r"\.(?:m|c)?jsx?$", "", place)
        options = [place, *(stem + end for end in _CODE), *(f"{place}/index{end}" for end in _CODE)]
        return next(([one] for one in options if one in self._paths and one.endswith(_CODE)), [])


ECMASCRIPT = System("ecmascript", _wanted, _read, _link)
