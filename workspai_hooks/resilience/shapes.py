"""Whether what changes in a large description is the shape of what is sent alone: bodies, schemas, prose.

No policy hangs on that (sources/openapi.py, checks/retry_after_missing.py): policies hang on operations and
what they are called, on names of parameters, on answers that ask to wait, on extensions. Whoever adds
a check that looks at more of a description adds it here.
"""

from __future__ import annotations

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.description import METHODS, SECTIONS, Members, entries, members
from workspai_hooks.contracts.openapi.library import Library
from workspai_hooks.contracts.openapi.narrow import narrowed_in
from workspai_hooks.contracts.openapi.outline import outlines
from workspai_hooks.contracts.openapi.pieces import SPLIT, SPLIT_TWICE
from workspai_hooks.contracts.openapi.places import Pointer
from workspai_hooks.errors import UndecidedError
from workspai_hooks.resilience.sources.openapi import ASKS_TO_WAIT
from workspai_hooks.workspace.evidence import MAX_BYTES

_PROSE = frozenset(("summary", "description", "externalDocs", "requestBody"))
_OF_SHAPES = frozenset(("schemas", "examples", "requestBodies"))
_ODD = (b'"headers"', b'"in"', b'"responses"')
"""What stands for an answer, a parameter or an operation has one of these, wherever it is."""


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
    pieces = _of_yaml(base, head, path) if path.endswith((".yaml", ".yml")) else _of_json(base, head, path)
    return pieces is not None and all(
        first is not None and second is not None and is_shape(pointer, first, second)
        for pointer, first, second in pieces
    )


Differing = list[tuple[Pointer, bytes | None, bytes | None]]
"""Pieces that differ, as JSON; None where a side has it not."""


def _of_json(base: Snapshot, head: Snapshot, path: str) -> Differing | None:
    found = narrowed_in(base, head, path)
    if found.is_whole:
        return None
    sides = [
        {pointer: side.read(path)[start:end] for pointer, (start, end) in changed}
        for side, changed in ((base, found.base_changed), (head, found.head_changed))
    ]
    return [(one, sides[0].get(one), sides[1].get(one)) for one in found.changed]


def _of_yaml(base: Snapshot, head: Snapshot, path: str) -> Differing | None:
    """YAML has to be read (by the comparison before, which keeps what it read)."""
    try:
        before, after = (_pieces(Library(side).file(path)) for side in (base, head))
    except (UndecidedError, UnicodeEncodeError):
        return None
    every = sorted(before.keys() | after.keys())
    return [(one, before.get(one), after.get(one)) for one in every if before.get(one) != after.get(one)]


def _pieces(top: object) -> dict[Pointer, bytes]:
    """What pieces.py tells apart in a text, of a value."""
    found: dict[Pointer, object] = {}
    for name, value in members(top).items():
        if name == SPLIT_TWICE and isinstance(value, dict):
            for kind, inner in value.items():
                if not isinstance(inner, dict) or not inner:
                    found[name, kind] = inner
                found.update({(name, kind, each): one for each, one in members(inner).items()})
        elif name in SPLIT and isinstance(value, dict):
            found.update({(name, each): one for each, one in value.items()})
        else:
            found[name,] = value
    encode = msgspec.json.Encoder(order="deterministic").encode
    return {pointer: encode(value) for pointer, value in found.items()}


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
    made = {
        key: _operation(each) if key in METHODS and isinstance(each, dict) else each
        for key, each in value.items()
    }
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
        status: _answer(one) if status in ASKS_TO_WAIT or status.startswith("x-") else None
        for status, one in members(holder.get("responses")).items()
    }


def _answer(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {key: each for key, each in value.items() if key not in ("content", "description")}
