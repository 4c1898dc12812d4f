"""Keys of a chart's values whose type changed: what is set with the old type does not fit any more."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.breaking.helm.both import Both
from workspai_hooks.breaking.helm.faults import NEXT, fault
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm.nodes import Node
from workspai_hooks.contracts.helm.values import Keys, dotted
from workspai_hooks.findings import Severity
from workspai_hooks.source import Location

_HOLDERS = ("map", "list")


def find(both: Both) -> Iterator[Break]:
    told: list[Keys] = []
    for key, (place, old) in sorted(both.before.declared.items(), key=lambda item: item[0]):
        new = both.after.declared.get(key)
        if new is None or any(key[: len(outer)] == outer for outer in told) or not both.after.knows(key):
            continue
        was, now = _types(old, new[1])
        if was == now:
            continue
        told.append(key)
        yield _fault(both, key, was, now, place, new[0], empty=_is_empty(old) or _is_empty(new[1]))


def _types(old: Node, new: Node) -> tuple[str, str]:
    """Both types, where they differ in a way that counts; those of items, where lists hold others now."""
    if "null" in (old.type, new.type):
        return "", ""
    if old.type == new.type == "list":
        was, now = _items(old), _items(new)
        return (f"list of {was}", f"list of {now}") if was and now and was != now else ("", "")
    return (old.type, new.type) if old.type != new.type else ("", "")


def _items(node: Node) -> str:
    """What all items of a list are; empty where they differ, or where there are none."""
    kinds = {
        "map" if item.type == "map" else "list" if item.type == "list" else "scalar"
        for item in node.items or ()
    }
    return kinds.pop() if len(kinds) == 1 else ""


def _is_empty(node: Node) -> bool:
    return node.value == "" or node.members == {} or node.items == ()


def _fault(
    both: Both, key: Keys, was: str, now: str, base: Location, head: Location, *, empty: bool
) -> Break:
    """An error where a map or list is one of both; a warning between scalars, and where one of them is empty (it
    only says that nothing is set) and nobody here sets the old form."""
    name = dotted(key)
    old_form = [place for place, form in _forms(both, key) if form != now.partition(" ")[0]]
    holders = any(kind.startswith(_HOLDERS) for kind in (was, now))
    serious = holders and (not empty or old_form)
    where = (
        f"; {', '.join(sorted({place.path for place in old_form})[:3])} set it as before" if old_form else ""
    )
    return fault(
        "values-key-retyped",
        both.element(name),
        f"values key {name} of chart {both.name} was a {was} and is a {now} now{where}",
        head,
        base,
        surfaces=NEXT,
        severity=None if serious else Severity.WARNING,
        related=old_form,
    )


def _forms(both: Both, key: Keys) -> Iterator[tuple[Location, str]]:
    """Who sets the key in head, and with which type."""
    after = both.after
    for place in set(after.sets(key)):
        tree = after.side.tree(place.path) if place.path.endswith((".yaml", ".yml")) else None
        node = _node_at(tree, place) if tree is not None else None
        if node is not None:
            yield place, node.type


def _node_at(tree: Node, place: Location) -> Node | None:
    """The value whose key stands at a place."""
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        for key_place, inner in (one.members or {}).values():
            if key_place == place:
                return inner
            waiting.append(inner)
        waiting += one.items or ()
    return None
