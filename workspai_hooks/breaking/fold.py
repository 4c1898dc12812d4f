"""Folds buf's rows by element into breaks: one finding for one fault, children in their parent's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from workspai_hooks import rules
from workspai_hooks.breaking.classify import Named, classify
from workspai_hooks.breaking.fates import Elsewhere, Fates
from workspai_hooks.breaking.policy import counts
from workspai_hooks.breaking.rows import Hit, Sides, read
from workspai_hooks.breaking.spelled import changed
from workspai_hooks.breaking.upstream import surfaces_of
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.protobuf.bufconfig import BreakingPolicy
from workspai_hooks.findings import Surface
from workspai_hooks.source import Location
from workspai_hooks.tools.buf import Row

PolicyOf = Callable[[str], BreakingPolicy]
_DELETES = frozenset({"FILE_NO_DELETE", "PACKAGE_NO_DELETE"})


class _Group(msgspec.Struct):
    """Rows of one element: its `own`, and those of children and consequences that it covers."""

    own: list[Hit] = msgspec.field(default_factory=list)
    children: list[Hit] = msgspec.field(default_factory=list)
    counted: bool = False


def fold(rows: Iterable[Row], sides: Sides, elsewhere: Elsewhere, policy_of: PolicyOf) -> list[Break]:
    """The breaks of one unit that the repository's configuration counts."""
    hits = [hit for row in rows for hit in read(row, sides)]
    fates = Fates(sides, hits, elsewhere)
    groups: dict[str, _Group] = {}
    for hit in hits:
        for element, own in _places(hit, fates):
            group = groups.setdefault(element, _Group())
            (group.own if own else group.children).append(hit)
            group.counted = group.counted or _counts(hit, fates, policy_of)
    breaks = [
        _break(element, group, fates)
        for element, group in sorted(groups.items())
        if group.counted and group.own
    ]
    return [*breaks, *_moved(fates, policy_of)]


def _places(hit: Hit, fates: Fates) -> Iterable[tuple[str, bool]]:
    """The elements that a hit belongs to, and whether it is their own row or a child's."""
    deleted = hit.row.rule == "FILE_NO_DELETE"
    if deleted and hit.name not in fates.gone_files and fates.parent(hit) is None:
        yield from ((name, False) for name in fates.lost(hit.name))
        return
    if hit.kind == "package" and hit.name not in fates.gone_packages:
        if hit.name in fates.told_by_file:
            yield f"file:{fates.told_by_file[hit.name]}", False
        return
    parent = fates.parent(hit)
    yield (hit.element, hit.kind != "map entry") if parent is None else (parent, False)


def _counts(hit: Hit, fates: Fates, policy_of: PolicyOf) -> bool:
    base_path = fates.base_file(hit)
    paths = {path for path in (hit.row.path, base_path) if path}
    sides = fates.sides
    packages = {fates.package_of(base_path)} | {
        file.package for path, file in sides.head.files.items() if path == hit.row.path
    }
    policy = policy_of(hit.row.path or base_path)
    return counts(policy, hit.row.rule, paths, packages)


def _break(element: str, group: _Group, fates: Fates) -> Break:
    named = classify(group.own, fates)
    rows = [hit.row for hit in group.own]
    if named.rule.endswith("-removed"):
        rows += [hit.row for hit in group.children]
    upstream = tuple(sorted({row.rule for row in rows}))
    first = min(group.own, key=lambda hit: (not hit.row.path, hit.row))
    return _made(
        named,
        element,
        upstream,
        surfaces_of(upstream),
        _location(first, named, fates),
        _base_location(first, fates),
        changed(group.own, first, named.renamed_to, fates.sides),
        _causes(group, named, fates),
    )


def _causes(group: _Group, named: Named, fates: Fates) -> tuple[str, ...]:
    """What a break comes of. What happens in a package that went under its name breaks no more of it."""
    if named.rule.startswith("package-"):
        own = {_cause(hit, fates) for hit in group.own}
        return tuple(sorted(own | ({f"renamed to {named.renamed_to}"} if named.renamed_to else set())))
    return tuple(sorted({_cause(hit, fates) for hit in (*group.own, *group.children)}))


def _cause(hit: Hit, fates: Fates) -> str:
    """buf names no package and no copy of the contract: the element and the base's file do."""
    return f"{fates.base_file(hit)} {hit.element} {hit.row.rule} {hit.row.message}"


def _made(
    named: Named,
    element: str,
    upstream: Sequence[str],
    surfaces: tuple[Surface, ...],
    location: Location,
    base_location: Location | None,
    change: str = "",
    causes: tuple[str, ...] = (),
) -> Break:
    rule = rules.BY_NAME[named.rule]
    return Break(
        rule.id,
        element,
        named.message,
        tuple(upstream),
        surfaces,
        location,
        base_location,
        named.renamed_to,
        rule.severity,
        change=change,
        causes=causes,
    )


def _moved(fates: Fates, policy_of: PolicyOf) -> Iterable[Break]:
    """Files whose content lives on elsewhere: a note, where others import them by another path now."""
    sides = fates.sides
    moved = {old: new for new, old in sides.moved.items()}
    for path in sorted(fates.deleted_files - fates.gone_files):
        if not fates.lost(path) and fates.package_of(path) not in fates.gone_packages:
            moved[path] = next(iter(fates.survivors(path).values())).path
    for path, new in sorted(moved.items()):
        policy = policy_of(path)
        before = sides.base.files[path].import_path
        after = sides.head.files[new].import_path if new in sides.head.files else _tail(new, before)
        if before != after and counts(policy, "FILE_NO_DELETE", [path], [fates.package_of(path)]):
            named = Named(
                "file-moved", f"{path} moved to {new}: it is imported as {after}, not {before}", new
            )
            upstream = ("FILE_NO_DELETE",)
            yield _made(named, f"file:{path}", upstream, (Surface.SOURCE,), Location(new), Location(path))


def _tail(path: str, wanted: str) -> str:
    """The import path of a copy: the wanted one where its path can end in it."""
    return wanted if path == wanted or path.endswith("/" + wanted) else path


def _location(hit: Hit, named: Named, fates: Fates) -> Location:
    if named.rule == "declaration-moved":
        return fates.head_place(hit.name) or fates.nearest(fates.base_file(hit))
    if hit.row.path and hit.kind not in ("file", "package"):
        return Location(hit.row.path, hit.row.line, hit.row.column)
    if hit.kind == "file" and hit.row.path:
        return Location(hit.row.path, hit.row.line, hit.row.column)
    return fates.nearest(fates.base_file(hit))


def _base_location(hit: Hit, fates: Fates) -> Location | None:
    base = fates.sides.base
    found: Location | None = None
    if hit.kind in ("field", "oneof") and hit.owner in base.messages:
        message = base.messages[hit.owner]
        if hit.kind == "oneof":
            found = message.oneofs.get(hit.name)
        elif hit.name in message.fields:
            found = message.fields[hit.name].location
    elif hit.kind == "value" and hit.owner in base.enums:
        values = base.enums[hit.owner].values
        found = values[hit.name][1] if hit.name in values else None
    elif hit.kind == "rpc" and hit.owner in base.services:
        methods = base.services[hit.owner].methods
        found = methods[hit.name].location if hit.name in methods else None
    elif hit.kind in ("file", "package"):
        path = fates.base_file(hit)
        found = base.packages.get(path, Location(path)) if hit.kind == "package" else Location(path)
    else:
        found = fates.base_place(hit.owner)
    return found
