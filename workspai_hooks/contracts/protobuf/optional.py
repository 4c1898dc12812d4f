"""Which files hold messages that the values of options are made of: whoever writes such a value names their
fields, however far away they are declared."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

import msgspec
from google.protobuf import descriptor_pb2 as pb

from workspai_hooks.contracts.protobuf import images, parts, serialized
from workspai_hooks.contracts.protobuf.affected import may_import
from workspai_hooks.contracts.protobuf.compiled import Pair
from workspai_hooks.contracts.protobuf.resolve import Closure, closure
from workspai_hooks.contracts.protobuf.scan import without_comments
from workspai_hooks.contracts.protobuf.tree import Tree
from workspai_hooks.contracts.protobuf.units import plan
from workspai_hooks.store import Store
from workspai_hooks.tools.buf import Buf

_MOST = 50
"""Files that declare extensions, and are compiled to learn what these hold. More are not worth it."""


class Held(msgspec.Struct, frozen=True):
    """The files of the messages that values of a file's extensions are made of, and of the enums in them."""

    messages: tuple[str, ...]
    enums: tuple[str, ...]


class Holders(msgspec.Struct, frozen=True):
    """Files whose extensions, and so options, may hold something that changed files declare: a message, or an
    enum alone."""

    messages: frozenset[str] = frozenset()
    enums: frozenset[str] = frozenset()


def holders(tree: Tree, buf: Buf, changed: Collection[str]) -> Holders:
    """Who declares extensions that hold what the `changed` files declare; who can't be compiled may be one.

    An option's extension is declared in a file that reaches that message by its imports. What each holds is
    kept; all of a tree are looked at together and the first time that this is asked, so that none needs to be
    compiled for the next change.
    """
    needs = {path: closure(tree, path) for path in tree.extending()}
    reaching = {path for path, needed in needs.items() if not needed.files.isdisjoint(changed)}
    if len(reaching) > _MOST:
        return Holders(frozenset(reaching))
    asked = needs if len(needs) <= _MOST else {path: needs[path] for path in reaching}
    keys = {path: _key(tree, buf, needed) for path, needed in asked.items()}
    store = tree.snapshot.store
    held = store.each("option values", keys, Held, lambda missing: _held(tree, buf, missing))
    messages = {p for p in reaching if p not in held or not set(held[p].messages).isdisjoint(changed)}
    enums = {p for p in reaching - messages if not set(held[p].enums).isdisjoint(changed)}
    return Holders(frozenset(messages), frozenset(enums))


def naming(
    trees: tuple[Tree, Tree],
    pairs: Sequence[Pair],
    changed: Collection[str],
    holding: Callable[[], Holders],
) -> set[str]:
    """Files of head that may write an option of one of the `holding` files and name in it a field, or a value
    of an enum, that is another one in the `changed` files than it was, or is gone: they may compile no more.
    `pairs` have the changed files."""
    gone = _gone(pairs, changed)
    if not gone:
        return set()
    says = re.compile(rb"\b(?:" + b"|".join(sorted(gone)) + rb")\b")
    declaring = holding()
    users = sorted(may_import(trees[1], declaring.messages | declaring.enums))
    saying = [
        path
        for path, text in trees[1].snapshot.contents(users)
        if says.search(text) and says.search(without_comments(text))
    ]
    return {path for path in saying if not closure(trees[1], path).files.isdisjoint(changed)}


def _gone(pairs: Sequence[Pair], changed: Collection[str]) -> set[bytes]:
    """Last names of what is not declared as it was; nothing where head is not known."""
    base: dict[str, bytes] = {}
    head: dict[str, bytes] = {}
    for pair in pairs:
        if any(path in changed for path, _ in pair.head.image.errors):
            return set()
        for side, found in ((pair.base, base), (pair.head, head)):
            for path, file in serialized.described(side.image.data):
                if path in changed:
                    found.update(_named(file))
    return {name.rpartition(".")[2].encode() for name, what in base.items() if head.get(name) != what}


def _named(file: pb.FileDescriptorProto) -> Iterator[tuple[str, bytes]]:
    """What a value may name, by full names: fields, groups by their types, and values of enums."""
    for name, message in parts.messages(file):
        for field in message.field:
            said = field.SerializeToString(deterministic=True)
            yield f"{name}.{field.name}", said
            if field.type == field.TYPE_GROUP:
                yield f"{name}.{field.type_name.rpartition('.')[2]}", said
    for name, enum in parts.enums(file):
        for value in enum.value:
            yield f"{name}.{value.name}", b"%d" % value.number


def _key(tree: Tree, buf: Buf, needed: Closure) -> bytes:
    """A digest of all that a file and what it imports say, under which paths."""
    entries = tree.snapshot.entries
    contents = [
        (path, tree.blob(path) if tree.real(path) in entries else Store.key(tree.text(path)))
        for path in sorted(needed.files)
    ]
    return Store.key(buf.version, needed.target, contents, sorted(needed.names.items()))


def _held(tree: Tree, buf: Buf, paths: Sequence[str]) -> Mapping[str, Held]:
    """What each file holds; those that don't compile are left out."""
    found = {}
    sides = [(tree, unit.sides[0]) for unit in plan((tree,), paths)]
    for image in images.compile_all(buf, sides):
        files = dict(serialized.described(image.data))
        messages = {name: (path, one) for path, file in files.items() for name, one in parts.messages(file)}
        enums = {name: path for path, file in files.items() for name, _ in parts.enums(file)}
        for path in image.targets:
            types = _reached((one.type_name for one in parts.extensions(files[path])), messages)
            found[path] = Held(
                tuple(sorted({messages[name][0] for name in types if name in messages})),
                tuple(sorted({enums[name] for name in types if name in enums})),
            )
    return found


def _reached(types: Iterable[str], messages: Mapping[str, tuple[str, pb.DescriptorProto]]) -> set[str]:
    """The names of all types that are reached from `types` by the fields of messages."""
    queue = list(dict.fromkeys(types))
    seen = set(queue)
    for name in queue:
        if name in messages:
            more = {field.type_name for field in messages[name][1].field} - seen
            seen |= more
            queue += sorted(more)
    return seen
