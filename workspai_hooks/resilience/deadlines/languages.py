"""The languages in which deadlines are looked for. Of other ones nothing is known."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import msgspec
from tree_sitter import Language as Grammar

from workspai_hooks.resilience.deadlines.site import Site
from workspai_hooks.resilience.deadlines.values import Deadline

GRAMMARS = "workspai_hooks.workspace.use_sites"
RULES = "workspai_hooks.resilience.deadlines"


class Language(msgspec.Struct, frozen=True):
    """`grammar` is a name in a module of use_sites, `rules` a module here: loaded when a file
    asks. `settings` are endings of files in which its programs' clients are configured."""

    suffixes: tuple[str, ...]
    grammar: str
    rules: str
    settings: tuple[str, ...] = ()

    def parser(self) -> Grammar:
        module, _, name = self.grammar.partition(":")
        grammar: Grammar = getattr(import_module(f"{GRAMMARS}.{module}"), name)
        return grammar

    @property
    def of_rpc(self) -> Callable[[Site], Deadline]:
        """The deadline at a call of a gRPC stub."""
        rule: Callable[[Site], Deadline] = import_module(f"{RULES}.{self.rules}").of_rpc
        return rule

    @property
    def of_request(self) -> Callable[[Site], Deadline]:
        """The deadline of an HTTP request."""
        rule: Callable[[Site], Deadline] = import_module(f"{RULES}.{self.rules}").of_request
        return rule


LANGUAGES = (
    Language((".go",), "go.lowering:GO", "go"),
    Language((".py",), "python.expressions:LANGUAGE", "python"),
    Language((".tsx", ".jsx", ".js"), "ecmascript.lowering:WITH_JSX", "ecmascript"),
    Language((".ts", ".mts", ".cts", ".mjs", ".cjs"), "ecmascript.lowering:WITHOUT_JSX", "ecmascript"),
    Language((".java",), "java.lowering:LANGUAGE", "jvm", (".properties", ".yml", ".yaml")),
    Language((".kt",), "kotlin.lowering:LANGUAGE", "jvm", (".properties", ".yml", ".yaml")),
    Language((".cs",), "csharp.lowering:LANGUAGE", "csharp", (".json",)),
)


def language_of(path: str) -> Language | None:
    """The language of a file, None where it is none of them."""
    return next((one for one in LANGUAGES if path.endswith(one.suffixes)), None)
