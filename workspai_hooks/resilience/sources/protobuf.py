"""What a protobuf contract declares of its rpcs: `idempotency_level`, the verb of `google.api.http`, and a
request id that the server tells tries by (AIP-155: a string field `request_id` in the format UUID4)."""

from __future__ import annotations

from collections.abc import Iterator

from google.api import annotations_pb2, field_info_pb2
from google.protobuf import descriptor_pb2 as pb
from google.protobuf.message import DecodeError

from workspai_hooks.contracts.protobuf.describe import REQUEST_ID
from workspai_hooks.resilience.model import Idempotency
from workspai_hooks.resilience.operations import Operation
from workspai_hooks.resilience.said import Level, Said
from workspai_hooks.source import Location

_LEVELS = {
    pb.MethodOptions.NO_SIDE_EFFECTS: Idempotency.SAFE,
    pb.MethodOptions.IDEMPOTENT: Idempotency.IDEMPOTENT,
}
_VERBS = {"get": Idempotency.SAFE, "put": Idempotency.IDEMPOTENT, "delete": Idempotency.IDEMPOTENT}
"""RFC 9110, section 9.2; POST and PATCH promise nothing."""
_TYPE = pb.FieldDescriptorProto.Type


Lines = dict[tuple[int, ...], int]


def from_protobuf(
    path: str, file: pb.FileDescriptorProto, known_lines: Lines | None = None
) -> Iterator[Said]:
    """One a rpc that declares something. `path` is the contract's; `file` its descriptor with options that
    this process may not know."""
    prefix = f".{file.package}." if file.package else "."
    lines = lines_of(file) if known_lines is None else known_lines
    messages = {prefix + message.name: message for message in file.message_type}
    for number, service in enumerate(file.service):
        for index, rpc in enumerate(service.method):
            place = Location(path, lines.get((6, number, 2, index), 1))
            scope = f"{prefix[1:]}{service.name}/{rpc.name}"
            if (level := _LEVELS.get(rpc.options.idempotency_level)) is not None:
                yield Said(Level.METHOD, scope, place, "idempotency_level", level)
            elif verb := _verb(rpc.options):
                yield Said(Level.METHOD, scope, place, f"google.api.http {verb}", _VERBS.get(verb))
            message = messages.get(rpc.input_type)
            if message is not None and _has_request_id(message):
                yield Said(Level.METHOD, scope, place, "AIP-155 request_id", key=REQUEST_ID)


def rpcs_in(path: str, file: pb.FileDescriptorProto, lines: Lines) -> Iterator[Operation]:
    """The rpcs that a contract declares."""
    prefix = f"{file.package}." if file.package else ""
    for number, service in enumerate(file.service):
        full = prefix + service.name
        for index, rpc in enumerate(service.method):
            place = Location(path, lines.get((6, number, 2, index), 1))
            yield Operation(
                f"{full}/{rpc.name}",
                path,
                place,
                full,
                rpc.client_streaming,
                rpc.server_streaming,
                rpc.input_type.lstrip("."),
                rpc.output_type.lstrip("."),
            )


def _verb(options: pb.MethodOptions) -> str:
    try:
        known = pb.MethodOptions.FromString(options.SerializeToString())
        rule = known.Extensions[annotations_pb2.http]
        return str(rule.WhichOneof("pattern") or "")
    except DecodeError:
        return ""


def _has_request_id(message: pb.DescriptorProto) -> bool:
    for field in message.field:
        if field.name == REQUEST_ID and field.type == _TYPE.TYPE_STRING:
            try:
                options = pb.FieldOptions.FromString(field.options.SerializeToString())
                info = options.Extensions[field_info_pb2.field_info]
            except DecodeError:
                return False
            return bool(info.format == field_info_pb2.FieldInfo.UUID4)
    return False


def lines_of(file: pb.FileDescriptorProto) -> Lines:
    """The lines of rpcs by their path in the descriptor (`service` is field 6, its `method` 2)."""
    return {
        tuple(one.path): one.span[0] + 1
        for one in file.source_code_info.location
        if len(one.path) == 4 and one.path[0] == 6 and one.span
    }
