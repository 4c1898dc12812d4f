"""oasdiff: where it is, and the one question it is asked (what changed between two OpenAPI descriptions).

It reads nothing but the two files and what they refer to. It follows `$ref`s to wherever they lead, another
folder, http, this very machine: whoever asks has checked that they stay where they should.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec

from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools import gotools, process
from workspai_hooks.tools.scratch import Scratch, isolated

INSTALL = "install workspai-hooks again without WORKSPAI_BUNDLE, or name an executable in WORKSPAI_OASDIFF"
RETRY = gotools.RETRY.format("oasdiff")
READABLE = "make it a description that `oasdiff changelog` can load"

KIND = gotools.Kind("oasdiff", "WORKSPAI_OASDIFF", ("--version",), (1, 35, 0), INSTALL, (2, 0, 0))
"""Older ones lack rows, and give rows other names and levels."""

LIMITS = process.Limits(memory_bytes=6 << 30, output_bytes=256 << 20)
"""The largest public description (GitHub's, 13 MB) takes 0.4 GB; a row of its answer 0.5 kB."""

_TIMEOUT_S = 120.0
_FAILED = 100
_FLAGS = ("--format", "json", "--level", "INFO", "--lang", "en", "--flatten-params")


class Oasdiff(gotools.Tool, frozen=True, order=True):
    """The oasdiff of a run."""


class Place(msgspec.Struct, frozen=True, order=True):
    """Where a side says it; `file` is relative to the folder of that side's description.

    Empty and 0 where that side does not say it, or is JSON: oasdiff knows lines of YAML only. They count
    from 1.
    """

    file: str = ""
    line: int = 0
    column: int = 0


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
    disclaimers: tuple[str, ...]


def resolve_oasdiff() -> Oasdiff:
    """The oasdiff to use: the environment's, the bundled one, the one on PATH."""
    found = gotools.resolve(KIND)
    return Oasdiff(found.path, found.version, found.origin)


def changes(oasdiff: Oasdiff, base: Path, head: Path) -> tuple[Row, ...]:
    """All changes from one description (YAML or JSON, OpenAPI 3) to another, of all levels, sorted.

    One that can't be loaded is an `UndecidedError` in oasdiff's own words.
    """
    for path in (base, head):
        if ":" in path.name:  # oasdiff would ask git for it
            raise UndecidedError(path.name, "oasdiff reads no file with a colon in its name", "rename it")
    with Scratch() as folder:
        argv = [oasdiff.path, "changelog", *_FLAGS, str(base.absolute()), str(head.absolute())]
        env = isolated(folder, memory="2GiB")
        done = process.run(argv, cwd=folder, env=env, timeout_s=_TIMEOUT_S, limits=LIMITS, remedy=RETRY)
    if done.code == 0:
        return read_rows(done.stdout, base, head)
    if done.code >= _FAILED:
        said = done.stderr.decode(errors="replace").strip().removeprefix("Error: ")
        for path in (base, head):
            said = said.replace(str(path.absolute()), path.name)
        raise UndecidedError("oasdiff", said[:500] or "said nothing", READABLE)
    raise gotools.failed("oasdiff", done, RETRY)


def read_rows(output: bytes, base: Path, head: Path) -> tuple[Row, ...]:
    """oasdiff's JSON, sorted; anything else is an `UndecidedError`."""
    try:
        return tuple(sorted(_row(each, base, head) for each in json.loads(output)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
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
    )


def _place(source: dict[str, Any] | None, description: Path) -> Place:
    if not source:
        return Place()
    file = os.path.relpath(source.get("file", ""), description.absolute().parent)
    return Place(file.replace(os.sep, "/"), int(source.get("line", 0)), int(source.get("column", 0)))
