"""Whether a service's own source reads a variable, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TypeVar

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.store import Store
from workspai_hooks.workspace.bound import bound
from workspai_hooks.workspace.config_repositories import given_out
from workspai_hooks.workspace.evidence import is_text
from workspai_hooks.workspace.evidence.context import is_check
from workspai_hooks.workspace.evidence.text import in_comment
from workspai_hooks.workspace.files import is_code, is_read_at_run_time
from workspai_hooks.workspace.manifests import compose, dockerfile, env_file
from workspai_hooks.workspace.manifests.helm import flattened
from workspai_hooks.workspace.manifests.paths import ancestors
from workspai_hooks.workspace.mounted import mounted_files, mounted_texts
from workspai_hooks.workspace.services import Services

T = TypeVar("T")

_JVM = (".java", ".kt", ".groovy", ".scala", ".properties", ".yml", ".yaml")
_PLACEHOLDER = regex(rb"[$#]\{([A-Za-z][\w.-]*)")
_PROPERTY = regex(rb"^[ \t]*([A-Za-z][\w.-]*)[ \t]*[=:]", re.MULTILINE)
_SCHEME = regex(rb"\b([A-Za-z][A-Za-z0-9+.-]{1,20})://[\"'`]?[$%{(+ ]")
_SHELL = regex(r"\$\{?([A-Za-z_]\w*)")


class SourceTree(msgspec.Struct, frozen=True, dict=True):
    """What a service's folders hold that is read when it runs: files of the snapshot, read when they are
    asked for, and texts that are `given` to it (path -> content).
    """

    paths: tuple[str, ...]
    given: Mapping[str, bytes]
    _snapshot: Snapshot

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Every file that is a text."""
        return {path: data for path, data in self._contents.items() if is_text(data)} | dict(self.given)

    @property
    def whole(self) -> bool:
        """Whether every file could be read."""
        return len(self._contents) == len(self.paths)

    @property
    def is_here(self) -> bool:
        """Whether there is any source at all."""
        return bool(self.paths or self.given)

    @cached_property
    def _contents(self) -> dict[str, bytes]:
        return self._snapshot.read_many(self.paths)

    @cached_property
    def _digest(self) -> bytes:
        entries = self._snapshot.entries
        return Store.key([(path, entries[path].blob) for path in self.paths], sorted(self.given.items()))

    def only(self, endings: tuple[str, ...]) -> SourceTree:
        """Its files whose names end so."""
        given = {path: data for path, data in self.given.items() if path.endswith(endings)}
        return SourceTree(tuple(path for path in self.paths if path.endswith(endings)), given, self._snapshot)

    def once(self, question: object, shape: type[T], look: Callable[[], T]) -> T:
        """What a look at the files answers to a question; kept while none of them changes."""
        return self._snapshot.store.once("reads", Store.key(self._digest, question), shape, look)


NO_SOURCE = SourceTree((), {}, Snapshot("", {}, lambda blobs: {}))


def source_trees(snapshot: Snapshot, services: Services) -> dict[str, SourceTree]:
    """The source of every service that has folders, by the service's name.

    Deployment files in a service's folder are what it is given, not what it reads.
    """
    if not services.all:
        return {}
    roots: dict[str, list[str]] = {}
    for service in services.all:
        for folder in service.roots:
            roots.setdefault(folder, []).append(service.name)
    given = _given(services)
    configuration = given_out(snapshot.paths(), services)
    mounted = mounted_files(snapshot.paths(), services)
    paths: dict[str, list[str]] = {name: [] for names in roots.values() for name in names}
    for path in snapshot.paths():
        if path in given or compose.wanted(path) or env_file.wanted(path):
            continue
        if path in snapshot.generated and is_code(path):
            continue  # generated code gives no edges
        for name in mounted.get(path, ()):
            paths.setdefault(name, []).append(path)
        root = next((one for one in (path, *ancestors(path)) if one in roots), None)
        if path in configuration:
            for name in configuration[path]:
                paths.setdefault(name, []).append(path)
        elif root is not None and is_read_at_run_time(path[len(root) :] or path):
            for owner in roots[root]:
                paths[owner].append(path)
    texts = mounted_texts(services)
    return {
        name: SourceTree(tuple(dict.fromkeys(each)), texts.get(name, {}), snapshot)
        for name, each in (paths | {name: paths.get(name, []) for name in texts}).items()
    }


def _given(services: Services) -> set[str]:
    places = [one.location for one in services.facts.declarations]
    places += [variable.location for one in services.facts.settings for variable in one.variables]
    places += [one.location for one in services.facts.endpoints]
    return {place.path for place in places}


class Read(msgspec.Struct, frozen=True):
    """A line that reads a variable. `scheme`: what the line puts before it, `http` in `http://${ADDR}`.
    `keys`: the settings that it only gives its value to, where that is all; the code may ask for none.
    """

    location: Location
    scheme: str = ""
    keys: tuple[str, ...] = ()


def reads(tree: SourceTree, names: Iterable[str]) -> dict[str, Read]:
    """Variable -> the first line that reads it."""
    wanted = sorted(set(names))
    return tree.once(("variables", wanted), dict[str, Read], lambda: _reads(tree, wanted))


def _reads(tree: SourceTree, names: Iterable[str]) -> dict[str, Read]:
    wanted = {name: _spellings(name) for name in names}
    found: dict[str, Read] = {}
    given: dict[str, Read] = {}
    for path, data in tree.files.items():
        properties = _properties(path, data) if path.endswith(_JVM) else {}
        for name, spellings in wanted.items():
            if name in found:
                continue
            line, keys = properties.get(name.lower(), (0, ()))
            if line and keys:
                before = given.get(name)
                place = before.location if before else Location(path, line)
                known = before.keys if before else ()
                given[name] = Read(place, _scheme(data, line), tuple(dict.fromkeys((*known, *keys))))
            elif line := line or _read_at(path, data, spellings):
                found[name] = Read(Location(path, line), _scheme(data, line))
    unread = [name for name in wanted if name not in found]
    return given | {name: Read(place) for name, place in bound(tree.files, unread).items()} | found


def _scheme(data: bytes, line: int) -> str:
    """What a line puts before a value: `http` in `http://${ADDR}`."""
    scheme = _SCHEME.search(data.split(b"\n", line)[line - 1])
    return scheme[1].decode().lower() if scheme else ""


def _spellings(name: str) -> tuple[bytes, ...]:
    """How code writes a variable: .NET's `A__B` is `A:B` there, and a connection string has its own call;
    Nuxt fills `cartBase` of its settings from `NUXT_PUBLIC_CART_BASE`."""
    spellings = [name]
    if name.startswith("NUXT_"):
        first, *others = name.removeprefix("NUXT_").removeprefix("PUBLIC_").lower().split("_")
        spellings.append(first + "".join(part.capitalize() for part in others))
    if "__" in name:
        spellings.append(name.replace("__", ":"))
    if name.lower().startswith("connectionstrings__"):
        spellings.append(f'GetConnectionString("{name.partition("__")[2]}"')
    return tuple(spelling.encode() for spelling in spellings)


def _read_at(path: str, data: bytes, spellings: tuple[bytes, ...]) -> int:
    """The line of the first whole-word use outside a comment; 0 without.

    In a Dockerfile it is a `$NAME`, for ENV and ARG only set it; a key of JSON sets it as well. Who only asks
    whether somebody is well does not call him.
    """
    sets_only = dockerfile.wanted(path)
    has_keys = path.endswith(".json")
    for spelling in spellings:
        at = data.find(spelling)
        while at >= 0:
            end = at + len(spelling)
            whole = not _is_word(data[at - 1 : at]) and not (
                _is_word(data[end : end + 1]) and _is_word(spelling[-1:])
            )
            used = not sets_only or data[:at].rstrip(b"{").endswith(b"$")
            if has_keys and _KEY.match(data, at):
                used = False
            if whole and used and not in_comment(data, at) and not is_check(data, at):
                return data.count(b"\n", 0, at) + 1
            at = data.find(spelling, end)
    return 0


_KEY = regex(rb"[\w:.-]{1,120}\"\s{0,8}:")


def _is_word(character: bytes) -> bool:
    return character.isalnum() or character == b"_"


Given = dict[str, tuple[int, tuple[str, ...]]]
"""A variable in lower case -> the line, and the settings that take its value, as far as they are known."""


def _properties(path: str, data: bytes) -> Given:
    """Properties that a JVM framework fills from the environment, as it names their variables."""
    found: Given = {
        _variable(match[1].decode()): (data.count(b"\n", 0, match.start()) + 1, ())
        for match in reversed(list(_PLACEHOLDER.finditer(data)))
    }
    name = path.rpartition("/")[2]
    own: Given = {}
    if name.endswith(".properties"):
        for match in _PROPERTY.finditer(data):
            line, end = data.count(b"\n", 0, match.start(1)) + 1, data.find(b"\n", match.end())
            _note(own, match[1].decode(), data[match.end() : end if end >= 0 else None], line)
    elif name.startswith(("application", "bootstrap")) and name.endswith((".yml", ".yaml")):
        for key, value in flattened(data).items():
            at = max(data.find(key.rpartition(".")[2].encode()), 0)
            _note(own, key, value.encode(), data.count(b"\n", 0, at) + 1)
    return found | {name: (found.get(name, (line,))[0], keys) for name, (line, keys) in own.items()}


def _note(found: Given, key: str, value: bytes, line: int) -> None:
    """A setting is filled from the variable of its name, and from those in its text."""
    for name in (key, *(match[1].decode() for match in _PLACEHOLDER.finditer(value))):
        before = found.get(_variable(name), (line, ()))
        found[_variable(name)] = (before[0], tuple(dict.fromkeys((*before[1], key))))


def _variable(key: str) -> str:
    return key.lower().replace("-", "").replace(".", "_")


def used_in_commands(commands: str) -> frozenset[str]:
    """Variables that a manifest's own command line expands, in a shell or as Kubernetes' `$(X)`."""
    return frozenset(_SHELL.findall(commands.replace("$(", "${")))
