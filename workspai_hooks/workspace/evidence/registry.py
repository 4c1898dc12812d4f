"""Names that code and configuration hand to a service registry: Spring Cloud's clients, Feign and Zuul."""

from __future__ import annotations

import re

from workspai_hooks.workspace.evidence.sightings import Clue, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

KIND = "registry-name"
_NAMED = re.compile(
    rb"\b(?:getInstances|choose)\(\s*\"([\w.-]+)\"\s*\)"
    rb"|@FeignClient\(\s*(?:(?:name|value)\s*=\s*)?\"([\w.-]+)\""
    rb"|^[ \t]*[\w.-]*service-?[iI]d[ \t]*[:=][ \t]*[\"']?([\w.-]+)",
    re.MULTILINE,
)


def wanted(path: str) -> bool:
    return path.endswith((".java", ".kt", ".yml", ".yaml", ".properties"))


def read(data: bytes) -> Sightings:
    """Each name as an address, `lb://name`."""
    found = []
    for match in _NAMED.finditer(data):
        at = match.start(match.lastindex or 0)
        if not in_comment(data, at):
            name = next(group for group in match.groups() if group).decode()
            found.append(Clue(line_of(data, at), KIND, f"lb://{name}"))
    return Sightings(tuple(found))
