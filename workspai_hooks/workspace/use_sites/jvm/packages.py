"""The packages of a repository's JVM sources: generated and hand-written ones, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from posixpath import basename, dirname

from workspai_hooks.contracts.protobuf.schema import File, Kind, Schema
from workspai_hooks.workspace.use_sites.jvm import clients
from workspai_hooks.workspace.use_sites.jvm.names import (
    capitalized,
    factory,
    java_package,
    kotlin_property,
    outer_classes,
)
from workspai_hooks.workspace.use_sites.naming import Access
from workspai_hooks.workspace.use_sites.syntax import Class, Source
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    BuilderOf,
    ClientOf,
    EnumOf,
    LocalModule,
    MessageOf,
    Method,
    ModuleOf,
    ServerOf,
    TypeOf,
    Value,
    join,
)

BUILDS = frozenset({"pom.xml", "build.gradle", "build.gradle.kts", "build.sbt", "BUILD.bazel", "BUILD"})
SOURCE_SETS = ("/src/main/", "/src/test/", "/src/")

Table = dict[str, Access]


class Generated:
    """Generated classes: by package, and by the class around them where there is one."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.packages: dict[str, Table] = {}
        self.outers: dict[str, Table] = {}
        self._top: dict[str, list[str]] = {}
        """Proto package -> its top-level messages, enums and services."""
        for full in (*schema.messages, *schema.enums, *schema.services):
            package = schema.package_of(full)
            if full.rpartition(".")[0] == package:
                self._top.setdefault(package, []).append(full)
        for path in sorted(schema.files):
            self._file(schema.files[path])
        self.proto_packages = {file.package for file in schema.files.values() if file.package}

    def _file(self, file: File) -> None:
        package = java_package(file)
        types = self.of_package(file.package)
        here = self.packages.setdefault(package, {})
        flat = file.options.get("java_multiple_files") == "true"
        for name, access in types.items():
            alone = flat or isinstance(access.value, ModuleOf | Method)
            sure = alone or name not in self._messages_of(file.package)
            known = here.get(name)
            if known is None or known.confidence != "proven":
                here[name] = access if sure else Access(access.value, access.touches, access.kind, "likely")
        for outer in outer_classes(file, [name.rsplit(".", 1)[-1] for name in self._names_in(file)]):
            if outer in here:
                continue
            key = f"outer:{package}.{outer}"
            here[outer] = Access(ModuleOf(key))
            self.outers[key] = types

    def _names_in(self, file: File) -> Iterator[str]:
        """Messages, enums and services of a file, nested ones too: the outer class is called like none."""
        for each in (self._schema.messages, self._schema.enums, self._schema.services):
            yield from (name for name, declared in each.items() if declared.file == file.path)

    def _messages_of(self, package: str) -> set[str]:
        names = self._top.get(package, ())
        return {name.rsplit(".", 1)[-1] for name in names if name not in self._schema.services}

    def of_package(self, package: str) -> Table:
        """The classes of a proto package's types, wherever they are put."""
        found: Table = {}
        for full in self._top.get(package, ()):
            if full in self._schema.services:
                found.update(self._of_service(full))
            else:
                found.update(self.of_type(full))
        found.update(self._or_null(package))
        return found

    def _or_null(self, package: str) -> Table:
        """Kotlin's `val CartOrBuilder.noteOrNull`; an import of it fails when no message has it any more."""
        found: dict[str, set[str]] = {}
        for message in self._schema.messages.values():
            if self._schema.package_of(message.name) != package:
                continue
            words = capitalized(message.fields.values())
            for field in message.fields.values():
                if field.kind == Kind.MESSAGE and not field.repeated and field.map_key is None:
                    name = f"{kotlin_property(field.name, words[field.name])}OrNull"
                    found.setdefault(name, set()).add(f"{message.name}.{field.name}")
        return {name: Access(PLAIN, tuple(of)) for name, of in found.items() if len(of) == 1}

    def of_type(self, full: str) -> Table:
        """The classes and functions that one message or enum gives, by their names."""
        short = full.rsplit(".", 1)[-1]
        if full in self._schema.enums:
            return {short: Access(TypeOf(EnumOf(full)), (full,), "type")}
        message = MessageOf(full)
        built = Method(message, (Method(receiver=BuilderOf(full)),))
        return {
            short: Access(TypeOf(message), (full,), "type"),
            f"{short}OrBuilder": Access(TypeOf(message), (full,), "type"),
            f"{short}Kt": Access(ModuleOf(f"kt:{full}"), (full,), "type"),
            factory(short): Access(built, (full,), "type"),
        }

    def nested(self, full: str) -> Table:
        """What stands in a message's class."""
        found: Table = {}
        for each in (*self._schema.messages, *self._schema.enums):
            if each.rpartition(".")[0] == full:
                found.update(self.of_type(each))
        return found

    def _of_service(self, full: str) -> Table:
        short = full.rsplit(".", 1)[-1]
        found: Table = {}
        for holder, prefix in clients.holders(short).items():
            value: Value = ModuleOf(
                f"service:{full}|{holder.removesuffix('Kt').removesuffix(f'{short}Grpc')}"
            )
            if prefix == "client":
                value = TypeOf(ClientOf(full, "reactive"))
            found[holder] = Access(value, (full,), "type")
        either = join((ClientOf(full, "reactive"), ServerOf(full)))  # Quarkus injects and implements it
        found.setdefault(short, Access(TypeOf(either), (full,), "type"))
        return found


class Packages:
    """Both kinds, by project: two of them may use one package's name twice."""

    def __init__(self, generated: Generated, paths: Iterable[str], sources: Mapping[str, Source]) -> None:
        self._generated = generated
        self._builds = frozenset(dirname(path) for path in paths if basename(path) in BUILDS)
        self._projects: dict[str, set[str]] = {}
        self._declared: dict[str, set[str]] = {}
        for path, source in sources.items():
            self._projects.setdefault(source.package, set()).add(self.project(path))
            names = {each.name for each in source.body if isinstance(each, Class)}
            self._declared.setdefault(source.package, set()).update(names)
        self.known = {prefix for name in (*generated.packages, *self._projects) for prefix in _prefixes(name)}
        self.roots = sorted({name.partition(".")[0] for name in self.known if name})

    def project(self, path: str) -> str:
        """The folder of the build that a file belongs to."""
        return _project(dirname(path), self._builds)

    def unit(self, package: str, path: str) -> str:
        """Files of one package of one project see each other's classes."""
        projects = self._projects.get(package, set())
        return package if len(projects) < 2 else f"{package}|{self.project(path)}"

    def modules(self, package: str, path: str) -> list[ModuleOf | LocalModule]:
        """What a package is for a file: of several projects with it its own first, then the nearest."""
        projects = self._projects.get(package, set())
        own = self.project(path)
        units = [package]
        if len(projects) > 1:
            near = sorted(projects, key=lambda each: (each != own, -_shared(each, own), each))
            units = [f"{package}|{each}" for each in near]
        made = ModuleOf if package in self._generated.packages else LocalModule
        return [made(unit) for unit in units]

    def declares(self, package: str, name: str) -> bool:
        """Whether hand-written code declares a class of this name there."""
        return name in self._declared.get(package, ())

    def split(self, dotted: str) -> tuple[str, str]:
        """A full name as its package and the classes (or functions) in it; no package where none is known."""
        parts = dotted.split(".")
        for end in range(len(parts), 0, -1):
            package = ".".join(parts[:end])
            if package in self._generated.packages or package in self._projects:
                return package, ".".join(parts[end:])
        return "", dotted

    def managed(self, dotted: str) -> tuple[str, str]:
        """The same for packages whose prefix a build adds to the contract's: `com.` + `shop.v1`."""
        parts = dotted.split(".")
        for end in range(len(parts), 1, -1):
            for start in range(1, end):
                package = ".".join(parts[start:end])
                if package in self._generated.proto_packages and "." in package:
                    return package, ".".join(parts[end:])
        return "", dotted


@lru_cache(maxsize=65536)
def _project(folder: str, builds: frozenset[str]) -> str:
    above = folder
    while above and above not in builds:
        above = dirname(above)
    if above in builds:
        return above
    for mark in SOURCE_SETS:
        head, found, _ = f"/{folder}/".partition(mark)
        if found:
            return head.strip("/")
    return ""


def _prefixes(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[: n + 1]) for n in range(len(parts))] if name else []


def _shared(left: str, right: str) -> int:
    """How many folders two paths begin with together."""
    count = 0
    for one, other in zip(left.split("/"), right.split("/"), strict=False):
        if one != other:
            break
        count += 1
    return count
