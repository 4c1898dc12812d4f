"""Finds what a Go import path stands for: generated code of which contract files, a folder, or a library."""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import basename, dirname, join, normpath

import msgspec

from workspai_hooks.contracts.protobuf.schema import File, Schema
from workspai_hooks.workspace.use_sites.naming import Layout

BUF_SDK = "buf.build/gen/go/"
GENERATORS = ("protoc-gen-connect-go", "protoc-gen-go-grpc", "protoc-gen-go")


class GeneratedPackage(msgspec.Struct, frozen=True):
    """A generated Go package: its contract files (paths in the schema), who made it, and how sure that is."""

    files: frozenset[str]
    generators: frozenset[str]
    confidence: str = "proven"


class GoModules:
    """Resolution of import paths against go.mod files, committed stubs and `go_package` options."""

    def __init__(self, schema: Schema, layout: Layout) -> None:
        self._schema = schema
        self._modules = sorted(layout.go_modules.items(), key=lambda item: -len(item[1]))
        self._go_folders = {dirname(path) for path in layout.paths if path.endswith(".go")}
        self._named: dict[str, list[str]] = {}
        self._declared: dict[str, set[str]] = {}
        for path, file in schema.files.items():
            self._named.setdefault(basename(path), []).append(path)
            written = go_package(file)
            if written:
                self._declared.setdefault(written, set()).add(path)
        self._stubs = self._committed(layout)
        self._known: dict[str, tuple[str, GeneratedPackage | None]] = {}

    def _committed(self, layout: Layout) -> dict[str, GeneratedPackage]:
        """Folders with generated files -> what they were made of."""
        found: dict[str, tuple[set[str], set[str]]] = {}
        for path, stub in layout.stubs.items():
            if not path.endswith(".go"):
                continue
            sources = self._contract_files(stub.source, stub.package)
            if sources:
                files, generators = found.setdefault(dirname(path), (set(), set()))
                files.update(sources)
                generators.add(stub.generator)
        return {
            folder: GeneratedPackage(frozenset(files), frozenset(generators))
            for folder, (files, generators) in found.items()
        }

    def _contract_files(self, source: str, package: str) -> set[str]:
        """Contract files that a stub can come from: of its package and file name, the nearest path first."""
        same = {
            path
            for path in self._named.get(basename(source), ())
            if not package or self._schema.files[path].package == package
        }
        exact = {path for path in same if path.endswith(f"/{source}") or path == source}
        if exact or same:
            return exact if exact and not package else same
        if package and not source:
            return {path for path, file in self._schema.files.items() if file.package == package}
        return set()

    def at(self, folder: str) -> GeneratedPackage | None:
        """The generated package whose files stand in a folder."""
        return self._stubs.get(folder)

    def resolve(self, imported: str) -> tuple[str, GeneratedPackage | None]:
        """An import path -> (folder in the repository, or "" for none; what was generated there, if so).

        Where nothing was committed there, the key is the import path after `go:`.
        """
        known = self._known.get(imported)
        if known is None:
            known = self._known[imported] = self._resolve(imported)
        return known

    def _resolve(self, imported: str) -> tuple[str, GeneratedPackage | None]:
        folder = self._folder(imported)
        if folder is not None and folder in self._stubs:
            return folder, self._stubs[folder]
        if folder is not None and folder in self._go_folders:
            return folder, None
        package = self._by_option(imported) or self._by_likeness(imported, folder is not None)
        if package is not None:
            return f"go:{imported}", package
        return (folder, None) if folder is not None else ("", None)

    def _folder(self, imported: str) -> str | None:
        """The folder of a package of this repository's modules."""
        for root, module in self._modules:
            if imported == module:
                return root
            if imported.startswith(f"{module}/"):
                return normpath(join(root, imported[len(module) + 1 :]))
        return None if self._modules else self._folder_by_tail(imported)

    def _folder_by_tail(self, imported: str) -> str | None:
        """Without any go.mod (GOPATH, Bazel) the folder that the path ends in, where it begins with a
        domain.
        """
        words = imported.split("/")
        if "." not in words[0]:
            return None
        tails = ("/".join(words[at:]) for at in range(1, len(words)))
        return next((tail for tail in tails if tail in self._go_folders), None)

    def _by_option(self, imported: str) -> GeneratedPackage | None:
        files = self._declared.get(imported)
        if files:
            return GeneratedPackage(frozenset(files), frozenset({"protoc-gen-go"}))
        outer = imported.rpartition("/")[0]
        if imported.endswith("connect") and outer in self._declared:
            return GeneratedPackage(frozenset(self._declared[outer]), frozenset({"protoc-gen-connect-go"}))
        return None

    def _by_likeness(self, imported: str, is_local: bool) -> GeneratedPackage | None:
        """The best match where no option names the path: managed mode, the Buf registry's SDKs, copies.

        Our own modules' folders that are not committed, and the registry's SDKs, end in the contract's folder
        by rule; anything else is a guess.
        """
        generator = "protoc-gen-go"
        path = imported
        if path.endswith("connect") and "/" in path:
            path, generator = path.rpartition("/")[0], "protoc-gen-connect-go"
        elif path.startswith(BUF_SDK) and path.endswith("grpc"):
            path = path.rpartition("/")[0]
        is_ours = is_local or path.startswith(BUF_SDK)
        files = self._by_folder(path, is_ours)
        confidence = "proven" if files and is_ours else "likely"
        files = files or self._by_tail(path)
        if not files and is_local and len(self._declared) <= 1:
            files = set(self._schema.files)
        return GeneratedPackage(frozenset(files), frozenset({generator}), confidence) if files else None

    def _by_folder(self, path: str, is_ours: bool) -> set[str]:
        """Contracts whose folder, as protos import it, ends the path; a single word is enough in our
        modules.
        """
        found: dict[int, set[str]] = {}
        for name, file in self._schema.files.items():
            folder = dirname(file.import_path)
            if folder and path.endswith(f"/{folder}") and (is_ours or "/" in folder):
                found.setdefault(folder.count("/"), set()).add(name)
        return found[max(found)] if found else set()

    def _by_tail(self, path: str) -> set[str]:
        """Contracts whose `go_package` ends like the path, two words at least."""
        tail = "/".join(path.split("/")[-2:])
        found: set[str] = set()
        for written, files in self._declared.items():
            if "/" in tail and (written.endswith(f"/{tail}") or written == tail):
                found |= files
        return found


def go_package(file: File) -> str:
    """The import path in a file's `go_package`, without `;name`; empty for none and for relative ones."""
    written = file.options.get("go_package", "").partition(";")[0]
    return "" if written.startswith(".") or "/" not in written else written


def names_in(schema: Schema, files: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """Messages, enums and services that were declared in these files, or in copies of them."""
    wanted = {(schema.files[path].package, basename(path)) for path in files}

    def inside(file: str) -> bool:
        known = schema.files.get(file)
        return known is not None and (known.package, basename(file)) in wanted

    return (
        [name for name, message in schema.messages.items() if inside(message.file)],
        [name for name, enum in schema.enums.items() if inside(enum.file)],
        [name for name, service in schema.services.items() if inside(service.file)],
    )
