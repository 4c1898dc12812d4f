"""The edits that come with the bundled shop (fixtures/edits.json), each where its texts are still as they
were."""

from __future__ import annotations

import json
from functools import cache
from random import Random
from typing import Any

from histories.bases import FIXTURES
from histories.edits import Changes, Table
from histories.layout import Layout
from histories.repository import Files


@cache
def _edits() -> list[dict[str, Any]]:
    return list(json.loads((FIXTURES / "edits.json").read_text()))


def fixture_edit(rng: Random, files: Files, layout: Layout) -> Changes | None:
    edit = rng.choice(_edits())
    changes: Changes = {}
    for path, old, new in edit.get("replace", ()):
        text = changes.get(path) or files.get(path, b"")
        if text.count(old.encode()) != 1:
            return None
        changes[path] = text.replace(old.encode(), new.encode())
    moved = edit.get("move", ())
    if any(path not in files for path in (*edit.get("delete", ()), *(old for old, _ in moved))):
        return None
    changes |= dict.fromkeys(edit.get("delete", ()))
    for old, new in moved:
        changes |= {old: None, new: changes.get(old) or files[old]}
    return changes


TABLE: Table = {"fixture edit": (1, fixture_edit)}
