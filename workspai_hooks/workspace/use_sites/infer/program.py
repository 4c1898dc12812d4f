"""Declarations of all files by the unit that they belong to: what a bare or qualified name can mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from posixpath import basename
from typing import Any

import msgspec

from workspai_hooks.workspace.use_sites.naming import Binding, Library, Naming
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Class,
    Expr,
    Function,
    Generic,
    Member,
    Name,
    Pos,
    Source,
    Stmt,
    Struct,
    Variable,
)
from workspai_hooks.workspace.use_sites.values import ModuleOf


class Dialect(msgspec.Struct, frozen=True):
    """How one language's files are read.

    `static`: a variable keeps the type of its declaration. `explicit_self`: a method's first parameter is
    written and is its receiver. `implicit_self`: members of the class are visible bare. `pairs`: a loop over
    a map gives key and value together. `structural`: an object literal is of the type of where it goes, and
    a function literal takes what it is called with (JavaScript). `this`: methods call their instance `this`
    and what they inherit `super`. `blocks`: a block is a scope of its own though variables change their type.
    `symbols`: strings and symbols name fields, cases and enum values of messages. `calls_bare`: the name of a
    method without arguments calls it. `reexports`: what a module imports is a name of its own. `enclosing`:
    members of all classes (and receivers of function literals) around are visible bare, methods may share a
    field's name, and an import hides what its package declares (Java, Kotlin).
    `marked`: a method handles an rpc so that it needs it only where it is marked as an override.
    """

    naming: Naming
    library: Library
    static: bool = True
    explicit_self: bool = False
    implicit_self: bool = False
    pairs: bool = False
    structural: bool = False
    this: bool = False
    blocks: bool = False
    symbols: bool = False
    calls_bare: bool = False
    reexports: bool = False
    enclosing: bool = False
    marked: bool = False


class File(msgspec.Struct, eq=False):
    """A source and what its imports bring."""

    path: str
    source: Source
    dialect: Dialect
    unit: str
    bindings: Mapping[str, Binding]
    opened: tuple[Binding, ...]
    imported: tuple[tuple[Binding, Pos], ...]
    in_test: bool
    absent: set[str] = msgspec.field(default_factory=set)
    """Names that no opened module has; looking through all of them is dear."""

    @property
    def guesses(self) -> bool:
        """Whether all generated code that it sees was matched by likeness only."""
        seen = [b for b in (*self.bindings.values(), *self.opened) if isinstance(b.module, ModuleOf)]
        return bool(seen) and all(binding.confidence != "proven" for binding in seen)

    @property
    def imports_stubs(self) -> bool:
        """Whether it sees generated code."""
        return any(isinstance(b.module, ModuleOf) for b in (*self.bindings.values(), *self.opened))


class ClassDecl(msgspec.Struct, eq=False):
    """A class, with its methods by name wherever they were declared. Parts of one class are merged."""

    key: str
    name: str
    file: File
    nodes: list[Class | Struct]
    owner: str = ""
    methods: dict[str, FunctionDecl] = msgspec.field(default_factory=dict)
    nested: dict[str, ClassDecl] = msgspec.field(default_factory=dict)
    variables: dict[str, tuple[Variable, File]] = msgspec.field(default_factory=dict)
    scope: object = None
    """The scope of the function that it was declared in."""

    @property
    def alias(self) -> Expr | None:
        """What it is another name for."""
        first = self.nodes[0]
        return first.alias if isinstance(first, Class) else None

    @property
    def type_parameters(self) -> tuple[str, ...]:
        first = self.nodes[0]
        return first.type_parameters if isinstance(first, Class) else ()

    def bases(self) -> Iterable[Expr]:
        """What it derives from or embeds."""
        return (base for node in self.nodes for base in node.bases)


class FunctionDecl(msgspec.Struct, eq=False):
    """A function or method; `owner` is the class that it belongs to, `scope` what it closes over."""

    key: str
    node: Function
    file: File
    owner: ClassDecl | None = None
    scope: object = None
    overloads: list[FunctionDecl] = msgspec.field(default_factory=list)
    """Others of the same name, where the first of them is what the name stands for."""


class VariableDecl(msgspec.Struct, eq=False):
    """A top-level variable: one of the targets of a Bind."""

    key: str
    node: Bind
    index: int
    file: File


Declaration = ClassDecl | FunctionDecl | VariableDecl


class Unit(msgspec.Struct, eq=False):
    """A group of files that share top-level names."""

    key: str
    files: list[File] = msgspec.field(default_factory=list)
    names: dict[str, Declaration] = msgspec.field(default_factory=dict)


class Program:
    """All units, and every class and function by key."""

    def __init__(self, files: Iterable[File]) -> None:
        self.units: dict[str, Unit] = {}
        self.classes: dict[str, ClassDecl] = {}
        self.functions: dict[str, FunctionDecl] = {}
        self.templates: dict[str, list[FunctionDecl]] = {}
        self.stems: dict[str, list[FunctionDecl]] = {}
        """Templates by their file's name without one or more of its endings."""
        self.extensions: dict[str, list[FunctionDecl]] = {}
        """By name: methods on types that are declared elsewhere (generated ones; C#'s extension methods)."""
        for file in files:
            unit = self.units.setdefault(file.unit, Unit(file.unit))
            unit.files.append(file)
            for statement in file.source.body:
                self._declare(unit, file, statement)
        for unit in self.units.values():
            self._attach_methods(unit)

    def _declare(self, unit: Unit, file: File, statement: Stmt) -> None:
        match statement:
            case Class():
                declared = unit.names.get(statement.name)
                if isinstance(declared, ClassDecl):
                    self._extend(declared, file, statement)
                else:
                    unit.names[statement.name] = self.declare_class(file, statement)
            case Function():
                function = self.declare_function(file, statement)
                if statement.receiver is None:
                    _add(unit.names, function)
            case Bind():
                for index, target in enumerate(statement.targets):
                    if isinstance(target, Name):
                        key = key_of(file, target.pos)
                        unit.names.setdefault(target.id, VariableDecl(key, statement, index, file))
            case Block():
                for inner in statement.body:
                    self._declare(unit, file, inner)
            case _:
                pass

    def declare_class(self, file: File, node: Class | Struct, owner: str = "") -> ClassDecl:
        """A class that stands in a file; the same one when asked again."""
        name = node.name if isinstance(node, Class) else ""
        key = key_of(file, node.pos)
        known = self.classes.get(key)
        if known is None:
            known = ClassDecl(key, name, file, [], owner)
            self.classes[key] = known
            self._extend(known, file, node)
        return known

    def _extend(self, declared: ClassDecl, file: File, node: Class | Struct) -> None:
        declared.nodes.append(node)
        for variable in node.fields:
            declared.variables.setdefault(variable.name, (variable, file))
        for inner in node.body if isinstance(node, Class) else ():
            match inner:
                case Function():
                    function = self.declare_function(file, inner, declared)
                    _add(declared.methods, function)
                    if inner.extends:
                        self.extensions.setdefault(inner.name, []).append(function)
                case Class():
                    nested = self.declare_class(file, inner, declared.key)
                    declared.nested.setdefault(inner.name, nested)
                case _:
                    pass

    def declare_function(
        self, file: File, node: Function, owner: ClassDecl | None = None, scope: object = None
    ) -> FunctionDecl:
        """A function that stands in a file; the same one when asked again."""
        key = key_of(file, node.pos)
        known = self.functions.get(key)
        if known is None:
            known = FunctionDecl(key, node, file, owner, scope)
            self.functions[key] = known
            if file.unit.startswith(TEMPLATES):
                self.templates.setdefault(node.name or basename(file.path), []).append(known)
                for stem in _stems("" if node.name else basename(file.path)):
                    self.stems.setdefault(stem, []).append(known)
        known.scope = scope
        return known

    def _attach_methods(self, unit: Unit) -> None:
        """Go's methods stand beside their types."""
        for file in unit.files:
            for statement in file.source.body:
                if not isinstance(statement, Function) or statement.receiver is None:
                    continue
                function = self.functions[key_of(file, statement.pos)]
                owner = unit.names.get(name_of(statement.receiver.type))
                if isinstance(owner, ClassDecl):
                    function.owner = owner
                    owner.methods.setdefault(statement.name, function)
                else:
                    self.extensions.setdefault(statement.name, []).append(function)


def _add(names: MutableMapping[str, Any], function: FunctionDecl) -> None:
    """A function by its name; one of a name that is taken is an overload."""
    first = names.setdefault(function.node.name, function)
    if isinstance(first, FunctionDecl) and first is not function:
        first.overloads.append(function)


TEMPLATES = "template:"
"""Units of templates begin like this; their functions are found by name from everywhere near."""


EXPORT = "export "
"""Before a name: what a module hands out under it, where this differs from what the name is inside."""


def _stems(name: str) -> Iterable[str]:
    """`show.html.erb` is known as `show.html` and `show`, too."""
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def key_of(file: File, pos: Pos) -> str:
    """What a declaration is known by: where it stands."""
    return f"{file.path}:{pos[0]}:{pos[1]}"


def name_of(kind: Expr | None) -> str:
    """The last name of a type: what an embedded field is called."""
    match kind:
        case Name(word, _):
            return word
        case Member(_, word, _):
            return word
        case Generic(base, _, _):
            return name_of(base)
        case _:
            return ""
