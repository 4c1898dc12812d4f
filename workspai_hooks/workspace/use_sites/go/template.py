"""Lowers Go templates (text/template, html/template) to the neutral tree.

Each template is a Function with one parameter, its data: the file itself (its name is left empty: what lowers
a file does not know it) and every `define` and `block` in it. The dot is a name that `range` and `with`
declare anew.
"""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.go.template_tokens import Token, actions
from workspai_hooks.workspace.use_sites.nodes import DEEPEST
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Call,
    Do,
    Either,
    Expr,
    Function,
    Index,
    Loop,
    Member,
    Name,
    Opaque,
    Parameter,
    Pos,
    Record,
    Sequence,
    Source,
    Stmt,
    Text,
)

DOT, WHOLE = ".", "$"
OPENING = frozenset({"if", "range", "with", "define", "block"})
LANGUAGE = "go-template"


def lower(data: bytes) -> Source:
    """The neutral tree of a template file; what can't be parsed is left out."""
    parser = _Parser([action for action in actions(data.decode("utf-8", "replace")) if action])
    body, at = parser.statements()
    while at is not None:
        more, at = parser.statements()
        body += more
    parser.functions.insert(0, _template("", body, (1, 1)))
    return Source(LANGUAGE, "", (), tuple(parser.functions))


def _template(name: str, body: list[Stmt], pos: Pos) -> Function:
    whole = Bind((Name(WHOLE, pos),), None, (Name(DOT, pos),), True, pos)
    return Function(name, None, (Parameter(DOT, None, pos),), (), (whole, *body), pos)


class _Parser:
    """Walks the actions of one file; `functions` are the templates that it defines."""

    def __init__(self, found: list[list[Token]]) -> None:
        self._actions = found
        self._at = 0
        self._depth = 0
        self.functions: list[Function] = []

    def statements(self) -> tuple[list[Stmt], list[Token] | None]:
        """Statements up to the `end` or `else` that closes them, and that action; None at the end of the
        file.
        """
        found: list[Stmt] = []
        while self._at < len(self._actions):
            action = self._actions[self._at]
            self._at += 1
            word = action[0].text if action[0].kind == "word" else ""
            if word in ("end", "else"):
                return found, action
            if word in OPENING:
                self._depth += 1
                if self._depth <= DEEPEST:
                    found.extend(self._nested(word, action))
                self._depth -= 1
            elif word == "template":
                found.append(Do(_include(action)))
            elif word not in ("break", "continue"):
                found.extend(_pipeline(action))
        return found, None

    def _nested(self, word: str, action: list[Token]) -> list[Stmt]:
        body, closing = self.statements()
        otherwise: list[Stmt] = []
        while closing is not None and closing[0].text == "else":
            if len(closing) > 1 and closing[1].text in ("if", "with"):
                inner = self._nested(closing[1].text, closing[1:])
                otherwise.extend(inner)
                break
            more, closing = self.statements()
            otherwise.extend(more)
        pos = action[0].pos
        if word in ("define", "block"):
            return self._define(word, action, [*body, *otherwise])
        rest = [Block(tuple(otherwise))] if otherwise else []
        if word == "range":
            return [_range(action, body), *rest]
        declared, value = _declaration(action[1:])
        if word == "with":
            dot = Bind((Name(DOT, pos),), None, (value,), True, pos)
            named = [Bind((Name(n.text, n.pos),), None, (Name(DOT, pos),), True, n.pos) for n in declared[:1]]
            return [Block((dot, *named, *body)), *rest]
        tested: Stmt = Do(value)
        if declared:
            first = declared[0]
            tested = Bind((Name(first.text, first.pos),), None, (value,), True, first.pos)
        return [Block((tested, Block(tuple(body)), *rest))]

    def _define(self, word: str, action: list[Token], body: list[Stmt]) -> list[Stmt]:
        if len(action) < 2 or action[1].kind != "text":
            return []
        self.functions.append(_template(action[1].text[1:-1], body, action[1].pos))
        return [Do(_include(action))] if word == "block" else []


def _range(action: list[Token], body: list[Stmt]) -> Stmt:
    """`range $i, $x := .Items`: the dot is the item, too."""
    pos = action[0].pos
    declared, value = _declaration(action[1:])
    key = declared[0] if len(declared) > 1 else None
    named = [Bind((Name(n.text, n.pos),), None, (Name(DOT, pos),), True, n.pos) for n in declared[-1:]]
    targets = (Name(key.text if key else "", pos), Name(DOT, pos))
    return Loop(targets, value, (*named, *body), True, pos)


def _include(action: list[Token]) -> Expr:
    """`template "name" data`: a call that `TemplateLibrary` knows by the name `template`."""
    name: Expr = Opaque((), action[0].pos)
    if len(action) > 1 and action[1].kind == "text":
        name = Text(action[1].text[1:-1], action[1].pos)
    data = _value(action[2:])
    return Call(Name("template", action[0].pos), (name, data), (), action[0].pos)


def _declaration(tokens: list[Token]) -> tuple[list[Token], Expr]:
    """The variables before `:=` or `=`, and the pipeline behind it."""
    for at, token in enumerate(tokens):
        if token.text in (":=", "="):
            return [one for one in tokens[:at] if one.kind == "variable"], _value(tokens[at + 1 :])
    return [], _value(tokens)


def _pipeline(action: list[Token]) -> list[Stmt]:
    declared, value = _declaration(action)
    if not declared:
        return [Do(value)]
    name = declared[0]
    declares = any(token.text == ":=" for token in action)
    return [Bind((Name(name.text, name.pos),), None, (value,), declares, name.pos)]


def _value(tokens: list[Token]) -> Expr:
    """A pipeline: each command gets the one before as its last argument."""
    return _Pipeline(tokens).value()


class _Pipeline:
    def __init__(self, tokens: list[Token], at: int = 0, depth: int = 0) -> None:
        self._tokens = tokens
        self.at = at
        self._depth = depth

    def value(self) -> Expr:
        """Up to the closing parenthesis or the end."""
        before: Expr | None = None
        while True:
            operands = self._operands()
            if before is not None:
                operands.append(before)
            before = _command(operands) if operands else before
            if self.at >= len(self._tokens) or self._tokens[self.at].text != "|":
                return before if before is not None else Opaque((), (1, 1))
            self.at += 1

    def _operands(self) -> list[Expr]:
        found: list[Expr] = []
        while self.at < len(self._tokens):
            token = self._tokens[self.at]
            if token.text in ("|", ")") and token.kind == "mark":
                break
            self.at += 1
            operand = self._operand(token)
            if operand is None:
                continue
            while self.at < len(self._tokens) and self._is_step():
                step = self._tokens[self.at]
                operand = Member(operand, step.text[1:], step.pos)
                self.at += 1
            found.append(operand)
        return found

    def _is_step(self) -> bool:
        token = self._tokens[self.at]
        return token.kind == "field" and token.glued

    def _operand(self, token: Token) -> Expr | None:
        match token.kind:
            case "text":
                return Text(token.text[1:-1], token.pos)
            case "field":
                return Member(Name(DOT, token.pos), token.text[1:], token.pos)
            case "variable" | "word":
                return Name(token.text, token.pos)
            case "number" | "char":
                return Opaque((), token.pos)
        if token.text == ".":
            return Name(DOT, token.pos)
        if token.text == "(" and self._depth < DEEPEST:
            inner = _Pipeline(self._tokens, self.at, self._depth + 1)
            value = inner.value()
            self.at = inner.at + 1
            return value
        return None


def _command(operands: list[Expr]) -> Expr:
    """A function or method with its arguments; without any, a field is its own value."""
    first, args = operands[0], tuple(operands[1:])
    pos = first.pos
    if not isinstance(first, Name) or first.id in (DOT, "true", "false", "nil") or first.id.startswith("$"):
        return Call(first, args, (), pos) if args else first
    match first.id, args:
        case "index" | "get", (obj, *keys) if keys:
            for key in keys:
                obj = Index(obj, key, pos)
            return obj
        case "slice", (obj, *bounds):
            return Index(obj, None, pos, tuple(bounds))
        case "or" | "and" | "default" | "coalesce" | "ternary", _:
            return Either(args, (), pos)
        case "list" | "tuple", _:
            return Sequence(args, pos)
        case "dict", _:
            return Record(tuple(zip(args[::2], args[1::2], strict=False)), pos)
        case _:
            return Call(first, args, (), pos)
