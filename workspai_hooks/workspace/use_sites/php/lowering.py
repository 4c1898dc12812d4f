"""PHP source -> the neutral syntax tree.

Classes and functions are lifted to the top by their full names (functions with `()` behind it); what is left
of the file is the body of a function that is called `(main)`. Doc comments give types where none is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tree_sitter import Node

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, child_of, named
from workspai_hooks.workspace.use_sites.php.expressions import LANGUAGE, METHODS, Expressions
from workspai_hooks.workspace.use_sites.php.scopes import SELF
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Call,
    Class,
    Do,
    Expr,
    Function,
    Loop,
    Member,
    Name,
    Opaque,
    Pos,
    Return,
    Source,
    Stmt,
    Variable,
)

GLOBAL = regex(rb"\bglobal\s+(\$[^;]{1,300});")
VARIABLE = regex(r"\$\w+")
MAIN: Pos = (1, 0)
"""Where `(main)` stands: no other function can."""


def lower(data: bytes) -> Source:
    """The neutral tree of a file; never raises, what can't be parsed is left out."""
    lowering = Lowering(Nodes(data, LANGUAGE))
    shared = sorted(
        {word for names in GLOBAL.findall(data) for word in VARIABLE.findall(names.decode("latin-1"))}
    )
    lowering.known.update(shared)
    body = lowering.block(lowering.nodes.root)
    main = Function("(main)", None, (), (), body, MAIN)
    variables = [Bind((Name(word, (1, at)),), None, (), False, (1, at)) for at, word in enumerate(shared)]
    return Source("php", "", lowering.imported(), (*variables, *lowering.lifted, main))


class Lowering(Expressions):
    """Lowers the statements of one file."""

    def block(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements of a body, a clause or a whole file."""
        found: list[Stmt] = []
        comment: Node | None = None
        for part in [] if node is None else node.named_children:
            if part.type == "comment":
                comment = part
                continue
            found.extend(self.statement(part, comment))
            comment = None
        return tuple(found)

    def statement(self, node: Node, comment: Node | None = None) -> list[Stmt]:
        """One statement; before it, what its expressions bind."""
        if self.depth > DEEPEST:
            return []
        outer, self.hoisted = self.hoisted, []
        self.depth += 1
        lower = _STATEMENTS.get(node.type, Lowering._other)
        found = list(lower(self, node))
        found[:0] = self.hoisted
        self.depth -= 1
        self.hoisted = outer
        if comment is not None and node.type == "expression_statement":
            found.extend(self._annotated(comment))
        return found

    def _annotated(self, comment: Node) -> Iterator[Stmt]:
        """`/** @var Cart $cart */` before its assignment."""
        for name, kind in self.documented(comment).items():
            if name.startswith("$"):
                pos = self.nodes.pos(comment)
                typed = Call(kind, (Name(name, pos),), (), pos)
                yield Bind((Name(name, pos),), None, (typed,), True, pos)

    def _other(self, node: Node) -> Iterator[Stmt]:
        """Expression statements, `echo`, `unset`: for effect; what binds has been lifted before."""
        for part in named(node):
            if part.type in _STATEMENTS or part.type.endswith(("_statement", "_clause")):
                yield from self.statement(part)
            else:
                yield Do(self.expr(part))

    def _whole(self, node: Node) -> Iterator[Stmt]:
        yield from self.block(node)

    def _nothing(self, node: Node) -> Iterator[Stmt]:
        return iter(())

    def _namespace(self, node: Node) -> Iterator[Stmt]:
        self.namespace = self.written(node.child_by_field_name("name"))
        body = node.child_by_field_name("body")
        if body is not None:
            yield from self.block(body)

    def _use(self, node: Node) -> Iterator[Stmt]:
        """`use A\\B;`, `use A\\B as C;`, `use A\\{B, C as D};`, `use function A\\f;`."""
        yield from ()
        group = child_of(node, "namespace_use_group")
        prefix = self.written(child_of(node, "namespace_name")) if group is not None else ""
        functions = child_of(node, "function") is not None
        for clause in named(group if group is not None else node):
            if clause.type != "namespace_use_clause":
                continue
            kind, alias = clause.child_by_field_name("type"), clause.child_by_field_name("alias")
            parts = [part for part in named(clause) if part not in (kind, alias)]
            written = self.written(parts[0]).lstrip("\\") if parts else ""
            full = f"{prefix}\\{written}" if prefix else written
            name = self.nodes.text(alias) or full.rpartition("\\")[2]
            of_function = functions or self.nodes.text(kind) == "function"
            (self.used_functions if of_function else self.used)[name] = full

    def _global(self, node: Node) -> Iterator[Stmt]:
        """`global $x;`: from here on it is the file's own."""
        self.known.update(self.nodes.text(part) for part in named(node))
        return iter(())

    def _branching(self, node: Node) -> Iterator[Stmt]:
        """`if`, `while`, `for`: conditions for their effect, then every branch."""
        for word in ("initialize", "condition", "update"):
            for condition in node.children_by_field_name(word):
                if condition.is_named:
                    yield Do(self.expr(condition))
        if self.hoisted:
            held, self.hoisted = self.hoisted, []
            yield from held
        for body in node.children_by_field_name("body"):
            yield Block(tuple(self.statement(body)))
        for other in node.children_by_field_name("alternative"):
            yield Block(tuple(self.statement(other)))

    def _foreach(self, node: Node) -> Iterator[Stmt]:
        body = node.child_by_field_name("body")
        parts = [part for part in named(node) if part != body]
        if len(parts) < 2:
            return
        pos = self.nodes.pos(node)
        iterable = self.expr(parts[0])
        pair = named(parts[1]) if parts[1].type == "pair" else [parts[1]]
        inner = pair[-1]
        while inner.type == "by_ref" and named(inner):
            inner = named(inner)[0]
        opening: list[Stmt] = []
        if inner.type in ("list_literal", "array_creation_expression"):
            item: Expr = Name(f"({pos[0]}:{pos[1]})", pos)
            opening = self.taken_apart(inner, item, pos)
        else:
            item = self.expr(inner)
        key = self.expr(pair[0]) if len(pair) > 1 else Name("(key)", pos)
        loop = (*opening, *(self.statement(body) if body is not None else ()))
        yield Loop((key, item), iterable, loop, True, pos)

    def _switch(self, node: Node) -> Iterator[Stmt]:
        subject = self.expr(node.child_by_field_name("condition"))
        yield Do(subject)
        for case in named(node.child_by_field_name("body")):
            value = case.child_by_field_name("value")
            tests = () if value is None else (Do(Opaque((subject, self.expr(value)), self.nodes.pos(case))),)
            inner = [one for part in named(case) if part != value for one in self.statement(part)]
            yield Block((*tests, *inner))

    def _try(self, node: Node) -> Iterator[Stmt]:
        yield from self.block(node.child_by_field_name("body"))
        for clause in named(node):
            if clause.type in ("catch_clause", "finally_clause"):
                yield Block(self.block(clause.child_by_field_name("body")))

    def _return(self, node: Node) -> Iterator[Stmt]:
        yield Return(self.exprs(named(node)), self.nodes.pos(node))

    # -- declarations

    def _function(self, node: Node) -> Iterator[Stmt]:
        yield from ()
        function = self._function_of(node, self._doc_of(node))
        name = f"{self.inside(function.name)}()"
        self.lifted.append(
            Function(name, None, function.parameters, function.returns, function.body, function.pos)
        )

    def _doc_of(self, node: Node) -> dict[str, Expr]:
        """What the doc comment right above says."""
        before = node.prev_named_sibling
        while before is not None and before.type == "attribute_list":
            before = before.prev_named_sibling
        return self.documented(before)

    def _function_of(self, node: Node, documented: dict[str, Expr]) -> Function:
        word = node.child_by_field_name("name") or node
        outer, self.known = self.known, set()
        before, self.hoisted = self.hoisted, []
        written, promoted = self.parameters(node.child_by_field_name("parameters"), documented)
        opening = [
            Bind((Member(Name(SELF, p.pos), p.name, p.pos),), None, (Name(p.name, p.pos),), False, p.pos)
            for p in promoted
        ]
        body = self.block(node.child_by_field_name("body"))
        self.known, self.hoisted = outer, before
        kind = documented.get("return") or self.type(node.child_by_field_name("return_type"))
        name = self.nodes.text(word)
        static = ("staticmethod",) if child_of(node, "static_modifier") is not None else ()
        return Function(
            METHODS.get(name, name),
            None,
            written,
            () if kind is None else (kind,),
            (*opening, *body),
            self.nodes.pos(word),
            decorators=static,
        )

    def _class(self, node: Node) -> Iterator[Stmt]:
        yield from ()
        word = node.child_by_field_name("name")
        if word is not None:
            self.lifted.append(self.class_of(node, self.inside(self.nodes.text(word)), self.nodes.pos(word)))

    def class_of(self, node: Node, name: str, pos: Pos) -> Class:
        """A class, interface, trait or enum."""
        outer, self.owner = self.owner, name
        bases: list[Expr] = []
        for clause in named(node):
            if clause.type in ("base_clause", "class_interface_clause"):
                bases.extend(self._bases(clause))
        fields: list[Variable] = []
        methods: list[Stmt] = []
        body = node if node.type == "declaration_list" else child_of(node, "declaration_list")
        body = body or child_of(node, "enum_declaration_list")
        for part in named(body):
            if part.type == "method_declaration":
                methods.append(self._function_of(part, self._doc_of(part)))
                fields.extend(self._promoted(part))
            elif part.type == "property_declaration":
                fields.extend(self._properties(part))
            elif part.type == "const_declaration":
                fields.extend(self._constants(part))
            elif part.type == "use_declaration":
                bases.extend(self._bases(part))
        self.owner = outer
        return Class(name, tuple(bases), tuple(fields), tuple(methods), pos)

    def _bases(self, node: Node) -> Iterator[Expr]:
        for part in named(node):
            if part.type in ("name", "qualified_name"):
                yield self.class_named(self.written(part), self.nodes.pos(part))

    def _promoted(self, method: Node) -> Iterator[Variable]:
        documented = self._doc_of(method)
        for part in named(method.child_by_field_name("parameters")):
            word = part.child_by_field_name("name")
            if part.type == "property_promotion_parameter" and word is not None:
                name = self.nodes.text(word)
                kind = documented.get(name) or self.type(part.child_by_field_name("type"))
                yield Variable(name, kind, None, self.nodes.pos(word))

    def _properties(self, node: Node) -> Iterator[Variable]:
        documented = self._doc_of(node)
        for part in named(node):
            word = part.child_by_field_name("name") if part.type == "property_element" else None
            if word is not None:
                name = self.nodes.text(word)
                kind = documented.get(name, documented.get("")) or self.type(node.child_by_field_name("type"))
                default = part.child_by_field_name("default_value")
                value = self.expr(default) if default is not None and kind is None else None
                yield Variable(name, kind, value, self.nodes.pos(word))

    def _constants(self, node: Node) -> Iterator[Variable]:
        for part in named(node):
            inner = named(part) if part.type == "const_element" else []
            if len(inner) > 1:
                value = self.expr(inner[1])
                yield Variable(self.nodes.text(inner[0]), None, value, self.nodes.pos(inner[0]))


_STATEMENTS: dict[str, Callable[[Lowering, Node], Iterator[Stmt]]] = {
    "namespace_definition": Lowering._namespace,
    "namespace_use_declaration": Lowering._use,
    "compound_statement": Lowering._whole,
    "colon_block": Lowering._whole,
    "global_declaration": Lowering._global,
    "else_clause": Lowering._branching,
    "else_if_clause": Lowering._branching,
    "if_statement": Lowering._branching,
    "while_statement": Lowering._branching,
    "do_statement": Lowering._branching,
    "for_statement": Lowering._branching,
    "foreach_statement": Lowering._foreach,
    "switch_statement": Lowering._switch,
    "try_statement": Lowering._try,
    "return_statement": Lowering._return,
    "function_definition": Lowering._function,
    "class_declaration": Lowering._class,
    "interface_declaration": Lowering._class,
    "trait_declaration": Lowering._class,
    "enum_declaration": Lowering._class,
    "php_tag": Lowering._nothing,
    "text": Lowering._nothing,
    "text_interpolation": Lowering._nothing,
}
