"""Edits of enums and services."""

from __future__ import annotations

from random import Random

from histories.parts import FIELDS
from histories.proto_text import Member, Proto, free_number, new_name


def add_value(rng: Random, proto: Proto) -> bool:
    enums = proto.of("enum")
    if not enums:
        return False
    block = rng.choice(enums)
    name = new_name(rng, proto, block, tuple(f"{block.name.upper()}_{one.upper()}" for one in FIELDS))
    proto.lines.insert(block.end, f"  {name} = {free_number(proto, block)};")
    return True


def _value(rng: Random, proto: Proto) -> Member | None:
    values = [one for one in proto.members_of("value") if one.match["number"] != "0"]
    return rng.choice(values) if values else None


def remove_value(rng: Random, proto: Proto) -> bool:
    value = _value(rng, proto)
    if value is None:
        return False
    number, name = value.match["number"], value.match["name"]
    choices: tuple[list[str], ...] = (
        [],
        [f"  reserved {number};"],
        [f"  reserved {number};", f'  reserved "{name}";'],
    )
    proto.lines[value.line : value.line + 1] = rng.choice(choices)
    return True


def rename_value(rng: Random, proto: Proto) -> bool:
    value = _value(rng, proto)
    if value is None:
        return False
    names = tuple(f"{value.block.name.upper()}_{one.upper()}" for one in FIELDS)
    name = new_name(rng, proto, value.block, names)
    proto.lines[value.line] = f"  {name} = {value.match['number']};"
    return True


def _rpc_line(member: Member, **changed: str) -> str:
    part = {**member.match.groupdict(), **changed}
    return f"{part['indent']}rpc {part['name']}({part['in']}) returns ({part['out']});"


def add_rpc(rng: Random, proto: Proto) -> bool:
    rpcs = proto.members_of("rpc")
    if not rpcs:
        return False
    like = rng.choice(rpcs)
    names = {one.match["name"] for one in rpcs}
    name = next(f"{verb}It" for verb in ("Ask", "Bring", "Count", "Drop", "End") if f"{verb}It" not in names)
    proto.lines.insert(like.block.end, _rpc_line(like, name=name))
    return True


def remove_rpc(rng: Random, proto: Proto) -> bool:
    rpcs = proto.members_of("rpc")
    if not rpcs:
        return False
    del proto.lines[rng.choice(rpcs).line]
    return True


def rename_rpc(rng: Random, proto: Proto) -> bool:
    rpcs = proto.members_of("rpc")
    if not rpcs:
        return False
    rpc = rng.choice(rpcs)
    proto.lines[rpc.line] = _rpc_line(rpc, name=f"{rpc.match['name']}Now")
    return True


def restream_rpc(rng: Random, proto: Proto) -> bool:
    rpcs = proto.members_of("rpc")
    if not rpcs:
        return False
    rpc = rng.choice(rpcs)
    side = rng.choice(("in", "out"))
    said = rpc.match[side]
    proto.lines[rpc.line] = _rpc_line(
        rpc, **{side: said[7:] if said.startswith("stream ") else f"stream {said}"}
    )
    return True


def retype_rpc(rng: Random, proto: Proto) -> bool:
    rpcs, messages = proto.members_of("rpc"), [one for one in proto.of("message") if one.outer is None]
    if not rpcs or not messages:
        return False
    rpc = rng.choice(rpcs)
    proto.lines[rpc.line] = _rpc_line(rpc, **{rng.choice(("in", "out")): rng.choice(messages).name})
    return True
