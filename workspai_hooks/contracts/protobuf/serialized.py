"""What buf's images are as bytes: `FileDescriptorSet`s, whose files have the names that buf was given.

They are taken apart and put together without being read, as most files are handed on as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, unquote

from google.protobuf import descriptor_pb2 as pb
from google.protobuf.message import DecodeError

from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools.buf import RETRY

_FIELD_1 = 0x0A
"""The tag of a field 1 that has a length."""
_SHIFTS = range(0, 70, 7)
"""A varint has ten bytes at most."""
_IS_IMPORT = b"\xd2\xf6\x03\x02\x08\x01"
"""Field 8042 of a file in an image, `{is_import: true}`; appended, it overrides an earlier one."""


def file_name(path: str) -> str:
    """A repository path as buf can take it, whatever bytes it has."""
    return quote(path, safe="/@+=,~", errors="surrogateescape")


def repository_path(name: str) -> str:
    """The reverse of `file_name`."""
    return unquote(name, errors="surrogateescape")


def renamed(image: bytes, paths: Mapping[str, str]) -> bytes:
    """The same image with files under other repository paths."""
    names = {file_name(old): file_name(new) for old, new in paths.items() if old != new}
    if not names:
        return image
    try:
        parsed = pb.FileDescriptorSet.FromString(image)
        for file in parsed.file:
            file.name = names.get(file.name, file.name)
            for index, name in enumerate(file.dependency):
                file.dependency[index] = names.get(name, name)
    except (DecodeError, ValueError) as error:
        raise no_image() from error
    return parsed.SerializeToString()


def as_imports(image: bytes, keep: Iterable[str]) -> bytes:
    """The same image with all files but `keep` marked as imports, which a comparison then leaves out."""
    kept = {file_name(path) for path in keep}
    return image_of(file if name_of(file) in kept else file + _IS_IMPORT for file in files_of(image))


def image_of(files: Iterable[bytes]) -> bytes:
    """An image of serialized FileDescriptorProtos."""
    return b"".join(b"\x0a" + _varint(len(file)) + file for file in files)


def files_of(image: bytes) -> Iterable[bytes]:
    """The serialized FileDescriptorProtos of an image (`repeated ImageFile file = 1`)."""
    at = 0
    while at < len(image):
        start, end = _first_field(image, at)
        at = end
        yield image[start:end]


def described(image: bytes) -> Iterator[tuple[str, pb.FileDescriptorProto]]:
    """The files of an image by their paths in the repository."""
    for data in files_of(image):
        try:
            yield repository_path(name_of(data)), pb.FileDescriptorProto.FromString(data)
        except DecodeError as error:
            raise no_image() from error


def name_of(file: bytes) -> str:
    """The name of a serialized FileDescriptorProto: its first field."""
    start, end = _first_field(file, 0)
    try:
        return file[start:end].decode()
    except UnicodeDecodeError as error:
        raise no_image() from error


def no_image() -> UndecidedError:
    """What to say of an answer of buf's that is no image."""
    return UndecidedError("buf build", "answered with something that is no image", RETRY)


def _first_field(data: bytes, at: int) -> tuple[int, int]:
    """From where to where the content of a field 1 stands whose tag is at `at`."""
    size, start = _read_varint(data, at + 1)
    if data[at] != _FIELD_1 or start + size > len(data):
        raise no_image()
    return start, start + size


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift, byte in zip(_SHIFTS, data[at : at + len(_SHIFTS)], strict=False):
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at + shift // 7 + 1
    raise no_image()
