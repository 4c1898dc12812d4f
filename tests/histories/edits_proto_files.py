"""Edits of protobuf contracts that touch more than one file: moves, renames, deletes."""

from __future__ import annotations

import re
from random import Random

from histories.edits import Changes, Table
from histories.edits_proto import import_path, mates, protos
from histories.layout import Layout
from histories.proto_text import Block, Proto, parse
from histories.repository import Files


def _top_messages(proto: Proto) -> list[Block]:
    return [block for block in proto.of("message") if block.outer is None]


def _imports(text: bytes) -> list[str]:
    return re.findall(r'^import (?:public )?"([^"]+)";$', text.decode(), re.MULTILINE)


def _replaced_word(files: Files, paths: list[str], old: str, new: str) -> Changes:
    pattern = re.compile(rf"(?<![\w]){re.escape(old)}(?![\w])".encode())
    after = {path: pattern.sub(new.encode(), files[path]) for path in paths}
    return {path: text for path, text in after.items() if text != files[path]}


def rename_message(rng: Random, files: Files, layout: Layout) -> Changes | None:
    path = _some(rng, files, layout)
    if path is None:
        return None
    proto = parse(path, files[path])
    blocks = [one for one in proto.blocks if one.kind in ("message", "enum", "service") and one.outer is None]
    if not blocks:
        return None
    name = rng.choice(blocks).name
    return _replaced_word(files, mates(files, path, layout), name, f"{name}Too")


def remove_message(rng: Random, files: Files, layout: Layout) -> Changes | None:
    """Remove a message and every field and rpc that names it."""
    path = _some(rng, files, layout)
    if path is None:
        return None
    proto = parse(path, files[path])
    blocks = [one for one in proto.blocks if one.kind in ("message", "enum", "service") and one.outer is None]
    if not blocks:
        return None
    block = rng.choice(blocks)
    used = re.compile(rf"(?<![\w]){block.name}(?![\w])")
    changes: Changes = {}
    for mate in mates(files, path, layout):
        lines = files[mate].decode().split("\n")
        if mate == path:
            lines[block.start : block.end + 1] = []
        kept = [
            line for line in lines if not (used.search(line) and line.startswith(" ") and line.endswith(";"))
        ]
        if "\n".join(kept).encode() != files[mate]:
            if re.search(r"\{\n\s*\}", "\n".join(kept)) and "oneof" in "\n".join(kept):
                return None  # a oneof needs a field
            changes[mate] = "\n".join(kept).encode()
    return changes


def move_message(rng: Random, files: Files, layout: Layout) -> Changes | None:
    """Move a message of scalars into another file of its package."""
    path = _some(rng, files, layout)
    if path is None:
        return None
    proto = parse(path, files[path])
    near = [
        other
        for other in mates(files, path, layout)
        if other != path and parse(other, files[other]).package == proto.package
    ]
    own = import_path(path, layout)
    near = [other for other in near if own not in _imports(files[other])]
    blocks = [one for one in _top_messages(proto) if _is_plain(proto, one)]
    if not near or not blocks:
        return None
    target, block = rng.choice(near), rng.choice(blocks)
    moved = proto.lines[block.start : block.end + 1]
    left = proto.lines[: block.start] + proto.lines[block.end + 1 :]
    there = import_path(target, layout)
    changes: Changes = {target: files[target] + "\n".join(["", *moved, ""]).encode()}
    changes[path] = _with_import("\n".join(left).encode(), there)
    for other in mates(files, path, layout):
        if other not in (path, target) and own in _imports(files[other]):
            changes[other] = _with_import(files[other], there)
    return changes


def _is_plain(proto: Proto, block: Block) -> bool:
    """Whether a message names no other type and holds none."""
    inside = [one for one in proto.members if proto.owner(one) is block]
    nested = any(one.outer is block for one in proto.blocks)
    return not nested and all(
        re.fullmatch(r"[a-z0-9]+|map<string, [a-z0-9]+>", m.match["type"]) for m in inside
    )


def _with_import(text: bytes, path: str) -> bytes:
    if path in _imports(text):
        return text
    lines = text.decode().split("\n")
    at = next((n for n, line in enumerate(lines) if line.startswith(("package ", "import ", "option "))), 1)
    lines.insert(at + (1 if lines[at].startswith("package ") else 0), f'import "{path}";')
    return "\n".join(lines).encode()


def rename_file(rng: Random, files: Files, layout: Layout) -> Changes | None:
    """A file under another name, its importers with it; sometimes with an edit besides."""
    path = _some(rng, files, layout)
    if path is None:
        return None
    stem = path.removesuffix(".proto")
    new = rng.choice((f"{stem}_types.proto", f"{stem}2.proto"))
    if new in files:
        return None
    changes: Changes = {path: None, new: files[path]}
    old_import, new_import = import_path(path, layout), import_path(new, layout)
    for mate in mates(files, path, layout):
        if mate != path and old_import in _imports(files[mate]):
            changes[mate] = files[mate].replace(f'"{old_import}"'.encode(), f'"{new_import}"'.encode())
    if rng.random() < 0.3:
        proto = parse(new, files[path])
        fields = [one for one in proto.members_of("field") if one.block.kind == "message"]
        if fields:
            del proto.lines[rng.choice(fields).line]
            changes[new] = proto.text
    return changes


def delete_file(rng: Random, files: Files, layout: Layout) -> Changes | None:
    """Delete a file that nobody imports."""
    paths = protos(files, layout)
    free = []
    for path in paths:
        name = import_path(path, layout)
        if not any(name in _imports(files[mate]) for mate in mates(files, path, layout)):
            free.append(path)
    if not free or len(paths) < 2:
        return None
    return {rng.choice(free): None}


def add_file(rng: Random, files: Files, layout: Layout) -> Changes | None:
    path = _some(rng, files, layout)
    if path is None:
        return None
    package = parse(path, files[path]).package
    number = rng.randrange(1000)
    new = f"{path.rpartition('/')[0]}/new{number}.proto".lstrip("/")
    head = f"package {package};\n\n" if package else ""
    text = f'syntax = "proto3";\n\n{head}message New{number} {{\n  string label = 1;\n  int32 rank = 2;\n}}\n'
    return {new: text.encode()}


def rename_package(rng: Random, files: Files, layout: Layout) -> Changes | None:
    path = _some(rng, files, layout)
    package = parse(path, files[path]).package if path is not None else ""
    if path is None or not package:
        return None
    together = mates(files, path, layout)
    pattern = re.compile(rf"(?<![\w.\"/]){re.escape(package)}(?=[.;])".encode())
    new = package.replace(".v1", ".v2") if ".v1" in package else f"{package}2"
    after = {mate: pattern.sub(new.encode(), files[mate]) for mate in together}
    return {mate: text for mate, text in after.items() if text != files[mate]}


def _some(rng: Random, files: Files, layout: Layout) -> str | None:
    paths = protos(files, layout)
    return rng.choice(paths) if paths else None


TABLE: Table = {
    "declaration renamed": (2, rename_message),
    "declaration removed": (2, remove_message),
    "message moved": (3, move_message),
    "file renamed": (3, rename_file),
    "file deleted": (1, delete_file),
    "file added": (2, add_file),
    "package renamed": (1, rename_package),
}
