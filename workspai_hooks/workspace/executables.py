"""Programs of one image that are told apart by what they are started with: `entrypoint: StockServer`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workspai_hooks.workspace.infrastructure import is_infrastructure
from workspai_hooks.workspace.manifests.facts import Declaration, Executable
from workspai_hooks.workspace.manifests.paths import holds, in_common
from workspai_hooks.workspace.names import GENERIC, plain

_LAUNCHERS = frozenset({"bash", "dumb-init", "env", "exec", "nice", "sh", "sudo", "tini"})


def started(one: Declaration, executables: Sequence[Executable]) -> str | None:
    """The folder of the program that a declaration's command starts: of several of that name the one nearest
    to the manifest. None where no build of the repository makes it, or where more than one is meant."""
    if not executables or (one.images and all(is_infrastructure(image) for image in one.images)):
        return None
    words = _words(one.commands)
    known = [
        each
        for each in executables
        if each.name in words
        and (words[0] == each.name or plain(each.name) not in GENERIC)
        and (one.build is None or holds(one.build.context, each.folder))
    ]
    nearest = max((in_common(f"{each.folder}/", one.location.path) for each in known), default=0)
    folders = {each.folder for each in known if in_common(f"{each.folder}/", one.location.path) == nearest}
    return folders.pop() if len(folders) == 1 else None


def _words(commands: str) -> list[str]:
    """The words of a command line that may be programs, without their folders."""
    found = []
    for word in re.split(r"[\s\"'\[\],;&|()]+", commands):
        name = word.rpartition("/")[2]
        if name and "=" not in word and not word.startswith(("-", "$")) and name not in _LAUNCHERS:
            found.append(name)
    return found
