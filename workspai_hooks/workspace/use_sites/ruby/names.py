"""The names that protoc and grpc-tools make of a contract's names in Ruby."""

from __future__ import annotations

import re

from workspai_hooks.contracts.protobuf.schema import File


def module_of(file: File) -> str:
    """The module that a file's messages stand in: `ruby_package`, else the package in camel case."""
    written = file.options.get("ruby_package", "")
    if "::" in written:
        return written
    parts = (written or file.package).split(".")
    return "::".join(camel(part) for part in parts if part)


def camel(word: str) -> str:
    """`cart_api` is `CartApi`, `v1beta1` is `V1beta1`: only letters after an underscore are raised."""
    return "".join(part[:1].upper() + part[1:] for part in word.split("_"))


def constant(word: str) -> str:
    """A message, an enum or a value of one: constants begin with a capital letter."""
    return word[:1].upper() + word[1:] if word[:1].isalpha() else f"PB_{word}"


def rpc_method(word: str) -> str:
    """`HTTPGet2D` is `http_get2_d`: grpc's own rule."""
    word = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", word)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", word).replace("-", "_").lower()
