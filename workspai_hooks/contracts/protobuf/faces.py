"""Whether a change can be seen in files that import what changed: a descriptor names what it takes from
others, and says nothing of the fields that these have.

A file's descriptor follows from its text and from what its imports declare: the names and kinds of messages,
enums with their values (defaults, options), extensions (options), extension ranges. Where all that is the
same on both sides, so are the descriptors of who imports it, and no rule of buf finds anything there. Fields
count where a message is the value of an option, in which a file may name them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from google.protobuf import descriptor_pb2 as pb
from google.protobuf.message import DecodeError

from workspai_hooks.contracts.protobuf import parts, serialized
from workspai_hooks.contracts.protobuf.compiled import Compiled, Pair
from workspai_hooks.contracts.protobuf.resolve import closure
from workspai_hooks.contracts.protobuf.tree import Tree


def are_kept(
    trees: tuple[Tree, Tree],
    pairs: Sequence[Pair],
    changed: Collection[str],
    importers: Collection[str],
    extending: Collection[str],
) -> bool:
    """Whether the `changed` files, compiled in `pairs`, certainly look the same from all that import them;
    `importers` are those that do directly, `extending` those that are `reaching` them, compiled as well."""
    if any(path in tree.links or path not in tree for tree in trees for path in changed):
        return False
    if any(getattr(trees[0], what) != getattr(trees[1], what) for what in _MEANING):
        return False
    if any(side.image.errors for pair in pairs for side in (pair.base, pair.head)):
        return False
    if any(tree.expanding(importers) for tree in trees):
        return False
    sides = [pair.base for pair in pairs], [pair.head for pair in pairs]
    if any(_may_be_options(side, changed, extending) for side in sides):
        return False
    before, after = (_faces(side, changed) for side in sides)
    return before.keys() == set(changed) and before == after


_MEANING = ("paths", "links", "modules", "config_errors")
"""Of a tree: which file an import means follows from these."""


def reaching(trees: tuple[Tree, Tree], changed: Collection[str]) -> set[str]:
    """Files that may declare an extension of a type that stands in, or is made of, what changed."""
    return {
        path
        for tree in trees
        for path in tree.extending()
        if not closure(tree, path).files.isdisjoint(changed)
    }


def _may_be_options(sides: Sequence[Compiled], changed: Collection[str], extending: Collection[str]) -> bool:
    """Whether an extension that one of the `extending` files declares, and so perhaps an option, holds a
    message of one of the `changed` files."""
    files = [file for side in sides for file in _files(side)]
    known = {name: (path, one) for path, file in files for name, one in parts.messages(file)}
    waiting = [one.type_name for path, file in files if path in extending for one in parts.extensions(file)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in known and name not in seen:
            seen.add(name)
            path, message = known[name]
            if path in changed:
                return True
            waiting += (field.type_name for field in message.field)
    return False


def _files(side: Compiled) -> Iterator[tuple[str, pb.FileDescriptorProto]]:
    for data in serialized.files_of(side.image.data):
        try:
            yield (
                serialized.repository_path(serialized.name_of(data)),
                pb.FileDescriptorProto.FromString(data),
            )
        except DecodeError as error:
            raise serialized.no_image() from error


def _faces(sides: Sequence[Compiled], changed: Collection[str]) -> dict[str, frozenset[bytes]]:
    found: dict[str, set[bytes]] = {}
    for side in sides:
        for path, file in _files(side):
            if path in changed and path in side.image.targets:
                found.setdefault(path, set()).add(parts.face(file))
    return {path: frozenset(faces) for path, faces in found.items()}
