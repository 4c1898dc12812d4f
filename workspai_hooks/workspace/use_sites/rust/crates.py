"""Rust's crates: what paths call them, and which of them can see a contract's stubs."""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import dirname

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.naming import Layout

SEES = regex(rb"include_proto!|\binclude!\s*\(|\btonic\b|\bprost\b|::connect\(")
SEEN = "!"
HEADS = regex(rb"\b([a-z_][a-z0-9_]*)::")


def crate_of(data: bytes) -> str:
    """What paths call the crate of a Cargo.toml; empty where it is none."""
    import tomllib

    try:
        manifest = tomllib.loads(data.decode("utf-8", "replace"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return ""
    for section in ("lib", "package"):
        table = manifest.get(section)
        name = table.get("name") if isinstance(table, dict) else None
        if isinstance(name, str):
            return name.replace("-", "_")
    return ""


def heads(data: bytes) -> tuple[str, ...]:
    """The first words of a file's paths; `SEEN` among them where it comes near a stub."""
    found = sorted({head.decode() for head in HEADS.findall(data)})
    return (SEEN, *found) if SEES.search(data) else tuple(found)


def relevant(seen: Mapping[str, tuple[str, ...]], schema: Schema, layout: Layout) -> frozenset[str]:
    """The files of crates that have stubs, or that name such a crate (however far)."""
    homes = frozenset(layout.crates)
    by_home: dict[str, list[str]] = {}
    for path in seen:
        by_home.setdefault(_home(path, homes), []).append(path)
    named: dict[str, set[str]] = {}
    seeing: set[str] = set()
    for home, paths in by_home.items():
        named[home] = {word for path in paths for word in seen[path]}
        if SEEN in named[home] or any(path in layout.stubs for path in paths):
            seeing.add(home)
    names = {home: layout.crates.get(home, "") for home in by_home}
    while True:
        known = {names[home] for home in seeing if names[home]}
        more = {home for home in by_home if home not in seeing and named[home] & known}
        if not more:
            return frozenset(path for home in seeing for path in by_home[home])
        seeing |= more


def _home(path: str, homes: frozenset[str]) -> str:
    """The folder of the crate that a file belongs to: its own folder where there is no manifest."""
    folder = dirname(path)
    while True:
        if folder in homes:
            return folder
        if not folder:
            return dirname(path)
        folder = dirname(folder)
