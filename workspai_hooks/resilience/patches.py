"""Fixes as a unified diff that `git apply` takes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.reading import Edit, Fix

_CONTEXT = 3
"""Lines around a change, as diff tells them."""
_RANGES = regex(r"^@@ -(\d{1,9})(,\d{1,9})? \+(\d{1,9})(,\d{1,9})? @@")


class Patch(msgspec.Struct, frozen=True):
    """`left` are fixes of lines that another one changes already, or that are not as they were: they come
    with the next patch, once this one is in."""

    text: str
    left: tuple[Fix, ...] = ()


class Texts:
    """The lines of a snapshot's files, each read once: hundreds of fixes may be of one large file."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._lines: dict[str, list[str]] = {}

    def lines(self, paths: Iterable[str]) -> dict[str, list[str]]:
        """By path: none of a file that is not there, and no row for one whose content is not here."""
        wanted = set(paths)
        contents = self.snapshot.read_many(sorted(wanted - self._lines.keys()))
        missing = {path for path in wanted if path not in self.snapshot.entries}
        self._lines.update({path: _lines(contents.get(path, b"")) for path in contents.keys() | missing})
        return {path: self._lines[path] for path in wanted if path in self._lines}


def patch_of(snapshot: Snapshot, fixes: Iterable[Fix]) -> Patch:
    """All fixes together; of two that change one line the first."""
    return patch_in(Texts(snapshot), fixes)


def patch_in(files: Texts, fixes: Iterable[Fix]) -> Patch:
    """The same, of files that were read before."""
    every = tuple(dict.fromkeys(fixes))
    texts = files.lines(edit.path for fix in every for edit in fix.edits)
    missing = {path for path in texts if path not in files.snapshot.entries}
    taken: dict[str, dict[Edit, None]] = {}
    left: list[Fix] = []
    for fix in every:
        if all(_fits(edit, texts.get(edit.path), taken.get(edit.path, {})) for edit in fix.edits):
            for edit in fix.edits:
                taken.setdefault(edit.path, {})[edit] = None
        else:
            left.append(fix)
    parts = [_diff(path, texts[path], list(edits), path in missing) for path, edits in sorted(taken.items())]
    return Patch("".join(parts), tuple(left))


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "surrogateescape").splitlines(keepends=True)


def _fits(edit: Edit, lines: Sequence[str] | None, taken: Iterable[Edit]) -> bool:
    """Whether the lines are as the edit takes them to be, and no other one changes them. What several put at
    one place comes there one after the other."""
    if lines is None or not 1 <= edit.line <= len(lines) + 1:
        return False
    there = [line.rstrip("\r\n") for line in lines[edit.line - 1 : edit.line - 1 + len(edit.removed)]]
    if there != list(edit.removed):
        return False
    return not any(edit != one and _meet(edit, one) for one in taken)


def _meet(one: Edit, other: Edit) -> bool:
    if not one.removed and not other.removed:
        return False
    mine = range(one.line, one.line + max(1, len(one.removed)))
    return other.line in mine or one.line in range(other.line, other.line + max(1, len(other.removed)))


def _diff(path: str, before: Sequence[str], edits: Sequence[Edit], is_new: bool) -> str:
    """The hunks of some edits. Only the lines around them are compared: they are what differs."""
    ending = "\r\n" if before and before[0].endswith("\r\n") else "\n"
    names = f"--- {'/dev/null' if is_new else f'a/{path}'}\n+++ b/{path}\n"
    grown, hunks = 0, ""
    for near in _groups(edits):
        first = max(0, near[0].line - 1 - _CONTEXT)
        last = max(one.line - 1 + len(one.removed) for one in near) + _CONTEXT
        old = list(before[first:last])
        new = _edited(old, near, first, ending, is_end=last >= len(before))
        hunks += _hunks(old, new, first, first + grown)
        grown += len(new) - len(old)
    return names + hunks if hunks else ""


def _groups(edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """Edits by line, those together whose lines around them meet."""
    near: list[Edit] = []
    end = 0
    for one in sorted(edits, key=lambda edit: edit.line):
        if near and one.line > end + 2 * _CONTEXT:
            yield near
            near = []
        near.append(one)
        end = max(end if len(near) > 1 else 0, one.line + len(one.removed))
    if near:
        yield near


def _edited(old: Sequence[str], edits: Sequence[Edit], first: int, ending: str, *, is_end: bool) -> list[str]:
    """The lines from `first` on as the edits make them; `is_end`: the file ends with them."""
    new = list(old)
    if is_end and new and not new[-1].endswith("\n") and any(one.line > first + len(new) for one in edits):
        new[-1] += ending
    for _, edit in sorted(enumerate(edits), key=lambda pair: (pair[1].line, pair[0]), reverse=True):
        start = edit.line - 1 - first
        new[start : start + len(edit.removed)] = [f"{line}{ending}" for line in edit.added]
    return new


def _hunks(old: Sequence[str], new: Sequence[str], old_first: int, new_first: int) -> str:
    """What differs, numbered as in files where these lines begin after `old_first` and `new_first` lines."""

    def moved(match: re.Match[str]) -> str:
        return (
            f"@@ -{int(match[1]) + old_first}{match[2] or ''} +{int(match[3]) + new_first}{match[4] or ''} @@"
        )

    told = list(difflib.unified_diff(old, new))[2:]
    told = [_RANGES.sub(moved, line) if line.startswith("@@") else line for line in told]
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in told
    )
