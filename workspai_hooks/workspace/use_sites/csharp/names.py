"""How protoc and the gRPC plugin for C# spell names (protobuf: src/google/protobuf/compiler/csharp/names.cc
and csharp_helpers.cc)."""

from __future__ import annotations

from workspai_hooks.contracts.protobuf.schema import File

RESERVED = frozenset(
    {
        *("Types", "Descriptor", "Equals", "ToString", "GetHashCode", "WriteTo", "Clone", "CalculateSize"),
        *("MergeFrom", "OnConstruction", "Parser"),
    }
)
"""Members that every message has; a field of this name gets an underscore."""


def pascal(name: str, keep_dots: bool = False) -> str:
    """`UnderscoresToCamelCase` with a capital first: `user_id2_x` is `UserId2X`, other capitals stay."""
    result = []
    capital = True
    for letter in name:
        if letter.isalnum():
            result.append(letter.upper() if capital else letter)
            capital = letter.isdigit()
        else:
            capital = True
            if letter == "." and keep_dots:
                result.append(letter)
    text = "".join(result)
    return f"_{text}" if text[:1].isdigit() and name.startswith("_") else text


def property_name(field: str, message: str) -> str:
    """What a field's property is called; one that is called like its class or a member gets an underscore."""
    name = pascal(field)
    return f"{name}_" if name == message or name in RESERVED else name


def case_name(field: str) -> str:
    """What a field is called among its oneof's cases."""
    name = pascal(field)
    return "None_" if name == "None" else name


def enum_value_name(enum: str, value: str) -> str:
    """`COLOR_DARK_RED` of `Color` is `DarkRed`."""
    name = _shouty_to_pascal(_without_prefix(enum, value))
    return f"_{name}" if name[:1].isdigit() else name


def namespace_of(file: File) -> str:
    """The namespace of a file's types."""
    return file.options.get("csharp_namespace") or pascal(file.package, keep_dots=True)


def _without_prefix(enum: str, value: str) -> str:
    """The value without its enum's name, which may be spelt with other capitals and underscores."""
    rest = value
    for letter in enum.replace("_", "").lower():
        rest = rest.lstrip("_")
        if not rest or rest[0].lower() != letter:
            return value
        rest = rest[1:]
    return rest.lstrip("_") or value


def _shouty_to_pascal(text: str) -> str:
    result = []
    before = "_"
    for letter in text:
        if letter.isalnum():
            if not before.isalnum() or before.isdigit():
                result.append(letter.upper())
            else:
                result.append(letter if before.islower() else letter.lower())
        before = letter
    return "".join(result)
