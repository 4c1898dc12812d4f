"""What a Go template's functions do with values."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.values import PLAIN, UNKNOWN, ListOf, Method, Value

PLAIN_FUNCTIONS = frozenset(
    [
        "call",
        "eq",
        "ge",
        "gt",
        "html",
        "js",
        "le",
        "len",
        "lt",
        "ne",
        "not",
        "print",
        "printf",
        "println",
        "urlquery",
    ]
)
ENCODERS = {"toJson": "json", "toPrettyJson": "json", "toRawJson": "json", "toYaml": "text", "json": "json"}


def _item(args: tuple[Value, ...]) -> Value:
    return args[0].item if args and isinstance(args[0], ListOf) else UNKNOWN


BUILTINS: dict[str, Value] = {
    **{name: Method() for name in PLAIN_FUNCTIONS},
    **{name: Method(escape=how) for name, how in ENCODERS.items()},
    **dict.fromkeys(("true", "false", "nil", ""), PLAIN),
    "template": Method(template=(0, 1)),
    "include": Method(template=(0, 1)),
    "first": Method(compute=_item),
    "last": Method(compute=_item),
}
"""The functions of text/template, and those of sprig through which values go on."""


class TemplateLibrary:
    """`Library` for Go templates: free functions only."""

    def builtin(self, name: str) -> Value | None:
        """A function by name; those of a FuncMap are known to the analysis."""
        return BUILTINS.get(name)

    def function(self, path: str) -> Method | None:
        """Templates reach no libraries by path."""
        return None

    def member(self, value: Value, name: str) -> Value | None:
        """Containers have no members in templates."""
        return None

    def type(self, path: str, args: tuple[Value, ...]) -> Value | None:
        """Templates write no types."""
        return None
