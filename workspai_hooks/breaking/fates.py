"""What became of everything that is gone in head: removed, renamed, moved, or folded into its parent."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from workspai_hooks.breaking import renames
from workspai_hooks.breaking.rows import Hit, Sides
from workspai_hooks.breaking.shapes import holds_all
from workspai_hooks.contracts.protobuf.describe import Described
from workspai_hooks.contracts.protobuf.resolve import shared
from workspai_hooks.contracts.protobuf.schema import EnumType, Message, Service
from workspai_hooks.source import Location


class Elsewhere(msgspec.Struct, frozen=True):
    """The other units, as base and as head have them: a contract may have moved to one of them."""

    units: tuple[tuple[Described, Described], ...] = ()

    def place(self, base: Described, name: str) -> Location | None:
        """Where another unit newly declares a base name, at least as base does.

        A copy that was there before is no move: who builds from the one that is gone is still broken.
        """
        for before, after in self.units:
            declared = _declared(after, name)
            if declared and not _declared(before, name) and holds_all(base, after, name):
                return declared.location
        return None

    def has_package(self, package: str) -> bool:
        """Whether any file of another unit declares the package."""
        return any(file.package == package for _, head in self.units for file in head.files.values())


def _declared(side: Described, name: str) -> Message | EnumType | Service | None:
    return side.messages.get(name) or side.enums.get(name) or side.services.get(name)


class Fates:
    """Answers for one unit: `renamed` maps full names, `packages` packages, `gone_files` lost everything."""

    def __init__(self, sides: Sides, hits: Collection[Hit], elsewhere: Elsewhere) -> None:
        self.sides, self.elsewhere = sides, elsewhere
        base, head = sides.base, sides.head
        renamed = renames.renamed_packages(base, head)
        gone = {
            hit.name
            for hit in hits
            if hit.kind == "package" and (hit.name in renamed or not elsewhere.has_package(hit.name))
        }
        self.deleted_files = {hit.name for hit in hits if hit.row.rule == "FILE_NO_DELETE"}
        self.told_by_file = {
            package: path for package in gone - renamed.keys() if (path := self._only_file(package))
        }
        self.gone_packages = gone - self.told_by_file.keys()
        self.packages = {old: new for old, new in renamed.items() if old in self.gone_packages}
        declared = [*base.messages, *base.enums, *base.services]
        types = renames.through_package(declared, self.packages)
        direct = renames.renamed_declarations(base, head, types)
        self.renamed = {**direct, **types}
        self.gone_files = {path for path in self.deleted_files if not self.survivors(path)}
        self.repackaged = {hit.name for hit in hits if hit.row.rule == "FILE_SAME_PACKAGE"}

    def _only_file(self, package: str) -> str | None:
        """The deleted file that was all of a package: the finding is about it, as that is what was done."""
        paths = [path for path, file in self.sides.base.files.items() if file.package == package]
        return paths[0] if len(paths) == 1 and paths[0] in self.deleted_files else None

    def survivors(self, path: str) -> dict[str, Location]:
        """Names of a base file that live on: where in this unit, or in another copy of the contract."""
        base = self.sides.base
        names = renames.top_level(base, path) if path in base.files else set()
        places = {
            name: self.head_place(name) or self.elsewhere.place(self.sides.base, name) for name in names
        }
        return {name: place for name, place in sorted(places.items()) if place is not None}

    def lost(self, path: str) -> set[str]:
        """Names of a base file that live on nowhere."""
        names = renames.top_level(self.sides.base, path) if path in self.sides.base.files else set()
        return names - set(self.survivors(path))

    def head_place(self, name: str) -> Location | None:
        """Where head declares a message, enum, service or extension."""
        head = self.sides.head
        item = head.messages.get(name) or head.enums.get(name) or head.services.get(name)
        return item.location if item else head.extensions.get(name)

    def base_place(self, name: str) -> Location | None:
        """Where base declares a message, enum, service or extension."""
        base = self.sides.base
        item = base.messages.get(name) or base.enums.get(name) or base.services.get(name)
        return item.location if item else base.extensions.get(name)

    def base_file(self, hit: Hit) -> str:
        """The base path of the file that a hit is about."""
        if hit.kind == "file":
            return hit.name
        if hit.kind == "package":
            files = self.sides.base.files
            return min((path for path, file in files.items() if file.package == hit.name), default="")
        place = self.base_place(hit.owner)
        return place.path if place else self.sides.base_path(hit.row.path)

    def package_of(self, path: str) -> str:
        """The package of a base file."""
        file = self.sides.base.files.get(path)
        return file.package if file else ""

    def parent(self, hit: Hit) -> str | None:
        """The element whose finding covers this hit; None where it is one of its own."""
        if hit.kind == "package":
            return None
        path = self.base_file(hit)
        package = self.package_of(path)
        if package in self.gone_packages:
            return f"package:{package}"
        if hit.kind == "file":
            return None
        if path in self.gone_files or path in self.repackaged:
            return f"file:{path}"
        return self._gone_ancestor(hit) or self._consequence(hit)

    def _gone_ancestor(self, hit: Hit) -> str | None:
        """The outermost declaration around it that is gone."""
        parts = hit.owner.split(".")
        own = hit.element == hit.owner
        for size in range(1, len(parts) + (not own)):
            name = ".".join(parts[:size])
            if self.base_place(name) and not self.head_place(name):
                return name
        return None

    def _consequence(self, hit: Hit) -> str | None:
        """A type or oneof that changed only because what it names was renamed."""
        if hit.row.rule == "FIELD_SAME_ONEOF":
            return self._renamed_oneof(hit)
        for old, new in self._types(hit):
            if old != new and self.renamed.get(old) == new:
                package = next((name for name in self.packages if old.startswith(name + ".")), None)
                return old if package is None else f"package:{package}"
        return None

    def _renamed_oneof(self, hit: Hit) -> str | None:
        before = self.sides.base.messages.get(hit.owner)
        after = self.sides.head.messages.get(hit.owner)
        if before is None or after is None or hit.name not in before.fields:
            return None
        name = before.fields[hit.name].oneof
        renamed = renames.renamed_oneof(before, after, name) if name else None
        return f"{hit.owner}.{name}" if renamed else None

    def _types(self, hit: Hit) -> list[tuple[str, str]]:
        base, head = self.sides.base, self.sides.head
        if hit.kind == "field" and "TYPE" in hit.row.rule:
            before, after = base.messages.get(hit.owner), head.messages.get(hit.owner)
            old = before.fields.get(hit.name) if before else None
            for field_ in after.fields.values() if after and old else ():
                if old and field_.number == old.number:
                    return [(old.type, field_.type)]
        if hit.kind == "rpc" and hit.row.rule in ("RPC_SAME_REQUEST_TYPE", "RPC_SAME_RESPONSE_TYPE"):
            service, now = base.services.get(hit.owner), head.services.get(hit.owner)
            if service and now and hit.name in service.methods and hit.name in now.methods:
                was, is_ = service.methods[hit.name], now.methods[hit.name]
                asked = hit.row.rule == "RPC_SAME_REQUEST_TYPE"
                return [(was.input, is_.input) if asked else (was.output, is_.output)]
        return []

    def nearest(self, path: str) -> Location:
        """Where a reader of head finds what is nearest to a base file that is gone."""
        head, package = self.sides.head, self.package_of(path)
        package = self.packages.get(package, package)
        mates = [other for other, file in head.files.items() if file.package == package]
        if path in head.files:
            return head.packages.get(path, Location(path))
        if not mates:
            return Location(path)
        best = min(mates, key=lambda other: (-shared(path, other), len(other), other))
        return head.packages.get(best, Location(best))
