"""Data that goes into templates, right away or through functions that pick the template by a parameter."""

from __future__ import annotations

from posixpath import commonpath, dirname

from workspai_hooks.workspace.use_sites.infer.members import Members
from workspai_hooks.workspace.use_sites.infer.program import FunctionDecl, VariableDecl
from workspai_hooks.workspace.use_sites.infer.scope import Scope
from workspai_hooks.workspace.use_sites.infer.types import with_arguments
from workspai_hooks.workspace.use_sites.syntax import Call, Expr, Name, Pos, Text
from workspai_hooks.workspace.use_sites.values import PLAIN, Method, RecordOf, Value

TEMPLATE_NAMES = frozenset({"name", "template_name", "template_name_or_list"})
"""What web frameworks call the parameter that names the template."""


class Rendering(Members):
    """Calls that render templates."""

    def define_functions(self, value: Value) -> None:
        settled = self.settle(value)
        if isinstance(settled, RecordOf):
            for name, function in settled.entries:
                self.knowledge.learn(("function", "template", name), self.settle(function))

    def render(
        self, method: Method, args: tuple[Value, ...], named: dict[str, Value], node: Call, scope: Scope
    ) -> None:
        """A template gets its data."""
        assert method.template is not None
        at, data_at = method.template
        data: Value = args[data_at] if 0 <= data_at < len(args) else named.get("context", PLAIN)
        if data_at < 0:
            given = {word: value for word, value in named.items() if word != "**"}
            data = RecordOf(tuple(sorted(given.items(), key=lambda entry: entry[0])))
            for value in (*args, *([named["**"]] if "**" in named else [])):
                data = data.with_merged(self.settle(value))
        if at < 0:
            self._fill(method.owner, data, node.pos, scope)
            return
        names = node.args[at : at + 1] or tuple(one.value for one in node.named if one.name in TEMPLATE_NAMES)
        self._fill_named(names, data, node.pos, scope)

    def render_through(
        self, decl: FunctionDecl, nodes: tuple[Expr, ...], args: tuple[Value, ...], pos: Pos, scope: Scope
    ) -> None:
        """A function is called that renders the template which one of its arguments names."""
        known = self.knowledge.get(("renders", decl.key, ""))
        for at, data in known.entries if isinstance(known, RecordOf) else ():
            shift = len(args) - len(nodes)
            position = int(at) - shift
            if position >= 0:
                given = with_arguments(data, decl.key, args)
                self._fill_named(nodes[position : position + 1], given, pos, scope)

    def _fill_named(self, names: tuple[Expr, ...], data: Value, pos: Pos, scope: Scope) -> None:
        """The template that an expression names gets its data, now or when its parameter is known."""
        name = self.text_of(names, scope)
        decl = scope.frame.decl if scope.frame is not None else None
        if name is None and decl is not None and names and isinstance(names[0], Name):
            words = [parameter.name for parameter in decl.node.parameters]
            if names[0].id in words:
                entry = RecordOf(((str(words.index(names[0].id)), data),))
                self.knowledge.learn(("renders", decl.key, ""), entry)
                return
        self._fill(name or "", data, pos, scope)

    def _fill(self, name: str, data: Value, pos: Pos, scope: Scope) -> None:
        """Where it can't be told which template, the messages leave sight."""
        settled = self.settle(data)
        found = self._templates(name, scope.file.path)
        for function in found:
            self.knowledge.learn(("argument", function.key, "0"), settled)
        if not found:
            self.escape(settled, "text", name or "template", pos, scope)

    def _templates(self, name: str, path: str) -> list[FunctionDecl]:
        """The templates of this name that stand nearest to the file that renders them; in the folder that the
        name says, where one does."""
        folder, _, word = name.rpartition("/")
        found = self.program.templates.get(word) or self.program.stems.get(word, [])
        inside = [f for f in found if folder and f"/{dirname(f.file.path)}".endswith(f"/{folder}")]
        found = inside or found
        depth = {f.key: len(_common(dirname(f.file.path), dirname(path))) for f in found}
        return [f for f in found if depth[f.key] == max(depth.values())]

    def text_of(self, nodes: tuple[Expr, ...], scope: Scope) -> str | None:
        """The string that an expression is, where it is written or a constant of the unit."""
        node = nodes[0] if nodes else None
        if isinstance(node, Text):
            return node.value
        if isinstance(node, Name):
            declared = self.program.units[scope.file.unit].names.get(node.id)
            if isinstance(declared, VariableDecl) and len(declared.node.values) == len(declared.node.targets):
                value = declared.node.values[declared.index]
                return value.value if isinstance(value, Text) else None
        return None


def _common(a: str, b: str) -> str:
    return commonpath([f"/{a}", f"/{b}"])
