"""Which files hold messages that the values of options are made of: whoever writes such a value names their
fields, however far away they are declared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from google.protobuf import descriptor_pb2 as pb

from workspai_hooks.contracts.protobuf import images
from workspai_hooks.contracts.protobuf.resolve import Closure, closure
from workspai_hooks.contracts.protobuf.tree import Tree
from workspai_hooks.contracts.protobuf.units import plan
from workspai_hooks.store import Store
from workspai_hooks.tools.buf import Buf

_MOST = 50
"""Files that declare extensions, and are compiled to learn what these hold. More are not worth it."""


def may_hold(tree: Tree, buf: Buf, changed: Collection[str]) -> bool:
    """Whether a message of one of the `changed` files may be the value of an extension, and so of an option,
    or stand in one.

    An option's extension is declared in a file that reaches that message by its imports. What each such file
    holds is kept; all of a tree are looked at together, so that the next change need not.
    """
    needs = {path: closure(tree, path) for path in tree.extending()}
    reaching = {path for path, needed in needs.items() if not needed.files.isdisjoint(changed)}
    if not reaching:
        return False
    if len(reaching) > _MOST:
        return True
    asked = needs if len(needs) <= _MOST else {path: needs[path] for path in reaching}
    keys = {path: _key(tree, buf, needed) for path, needed in asked.items()}
    store = tree.snapshot.store
    known = store.known("option values", [keys[path] for path in reaching], tuple[str, ...])
    held = {path: known[keys[path]] for path in reaching if keys[path] in known}
    if len(held) < len(reaching):
        held = store.each("option values", keys, tuple[str, ...], lambda missing: _held(tree, buf, missing))
    return any(path not in held or not set(held[path]).isdisjoint(changed) for path in reaching)


def _key(tree: Tree, buf: Buf, needed: Closure) -> bytes:
    """A digest of all that a file and what it imports say, under which paths."""
    entries = tree.snapshot.entries
    contents = [
        (path, tree.blob(path) if tree.real(path) in entries else Store.key(tree.text(path)))
        for path in sorted(needed.files)
    ]
    return Store.key(buf.version, needed.target, contents, sorted(needed.names.items()))


def _held(tree: Tree, buf: Buf, paths: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """By file, the files with messages that values of its extensions are made of; what does not compile is
    left out."""
    found = {}
    sides = [(tree, unit.sides[0]) for unit in plan((tree,), paths)]
    for image in images.compile_all(buf, sides):
        files = dict(images.described(image.data))
        messages = {name: (path, one) for path, file in files.items() for name, one in _messages(file)}
        for path in image.targets:
            found[path] = tuple(sorted(_holding(_types_of_extensions(files[path]), messages)))
    return found


def _holding(types: Iterable[str], messages: Mapping[str, tuple[str, pb.DescriptorProto]]) -> set[str]:
    """The files of all messages that are reached from `types` by their fields."""
    paths: set[str] = set()
    queue = list(dict.fromkeys(types))
    seen = set(queue)
    for name in queue:
        if name in messages:
            path, message = messages[name]
            paths.add(path)
            more = {field.type_name for field in message.field} - seen
            seen |= more
            queue += sorted(more)
    return paths


def _types_of_extensions(file: pb.FileDescriptorProto) -> list[str]:
    nested = (one for _, message in _messages(file) for one in message.extension)
    return [one.type_name for one in (*file.extension, *nested)]


def _messages(file: pb.FileDescriptorProto) -> Iterator[tuple[str, pb.DescriptorProto]]:
    """All messages of a file, nested ones among them, by name as types are named."""
    waiting = [(f".{file.package}" if file.package else "", one) for one in file.message_type]
    while waiting:
        around, message = waiting.pop()
        name = f"{around}.{message.name}"
        yield name, message
        waiting += ((name, one) for one in message.nested_type)
