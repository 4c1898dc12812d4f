""".NET Aspire's application host: the names that projects are found under, and addresses given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Build, Declaration, Facts, Naming, Variable
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.manifests.paths import folder_of, inside

_NAMED = regex(r"(?:^|/)[\w.-]*AppHost[\w.-]*/(?:[\w.-]+/)*\w+\.cs$|(?:^|/)(?:AppHost|apphost)\.cs$")
_MAX_BYTES = 256 * 1024
_COMMENT = regex(r"(?m)^[ \t]*//[^\n]*$")
_ADDED = regex(
    r"(?:(?:var|IResourceBuilder<[\w.]+>)\s+(\w+)\s*=\s*)?\bbuilder\s*\.\s*Add"
    r"(Project|NpmApp|NodeApp|ViteApp|JavaScriptApp|PythonApp|UvicornApp|Dockerfile|Container|Executable|SpringApp|GolangApp|Yarp)"
    r"(?:<(?:Projects\.)?(\w+)>)?\(\s*\"([\w.-]+)\"(?:\s*,\s*(?:\w+:\s*)?\"([^\"\n]{1,200})\")?([^;]{0,4000});"
)
_ENDPOINT = regex(r"\bvar\s+(\w+)\s*=\s*(\w+)\s*\.GetEndpoint\(")
_GIVEN = regex(r"\.WithEnvironment\(\s*\"(\w+)\"\s*,\s*(\w+)")
_REFERENCE = regex(r"\.(?:WithReference|WaitFor)\(\s*(\w+)")

_ROUTED = regex(r"\.Add(?:Route|Cluster)\(\s*(?:\$?\"[^\"\n]{0,200}\"\s*,\s*)?(?:\[\s*)?(\w+)")
_HANDED = regex(
    r"(?i)\.(?!With|Wait|Publish|Run)\w{0,40}(?:rout|proxy|yarp|cluster|gateway|bff)\w{0,40}\(([\w\s,]{1,400})\)"
)
"""A method of the host's own that is handed resources to lead routes to."""
_YARP = "mcr.microsoft.com/dotnet/nightly/yarp"
_MOST_CHAIN = 32 * 1024


def wanted(path: str) -> bool:
    return _NAMED.search(path) is not None


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """The resources of an application host that have source here or an image.

    An address that is given against the order of creation is a way back (a redirect), not an edge.
    """
    text = data[:_MAX_BYTES].decode("utf-8", "replace")
    if "builder" not in text or ".Add" not in text:
        return Facts()
    text = _COMMENT.sub(lambda match: " " * len(match[0]), text)
    names: dict[str, str] = {}
    found = []
    endpoints = {match[1]: match[2] for match in _ENDPOINT.finditer(text)}
    for match in _ADDED.finditer(text):
        declaration = _declaration(path, text, match, names, endpoints)
        found.append(declaration)
        if match[1]:
            names[match[1]] = match[4]
    return Facts(declarations=tuple(found))


def _declaration(
    path: str, text: str, match: re.Match[str], names: Mapping[str, str], endpoints: Mapping[str, str]
) -> Declaration:
    def at(offset: int) -> Location:
        return Location(path, text.count("\n", 0, offset) + 1)

    kind, project, name, second = match[2], match[3], match[4], match[5] or ""
    known = {**names, **{endpoint: names[one] for endpoint, one in endpoints.items() if one in names}}
    variables = [
        Variable(given[1], f"http://{known[given[2]]}", at(match.start(6) + given.start()))
        for given in _GIVEN.finditer(match[6])
        if given[2] in known
    ]
    if kind == "Yarp":
        variables += [
            Variable(f"services__{known[one]}__http__0", f"http://{known[one]}", at(offset))
            for one, offset in _routes(text, match.start(6))
            if one in known
        ]
    folder = (
        inside(folder_of(path), second) if second and kind not in ("Project", "Container", "Yarp") else None
    )
    return Declaration(
        naming=Naming.COMPOSE,
        name=name,
        location=at(match.start(4)),
        images=(_YARP,) if kind == "Yarp" else (second,) if kind == "Container" and second else (),
        build=Build(folder) if folder else None,
        hosts=(project.replace("_", "."),) if project else (),
        variables=tuple(variables),
        after=tuple(
            (names[one[1]], at(match.start(6) + one.start()))
            for one in _REFERENCE.finditer(match[6])
            if one[1] in names
        ),
    )


def _routes(text: str, start: int) -> Iterator[tuple[str, int]]:
    """What the routes of a YARP lead to: the names in its statement, and where they stand."""
    end = _end_of_statement(text, start)
    for match in _ROUTED.finditer(text, start, end):
        yield match[1], match.start(1)
    for match in _HANDED.finditer(text, start, end):
        for one in re.finditer(r"\w+", match[1]):
            yield one[0], match.start(1) + one.start()


def _end_of_statement(text: str, start: int) -> int:
    """The semicolon that is in no bracket opened since; those of a route's pattern are in pairs."""
    depth = 0
    for at in range(start, min(len(text), start + _MOST_CHAIN)):
        if text[at] in "({[":
            depth += 1
        elif text[at] in ")}]":
            depth -= 1
        elif text[at] == ";" and depth <= 0:
            return at
    return min(len(text), start + _MOST_CHAIN)
