"""What Jinja's filters and functions do with values; containers are Python's."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.python.library import PythonLibrary, item_of
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    ListOf,
    MapOf,
    Method,
    Plain,
    RecordOf,
    TupleOf,
    Value,
    join,
)

Values = tuple[Value, ...]


def _same(args: Values) -> Value:
    return args[0] if args else PLAIN


def _item(args: Values) -> Value:
    return item_of(args[0]) if args else PLAIN


def _list(args: Values) -> Value:
    return ListOf(_item(args))


def _nested(args: Values) -> Value:
    return ListOf(ListOf(_item(args)))


def _default(args: Values) -> Value:
    return join(args)


def _pairs(args: Values) -> Value:
    source = args[0] if args else PLAIN
    if isinstance(source, MapOf):
        return ListOf(TupleOf((source.key, source.value)))
    held = join(value for _, value in source.entries) if isinstance(source, RecordOf) else UNKNOWN
    return ListOf(TupleOf((PLAIN, held)))


FILTERS = {
    **dict.fromkeys(("safe", "escape", "e", "forceescape", "namespace", "(item)"), _same),
    **dict.fromkeys(("first", "last", "random", "min", "max"), _item),
    **dict.fromkeys(("list", "sort", "reverse", "unique", "select", "reject", "sorted"), _list),
    **dict.fromkeys(("batch", "slice"), _nested),
    **dict.fromkeys(("items", "dictsort"), _pairs),
    "default": _default,
    "d": _default,
}
ENCODERS = {"tojson": "json", "pprint": "text", "xmlattr": "text"}


class JinjaLibrary(PythonLibrary):
    """The protocol `naming.Library` for Jinja."""

    def builtin(self, name: str) -> Value | None:
        """A filter or a function; those of the application give what they can't be known to give."""
        if name == "(template)":
            return Method(template=(0, 1))
        if name in ENCODERS:
            return Method(escape=ENCODERS[name])
        if name == "loop":
            return PLAIN
        compute = FILTERS.get(name)
        return Method() if compute is None else Method(compute=compute)

    def member(self, value: Value, name: str) -> Value | None:
        """A member, or where there is none the entry of that name."""
        known = super().member(value, name)
        if known is None and isinstance(value, MapOf):
            return value.value
        return PLAIN if known is None and isinstance(value, Plain) else known
