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

from collections.abc import Collection, Iterable, Iterator, Mapping

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
    others = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    parsed = [{name: _parsed(files[name]) for name in others if name in files} for files in (before, after)]
    others = {name for name in others if _bare(parsed[0].get(name)) != _bare(parsed[1].get(name))}
    given = others & (was | now)
    enums = _other_enums(*([side[name] for name in sorted(others & side.keys())] for side in parsed))
    if enums:
        given |= {name for name in was & now if any(enum in after[name] for enum in enums)}
    if not given & was:  # what is new breaks nothing
        return None
    there, left = (
        {held for name in sorted(given & mine) for held in _held(_parsed(files[name]))}
        for files, mine in ((before, was), (after, now))
    )
    lost = {package for package, _ in there - left}
    if lost:
        given |= {name for name in was & now if _parsed(after[name]).package in lost}
    return Narrowed(_image(before, given & was), _image(after, given & now))


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


def _other_enums(
    before: Iterable[pb.FileDescriptorProto], after: Iterable[pb.FileDescriptorProto]
) -> set[bytes]:
    """Enums that are not the same on both sides, as a descriptor names them."""
    was, now = ({name: one for file in files for name, one in parts.enums(file)} for files in (before, after))
    return {name.encode() for name in was.keys() | now.keys() if was.get(name) != now.get(name)}


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


def _image(files: Mapping[str, bytes], given: Collection[str]) -> bytes:
    """An image of the files that are given, and of what is seen of those that they import; in their order."""
    shown: dict[str, bytes] = {}
    waiting = sorted(given)
    while waiting:
        name = waiting.pop()
        if name not in shown and name in files:
            file = _parsed(files[name])
            if name not in given:
                file = _seen(file)
            shown[name] = files[name] if name in given else file.SerializeToString()
            waiting += file.dependency
    image = serialized.image_of(shown[name] for name in files if name in shown)
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
