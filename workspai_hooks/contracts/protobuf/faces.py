"""Whether a change can be seen in files that import what changed: a descriptor names what it takes from
others, and says nothing of the fields that these have.

A file's descriptor follows from its text and from what its imports declare: the names and kinds of messages,
enums with their values (defaults, options), extensions (options), extension ranges. Where all that is the
same on both sides, so are the descriptors of who imports it, and no rule of buf finds anything there. Fields
count where a message is the value of an option, in which a file may name them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from google.protobuf import descriptor_pb2 as pb

from workspai_hooks.contracts.protobuf import images
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
        for path, file in images.described(side.image.data):
            if path in changed and path in side.image.targets:
                found.setdefault(path, set()).add(face(file))
    return {path: frozenset(faces) for path, faces in found.items()}


def face(file: pb.FileDescriptorProto) -> bytes:
    """What others can see of a file: equal for files that look the same."""
    shown = pb.FileDescriptorProto()
    shown.CopyFrom(file)
    shown.DiscardUnknownFields()  # what buf says of imports that are not used; custom options are not seen
    shown.ClearField("source_code_info")
    for message in shown.message_type:
        _hide(message)
    for service in shown.service:
        service.ClearField("method")
        service.ClearField("options")
    return shown.SerializeToString(deterministic=True)


def _hide(message: pb.DescriptorProto) -> None:
    message.ClearField("field")
    message.ClearField("oneof_decl")
    message.ClearField("reserved_range")
    message.ClearField("reserved_name")
    nested = [one for one in message.nested_type if not one.options.map_entry]  # nobody can name the others
    del message.nested_type[:]
    message.nested_type.extend(nested)
    for one in message.nested_type:
        _hide(one)
