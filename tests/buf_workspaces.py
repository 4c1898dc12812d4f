"""Generated protobuf workspaces and edits of them: several packages that import each other (publicly, too),
enums with defaults, custom options, extensions, services.

A file only refers to files before it; what an edit leaves without its type is left out. Not all that comes of
an edit compiles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

SCALARS = ("int32", "int64", "string", "bytes", "bool", "uint32", "sint32")
EDITS = (
    *("gone", "gone", "number", "type", "type", "name", "label", "default", "new", "declared", "moved"),
    *("file", "renamed-file", "option", "package", "order", "public", "mark"),
)
OPTIONS = ("java_package", "go_package", "csharp_namespace")


@dataclass
class Member:
    """A field, a value of an enum, or an rpc (whose types are `kind` and `answer`)."""

    name: str
    number: int = 0
    kind: str = ""
    label: str = ""
    default: str = ""
    answer: str = ""
    is_marked: bool = False


@dataclass
class Declared:
    """`kind` is message, enum, service or extend (whose `name` is the message that it extends); `inner` are
    enums inside of a message."""

    kind: str
    name: str
    members: list[Member]
    inner: list[Declared] = field(default_factory=list)


@dataclass
class File:
    package: str
    syntax: str
    declared: list[Declared]
    options: dict[str, str] = field(default_factory=dict)
    public: list[str] = field(default_factory=list)


Workspace = dict[str, File]


def workspace(rng: Random) -> Workspace:
    """Some files in a few packages; the first of them declares an option."""
    files: Workspace = {
        "opt/opt.proto": File(
            "opt",
            "proto2",
            [
                Declared("message", "Rule", [Member("say", 1, "string", "optional")]),
                Declared(
                    "extend",
                    "google.protobuf.FieldOptions",
                    [
                        Member("rule", 50001, "opt.Rule", "optional"),
                        Member("note", 50002, "string", "optional"),
                    ],
                ),
            ],
        )
    }
    for number in range(rng.randint(3, 7)):
        package = f"p{rng.randint(0, 2)}"
        path = f"{package}/f{number}.proto"
        file = files[path] = File(package, rng.choice(("proto2", "proto3")), [])
        if rng.random() < 0.3:
            file.public.append(rng.choice([one for one in files if one != path]))
        for each in range(rng.randint(1, 4)):
            file.declared.append(_declared(rng, files, path, f"{number}{each}"))
    return files


def _declared(rng: Random, files: Workspace, path: str, mark: str) -> Declared:
    kind = rng.choice(("message", "message", "message", "enum", "enum", "service", "extend"))
    if kind == "enum":
        return _enum(rng, mark)
    if kind == "service":
        types = _types(files, "message") or ["google.protobuf.Empty"]
        rpcs = [Member(f"R{one}", 0, rng.choice(types), "", "", rng.choice(types)) for one in range(2)]
        return Declared(kind, f"S{mark}", rpcs)
    extended = [one for one in _types(files, "message") if _file_of(files, one).syntax == "proto2"]
    if kind == "extend" and extended and files[path].syntax == "proto2":
        number = 1000 + rng.randint(0, 200)
        return Declared(kind, rng.choice(extended), [Member(f"x{mark}", number, "int32", "optional")])
    fields = [_field(rng, files, path, f"a{one}", one + 1) for one in range(rng.randint(0, 5))]
    inner = [_enum(rng, f"{mark}i")] if rng.random() < 0.3 else []
    return Declared("message", f"M{mark}", fields, inner)


def _enum(rng: Random, mark: str) -> Declared:
    values = [Member(f"V{mark}_{number}", number) for number in range(rng.randint(1, 4))]
    return Declared("enum", f"E{mark}", values)


def _field(rng: Random, files: Workspace, path: str, name: str, number: int) -> Member:
    types = [*_types(files, "message"), *_types(files, "enum")]
    kind = rng.choice([*SCALARS, *types, *types])
    is_old = files[path].syntax == "proto2"
    label = rng.choice(("optional", "repeated", "optional") if is_old else ("", "repeated", "optional"))
    default = ""
    if is_old and label == "optional" and rng.random() < 0.6:
        values = [one.name for one in _values(files, kind)]
        default = rng.choice(values) if values else {"int32": "7", "string": '"x"'}.get(kind, "")
    return Member(name, number, kind, label, default, is_marked=rng.random() < 0.2)


def _named(files: Workspace) -> Iterator[tuple[str, str, Declared]]:
    """The types of all files: full name, path and declaration."""
    for path, file in files.items():
        for one in file.declared:
            if one.kind != "extend":
                yield f"{file.package}.{one.name}", path, one
            for inner in one.inner:
                yield f"{file.package}.{one.name}.{inner.name}", path, inner


def _types(files: Workspace, kind: str) -> list[str]:
    return [name for name, _, one in _named(files) if one.kind == kind]


def _file_of(files: Workspace, name: str) -> File:
    return files[_homes(files)[name]]


def _values(files: Workspace, name: str) -> list[Member]:
    return [
        value
        for full, _, one in _named(files)
        if full == name and one.kind == "enum"
        for value in one.members
    ]


def _homes(files: Workspace) -> dict[str, str]:
    return {name: path for name, path, one in _named(files) if one.kind in ("message", "enum")}


def edited(rng: Random, files: Workspace) -> None:
    """One edit."""
    path = rng.choice(list(files))
    file = files[path]
    one = rng.choice(file.declared) if file.declared else Declared("message", "Late", [])
    if one.inner and rng.random() < 0.5:
        one = rng.choice(one.inner)
    member = rng.choice(one.members) if one.members else Member("none")
    what = rng.choice(EDITS)
    if what == "gone" and member in one.members:
        one.members.remove(member)
    elif what == "number":
        member.number += rng.choice((1, 10))
    elif what == "type":
        member.kind = rng.choice([*SCALARS, *_types(files, "message"), *_types(files, "enum")])
        member.default = ""
    elif what == "name":
        member.name += "_new"
    elif what == "label" and one.kind == "message":
        member.label = rng.choice(("optional", "repeated"))
        member.default = ""
    elif what == "default":
        values = _values(files, member.kind)
        member.default = rng.choice(values).name if values and member.default else ""
    elif what == "new" and one.kind == "enum":
        one.members.insert(rng.randint(0, len(one.members)), Member(f"{one.name}_NEW", 77))
    elif what == "new" and one.kind == "message":
        one.members.append(_field(rng, files, path, "fresh", 99))
    elif what == "declared" and one in file.declared:
        file.declared.remove(one)
    elif what == "moved" and one in file.declared:
        others = [each for each in files if files[each].package == file.package]
        file.declared.remove(one)
        files[rng.choice(others)].declared.append(one)
    elif what == "file":
        del files[path]
    elif what == "renamed-file":
        files[path.replace(".proto", "_v2.proto")] = files.pop(path)
    elif what == "option":
        file.options[rng.choice(OPTIONS)] = f"o{rng.randint(0, 9)}"
    elif what == "package":
        file.package = f"p{rng.randint(0, 4)}"
    elif what == "order":
        one.members.reverse()
    elif what == "public":
        file.public = [] if file.public else [rng.choice(list(files))]
    elif what == "mark":
        member.is_marked = not member.is_marked


def texts(files: Workspace) -> dict[str, bytes]:
    """The files as they are written."""
    homes, order = _homes(files), list(files)
    return {path: _text(files, path, homes, order).encode() for path in files}


def _text(files: Workspace, path: str, homes: dict[str, str], order: list[str]) -> str:
    file = files[path]
    public = {one for one in file.public if one in order[: order.index(path)]}
    imports: set[str] = set()
    body: list[str] = []

    def known(name: str) -> bool:
        """Whether a type can be named here; then what declares it is imported."""
        if name.startswith("google.protobuf."):
            ends = {"google.protobuf.Empty": "empty"}
            imports.add(f"google/protobuf/{ends.get(name, 'descriptor')}.proto")
            return True
        home = homes.get(name)
        if home is None or order.index(home) > order.index(path):
            return False
        if file.syntax == "proto3" and files[home].syntax == "proto2" and _values(files, name):
            return False
        again = [one for one in order[: order.index(path)] if home in files[one].public]
        if home != path:
            imports.add(again[0] if again and len(name) % 2 else home)
        return True

    for one in file.declared:
        body += _written(file, one, known)
    used = "(opt.note)" in "".join(body)
    if used:
        imports.add("opt/opt.proto")
    options = [f'option {name} = "{value}";' for name, value in sorted(file.options.items())]
    head = [f'syntax = "{file.syntax}";', f"package {file.package};"]
    written = [f'import public "{one}";' for one in sorted(public)]
    written += [f'import "{one}";' for one in sorted(imports - public)]
    return "\n".join([*head, *written, *options, *body, ""])


def _written(file: File, one: Declared, known) -> Iterator[str]:  # type: ignore[no-untyped-def]
    if (one.kind in ("enum", "extend") and not one.members) or (one.kind == "extend" and not known(one.name)):
        return
    yield f"{one.kind} {one.name} {{"
    for inner in one.inner:
        yield from _written(file, inner, known)
    if one.kind == "message" and file.syntax == "proto2":
        yield "  extensions 1000 to 2000;"
    for member in one.members:
        if one.kind == "enum":
            yield f"  {member.name} = {member.number};"
        elif one.kind == "service":
            if known(member.kind) and known(member.answer):
                yield f"  rpc {member.name}({member.kind}) returns ({member.answer});"
        elif member.kind in SCALARS or known(member.kind):
            marks = [f"default = {member.default}"] if member.default and file.syntax == "proto2" else []
            marks += ['(opt.note) = "n"'] if member.is_marked and file.package != "opt" else []
            told = f" [{', '.join(marks)}]" if marks else ""
            label = member.label or ("optional" if file.syntax == "proto2" else "")
            yield f"  {label} {member.kind} {member.name} = {member.number}{told};"
    yield "}"
