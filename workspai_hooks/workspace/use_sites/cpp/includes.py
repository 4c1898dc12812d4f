"""Which files of a repository include which, and which stubs they see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from posixpath import basename, dirname, join, normpath

from workspai_hooks.contracts.protobuf.schema import File, Schema
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.naming import Layout

INCLUDE = regex(rb'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.MULTILINE)
STUB = regex(r"^(.*?)(?:_mock)?(?:\.grpc)?\.pb\.(?:h|hpp|hh)$")


def proto_of(include: str) -> str | None:
    """`demo.proto` for `demo.grpc.pb.h`; None for any other header."""
    found = STUB.match(include)
    return f"{found[1]}.proto" if found else None


def declared_by(proto: str, files: Iterable[File]) -> list[File]:
    """The contract files that a stub's name can mean: those whose import path or path ends with it."""
    return [
        file
        for file in files
        if f"/{file.import_path}".endswith(f"/{proto}")
        or f"/{file.path}".endswith(f"/{proto}")
        or f"/{proto}".endswith(f"/{file.import_path}")
    ]


class Includes:
    """The files that each file includes, and what belongs together by that."""

    def __init__(self, includes: Mapping[str, Iterable[str]]) -> None:
        self._by_name: dict[str, list[str]] = {}
        for path in includes:
            self._by_name.setdefault(basename(path), []).append(path)
        self.written = {path: tuple(dict.fromkeys(each)) for path, each in includes.items()}
        self._direct = {
            path: tuple([found for one in each if (found := self._resolved(path, one)) is not None])
            for path, each in self.written.items()
        }
        self._root = {path: path for path in includes}
        for path, each in self._direct.items():
            for other in each:
                left, right = sorted((self.component(path), self.component(other)))
                self._root[right] = left

    def component(self, path: str) -> str:
        """The first of the files that hang together with this one by includes."""
        root = path
        while self._root.get(root, root) != root:
            root = self._root[root]
        self._root[path] = root
        return root

    def closure(self, path: str) -> tuple[str, ...]:
        """The files that a file includes, directly or through others."""
        found: dict[str, None] = {}
        waiting = list(self._direct.get(path, ()))
        while waiting:
            one = waiting.pop(0)
            if one != path and one not in found:
                found[one] = None
                waiting.extend(self._direct.get(one, ()))
        return tuple(found)

    def _resolved(self, path: str, include: str) -> str | None:
        """The file of the repository that an include means: beside the file, else the nearest that fits."""
        candidates = self._by_name.get(basename(include), [])
        beside = normpath(join(dirname(path), include))
        if beside in candidates:
            return beside
        tail = f"/{normpath(include).lstrip('./')}"
        fitting = [one for one in candidates if f"/{one}".endswith(tail) and one != path]
        return max(fitting, key=lambda one: (_shared(one, path), -len(one), one)) if fitting else None


def heads(data: bytes) -> tuple[str, ...]:
    """What a file includes."""
    return tuple([each.decode("utf-8", "replace") for each in INCLUDE.findall(data)])


def relevant(seen: Mapping[str, tuple[str, ...]], schema: Schema, layout: Layout) -> frozenset[str]:
    """The files that hang together with one that includes a stub."""
    includes = Includes(seen)
    seeing = {
        includes.component(path)
        for path, each in seen.items()
        if any(proto_of(one) is not None for one in each) and proto_of(path) is None
    }
    return frozenset(path for path in seen if includes.component(path) in seeing)


def _shared(left: str, right: str) -> int:
    """How many folders two paths have in common."""
    count = 0
    for one, other in zip(left.split("/"), right.split("/"), strict=False):
        if one != other:
            break
        count += 1
    return count
