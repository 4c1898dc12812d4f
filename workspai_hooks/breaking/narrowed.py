"""Two images without what is the same in both: buf takes its time over all that it is given.

A rule of buf compares an element with the one of its name (a field: of its number) in the other image, and
looks no further than its file, but for two things. Of an enum that a field holds it reads the values (a
default is one of them); and of a package it asks what is left of it, kind by kind. So a file has to be given
where it is another one, where it names an enum that is another one, or where a package would seem to have
lost all of a kind.
What these import is given as what can be seen of it (parts.py), which is all that a descriptor links to.
Lines are no part of it: rules don't read them, a row of buf only tells them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec
from google.protobuf import descriptor_pb2 as pb
from google.protobuf.message import DecodeError

from workspai_hooks.contracts.protobuf import parts, serialized

_WHOLE = ("google.protobuf", "pb")
"""Packages of what buf reads the values of: an option's meaning (`features.(pb.cpp).string_type`)."""


class Narrowed(msgspec.Struct, frozen=True):
    """Images of both sides; that of the head is empty where nothing is left."""

    base: bytes
    head: bytes


def narrowed(
    base: bytes, head: bytes, base_targets: Collection[str], head_targets: Collection[str]
) -> Narrowed | None:
    """The images with what of the targets (repository paths in these) a rule can say anything of; None where
    that is nothing. `UndecidedError` for what is no image."""
    before, after = _files(base), _files(head)
    was = {serialized.file_name(path) for path in base_targets} & before.keys()
    now = {serialized.file_name(path) for path in head_targets} & after.keys()
    others, enums = _differing(before, after)
    if not others & before.keys():  # what is new breaks nothing
        return None
    given = others & (was | now)
    if enums:
        given |= {name for name in was & now if any(enum in after[name] for enum in enums)}
    there, left = (
        {held for name in sorted(given & mine) for held in _held(_parsed(files[name]))}
        for files, mine in ((before, was), (after, now))
    )
    lost = {package for package, _ in there - left}
    if lost or not given & was:
        given |= {name for name in was & now if not given & was or _parsed(after[name]).package in lost}
    sides = _Side(before, given | others), _Side(after, given | others)
    names = given | others
    while more := {one for name in names for side in sides for one in side.imports(name)} - names:
        names |= more  # on both sides: of what a package has, buf counts what is imported
    return Narrowed(sides[0].image(names, given & was), sides[1].image(names, given & now))


def _differing(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> tuple[set[str], set[bytes]]:
    """Files that differ in more than lines, and enums, as a descriptor names them."""
    others = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    was, now = ({one: _parsed(side[one]) for one in others & side.keys()} for side in (before, after))
    others = {name for name in others if _bare(was.get(name)) != _bare(now.get(name))}
    told = [
        {name: enum for file in sorted(others & side.keys()) for name, enum in parts.enums(side[file])}
        for side in (was, now)
    ]
    names = told[0].keys() | told[1].keys()
    return others, {name.encode() for name in names if told[0].get(name) != told[1].get(name)}


def _files(image: bytes) -> dict[str, bytes]:
    return {serialized.name_of(data): data for data in serialized.files_of(image)}


def _parsed(data: bytes) -> pb.FileDescriptorProto:
    try:
        return pb.FileDescriptorProto.FromString(data)
    except DecodeError as error:
        raise serialized.no_image() from error


def _bare(file: pb.FileDescriptorProto | None) -> bytes | None:
    """A file without its lines."""
    if file is None:
        return None
    bare = pb.FileDescriptorProto()
    bare.CopyFrom(file)
    bare.ClearField("source_code_info")
    return bare.SerializeToString(deterministic=True)


def _held(file: pb.FileDescriptorProto) -> Iterator[tuple[str, str]]:
    """What a package has of a file: itself, and the kinds of declarations that are compared by package."""
    kinds = {
        "": (file,),
        "message": file.message_type,
        "enum": parts.enums(file),
        "service": file.service,
        "extension": parts.extensions(file),
    }
    return ((file.package, kind) for kind, declared in kinds.items() if any(True for _ in declared))


class _Side:
    """The files of an image; those that are not `whole` as far as they can be seen."""

    def __init__(self, files: Mapping[str, bytes], whole: Collection[str]) -> None:
        self._files = files
        self._whole = whole
        self._shown: dict[str, tuple[bytes, Sequence[str]]] = {}

    def _file(self, name: str) -> tuple[bytes, Sequence[str]]:
        """What is given of a file, and what that imports."""
        if name not in self._shown:
            data = self._files.get(name, b"")
            file = _parsed(data)
            if data and name not in self._whole:
                file = _seen(file)
                data = file.SerializeToString()
            self._shown[name] = data, file.dependency
        return self._shown[name]

    def imports(self, name: str) -> Sequence[str]:
        return self._file(name)[1]

    def image(self, names: Collection[str], given: Iterable[str]) -> bytes:
        """An image of these files, in their order; all but those `given` are imports."""
        image = serialized.image_of(self._file(name)[0] for name in self._files if name in names)
        return serialized.as_imports(image, map(serialized.repository_path, given))


def _seen(file: pb.FileDescriptorProto) -> pb.FileDescriptorProto:
    """A file that is imported, as far as whoever imports it can see it."""
    if file.package in _WHOLE:
        file.ClearField("source_code_info")
        return file
    seen = parts.shown(file)
    if not any(parts.extensions(seen)):  # nothing else in it stands in another file
        public = [file.dependency[index] for index in file.public_dependency]
        del seen.dependency[:], seen.public_dependency[:], seen.weak_dependency[:]
        seen.dependency.extend(public)
        seen.public_dependency.extend(range(len(public)))
    return seen
