"""Images put together from files that were compiled before, so that buf compiles what is new.

What the compiler makes of a file follows from its text and from those of all that it imports, at any
distance. So it is kept by these, and a change leaves to compile what it touches and what imports that; the
other side of a comparison is mostly what an earlier run has left. Put together, the files make the image that
buf would make of them at once, byte for byte. Where it might tell errors, as names or numbers meet that no
import joins, and where it does, it is asked for the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

import msgspec
from google.protobuf import descriptor_pb2 as pb
from google.protobuf.message import DecodeError

from workspai_hooks.contracts.protobuf import asked, parts, serialized
from workspai_hooks.store import Store
from workspai_hooks.tools.buf import Buf, Built

MOST = 500
"""Files that are looked up one by one; who compiles more has changed what most of them import."""

Imports = Mapping[str, Sequence[str]]
"""The names that each file imports; what is not among the files, buf brings along."""


class Piece(msgspec.Struct, frozen=True):
    """A file of an image. `declares` are names and numbers that no other file of an image can declare."""

    data: bytes
    package: str
    imports: tuple[str, ...]
    declares: tuple[str, ...]


def build(buf: Buf, files: Mapping[str, bytes], imports: Imports, store: Store) -> Built:
    """`tools.buf.build` of contents by name."""
    keys = _keys(buf, files, imports) if len(files) <= MOST else {}
    pieces = _known(keys, store)
    missing = files.keys() - pieces.keys()
    if missing and keys:
        wanted = _reached(missing, imports)
        given = {name: data for name, data in files.items() if name in wanted}
        built = asked.build(buf, given, store, keeps=False)
        made = _pieces(built.image)
        if len(built.image) <= asked.LARGEST and not _mixed(made, files):
            new = {name: keys.get(name) or _key_of_own(buf, name) for name in made.keys() - pieces.keys()}
            sure = [name for name in new if name not in files or _is_as_read(made[name], imports[name])]
            store.remember("compiled file", {new[name]: made[name] for name in sure})
        if len(given) == len(files):
            return built
        pieces |= made
    return _put_together(buf, files, pieces, store) or asked.build(buf, files, store)


def _keys(buf: Buf, files: Mapping[str, bytes], imports: Imports) -> dict[str, bytes]:
    """What each file's piece is kept by; nothing where files import each other in a circle."""
    keys: dict[str, bytes] = {}
    try:
        order = list(TopologicalSorter(imports).static_order())
    except CycleError:
        return {}
    for name in order:
        if name in files:
            keys[name] = Store.key(buf.version, name, files[name], [keys[one] for one in imports[name]])
        else:
            keys[name] = _key_of_own(buf, name)
    return keys


def _key_of_own(buf: Buf, name: str) -> bytes:
    """Of a file that buf brings along."""
    return Store.key(buf.version, name)


def _known(keys: Mapping[str, bytes], store: Store) -> dict[str, Piece]:
    known = store.known("compiled file", keys.values(), Piece) if keys else {}
    return {name: known[key] for name, key in keys.items() if key in known}


def _reached(names: Iterable[str], imports: Imports) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += imports.get(name, ())
    return found


def _pieces(image: bytes) -> dict[str, Piece]:
    """The files of an image by name; none of one in which a file can't be read."""
    found = {}
    try:
        for data in serialized.files_of(image):
            file = pb.FileDescriptorProto.FromString(data)
            found[file.name] = Piece(data, file.package, tuple(file.dependency), tuple(_declared(file)))
    except DecodeError:  # nested too deeply
        return {}
    return found


def _is_as_read(piece: Piece, imports: Iterable[str]) -> bool:
    """Whether the compiler found the imports that are known of."""
    return set(piece.imports) == set(imports)


def _mixed(pieces: Mapping[str, Piece], files: Collection[str]) -> bool:
    """Whether one that buf brings along imports one of the files, which stands in the place of buf's."""
    return any(
        name not in files and not set(piece.imports).isdisjoint(files) for name, piece in pieces.items()
    )


def _declared(file: pb.FileDescriptorProto) -> Iterator[str]:
    """Full names at a file's top level, and for which number of what an extension stands."""
    prefix = f"{file.package}." if file.package else ""
    yield from (prefix + message.name for message in file.message_type)
    for enum in file.enum_type:
        yield prefix + enum.name
        yield from (prefix + value.name for value in enum.value)
    yield from (prefix + service.name for service in file.service)
    yield from (prefix + extension.name for extension in file.extension)
    for extension in parts.extensions(file):
        yield f"{extension.extendee} {extension.number}"


def _put_together(buf: Buf, files: Collection[str], pieces: dict[str, Piece], store: Store) -> Built | None:
    """An image in the order of buf's; None where a piece is missing or two of them clash."""
    waiting = {name for piece in pieces.values() for name in piece.imports} - pieces.keys()
    while waiting:  # buf's own, which import each other
        found = _known({name: _key_of_own(buf, name) for name in waiting}, store)
        if len(found) < len(waiting):
            return None
        pieces |= found
        waiting = {name for piece in found.values() for name in piece.imports} - pieces.keys()
    order = _in_order(sorted(files), pieces)
    if order is None or _mixed(pieces, files) or _clash([pieces[name] for name in order]):
        return None
    return Built(serialized.image_of(pieces[name].data for name in order))


def _in_order(names: Sequence[str], pieces: Mapping[str, Piece]) -> list[str] | None:
    """All files that are needed, each after what it imports; None where one is missing."""
    order: dict[str, None] = {}
    waiting = [(name, False) for name in reversed(names)]
    while waiting:
        name, is_ready = waiting.pop()
        if name not in pieces:
            return None
        if is_ready:
            order[name] = None
        elif name not in order:
            waiting.append((name, True))
            waiting += ((one, False) for one in reversed(pieces[name].imports))
    return list(order)


def _clash(pieces: Sequence[Piece]) -> bool:
    """Whether two files declare the same, or one what another has for its package or a part of it."""
    declared = Counter(name for piece in pieces for name in piece.declares)
    packages = {piece.package for piece in pieces}
    scopes = {package[:at] for package in packages for at, sign in enumerate(package + ".") if sign == "."}
    return len(declared) < declared.total() or not scopes.isdisjoint(declared)
