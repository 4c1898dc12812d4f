"""What the descriptor of a generated stub declares."""

from __future__ import annotations

from google.protobuf import descriptor_pb2 as pb


def elements_of(file: pb.FileDescriptorProto) -> frozenset[str]:
    """Every element that a file declares: `pkg.Msg`, `pkg.Msg.field`, `pkg.Service/Rpc`, …"""
    prefix = f"{file.package}." if file.package else ""
    found: set[str] = set()
    waiting = [(prefix, message) for message in file.message_type]
    enums = [(prefix, enum) for enum in file.enum_type]
    while waiting:
        within, message = waiting.pop()
        name = within + message.name
        if message.options.map_entry:
            continue
        found.add(name)
        found.update(f"{name}.{one.name}" for one in message.field)
        # The oneof around a proto3 optional was written by nobody.
        synthetic = {one.oneof_index for one in message.field if one.proto3_optional}
        oneofs = enumerate(message.oneof_decl)
        found.update(f"{name}.{one.name}" for index, one in oneofs if index not in synthetic)
        waiting += [(f"{name}.", nested) for nested in message.nested_type]
        enums += [(f"{name}.", enum) for enum in message.enum_type]
    for within, enum in enums:
        found.add(within + enum.name)
        found.update(f"{within}{enum.name}.{value.name}" for value in enum.value)
    for service in file.service:
        found.add(prefix + service.name)
        found.update(f"{prefix}{service.name}/{method.name}" for method in service.method)
    if file.package:
        found.add(f"package:{file.package}")
    return frozenset(found)
