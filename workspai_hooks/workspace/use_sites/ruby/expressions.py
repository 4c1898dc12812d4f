"""Ruby's expressions -> the neutral syntax tree; calls are calls.py's job."""

from __future__ import annotations

from collections.abc import Callable

import tree_sitter_ruby
from tree_sitter import Language, Node

from workspai_hooks.workspace.use_sites.nodes import DEEPEST, child_of, named
from workspai_hooks.workspace.use_sites.ruby.scopes import SELF, Scopes
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Either,
    Expr,
    Index,
    Lambda,
    Member,
    Name,
    Opaque,
    Parameter,
    Pos,
    Record,
    Sequence,
    Stmt,
    Text,
)

LANGUAGE = Language(tree_sitter_ruby.language())

MERGING = frozenset({"+", "-", "|", "&"})
"""Operators whose result is of its operands' type for lists and hashes."""
OTHERWISE = frozenset({"||", "or"})
BRANCHING = frozenset({"if", "unless", "case", "case_match", "begin", "while", "until", "for"})


class Expressions(Scopes):
    """Lowers the expressions of one file."""

    def expr(self, node: Node | None) -> Expr:
        """Any expression; what has no form of its own is Opaque around its parts."""
        if node is None:
            return Opaque((), (1, 1))
        if self.depth > DEEPEST:
            return Opaque((), self.nodes.pos(node))
        self.depth += 1
        try:
            lower = _FORMS.get(node.type)
            return lower(self, node) if lower else self.opaque(node)
        finally:
            self.depth -= 1

    def exprs(self, nodes: list[Node]) -> tuple[Expr, ...]:
        """Several expressions."""
        return tuple([self.expr(node) for node in nodes])

    def opaque(self, node: Node) -> Expr:
        return Opaque(self.exprs(named(node)), self.nodes.pos(node))

    # -- what the other parts of the lowering do

    def call(self, node: Node) -> Expr:
        """`obj.name(args) { block }`."""
        raise NotImplementedError

    def statements(self, nodes: list[Node], tail: bool = False) -> tuple[Stmt, ...]:
        """Statements in order; `tail`: the last one's value is returned."""
        raise NotImplementedError

    def parameters(self, node: Node | None) -> tuple[tuple[Parameter, ...], tuple[Stmt, ...]]:
        """Parameters, and the defaults of them as statements that open the body."""
        raise NotImplementedError

    # -- expressions by form

    def _inner(self, node: Node) -> Expr:
        """Several statements in parentheses: the last one's value."""
        parts = named(node)
        if len(parts) == 1:
            return self.expr(parts[0])
        return self.value_of(parts, node)

    def value_of(self, parts: list[Node], node: Node) -> Expr:
        """The value of a body that stands in an expression; all but its last statement come before it."""
        if not parts:
            return Opaque((), self.nodes.pos(node))
        self.hoisted.extend(self.statements(parts[:-1]))
        return self.expr(parts[-1])

    def _identifier(self, node: Node) -> Expr:
        name, pos = self.nodes.text(node), self.nodes.pos(node)
        if name == "binding" and name not in self.known:
            return self.surroundings(pos)
        return self.local(name, pos)

    def _constant(self, node: Node) -> Expr:
        return self.constant(self.nodes.text(node), self.nodes.pos(node))

    def _scoped(self, node: Node) -> Expr:
        """`A::B::C`; of anything but a constant it is a member."""
        path = self.constant_path(node)
        name = node.child_by_field_name("name") or node
        if path:
            return self.constant(path, self.nodes.pos(name))
        return Member(
            self.expr(node.child_by_field_name("scope")), self.nodes.text(name), self.nodes.pos(name)
        )

    def constant_path(self, node: Node | None) -> str:
        """The whole path as written; empty where it is none."""
        parts: list[str] = []
        while node is not None and node.type == "scope_resolution":
            parts.append(self.nodes.text(node.child_by_field_name("name")))
            inner = node.child_by_field_name("scope")
            if inner is None:
                return "::" + "::".join(reversed(parts))
            node = inner
        if node is None or node.type != "constant":
            return ""
        return "::".join((self.nodes.text(node), *reversed(parts)))

    def _variable(self, node: Node) -> Expr:
        return self.variable(self.nodes.text(node), self.nodes.pos(node))

    def _self(self, node: Node) -> Expr:
        return Name(SELF, self.nodes.pos(node))

    def _string(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        parts = named(node)
        if any(part.type != "string_content" for part in parts):
            inserted = [part for part in parts if part.type == "interpolation"]
            return Opaque(tuple([self._inner(part) for part in inserted]), pos)
        return Text("".join(self.nodes.text(part) for part in parts), pos)

    def _strings(self, node: Node) -> Expr:
        parts = self.exprs(named(node))
        pos = self.nodes.pos(node)
        texts = [part.value for part in parts if isinstance(part, Text)]
        return Text("".join(texts), pos) if len(texts) == len(parts) else Opaque(parts, pos)

    def _symbol(self, node: Node) -> Expr:
        return Text(self.nodes.text(node).strip(":"), self.nodes.pos(node))

    def _words(self, node: Node) -> Expr:
        texts = [Text(self.nodes.text(part), self.nodes.pos(part)) for part in named(node)]
        return Sequence(tuple(texts), self.nodes.pos(node))

    def _array(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        spread = [self._inner(part) for part in named(node) if part.type == "splat_argument"]
        plain = [self.expr(part) for part in named(node) if part.type != "splat_argument"]
        items = Sequence(tuple(plain), pos)
        return Either((*spread, items), (), pos) if spread else items

    def _hash(self, node: Node) -> Expr:
        return Record(self.entries(named(node)), self.nodes.pos(node))

    def entries(self, parts: list[Node]) -> tuple[tuple[Expr, Expr], ...]:
        """`a: 1`, `"a" => 1`, `**other`; `a:` alone takes the variable of its name."""
        found: list[tuple[Expr, Expr]] = []
        for part in parts:
            pos = self.nodes.pos(part)
            if part.type == "pair":
                key, value = part.child_by_field_name("key"), part.child_by_field_name("value")
                name = self.key(key)
                bare = name.value if isinstance(name, Text) else ""
                found.append((name, self.local(bare, pos) if value is None else self.expr(value)))
            else:
                found.append((Opaque((), pos), self._inner(part)))
        return tuple(found)

    def key(self, node: Node | None) -> Expr:
        """A key of a hash: symbols and strings are both texts."""
        if node is not None and node.type == "hash_key_symbol":
            return Text(self.nodes.text(node), self.nodes.pos(node))
        return self.expr(node)

    def _reference(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        obj = self.expr(node.child_by_field_name("object"))
        keys = [part for part in named(node) if part != node.child_by_field_name("object")]
        if len(keys) == 1 and keys[0].type != "range":
            return Index(obj, self.expr(keys[0]), self.nodes.pos(keys[0]))
        return Index(obj, None, pos, self.exprs(keys))

    def _binary(self, node: Node) -> Expr:
        """A long chain leans to the left and is walked, not recursed into."""
        operands: list[Node] = []
        operators = set()
        left: Node | None = node
        while left is not None and left.type == "binary":
            operator = self.nodes.text(left.child_by_field_name("operator"))
            if operator == "<<" and left is node:
                return self.call(node)
            operands.extend(right for right in [left.child_by_field_name("right")] if right is not None)
            operators.add(operator)
            left = left.child_by_field_name("left")
        parts = self.exprs([*([left] if left is not None else []), *reversed(operands)])
        pos = self.nodes.pos(node)
        if operators <= MERGING or operators <= OTHERWISE:
            return Either(parts, (), pos)
        return Either(parts[-1:], parts[:-1], pos) if operators <= {"&&", "and"} else Opaque(parts, pos)

    def _conditional(self, node: Node) -> Expr:
        condition = self.expr(node.child_by_field_name("condition"))
        choices = [self.expr(node.child_by_field_name(word)) for word in ("consequence", "alternative")]
        return Either(tuple(choices), (condition,), self.nodes.pos(node))

    def _branching(self, node: Node) -> Expr:
        """`x = if a then b else c end`: branches come before the value, which is one of their last ones."""
        pos = self.nodes.pos(node)
        if node.type in ("while", "until", "for"):
            self.hoisted.extend(self.statements([node]))
            return Opaque((), pos)
        checked: list[Expr] = []
        choices: list[Expr] = []
        self._collect(node, checked, choices)
        return Either(tuple(choices), tuple(checked), pos) if choices else Opaque(tuple(checked), pos)

    def _collect(self, node: Node, checked: list[Expr], choices: list[Expr]) -> None:
        """Conditions and values of all branches."""
        for index, part in enumerate(node.children):
            if not part.is_named or part.type == "comment":
                continue
            field = node.field_name_for_child(index)
            if field in ("condition", "value", "pattern"):
                checked.append(self.opaque(part) if part.type == "pattern" else self.expr(part))
            elif part.type in ("elsif", "when", "in_clause", "else", "rescue", "ensure"):
                self._collect(part, checked, choices)
            elif part.type in ("then", "body_statement"):
                choices.append(self.value_of(named(part), part))
            elif field != "variable" and part.type not in ("exceptions", "pattern"):
                choices.append(self.expr(part))
        if node.type == "begin" and len(choices) > 1:
            inner = [choice for choice in choices[:-1] if not isinstance(choice, Text)]
            checked.extend(inner)

    def _assigning(self, node: Node) -> Expr:
        self.hoisted.extend(self.statements([node]))
        left = node.child_by_field_name("left")
        return self.expr(left) if left is not None else Opaque((), self.nodes.pos(node))

    def _lambda(self, node: Node) -> Expr:
        return self.function_literal(
            node.child_by_field_name("body") or node, node.child_by_field_name("parameters")
        )

    def function_literal(self, body: Node, parameters: Node | None) -> Lambda:
        """A block or a lambda: it sees the names around it; what it binds first stays inside."""
        outer, self.known = self.known, set(self.known)
        before, self.hoisted = self.hoisted, []
        written, opening = self.parameters(parameters or body.child_by_field_name("parameters"))
        inner = body.child_by_field_name("body")
        statements = self.statements(named(inner), tail=True)
        if not written:
            written = self._unnamed(body)
        self.known, self.hoisted = outer, before
        return Lambda(written, (*opening, *statements), self.nodes.pos(body))

    def _unnamed(self, body: Node) -> tuple[Parameter, ...]:
        """`it`, or `_1` and `_2`, where a block names no parameters."""
        text = self.nodes.text(body)
        pos = self.nodes.pos(body)
        if "_1" in text:
            return tuple([Parameter(name, None, pos) for name in ("_1", "_2")[: 1 + ("_2" in text)]])
        return (Parameter("it", None, pos),)

    def bound(self, target: Expr, value: Expr, pos: Pos) -> Bind:
        """An assignment of one value; new names are declared."""
        return Bind((target,), None, (value,), self.declares((target,)), pos)

    def declares(self, targets: tuple[Expr, ...]) -> bool:
        """Whether one of the names is new here; from now on it is not."""
        names = {one.id for target in targets for one in _names_in(target)}
        new = not names <= self.known
        self.known |= {name for name in names if not name.startswith(("@", "$")) and ">" not in name}
        return new

    def _rescued(self, node: Node) -> Expr:
        return Either(self.exprs(named(node)), (), self.nodes.pos(node))

    def _heredoc(self, node: Node) -> Expr:
        return Opaque(
            tuple([self._inner(part) for part in named(node) if part.type == "interpolation"]),
            self.nodes.pos(node),
        )

    def _subshell(self, node: Node) -> Expr:
        return self.opaque(node)

    def _word(self, node: Node) -> Expr:
        return Text(self.nodes.text(node), self.nodes.pos(node))

    def _call(self, node: Node) -> Expr:
        return self.call(node)

    def _block_pass(self, node: Node) -> Expr:
        part = child_of(node, "simple_symbol")
        return self.opaque(node) if part is None else self._symbol(part)


def _names_in(target: Expr) -> list[Name]:
    if isinstance(target, Name):
        return [target]
    return [name for item in target.items for name in _names_in(item)] if isinstance(target, Sequence) else []


_FORMS: dict[str, Callable[[Expressions, Node], Expr]] = {
    "identifier": Expressions._identifier,
    "constant": Expressions._constant,
    "scope_resolution": Expressions._scoped,
    "instance_variable": Expressions._variable,
    "class_variable": Expressions._variable,
    "global_variable": Expressions._variable,
    "self": Expressions._self,
    "string": Expressions._string,
    "chained_string": Expressions._strings,
    "delimited_symbol": Expressions._string,
    "simple_symbol": Expressions._symbol,
    "hash_key_symbol": Expressions._word,
    "string_array": Expressions._words,
    "symbol_array": Expressions._words,
    "heredoc_body": Expressions._heredoc,
    "array": Expressions._array,
    "hash": Expressions._hash,
    "element_reference": Expressions._reference,
    "binary": Expressions._binary,
    "conditional": Expressions._conditional,
    "lambda": Expressions._lambda,
    "call": Expressions._call,
    "yield": Expressions._call,
    "super": Expressions._call,
    "assignment": Expressions._assigning,
    "operator_assignment": Expressions._assigning,
    "rescue_modifier": Expressions._rescued,
    "parenthesized_statements": Expressions._inner,
    "interpolation": Expressions._inner,
    "block_argument": Expressions._block_pass,
    **dict.fromkeys(BRANCHING, Expressions._branching),
}
