"""Fixes as a unified diff that `git apply` takes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.resilience.reading import Edit, Fix


class Patch(msgspec.Struct, frozen=True):
    """`left` are fixes of lines that another one changes already, or that are not as they were: they come
    with the next patch, once this one is in."""

    text: str
    left: tuple[Fix, ...] = ()


def patch_of(snapshot: Snapshot, fixes: Iterable[Fix]) -> Patch:
    """All fixes together; of two that change one line the first."""
    every = tuple(dict.fromkeys(fixes))
    paths = {edit.path for fix in every for edit in fix.edits}
    contents = snapshot.read_many(paths)
    missing = {path for path in paths if path not in snapshot.entries}
    texts = {path: _lines(contents.get(path, b"")) for path in contents.keys() | missing}
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
    after = list(before)
    ending = "\r\n" if before and before[0].endswith("\r\n") else "\n"
    if after and not after[-1].endswith("\n") and any(edit.line > len(after) for edit in edits):
        after[-1] += ending
    last_first = sorted(enumerate(edits), key=lambda pair: (pair[1].line, pair[0]), reverse=True)
    for _, edit in last_first:
        start = edit.line - 1
        after[start : start + len(edit.removed)] = [f"{line}{ending}" for line in edit.added]
    told = difflib.unified_diff(before, after, "/dev/null" if is_new else f"a/{path}", f"b/{path}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in told
    )
