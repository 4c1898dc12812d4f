"""Manifests that name a folder: Cargo, Bundler, Mix, Composer, pip and Poetry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from posixpath import basename, dirname

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.built.values import Linked, System, most_alike, nearest
from workspai_hooks.workspace.manifests.paths import inside

_NAMES = regex(
    r"(?:^|/)(?:Cargo\.toml|Gemfile|[\w.-]+\.gemspec|mix\.exs|composer\.json|pyproject\.toml|"
    r"requirements(?:[._-][\w.-]+)?\.(?:txt|in))$"
)
_MAX_BYTES = 256 * 1024
_FOLDER = regex(r"\b(?:path|url)[\"']?\s*(?:=>|[:=])\s*[\"'](\.{1,2}/[^\"'\n]{0,300}|\.\.)[\"']")
_LISTED = regex(r"(?m)^[ \t]*(?:-e\s+|[\w.-]+\s*@\s*)?(?:file:)?(\.{1,2}/[\w./-]+)")
_CRATE = regex(r"(?m)^([\w-]+)\s*(?:\.workspace\s*=\s*true|=\s*\{[^}\n]*\bworkspace\s*=\s*true)")
_UMBRELLA = regex(r"\{\s*:(\w+)\s*,[^}\n]*in_umbrella:\s*true")
_NAME = regex(r"(?m)^name\s*=\s*\"([\w-]+)\"")


def _wanted(path: str) -> bool:
    return _NAMES.search(path) is not None


def _read(data: bytes) -> list[str]:
    """Folders as they are written; `= name` for its own name and `name` for another's of the workspace."""
    text = re.sub(r"(?m)^[ \t]*#.*$", "", data[:_MAX_BYTES].decode("utf-8", "replace"))
    own = _NAME.search(text)
    folders = {
        *_FOLDER.findall(text),
        *_LISTED.findall(text),
        *(f"../{one}" for one in _UMBRELLA.findall(text)),
    }
    crates = set(_CRATE.findall(text)) if "[" in text else set()
    return [*([f"= {own[1]}"] if own else []), *sorted(folders), *sorted(crates)]


def _link(texts: Mapping[str, list[str]], paths: frozenset[str]) -> Linked:
    folders = frozenset(map(dirname, texts))
    named: dict[str, set[str]] = {}
    for path, said in texts.items():
        for one in said[:1]:
            if one.startswith("= ") and basename(path) == "Cargo.toml":
                named.setdefault(one[2:], set()).add(dirname(path))
    starts: dict[str, str] = {}
    needs: dict[str, set[str]] = {}
    for path, said in sorted(texts.items()):
        folder = dirname(path)
        starts.setdefault(_part(folder), path)
        for one in said:
            found = inside(folder, one) if one.startswith(".") else None
            if found is None and one in named:
                found = most_alike(folder, frozenset(named[one]))
            if found is not None and found in folders and found != folder:
                needs.setdefault(_part(folder), set()).add(_part(found))
    return Linked(
        partial(_parts_of, folders=folders), starts, {part: frozenset(taken) for part, taken in needs.items()}
    )


def _part(folder: str) -> str:
    return f"path:{folder}"


def _parts_of(path: str, folders: frozenset[str]) -> tuple[str, ...]:
    endings = (".rs", ".rb", ".erb", ".ex", ".exs", ".eex", ".heex", ".php", ".py")
    folder = nearest(path, folders) if path.endswith(endings) else None
    return () if folder is None else (_part(folder),)


PATH_DEPENDENCIES = System("path dependencies", _wanted, _read, _link)
