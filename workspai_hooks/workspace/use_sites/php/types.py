"""PHP's types, written ones and those of doc comments -> the neutral syntax tree."""

from __future__ import annotations

import re

from tree_sitter import Node

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.nodes import named
from workspai_hooks.workspace.use_sites.php.scopes import Scopes
from workspai_hooks.workspace.use_sites.syntax import Either, Expr, Generic, Name, Pos

TAG = regex(r"@(var|param|return)\s+([\w\\|<>\[\],?]+(?:\s*<[^>\n]*>)?)(?:\s+(?:\.\.\.)?\$(\w+))?")
GENERIC = regex(r"([\w\\]+)<(.*)>$")
PLAIN = frozenset(
    {
        *(
            "null",
            "int",
            "string",
            "bool",
            "float",
            "mixed",
            "void",
            "array",
            "object",
            "iterable",
            "callable",
        ),
        *("false", "true", "never", "resource", "scalar", "integer", "boolean", "double"),
    }
)
IN_COMMENT = "?"
"""Before a class that only a comment names: it gives a type, but is no use."""
MOST = 200
"""Characters of a type in a comment."""


class Types(Scopes):
    """Lowers types."""

    def type(self, node: Node | None) -> Expr | None:
        """A written type; None where it says nothing of a class."""
        if node is None:
            return None
        if node.type == "named_type":
            return self.class_named(self.written(node), self.nodes.pos(node))
        if node.type in ("optional_type", "union_type", "intersection_type", "type_list"):
            found = [kind for kind in map(self.type, named(node)) if kind is not None]
            return self._one_of(found, self.nodes.pos(node))
        return None

    def _one_of(self, found: list[Expr], pos: Pos) -> Expr | None:
        if len(found) < 2:
            return found[0] if found else None
        return Either(tuple(found), (), pos)

    def documented(self, comment: Node | None) -> dict[str, Expr]:
        """What a doc comment says: `$name` of a parameter or variable, `` for `@var` alone, `return`."""
        found: dict[str, Expr] = {}
        if comment is None or comment.type != "comment":
            return found
        pos = self.nodes.pos(comment)
        for tag in TAG.finditer(self.nodes.text(comment)):
            kind = self._parsed(tag[2][:MOST], pos)
            if kind is not None:
                found["return" if tag[1] == "return" else f"${tag[3]}" if tag[3] else ""] = kind
        return found

    def _parsed(self, text: str, pos: Pos) -> Expr | None:
        """`T[]`, `array<string, T>`, `list<T>`, `T|null`."""
        text = text.replace(" ", "").lstrip("?")
        if "|" in text and "<" not in text:
            parts = [self._parsed(part, pos) for part in text.split("|")]
            return self._one_of([part for part in parts if part is not None], pos)
        if text.endswith("[]"):
            item = self._parsed(text[:-2], pos)
            return None if item is None else Generic(Name("list", pos), (item,), pos)
        generic = GENERIC.match(text)
        if generic is not None:
            item = self._parsed(generic[2].rpartition(",")[2], pos)
            return None if item is None else Generic(Name("list", pos), (item,), pos)
        if not re.fullmatch(r"[\w\\]+", text) or text.lower() in PLAIN:
            return None
        return self.noted(f"{IN_COMMENT}{self.full(text)}", pos)
