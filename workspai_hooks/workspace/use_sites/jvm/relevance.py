"""Which JVM sources can matter: files of packages that name generated classes, or reach them through others.

Getters have everyday names, so that words alone say little.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.jvm.packages import Generated
from workspai_hooks.workspace.use_sites.naming import Layout
from workspai_hooks.workspace.use_sites.vocabulary import WORD, Vocabulary

PACKAGE = regex(rb"^\s*package\s+([\w.`]+)", re.MULTILINE)
IMPORT = regex(rb"^\s*import\s+(?:static\s+)?([\w.`]+)", re.MULTILINE)
QUALIFIED = regex(rb"(?<![\w.])[a-z]\w*(?:\.[a-z]\w*)*\.[A-Z]\w*")

Glances = Mapping[str, tuple[str, ...]]


def looks(data: bytes, words: Vocabulary) -> tuple[str, ...]:
    """The package, `words` where a word of the contract is in it, and all full names."""
    own = PACKAGE.search(data)
    found = set(WORD.findall(data))
    package = _text(own[1]) if own else ""
    names = {_text(one) for pattern in (IMPORT, QUALIFIED) for one in pattern.findall(data)}
    uses = "" if found.isdisjoint(words.all) else "words"
    return (package, uses, *sorted(names))


def relevant(glances: Glances, schema: Schema, layout: Layout) -> frozenset[str]:
    """Files of packages that see generated ones and what they import; with a word of the contract also those
    that import such packages, however far."""
    generated = Generated(schema)
    packages = frozenset(generated.packages)
    suffixes = frozenset(name for name in generated.proto_packages if "." in name)
    known = {seen[0] for seen in glances.values()}
    imports: dict[str, set[str]] = {}
    seeing: set[str] = set()
    for seen in glances.values():
        package, _, *names = seen
        local = imports.setdefault(package, set())
        local |= {where for name in names if (where := _within(name, known))}
        if package in packages or any(_within(name, packages) or _managed(name, suffixes) for name in names):
            seeing.add(package)
    helpers = {helper for package in seeing for helper in imports.get(package, ())}
    near = seeing | helpers
    far = _importers(seeing, imports)
    return frozenset(
        path for path, seen in glances.items() if seen[0] in near or (seen[0] in far and seen[1])
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("`", "").strip(".")


def _within(name: str, packages: frozenset[str] | set[str]) -> str:
    """The package of a full name, the longest one that is known."""
    head = name
    while head:
        if head in packages:
            return head
        head = head.rpartition(".")[0]
    return ""


def _managed(name: str, packages: frozenset[str]) -> bool:
    """Whether a contract's package stands in a full name behind a prefix."""
    return any(f".{package}." in name for package in packages)


def _importers(seeing: set[str], imports: Mapping[str, set[str]]) -> set[str]:
    """These packages and all that import them, directly or through others."""
    importers: dict[str, set[str]] = {}
    for package, imported in imports.items():
        for one in imported:
            importers.setdefault(one, set()).add(package)
    found = set(seeing)
    waiting = list(seeing)
    while waiting:
        for package in importers.get(waiting.pop(), ()):
            if package not in found:
                found.add(package)
                waiting.append(package)
    return found
