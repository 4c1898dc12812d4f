"""Elements of protobuf contracts by name: what belongs to one, and which rpcs carry it.

`pkg.Msg.field`, `pkg.Msg.oneof`, `pkg.Enum.VALUE`, `pkg.Msg`, `pkg.Enum`, `pkg.Service`,
`pkg.Service/Rpc`, `file:<path>`, `package:<name>` (shared/DESIGN.md, fine print 1).
"""

from __future__ import annotations

from collections.abc import Iterable

from workspai_hooks.contracts.protobuf.schema import Kind, Schema

FILE = "file:"
PACKAGE = "package:"


def parts(schema: Schema, element: str) -> frozenset[str]:
    """The element and everything declared inside it; empty where the schema does not have it."""
    if element.startswith(FILE):
        return _of_files(schema, element, {element.removeprefix(FILE)})
    if element.startswith(PACKAGE):
        package = element.removeprefix(PACKAGE)
        files = {file.path for file in schema.files.values() if file.package == package}
        return _of_files(schema, element, files)
    if "/" in element:
        service, _, rpc = element.partition("/")
        known = service in schema.services and rpc in schema.services[service].methods
        return frozenset({element}) if known else frozenset()
    return _declared(schema, element) | _member(schema, element)


def _of_files(schema: Schema, element: str, files: set[str]) -> frozenset[str]:
    declared = [
        name
        for kind in (schema.messages, schema.enums, schema.services)
        for name, value in kind.items()
        if value.file in files
    ]
    inside = frozenset(part for name in declared for part in _declared(schema, name))
    known = bool(files & schema.files.keys())
    return inside | {element, *(f"{FILE}{path}" for path in files)} if known else frozenset()


def _declared(schema: Schema, name: str) -> frozenset[str]:
    """A message, enum or service with all that is inside."""
    if name in schema.services:
        return frozenset({name, *(f"{name}/{rpc}" for rpc in schema.services[name].methods)})
    if name in schema.enums:
        return frozenset({name, *(f"{name}.{value}" for value in schema.enums[name].values)})
    if name not in schema.messages:
        return frozenset()
    message = schema.messages[name]
    own = {name, *(f"{name}.{field}" for field in message.fields), *(f"{name}.{o}" for o in message.oneofs)}
    nested = [other for kind in (schema.messages, schema.enums) for other in kind if _is_child(other, name)]
    return frozenset(own).union(*(_declared(schema, other) for other in nested))


def _is_child(name: str, parent: str) -> bool:
    return name.startswith(parent + ".") and "." not in name[len(parent) + 1 :]


def _member(schema: Schema, element: str) -> frozenset[str]:
    """A field, a oneof or an enum value."""
    owner, _, name = element.rpartition(".")
    message, enum = schema.messages.get(owner), schema.enums.get(owner)
    if message is not None and (name in message.fields or name in message.oneofs):
        return frozenset({element})
    return frozenset({element}) if enum is not None and name in enum.values else frozenset()


def parent(element: str) -> str:
    """What an element is declared in by its name: `pkg.Msg` of `pkg.Msg.field`, `pkg.Service` of
    `pkg.Service/Rpc`, `pkg` of `pkg.Msg`; of files and packages themselves."""
    if ":" in element:
        return element
    owner, slash, _ = element.partition("/")
    return owner if slash else element.rpartition(".")[0]


def by_parent(elements: Iterable[str]) -> dict[str, frozenset[str]]:
    """The elements by what they are declared in."""
    found: dict[str, set[str]] = {}
    for element in elements:
        found.setdefault(parent(element), set()).add(element)
    return {name: frozenset(found[name]) for name in sorted(found)}


def carriers(schema: Schema, elements: Iterable[str]) -> frozenset[str]:
    """The rpcs (`pkg.Service/Rpc`) that are one of the elements, or whose messages can hold one."""
    wanted = set(elements)
    rpcs = {element for element in wanted if "/" in element}
    holding = holders_of_types(schema, types_of(schema, wanted))
    for service in schema.services.values():
        for method in service.methods.values():
            if method.input in holding or method.output in holding:
                rpcs.add(f"{service.name}/{method.name}")
    return frozenset(rpcs)


def types_of(schema: Schema, elements: Iterable[str]) -> frozenset[str]:
    """The messages and enums that the elements are, or are members of."""
    names = {name for element in elements for name in (element, element.rpartition(".")[0])}
    return frozenset(names & (schema.messages.keys() | schema.enums.keys()))


def declaring_files(schema: Schema, elements: Iterable[str]) -> frozenset[str]:
    """The contract files that declare the elements, by path."""
    files = set()
    for element in elements:
        owner = element.partition("/")[0]
        for name in (owner, owner.rpartition(".")[0]):
            declared = schema.messages.get(name) or schema.enums.get(name) or schema.services.get(name)
            if declared is not None:
                files.add(declared.file)
                break
    return frozenset(files)


def package_of(schema: Schema, element: str) -> str:
    """The package that an element belongs to; empty where the schema does not know it."""
    if element.startswith(PACKAGE):
        return element.removeprefix(PACKAGE)
    if element.startswith(FILE):
        file = schema.files.get(element.removeprefix(FILE))
        return file.package if file else ""
    owner = element.partition("/")[0]
    while owner and not schema.package_of(owner):
        owner = owner.rpartition(".")[0]
    return schema.package_of(owner)


def holders_of_types(schema: Schema, types: Iterable[str]) -> frozenset[str]:
    """The messages and enums themselves, and every message that holds one of them at any depth."""
    users: dict[str, set[str]] = {}
    for message in schema.messages.values():
        for field in message.fields.values():
            if field.kind is not Kind.SCALAR:
                users.setdefault(field.type, set()).add(message.name)
    found = set(types)
    waiting = list(found)
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user not in found:
                found.add(user)
                waiting.append(user)
    return frozenset(found)
