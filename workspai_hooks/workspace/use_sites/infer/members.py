"""What `obj.name` is: members of classes and modules of the repository, and of contract values."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.infer.classes import DEEPEST_BASE, Classes
from workspai_hooks.workspace.use_sites.infer.program import (
    EXPORT,
    TEMPLATES,
    ClassDecl,
    Unit,
    name_of,
)
from workspai_hooks.workspace.use_sites.infer.scope import Scope
from workspai_hooks.workspace.use_sites.naming import Access, Binding
from workspai_hooks.workspace.use_sites.syntax import Pos
from workspai_hooks.workspace.use_sites.values import (
    CONTRACT,
    PLAIN,
    UNKNOWN,
    Choice,
    EntryOf,
    FunctionOf,
    InstanceOf,
    LibraryOf,
    LocalModule,
    Method,
    ModuleOf,
    ParameterOf,
    Plain,
    RecordOf,
    TypeOf,
    Unknown,
    Value,
    join,
)

LONGEST_PATH = 160
"""Characters of a LibraryOf's path; a chain of calls goes on for ever in generated-looking code."""


class Members(Classes):
    """Looking up names: bare ones outside functions, and members."""

    def bare(self, name: str, pos: Pos, scope: Scope) -> Value:
        """A name that no scope of a function knows: of the unit, of an import, of the language."""
        file = scope.file
        unit = self.program.units[file.unit]
        declared = None if file.unit.startswith(TEMPLATES) else unit.names.get(name)
        binding = file.bindings.get(name)
        if binding is not None and binding.symbol is not None and file.dialect.enclosing:
            return self.bound(binding, pos, scope)
        if declared is not None:
            return self.declared_value(declared)
        if binding is not None:
            return self.bound(binding, pos, scope)
        if name not in file.absent:
            for opened in (Binding("*", ModuleOf(file.unit)), *file.opened):
                value = self._opened(opened, name, pos, scope)
                if value is not None:
                    return value
            file.absent.add(name)
        known = file.dialect.library.builtin(name)
        if known is None and file.unit.startswith(TEMPLATES):
            known = self.knowledge.get(("function", "template", name))
        return UNKNOWN if known is None else known

    def bound(self, binding: Binding, pos: Pos, scope: Scope) -> Value:
        """What an import made of a name."""
        if binding.symbol is None:
            return binding.module
        first, *rest = binding.symbol.split(".")
        value = self.of_module(binding.module, first, pos, scope)
        for name in rest if value is not None else ():
            value = self.member(value or UNKNOWN, name, pos, scope)
        return UNKNOWN if value is None else value

    def _opened(self, binding: Binding, name: str, pos: Pos, scope: Scope) -> Value | None:
        module = binding.module
        if isinstance(module, LibraryOf):
            return None
        if binding.symbol is None:
            return self.of_module(module, name, pos, scope, inner=False)
        owner = self.bound(binding, pos, scope)  # what stands in a class
        if isinstance(owner, TypeOf) and isinstance(owner.value, InstanceOf):
            return self.of_class(owner.value, name, pos, scope)
        value = UNKNOWN if owner == UNKNOWN else self.member(owner, name, pos, scope)
        return None if value == UNKNOWN or isinstance(value, LibraryOf) else value

    def of_module(
        self,
        module: ModuleOf | LocalModule | LibraryOf,
        name: str,
        pos: Pos,
        scope: Scope,
        inner: bool = True,
    ) -> Value | None:
        """A top-level name of a module; None where it has none. Generated names come before hand-written
        ones.

        `inner`: modules inside it count; opening a module does not make them visible.
        """
        naming = scope.file.dialect.naming
        if isinstance(module, LibraryOf):
            return self._of_library(module, name, pos, scope)
        if isinstance(module, ModuleOf):
            access = naming.symbol(module, name)
            if access is not None:
                return self.take(access, name, pos, scope)
        unit = self.program.units.get(module.key if isinstance(module, ModuleOf) else module.unit)
        declared = (unit.names.get(EXPORT + name) or unit.names.get(name)) if unit is not None else None
        if declared is not None:
            return self.declared_value(declared)
        for value in self._reexported(unit, name, pos, scope):
            return value
        access = naming.member(module, name) if inner else None
        return None if access is None else self.take(access, name, pos, scope)

    def _reexported(self, unit: Unit | None, name: str, pos: Pos, scope: Scope) -> list[Value]:
        """What a module of the repository imports is a name of its own, where that is so."""
        dialect = scope.file.dialect
        hands_on = dialect.reexports or not dialect.static
        if unit is None or not hands_on or (unit.key, name) in self._importing:
            return []
        self._importing.add((unit.key, name))  # modules may import each other
        values: list[Value | None] = []
        for file in unit.files:
            if name in file.bindings:
                values.append(self.bound(file.bindings[name], pos, scope))
            else:
                values.extend(self._opened(binding, name, pos, scope) for binding in file.opened)
        self._importing.discard((unit.key, name))
        return [value for value in values if value is not None]

    def member(self, owner: Value, name: str, pos: Pos, scope: Scope, certain: bool = True) -> Value:
        """`owner.name`; Unknown, and a mention, where nothing is known of the owner."""
        match owner:
            case LibraryOf():
                return self._of_library(owner, name, pos, scope)
            case ParameterOf() | EntryOf():
                return self.member(self.settle(owner), name, pos, scope, certain)
            case Choice(values):
                return join(self.member(one, name, pos, scope, certain) for one in values)
            case Unknown():
                self.mention(name, pos, scope)
                known = scope.file.dialect.library.member(owner, name)
                return UNKNOWN if known is None else known
            case InstanceOf():
                found = self.of_class(owner, name, pos, scope)
                inherited = isinstance(found, LibraryOf) and scope.file.dialect.enclosing
                if found is None or inherited:
                    found = scope.file.dialect.library.member(owner, name) or found
                return UNKNOWN if found is None else found
            case TypeOf(InstanceOf() as inner):
                return self._static(inner, name, pos, scope)
            case ModuleOf() | LocalModule():
                found = self.of_module(owner, name, pos, scope)
                return UNKNOWN if found is None else found
            case RecordOf():
                return self._of_record(owner, name, pos, scope)
            case FunctionOf() if scope.file.unit.startswith(TEMPLATES):
                return self.member(self.call_function(owner, ()), name, pos, scope, certain)
            case _:
                return self._of_value(owner, name, pos, scope, certain)

    def _of_value(self, owner: Value, name: str, pos: Pos, scope: Scope, certain: bool) -> Value:
        """A member of a contract value, a container or a function."""
        dialect = scope.file.dialect
        access = dialect.naming.member(owner, name)
        if access is not None:
            return self.take(self.likely(access, certain), name, pos, scope)
        extension = self._extension(owner, name)
        if extension is not None:
            return extension
        part = self._parts.get(owner)
        own = None if part is None else self._own_member(part, InstanceOf(part.key), name)
        if own is not None:
            return own
        known = dialect.library.member(owner, name)
        if known is not None:
            return known
        if isinstance(owner, Method) and owner.compute is None and owner.result != PLAIN:
            return self.member(owner.result, name, pos, scope, certain)
        return UNKNOWN if isinstance(owner, CONTRACT) else PLAIN if isinstance(owner, Plain) else UNKNOWN

    def _of_library(self, owner: LibraryOf, name: str, pos: Pos, scope: Scope) -> Value:
        dialect = scope.file.dialect
        known = dialect.library.member(owner, name)
        if known is not None:
            return known
        access = dialect.naming.member(owner, name)
        if access is not None:
            return self.take(access, name, pos, scope)
        path = f"{owner.path}.{name}"
        return LibraryOf(path) if len(path) <= LONGEST_PATH else PLAIN

    def _of_record(self, owner: RecordOf, name: str, pos: Pos, scope: Scope) -> Value:
        """An entry; where literals become messages by where they go, a field."""
        access = self.literal_access(owner, name, scope) if owner.origins else None
        if access is not None:
            value = self.take(access, name, pos, scope)
            return self.entry(owner, name) if value == PLAIN else value
        known = scope.file.dialect.library.member(owner, name)
        if known is not None:
            return known
        if owner.get(name) is None and scope.file.dialect.structural:
            inner = [self.settle(one) for one in owner.merged]
            held = [self.member(one, name, pos, scope) for one in inner if one not in (UNKNOWN, PLAIN)]
            return join(held) if held else UNKNOWN if inner else PLAIN
        return self.entry(owner, name)

    def literal_access(self, record: RecordOf, name: str, scope: Scope) -> Access | None:
        """A member of an object literal that has turned out to be a message."""
        raise NotImplementedError

    def entry(self, record: RecordOf, name: str) -> Value:
        """What a record holds under a key: its own entry, or one of what was merged into it."""
        own = record.get(name)
        if own is not None:
            return self.settle(own)
        inner = [self.settle(one) for one in record.merged]
        found = [self.entry(one, name) for one in inner if isinstance(one, RecordOf)]
        return join(found) if found else UNKNOWN if inner else PLAIN

    def _extension(self, owner: Value, name: str) -> Value | None:
        """A function of the repository that adds a method to a type of another place."""
        for function in self.program.extensions.get(name, []):
            parameters = function.node.parameters
            receiver = function.node.receiver or (parameters[0] if parameters else None)
            if receiver is not None and self.parameter_type(receiver, self.home(function)) == owner:
                found = FunctionOf(function.key, owner)
                return self.call_function(found, ()) if "property" in function.node.decorators else found
        return None

    def _static(self, inner: InstanceOf, name: str, pos: Pos, scope: Scope) -> Value:
        """A member of a class itself: a nested class, an attribute, or a method that is not bound yet."""
        declared = self.program.classes.get(inner.key)
        if declared is not None and name in declared.nested:
            return self.class_value(declared.nested[name])
        if declared is not None and name in declared.methods:
            return FunctionOf(declared.methods[name].key)
        found = self.of_class(inner, name, pos, scope)
        if found is None and declared is not None and declared.file.dialect.enclosing:
            found = declared.file.dialect.library.member(TypeOf(inner), name)
        return UNKNOWN if found is None else found

    def of_class(
        self, owner: InstanceOf, name: str, pos: Pos, scope: Scope, depth: int = DEEPEST_BASE
    ) -> Value | None:
        """A field or method of a class of the repository, its own or one that a base brings."""
        declared = self.program.classes.get(owner.key)
        if declared is None or depth == 0:
            return None
        own = self._own_member(declared, owner, name)
        if own is not None:
            return own
        generated = self.generated_part(declared)
        access = None if generated is None else scope.file.dialect.naming.member(generated, name)
        if access is not None:
            return self.take(access, name, pos, scope)
        for base in declared.bases():
            value = self.base_value(declared, base, owner)
            if name_of(base) == name and scope.file.dialect.static:
                return value
            found = self._of_base(value, name, pos, scope, depth)
            if found is not None:
                return found
        if declared.alias is not None:
            return self.member(self.underlying(declared, owner.args), name, pos, scope)
        if scope.file.dialect.structural:
            learnt = self.knowledge.get(("attribute", declared.key, name))
            if learnt is not None:
                return learnt
        return self._extension(owner, name) or self._inherited_from_library(declared, owner, name)

    def _inherited_from_library(self, declared: ClassDecl, owner: InstanceOf, name: str) -> Value | None:
        """What nothing in the repository declares comes from the library that a class derives from."""
        for base in declared.bases():
            value = self.base_value(declared, base, owner)
            if isinstance(value, LibraryOf):
                return LibraryOf(f"{value.path}.{name}")
        return None

    def _own_member(self, declared: ClassDecl, owner: InstanceOf, name: str) -> Value | None:
        method = declared.methods.get(name)
        if method is not None and not (name in declared.variables and self.reads(declared)):
            if "property" in method.node.decorators:
                return self.call_function(FunctionOf(method.key, owner), ())
            return FunctionOf(method.key, owner)
        if name in declared.variables:
            return self.field_value(declared, name, owner)
        if name in declared.nested:
            return self.class_value(declared.nested[name])
        dialect = declared.file.dialect
        if dialect.static or dialect.structural:  # there, what is inherited is known better
            return None
        return self.knowledge.get(("attribute", declared.key, name))

    def reads(self, declared: ClassDecl) -> bool:
        """Whether a name that a field and a method share means the field: where it is not called."""
        raise NotImplementedError

    def _of_base(self, value: Value, name: str, pos: Pos, scope: Scope, depth: int) -> Value | None:
        match value:
            case InstanceOf():
                return self.of_class(value, name, pos, scope, depth - 1)
            case Unknown():
                return None
            case LibraryOf(args=()) if scope.file.dialect.enclosing:
                return None  # members of any value (Kotlin's `use`) are those of the class, not of its base
            case LibraryOf():
                return scope.file.dialect.library.member(value, name)
            case _:
                access = scope.file.dialect.naming.member(value, name)
                return None if access is None else self.take(access, name, pos, scope)

    def call_function(self, function: FunctionOf, args: tuple[Value, ...]) -> Value:
        """The result of a function of the repository."""
        raise NotImplementedError

    def access_or_none(self, access: Access | None, name: str, pos: Pos, scope: Scope) -> Value:
        """The value of an access, reported; Unknown for none."""
        return UNKNOWN if access is None else self.take(access, name, pos, scope)
