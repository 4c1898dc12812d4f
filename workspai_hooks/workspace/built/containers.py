"""Dockerfiles: an image takes in the folders that are copied into it, in languages that are not compiled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import dirname

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.built.values import Linked, System
from workspai_hooks.workspace.manifests import dockerfile
from workspai_hooks.workspace.manifests.paths import ancestors, inside

_MAX_BYTES = 256 * 1024
_CONTINUED = regex(r"\\[ \t]*\r?\n")
_COPY = regex(r"(?im)^[ \t]*(?:COPY|ADD)\s+((?:--(?!from)\S+\s+)*)(?!--)([^\n]+)$")
_BUILT = (
    *(
        ".go",
        ".cs",
        ".fs",
        ".vb",
        ".java",
        ".kt",
        ".scala",
        ".groovy",
        ".rs",
        ".c",
        ".cc",
        ".cpp",
        ".h",
        ".hpp",
    ),
)
"""Languages whose own build tells what goes in: Dockerfiles copy whole trees of them to build one part."""


def _read(data: bytes) -> list[str]:
    """What is copied from the context, as it is written."""
    text = _CONTINUED.sub(" ", data[:_MAX_BYTES].decode("utf-8", "replace"))
    found: set[str] = set()
    for _, rest in _COPY.findall(text):
        words = re.findall(r"[^\s\"',\[\]]+", rest)
        found.update(word.strip("/") for word in words[:-1] if "$" not in word and "*" not in word)
    return sorted(found - {"", "."})


def _link(texts: Mapping[str, list[str]], paths: frozenset[str]) -> Linked:
    folders = {folder for path in paths for folder in ancestors(path)}
    starts: dict[str, str] = {}
    needs: dict[str, frozenset[str]] = {}
    copied: set[str] = set()
    for path, said in sorted(texts.items()):
        found = {place for one in said for place in _place(path, one, folders, paths)}
        copied |= found
        if found:
            starts[f"image:{path}"] = path
            needs[f"image:{path}"] = frozenset(f"copied:{place}" for place in found)
    return Linked(
        lambda path: (
            ()
            if path.endswith(_BUILT)
            else tuple(f"copied:{one}" for one in (path, *ancestors(path)) if one in copied)
        ),
        starts,
        needs,
    )


def _place(path: str, written: str, folders: set[str], paths: frozenset[str]) -> Iterator[str]:
    """A copied folder or file outside of the Dockerfile's own folder, in the nearest context that has it."""
    home = dirname(path)
    for context in (home, *(ancestors(home) if home else ())):
        place = inside(context, written)
        if place and (place in folders or place in paths):
            if context != home or not home:
                yield place
            return


CONTAINERS = System("containers", dockerfile.wanted, _read, _link)
