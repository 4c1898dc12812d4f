"""How protoc spells names for the JVM (protobuf: src/google/protobuf/compiler/java/name_resolver.cc, names.cc
and kotlin/; grpc-java: compiler/src/java_plugin/cpp/java_generator.cpp)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from posixpath import basename

from workspai_hooks.contracts.protobuf.schema import Field, File

RESERVED = frozenset(
    {
        *("Class", "AllFields", "DescriptorForType", "InitializationErrorString", "UnknownFields"),
        *("SerializedSize", "CachedSize", "DefaultInstanceForType", "ParserForType"),
    }
)
"""Getters that every message has; a field of this name gets an underscore."""
JAVA_KEYWORDS = frozenset(
    {
        *("abstract", "assert", "boolean", "break", "byte", "case", "catch", "char", "class", "const"),
        *("continue", "default", "do", "double", "else", "enum", "extends", "false", "final", "finally"),
        *("float", "for", "goto", "if", "implements", "import", "instanceof", "int", "interface", "long"),
        *("native", "new", "null", "package", "private", "protected", "public", "return", "short"),
        *("static", "strictfp", "super", "switch", "synchronized", "this", "throw", "throws", "transient"),
        *("true", "try", "void", "volatile", "while"),
    }
)
KOTLIN_KEYWORDS = frozenset(
    {
        *("as", "break", "class", "continue", "do", "else", "false", "for", "fun", "if", "in", "interface"),
        *("is", "null", "object", "package", "return", "super", "this", "throw", "true", "try"),
        *("typealias", "typeof", "val", "var", "when", "while"),
    }
)


def camel(name: str, capital: bool) -> str:
    """`UnderscoresToCamelCase`: `user_id2_x` is `UserId2X` or `userId2X`; other capitals stay."""
    result = []
    upper = capital
    for index, letter in enumerate(name):
        if letter.isalpha():
            lowered = letter.lower() if index == 0 and not capital else letter
            result.append(letter.upper() if upper else lowered)
            upper = False
        else:
            if letter.isdigit():
                result.append(letter)
            upper = True
    return "".join(result)


def capitalized(fields: Iterable[Field]) -> Mapping[str, str]:
    """Field -> what comes after `get`. Fields that would share a getter have their numbers behind it."""
    found = {field.name: field for field in fields}
    names = {name: camel(name, True) for name in found}
    taken: dict[str, list[str]] = {}
    for name, word in names.items():
        taken.setdefault(word, []).append(name)
    numbered = {name for same in taken.values() if len(same) > 1 for name in same}
    for name, field in found.items():
        if field.repeated:
            for suffix in ("Count", "List"):
                others = [other for other, word in names.items() if word == f"{names[name]}{suffix}"]
                numbered.update([name, *others] if others else [])
    return {
        name: f"{word}{found[name].number}" if name in numbered else f"{word}_" if word in RESERVED else word
        for name, word in names.items()
    }


def kotlin_property(field: str, word: str) -> str:
    """What a field is called in Kotlin's builder language; `word` is what comes after Java's `get`."""
    name = camel(field, False)
    return f"{name}_" if name in KOTLIN_KEYWORDS else name + word[len(name) :]


def synthetic(getter: str) -> str:
    """The Kotlin property that a Java getter is: `getURLPath` is `urlPath`, `getAName` is `aName`."""
    word = getter.removeprefix("get")
    run = next((at for at, letter in enumerate(word) if not letter.isupper()), len(word))
    lowered = run if run in (1, len(word)) else max(run - 1, 1) if run else 0
    return word[:lowered].lower() + word[lowered:]


def factory(message: str) -> str:
    """Kotlin's function that builds a message: `cartItem { … }`."""
    name = camel(message, False)
    return f"{name}_" if name in KOTLIN_KEYWORDS else name


def not_set(oneof: str) -> str:
    """The case of a oneof that holds nothing."""
    return f"{camel(oneof, True).upper()}_NOT_SET"


def method(rpc: str) -> str:
    """What a stub's method is called: grpc-java's `MixedLower`."""
    head, *rest = rpc.split("_")
    name = head[:1].lower() + head[1:] + "".join(part[:1].upper() + part[1:] for part in rest)
    return f"{name}_" if name in JAVA_KEYWORDS else name


def java_package(file: File) -> str:
    """The package of a file's classes."""
    return file.options.get("java_package") or file.package


def outer_classes(file: File, declared: Iterable[str]) -> tuple[str, ...]:
    """What the class around a file's types can be called; `declared` are the names that it must not have."""
    written = file.options.get("java_outer_classname")
    if written:
        return (written,)
    name = camel(basename(file.import_path or file.path).removesuffix(".proto"), True)
    proto = f"{name}Proto"  # what editions and managed builds call it
    return (f"{name}OuterClass", proto) if name in set(declared) else (name, f"{name}OuterClass", proto)
