"""What one file is, seen from outside: a description, or a text that refers to others. Kept by content."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from workspai_hooks.changes.described import MARKED, SUFFIXES, may_be, may_say
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.bounds import Unreadable
from workspai_hooks.contracts.openapi.library import BOM, is_json, read_text
from workspai_hooks.contracts.openapi.places import Refused, target
from workspai_hooks.patterns import regex

_PLAIN = regex(rb"""(?m)^["']?(?:openapi|swagger)["']?[ \t]{0,20}:""")
_REFERS = regex(
    rb"""\$ref["']?[ \t]{0,20}:[ \t\r\n]{0,200}"""
    rb"""(?:"([^"#\n][^"\n]{0,2000})"|'([^'#\n][^'\n]{0,2000})'|([^\s"'#][^\n]{0,2000}))"""
)
_ENDS = regex(rb"[,}\]]|[ \t]#")
"""What can end a plain text inside of brackets; outside of them it is a part of it."""
_FIRST = regex(
    rb"""[ \t\r\n]{0,200}\{[ \t\r\n]{0,200}"(?:openapi|swagger)"[ \t]{0,20}:[ \t]{0,20}"([0-9.]{1,20})\""""
    rb"""|(?:(?:#[^\n]{0,500}|---[ \t\r]{0,9}|[ \t\r]{0,200})\n){0,200}"""
    rb"""["']?(?:openapi|swagger)["']?:[ \t]{1,20}["']?([0-9.]{1,20})["']?"""
    rb"""[ \t]{0,20}(?:#[^\n]{0,500})?\r?\n"""
)
"""The first key of an object, as most descriptions have it: nothing has to be parsed to know."""
_DIALECTS = ("3.0", "3.1", "3.2")


APPROVES = b"x-workspai-approve"
"""The key of an intended break that is written beside its contract."""


class Outline(msgspec.Struct, frozen=True):
    """`version` is what a description's top says (`3.0.3`, `2.0`), empty for other files; `refers` are the
    texts of references to other files, which may hold too many: some stand in examples and prose. `approves`:
    it may say that a break is intended."""

    version: str = ""
    refers: tuple[str, ...] = ()
    approves: bool = False


NOTHING = Outline()


def is_description(version: str) -> bool:
    return version == "2.0" or version.startswith(_DIALECTS)


def outline(data: bytes) -> Outline:
    """What a text is. One that can't be read is a description where it begins like one."""
    approves = APPROVES in data
    if not may_say(data):
        return Outline(approves=approves)
    refers = {
        told.decode("utf-8", "replace").strip()
        for *quoted, plain in _REFERS.findall(data)
        for told in (*quoted, plain, _ENDS.split(plain)[0])
        if told and b"\0" not in told
    }
    return Outline(_version(data), tuple(sorted(refers)), approves)


def _version(data: bytes) -> str:
    marked = MARKED.search(data)
    if marked is None:
        return ""
    data = data.removeprefix(BOM)
    if (top := _FIRST.match(data)) and is_description(said := (top[1] or top[2]).decode()):
        return said
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
        return {path: outline(data) for path, data in snapshot.contents(missing)}

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
