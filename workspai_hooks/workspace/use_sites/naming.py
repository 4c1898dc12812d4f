"""What a language must say so that types can be followed in it: what generators make of a contract's names,
and what its builtins and libraries do with values. `infer` knows no language; it asks these two protocols.

How `infer` uses a `Naming`:

1. Each file belongs to a *unit* (`unit`): files of one unit see each other's top-level names without import
   (Go: a folder's package; C#: a namespace; Python: each file alone).
2. `imports` turns an Import into bindings: a local name -> a module (generated, of the repository, a
   library's), or a symbol in it. `name == "*"` opens the module: its symbols are visible bare (C# `using`, Go
   dot imports).
3. A bare name that no scope, unit or opened module knows is asked of `builtin`.
4. `obj.name` on a module of generated code asks `symbol`; on any other value `infer` looks into classes and
   modules of the repository first and then asks `member`. It is also asked for LocalModule and LibraryOf that
   have no such name: Python's submodules.
5. `T(name=…)`, `T{name: …}`, `new T {name = …}` on a message, wrapper or builder ask `argument`.
6. A class of the repository with a ServerOf among its bases: each of its methods asks `handler`.

Templates are files of their own language (`go-template`, `jinja`), analysed together with the language that
renders them. A template is lowered to a Function, named like its file (without folders) or its `define`, with
one parameter: its data (Go's dot, Jinja's context record, of which free names are lowered to members). A call
of a Method with `template` hands it the data; inclusion of one template by another is such a call, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from workspai_hooks.workspace.use_sites.syntax import Import, Source
from workspai_hooks.workspace.use_sites.values import (
    LibraryOf,
    LocalModule,
    Method,
    ModuleOf,
    ServerOf,
    Value,
)


class Access(msgspec.Struct, frozen=True):
    """What a name gives: the value, and the contract elements whose removal breaks this very name.

    Elements are written as on the command line: `pkg.Msg.field`, `pkg.Msg.oneof`, `pkg.Enum.VALUE`,
    `pkg.Msg`, `pkg.Enum`, `pkg.Service`, `pkg.Service/Rpc`, `file:<path>`. `kind` is field, oneof, call (of
    an rpc), handler, registration, enum, type, import. `confidence` is `likely` where the name was matched,
    not resolved.
    """

    value: Value
    touches: tuple[str, ...] = ()
    kind: str = "field"
    confidence: str = "proven"


class Binding(msgspec.Struct, frozen=True):
    """A local name for a module, or for `symbol` in it. Name `*`: the module's symbols are visible bare."""

    name: str
    module: ModuleOf | LocalModule | LibraryOf
    symbol: str | None = None
    touches: tuple[str, ...] = ()
    """Elements that the import itself uses: `file:<path>` where the language imports generated files."""
    confidence: str = "proven"


class StubFile(msgspec.Struct, frozen=True):
    """What a generated file says of itself. Empty where it says nothing.

    `generator` by its own name (`protoc-gen-go`, `protoc-gen-go-grpc`, `protoc-gen-connect-go`, `protoc`, …),
    `source` the .proto as it was handed to the generator, `package` the proto package in its descriptor,
    `namespace` the language's own package or namespace clause.
    """

    generator: str
    source: str = ""
    package: str = ""
    namespace: str = ""


class Layout(msgspec.Struct, frozen=True):
    """What resolving imports needs to know of the repository beside the sources themselves.

    `paths`: every path of the snapshot. `go_modules`: folder of a go.mod ("" for the top) -> its module path.
    `stubs`: generated files -> what they say. `crates`: folder of a Cargo.toml -> the crate as paths name it.
    """

    paths: frozenset[str] = frozenset()
    go_modules: Mapping[str, str] = msgspec.field(default_factory=dict)
    stubs: Mapping[str, StubFile] = msgspec.field(default_factory=dict)
    crates: Mapping[str, str] = msgspec.field(default_factory=dict)
    manifests: Mapping[str, bytes] = msgspec.field(default_factory=dict)
    """package.json and tsconfig.json files as they are."""


class Naming(Protocol):
    """What generators of one language make of a schema's names. Built from (Schema, Layout)."""

    def unit(self, path: str, source: Source) -> str:
        """The key of the group of files that share top-level names."""

    def imports(self, path: str, imported: Import) -> tuple[Binding, ...]:
        """What an import brings into the file at `path`. Unknown modules are LibraryOf(path as written)."""

    def implicit(self, path: str, source: Source) -> tuple[Binding, ...]:
        """What is visible without an import: C#'s own namespace and its parents, Go's nothing."""

    def symbol(self, module: ModuleOf, name: str) -> Access | None:
        """A top-level name of a generated module: types as TypeOf(…), constructors as Method(…), enum
        values.
        """

    def member(self, value: Value, name: str) -> Access | None:
        """`value.name` for contract values, TypeOf(contract value), Method, LocalModule and LibraryOf."""

    def argument(self, value: Value, name: str) -> Access | None:
        """`name` as a key in a literal or a constructor call of `value`: the field it sets and what it
        takes.
        """

    def by_text(self, message: str, text: str) -> Access | None:
        """A string that names a field or a oneof of `message` at run time."""

    def handler(self, server: ServerOf, name: str) -> Access | None:
        """A method `name` in an implementation of `server`: value Method(result, parameters); touches the rpc
        where removing it breaks this method (fine print 5: not in Go)."""

    def accessors(self) -> Mapping[str, tuple[str, ...]]:
        """Every name that generated code gives to members of contract values -> the elements behind it."""


class Library(Protocol):
    """What a language's builtins and libraries do with values: small tables, no contract in them."""

    def builtin(self, name: str) -> Value | None:
        """A bare name: `append`, `len`, `string`, `str`, `sorted`. Types as TypeOf(…), functions as
        Method(…).
        """

    def function(self, path: str) -> Method | None:
        """A call of LibraryOf(path): `slices.Clone`, `encoding/json.NewEncoder().Encode`, `copy.deepcopy`."""

    def member(self, value: Value, name: str) -> Value | None:
        """A member of a container, a library's generic instance or any value: `list.append`, LINQ's `Select`,
        `atomic.Pointer.Load`. Methods as Method(…), properties as their value."""

    def type(self, path: str, args: tuple[Value, ...]) -> Value | None:
        """What an instance of a generic type is: `list`, `map`, `Task<T>`, `Optional[T]`, `iter.Seq[T]`.
        `path` is a bare name or a LibraryOf's path. None: LibraryOf(path, args)."""
