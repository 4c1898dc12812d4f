"""The names that protoc and grpc's plugins make of a contract's names in PHP."""

from __future__ import annotations

import re

from workspai_hooks.contracts.protobuf.schema import File

RESERVED = frozenset(
    """
    abstract and array as break callable case catch class clone const continue declare default die do echo
    else elseif empty enddeclare endfor endforeach endif endswitch endwhile eval exit extends final finally fn
    for foreach function global goto if implements include include_once instanceof insteadof interface isset
    list match namespace new or parent print private protected public readonly require require_once return
    self static switch throw trait try unset use var while xor yield int float bool string true false null
    void iterable
    """.split()  # noqa: SIM905
)
CONSTANTS = frozenset(
    {*("int", "float", "bool", "string", "true", "false", "null", "void", "iterable", "parent", "self")}
)
"""Of the reserved words, those that may be names of constants."""


def namespace_of(file: File) -> str:
    """`php_namespace` where it is set, else the package with capital letters."""
    if "php_namespace" in file.options:
        return file.options["php_namespace"]
    parts = [part[:1].upper() + part[1:] for part in file.package.split(".") if part]
    return "\\".join(f"PB{part}" if part.lower() in RESERVED else part for part in parts)


def class_of(file: File, full: str) -> str:
    """The full name of the class of a message or enum: nested ones stand in their parent's namespace."""
    inner = full[len(file.package) + 1 :] if file.package else full
    prefix = file.options.get("php_class_prefix", "")
    words = [_class_name(word, prefix, file.package) for word in inner.split(".")]
    namespace = namespace_of(file)
    return "\\".join([*([namespace] if namespace else []), *words])


def _class_name(word: str, prefix: str, package: str) -> str:
    if prefix:
        return f"{prefix}{word}"
    if word.lower() in RESERVED:
        return f"GPB{word}" if package == "google.protobuf" else f"PB{word}"
    return word


def constant_of(word: str) -> str:
    """A value of an enum."""
    return f"PB{word}" if word.lower() in RESERVED - CONSTANTS else word


def camel(word: str) -> str:
    """`product_id` is `ProductId`, `twoD_2d` is `TwoD2D`: letters after a digit are raised, too."""
    parts = re.split(r"_+", word)
    return "".join(re.sub(r"(?:^|(?<=\d))[a-z]", lambda found: found[0].upper(), part) for part in parts)
