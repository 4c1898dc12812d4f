"""oasdiff: where it is, and the one question it is asked (what changed between two OpenAPI descriptions).

It reads nothing but the two files and, where they refer to other files, what they lead to: another folder,
http, this very machine. Whoever hands over a description of several files has checked that they stay where
they should.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import structs

from workspai_hooks.errors import UndecidedError
from workspai_hooks.patterns import regex
from workspai_hooks.tools import gotools, process
from workspai_hooks.tools.scratch import Scratch, isolated

INSTALL = gotools.INSTALL.format("WORKSPAI_OASDIFF")
RETRY = gotools.RETRY.format("oasdiff")
READABLE = "make it a description that `oasdiff changelog` can load"
MERGEABLE = "let the schemas of that `allOf` agree; `oasdiff flatten FILE` shows when they do"

KIND = gotools.Kind("oasdiff", "WORKSPAI_OASDIFF", ("--version",), (1, 35, 0), INSTALL, (2, 0, 0))
"""Older ones lack rows, and give rows other names and levels."""

OUTPUT_BYTES = 256 << 20
"""A row of its answer has 0.5 kB."""

_TIMEOUT_S = 120.0
_FAILED = 100

# Parameters of a path are compared only where they are merged into its operations
# (oasdiff/docs/COMMON-PARAMS.md); 3.0 and 3.1 are compared after both became the same version, or every
# `nullable` would be a change; operations that are marked alpha or draft are compared as well: whoever
# calls one breaks all the same.
_FLAGS = (
    *("--format", "json", "--lang", "en", "--level", "INFO", "--stability-level", "draft"),
    *("--flatten-params", "--auto-upgrade"),
)
_ONE_FILE = "--allow-external-refs=false"
"""Refuses other files of the same folder, too: only where there are none."""
_MERGED = "--flatten-allof"
_BY_NAME = "--include-path-params"
_DUPLICATE = "duplicate endpoint"

_NOT_MERGED = "all-of-not-flattened"
_BRANCH = regex(r"(?<![^`/])allOf\[[^\]]*\](?:/|(?=`))")
_OTHER_FILE = regex(rb"""\$ref["']?\s*:\s*["']?[^"'#\s]""")
_LEFT_OUT = regex(
    "-(?:discriminator|if|then|else|dependent-schema|unevaluated-items|unevaluated-properties|pattern-property"
    "|prefix-items|content-schema|deprecated)(?:-|$)"
)
"""Rules of keywords that oasdiff leaves out when it merges an `allOf` (oasdiff/docs/ALLOF.md)."""


class Oasdiff(gotools.Tool, frozen=True, order=True):
    """The oasdiff of a run."""


class Place(msgspec.Struct, frozen=True, order=True):
    """Where a side says it; `file` is relative to the folder of that side's description.

    Empty and 0 where that side does not say it or is JSON: oasdiff knows lines of YAML only. Counts from 1.
    """

    file: str = ""
    line: int = 0
    column: int = 0


class Shared(msgspec.Struct, frozen=True, order=True):
    """The schema that several properties of one payload refer to: oasdiff tells a change in it once.

    `name` is empty where it stands in no `components`. `properties` are the first three that the change is
    at, the one that is told first; `count` says how many there are, 0 where a circle makes them endless.
    """

    name: str = ""
    properties: tuple[str, ...] = ()
    count: int = 0


class Row(msgspec.Struct, frozen=True, order=True):
    """One change as oasdiff tells it. `level` is oasdiff's: 3 error, 2 warning, 1 info.

    `operation` is a method (`GET`), empty where the change is of no operation; `section` is `paths`,
    `components`, … `disclaimers` say why oasdiff could not compare exactly.
    """

    path: str
    operation: str
    id: str
    text: str
    level: int
    operation_id: str
    section: str
    base: Place
    revision: Place
    disclaimers: tuple[str, ...] = ()
    shared: Shared = Shared()


class NotMergedError(UndecidedError):
    """What the branches of an `allOf` mean together could not be told: two of them say `type`, `format`,
    `default` or `enum` and do not agree. `rows` is what comparing them one by one gives: what is there is
    likely, and a property that another branch makes required is missing.
    """

    def __init__(self, error: UndecidedError, rows: tuple[Row, ...]) -> None:
        what, why, remedy = error.undecided.what, error.undecided.why, error.undecided.remedy
        super().__init__(what, why, MERGEABLE if "failed to flatten" in why else remedy)
        self.rows = rows


def resolve_oasdiff() -> Oasdiff:
    """The oasdiff to use: the environment's, the bundled one, the one on PATH."""
    found = gotools.resolve(KIND)
    return Oasdiff(found.path, found.version, found.origin)


def changes(oasdiff: Oasdiff, base: Path, head: Path) -> tuple[Row, ...]:
    """All changes from one description (YAML or JSON, OpenAPI 3) to another, of all levels, sorted.

    One that can't be loaded is an `UndecidedError` in oasdiff's own words, one whose `allOf` can't be merged
    a `NotMergedError`.
    """
    for path in (base, head):
        if ":" in path.name:  # oasdiff would ask git for it
            raise UndecidedError(path.name, "oasdiff reads no file with a colon in its name", "rename it")
    both = base.read_bytes() + head.read_bytes()
    several = _OTHER_FILE.search(both) is not None
    flags = () if several else (_ONE_FILE,)
    may_include = several or b"allOf" in both
    try:
        return _changes(oasdiff, base, head, flags, may_include)
    except UndecidedError as error:
        if _DUPLICATE not in error.undecided.why:
            raise
    # `/a/{id}` beside `/a/{name}` is not allowed and yet written: told apart by the parameter's name then
    return _changes(oasdiff, base, head, (*flags, _BY_NAME), may_include)


def _changes(
    oasdiff: Oasdiff, base: Path, head: Path, flags: tuple[str, ...], may_include: bool
) -> tuple[Row, ...]:
    plain = _compare(oasdiff, base, head, flags)
    if not may_include:
        return plain
    try:
        merged = _compare(oasdiff, base, head, (*flags, _MERGED))
    except UndecidedError as error:
        raise NotMergedError(error, plain) from error
    return exact(plain, merged)


def exact(plain: Iterable[Row], merged: Iterable[Row]) -> tuple[Row, ...]:
    """Two answers made one: `plain` compares an `allOf` branch by branch, `merged` what its branches mean
    together.

    A property that moves from a schema to one that it includes is removed in `plain`, and unchanged in
    truth; so `merged` decides under an `allOf`. But it loses places everywhere, and some keywords of
    branches: those are taken from `plain`.
    """
    plain = list(plain)
    places = {_same(row): (row.base, row.revision) for row in plain}
    rows = {
        _same(row): row for row in plain if _NOT_MERGED not in row.disclaimers or _LEFT_OUT.search(row.id)
    }
    for row in merged:
        base, revision = places.get(_same(row), (row.base, row.revision))
        rows[_same(row)] = structs.replace(row, base=base, revision=revision)
    return tuple(sorted(rows.values()))


def _same(row: Row) -> tuple[str, ...]:
    """What a row is about, with and without merging: `a/allOf[#/components/schemas/B]/c` is `a/c`."""
    return (row.id, row.operation, row.path, row.section, _BRANCH.sub("", row.text))


def _compare(oasdiff: Oasdiff, base: Path, head: Path, flags: tuple[str, ...]) -> tuple[Row, ...]:
    argv = [oasdiff.path, "changelog", *_FLAGS, *flags, str(base.absolute()), str(head.absolute())]
    with Scratch() as folder:  # where no configuration of oasdiff lies
        limits = process.Limits.of(base.stat().st_size + head.stat().st_size, OUTPUT_BYTES)
        env = isolated(folder, limits.collected_bytes)
        done = process.run(argv, cwd=folder, env=env, timeout_s=_TIMEOUT_S, limits=limits, remedy=RETRY)
    if done.code == 0:
        return read_rows(done.stdout, base, head)
    if done.code >= _FAILED:
        said = done.stderr.decode(errors="replace").strip().removeprefix("Error: ")
        for path in (base, head):
            said = said.replace(f"{path.absolute().parent}{os.sep}", "")
        raise UndecidedError("oasdiff", said[:500] or "said nothing", READABLE)
    raise gotools.failed("oasdiff", done, RETRY)


def read_rows(output: bytes, base: Path, head: Path) -> tuple[Row, ...]:
    """oasdiff's JSON, sorted; anything else is an `UndecidedError`."""
    try:
        return tuple(sorted({_row(each, base, head) for each in json.loads(output)}))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        shown = output[:120].decode(errors="replace")
        raise UndecidedError("oasdiff", f"answered with something that is no row: {shown}", RETRY) from error


def _row(row: dict[str, Any], base: Path, head: Path) -> Row:
    return Row(
        path=str(row.get("path", "")),
        operation=str(row.get("operation", "")),
        id=str(row["id"]),
        text=str(row["text"]),
        level=int(row["level"]),
        operation_id=str(row.get("operationId", "")),
        section=str(row.get("section", "")),
        base=_place(row.get("baseSource"), base),
        revision=_place(row.get("revisionSource"), head),
        disclaimers=tuple(sorted(map(str, row.get("disclaimers", ())))),
        shared=_shared(row.get("sharedSchema")),
    )


def _shared(schema: dict[str, Any] | None) -> Shared:
    if not schema:
        return Shared()
    properties = tuple(map(str, schema.get("properties", ())))
    return Shared(str(schema.get("name", "")), properties, int(schema.get("count", 0)))


def _place(source: dict[str, Any] | None, description: Path) -> Place:
    if not source:
        return Place()
    file = os.path.relpath(source.get("file", ""), description.absolute().parent)
    return Place(file.replace(os.sep, "/"), int(source.get("line", 0)), int(source.get("column", 0)))
