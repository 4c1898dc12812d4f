"""What generators for JavaScript and TypeScript call fields, values, rpcs and types.

Each generator has its own idea of camel case; a name of any of them is taken for what it means, since a
file's stubs need not be there to tell which one it was. Checked against ts-proto 2.18, protoc-gen-es 2,
protobuf-ts 2.11, protobufjs 8 and @grpc/proto-loader 0.8.
"""

from __future__ import annotations

import re

from workspai_hooks.contracts.protobuf.schema import EnumType, Field
from workspai_hooks.patterns import regex

WORDS = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def field_names(field: Field) -> frozenset[str]:
    """What a field is called as a property."""
    camel = field.json_name or _camel(field.name)
    names = {field.name, camel, _camel(field.name), _of_protobufjs(field.name), f"{camel}$"}
    names.add(_lower_first(re.sub(r"(?<=\d)[a-z]", lambda found: found[0].upper(), camel)))
    return frozenset(names | {_lower_first(camel)})


def property_name(field: Field) -> str:
    """The usual one."""
    return field.json_name or _camel(field.name)


def stem(name: str) -> str:
    """What google-protobuf puts after `get`, `set`, `has`, `clear` and `add`."""
    return "".join(part[:1].upper() + part[1:] for part in name.lower().split("_") if part)


def oneof_names(name: str) -> frozenset[str]:
    """What a oneof is called as a property."""
    return frozenset({name, _camel(name), _lower_first(_camel(name))})


def value_names(enum: EnumType, value: str) -> frozenset[str]:
    """A value as it is, and without the enum's name before it where all values have that."""
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.name.rpartition(".")[2]).upper() + "_"
    if not all(one.startswith(prefix) for one in enum.values):
        return frozenset({value})
    short = value.removeprefix(prefix)
    return frozenset({value, short if not short[:1].isdigit() else value})


def rpc_names(name: str) -> frozenset[str]:
    """An rpc as it is declared, and in camel case with or without its acronyms."""
    words = [word for part in WORDS.findall(name) for word in [part.lower()]]
    spoken = "".join([*words[:1], *(word[:1].upper() + word[1:] for word in words[1:])])
    return frozenset({name, _lower_first(name), _lower_first(_camel(name)), spoken})


def type_names(full: str, package: str) -> frozenset[str]:
    """A message or enum at the top of its module: nested ones after those around them."""
    within = full.removeprefix(f"{package}.") if package else full
    parts = within.split(".")
    tidy = [part.replace("_", "") for part in parts]
    return frozenset({"_".join(parts), "_".join(tidy), "$".join(parts)})


def _camel(name: str) -> str:
    """protoc's JSON names: what follows a `_` is upper case, the rest as it is."""
    return re.sub(r"_+([^_]?)", lambda found: found[1].upper(), name)


def _of_protobufjs(name: str) -> str:
    return name[:1] + re.sub(r"_([a-z])", lambda found: found[1].upper(), name[1:])


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]
