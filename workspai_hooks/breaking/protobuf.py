"""What a change breaks in the repository's protobuf contracts: buf's answer, folded and told in our terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import msgspec
from msgspec.structs import replace

from workspai_hooks.breaking.drift import copies_drift
from workspai_hooks.breaking.fates import Elsewhere
from workspai_hooks.breaking.fold import fold
from workspai_hooks.breaking.policy import EVERYTHING
from workspai_hooks.breaking.unit_rows import unit_rows
from workspai_hooks.breaking.values import Break
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf import affected, faces, optional
from workspai_hooks.contracts.protobuf.bufconfig import BreakingPolicy, within
from workspai_hooks.contracts.protobuf.compiled import Pair, compile_pairs, merged
from workspai_hooks.contracts.protobuf.schema import EMPTY, Schema
from workspai_hooks.contracts.protobuf.tree import Blobs, Tree
from workspai_hooks.errors import Undecided
from workspai_hooks.findings import Surface
from workspai_hooks.tools.buf import Buf, Row, resolve_buf

_UNSURE = frozenset(
    f"{scope}{kind}_NO_DELETE"
    for scope in ("", "PACKAGE_")
    for kind in ("MESSAGE", "ENUM", "SERVICE", "EXTENSION")
) | {"FILE_NO_DELETE", "PACKAGE_NO_DELETE"}
"""Not certain while a new file does not compile: what these rows miss may stand there."""

_CHEAP = 20
"""So many more files are compiled along for the schema, rather than later in processes of their own."""


class Comparison(msgspec.Struct, frozen=True):
    """The answer: `breaks` and `drift` sorted, and both sides' schemas of all that the change touches.

    `undecided` are questions of this change that head leaves open; `base_errors` those that only the
    base does (an ancestor may serve). `rows` are buf's own, before the repository's configuration.
    """

    breaks: tuple[Break, ...] = ()
    drift: tuple[Break, ...] = ()
    base_schema: Schema = EMPTY
    head_schema: Schema = EMPTY
    undecided: tuple[Undecided, ...] = ()
    base_errors: tuple[Undecided, ...] = ()
    rows: tuple[Row, ...] = ()
    lent: tuple[str, ...] = ()
    """Imports that are not here, and without whose options the contracts were compared."""
    same_offers: bool = False
    """Whether both sides certainly have the same rpcs, with the same options, requests and answers."""


def compare(
    base: Snapshot,
    head: Snapshot,
    changed: Iterable[str],
    buf: Buf | None = None,
    *,
    used: bool = True,
    cheap: int = _CHEAP,
) -> Comparison:
    """Compare the contracts at the `changed` paths (of either side) and all that belongs to them. `used`:
    whether anybody here may use them, who is looked for where something broke. More than `cheap` files are
    not compiled before it is known that they have to be."""
    paths = sorted({path for path in changed if path.endswith(".proto")})
    if not paths:
        return Comparison()
    blobs = Blobs()
    before = Tree(base, blobs)
    trees = (before, Tree(head, blobs, before))
    contracts = [path for path in paths if any(tree.is_target(path) or path in tree.links for tree in trees)]
    if not contracts:
        return Comparison()
    buf = buf or resolve_buf()
    packages = {name for tree in trees for name in affected.packages_of(tree, contracts)}
    targets = set(contracts)
    for tree in trees:
        targets |= affected.with_packages(tree, contracts, packages)
    importers = {path for tree in trees for path in affected.may_import(tree, contracts)}
    holders = cache(lambda: optional.holders(before, buf, contracts))
    if len(importers - targets) > cheap and not holders().messages:
        pairs = compile_pairs(buf, *trees, targets)
        if faces.are_kept(trees, pairs, contracts, importers):
            answer = _answer(buf, trees, pairs, contracts, packages, used=False)
            if not (used and answer.breaks):
                return answer
    targets |= {path for tree in trees for path in affected.importers(tree, contracts)}
    most = 2 * len(targets) + cheap
    users = {
        path for tree in trees for path in affected.importers(tree, contracts, transitive=True, most=most)
    }
    if len(users - targets) <= len(targets) + cheap:
        targets |= users
    pairs = compile_pairs(buf, *trees, targets)
    if not users <= targets:
        far = optional.naming(trees, pairs, contracts, holders) - targets
        pairs = [*pairs, *(compile_pairs(buf, *trees, far) if far else ())]
    return _answer(buf, trees, pairs, contracts, packages, used=used)


def _answer(
    buf: Buf,
    trees: tuple[Tree, Tree],
    pairs: Sequence[Pair],
    changed: Sequence[str],
    packages: set[str],
    *,
    used: bool,
) -> Comparison:
    base, head = trees
    failed = {path for pair in pairs for side in (pair.base, pair.head) for path, _ in side.image.errors}
    failed |= {path for path in changed if any(tree.links.get(path) == "" for tree in trees)}
    unsure = any(path in failed and path not in base for path in changed)

    def policy_of(path: str) -> BreakingPolicy:
        module = head.module(path)
        return module.breaking if module else EVERYTHING

    with ThreadPoolExecutor(max_workers=4) as pool:
        asked = list(pool.map(lambda pair: unit_rows(buf, pair, failed, head.snapshot.store), pairs))
    breaks: list[Break] = []
    for pair, (rows, sides, _) in zip(pairs, asked, strict=True):
        certain = [row for row in rows if not (unsure and row.rule in _UNSURE)]
        if not pair.same:
            others = tuple((o.base.described, o.head.described) for o in pairs if o is not pair)
            breaks += fold(certain, sides, Elsewhere(others), policy_of)
    found = _one_each(breaks)
    asks = used and bool(found)
    undecided, base_errors = _open_questions(trees, pairs, changed, asks)
    before, after = _schemas(buf, trees, pairs, changed, asks)
    return Comparison(
        found,
        copies_drift(pairs, packages, changed, {item.element for item in found}),
        before,
        after,
        tuple(sorted({*undecided, *(problem for _, _, problem in asked if problem)})),
        base_errors,
        tuple(sorted({row for rows, _, _ in asked for row in rows})),
        tuple(sorted({name for pair in pairs for one in (pair.base, pair.head) for name in one.image.lent})),
        not failed and _same_offers(trees, pairs, changed),
    )


def _same_offers(trees: tuple[Tree, Tree], pairs: Sequence[Pair], changed: Sequence[str]) -> bool:
    """Compared are all files whose rpcs can differ: those that changed, and who imports them, for names of
    messages mean what is declared there."""
    if any(path in tree.links for tree in trees for path in changed):
        return False
    before = {path: offer for pair in pairs for path, offer in pair.base.described.offers.items()}
    after = {path: offer for pair in pairs for path, offer in pair.head.described.offers.items()}
    return before == after


def _one_each(breaks: Sequence[Break]) -> tuple[Break, ...]:
    """The same fault in several copies is one break: the shortest path's; the others are related."""
    together: dict[tuple[str, str], list[Break]] = {}
    for item in breaks:
        together.setdefault((item.rule, item.element), []).append(item)
    found = []
    for items in together.values():
        first, *rest = sorted(items, key=lambda item: (len(item.location.path), item.location))
        found.append(
            replace(
                first,
                upstream_rules=tuple(sorted({rule for item in items for rule in item.upstream_rules})),
                surfaces=tuple(one for one in Surface if any(one in item.surfaces for item in items)),
                related=tuple(item.location for item in rest),
                change=_every_change(first, rest),
                causes=tuple(sorted({cause for item in items for cause in item.causes})),
            )
        )
    return tuple(sorted(found, key=lambda item: (item.location, item.rule, item.element)))


def _every_change(first: Break, rest: Sequence[Break]) -> str:
    """What became of the element in the copies that break in another way is a change of its own."""
    changes = {item.change or item.message: item for item in reversed((first, *rest))}
    own = first.change or first.message
    others = (f"{change} ({item.location.path})" for change, item in changes.items() if change != own)
    return "; ".join((own, *sorted(others)))


def _open_questions(
    trees: tuple[Tree, Tree], pairs: Sequence[Pair], changed: Sequence[str], asks: bool
) -> tuple[tuple[Undecided, ...], tuple[Undecided, ...]]:
    """What head leaves open, and what only the base does.

    A file that nobody changed and that compiles on neither side is asked for only if something broke
    and users are looked for (`asks`): then it may hold a use that can't be followed.
    """
    head = trees[1]
    in_base = {path: why for pair in pairs for path, why in pair.base.image.errors}
    in_head = {path: why for pair in pairs for path, why in pair.head.image.errors}
    undecided = {why for path, why in in_head.items() if path in changed or path not in in_base or asks}
    undecided |= {
        why
        for why in head.config_errors
        if any(within(path, why.what.rpartition("/")[0]) for path in changed)
    }
    for path in changed:
        if head.links.get(path) == "" and (problem := head.unreadable(path)):
            undecided.add(problem)
    only_base = {why for path, why in in_base.items() if path not in in_head and (path in changed or asks)}
    return tuple(sorted(undecided)), tuple(sorted(only_base))


def _schemas(
    buf: Buf, trees: tuple[Tree, Tree], pairs: Sequence[Pair], changed: Sequence[str], asks: bool
) -> tuple[Schema, Schema]:
    """Both sides' schemas; where users are looked for, with all that imports the change at any distance."""
    known = {path for pair in pairs for side in (pair.base, pair.head) for path in side.described.files}
    more = set()
    if asks:
        users = {path for tree in trees for path in affected.importers(tree, changed, transitive=True)}
        more = {path for path in users if path not in known}
    every = [*pairs, *(compile_pairs(buf, *trees, more) if more else ())]
    before = merged((pair.base.described for pair in every), changed)
    return before, merged((pair.head.described for pair in every), changed)
