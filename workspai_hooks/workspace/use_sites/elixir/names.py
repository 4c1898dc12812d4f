"""The names that protobuf-elixir and grpc-elixir make of a contract's names."""

from __future__ import annotations

import re


def camelize(word: str) -> str:
    """Elixir's `Macro.camelize`: `cart_api` is `CartApi`, `Foo_Bar` stays."""
    word = word.lstrip("_")
    word = re.sub(r"_+([a-z0-9])", lambda found: found[1].upper(), word).rstrip("_")
    return word[:1].upper() + word[1:]


def underscore(word: str) -> str:
    """Elixir's `Macro.underscore`: `HTTPGet` is `http_get`."""
    return re.sub(r"(?<=.)(?=[A-Z][^A-Z0-9._])|(?<=[^A-Z_])(?=[A-Z])", "_", word).lower()


def module_of(full: str, package: str) -> str:
    """The module of a message, an enum or a service."""
    inner = full[len(package) + 1 :] if package else full
    words = [*package.split("."), *inner.split(".")] if package else inner.split(".")
    return ".".join(camelize(word) for word in words)


def declared_name(module: str) -> str:
    """A module as the class that it is lowered to: dots would be members of it."""
    return module.replace(".", "/")
