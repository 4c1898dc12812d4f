"""PHP's expressions -> the neutral syntax tree.

Variables keep their `$`; so do properties, which never meet methods of the same name. `new T(…)` is a Call of
T, `isset($x->a)` and casts are what is inside, an array is a Sequence or, with keys, a Record.
"""

from __future__ import annotations

from collections.abc import Callable

import tree_sitter_php
from tree_sitter import Language, Node

from workspai_hooks.workspace.use_sites.nodes import DEEPEST, child_of, named
from workspai_hooks.workspace.use_sites.php.scopes import SELF
from workspai_hooks.workspace.use_sites.php.types import Types
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Call,
    Class,
    Either,
    Expr,
    Index,
    Lambda,
    Member,
    Name,
    Named,
    Opaque,
    Parameter,
    Pos,
    Record,
    Return,
    Sequence,
    Stmt,
    Text,
)

LANGUAGE = Language(tree_sitter_php.language_php())
FIRST = frozenset({"array_map", "call_user_func"})
"""Functions that take a function before what it is called with."""
METHODS = {"__construct": "__init__", "__invoke": "__call__"}
"""What infer calls the constructor and what calling an object calls."""


class Expressions(Types):
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

    def block(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements of a body."""
        raise NotImplementedError

    def class_of(self, node: Node, name: str, pos: Pos) -> Class:
        """The class that a node declares."""
        raise NotImplementedError

    # -- expressions by form

    def _inner(self, node: Node) -> Expr:
        parts = named(node)
        return self.expr(parts[0]) if len(parts) == 1 else self.opaque(node)

    def _last(self, node: Node) -> Expr:
        """`(T) $x`, `clone $x`, `@$x`."""
        parts = named(node)
        return self.expr(parts[-1]) if parts else Opaque((), self.nodes.pos(node))

    def _variable(self, node: Node) -> Expr:
        name, pos = self.nodes.text(node), self.nodes.pos(node)
        return Name(SELF if name == "$this" else name, pos)

    def _class_name(self, node: Node) -> Expr:
        return self.class_named(self.written(node), self.nodes.pos(node))

    def _string(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        parts = named(node)
        inserted = [part for part in parts if part.type not in ("string_content", "escape_sequence")]
        if inserted:
            return Opaque(self.exprs(inserted), pos)
        return Text("".join(self.nodes.text(part) for part in parts), pos)

    def _property(self, node: Node) -> Expr:
        name = node.child_by_field_name("name")
        obj = self.expr(node.child_by_field_name("object"))
        if name is None or name.type != "name":
            return Opaque((obj, self.expr(name)), self.nodes.pos(node))
        return Member(obj, f"${self.nodes.text(name)}", self.nodes.pos(name))

    def _static_property(self, node: Node) -> Expr:
        name = node.child_by_field_name("name") or node
        scope = self._scope(node.child_by_field_name("scope"))
        return Member(scope, self.nodes.text(name), self.nodes.pos(name))

    def _constant(self, node: Node) -> Expr:
        """`Color::RED`, `Item::class`."""
        parts = named(node)
        if len(parts) < 2:
            return self.opaque(node)
        name = self.nodes.text(parts[1])
        owner = self._scope(parts[0])
        return owner if name == "class" else Member(owner, name, self.nodes.pos(parts[1]))

    def _scope(self, node: Node | None) -> Expr:
        if node is not None and node.type in ("name", "qualified_name", "relative_scope", "relative_name"):
            return self.class_named(self.written(node), self.nodes.pos(node))
        return self.expr(node)

    def _subscript(self, node: Node) -> Expr:
        parts = named(node)
        obj = self.expr(parts[0])
        if len(parts) < 2:
            return Index(obj, Opaque((), self.nodes.pos(node)), self.nodes.pos(node))
        key = self.expr(parts[1])
        return Index(obj, key, key.pos)

    def _method_call(self, node: Node) -> Expr:
        name = node.child_by_field_name("name")
        obj = self.expr(node.child_by_field_name("object"))
        args, keywords = self.arguments(child_of(node, "arguments"))
        if name is None or name.type not in ("name", "string"):
            return Opaque((obj, self.expr(name), *args), self.nodes.pos(node))
        word, pos = self.nodes.text(name).strip("'\""), self.nodes.pos(name)
        return self._called(Member(obj, METHODS.get(word, word), pos), args, keywords, pos, node)

    def _static_call(self, node: Node) -> Expr:
        name = node.child_by_field_name("name") or node
        scope = self._scope(node.child_by_field_name("scope"))
        args, keywords = self.arguments(child_of(node, "arguments"))
        word, pos = self.nodes.text(name), self.nodes.pos(name)
        return self._called(Member(scope, METHODS.get(word, word), pos), args, keywords, pos, node)

    def _called(
        self, fn: Expr, args: tuple[Expr, ...], keywords: tuple[Named, ...], pos: Pos, node: Node
    ) -> Expr:
        """A call; with `...` for its arguments it is the function itself."""
        arguments = child_of(node, "arguments")
        if arguments is not None and child_of(arguments, "variadic_placeholder") is not None:
            return fn
        return Call(fn, args, keywords, pos)

    def _function_call(self, node: Node) -> Expr:
        function = node.child_by_field_name("function")
        args, keywords = self.arguments(child_of(node, "arguments"))
        pos = self.nodes.pos(node)
        if function is None or function.type not in ("name", "qualified_name", "relative_name"):
            return self._called(self.expr(function), args, keywords, pos, node)
        word = self.written(function)
        if word.lstrip("\\") in FIRST and len(args) > 1:  # what it is called with is asked for first
            args = (*args[1:], args[0])
        return self._called(self.function_named(word, pos), args, keywords, pos, node)

    def arguments(self, node: Node | None) -> tuple[tuple[Expr, ...], tuple[Named, ...]]:
        """Positional and named arguments."""
        args: list[Expr] = []
        keywords: list[Named] = []
        for part in named(node):
            name = part.child_by_field_name("name")
            inner = [one for one in named(part) if one != name] if part.type == "argument" else [part]
            value = self.expr(inner[-1]) if inner else Opaque((), self.nodes.pos(part))
            if name is not None and part.type == "argument":
                keywords.append(Named(f"${self.nodes.text(name)}", value, self.nodes.pos(name)))
            elif part.type != "variadic_placeholder":
                args.append(value)
        return tuple(args), tuple(keywords)

    def _new(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        args, keywords = self.arguments(child_of(node, "arguments"))
        body = child_of(node, "anonymous_class", "declaration_list")
        kind = next((part for part in named(node) if part.type != "arguments"), None)
        if body is not None or kind is None:
            name = f"(class {pos[0]}:{pos[1]})"
            self.lifted.append(self.class_of(body if body is not None else node, name, pos))
            return Call(self.noted(name, pos), args, keywords, pos)
        made = self._scope(kind)
        return Call(made, args, keywords, made.pos)

    def _array(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        entries: list[tuple[Expr, Expr]] = []
        items: list[Expr] = []
        for part in named(node):
            inner = (
                self.exprs(named(part)) if part.type == "array_element_initializer" else (self.expr(part),)
            )
            if len(inner) == 2:
                entries.append((inner[0], inner[1]))
            elif part.type == "variadic_unpacking" or (inner and child_of(part, "variadic_unpacking")):
                entries.append((Opaque((), pos), inner[0]))
            elif inner:
                items.append(inner[0])
        if entries and not items:
            return Record(tuple(entries), pos)
        whole = Sequence(tuple(items), pos)
        return Either((whole, Record(tuple(entries), pos)), (), pos) if entries else whole

    def _binary(self, node: Node) -> Expr:
        """A long chain leans to the left and is walked, not recursed into."""
        operands: list[Node] = []
        operators = set()
        left: Node | None = node
        while left is not None and left.type == "binary_expression":
            operands.extend(right for right in [left.child_by_field_name("right")] if right is not None)
            operators.add(self.nodes.text(left.child_by_field_name("operator")))
            left = left.child_by_field_name("left")
        parts = self.exprs([*([left] if left is not None else []), *reversed(operands)])
        pos = self.nodes.pos(node)
        return Either(parts, (), pos) if operators <= {"??", "+"} else Opaque(parts, pos)

    def _conditional(self, node: Node) -> Expr:
        condition = self.expr(node.child_by_field_name("condition"))
        body = node.child_by_field_name("body")
        first = condition if body is None else self.expr(body)
        other = self.expr(node.child_by_field_name("alternative"))
        return Either((first, other), (condition,), self.nodes.pos(node))

    def _match(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        subject = self.expr(node.child_by_field_name("condition"))
        tests: list[Expr] = [subject]
        choices: list[Expr] = []
        for arm in named(node.child_by_field_name("body")):
            conditions = arm.child_by_field_name("conditional_expressions")
            tests.extend(Opaque((subject, self.expr(one)), pos) for one in named(conditions))
            choices.append(self.expr(arm.child_by_field_name("return_expression")))
        return Either(tuple(choices), tuple(tests), pos) if choices else Opaque(tuple(tests), pos)

    def _assignment(self, node: Node) -> Expr:
        """An assignment binds before its statement; its value is its target's."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        value = self.expr(right)
        pos = self.nodes.pos(node)
        if left is None:
            return value
        if left.type in ("list_literal", "array_creation_expression"):
            self.hoisted.extend(self.taken_apart(left, value, pos))
            return value
        target = self.expr(left)
        declares = isinstance(target, Name) and target.id not in self.known
        if isinstance(target, Name):
            self.known.add(target.id)
        self.hoisted.append(Bind((target,), None, (value,), declares, pos))
        return target

    def taken_apart(self, node: Node, value: Expr, pos: Pos) -> list[Stmt]:
        """`[$a, $b] = …`, `['k' => $a] = …`, nested ones too."""
        found: list[Stmt] = []
        parts = [self._element(part) for part in named(node)]
        keyed = any(len(part) == 2 for part in parts)
        flat = [one for part in parts for one in part]
        if keyed or (node.type == "list_literal" and "=>" in self.nodes.text(node)):
            for key, target in zip(flat[::2], flat[1::2], strict=False):
                held = Index(value, self.expr(key), self.nodes.pos(key))
                found.extend(self._bound(target, held, pos))
            return found
        names = [Name(f"({pos[0]}:{pos[1]}:{number})", pos) for number in range(len(flat))]
        if len(names) == 1:
            found.append(Bind((names[0],), None, (Index(value, Opaque((), pos), pos),), True, pos))
        elif names:
            found.append(Bind(tuple(names), None, (value,), True, pos))
        for name, target in zip(names, flat, strict=True):
            found.extend(self._bound(target, name, pos))
        return found

    def _element(self, node: Node) -> list[Node]:
        return named(node) if node.type == "array_element_initializer" else [node]

    def _bound(self, target: Node, value: Expr, pos: Pos) -> list[Stmt]:
        if target.type in ("list_literal", "array_creation_expression"):
            return self.taken_apart(target, value, pos)
        return [Bind((self.expr(target),), None, (value,), True, self.nodes.pos(target))]

    def _augmented(self, node: Node) -> Expr:
        left, value = (
            self.expr(node.child_by_field_name("left")),
            self.expr(node.child_by_field_name("right")),
        )
        self.hoisted.append(Bind((left,), None, (value,), False, self.nodes.pos(node)))
        return Either((left, value), (), self.nodes.pos(node))

    def _closure(self, node: Node) -> Expr:
        """A function literal; an arrow function returns its expression."""
        pos = self.nodes.pos(node)
        outer, self.known = self.known, set(self.known)
        before, self.hoisted = self.hoisted, []
        written = self.parameters(node.child_by_field_name("parameters"), {})[0]
        body = node.child_by_field_name("body")
        if node.type == "arrow_function":
            value = self.expr(body)
            inner: tuple[Stmt, ...] = (*self.hoisted, Return((value,), pos))
        else:
            inner = self.block(body)
        kind = self.type(node.child_by_field_name("return_type"))
        self.known, self.hoisted = outer, before
        return Lambda(written, inner, pos, () if kind is None else (kind,))

    def parameters(
        self, node: Node | None, documented: dict[str, Expr]
    ) -> tuple[tuple[Parameter, ...], list[Parameter]]:
        """Parameters, and those among them that are properties, too."""
        found: list[Parameter] = []
        promoted: list[Parameter] = []
        for part in named(node):
            word = part.child_by_field_name("name")
            if word is None:
                continue
            name, pos = self.nodes.text(word), self.nodes.pos(word)
            kind = documented.get(name) or self.type(part.child_by_field_name("type"))
            one = Parameter(name, kind, pos, part.type == "variadic_parameter")
            self.known.add(name)
            found.append(one)
            if part.type == "property_promotion_parameter":
                promoted.append(one)
        return tuple(found), promoted

    def _yield(self, node: Node) -> Expr:
        values = self.exprs([inner for part in named(node) for inner in self._element(part)])
        pos = self.nodes.pos(node)
        if values:
            self.hoisted.append(Return((Sequence(values[-1:], pos),), pos))
        return Opaque((), pos)

    def _plain(self, node: Node) -> Expr:
        return Opaque((), self.nodes.pos(node))


_FORMS: dict[str, Callable[[Expressions, Node], Expr]] = {
    "variable_name": Expressions._variable,
    "name": Expressions._plain,
    "qualified_name": Expressions._plain,
    "string": Expressions._string,
    "encapsed_string": Expressions._string,
    "heredoc": Expressions.opaque,
    "member_access_expression": Expressions._property,
    "nullsafe_member_access_expression": Expressions._property,
    "scoped_property_access_expression": Expressions._static_property,
    "class_constant_access_expression": Expressions._constant,
    "subscript_expression": Expressions._subscript,
    "member_call_expression": Expressions._method_call,
    "nullsafe_member_call_expression": Expressions._method_call,
    "scoped_call_expression": Expressions._static_call,
    "function_call_expression": Expressions._function_call,
    "object_creation_expression": Expressions._new,
    "array_creation_expression": Expressions._array,
    "binary_expression": Expressions._binary,
    "conditional_expression": Expressions._conditional,
    "match_expression": Expressions._match,
    "assignment_expression": Expressions._assignment,
    "reference_assignment_expression": Expressions._assignment,
    "augmented_assignment_expression": Expressions._augmented,
    "anonymous_function": Expressions._closure,
    "arrow_function": Expressions._closure,
    "parenthesized_expression": Expressions._inner,
    "cast_expression": Expressions._last,
    "clone_expression": Expressions._last,
    "error_suppression_expression": Expressions._last,
    "variadic_unpacking": Expressions._inner,
    "by_ref": Expressions._inner,
    "yield_expression": Expressions._yield,
    "named_type": Expressions._class_name,
}
