"""What must be known of every source file before any is parsed: kept by blob, so that it is read once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from posixpath import basename, dirname

import msgspec
from msgspec.structs import replace

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.patterns import regex
from workspai_hooks.store import Store
from workspai_hooks.workspace.use_sites.languages import LANGUAGES, is_generated, stub_of
from workspai_hooks.workspace.use_sites.naming import Layout, StubFile
from workspai_hooks.workspace.use_sites.rust.crates import crate_of

SUFFIXES = tuple(suffix for one in LANGUAGES for suffix in one.suffixes)
MANIFESTS = frozenset(
    {
        *("go.mod", "Cargo.toml", "package.json", "jsconfig.json"),
        *("tsconfig.json", "tsconfig.base.json", "tsconfig.app.json"),
    }
)
"""Files that say how a language's modules are called."""
THIRD_PARTY = regex(
    r"(?:^|/)(?:vendor|node_modules|bower_components|wwwroot/lib|site-packages|\.venv|venv|\.tox|obj"
    r"|bin/(?:Debug|Release))/|\.min\.[cm]?js$"
)
_MODULE = regex(rb"^module\s+\"?([^\s\"]+)", re.MULTILINE)


class Header(msgspec.Struct, frozen=True):
    """A file. `languages`: those that it can be of; `stub`: what it says of itself where it is generated;
    `text`: of a manifest, its content.
    """

    languages: tuple[str, ...] = ()
    generated: bool = False
    stub: StubFile | None = None
    text: bytes = b""


def is_third_party(path: str) -> bool:
    """Code that others wrote, or that a build made, by its folder or name."""
    return THIRD_PARTY.search(path) is not None


def headers(snapshot: Snapshot) -> dict[str, Header]:
    """The header of every file that a language could want, by path."""
    wanted = [
        path
        for path in snapshot.paths()
        if (path.endswith(SUFFIXES) or basename(path) in MANIFESTS) and not is_third_party(path)
    ]

    known = headers_of(snapshot, wanted)
    for path in snapshot.generated & known.keys():
        known[path] = replace(known[path], generated=True)
    return dict(sorted(known.items()))


def headers_of(snapshot: Snapshot, wanted: Iterable[str]) -> dict[str, Header]:
    """The headers of these files, whether or not attributes mark them as generated."""

    def read(paths: list[str]) -> dict[str, Header]:
        return {path: _header(path, data) for path, data in snapshot.contents(paths)}

    keys = {path: Store.key(path, snapshot.entries[path].blob) for path in wanted}
    return snapshot.store.each("header", keys, Header, read)


def same_stubs(before: Snapshot, after: Snapshot, paths: Sequence[str]) -> bool:
    """Whether these files are stubs of protobuf contracts on both sides, each of the same contract by the
    same generator: no import means another file, and no line of them is anybody's."""
    if not all(before.is_regular(path) and after.is_regular(path) for path in paths):
        return False
    sides = [headers_of(side, paths) for side in (before, after)]
    return all(
        header is not None and header.stub is not None and header == sides[1].get(path)
        for path in paths
        for header in (sides[0].get(path),)
    )


def _header(path: str, data: bytes) -> Header:
    if basename(path) in MANIFESTS:
        return Header(text=data)
    made = is_generated(path, data)
    return Header(
        tuple(one.name for one in LANGUAGES if path.endswith(one.suffixes) and one.fits(data)),
        made,
        stub_of(path, data) if made else None,
    )


def layout_of(paths: Iterable[str], known: Mapping[str, Header]) -> Layout:
    """What import resolution needs: all paths, manifests, what they call their folders, and stubs."""
    manifests = {path: header.text for path, header in known.items() if basename(path) in MANIFESTS}
    modules = {path: _MODULE.search(data) for path, data in manifests.items() if path.endswith("go.mod")}
    return Layout(
        frozenset(paths),
        {dirname(path): found[1].decode("utf-8", "replace") for path, found in modules.items() if found},
        {path: header.stub for path, header in known.items() if header.stub is not None},
        {dirname(path): crate_of(data) for path, data in manifests.items() if path.endswith("Cargo.toml")},
        {path: data for path, data in manifests.items() if not path.endswith(("go.mod", "Cargo.toml"))},
    )
