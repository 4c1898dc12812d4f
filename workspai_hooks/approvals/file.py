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
from workspai_hooks.contract_files import APPROVAL_FILES
from workspai_hooks.errors import UsageError
from workspai_hooks.findings import Approval
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location

APPROVALS, BASELINE = APPROVAL_FILES
ATTRIBUTES = ".workspai/.gitattributes"
MERGED_BY_LINES = "approvals.yaml merge=union\nbaseline.yaml merge=union\n"
MAX_BYTES = 8 << 20
_CONFLICT = regex(rb"(?m)^(?:<<<<<<<|>>>>>>>) ")
_LINE = regex(r"[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029])|[^\r\n\x85\u2028\u2029]+")
"""A line with its end, as YAML 1.1 counts them."""

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
    if conflict := _CONFLICT.search(data):
        line = data.count(b"\n", 0, conflict.start()) + 1
        raise UsageError(f"{path}:{line}: has a conflict of a merge in it; resolve it, then git add {path}")
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


def day(text: str, place: str) -> str:
    """An ISO date, or a `UsageError` that says where."""
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError(f"{place}: expires is {text}; it must be a date as 2027-01-31") from error


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
    comments above it, and so do the file's indentation and line ends."""
    entries = read(data, path)
    text = data.decode("utf-8").removeprefix("\ufeff")
    end = "\r\n" if "\r\n" in text else "\n"
    head, indent, blocks = _blocks(text, end, entries) or ("", "", [line_of(one) for one in entries])
    gone = set(drop)
    kept = [(one, block) for one, block in zip(entries, blocks, strict=True) if one not in gone]
    kept += [(one, f"{indent}{line_of(one)}".replace("\n", end)) for one in add]
    once = {line_of(one): (one, block) for one, block in reversed(kept)}  # a merge may have doubled a line
    kept = sorted(once.values(), key=lambda pair: _key(pair[0]))
    return "".join((head or HEADERS[path].replace("\n", end), *(block for _, block in kept)))


def _key(one: Approval) -> tuple[str, str, str]:
    return one.rule, one.element, one.change


def _blocks(text: str, end: str, entries: Sequence[Approval]) -> tuple[str, str, list[str]] | None:
    """What stands above the entries, their indentation, and the lines of each with the comments above it;
    None where one does not begin a line. A comment at the very top is the file's up to an empty line."""
    lines = _LINE.findall(text)
    if lines and not text.endswith("\n"):
        lines[-1] += end
    if not entries:
        return "".join(line for line in lines if line.startswith("#")), "", []
    starts: list[int] = []
    indent = _indent(lines[entries[0].location.line - 1])
    for one in entries:
        start = one.location.line - 1
        if not lines[start].startswith(f"{indent}-"):
            return None
        above = starts[-1] + 1 if starts else _lines_of_head(lines)
        while start > above and lines[start - 1].lstrip().startswith("#"):
            start -= 1
        if starts and start <= starts[-1]:
            return None
        starts.append(start)
    ends = [*starts[1:], len(lines)]
    blocks = ["".join(lines[start:end]) for start, end in zip(starts, ends, strict=True)]
    return "".join(lines[: starts[0]]), indent, blocks


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" "))]


def _lines_of_head(lines: Sequence[str]) -> int:
    """Our line at the top, or the comment that stands there."""
    if lines[0].strip() in (header.strip() for header in HEADERS.values()):
        return 1
    return next((count for count, line in enumerate(lines) if not line.startswith("#")), len(lines))


def _quoted(text: str) -> str:
    """A double-quoted scalar of YAML on one line."""
    shown = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in shown) + '"'
