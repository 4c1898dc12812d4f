"""Programs that CMake builds: which folder each one's target stands in."""

from __future__ import annotations

from itertools import islice

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.evidence.text import in_comment, line_of
from workspai_hooks.workspace.manifests.facts import Executable, Facts
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.manifests.paths import folder_of

_MOST = 50
_TARGET = regex(rb"(?i)\badd_executable\s{0,20}\(\s{0,40}([\w.+-]{2,80})(?=[\s)])")


def wanted(path: str) -> bool:
    return path.rpartition("/")[2] == "CMakeLists.txt"


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """The programs of one file; a target that is named by a variable is none."""
    found = tuple(
        Executable(match[1].decode(), folder_of(path), Location(path, line_of(data, match.start())))
        for match in islice(_TARGET.finditer(data), _MOST)
        if not in_comment(data, match.start())
    )
    return Facts(executables=found)
