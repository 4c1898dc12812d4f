"""Follows a message that a handler serves as JSON into the scripts that fetch it.

Three things must meet, each read from the source: a function that turns a message into JSON (an escape that
following types found), a route with a literal path that names this function, and a script of the same service
that fetches this path and reads fields of the answer. No step is proven by a type, so the sites are `likely`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import dirname

import msgspec

from workspai_hooks.contracts.protobuf.schema import Field, Kind, Schema
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.found import Escape, Use
from workspai_hooks.workspace.use_sites.syntax import Call, Member, Name, Source, Text
from workspai_hooks.workspace.use_sites.walking import Functions, nodes_in

SCRIPTED = (".html", ".htm", ".tmpl", ".gohtml", ".js", ".mjs", ".jsx", ".ts", ".tsx", ".vue", ".svelte")
FURTHEST = 240
"""Characters between `fetch(` and the path: an expression that is longer is no plain URL."""
LARGEST = 1_000_000
"""Characters of a script that are looked at: bundles are longer."""
RESPONSE = r"(?<!\w)(\w+)\s*=\s*await\s+(?:window\.)?fetch\s*\([^;]{0,%d}?%s"
PARSED = r"(?<!\w)(?:(\w+)|\{([\w\s,:]{1,300})\})\s*=\s*await\s+%s\.json\s*\("
CHAINED = (
    r"fetch\s*\([^;]{0,%d}?%s[^;]{0,%d}?\.then\(\s*\(?\s*(\w+)\s*\)?\s*=>\s*\w+\.json\(\)\s*\)"
    r"\s*\.then\(\s*(?:async\s*)?\(?\s*(\w+)\s*\)?\s*=>"
)
STEP = regex(r"""(?:\?\.|\.)\s*(\w+)|\[\s*["'](\w+)["']\s*\]""")


class Served(msgspec.Struct, frozen=True, order=True):
    """A message that is served as JSON under a path (up to its first parameter) by a file."""

    path: str
    message: str
    file: str


def served(escapes: tuple[Escape, ...], sources: Mapping[str, Source]) -> list[Served]:
    """Which messages are served as JSON, and where."""
    handlers: dict[tuple[str, str], set[tuple[str, str]]] = {}
    functions: dict[str, Functions] = {}
    for escape in escapes:
        if escape.how == "json" and not escape.in_test and escape.path in sources:
            if escape.path not in functions:
                functions[escape.path] = Functions(sources[escape.path])
            function = functions[escape.path].at(escape.line)
            if function is not None and function.name:
                handlers.setdefault((dirname(escape.path), function.name), set()).add(
                    (escape.message, escape.path)
                )
    folders = {folder for folder, _ in handlers}
    found: set[Served] = set()
    for path, source in sources.items():
        if dirname(path) in folders:
            for route, name in _routes(source):
                for message, file in handlers.get((dirname(path), name), ()):
                    found.add(Served(route, message, file))
    return sorted(found)


def _routes(source: Source) -> Iterator[tuple[str, str]]:
    """Calls that take a path and a function: `HandleFunc("/x/{id}", s.get)`."""
    for node in nodes_in(source.body):
        if not isinstance(node, Call) or len(node.args) < 2:
            continue
        texts = [text.value for text in nodes_in(node.args[0]) if isinstance(text, Text)]
        route = next((text for text in texts if "/" in text), "")
        route = re.split(r"[{:*<]", route.partition("/")[2])[0]
        if route.strip("/"):
            for arg in node.args[1:]:
                yield from ((f"/{route}", name) for name in _names(arg))


def _names(node: object) -> Iterator[str]:
    """Functions that an argument names, wrapped in a call or not."""
    if isinstance(node, Name):
        yield node.id
    elif isinstance(node, Member):
        yield node.name
    elif isinstance(node, Call):
        for arg in node.args:
            yield from _names(arg)


def script_uses(path: str, data: bytes, messages: list[Served], schema: Schema) -> list[Use]:
    """The lines of a script that read fields of what it fetches."""
    text = data[:LARGEST].decode("utf-8", "replace")
    found: dict[tuple[int, int, str], Use] = {}
    for one in messages:
        if one.path not in text:
            continue
        for variable, start, names in _variables(text, one.path):
            reads = _read(text, variable, start) if variable else iter(names)
            for chain in reads:
                for use in _along(path, text, chain, one.message, schema):
                    found[use.line, use.column, use.element] = use
    return sorted(found.values())


Step = tuple[str, int]
"""A member's name, and its offset in the text."""


def _variables(text: str, url: str) -> Iterator[tuple[str, int, list[list[Step]]]]:
    """Variables that hold the parsed answer from an offset on; or the fields that it is taken apart into."""
    literal = re.escape(url)
    for response in re.finditer(RESPONSE % (FURTHEST, literal), text):
        for parsed in re.compile(PARSED % re.escape(response[1])).finditer(text, response.end()):
            words = re.finditer(r"(\w+)(?:\s*:\s*\w+)?", parsed[2] or "")
            taken = [[(word[1], parsed.start(2) + word.start())] for word in words]
            yield parsed[1] or "", parsed.end(), taken
            break
    for chained in re.finditer(CHAINED % (FURTHEST, literal, FURTHEST), text):
        yield chained[2], chained.end(), []


def _read(text: str, variable: str, start: int) -> Iterator[list[Step]]:
    """Each chain of members read from a variable, up to the end of the block that it is declared in."""
    end = _block_end(text, start)
    for use in re.compile(rf"(?<![\w.$]){re.escape(variable)}(?=\s*[.?\[])").finditer(text, start, end):
        chain: list[Step] = []
        at = use.end()
        while (step := STEP.match(text, at)) and step.end() <= end:
            group = 1 if step[1] else 2
            chain.append((step[group], step.start(group)))
            at = step.end()
        yield chain


def _block_end(text: str, start: int) -> int:
    depth = 0
    for brace in re.compile(r"[{}]|</script").finditer(text, start):
        depth += {"{": 1, "}": -1}.get(brace[0], -depth - 1)
        if depth < 0:
            return brace.start()
    return len(text)


def _along(path: str, text: str, chain: list[Step], message: str, schema: Schema) -> Iterator[Use]:
    """The fields on a chain, by their names in JSON or in the contract."""
    for name, offset in chain:
        declared = schema.messages.get(message)
        field = _field(declared.fields, name) if declared is not None else None
        if field is None:
            return
        line = text.count("\n", 0, offset) + 1
        column = offset - text.rfind("\n", 0, offset)
        yield Use(path, line, column, f"{message}.{field.name}", name, "json", "likely")
        if field.kind is not Kind.MESSAGE or field.repeated or field.map_key is not None:
            return
        message = field.type


def _field(declared: Mapping[str, Field], name: str) -> Field | None:
    known = declared.get(name)
    return known or next((field for field in declared.values() if field.json_name == name), None)
