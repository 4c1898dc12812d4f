"""What a build system says of a repository: parts, and which part takes which others in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec


class Linked(msgspec.Struct, frozen=True):
    """The parts of one build system: Go packages, projects, modules, single files.

    `starts`: part -> the file that makes it a program's where a service holds that file. `needs`: part -> the
    parts that it takes in. `parts_of`: path -> the parts that the file belongs to.
    """

    parts_of: Callable[[str], tuple[str, ...]]
    starts: Mapping[str, str] = msgspec.field(default_factory=dict)
    needs: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)


class System(msgspec.Struct, frozen=True):
    """A build system: which files tell, what one of them says (path-free), and how that is joined.

    `link` gets path -> what was read there, and all paths of the snapshot.
    """

    name: str
    wanted: Callable[[str], bool]
    read: Callable[[bytes], list[str]]
    link: Callable[[Mapping[str, list[str]], frozenset[str]], Linked]


def nearest(path: str, folders: frozenset[str]) -> str | None:
    """The innermost of these folders that holds a path."""
    folder = path
    while folder:
        folder = folder.rpartition("/")[0]
        if folder in folders:
            return folder
    return None


def most_alike(path: str, others: frozenset[str]) -> str:
    """The one of several paths that shares the most folders with `path`: copies of one name in examples."""

    def shared(other: str) -> int:
        count = 0
        for left, right in zip(path.split("/"), other.split("/"), strict=False):
            if left != right:
                break
            count += 1
        return count

    return min(others, key=lambda other: (-shared(other), len(other), other))
