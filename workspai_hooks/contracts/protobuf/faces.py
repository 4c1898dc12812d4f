"""Whether a change can be seen in files that import what changed: a descriptor names what it takes from
others, and says nothing of the fields that these have.

A file's descriptor follows from its text and from what its imports declare: the names and kinds of messages,
enums with their values (defaults, options), extensions (options), extension ranges. Where all that is the
same on both sides, so are the descriptors of who imports it, and no rule of buf finds anything there. Fields
count where a message is the value of an option, in which a file may name them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from workspai_hooks.contracts.protobuf import parts, serialized
from workspai_hooks.contracts.protobuf.compiled import Compiled, Pair
from workspai_hooks.contracts.protobuf.tree import Tree


def are_kept(
    trees: tuple[Tree, Tree],
    pairs: Sequence[Pair],
    changed: Collection[str],
    importers: Collection[str],
) -> bool:
    """Whether the `changed` files, compiled in `pairs`, certainly look the same from all that import them, if
    none of them holds values of options in base (`optional.holders`); `importers` are those that do
    directly."""
    if any(path in tree.links or path not in tree for tree in trees for path in changed):
        return False
    if any(getattr(trees[0], what) != getattr(trees[1], what) for what in _MEANING):
        return False
    if any(side.image.errors for pair in pairs for side in (pair.base, pair.head)):
        return False
    if any(tree.expanding(importers) for tree in trees):
        return False
    before = _faces([pair.base for pair in pairs], changed)
    after = _faces([pair.head for pair in pairs], changed)
    return before.keys() == set(changed) and before == after


_MEANING = ("paths", "links", "modules", "config_errors")
"""Of a tree: which file an import means follows from these."""


def _faces(sides: Sequence[Compiled], changed: Collection[str]) -> dict[str, frozenset[bytes]]:
    found: dict[str, set[bytes]] = {}
    for side in sides:
        for path, file in serialized.described(side.image.data):
            if path in changed and path in side.image.targets:
                found.setdefault(path, set()).add(parts.face(file))
    return {path: frozenset(faces) for path, faces in found.items()}
