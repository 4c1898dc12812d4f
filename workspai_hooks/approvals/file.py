"""`.workspai/approvals.yaml` and `.workspai/baseline.yaml`: read, checked, written.

An approval is one line, so that git merges what two branches approve (with the `merge=union` of
`.workspai/.gitattributes`, which `approve` writes; blocks of several lines would be mixed up by it), and the
lines are sorted. What a person wrote in another form is read as well, and left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workspai_hooks import rules
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.checked_yaml import DATE, LINE, TEXT, Schema, object_of, read_checked
from workspai_hooks.errors import UsageError
from workspai_hooks.findings import Approval
from workspai_hooks.source import Location

APPROVALS = ".workspai/approvals.yaml"
BASELINE = ".workspai/baseline.yaml"
ATTRIBUTES = ".workspai/.gitattributes"
MERGED_BY_LINES = "approvals.yaml merge=union\nbaseline.yaml merge=union\n"
MAX_BYTES = 8 << 20

_WHAT = {"rule": TEXT, "element": TEXT, "change": TEXT}
_WHY = {"reason": TEXT, "owner": TEXT, "expires": DATE}
SCHEMAS: dict[str, Schema] = {
    APPROVALS: {"type": "array", "items": object_of(("rule", "element", *_WHY), **_WHAT, **_WHY)},
    BASELINE: {"type": "array", "items": object_of(("rule", "element"), **_WHAT)},
}
HEADERS = {
    APPROVALS: "# Breaks that are intended, one a line: docs/approvals.md of workspai-hooks.\n",
    BASELINE: "# What was broken before anybody looked. Made by: workspai-hooks approve --baseline\n",
}


def recorded(snapshot: Snapshot) -> tuple[Approval, ...]:
    """What both files of a snapshot approve; `UsageError` where one is not as it should be."""
    return tuple(
        one
        for path in (APPROVALS, BASELINE)
        if path in snapshot.entries
        for one in read(snapshot.read(path), path)
    )


def read(data: bytes, path: str) -> tuple[Approval, ...]:
    """The entries of one of the two files, in its order."""
    rows = read_checked(data, SCHEMAS[path], path, max_bytes=MAX_BYTES) or ()
    return tuple(
        Approval(
            rule_of(row["rule"], f"{path}:{row[LINE]}"),
            row["element"],
            Location(path, row[LINE]),
            row.get("change", ""),
            row.get("reason", ""),
            row.get("owner", ""),
            row.get("expires", ""),
        )
        for row in rows
    )


def rule_of(name: str, place: str) -> str:
    """The id of a rule that is given by id or name."""
    rule = rules.find(name)
    if rule is not None:
        return rule.id
    import difflib

    near = difflib.get_close_matches(name.lower(), rules.BY_NAME, n=1)
    hint = f"did you mean {near[0]}?" if near else "workspai-hooks rules lists them"
    raise UsageError(f"{place}: no rule is called {name}; {hint}")


def line_of(one: Approval) -> str:
    """An approval as a line of its file."""
    parts = [f"rule: {one.rule}", f"element: {_quoted(one.element)}"]
    parts += [
        f"{key}: {_quoted(value)}"
        for key, value in (("change", one.change), ("reason", one.reason), ("owner", one.owner))
        if value
    ]
    parts += [f"expires: {one.expires}"] * bool(one.expires)
    return f"- {{{', '.join(parts)}}}\n"


def edited(data: bytes, path: str, *, add: Iterable[Approval] = (), drop: Iterable[Approval] = ()) -> str:
    """The file's text with entries added and dropped, sorted; what is kept stays as it was written, with the
    comments above it."""
    entries = read(data, path)
    text = data.decode("utf-8").removeprefix("\ufeff")
    head, blocks = _blocks(text, entries) or (HEADERS[path], [line_of(one) for one in entries])
    gone = set(drop)
    kept = [(one, block) for one, block in zip(entries, blocks, strict=True) if one not in gone]
    kept += [(one, line_of(one)) for one in add]
    once = {line_of(one): (one, block) for one, block in reversed(kept)}  # a merge may have doubled a line
    kept = list(once.values())
    return (head or HEADERS[path]) + "".join(
        block for _, block in sorted(kept, key=lambda pair: _key(pair[0]))
    )


def _key(one: Approval) -> tuple[str, str, str]:
    return one.rule, one.element, one.change


def _blocks(text: str, entries: Sequence[Approval]) -> tuple[str, list[str]] | None:
    """What stands above the first entry, and the lines of each; None where one does not begin a line."""
    lines = [f"{line}\n" for line in text.splitlines()]
    starts: list[int] = []
    for one in entries:
        start = one.location.line - 1
        if not lines[start].startswith("-"):
            return None
        while starts and start - 1 > starts[-1] and lines[start - 1].startswith("#"):
            start -= 1
        if starts and start <= starts[-1]:
            return None
        starts.append(start)
    if not starts:
        return "".join(line for line in lines if line.startswith("#")), []
    ends = [*starts[1:], len(lines)]
    blocks = ["".join(lines[start:end]) for start, end in zip(starts, ends, strict=True)]
    return "".join(lines[: starts[0]]), blocks


def _quoted(text: str) -> str:
    """A double-quoted scalar of YAML on one line."""
    shown = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in shown) + '"'
