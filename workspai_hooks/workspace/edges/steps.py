"""Repositories that hold one system in stages, `step1`, `step2`, `chapter-3`, or in several languages. What
belongs to one of them knows nothing of the others, though topics and names are the same in all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workspai_hooks.workspace.services import Service

_FEWEST = 2
"""So many services of two stages lie in the same place and are called alike."""


def stages(services: Iterable[Service]) -> dict[str, str]:
    """Service -> the folder of its stage; services of a repository without stages are not in it."""
    inside: dict[tuple[str, str], dict[str, str]] = {}
    for service in services:
        for root in service.roots:
            parts = root.split("/")
            for at, part in enumerate(parts[:-1]):
                above, shape = "/".join(parts[:at]), _shape(part)
                if shape:
                    folder = "/".join(parts[: at + 1])
                    inside.setdefault((f"{above}\0{shape}", folder), {})["/".join(parts[at + 1 :])] = (
                        service.name
                    )
    kinds: dict[str, dict[str, dict[str, str]]] = {}
    for (kind, folder), rest in inside.items():
        kinds.setdefault(kind, {})[folder] = rest
    found: dict[str, str] = {}
    for folders in kinds.values():
        for folder, rest in folders.items():
            alike = (len(rest.keys() & other.keys()) for each, other in folders.items() if each != folder)
            if max(alike, default=0) >= _FEWEST:
                found |= {name: folder for name in rest.values() if name not in found}
    return found


_LANGUAGES = frozenset(
    """
    c++ cpp csharp dotnet elixir go golang java javascript js kotlin node nodejs php python ruby rust scala
    typescript
    """.split()  # noqa: SIM905
)


def _shape(name: str) -> str:
    """`step#` for `step4`, `#-` for `04-gateway`, one for all languages; empty for any other name."""
    if name.lower() in _LANGUAGES:
        return "language"
    if re.match(r"\d+[-_. ]", name):
        return "#-"
    return re.sub(r"\d+", "#", name) if re.search(r"\d", name) else ""
