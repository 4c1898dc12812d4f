"""Approvals in OpenAPI descriptions: `x-workspai-approve` at the top, at a path, at an operation.

At the top an entry names its element; at a path or an operation it stands for what is wrong in there, or for
one element of it. A path item may stand in a file of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from workspai_hooks.approvals.file import day, rule_of
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.description import METHODS, Description, Operation
from workspai_hooks.contracts.openapi.library import MISSING, Library
from workspai_hooks.contracts.openapi.outline import APPROVES, outlines, reaching
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.errors import UndecidedError, UsageError
from workspai_hooks.findings import Approval
from workspai_hooks.source import IN_FILE, Location

KEY = APPROVES.decode()
_KEYS = ("rule", "element", "reason", "owner", "expires")
_MOST_PARTS = 1_000_000
"""So many values of a file are looked through for approvals where none are read."""


def in_descriptions(snapshot: Snapshot) -> tuple[Approval, ...]:
    """What the descriptions of a snapshot approve; `UsageError` with the line where it can't be read."""
    known = outlines(snapshot)
    marked = {path for path, one in known.items() if one.approves}
    library = Library(snapshot)
    read: set[Place] = set()
    found: list[Approval] = []
    for path in sorted(reaching(known, marked)):
        try:
            description = Description(library, path)
        except UndecidedError:  # the comparison tells it
            continue
        for place, operations in _places(description):
            value = library.at(place)
            if value is not MISSING:
                read.add(place)
                where = library.location(place)
                rows = value if isinstance(value, list) else [value]
                found += [_approval(row, path, where, operations) for row in rows]
    for path in sorted(one for one in marked if reaching(known, [one])):
        _refuse_others(library, path, read)
    return tuple(found)


def _places(description: Description) -> Iterator[tuple[Place, tuple[str, ...]]]:
    """Where a description may approve something, and the operations that it is for; none: it names them."""
    yield Place(description.path, (KEY,)), ()
    for (section, name), item in description.items.items():
        every = (Operation(section, name, method.upper(), item, item) for method in METHODS)
        yield item.child(KEY), tuple(one.element for one in every)
    for operation in description.operations:
        yield operation.place.child(KEY), (operation.element,)


def _approval(row: object, path: str, where: Location, operations: tuple[str, ...]) -> Approval:
    if not isinstance(row, dict):
        raise UsageError(f"{where}: {KEY} must be a mapping with {', '.join(_KEYS)}, or a list of them")
    values = {str(key): str(value) for key, value in row.items() if value is not None}
    unknown = sorted({str(key) for key in row} - set(_KEYS))
    if unknown:
        raise UsageError(f"{where}: {KEY}: unknown key {unknown[0]}; known keys: {', '.join(_KEYS)}")
    missing = [key for key in _KEYS if not values.get(key) and not (operations and key == "element")]
    if missing:
        raise UsageError(f"{where}: {KEY}: {', '.join(missing)} is missing")
    element = values.get("element", "").removeprefix(f"{path}{IN_FILE}")
    return Approval(
        rule_of(values["rule"], str(where)),
        _shown(element, operations),
        where,
        reason=values["reason"],
        owner=values["owner"],
        expires=day(values["expires"], str(where)),
        also=_parts(element, operations),
        file=path,
        operations=operations,
    )


def _parts(element: str, operations: Collection[str]) -> tuple[str, ...]:
    """The part of an operation that an entry in it is about; it may be written with the operation."""
    operation, _, part = element.partition("#")
    part = part if operation in operations or not operation else element
    return (part,) if operations and part else ()


def _shown(element: str, operations: tuple[str, ...]) -> str:
    """What an approval is called where it is told of: an operation, a path, or an element of it."""
    if not operations:
        return element
    own = operations[0] if len(operations) == 1 else operations[0].partition(" ")[2]
    return "#".join((own, *_parts(element, operations)))


def _refuse_others(library: Library, path: str, read: Collection[Place]) -> None:
    """An approval at another place would cover nothing, without a word."""
    try:
        waiting = [(Place(path), library.file(path))]
    except UndecidedError:  # the comparison tells it
        return
    for place, value in waiting:
        if isinstance(value, Mapping):
            if KEY in value and place.child(KEY) not in read:
                where = library.location(place.child(KEY))
                raise UsageError(f"{where}: {KEY} counts at the top, at a path and at an operation, not here")
            waiting += [(place.child(str(name)), part) for name, part in value.items() if name != KEY]
        elif isinstance(value, list):
            waiting += [(place.child(str(index)), part) for index, part in enumerate(value)]
        if len(waiting) > _MOST_PARTS:
            return
