"""Go: a main package takes in what it imports, package by package."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from posixpath import dirname

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.built.values import Linked, System, nearest

_HEAD = 64 * 1024
_COMMENT = regex(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_NOT_BUILT = regex(r"(?m)^//\s*(?:go:build|\+build)\s+(?:ignore|tools?|generate)\b")
_PACKAGE = regex(r"(?m)^[ \t]*package\s+(\w+)")
_IMPORTS = regex(r"(?m)^[ \t]*import\s*(?:\(([^)]*)\)|[\w.]*\s*(\"[^\"\n]+\"))")
_QUOTED = regex(r'"([^"\n]+)"')
_MODULE = regex(r"(?m)^module\s+\"?([\w./~-]+)")


def _wanted(path: str) -> bool:
    return path.endswith((".go", "/go.mod")) or path == "go.mod"


def _read(data: bytes) -> list[str]:
    """`module x` of a go.mod; of a source its package (`package main`) and then its imports."""
    text = data[:_HEAD].decode("utf-8", "replace")
    if module := _MODULE.search(text):
        return [f"module {module[1]}"]
    if _NOT_BUILT.search(text):
        return []
    text = _COMMENT.sub(" ", text)
    package = _PACKAGE.search(text)
    if not package:
        return []
    imported = [
        one for block in _IMPORTS.finditer(text) for one in _QUOTED.findall(block[1] or block[2] or "")
    ]
    return [f"package {package[1]}", *sorted(set(imported))]


def _link(texts: Mapping[str, list[str]], paths: frozenset[str]) -> Linked:
    modules = {
        said[0].removeprefix("module "): dirname(path)
        for path, said in texts.items()
        if said and path.endswith("go.mod")
    }
    sources = {
        path: said
        for path, said in texts.items()
        if said and path.endswith(".go") and not path.endswith("_test.go")
    }
    folders = frozenset(map(dirname, sources))
    needs: dict[str, set[str]] = {}
    starts: dict[str, str] = {}
    known: dict[str, str | None] = {}
    for path, said in sorted(sources.items()):
        folder = dirname(path)
        if said[0] == "package main":
            starts.setdefault(_part(folder), path)
        for one in said[1:]:
            if one not in known:
                known[one] = _folder(one, modules, folders)
            if (found := known[one]) is not None:
                needs.setdefault(_part(folder), set()).add(_part(found))
    return Linked(
        partial(_parts_of, folders=folders),
        starts,
        {part: frozenset(taken) for part, taken in needs.items()},
    )


def _part(folder: str) -> str:
    return f"go:{folder}"


def _parts_of(path: str, folders: frozenset[str]) -> tuple[str, ...]:
    """The package of a source; of a template or another file that is embedded the nearest one above."""
    if path.endswith(".go"):
        return (_part(dirname(path)),)
    folder = nearest(path, folders) if path.endswith((".tmpl", ".gohtml", ".html", ".tpl")) else None
    return () if folder is None else (_part(folder),)


def _folder(imported: str, modules: Mapping[str, str], folders: frozenset[str]) -> str | None:
    """The folder of an imported package, where it is of this repository."""
    words = imported.split("/")
    for count in range(len(words), 0, -1):
        root = modules.get("/".join(words[:count]))
        if root is not None:
            return "/".join(filter(None, (root, *words[count:])))
    if modules or "." not in words[0]:
        return None
    # Without any go.mod the folder that the path ends in.
    tails = ("/".join(words[at:]) for at in range(1, len(words)))
    return next((tail for tail in tails if tail in folders), None)


GO = System("go", _wanted, _read, _link)
