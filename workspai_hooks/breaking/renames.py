"""Finds where things went that are gone: files that moved, and names that changed for certain.

Certain means: the same shape, one candidate only, in the same place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeVar

from workspai_hooks.contracts.protobuf.describe import Described
from workspai_hooks.contracts.protobuf.schema import EnumType, Message, Method, Service

_Declared = TypeVar("_Declared", Message, EnumType, Service)


def top_level(side: Described, path: str) -> set[str]:
    """Full names that a file declares, nested ones left out."""
    package = side.files[path].package
    depth = package.count(".") + 2 if package else 1
    declared = {
        name
        for table in (side.messages, side.enums, side.services)
        for name, item in table.items()
        if item.file == path
    }
    declared |= {name for name, location in side.extensions.items() if location.path == path}
    return {name for name in declared if name.count(".") + 1 == depth}


def moved_files(base: Described, head: Described) -> dict[str, str]:
    """Files that are gone in head while another new file holds all their names: old path -> new path."""
    moved: dict[str, str] = {}
    new = {path: top_level(head, path) for path in head.files if path not in base.files}
    for path in sorted(base.files):
        names = top_level(base, path) if path not in head.files else set()
        if not names:
            continue
        holders = [
            candidate
            for candidate, held in sorted(new.items())
            if names <= held and candidate not in moved.values()
        ]
        if holders:
            moved[path] = holders[0]
    return moved


def renamed_packages(base: Described, head: Described) -> dict[str, str]:
    """Packages that are gone while one new package holds most of their names: old -> new."""
    before, after = _by_package(base), _by_package(head)
    renamed = {}
    for package in sorted(set(before) - set(after)):
        names = before[package]
        shared = {
            candidate: len(names & held) for candidate, held in after.items() if candidate not in before
        }
        best = max(shared.values(), default=0)
        winners = [candidate for candidate, count in shared.items() if count == best]
        if len(winners) == 1 and best * 2 > len(names):
            renamed[package] = winners[0]
    return renamed


def renamed_declarations(base: Described, head: Described, types: Mapping[str, str]) -> dict[str, str]:
    """Messages, enums and services whose name changed inside their scope: old full name -> new one."""

    def message_shape(message: Message) -> Hashable:
        own = message.name
        return frozenset(
            (
                *(field.name, field.number, field.kind, field.repeated, field.map_key, field.oneof),
                _relative(types.get(field.type, field.type), own),
            )
            for field in message.fields.values()
        )

    def service_shape(service: Service) -> Hashable:
        return frozenset(
            (rpc.name, types.get(rpc.input, rpc.input), types.get(rpc.output, rpc.output))
            for rpc in service.methods.values()
        )

    def enum_shape(enum: EnumType) -> Hashable:
        return frozenset((name, number) for name, (number, _) in enum.values.items())

    return {
        **_same_shape(base.messages, head.messages, message_shape),
        **_same_shape(base.enums, head.enums, enum_shape),
        **_same_shape(base.services, head.services, service_shape),
    }


def renamed_rpcs(base: Service, head: Service, types: Mapping[str, str]) -> dict[str, str]:
    """Rpcs of one service whose name changed: old -> new."""
    gone = {
        name: (types.get(rpc.input, rpc.input), types.get(rpc.output, rpc.output), *_streams(rpc))
        for name, rpc in base.methods.items()
        if name not in head.methods
    }
    new = {
        name: (rpc.input, rpc.output, *_streams(rpc))
        for name, rpc in head.methods.items()
        if name not in base.methods
    }
    return _only_candidates(gone, new)


def renamed_oneof(base: Message, head: Message, name: str) -> str | None:
    """The new name of a oneof that holds the same fields; None where there is none."""
    numbers = {field.number for field in base.fields.values() if field.oneof == name}
    heirs = {field.oneof for field in head.fields.values() if field.number in numbers}
    new = heirs.pop() if len(heirs) == 1 else None
    if new is None or new in base.oneofs:
        return None
    held = {field.number for field in head.fields.values() if field.oneof == new}
    return new if held == numbers else None


def _streams(rpc: Method) -> tuple[bool, bool]:
    return rpc.client_streaming, rpc.server_streaming


def _by_package(side: Described) -> dict[str, set[str]]:
    packages: dict[str, set[str]] = {}
    for path, file in side.files.items():
        names = {_relative(name, file.package) for name in top_level(side, path)}
        packages.setdefault(file.package, set()).update(names)
    return packages


def _relative(name: str, scope: str) -> str:
    if name == scope:
        return "."
    return name[len(scope) :] if scope and name.startswith(scope + ".") else name


def _same_shape(
    base: Mapping[str, _Declared], head: Mapping[str, _Declared], shape: Callable[[_Declared], Hashable]
) -> dict[str, str]:
    """Pairs in the same scope; an empty shape proves nothing."""
    gone = {name: (name.rpartition(".")[0], shape(item)) for name, item in base.items() if name not in head}
    new = {name: (name.rpartition(".")[0], shape(item)) for name, item in head.items() if name not in base}
    return _only_candidates(
        {name: key for name, key in gone.items() if key[1]},
        {name: key for name, key in new.items() if key[1]},
    )


def _only_candidates(gone: Mapping[str, Hashable], new: Mapping[str, Hashable]) -> dict[str, str]:
    before, after = Counter(gone.values()), Counter(new.values())
    by_shape = {key: name for name, key in new.items()}
    return {name: by_shape[key] for name, key in sorted(gone.items()) if before[key] == 1 and after[key] == 1}


def through_package(names: Iterable[str], packages: Mapping[str, str]) -> dict[str, str]:
    """What each full name becomes when its package is renamed."""
    renamed = {}
    for old, new in packages.items():
        for name in names:
            if old and name.startswith(old + "."):
                renamed[name] = new + name[len(old) :]
    return renamed
