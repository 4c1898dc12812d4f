"""The neutral syntax tree that every language is lowered to before types are followed.

A file's tree depends on its content only (no path, no contract), so it can be kept by blob id. Wrappers that
do not change what a value is are dropped by the lowering: parentheses, `await`, `&x`, `*x`, casts to the same
thing, null-forgiving `!`. What a language module can't express it lowers to `Opaque`, so that nothing inside
is lost.
"""

from __future__ import annotations

import msgspec


class UnparsableError(Exception):
    """A text on which a grammar does not come to an end: no source that anybody wrote."""


Pos = tuple[int, int]
"""Line and column, both counted from 1."""


class Node(msgspec.Struct, frozen=True, tag=True, tag_field="node", array_like=True, gc=False):
    """Anything in a tree. A Struct, so that trees are read back from the index without a line of Python."""


class Name(Node, frozen=True):
    """A bare identifier, in an expression or a type."""

    id: str
    pos: Pos


class Member(Node, frozen=True):
    """`obj.name`; `pos` is where `name` stands. In types as well: `pb.CartItem`."""

    obj: Expr
    name: str
    pos: Pos


class Named(Node, frozen=True):
    """`name: value` in a call, a composite literal or an object initialiser."""

    name: str
    value: Expr
    pos: Pos


class Call(Node, frozen=True):
    """`fn(args, named)`. A constructor call without `new` (Python) is a Call, too."""

    fn: Expr
    args: tuple[Expr, ...]
    named: tuple[Named, ...]
    pos: Pos


class New(Node, frozen=True):
    """A composite literal (Go) or an object creation with its initialiser (C#).

    `type` None: it comes from the context (`new() {…}`, an element literal `{…}` inside `[]T{…}`).
    `args` are constructor arguments; `items` are positional elements of the literal.
    """

    type: Expr | None
    args: tuple[Expr, ...]
    named: tuple[Named, ...]
    items: tuple[Expr, ...]
    pos: Pos


class Generic(Node, frozen=True):
    """In types: `base<args>`. Lists and maps of any syntax have the base Name("list") and Name("map")."""

    base: Expr
    args: tuple[Expr, ...]
    pos: Pos


class Index(Node, frozen=True):
    """`obj[key]`; a slice `obj[a:b]` has `key` None and the type of `obj`."""

    obj: Expr
    key: Expr | None
    pos: Pos
    bounds: tuple[Expr, ...] = ()


class Text(Node, frozen=True):
    """A string literal."""

    value: str
    pos: Pos


class Sequence(Node, frozen=True):
    """A list, tuple or set literal."""

    items: tuple[Expr, ...]
    pos: Pos
    is_tuple: bool = False


class Record(Node, frozen=True):
    """A map or dict literal; `type` where it is written (Go). A `**other` has the key Opaque((), pos)."""

    entries: tuple[tuple[Expr, Expr], ...]
    pos: Pos
    type: Expr | None = None


class Either(Node, frozen=True):
    """The value is one of these: `a if c else b`, `a ?? b`, `a or b` (conditions go to `also`)."""

    choices: tuple[Expr, ...]
    also: tuple[Expr, ...]
    pos: Pos


class Each(Node, frozen=True):
    """A comprehension: the loops, what is tested in them, and the element. A dict's is its value."""

    loops: tuple[tuple[tuple[Expr, ...], Expr], ...]
    conditions: tuple[Expr, ...]
    element: Expr
    pos: Pos


class Parameter(Node, frozen=True):
    """A parameter of a function; `type` None where the language or the author gives none."""

    name: str
    type: Expr | None
    pos: Pos
    variadic: bool = False
    """It takes the rest: `...T`, `*args`; inside, it is a list of `type`."""


class Lambda(Node, frozen=True):
    """A function literal; an expression body is one Return."""

    parameters: tuple[Parameter, ...]
    body: tuple[Stmt, ...]
    pos: Pos
    returns: tuple[Expr, ...] = ()


class Signature(Node, frozen=True):
    """In types: a function's. Unnamed parameters have the name ""."""

    parameters: tuple[Parameter, ...]
    returns: tuple[Expr, ...]
    pos: Pos


class Struct(Node, frozen=True):
    """In types: a struct without a name."""

    bases: tuple[Expr, ...]
    fields: tuple[Variable, ...]
    pos: Pos


class Opaque(Node, frozen=True):
    """Anything else. Its parts are looked at, its own type is unknown. Operators are Opaque."""

    parts: tuple[Expr, ...]
    pos: Pos


Expr = (
    Name
    | Member
    | Call
    | New
    | Generic
    | Index
    | Text
    | Sequence
    | Record
    | Either
    | Each
    | Lambda
    | Signature
    | Struct
    | Opaque
)


class Bind(Node, frozen=True):
    """Assignment or declaration. Several targets take the values of a tuple or of a call's results.

    `declares`: the targets are new names in this scope. `type` is a written type, for all targets.
    """

    targets: tuple[Expr, ...]
    type: Expr | None
    values: tuple[Expr, ...]
    declares: bool
    pos: Pos


class Loop(Node, frozen=True):
    """`for targets in iterable: body`. `keyed`: the first target is the index or key (Go's range)."""

    targets: tuple[Expr, ...]
    iterable: Expr
    body: tuple[Stmt, ...]
    keyed: bool
    pos: Pos


class Block(Node, frozen=True):
    """A scope of its own."""

    body: tuple[Stmt, ...]


class Return(Node, frozen=True):
    """`return values` (several in Go)."""

    values: tuple[Expr, ...]
    pos: Pos


class Do(Node, frozen=True):
    """An expression for its effect, and the conditions of `if` and `while`."""

    value: Expr


class Function(Node, frozen=True):
    """A function or method. `receiver` is Go's; methods of classes stand inside their Class.

    A method of a class whose receiver is an explicit first parameter (Python's `self`) has it in
    `parameters`; `decorators` are names as written (`staticmethod`, `property`). C#'s extension methods are
    `extends` True.
    """

    name: str
    receiver: Parameter | None
    parameters: tuple[Parameter, ...]
    returns: tuple[Expr, ...]
    body: tuple[Stmt, ...]
    pos: Pos
    overrides: bool = False
    type_parameters: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    extends: bool = False


class Variable(Node, frozen=True):
    """A field, property or attribute of a class; a property with a body also stands among its functions."""

    name: str
    type: Expr | None
    value: Expr | None
    pos: Pos


class Class(Node, frozen=True):
    """A class, struct, record or interface; `bases` with embedded structs and interfaces.

    A named type that is not a struct (`type Items []*pb.Item`, a type alias) has it in `alias`.
    """

    name: str
    bases: tuple[Expr, ...]
    fields: tuple[Variable, ...]
    body: tuple[Stmt, ...]
    pos: Pos
    alias: Expr | None = None
    type_parameters: tuple[str, ...] = ()


Stmt = Bind | Loop | Block | Return | Do | Function | Class


class Import(Node, frozen=True):
    """An import. `path` is the module, package or namespace as written; relative ones keep their dots.

    `alias`: the name it gets here (None: the language's default). `names`: what is taken out of it, with
    aliases: `from a.b import c as d` is Import("a.b", None, (("c", "d"),)); `("*", "*")` is everything.
    `everywhere`: it holds for every file of the project (C#'s `global using`).
    """

    path: str
    alias: str | None
    names: tuple[tuple[str, str], ...]
    pos: Pos
    everywhere: bool = False


class Source(Node, frozen=True):
    """One file. `package` is Go's package clause or C#'s namespace (empty where there is none).

    `inner`: modules or namespaces of the same file with imports and names of their own. `test`: it says by
    itself that it is for tests only (Rust's `#[cfg(test)]`).
    """

    language: str
    package: str
    imports: tuple[Import, ...]
    body: tuple[Stmt, ...]
    inner: tuple[Source, ...] = ()
    test: bool = False
