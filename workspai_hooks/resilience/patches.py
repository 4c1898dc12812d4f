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
    contents = snapshot.read_many({edit.path for fix in dict.fromkeys(fixes) for edit in fix.edits})
    texts = {path: _lines(data) for path, data in contents.items()}
    taken: dict[str, dict[int, Edit]] = {}
    left: list[Fix] = []
    for fix in dict.fromkeys(fixes):
        if all(_fits(edit, texts.get(edit.path), taken.get(edit.path, {})) for edit in fix.edits):
            for edit in fix.edits:
                taken.setdefault(edit.path, {})[edit.line] = edit
        else:
            left.append(fix)
    parts = [_diff(path, texts[path], edits.values()) for path, edits in sorted(taken.items())]
    return Patch("".join(parts), tuple(left))


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "surrogateescape").splitlines(keepends=True)


def _fits(edit: Edit, lines: Sequence[str] | None, taken: dict[int, Edit]) -> bool:
    if lines is None:
        return False
    there = [line.rstrip("\r\n") for line in lines[edit.line - 1 : edit.line - 1 + len(edit.removed)]]
    if there != list(edit.removed) or not 1 <= edit.line <= len(lines) + 1:
        return False
    same = taken.get(edit.line)
    if same == edit:
        return True
    mine = range(edit.line, edit.line + max(1, len(edit.removed)))
    return not any(
        one.line in mine or edit.line in range(one.line, one.line + max(1, len(one.removed)))
        for one in taken.values()
    )


def _diff(path: str, before: Sequence[str], edits: Iterable[Edit]) -> str:
    after = list(before)
    ending = "\r\n" if before and before[0].endswith("\r\n") else "\n"
    for edit in sorted(edits, reverse=True, key=lambda one: one.line):
        start = edit.line - 1
        after[start : start + len(edit.removed)] = [f"{line}{ending}" for line in edit.added]
    told = difflib.unified_diff(before, after, f"a/{path}", f"b/{path}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in told
    )
