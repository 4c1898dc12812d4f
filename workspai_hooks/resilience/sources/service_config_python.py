"""Service configs in Python: the channel option `grpc.service_config`, given as JSON, as `json.dumps` of a
literal, or by a name that is given one in the same file. C-core reads them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tree_sitter import Node

from workspai_hooks.resilience.deadlines.site import SourceFile
from workspai_hooks.resilience.grpc.code import UNKNOWN, Held, nodes_of, number, of_text, of_value, read_of
from workspai_hooks.resilience.grpc.values import Pointer, Runtime
from workspai_hooks.resilience.reading import Read
from workspai_hooks.workspace.files import is_own
from workspai_hooks.workspace.use_sites.syntax import UnparsableError

_OPTION = "grpc.service_config"
MARKS = (_OPTION.encode(),)
_DEEPEST = 12
_CONSTANTS = {"true": True, "false": False, "none": None}
_PAIRS = ("tuple", "pair", "list")


def wanted(path: str) -> bool:
    """Whether it is a source of a program's own."""
    return path.endswith(".py") and is_own(path)


def read(path: str, data: bytes) -> Read:
    """What a file's channels say."""
    from workspai_hooks.workspace.use_sites.python.expressions import LANGUAGE

    try:
        file = SourceFile(path, data, LANGUAGE)
    except UnparsableError:
        return Read()
    reader = _Reader(path, file)
    options = sorted(set(reader.options()), key=lambda node: node.start_byte)
    found = (reader.held(node) for node in options)
    return read_of(path, [one for one in found if one is not None], (Runtime.CORE,))


class _Reader:
    def __init__(self, path: str, file: SourceFile) -> None:
        self._path, self._file, self._nodes = path, file, file.nodes

    def options(self) -> Iterator[Node]:
        """The values of the option, those of names followed."""
        for node in nodes_of(self._file):
            if node.type not in _PAIRS or len(node.named_children) != 2:
                continue
            key, value = node.named_children
            if key.type == "string" and self._text(key) == _OPTION:
                followed = self._followed(value)
                if followed is not None:
                    yield followed

    def held(self, node: Node) -> Held | None:
        """The config that a value is; None where that is not known."""
        if node.type in ("string", "concatenated_string"):
            text = self._text(node)
            if text is None:
                return None
            line, column = self._nodes.pos(node)
            source = self._nodes.text(node)
            quotes = len(source) - len(source.lstrip("\"'"))
            verbatim = quotes in (1, 3) and source[quotes:-quotes] == text
            return of_text(self._path, text, (line, column + quotes), verbatim)
        if node.type == "call" and self._file.called(node) == "dumps":
            arguments = self._file.arguments(node)
            literal = self._followed(arguments[0]) if arguments else None
            if literal is not None and literal.type == "dictionary":
                places: dict[Pointer, tuple[int, int]] = {}
                return of_value(self._path, self._value(literal, (), places), places)
        return None

    def _followed(self, node: Node) -> Node | None:
        """A literal, or what a name is given, where that is one thing in the whole file."""
        if node.type != "identifier":
            return node
        name, found = self._nodes.text(node), []
        for one in nodes_of(self._file):
            if one.type in ("assignment", "augmented_assignment", "named_expression"):
                left = one.child_by_field_name("left") or one.child_by_field_name("name")
                right = one.child_by_field_name("right") or one.child_by_field_name("value")
                if left is not None and right is not None and self._nodes.text(left) == name:
                    found.append(right)
            elif one.type in ("parameters", "lambda_parameters") and name in self._parameters(one):
                return None
        return found[0] if len(found) == 1 and found[0].type != "identifier" else None

    def _parameters(self, node: Node) -> set[str]:
        names = (one.child_by_field_name("name") or one for one in node.named_children)
        return {self._nodes.text(one).partition(":")[0].strip() for one in names}

    def _text(self, node: Node) -> str | None:
        """The value of a string; None where parts of it are not known."""
        if any(one.type == "interpolation" for one in node.children):
            return None
        if node.type == "concatenated_string":
            parts = [self._text(one) for one in node.named_children if one.type == "string"]
            return None if None in parts else "".join(part or "" for part in parts)
        try:
            value = ast.literal_eval(self._nodes.text(node))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return None
        return value if isinstance(value, str) else None

    def _value(self, node: Node, at: Pointer, places: dict[Pointer, tuple[int, int]]) -> object:
        """A literal as `json.dumps` would write it; what is none is not known."""
        places.setdefault(at, self._nodes.pos(node))
        if len(at) > _DEEPEST:
            return UNKNOWN
        if node.type == "dictionary":
            return self._members(node, at, places)
        if node.type in ("list", "tuple"):
            items = [one for one in node.named_children if one.type != "comment"]
            if any(one.type == "list_splat" for one in items):
                return UNKNOWN
            return [self._value(one, (*at, str(index)), places) for index, one in enumerate(items)]
        if node.type == "string":
            text = self._text(node)
            return UNKNOWN if text is None else text
        if node.type in ("integer", "float", "unary_operator"):
            return number(self._nodes.text(node))
        return _CONSTANTS.get(node.type, UNKNOWN)

    def _members(self, node: Node, at: Pointer, places: dict[Pointer, tuple[int, int]]) -> object:
        found: dict[str, object] = {}
        for pair in node.named_children:
            if pair.type == "comment":
                continue
            key = pair.child_by_field_name("key") if pair.type == "pair" else None
            value = pair.child_by_field_name("value") if pair.type == "pair" else None
            name = self._text(key) if key is not None and key.type == "string" else None
            if name is None or key is None or value is None:
                return UNKNOWN
            places[(*at, name)] = self._nodes.pos(key)
            found[name] = self._value(value, (*at, name), places)
        return found
