"""Bare oasdiff on the descriptions of two exported trees, each with the files that it refers to."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from histories.bare import PACKAGE, tool
from histories.edits_openapi import METHODS, PARTS, documents, read
from histories.facts import BOTH, Fact, Verdict
from histories.parts import dumped
from histories.repository import Files, write_tree

FLAGS = (
    *("--format", "json", "--lang", "en", "--level", "INFO", "--stability-level", "draft"),
    *("--flatten-params", "--auto-upgrade"),
)
_answers: dict[str, tuple[list[dict[str, Any]], str]] = {}


@cache
def _documented_lower() -> dict[str, str]:
    """oasdiff's ids of level ERR that are no error with us, each by docs/openapi.md ("Severities")."""
    table = json.loads((PACKAGE / "breaking/openapi/oasdiff_rules.json").read_text())["rules"]
    return {
        name: severity for name, (_, severity, level) in table.items() if severity != "error" and level == 3
    }


@cache
def _documented_warnings() -> frozenset[str]:
    """Ids that are a warning with us: where a consumer's lines read what is gone, that makes an error of
    it."""
    table = json.loads((PACKAGE / "breaking/openapi/oasdiff_rules.json").read_text())["rules"]
    return frozenset(name for name, (_, severity, _) in table.items() if severity == "warning")


def descriptions(files: Files) -> dict[str, Any]:
    """Path -> value of everything whose top says `openapi`; None where it can't be read."""
    found: dict[str, Any] = {}
    for path, text in files.items():
        if path.endswith((".yaml", ".yml", ".json")) and b"openapi" in text:
            try:
                value = read(path, text)
            except (ValueError, yaml.YAMLError):
                found[path] = None
                continue
            if isinstance(value, dict) and "openapi" in value:
                found[path] = value
    return found


def _documents(files: Files) -> Files:
    """Descriptions and parts of one, also those that can't be read."""
    return {
        path: text
        for path, text in files.items()
        if path.endswith((".yaml", ".yml", ".json"))
        and (b"openapi" in text or path.rpartition("/")[2] in PARTS)
    }


def compare(base: Files, head: Files, *, consumers: bool) -> Verdict:
    if _documents(base) == _documents(head):
        return Verdict()
    before, after = descriptions(base), descriptions(head)
    if not before:
        unreadable = {path for path, value in after.items() if value is None}
        return Verdict(open=frozenset(unreadable))
    pairs = {path: path for path in before if path in after}
    pairs |= _renamed_pairs(before, after)
    verdict = Verdict()
    for old, new in sorted(pairs.items()):
        verdict |= _compare(base, head, old, new, consumers=consumers)
    gone = [path for path in before if path not in pairs]
    facts = [Fact("openapi", "description-removed", path, frozenset({f"file:{path}"})) for path in gone]
    unreadable = {path for path, value in after.items() if value is None and path not in pairs}
    return verdict | Verdict(required=frozenset(facts), open=frozenset(unreadable))


def _renamed_pairs(before: dict[str, Any], after: dict[str, Any]) -> dict[str, str]:
    """Descriptions that are gone and stand under another name: oasdiff sees a new file and no break
    (FACTS.md). The generator makes a description anew only by renaming it, so that one title is enough."""
    gone = [path for path in before if path not in after and before[path]]
    new = [path for path in after if path not in before and after[path]]
    return {old: new[0] for old in gone[:1] if len(new) == 1 and _title(before[old]) == _title(after[new[0]])}


def _title(value: Any) -> object:
    return (value.get("info") or {}).get("title")


def _compare(base: Files, head: Files, old: str, new: str, *, consumers: bool) -> Verdict:
    mine, theirs = _documents(base), _documents(head)
    told, failed = _asked(mine, theirs, old, new)
    # A brace too many is no JSON, and still oasdiff reads what stands before it.
    was, now = _unreadable(mine), _unreadable(theirs)
    if now and now == was:
        return Verdict(open=frozenset({BOTH + new}))
    if failed == "head" or now:
        return Verdict(open=frozenset({new}))
    if failed or was:
        return Verdict(base_open=frozenset({old}))
    before, after = read(old, base[old]), read(new, head[new])
    moved = _moved_paths(before, after, mine, theirs, old, new)
    facts, allowed = _facts(told, old, consumers=consumers)
    merge: tuple[str, ...] = ()
    if any(b"allOf" in side[path] for side in (mine, theirs) for path in documents(side)):
        # Branch by branch a property that moves into what is included looks removed: with the branches
        # merged it does not, but then oasdiff loses some keywords (docs/ALLOF.md). Together is what has to
        # be told; what only the branches tell may be.
        merge = ("--flatten-allof",)
        merged, failed = _asked(mine, theirs, old, new, *merge)
        if failed:
            return Verdict(open=frozenset({new}))
        allowed |= facts
        facts, _ = _facts(merged, old, consumers=consumers)
    if moved:
        # A path under another name is removed and added for oasdiff, and hides what changed behind it
        # (FACTS.md): the old one is shown under its new name as well.
        value = json.loads(json.dumps(before))
        value["paths"] = {moved.get(path, path): item for path, item in value["paths"].items()}
        again, failed = _asked({**mine, old: dumped(value, old)}, theirs, old, new, *merge)
        back = {now: was for was, now in moved.items()}
        kept = [{**row, "path": back[row["path"]]} for row in again if row.get("path") in back]
        more, allowed_more = _facts(kept, old, consumers=consumers)
        facts |= more
        allowed |= allowed_more
    return Verdict(frozenset(facts), frozenset(allowed))


def _unreadable(files: Files) -> set[bytes]:
    """Descriptions and parts of one that can't be read by the libraries of the two notations."""
    found = set()
    for path, text in _documents(files).items():
        try:
            read(path, text)
        except (ValueError, yaml.YAMLError):
            found.add(text)
    return found


def _moved_paths(before: Any, after: Any, mine: Files, theirs: Files, old: str, new: str) -> dict[str, str]:
    """Paths that are gone while a new one has an operation of the same id."""

    def ids(value: Any, files: Files, path: str) -> dict[str, set[str]]:
        found = {}
        for name, item in (value.get("paths") or {}).items():
            if "$ref" in item:
                target = (Path(path).parent / item["$ref"]).as_posix()
                item = read(target, files[target]) if target in files else {}
            found[name] = {item[m].get("operationId", "") for m in METHODS if m in item} - {""}
        return found

    was, now = ids(before, mine, old), ids(after, theirs, new)
    gone = {name: some for name, some in was.items() if name not in now}
    come = {name: some for name, some in now.items() if name not in was}
    return {one: other for one, some in gone.items() for other, held in come.items() if some & held}


def _facts(told: list[dict[str, Any]], path: str, *, consumers: bool) -> tuple[set[Fact], set[Fact]]:
    """Rows of level ERR have to be told, but for those that are documented to be less with us. `allowed`:
    with consumers in the repository a warning becomes an error where one of them reads what is gone."""
    required, allowed = set(), set()
    for row in told:
        operation = f"{row.get('operation', '')} {row.get('path', '')}".strip()
        key = f"{path} {row['id']} {operation} {row['text']}"
        elements = frozenset({operation} if operation else {f"file:{path}"})
        fact = Fact("openapi", row["id"], key, elements, frozenset({operation, f"file:{path}"}))
        if row["level"] == 3 and row["id"] not in _documented_lower():
            required.add(fact)
        elif consumers and row["id"] in _documented_warnings():
            allowed.add(fact)
    return required, allowed


def _asked(base: Files, head: Files, old: str, new: str, *more: str) -> tuple[list[dict[str, Any]], str]:
    """`oasdiff changelog`; which side it could not read, if so."""
    key = hashlib.sha256(repr(more).encode())
    for side, path in ((base, old), (head, new)):
        key.update(json.dumps([path, sorted((p, t.hex()) for p, t in side.items())]).encode())
    if key.hexdigest() not in _answers:
        _answers[key.hexdigest()] = _changelog(base, head, old, new, more)
    return _answers[key.hexdigest()]


def _changelog(
    base: Files, head: Files, old: str, new: str, more: tuple[str, ...]
) -> tuple[list[dict[str, Any]], str]:
    with tempfile.TemporaryDirectory() as folder:
        places = Path(folder, "base"), Path(folder, "head")
        write_tree(base, places[0])
        write_tree(head, places[1])
        done = subprocess.run(
            [tool("oasdiff"), "changelog", *FLAGS, *more, str(places[0] / old), str(places[1] / new)],
            capture_output=True,
            cwd=folder,
            check=False,
        )
    if done.returncode == 0:
        return json.loads(done.stdout), ""
    said = done.stderr.decode()
    return [], "head" if f"{folder}/head/" in said else "base"
