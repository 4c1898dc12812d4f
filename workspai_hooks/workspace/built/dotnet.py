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
_PACKAGE, _ITSELF = "package:", "itself:"
_PACKAGES = regex(r"<PackageReference\s[^>]{0,200}?Include\s*=\s*\"([\w.-]{1,200})\"")
_OWN = regex(r"<(?:PackageId|AssemblyName)>\s*([\w.-]{1,200})\s*<")


def _wanted(path: str) -> bool:
    return path.endswith(_PROJECTS)


def _read(data: bytes) -> list[str]:
    """The paths of projects and files outside of its folder, names of packages; `test` first for a project of
    tests."""
    text = _COMMENT.sub("", data[:_MAX_BYTES].decode("utf-8", "replace"))
    is_test = "Microsoft.NET.Test.Sdk" in text or re.search(r"(?i)<IsTestProject>\s*true", text)
    taken = {
        path
        for written in _TAKEN.findall(text)
        for one in written.split(";")
        if (path := one.strip().replace("\\", "/")) and (path.endswith(_PROJECTS) or path.startswith("../"))
    }
    packages = {f"{_PACKAGE}{name}" for name in _PACKAGES.findall(text)}
    own = [f"{_ITSELF}{name}" for name in _OWN.findall(text)]
    return [*([_TEST] if is_test else []), *sorted(taken), *sorted(packages), *sorted(own)]


def _link(texts: Mapping[str, list[str]], paths: frozenset[str]) -> Linked:
    projects = frozenset(texts)
    folders = frozenset(map(dirname, projects))
    named: dict[str, set[str]] = {}
    for path in projects:
        named.setdefault(basename(path), set()).add(path)
    packaged = _packaged(texts)
    starts: dict[str, str] = {}
    needs: dict[str, set[str]] = {}
    for path, said in sorted(texts.items()):
        if _TEST not in said[:1] and not path.endswith(".projitems"):
            starts.setdefault(_part(dirname(path)), path)
        for written in said:
            if written.startswith(_ITSELF):
                continue
            if written.startswith(_PACKAGE):
                folder = packaged.get(written.removeprefix(_PACKAGE).lower())
            else:
                folder = _taken(path, written, named)
            found = folder if folder in folders else nearest(f"{folder}/-", folders) if folder else None
            if found is not None and found != dirname(path):
                needs.setdefault(_part(dirname(path)), set()).add(_part(found))
    return Linked(
        partial(_parts_of, folders=folders), starts, {part: frozenset(taken) for part, taken in needs.items()}
    )


def _packaged(texts: Mapping[str, list[str]]) -> dict[str, str]:
    """Package in lower case -> the folder of the repository's project that makes it: programs take such
    libraries from a feed of their own."""
    found: dict[str, set[str]] = {}
    for path, said in texts.items():
        own = [one.removeprefix(_ITSELF) for one in said if one.startswith(_ITSELF)]
        for name in own or [basename(path).rpartition(".")[0]]:
            found.setdefault(name.lower(), set()).add(dirname(path))
    return {name: min(folders) for name, folders in found.items() if len(folders) == 1}


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
