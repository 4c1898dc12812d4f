"""Both sides of one way to install, object beside object: what stayed, what was renamed, what is gone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from workspai_hooks.contracts.helm.nodes import Plain
from workspai_hooks.contracts.helm.objects import Build, Key, Object
from workspai_hooks.contracts.helm.references import References
from workspai_hooks.contracts.helm.workloads import TEMPLATE_OF
from workspai_hooks.source import Location

Survivor = Callable[[Location], Location]

_ALIKE = 0.6
"""So much of what an object says must stand in another one for that to be the same under a new name."""
_MOST_LEAVES = 2000
_MOST_OBJECTS = 200


class Pair(msgspec.Struct, frozen=True):
    """One object on both sides; `after` may have another name, namespace or kind."""

    before: Object
    after: Object

    @property
    def title(self) -> str:
        return self.before.title


class Change(msgspec.Struct, frozen=True, dict=True):
    """`pairs` are objects that differ and kept their key; `renamed` those that did not; `removed` the rest
    of base's; `added` are head's that base has not. `kubernetes` is the version that is installed into;
    `survivor` gives head's place nearest to one of base. `is_release`: Helm keeps the objects, so that they
    are there.
    """

    base: Build
    head: Build
    pairs: tuple[Pair, ...]
    renamed: tuple[Pair, ...]
    removed: tuple[Object, ...]
    added: tuple[Object, ...]
    kubernetes: tuple[int, int]
    survivor: Survivor
    is_release: bool = False

    def pairs_of(self, *kinds: str) -> Iterator[Pair]:
        return (pair for pair in self.pairs if pair.before.kind in kinds)

    @cached_property
    def uses(self) -> References:
        """What head's objects refer to."""
        return References(self.head.objects)

    @cached_property
    def used(self) -> References:
        """What base's objects refer to."""
        return References(self.base.objects)

    def after(self, one: Object) -> Object | None:
        """What is in the place of an object of base: in its file, where several have its key."""
        return self._after.get((one.key, one.file)) or self._after.get((one.key, ""))

    @cached_property
    def _after(self) -> Mapping[tuple[Key, str], Object]:
        found: dict[tuple[Key, str], Object] = {}
        for one in self.head.objects:
            if one.key in self.base.by_key:
                found[one.key, one.file] = one
                found.setdefault((one.key, ""), one)
        found.update({(pair.before.key, ""): pair.after for pair in self.renamed})
        return found


def change_of(
    base: Build,
    head: Build,
    kubernetes: tuple[int, int],
    survivor: Survivor,
    touched: Iterable[str] | None = None,
) -> Change:
    """Pair the objects of two builds. Of manifests that nobody puts together, only those in `touched` files
    of either side are compared; the others are there to be referred to.
    """
    files = None if touched is None else set(touched)
    before, after = _grouped(base, files), _grouped(head, files)
    everything = {one.key for one in head.objects}
    pairs: list[Pair] = []
    gone: list[Object] = []
    left: dict[Key, list[Object]] = {}
    for key, ones in before.items():
        others = list(after.get(key, ()))
        rest = _same_file(ones, others, pairs)
        for one in rest:
            if others:
                pairs.append(Pair(one, others.pop(0)))
            elif key not in everything:
                gone.append(one)
        left[key] = others
    there = {one.key for one in base.objects}
    new = [one for key, ones in after.items() for one in left.get(key, ones) if key not in there]
    renamed = _renamed(gone, new)
    old_keys, new_keys = {id(pair.before) for pair in renamed}, {id(pair.after) for pair in renamed}
    return Change(
        base,
        head,
        tuple(pair for pair in pairs if _differ(pair)),
        tuple(renamed),
        tuple(one for one in gone if id(one) not in old_keys),
        tuple(one for one in new if id(one) not in new_keys),
        kubernetes,
        survivor,
    )


def _differ(pair: Pair) -> bool:
    return pair.before.node is not pair.after.node and pair.before.plain != pair.after.plain


def _grouped(build: Build, files: set[str] | None) -> dict[Key, list[Object]]:
    found: dict[Key, list[Object]] = defaultdict(list)
    for one in build.objects:
        if files is None or one.file in files:
            found[one.key].append(one)
    return found


def _same_file(ones: Sequence[Object], others: list[Object], pairs: list[Pair]) -> list[Object]:
    """Pair what stands in the same file; what is left of `ones`. `others` loses what was paired."""
    rest = []
    for one in ones:
        mate = next((other for other in others if other.file == one.file), None)
        if mate is None:
            rest.append(one)
        else:
            others.remove(mate)
            pairs.append(Pair(one, mate))
    return rest


def _renamed(gone: Sequence[Object], new: Sequence[Object]) -> list[Pair]:
    """What is gone and stands under another name, namespace or kind now: each with its best likeness."""
    gone, new = gone[:_MOST_OBJECTS], new[:_MOST_OBJECTS]
    said = [_leaves(other) for other in new] if gone else []
    scored = []
    for first, one in enumerate(gone):
        mine = _leaves(one)
        for second, other in enumerate(new):
            if _comparable(one, other):
                score = 1.0 if _same_place(one, other) else _likeness(mine, said[second])
                if score >= _ALIKE:
                    scored.append((-score, first, second))
    pairs, taken = [], (set[int](), set[int]())
    for _, first, second in sorted(scored):
        if first not in taken[0] and second not in taken[1]:
            taken[0].add(first)
            taken[1].add(second)
            pairs.append(Pair(gone[first], new[second]))
    return pairs


def _comparable(one: Object, other: Object) -> bool:
    if one.kind == other.kind:
        return True
    workload = one.kind in TEMPLATE_OF and other.kind in TEMPLATE_OF
    return workload and one.name == other.name and one.key.namespace == other.key.namespace


def _same_place(one: Object, other: Object) -> bool:
    """The same name in another namespace, or the same workload of another kind."""
    return one.name == other.name


def _leaves(one: Object) -> Counter[str]:
    """What an object says, without what it is called."""
    found: Counter[str] = Counter()
    waiting: list[tuple[str, Plain]] = [
        (key, value) for key, value in one.plain.items() if key not in ("apiVersion", "kind", "metadata")
    ]
    while waiting and len(found) < _MOST_LEAVES:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{path}.{key}", inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{path}[]", inner) for inner in value]
        else:
            text = str(value)
            found[f"{path}={'(its name)' if text == one.name else text}"] += 1
    return found


def _likeness(mine: Counter[str], theirs: Counter[str]) -> float:
    """The share of both that is common; two that say nothing but their names are just alike enough."""
    total = max(sum(mine.values()), sum(theirs.values()))
    return sum((mine & theirs).values()) / total if total else _ALIKE
