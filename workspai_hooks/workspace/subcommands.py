"""Services that are sub-commands of one program: one image, told apart by what it is started with."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from workspai_hooks.workspace.files import is_for_show, is_for_tests
from workspai_hooks.workspace.manifests.facts import Declaration
from workspai_hooks.workspace.manifests.paths import folder_of, holds
from workspai_hooks.workspace.names import folder_name, plain


def homes(
    declared: Sequence[tuple[Declaration, ...]], folder: str, coded: Collection[str]
) -> list[str] | None:
    """The folder of each service's own code, below the one that all are built in; None where they are not
    told apart so. A web process and its worker have no code of their own and stay one service."""
    if len(declared) < 2 or any(not started_as(one) for one in declared):
        return None
    below = [one for one in coded if one != folder and holds(folder, one) and not _aside(one)]
    found = [_home(plain(one[0].name), below) for one in declared]
    known = [one for one in found if one is not None]
    apart = len(set(known)) == len(declared) and not any(
        one != other and holds(one, other) for one in known for other in known
    )
    return known if apart else None


def started_as(declarations: Iterable[Declaration]) -> bool:
    """Whether a service's own name stands on its command line: `shop cart`, `/app --service=cart`."""
    return any(plain(one.name) in _words(one.commands) for one in declarations)


def _words(commands: str) -> set[str]:
    return {plain(word) for word in re.split(r"[^\w.-]+", commands) if word}


def _home(name: str, folders: Iterable[str]) -> str | None:
    """The folder that is called like a sub-command, where there is one; `main` packages stand in `cmd`."""
    named = {one for one in folders if plain(folder_name(one)) == name}
    outer = [one for one in named if not any(one != other and holds(other, one) for other in named)]
    own = [one for one in outer if folder_name(folder_of(one)) != "cmd"] or outer
    return own[0] if len(own) == 1 else None


def _aside(folder: str) -> bool:
    return is_for_tests(f"{folder}/") or is_for_show(f"{folder}/")


def of_one_image(left: Iterable[Declaration], right: Iterable[Declaration]) -> bool:
    """Whether two services are sub-commands of what one build makes."""
    return bool(_builds(left) & _builds(right)) and started_as(left) and started_as(right)


def _builds(declarations: Iterable[Declaration]) -> set[tuple[str, str, tuple[str, ...]]]:
    return set(_build_keys(declarations))


def _build_keys(declarations: Iterable[Declaration]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for one in declarations:
        if one.build:
            yield one.build.context, one.build.dockerfile, one.build.hints
