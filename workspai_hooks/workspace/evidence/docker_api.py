"""Gateways of the repository's own that ask Docker for its containers, and lead to those with a label."""

from __future__ import annotations

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

MARKS = (
    b"listServices",
    b"listContainers",
    b"services.list",
    b"containers.list",
    b"ServiceList(",
    b"ContainerList(",
)
PREFIX = "docker:"
_LISTS = regex(
    rb"\b(?:listServices|listContainers)\s?\(|\b(?:services|containers)\.list\(|\b(?:Service|Container)List\(|"
    rb"\bListContainersAsync\("
)
_LABEL = regex(
    rb"\b[lL]abels\s{0,4}(?:\?\.|\.)\s{0,4}(?!get\b|items\b|keys\b|values\b)([A-Za-z_]\w{0,60})\b(?!\s{0,4}\()"
    rb"|\b[lL]abels\s{0,4}(?:\?\.)?\[\s{0,4}[\"'`]([\w./-]{1,100})[\"'`]\s{0,4}\]"
    rb"|\b[lL]abels\.(?:get|TryGetValue)\(\s{0,4}[\"']([\w./-]{1,100})[\"']"
)


def wanted(path: str) -> bool:
    return path.endswith((".js", ".mjs", ".ts", ".py", ".go", ".rb", ".cs", ".java", ".kt", ".rs"))


def read(data: bytes) -> Sightings:
    """The label whose containers a file leads to, where it lists them."""
    lists = next((one for one in _LISTS.finditer(data) if not in_comment(data, one.start())), None)
    if lists is None:
        return Sightings()
    found = []
    for match in _LABEL.finditer(data):
        label = next(group for group in match.groups() if group).decode()
        if not in_comment(data, match.start()):
            text = f"{PREFIX}{label}"
            found.append(Clue(line_of(data, match.start()), "label", text, Role.FRONTS))
    return Sightings(tuple(dict.fromkeys(found)))
