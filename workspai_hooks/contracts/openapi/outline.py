"""What one file is, seen from outside: a description, or a text that refers to others. Kept by its content."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.bounds import Unreadable
from workspai_hooks.contracts.openapi.library import BOM, is_json, read_text
from workspai_hooks.contracts.openapi.places import Refused, target
from workspai_hooks.patterns import regex

SUFFIXES = (".yaml", ".yml", ".json")
MAX_BYTES = 32 * 1024 * 1024
"""What git's contents are read up to (tools/git.py)."""
ASIDE = "/node_modules/"
"""Descriptions of what others publish: a change there is an update of a dependency."""

_MARKED = regex(rb"""["']?(?:openapi|swagger)["']?[ \t]{0,20}:[ \t\r\n]{0,20}["']?([0-9.]{1,20})""")
_PLAIN = regex(rb"""(?m)^["']?(?:openapi|swagger)["']?[ \t]{0,20}:""")
_REFERS = regex(
    rb"""\$ref["']?[ \t]{0,20}:[ \t\r\n]{0,200}"""
    rb"""(?:"([^"#\n][^"\n]{0,2000})"|'([^'#\n][^'\n]{0,2000})'|([^\s"'#][^\n]{0,2000}))"""
)
_FIRST = regex(
    rb"""[ \t\r\n]{0,200}\{[ \t\r\n]{0,200}"(?:openapi|swagger)"[ \t]{0,20}:[ \t]{0,20}"([0-9.]{1,20})\""""
)
"""The first key of a JSON object, as most descriptions have it: nothing has to be parsed to know."""
_DIALECTS = ("3.0", "3.1", "3.2")


class Outline(msgspec.Struct, frozen=True):
    """`version` is what a description's top says (`3.0.3`, `2.0`), empty for other files; `refers` are the
    texts of references to other files, which may hold too many: some stand in examples and prose."""

    version: str = ""
    refers: tuple[str, ...] = ()


NOTHING = Outline()


def is_description(version: str) -> bool:
    return version == "2.0" or version.startswith(_DIALECTS)


def may_be(path: str) -> bool:
    """Whether a file can hold a description or a part of one, by its name."""
    return path.endswith(SUFFIXES) and ASIDE not in f"/{path}"


def may_say(data: bytes) -> bool:
    """Whether a text can be a description or refer to a file, by its bytes."""
    return b"$ref" in data or _MARKED.search(data) is not None


def outline(data: bytes) -> Outline:
    """What a text is. One that can't be read is a description where it begins like one."""
    if not may_say(data):
        return NOTHING
    refers = {
        one.decode("utf-8", "replace").strip()
        for found in _REFERS.findall(data)
        for one in found
        if one and b"\0" not in one
    }
    return Outline(_version(data), tuple(sorted(refers)))


def _version(data: bytes) -> str:
    marked = _MARKED.search(data)
    if marked is None:
        return ""
    data = data.removeprefix(BOM)
    if (top := _FIRST.match(data)) and is_description(top[1].decode()):
        return top[1].decode()
    first = data[:4096].lstrip()[:1]
    if not is_json(data) and data[:1] not in (b" ", b"%") and first != b"!" and not _PLAIN.search(data):
        return ""  # indented: the text of something else
    try:
        value = read_text(data, strict=False)
    except Unreadable:
        told = _PLAIN.search(data) and marked[1].decode()
        return told if told and is_description(told) else ""
    for name in ("openapi", "swagger"):
        told = str(value.get(name, "")) if isinstance(value, dict) else ""
        if is_description(told):
            return told
    return ""


def outlines(snapshot: Snapshot, paths: Iterable[str] | None = None) -> dict[str, Outline]:
    """The outlines of a snapshot's files that say anything (all of them, or those at `paths`)."""
    wanted = snapshot.paths(*SUFFIXES) if paths is None else [p for p in paths if p in snapshot.entries]
    keys = {path: bytes.fromhex(snapshot.entries[path].blob) for path in wanted if may_be(path)}

    def make(missing: list[str]) -> dict[str, Outline]:
        return {path: outline(data) for path, data in snapshot.read_many(missing).items()}

    found = snapshot.store.each("openapi outline", keys, Outline, make)
    return {path: one for path, one in found.items() if one != NOTHING}


def reaching(outlines: dict[str, Outline], changed: Collection[str]) -> set[str]:
    """The descriptions that reach one of the `changed` files through references, themselves included."""
    users: dict[str, set[str]] = {}
    for path, one in outlines.items():
        for ref in one.refers:
            try:
                users.setdefault(target(path, ref).path, set()).add(path)
            except Refused:
                continue
    seen: set[str] = set()
    waiting = list(changed)
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting.extend(users.get(path, ()))
    return {path for path in seen if path in outlines and outlines[path].version}
