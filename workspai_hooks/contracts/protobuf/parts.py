"""The parts of a file's descriptor, and what of them others can see."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf import descriptor_pb2 as pb


def messages(file: pb.FileDescriptorProto) -> Iterator[tuple[str, pb.DescriptorProto]]:
    """All messages of a file, nested ones among them, by name as types are named."""
    waiting = [(_prefix(file), one) for one in file.message_type]
    while waiting:
        around, message = waiting.pop()
        name = f"{around}.{message.name}"
        yield name, message
        waiting += ((name, one) for one in message.nested_type)


def enums(file: pb.FileDescriptorProto) -> Iterator[tuple[str, pb.EnumDescriptorProto]]:
    """All enums of a file, in the same way."""
    prefix = _prefix(file)
    yield from ((f"{prefix}.{one.name}", one) for one in file.enum_type)
    for name, message in messages(file):
        yield from ((f"{name}.{one.name}", one) for one in message.enum_type)


def extensions(file: pb.FileDescriptorProto) -> Iterator[pb.FieldDescriptorProto]:
    """All extensions that a file declares, in whatever message."""
    yield from file.extension
    for _, message in messages(file):
        yield from message.extension


def _prefix(file: pb.FileDescriptorProto) -> str:
    return f".{file.package}" if file.package else ""


def face(file: pb.FileDescriptorProto) -> bytes:
    """What others can see of a file: equal for files that look the same."""
    return shown(file).SerializeToString(deterministic=True)


def shown(file: pb.FileDescriptorProto) -> pb.FileDescriptorProto:
    """A file without what others can't see of it."""
    shown = pb.FileDescriptorProto()
    shown.CopyFrom(file)
    shown.DiscardUnknownFields()  # what buf says of imports that are not used; custom options are not seen
    shown.ClearField("source_code_info")
    for message in shown.message_type:
        _hide(message)
    for service in shown.service:
        service.ClearField("method")
        service.ClearField("options")
    return shown


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
