"""One program that is deployed several times: which server of it runs its environment or command says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from workspai_hooks.workspace.manifests.facts import Declaration
from workspai_hooks.workspace.names import plain

_STAGES = frozenset(
    """
    ci debug dev development docker e2e info local prod production qa release stage staging test testing
    """.split()  # noqa: SIM905
)
"""What a deployment is for; it says nothing about what it serves."""


def servers(
    declared: Sequence[tuple[Declaration, ...]], texts: Callable[[], Mapping[str, bytes]]
) -> list[int]:
    """The deployments of one folder that are services of their own, by their place; none of fewer than two.

    Each is reached on a port, is called after the mode that a variable of its environment or a word of its
    command gives it (`SERVER: grpc` of `cart-grpc`), and one source of the folder names the modes of all. A
    worker, which nobody reaches, stays one service with what hands it its work.
    """
    reached = [
        place for place, one in enumerate(declared) if any(each.published or each.ports for each in one)
    ]
    if len(reached) < 2:
        return []
    names = {variable.name for one in declared for each in one for variable in each.variables}
    for modes in (*(_given(declared, name) for name in sorted(names)), _started(declared)):
        told = {place: modes[place] for place in reached if place in modes}
        if len(told) > 1 and len(set(told.values())) == len(told) and _known(set(told.values()), texts()):
            return sorted(told)
    return []


def _given(declared: Sequence[tuple[Declaration, ...]], name: str) -> dict[int, str]:
    """The mode that a variable gives to each deployment that is called after it."""
    modes = {}
    for place, one in enumerate(declared):
        values = {each.value or "" for part in one for each in part.variables if each.name == name}
        if len(values) == 1 and _is_mode(value := values.pop(), one):
            modes[place] = value
    return modes


def _started(declared: Sequence[tuple[Declaration, ...]]) -> dict[int, str]:
    """The word of its command that each deployment is called after and that no other is started with."""
    words = [{word for each in one for word in re.split(r"[^\w-]+", each.commands)} for one in declared]
    modes = {}
    for place, one in enumerate(declared):
        others = {word for at, each in enumerate(words) if at != place for word in each}
        own = sorted(word for word in words[place] - others if _is_mode(word, one))
        if len(own) == 1:
            modes[place] = own[0]
    return modes


def _is_mode(value: str, declarations: Iterable[Declaration]) -> bool:
    if not re.fullmatch(r"[A-Za-z][\w-]{1,30}", value) or value.lower() in _STAGES:
        return False
    return all(f"-{plain(value)}-" in f"-{plain(each.name)}-" for each in declarations)


def _known(modes: set[str], texts: Mapping[str, bytes]) -> bool:
    """Whether one source has every mode as a text: `case "http":` and `case "grpc":`."""
    spelled = [
        re.compile(rb"[\"'`]" + re.escape(mode).encode() + rb"[\"'`]", re.IGNORECASE) for mode in modes
    ]
    return any(all(each.search(data) for each in spelled) for data in texts.values())
