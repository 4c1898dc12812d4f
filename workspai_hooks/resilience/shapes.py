"""Whether what changes in a large description is the shape of what is sent alone: bodies, schemas, prose.

No policy hangs on that (sources/openapi.py, checks/retry_after_missing.py): policies hang on operations and
what they are called, on names of parameters, on answers that ask to wait, on extensions. Whoever adds
a check that looks at more of a description adds it here.
"""

from __future__ import annotations

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.description import METHODS, SECTIONS, Members, entries, members
from workspai_hooks.contracts.openapi.narrow import narrowed_in
from workspai_hooks.contracts.openapi.outline import outlines
from workspai_hooks.contracts.openapi.places import Pointer
from workspai_hooks.resilience.sources.openapi import ASKS_TO_WAIT
from workspai_hooks.workspace.evidence import MAX_BYTES

_PROSE = frozenset(("summary", "description", "externalDocs", "requestBody"))
_OF_SHAPES = frozenset(("schemas", "examples", "requestBodies"))
_ODD = (b'"headers"', b'"in"')
"""What stands for an answer or a parameter has one of these, wherever it is."""


def are_alone(base: Snapshot, head: Snapshot, paths: list[str]) -> bool:
    """Whether nothing else differs at these paths, all that differ between two sides."""
    if not paths or any(path not in side.entries for path in paths for side in (base, head)):
        return False
    told = [outlines(side, paths) for side in (base, head)]
    if any(path not in side or not side[path].version for path in paths for side in told):
        return False
    return all(_is_alone(base, head, path) for path in paths)


def _is_alone(base: Snapshot, head: Snapshot, path: str) -> bool:
    texts = [side.read_many([path]).get(path, b"") for side in (base, head)]
    if min(map(len, texts)) <= MAX_BYTES:
        return False  # small ones may be evidence of something else, and are read in no time
    found = narrowed_in(base, head, path)
    if found.is_whole:
        return False
    spans = dict(found.base_changed), dict(found.head_changed)
    return all(
        pointer in spans[0]
        and pointer in spans[1]
        and is_shape(pointer, texts[0][slice(*spans[0][pointer])], texts[1][slice(*spans[1][pointer])])
        for pointer in found.changed
    )


def is_shape(pointer: Pointer, before: bytes, after: bytes) -> bool:
    """Whether two texts of one piece say the same but for shapes and prose."""
    if pointer[1:2] and pointer[1] in _OF_SHAPES:
        return not any(word in text for word in _ODD for text in (before, after))
    if pointer in (("tags",), ("externalDocs",)):
        return True
    first, second = (msgspec.json.decode(text) for text in (before, after))
    if pointer == ("info",):
        return members(first).get("title") == members(second).get("title")  # names whom it speaks for
    if pointer[0] in SECTIONS:
        return _item(members(first)) == _item(members(second))
    return False


def _item(value: Members) -> Members:
    """A path item without shapes."""
    made = {key: _operation(members(each)) if key in METHODS else each for key, each in value.items()}
    return {**made, "parameters": _parameters(value)}


def _operation(value: Members) -> Members:
    made = {key: each for key, each in value.items() if key not in _PROSE}
    return {**made, "parameters": _parameters(value), "responses": _responses(value)}


def _parameters(holder: Members) -> list[Members]:
    kept = ("name", "in", "$ref")
    return [
        {key: value for key, value in members(one).items() if key in kept or key.startswith("x-")}
        for one in entries(holder.get("parameters"))
    ]


def _responses(holder: Members) -> Members:
    """The statuses; of those that ask to wait all but their bodies."""
    return {
        status: {key: each for key, each in members(one).items() if key not in ("content", "description")}
        if status in ASKS_TO_WAIT or status.startswith("x-")
        else None
        for status, one in members(holder.get("responses")).items()
    }
