"""`helm install`, `upgrade`, `template` in CI workflows, scripts and Makefiles: read, never run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from workspai_hooks.contracts.helm.installations.values import (
    Installation,
    chart_at,
    from_files,
    name_at,
    sets_of,
)
from workspai_hooks.contracts.helm.side import Side, inside
from workspai_hooks.contracts.helm.values import Setting, assignments
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location

HINTS = (b"helm ", b"helm3 ")
_COMMAND = regex(
    r"(?<![\w./-])(?:[\w./-]{0,80}/)?helm3?\s+(?:secrets\s+|diff\s+)?(install|upgrade|template|lint)\b"
)
_CD = regex(r"^[\s\-@&|;]*(?:run:\s*)?cd\s+[\"']?([\w./${}-]{1,200})[\"']?")
_FOLDER = regex(r"^\s*working-directory:\s*[\"']?([\w./-]{1,200})")
_STEP = regex(r"^(?:\s*-\s+(?:name|uses|run|id|script|task)\b|[\w./-]+:(?:\s|$))")
_TOKEN = regex(r"(?:\"(?:[^\"\\]|\\.){0,2000}\"|'[^']{0,2000}'|\\.|[^\s\"'\\;&|])+|[;&|]+")
_MOST_LINES = 60
"""Lines of one command, continued by backslashes."""
_FLAGS = frozenset(
    {
        *(
            "--install",
            "-i",
            "--atomic",
            "--wait",
            "--wait-for-jobs",
            "--debug",
            "--dry-run",
            "--force",
            "--devel",
        ),
        *(
            "--create-namespace",
            "--reuse-values",
            "--reset-values",
            "--cleanup-on-fail",
            "--skip-crds",
            "--strict",
        ),
        *(
            "--dependency-update",
            "--include-crds",
            "--no-hooks",
            "--verify",
            "--generate-name",
            "-g",
            "--quiet",
        ),
        *(
            "--skip-tests",
            "--validate",
            "--is-upgrade",
            "--render-subchart-notes",
            "--hide-notes",
            "--take-ownership",
        ),
        *(
            "--rollback-on-failure",
            "--reset-then-reuse-values",
            "--disable-openapi-validation",
            "--with-subcharts",
        ),
    }
)
"""Flags that take no value; any other one does."""


class _Command(msgspec.Struct, frozen=True):
    verb: str
    words: tuple[tuple[str, int], ...]
    folder: str
    line: int


def find(side: Side, path: str) -> Iterator[Installation]:
    if path.endswith(".gotmpl"):  # helmfile's, or a text for people
        return
    text = side.bytes_of(path).decode("utf-8", "replace")
    for command in _commands(text):
        yield from _installation(side, path, command)


def _commands(text: str) -> Iterator[_Command]:
    """Every command with the folder that it runs in, as far as `cd` and `working-directory` tell."""
    rows = text.split("\n")
    folder, number = "", 0
    while number < len(rows):
        row = rows[number]
        if _STEP.match(row):
            folder = ""
        if found := _FOLDER.match(row):
            folder = inside("", found[1]) or ""
        elif found := _CD.match(row):
            folder = inside(folder, found[1]) or folder
        match = None if row.lstrip().startswith("#") or len(row) > 20_000 else _COMMAND.search(row)
        if match is not None:
            if before := list(_CD.finditer(row[: match.start()])):
                folder = inside("", before[-1][1]) or folder
            words, last = _words(rows, number, match.end())
            yield _Command(match[1], tuple(words), folder, number + 1)
            number = last
        number += 1


def _words(rows: Sequence[str], number: int, start: int) -> tuple[list[tuple[str, int]], int]:
    """The words after the verb, each with its line, up to the command's end."""
    words: list[tuple[str, int]] = []
    row = rows[number][start:]
    for _ in range(_MOST_LINES):
        stripped = row.rstrip()
        goes_on = stripped.endswith(("\\", "`")) and number + 1 < len(rows)
        for token in _TOKEN.findall(stripped[:-1] if goes_on else stripped):
            if token[0] in ";&|" or token.startswith(("#", ">", "2>")):
                return words, number
            words.append((_unquoted(token), number + 1))
        if not goes_on:
            break
        number += 1
        row = rows[number]
    return words, number


def _unquoted(token: str) -> str:
    """Without the shell's quotes; backslashes inside of them stay, helm reads those."""
    out, quote = "", ""
    escaped = False
    for sign in token:
        if escaped:
            out += sign if not quote else "\\" + sign
            escaped = False
        elif sign == "\\" and quote != "'":
            escaped = True
        elif sign == quote:
            quote = ""
        elif sign in "\"'" and not quote:
            quote = sign
        else:
            out += sign
    return out


def _installation(side: Side, path: str, command: _Command) -> Iterator[Installation]:
    files: list[str] = []
    settings: list[Setting] = []
    plain: list[str] = []
    texts: list[tuple[str, Location]] = []
    namespace = ""
    words = iter(command.words)
    for word, line in words:
        if not word.startswith("-"):
            plain.append(word)
            continue
        flag, equals, value = word.partition("=")
        if flag in _FLAGS:
            continue
        if not equals:
            value, line = next(words, ("", line))
        if flag in ("-f", "--values"):
            files += [text.strip() for text in value.split(",")]
        elif flag == "--set-file":
            texts.append((value, Location(path, line)))
        elif flag in ("--set", "--set-string", "--set-json", "--set-literal"):
            settings += assignments(value, Location(path, line), strings=flag != "--set")
        elif flag in ("-n", "--namespace"):
            namespace = value
    folders = list(dict.fromkeys([command.folder, "", path.rpartition("/")[0]]))
    found = [(text, chart) for text in plain if (chart := chart_at(side, folders, text)) is not None]
    named = [text for text in plain[1:] if "/" in text and not text.startswith((".", "/", "$"))]
    if not found and not named:
        return
    chart = found[-1][1] if found else ""
    release = plain[0] if len(plain) > 1 and plain[0] != (found[-1][0] if found else "") else ""
    contents, reads = from_files(side, folders, texts)
    for position, each in enumerate(sets_of(side, folders, files)):
        yield Installation(
            f"helm {command.verb} in {path}" + (f" ({each[-1]})" if position and each else ""),
            Location(path, command.line),
            chart,
            "" if found else name_at(named[0]),
            release if release.replace("-", "").isalnum() else "",
            namespace if namespace.replace("-", "").isalnum() else "",
            each,
            (),
            (*settings, *contents),
            reads,
        )
