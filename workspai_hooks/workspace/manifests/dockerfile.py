"""Dockerfiles: base image, exposed ports, and the paths that tell what is built."""

from __future__ import annotations

import re

from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Dockerfile, Facts
from workspai_hooks.workspace.manifests.helm import Charts

_NAME = re.compile(
    r"^(?:Dockerfile|Containerfile)(?:[._-][\w.-]+)?$|^[\w.-]+\.(?:Dockerfile|Containerfile)$", re.IGNORECASE
)
_CONTINUED = re.compile(r"\\[ \t]*\r?\n(?:[ \t]*#[^\n]*\n)*")
_INSTRUCTION = re.compile(r"^\s*([A-Za-z]+)\s+(.*)$")
_PATH = re.compile(r"[\w.${}-]+(?:/[\w.${}-]+)+/?|[\w.-]+\.(?:csproj|fsproj|jar|war)\b")
_MAX_BYTES = 256 * 1024


def wanted(path: str) -> bool:
    name = path.rpartition("/")[2]
    return _NAME.match(name) is not None and not name.endswith((".dockerignore", ".md"))


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """What a Dockerfile says; a file of that name without FROM is none."""
    base, ports, mentions, defaults = "", [], [], {}
    text = _CONTINUED.sub(" ", data[:_MAX_BYTES].decode("utf-8", "replace"))
    for line in text.splitlines():
        found = _INSTRUCTION.match(line)
        if not found or line.lstrip().startswith("#"):
            continue
        instruction, rest = found[1].upper(), found[2]
        if instruction == "FROM":
            base = next((word for word in rest.split() if not word.startswith("--")), "")
        elif instruction == "EXPOSE":
            ports += [int(port) for port in re.findall(r"\b\d{2,5}\b", rest)]
        elif instruction == "ARG":
            name, _, value = rest.partition("=")
            defaults[name.strip()] = value.strip().strip("\"'")
        elif instruction in ("COPY", "ADD", "RUN", "WORKDIR", "CMD", "ENTRYPOINT") and "--from=" not in rest:
            mentions += _PATH.findall(rest)
    if not base:
        return Facts()
    for name, value in defaults.items():
        base = base.replace(f"${{{name}}}", value).replace(f"${name}", value)
    found_here = Dockerfile(Location(path), base, tuple(dict.fromkeys(ports)), tuple(dict.fromkeys(mentions)))
    return Facts(dockerfiles=(found_here,))
