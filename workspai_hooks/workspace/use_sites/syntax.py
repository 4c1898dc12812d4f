"""The neutral syntax tree that every language is lowered to before types are followed.

A file's tree depends on its content only (no path, no contract), so it can be kept by blob id. Wrappers that
do not change what a value is are dropped by the lowering: parentheses, `await`, `&x`, `*x`, casts to the same
thing, null-forgiving `!`. What a language module can't express it lowers to `Opaque`, so that nothing inside
is lost.
"""

from __future__ import annotations

from dataclasses import dataclass

Pos = tuple[int, int]
"""Line and column, both counted from 1."""


@dataclass(frozen=True, slots=True)
class Name:
    """A bare identifier, in an expression or a type."""

    id: str
    pos: Pos


@dataclass(frozen=True, slots=True)
class Member:
    """`obj.name`; `pos` is where `name` stands. In types as well: `pb.CartItem`."""

    obj: Expr
    name: str
    pos: Pos


@dataclass(frozen=True, slots=True)
class Named:
    """`name: value` in a call, a composite literal or an object initialiser."""

    name: str
    value: Expr
    pos: Pos


@dataclass(frozen=True, slots=True)
class Call:
    """`fn(args, named)`. A constructor call without `new` (Python) is a Call, too."""

    fn: Expr
    args: tuple[Expr, ...]
    named: tuple[Named, ...]
    pos: Pos


@dataclass(frozen=True, slots=True)
class New:
    """A composite literal (Go) or an object creation with its initialiser (C#).

    `type` None: it comes from the context (`new() {…}`, an element literal `{…}` inside `[]T{…}`).
    `args` are constructor arguments; `items` are positional elements of the literal.
    """

    type: Expr | None
    args: tuple[Expr, ...]
    named: tuple[Named, ...]
    items: tuple[Expr, ...]
    pos: Pos


@dataclass(frozen=True, slots=True)
class Generic:
    """In types: `base<args>`. Lists and maps of any syntax have the base Name("list") and Name("map")."""

    base: Expr
    args: tuple[Expr, ...]
    pos: Pos


@dataclass(frozen=True, slots=True)
class Index:
    """`obj[key]`; a slice `obj[a:b]` has `key` None and the type of `obj`."""

    obj: Expr
    key: Expr | None
    pos: Pos
    bounds: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal."""

    value: str
    pos: Pos


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list, tuple or set literal."""

    items: tuple[Expr, ...]
    pos: Pos
    is_tuple: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A map or dict literal; `type` where it is written (Go). A `**other` has the key Opaque((), pos)."""

    entries: tuple[tuple[Expr, Expr], ...]
    pos: Pos
    type: Expr | None = None


@dataclass(frozen=True, slots=True)
class Either:
    """The value is one of these: `a if c else b`, `a ?? b`, `a or b` (conditions go to `also`)."""

    choices: tuple[Expr, ...]
    also: tuple[Expr, ...]
    pos: Pos


@dataclass(frozen=True, slots=True)
class Each:
    """A comprehension: the loops, what is tested in them, and the element. A dict's is its value."""

    loops: tuple[tuple[tuple[Expr, ...], Expr], ...]
    conditions: tuple[Expr, ...]
    element: Expr
    pos: Pos


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function; `type` None where the language or the author gives none."""

    name: str
    type: Expr | None
    pos: Pos
    variadic: bool = False
    """It takes the rest: `...T`, `*args`; inside, it is a list of `type`."""


@dataclass(frozen=True, slots=True)
class Lambda:
    """A function literal; an expression body is one Return."""

    parameters: tuple[Parameter, ...]
    body: tuple[Stmt, ...]
    pos: Pos
    returns: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """In types: a function's. Unnamed parameters have the name ""."""

    parameters: tuple[Parameter, ...]
    returns: tuple[Expr, ...]
    pos: Pos


@dataclass(frozen=True, slots=True)
class Struct:
    """In types: a struct without a name."""

    bases: tuple[Expr, ...]
    fields: tuple[Variable, ...]
    pos: Pos


@dataclass(frozen=True, slots=True)
class Opaque:
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


@dataclass(frozen=True, slots=True)
class Bind:
    """Assignment or declaration. Several targets take the values of a tuple or of a call's results.

    `declares`: the targets are new names in this scope. `type` is a written type, for all targets.
    """

    targets: tuple[Expr, ...]
    type: Expr | None
    values: tuple[Expr, ...]
    declares: bool
    pos: Pos


@dataclass(frozen=True, slots=True)
class Loop:
    """`for targets in iterable: body`. `keyed`: the first target is the index or key (Go's range)."""

    targets: tuple[Expr, ...]
    iterable: Expr
    body: tuple[Stmt, ...]
    keyed: bool
    pos: Pos


@dataclass(frozen=True, slots=True)
class Block:
    """A scope of its own."""

    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class Return:
    """`return values` (several in Go)."""

    values: tuple[Expr, ...]
    pos: Pos


@dataclass(frozen=True, slots=True)
class Do:
    """An expression for its effect, and the conditions of `if` and `while`."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Function:
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


@dataclass(frozen=True, slots=True)
class Variable:
    """A field, property or attribute of a class; a property with a body also stands among its functions."""

    name: str
    type: Expr | None
    value: Expr | None
    pos: Pos


@dataclass(frozen=True, slots=True)
class Class:
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


@dataclass(frozen=True, slots=True)
class Import:
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


@dataclass(frozen=True, slots=True)
class Source:
    """One file. `package` is Go's package clause or C#'s namespace (empty where there is none)."""

    language: str
    package: str
    imports: tuple[Import, ...]
    body: tuple[Stmt, ...]
