""".NET: a project takes in the projects that it references and shared files that it compiles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from posixpath import basename, dirname

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.built.values import Linked, System, most_alike, nearest
from workspai_hooks.workspace.manifests.paths import inside

_COMMENT = regex(r"<!--.*?-->", re.DOTALL)
_TAKEN = regex(
    r"<(?:ProjectReference\s[^>]*?Include|Compile\s[^>]*?Include|Import\s[^>]*?Project)\s*=\s*\"([^\"]{1,500})\""
)
_VARIABLE = regex(r"\$\([^)]*\)")
_PROJECTS = (".csproj", ".fsproj", ".vbproj", ".projitems")
_MAX_BYTES = 512 * 1024
_TEST = "test"


def _wanted(path: str) -> bool:
    return path.endswith(_PROJECTS)


def _read(data: bytes) -> list[str]:
    """The paths of projects and files outside of its folder; `test` first for a project of tests."""
    text = _COMMENT.sub("", data[:_MAX_BYTES].decode("utf-8", "replace"))
    is_test = "Microsoft.NET.Test.Sdk" in text or re.search(r"(?i)<IsTestProject>\s*true", text)
    taken = {
        path
        for written in _TAKEN.findall(text)
        for one in written.split(";")
        if (path := one.strip().replace("\\", "/")) and (path.endswith(_PROJECTS) or path.startswith("../"))
    }
    return [*([_TEST] if is_test else []), *sorted(taken)]


def _link(texts: Mapping[str, list[str]], paths: frozenset[str]) -> Linked:
    projects = frozenset(texts)
    folders = frozenset(map(dirname, projects))
    named: dict[str, set[str]] = {}
    for path in projects:
        named.setdefault(basename(path), set()).add(path)
    starts: dict[str, str] = {}
    needs: dict[str, set[str]] = {}
    for path, said in sorted(texts.items()):
        if _TEST not in said[:1] and not path.endswith(".projitems"):
            starts.setdefault(_part(dirname(path)), path)
        for written in said:
            folder = _taken(path, written, named)
            found = folder if folder in folders else nearest(f"{folder}/-", folders) if folder else None
            if found is not None and found != dirname(path):
                needs.setdefault(_part(dirname(path)), set()).add(_part(found))
    return Linked(
        partial(_parts_of, folders=folders), starts, {part: frozenset(taken) for part, taken in needs.items()}
    )


def _taken(path: str, written: str, named: Mapping[str, set[str]]) -> str | None:
    """The folder of a project or of files as a project writes them."""
    plain = _VARIABLE.sub("", written).lstrip("/")
    if plain.endswith(_PROJECTS):
        exact = inside(dirname(path), plain)
        candidates = named.get(basename(plain), set())
        if exact in candidates:
            return dirname(exact or "")
        # `$(SolutionDir)src/Shared/Shared.csproj`
        return dirname(most_alike(path, frozenset(candidates))) if candidates and "$(" in written else None
    if not plain.startswith("../"):
        return None
    return inside(dirname(path), plain.partition("*")[0].rpartition("/")[0])


def _part(folder: str) -> str:
    return f"dotnet:{folder}"


def _parts_of(path: str, folders: frozenset[str]) -> tuple[str, ...]:
    folder = nearest(path, folders) if path.endswith((".cs", ".fs", ".vb", ".cshtml", ".razor")) else None
    return () if folder is None else (_part(folder),)


DOTNET = System("dotnet", _wanted, _read, _link)
