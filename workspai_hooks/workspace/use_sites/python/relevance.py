"""Which Python files of a repository can matter: those that can name, or get, what a stub declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.naming import Layout
from workspai_hooks.workspace.use_sites.python.modules import Modules, Resolved
from workspai_hooks.workspace.use_sites.values import LocalModule, ModuleOf

NEAR = "!"
"""A file that comes near generated code in another way than by an import."""
MARKS = (b"_pb2", b"protos_and_services", b".services(", b".proto", b"betterproto")
NEARS = regex(
    rb"(?<!\w)\w*_pb2\b|\bprotos_and_services\b|\bgrpc\.(?:aio\.)?services\(|\.proto[\"']|betterproto"
)
IMPORT = regex(rb"\n[ \t]*import[ \t]+([^\n;#]+)")
FROM = regex(rb"\n[ \t]*from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n;#]+)")
NAME = regex(rb"([\w*]+)(?:\s+as\s+\w+)?")
FURTHEST = 2
"""Helpers of a file that sees a stub, and their helpers, may be handed its messages without a type."""


def imports(data: bytes) -> tuple[str, ...]:
    """What a file imports: `a.b`, and `a.b:name` for a name out of a module."""
    return tuple(sorted(set(_imports(data))))


def _imports(data: bytes) -> Iterator[str]:
    data = b"\n" + data  # a search skips to a line's end, not to a line's beginning
    if _is_near(data):
        yield NEAR
    for match in IMPORT.finditer(data):
        for one in match[1].split(b","):
            yield one.split(b" as ")[0].strip().decode("utf-8", "replace")
    for match in FROM.finditer(data):
        module = match[1].decode()
        for name in NAME.finditer(match[2]):
            yield f"{module}:{name[1].decode()}"


def _is_near(data: bytes) -> bool:
    """Whether it names generated code that none of its imports does."""
    if not any(mark in data for mark in MARKS):
        return False
    said = [one[0] for pattern in (IMPORT, FROM) for one in pattern.finditer(data)]
    rest = FROM.sub(b"\n", IMPORT.sub(b"\n", data))
    return not {name for one in said for name in NEARS.findall(one)}.issuperset(NEARS.findall(rest))


def relevant(imported: Mapping[str, tuple[str, ...]], schema: Schema, layout: Layout) -> frozenset[str]:
    """The files that see a stub, those that import one of these (however far), and helpers that the first are
    likely to hand messages to.
    """
    modules = Modules(schema.files, layout)
    local: dict[str, set[str]] = {}
    seeing: set[str] = set()
    for path, each in imported.items():
        local[path] = set()
        for text in each:
            units = set()
            for found in () if text == NEAR else _resolved(modules, text, path):
                match found.module:
                    case ModuleOf():
                        seeing.add(path)
                    case LocalModule(unit):
                        units.add(unit)
            local[path] |= units
            # A stub that is here and of none of these contracts is one of another.
            is_near = text == NEAR or (
                NEARS.search(text.encode()) and not any(unit in layout.stubs for unit in units)
            )
            if is_near and path not in layout.stubs:
                seeing.add(path)
    helpers = set(seeing)
    for _ in range(FURTHEST):
        helpers |= {unit for path in helpers for unit in local.get(path, ())}
    return frozenset(path for path in _importers(seeing, local) | helpers if path in imported)


def _resolved(modules: Modules, text: str, path: str) -> Iterator[Resolved]:
    dotted, _, name = text.partition(":")
    found = modules.relative(dotted, path) if dotted.startswith(".") else modules.absolute(dotted, path)
    yield found
    if name and (inner := modules.submodule(found.module, name, path)):
        yield inner
    elif name and not dotted.startswith("."):
        yield modules.absolute(f"{dotted}.{name}", path)


def _importers(seeing: set[str], imports_of: Mapping[str, set[str]]) -> set[str]:
    """These files and all that import them, directly or through others."""
    importers: dict[str, set[str]] = {}
    for path, imported in imports_of.items():
        for one in imported:
            importers.setdefault(one, set()).add(path)
    found = set(seeing)
    waiting = list(seeing)
    while waiting:
        for path in importers.get(waiting.pop(), ()):
            if path not in found:
                found.add(path)
                waiting.append(path)
    return found
