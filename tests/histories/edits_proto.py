"""Edits of protobuf contracts."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from histories.edits import Changes, Edit, Table
from histories.edits_proto_services import (
    add_rpc,
    add_value,
    remove_rpc,
    remove_value,
    rename_rpc,
    rename_value,
    restream_rpc,
    retype_rpc,
)
from histories.layout import Layout, Workspace
from histories.parts import FIELDS, SCALARS
from histories.proto_text import Member, Proto, free_number, new_name, parse
from histories.repository import Files

OneFile = Callable[[Random, Proto], bool]
"""Edits the lines; False where there is nothing to do."""


def _in_one_file(edit: OneFile) -> Edit:
    def run(rng: Random, files: Files, layout: Layout) -> Changes | None:
        paths = protos(files, layout)
        if not paths:
            return None
        path = rng.choice(paths)
        proto = parse(path, files[path])
        return {path: proto.text} if edit(rng, proto) else None

    return run


def protos(files: Files, layout: Layout) -> list[str]:
    return sorted(path for path in files if any(one.holds(path) for one in layout.workspaces))


def _workspace(path: str, layout: Layout) -> Workspace:
    return next(one for one in layout.workspaces if one.holds(path))


def mates(files: Files, path: str, layout: Layout) -> list[str]:
    """The files that are compiled together with one."""
    own = _workspace(path, layout)
    return sorted(other for other in files if own.holds(other))


def import_path(path: str, layout: Layout) -> str:
    roots = [root for root in _workspace(path, layout).roots if not root or path.startswith(root + "/")]
    root = max(roots, key=len)
    return path[len(root) + 1 :] if root else path


def _field(rng: Random, proto: Proto) -> Member | None:
    fields = proto.members_of("field")
    return rng.choice(fields) if fields else None


def _again(proto: Proto, member: Member, **changed: str) -> str:
    """A field's line with other parts."""
    part = {**member.match.groupdict(), **changed}
    return (
        f"{part['indent']}{part['label']}{part['type']} {part['name']} = {part['number']}{part['options']};"
    )


def add_field(rng: Random, proto: Proto) -> bool:
    messages = proto.of("message")
    if not messages:
        return False
    block = rng.choice(messages)
    indent = re.match(r"\s*", proto.lines[block.start])[0]  # type: ignore[index]
    label = rng.choice(("", "", "repeated ", "optional "))
    kind, name = rng.choice(SCALARS), new_name(rng, proto, block, FIELDS)
    proto.lines.insert(block.end, f"{indent}  {label}{kind} {name} = {free_number(proto, block)};")
    return True


def _drop(proto: Proto, member: Member) -> bool:
    """Remove a member's line; a oneof or enum needs one that is left."""
    block = member.block
    if block.kind == "oneof" and sum(one.block is block for one in proto.members) < 2:
        return False
    del proto.lines[member.line]
    return True


def remove_field(rng: Random, proto: Proto) -> bool:
    field = _field(rng, proto)
    return field is not None and _drop(proto, field)


def remove_field_and_reserve(rng: Random, proto: Proto) -> bool:
    field = _field(rng, proto)
    if field is None or field.block.kind == "oneof":
        return False
    indent, number, name = field.match["indent"], field.match["number"], field.match["name"]
    rows = [f"{indent}reserved {number};", f'{indent}reserved "{name}";']
    proto.lines[field.line : field.line + 1] = rng.choice((rows, rows[:1], rows[1:]))
    return True


def reserve_what_is_gone(rng: Random, proto: Proto) -> bool:
    """Reserve a number that no field has: often one that was removed by an earlier commit."""
    gaps = []
    for block in proto.of("message"):
        taken = proto.taken(block)
        gaps += [(block, number) for number in range(1, max(taken, default=0)) if number not in taken]
    if not gaps:
        return False
    block, number = rng.choice(gaps)
    proto.lines.insert(block.start + 1, f"  reserved {number};")
    return True


def unreserve(rng: Random, proto: Proto) -> bool:
    found = [number for number, line in enumerate(proto.lines) if line.strip().startswith("reserved ")]
    if not found:
        return False
    del proto.lines[rng.choice(found)]
    return True


def rename_field(rng: Random, proto: Proto) -> bool:
    field = _field(rng, proto)
    if field is None:
        return False
    name = new_name(rng, proto, proto.owner(field), FIELDS)
    proto.lines[field.line] = _again(proto, field, name=name)
    return True


def retype_field(rng: Random, proto: Proto) -> bool:
    fields = [field for field in proto.members_of("field") if field.match["type"] in SCALARS]
    if not fields:
        return False
    field = rng.choice(fields)
    other = rng.choice([one for one in SCALARS if one != field.match["type"]])
    proto.lines[field.line] = _again(proto, field, type=other)
    return True


def renumber_field(rng: Random, proto: Proto) -> bool:
    field = _field(rng, proto)
    if field is None:
        return False
    proto.lines[field.line] = _again(proto, field, number=str(free_number(proto, proto.owner(field))))
    return True


def relabel_field(rng: Random, proto: Proto) -> bool:
    fields = [
        one
        for one in proto.members_of("field")
        if one.block.kind == "message" and not one.match["type"].startswith("map<")
    ]
    if not fields:
        return False
    field = rng.choice(fields)
    label = rng.choice([one for one in ("", "repeated ", "optional ") if one != field.match["label"]])
    proto.lines[field.line] = _again(proto, field, label=label)
    return True


def swap_numbers(rng: Random, proto: Proto) -> bool:
    """Two fields of a message exchange their numbers: same names, same numbers, another meaning."""
    pairs = [
        (one, other)
        for one in proto.members_of("field")
        for other in proto.members_of("field")
        if one.line < other.line and proto.owner(one) is proto.owner(other)
    ]
    if not pairs:
        return False
    one, other = rng.choice(pairs)
    proto.lines[one.line] = _again(proto, one, number=other.match["number"])
    proto.lines[other.line] = _again(proto, other, number=one.match["number"])
    return True


def json_name(rng: Random, proto: Proto) -> bool:
    fields = [field for field in proto.members_of("field") if not field.match["options"]]
    if not fields:
        return False
    field = rng.choice(fields)
    proto.lines[field.line] = _again(proto, field, options=f' [json_name = "{field.match["name"]}X"]')
    return True


def deprecate_field(rng: Random, proto: Proto) -> bool:
    fields = [field for field in proto.members_of("field") if not field.match["options"]]
    if not fields:
        return False
    field = rng.choice(fields)
    proto.lines[field.line] = _again(proto, field, options=" [deprecated = true]")
    return True


def leave_oneof(rng: Random, proto: Proto) -> bool:
    fields = [one for one in proto.members_of("field") if one.block.kind == "oneof"]
    fields = [one for one in fields if sum(other.block is one.block for other in proto.members) > 1]
    if not fields:
        return False
    field = rng.choice(fields)
    indent = field.match["indent"][:-2]
    proto.lines.insert(field.block.end + 1, _again(proto, field, indent=indent))
    del proto.lines[field.line]
    return True


def into_oneof(rng: Random, proto: Proto) -> bool:
    fields = [
        one
        for one in proto.members_of("field")
        if one.block.kind == "message" and not one.match["label"] and not one.match["type"].startswith("map<")
    ]
    if not fields:
        return False
    field = rng.choice(fields)
    indent = field.match["indent"]
    name = f"one_of_{field.match['name']}"
    inside = _again(proto, field, indent=indent + "  ")
    proto.lines[field.line : field.line + 1] = [f"{indent}oneof {name} {{", inside, f"{indent}}}"]
    return True


def add_message(rng: Random, proto: Proto) -> bool:
    name = f"Added{rng.randrange(1000)}"
    if any(block.name == name for block in proto.blocks):
        return False
    proto.lines += [f"message {name} {{", f"  {rng.choice(SCALARS)} {rng.choice(FIELDS)} = 1;", "}", ""]
    return True


def comment(rng: Random, proto: Proto) -> bool:
    line = rng.randrange(2, max(3, len(proto.lines)))
    proto.lines.insert(line, f"// {rng.choice(FIELDS)} is told here, {rng.randrange(1000)}")
    return True


def reformat(rng: Random, proto: Proto) -> bool:
    kind = rng.randrange(3)
    if kind == 0:
        proto.lines = [line.replace("  ", "    ") if line.startswith(" ") else line for line in proto.lines]
    elif kind == 1:
        proto.lines.insert(rng.randrange(2, max(3, len(proto.lines))), "")
    else:  # the order of fields says nothing
        fields = proto.members_of("field")
        pairs = [(a, b) for a in fields for b in fields if a.line + 1 == b.line and a.block is b.block]
        if not pairs:
            return False
        one, other = rng.choice(pairs)
        lines = proto.lines
        lines[one.line], lines[other.line] = lines[other.line], lines[one.line]
    return True


def file_option(rng: Random, proto: Proto) -> bool:
    for number, line in enumerate(proto.lines):
        if line.startswith("option go_package"):
            proto.lines[number] = f'option go_package = "example.test/moved{rng.randrange(9)};moved";'
            return True
    return False


def no_proto(rng: Random, proto: Proto) -> bool:
    """It does not compile any more: an open question."""
    fields = proto.members_of("field")
    if not fields:
        return False
    field = rng.choice(fields)
    proto.lines[field.line] = rng.choice(
        (_again(proto, field, type="Nowhere"), proto.lines[field.line].rstrip(";"))
    )
    return True


ONE_FILE: dict[str, tuple[int, OneFile]] = {
    "field added": (6, add_field),
    "field removed": (5, remove_field),
    "field removed and reserved": (3, remove_field_and_reserve),
    "number reserved": (2, reserve_what_is_gone),
    "reserved taken back": (1, unreserve),
    "field renamed": (3, rename_field),
    "field retyped": (4, retype_field),
    "field renumbered": (2, renumber_field),
    "numbers swapped": (1, swap_numbers),
    "field relabelled": (2, relabel_field),
    "json_name set": (1, json_name),
    "field deprecated": (2, deprecate_field),
    "field left oneof": (1, leave_oneof),
    "field into oneof": (1, into_oneof),
    "enum value added": (3, add_value),
    "enum value removed": (2, remove_value),
    "enum value renamed": (1, rename_value),
    "rpc added": (3, add_rpc),
    "rpc removed": (3, remove_rpc),
    "rpc renamed": (1, rename_rpc),
    "rpc streams": (1, restream_rpc),
    "rpc retyped": (1, retype_rpc),
    "message added": (3, add_message),
    "comment": (5, comment),
    "reformatted": (4, reformat),
    "file option": (1, file_option),
    "does not compile": (1, no_proto),
}
TABLE: Table = {name: (weight, _in_one_file(edit)) for name, (weight, edit) in ONE_FILE.items()}
