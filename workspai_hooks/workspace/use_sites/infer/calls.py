"""What a call gives, what it teaches about the function that is called, and what leaves sight through it."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.infer.base import refined
from workspai_hooks.workspace.use_sites.infer.members import LONGEST_PATH
from workspai_hooks.workspace.use_sites.infer.overloads import chosen
from workspai_hooks.workspace.use_sites.infer.program import FunctionDecl
from workspai_hooks.workspace.use_sites.infer.rendering import Rendering
from workspai_hooks.workspace.use_sites.infer.scope import Scope
from workspai_hooks.workspace.use_sites.infer.types import substitute, unify, with_arguments
from workspai_hooks.workspace.use_sites.syntax import Call, Expr, Member, Name, Named, Sequence, Text
from workspai_hooks.workspace.use_sites.values import (
    CONTRACT,
    PLAIN,
    UNKNOWN,
    FunctionOf,
    InstanceOf,
    LibraryOf,
    ListOf,
    MessageOf,
    Method,
    Plain,
    TemplateOf,
    TypeOf,
    TypeParameter,
    Value,
    alternatives,
    join,
    parts_of,
)
from workspai_hooks.workspace.use_sites.writing import MUTATORS, SETTERS

BLOCK = "&"
"""The name of an argument that is a block; it comes first among what a Method's `compute` sees."""
DEEPEST_CALL = 24
"""Calls that are looked into from within each other without a value in between."""


class Calls(Rendering):
    """Calls of anything: functions of the repository, types, methods of contract values, libraries."""

    def call(self, node: Call, scope: Scope) -> Value:
        """`fn(args, named)`."""
        return self.call_of(self.shape(self.callee(node.fn, scope)), node, scope)

    def call_of(self, callee: Value, node: Call, scope: Scope) -> Value:
        """What a call gives where it is known what is called."""
        if isinstance(node.fn, Member):
            if node.fn.name in MUTATORS and isinstance(node.fn.obj, Member | Name):
                self.written(node.fn.obj.pos, scope)
            if node.fn.name.lower().startswith(SETTERS):
                self.given(node.args, scope)
        args = self._arguments(node.args, callee, scope)
        named = {one.name: self._named(one, callee, scope) for one in node.named}
        if isinstance(callee, TypeOf) and callee.value == UNKNOWN and args:
            return args[0]
        return join(self._result(one, args, named, node, scope) for one in alternatives(callee))

    def _arguments(self, nodes: tuple[Expr, ...], callee: Value, scope: Scope) -> tuple[Value, ...]:
        """Arguments by position; earlier ones may decide what the next one has to be."""
        if isinstance(callee, LibraryOf):
            callee = scope.file.dialect.library.function(callee.path) or callee
        expected = self._expected(callee, len(nodes))
        if scope.file.dialect.structural and isinstance(callee, TypeOf):
            expected = self._constructor_takes(callee.value)
        elif scope.file.dialect.symbols and isinstance(callee, TypeOf):
            expected = (callee.value,)
        found: list[Value] = []
        for index, node in enumerate(nodes):
            if isinstance(callee, Method) and callee.given is not None:
                expected = callee.given(tuple([self.settle(value) for value in found]))
            found.append(self._argument(node, expected, index, scope))
        return tuple(found)

    def _constructor_takes(self, made: Value) -> tuple[Value, ...]:
        """What a class's constructor takes; a message (or anything that is cast to) takes its like, or what
        makes it: `useMemo<Cart>(() => …)`.
        """
        if isinstance(made, InstanceOf):
            constructor = self.method_of(made, "__init__")
            if constructor is not None:
                return self._expected(FunctionOf(constructor.key, made))
        return (join((made, Method(made))),)

    def _expected(self, callee: Value, count: int = 0) -> tuple[Value, ...]:
        """What a callee takes by position; of several overloads the one with so many parameters."""
        for one in alternatives(callee):
            match one:
                case FunctionOf(key):
                    decl = self.overload(self.program.functions[key], (UNKNOWN,) * count, one)
                    parameters = self.signature(decl)[0]
                    if decl.file.dialect.enclosing and _leaves_out(parameters, count):
                        return (*parameters[: count - 1], parameters[-1])
                    return parameters[1:] if self._takes_self(decl, one) else parameters
                case Method():
                    return one.parameters
                case _:
                    continue
        return ()

    def _argument(self, node: Expr, expected: tuple[Value, ...], index: int, scope: Scope) -> Value:
        """An argument; a function that is handed in meets the parameters that it will be called with."""
        wanted = expected[index] if index < len(expected) else None
        value = self.evaluate(node, scope, wanted)
        if scope.file.dialect.structural:
            return self.suited(value, wanted, scope)
        if isinstance(value, FunctionOf) and isinstance(wanted, Method) and wanted.parameters:
            return Method(self.call_function(value, wanted.parameters), wanted.parameters)
        return value

    def _named(self, node: Named, callee: Value, scope: Scope) -> Value:
        """A named argument; of a message's constructor it is a field."""
        if node.name == BLOCK:
            return self.block_of(node, callee, scope)
        for one in alternatives(callee):
            if isinstance(one, TypeOf) and isinstance(one.value, CONTRACT):
                return self.set_field(one.value, node, scope)
        return self.evaluate(node.value, scope)

    def set_field(self, owner: Value, node: Named, scope: Scope) -> Value:
        """`name: value` of a message: the field that it sets."""
        access = scope.file.dialect.naming.argument(owner, node.name)
        if access is None:
            return self.evaluate(node.value, scope)
        held = self.take(access, node.name, node.pos, scope)
        self.written(node.pos, scope)
        self.given((node.value,), scope)
        value = self.evaluate(node.value, scope, held)
        self._forwarded(node.value, value, node.name, scope)
        return value

    def _forwarded(self, node: Expr, value: Value, symbol: str, scope: Scope) -> None:
        """A message that is not written right here goes on as it is."""
        if isinstance(node, Name | Member) or (isinstance(node, Call) and not self._makes(node)):
            self.escape(value, "forwarded", symbol, node.pos, scope)

    def _makes(self, node: Call) -> bool:
        """Whether a call is a message's constructor: then its fields stand right there."""
        return bool(node.named)

    def _result(
        self, callee: Value, args: tuple[Value, ...], named: dict[str, Value], node: Call, scope: Scope
    ) -> Value:
        match callee:
            case FunctionOf():
                decl = self.program.functions[callee.key]
                own = (callee.receiver or UNKNOWN,) if self._takes_self(decl, callee) else ()
                self.render_through(decl, node.args, (*own, *args), node.pos, scope)
                return self.call_function(callee, args, named)
            case Method():
                return self._call_method(callee, args, named, node, scope)
            case TypeOf(value):
                return self.construct(value, args, named)
            case LibraryOf():
                return self._call_library(callee, args, named, node, scope)
            case InstanceOf():
                called = self.of_class(callee, "__call__", node.pos, scope)
                return self.call_function(called, args, named) if isinstance(called, FunctionOf) else UNKNOWN
            case Plain():
                return PLAIN
            case _:
                return UNKNOWN

    def construct(self, value: Value, args: tuple[Value, ...], named: dict[str, Value]) -> Value:
        """A conversion to a type, or a new instance of it."""
        if isinstance(value, InstanceOf):
            declared = self.program.classes.get(value.key)
            made = self.method_of(value, "__init__")
            if made is not None:
                self.call_function(FunctionOf(made.key, value), args, named)
            elif declared is not None:
                order = list(declared.variables)
                for name, held in (*zip(order, args, strict=False), *named.items()):
                    self.learn_field(value, name, held)
        return value

    def call_function(
        self, function: FunctionOf, args: tuple[Value, ...], named: dict[str, Value] | None = None
    ) -> Value:
        """The result of a function of the repository; its parameters learn what they are called with."""
        decl = self.overload(self.program.functions[function.key], args, function)
        if self._takes_self(decl, function):
            args = (function.receiver or UNKNOWN, *args)
        args = self._in_order(decl, args, named or {})
        parameters, written = self.signature(decl)
        trailing = decl.file.dialect.enclosing and bool(args) and isinstance(args[-1], Method)
        if trailing and _leaves_out(parameters, len(args)):
            args = (*args[:-1], *[PLAIN] * (len(parameters) - len(args)), args[-1])
        bound = self.bindings_of(decl, function.receiver, function.args)
        for index, value in enumerate(args[: len(parameters)]):
            settled = self.settle(value)
            unify(parameters[index], settled, bound)
            if is_open(parameters[index]):
                self.knowledge.learn(("argument", decl.key, str(index)), settled)
        if written is None:
            written = PLAIN if decl.file.dialect.static else UNKNOWN
        result = substitute(written, bound)
        if not is_open(result):
            return result
        seen = self.knowledge.get(("returns", decl.key, ""))
        return result if seen is None else refined(result, with_arguments(seen, decl.key, args))

    def overload(self, decl: FunctionDecl, args: tuple[Value, ...], function: FunctionOf) -> FunctionDecl:
        """The function of this name that such arguments mean."""
        if not decl.overloads or not decl.file.dialect.static:
            return decl
        own = 1 if self._takes_self(decl, function) else 0
        given = tuple([self.settle(arg) for arg in args])
        return chosen(decl, given, lambda one: self.signature(one)[0][own:])

    def _takes_self(self, decl: FunctionDecl, function: FunctionOf) -> bool:
        """Whether the first written parameter is the receiver of this call."""
        if decl.node.extends:
            return function.receiver is not None and decl.node.receiver is None
        explicit = decl.file.dialect.explicit_self and decl.owner is not None
        return explicit and function.receiver is not None and "staticmethod" not in decl.node.decorators

    def _in_order(
        self, decl: FunctionDecl, args: tuple[Value, ...], named: dict[str, Value]
    ) -> tuple[Value, ...]:
        """Arguments by the position of their parameters; what a variadic one takes as a list."""
        written = decl.node.parameters
        found: list[Value] = list(args[: len(written)])
        if written and written[-1].variadic and len(args) >= len(written):
            rest = args[len(written) - 1 :]
            spread = len(rest) == 1 and isinstance(self.settle(rest[0]), ListOf)
            found[-1:] = [rest[0] if spread else ListOf(join(rest))]
        for index, parameter in enumerate(written):
            if parameter.name in named and index >= len(found):
                found.extend([PLAIN] * (index - len(found)))
                found.append(named[parameter.name])
        return tuple(found)

    def _call_method(
        self, method: Method, args: tuple[Value, ...], named: dict[str, Value], node: Call, scope: Scope
    ) -> Value:
        symbol = node.fn.name if isinstance(node.fn, Member) else ""
        if method.literal:
            return self.call_literal(method, args)
        if method.registers is not None:
            self.implements(method.registers, "registers", node.pos, scope.file)
        if method.escapes is not None:
            self._escapes_by_name(method.escapes, method.escape or "", symbol, node, scope)
        elif method.escape is not None:
            for arg, value in zip(node.args, args, strict=False):
                if method.escape == "forwarded":
                    self._forwarded(arg, value, symbol, scope)
                else:
                    self.escape(value, method.escape, symbol, node.pos, scope)
        if method.template is not None:
            self.render(method, args, named, node, scope)
        if method.defines_functions is not None and method.defines_functions < len(args):
            self.define_functions(args[method.defines_functions])
        if method.names_fields_of is not None:
            return self._by_text(method, node, scope)
        if method.loads_template is not None:
            name = self.text_of(node.args[method.loads_template : method.loads_template + 1], scope)
            return method.result if name is None else TemplateOf(name.rsplit("/", 1)[-1])
        self._becomes(method, args, node, scope)
        given = (named[BLOCK], *args) if BLOCK in named else args
        settled = tuple(self.settle(arg) for arg in given)
        return method.result if method.compute is None else self.kept(method.compute(settled))

    def _escapes_by_name(self, message: str, how: str, symbol: str, node: Call, scope: Scope) -> None:
        self.escape(MessageOf(message), how, symbol, node.pos, scope)

    def _becomes(self, method: Method, args: tuple[Value, ...], node: Call, scope: Scope) -> None:
        """A method that changes its receiver: what it is from now on."""
        if method.becomes is None or not isinstance(node.fn, Member):
            return
        target = node.fn.obj
        if isinstance(target, Name | Member):
            before = self.shape(self.evaluate(target, scope))
            self.update(target, self.kept(method.becomes(before, args)), scope)

    def _by_text(self, method: Method, node: Call, scope: Scope) -> Value:
        """Fields that are named by strings: `HasField("x")`."""
        assert method.names_fields_of is not None
        result = method.result
        texts = [text for arg in node.args for text in texts_in(arg)]
        for text in texts:
            access = scope.file.dialect.naming.by_text(method.names_fields_of, text.value)
            value = self.access_or_none(access, text.value, text.pos, scope)
            result = value if result == UNKNOWN else result
        if not texts:
            self._escapes_by_name(method.names_fields_of, "reflection", "", node, scope)
        return result

    def _call_library(
        self, callee: LibraryOf, args: tuple[Value, ...], named: dict[str, Value], node: Call, scope: Scope
    ) -> Value:
        """A function of a library: by the table; else, where contract values go in, they may come out."""
        method = scope.file.dialect.library.function(callee.path)
        if method is not None:
            return self._call_method(method, args, named, node, scope)
        given = [self.settle(value) for value in (*args, *named.values())]
        if any(holds_contract(value) for value in given):
            for value in given:
                self.escape(value, "library", callee.path, node.pos, scope)
            return UNKNOWN
        path = f"{callee.path}()"
        return LibraryOf(path) if len(path) <= LONGEST_PATH else PLAIN

    def update(self, target: Expr, value: Value, scope: Scope) -> None:
        """An assignment that replaces what a target was."""
        raise NotImplementedError

    def callee(self, node: Expr, scope: Scope) -> Value:
        """What a call calls."""
        raise NotImplementedError

    def block_of(self, node: Named, callee: Value, scope: Scope) -> Value:
        """A block among the arguments."""
        raise NotImplementedError

    def suited(self, value: Value, wanted: Value | None, scope: Scope) -> Value:
        """A value where `wanted` is asked for."""
        raise NotImplementedError

    def call_literal(self, function: Method, args: tuple[Value, ...]) -> Value:
        """A function literal is called."""
        raise NotImplementedError


def _leaves_out(parameters: tuple[Value, ...], count: int) -> bool:
    """Whether the last of so few arguments is for the last parameter: a lambda behind the parentheses."""
    return 0 < count < len(parameters) and isinstance(parameters[-1], Method)


def is_open(value: Value) -> bool:
    """Whether callers decide what a written type is: it says nothing, or is generic."""
    if isinstance(value, Method):
        return False
    return value == UNKNOWN or isinstance(value, TypeParameter) or any(is_open(p) for p in parts_of(value))


def holds_contract(value: Value, depth: int = 4) -> bool:
    """Whether contract values are in it."""
    if isinstance(value, CONTRACT):
        return True
    return depth > 0 and any(holds_contract(part, depth - 1) for part in parts_of(value))


def texts_in(node: Expr) -> tuple[Text, ...]:
    """The strings that are written as a value or in a list of them."""
    if isinstance(node, Text):
        return (node,)
    return tuple(t for item in node.items for t in texts_in(item)) if isinstance(node, Sequence) else ()
