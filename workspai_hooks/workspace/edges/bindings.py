"""Whether a service's framework or its code takes a setting, also through a class of a shared library."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workspai_hooks.source import Location
from workspai_hooks.workspace.bound import Prefix, uses
from workspai_hooks.workspace.edges.keys import Keys
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.evidence.bindings import EVERY, MARK
from workspai_hooks.workspace.evidence.configuration import plain_key
from workspai_hooks.workspace.services import Service


def taken(scene: Scene, service: Service, names: Iterable[str]) -> bool:
    """Any of these settings. What is not written for the JVM is not asked so closely."""
    keys = Keys(scene.tree(service))
    return not keys.is_jvm or any(
        keys.is_the_frameworks(name) or keys.read_at(name) is not None or _in_library(scene, keys, name)
        for name in names
    )


def _in_library(scene: Scene, keys: Keys, name: str) -> bool:
    """A class of a folder that is no service's takes it, and the service asks that for the member."""
    parts = re.sub(r"\[\d+\]", "", plain_key(name)).split(".")
    for count in range(len(parts) - 1, 0, -1):
        for members in scene.shared_constant(MARK + ".".join(parts[:count])):
            if members == EVERY:
                return True
            words = frozenset(members.encode().split())
            member = Prefix("", Location(""), words, False).member(parts[count:])
            if member and uses(keys.tree.files, member, ""):
                return True
    return False
