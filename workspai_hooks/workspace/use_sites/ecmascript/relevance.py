"""Which files of JavaScript and TypeScript can matter: those of packages that come near a contract.

A value goes from file to file without a word of the contract (`utils/request.ts`), so a package is taken as a
whole, or left out as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from posixpath import basename, dirname

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.naming import Layout
from workspai_hooks.workspace.use_sites.vocabulary import Vocabulary

WORD = regex(rb"[A-Za-z_]\w+")
IMPORTED = regex(rb"""(?:from|import|require\()\s*\(?\s*['"]([@\w][^'"\n]{0,200})['"]""")
PACKAGE = "package.json"
NEAR = "!"


def near(data: bytes, words: Vocabulary) -> tuple[str, ...]:
    """The packages that a file imports; `NEAR` among them where it comes near a contract."""
    found = {name.decode("utf-8", "replace") for name in IMPORTED.findall(data)}
    packages = sorted("/".join(name.split("/")[: 2 if name.startswith("@") else 1]) for name in found)
    return (NEAR, *packages) if _near(data, words.types) else tuple(packages)


def relevant(seen: Mapping[str, tuple[str, ...]], schema: Schema, layout: Layout) -> Collection[str]:
    """All files of a package with a file near a contract, of those that depend on it and that it uses."""
    homes = frozenset(dirname(path) for path in layout.paths if basename(path) == PACKAGE)
    groups: dict[str, list[str]] = {}
    for path in seen:
        if path not in layout.stubs:
            groups.setdefault(_home(dirname(path), homes), []).append(path)
    chosen = {home for home, paths in groups.items() if any(NEAR in seen[path] for path in paths)}
    used = {name for home in chosen for path in groups[home] for name in seen[path]}
    for home in sorted(set(groups) - chosen):
        if _name(home, layout) in used or _depends(home, chosen, layout):
            chosen.add(home)
    return [path for home in sorted(chosen) for path in sorted(groups[home])]


def _near(data: bytes, names: frozenset[bytes]) -> bool:
    """Whether a file loads contracts, or names a service or a message."""
    loads = b"proto-loader" in data or b"protobufjs" in data or b".proto" in data
    return loads or not names.isdisjoint(_words(data))


def _words(data: bytes) -> set[bytes]:
    found = set(WORD.findall(data))
    for after in (b"Client", b"Service", b"Server", b"Schema", b"Definition", b"Controller"):
        found |= {word.removesuffix(after) for word in list(found) if word.endswith(after)}
    return found


def _depends(home: str, chosen: Collection[str], layout: Layout) -> bool:
    """Whether a package.json names a chosen one's package."""
    own = layout.manifests.get(_manifest(home), b"")
    names = [_name(other, layout).encode() for other in chosen]
    return any(name and b'"%s"' % name in own for name in names)


def _name(home: str, layout: Layout) -> str:
    """What a package is called."""
    found = re.search(rb'"name"\s*:\s*"([^"]+)"', layout.manifests.get(_manifest(home), b""))
    return found[1].decode("utf-8", "replace") if found else ""


def _manifest(home: str) -> str:
    return f"{home}/{PACKAGE}" if home else PACKAGE


def _home(folder: str, homes: Collection[str]) -> str:
    """The nearest folder above that has a package.json; the top where there is none."""
    while folder and folder not in homes:
        folder = dirname(folder)
    return folder
