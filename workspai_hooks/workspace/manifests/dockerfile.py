"""Dockerfiles: base image, exposed ports, the environment, and the paths that tell what is built."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Dockerfile, Facts, Variable
from workspai_hooks.workspace.manifests.helm import Charts

_NAME = regex(
    r"^(?:Dockerfile|Containerfile)(?:[._-][\w.-]+)?$|^[\w.-]+\.(?:Dockerfile|Containerfile)$", re.IGNORECASE
)
_CONTINUED = regex(r"\\[ \t]*\r?\n(?:[ \t]*#[^\n]*\n)*")
_INSTRUCTION = regex(r"^\s*([A-Za-z]+)\s+(.*)$")
_PATH = regex(r"[\w.${}-]+(?:/[\w.${}-]+)+/?|[\w.-]+\.(?:csproj|fsproj|jar|war)\b")
_ASSIGNED = regex(r"(?<!\S)([A-Za-z_]\w*)=(\"[^\"\n]*\"|'[^'\n]*'|[^\s\"']*)")
_SPACED = regex(r"([A-Za-z_]\w*)[ \t]+([^\s=]\S*)\s*")
_REFERENCE = regex(r"\$\{?(\w+)\}?")
_JOINT = "\0"
"""Where a line was continued, so that lines keep their numbers."""
_MAX_BYTES = 256 * 1024


def wanted(path: str) -> bool:
    name = path.rpartition("/")[2]
    return _NAME.match(name) is not None and not name.endswith((".dockerignore", ".md"))


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """What a Dockerfile says; a file of that name without FROM is none."""
    base, working_dir, ports, mentions, defaults = "", "", [], [], {}
    instructions = list(instructions_of(data[:_MAX_BYTES].decode("utf-8", "replace")))
    for _, instruction, written in instructions:
        rest = written.replace(_JOINT, "")
        if instruction == "FROM":
            base = next((word for word in rest.split() if not word.startswith("--")), "")
            working_dir = ""
        elif instruction == "EXPOSE":
            ports += [int(port) for port in re.findall(r"\b\d{2,5}\b", rest)]
        elif instruction == "ARG":
            name, _, value = rest.partition("=")
            defaults[name.strip()] = value.strip().strip("\"'")
        if instruction == "WORKDIR":
            working_dir = posixpath.normpath(posixpath.join("/", working_dir, rest.strip().strip("\"'")))
        if instruction in ("COPY", "ADD", "RUN", "WORKDIR", "CMD", "ENTRYPOINT") and "--from=" not in rest:
            mentions += _PATH.findall(rest)
    if not base:
        return Facts()
    found_here = Dockerfile(
        Location(path),
        _with(base, defaults),
        tuple(dict.fromkeys(ports)),
        tuple(dict.fromkeys(mentions)),
        tuple(sorted(_environment(path, instructions, defaults))),
        working_dir,
    )
    return Facts(dockerfiles=(found_here,))


def instructions_of(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, instruction, the rest of it."""
    joined = _CONTINUED.sub(lambda match: " " + _JOINT * match[0].count("\n") + " ", text)
    number = 1
    for line in joined.split("\n"):
        found = _INSTRUCTION.match(line)
        if found and not line.lstrip().startswith("#"):
            yield number, found[1].upper(), found[2]
        number += 1 + line.count(_JOINT)


def _environment(
    path: str, instructions: Iterable[tuple[int, str, str]], defaults: Mapping[str, str]
) -> Iterable[Variable]:
    """The last stage's `ENV A=b C=d`, and the older `ENV A b`. A stage has what the one that it starts from
    has, and no other's."""
    stages: dict[str, dict[str, Variable]] = {}
    given: dict[str, Variable] = {}
    for number, instruction, rest in instructions:
        if instruction == "FROM":
            words = [word for word in rest.split() if not word.startswith("--")]
            given = dict(stages.get(words[0].lower(), {})) if words else {}
            stages[words[-1].lower() if words else ""] = given
        elif instruction == "ENV":
            spaced = _SPACED.fullmatch(rest)
            for match in [spaced] if spaced else _ASSIGNED.finditer(rest):
                line = number + rest.count(_JOINT, 0, match.start())
                value = _with(match[2].strip("\"'"), defaults)
                given[match[1]] = Variable(match[1], value, Location(path, line))
    return given.values()


def _with(text: str, defaults: Mapping[str, str]) -> str:
    """With the defaults of the build's arguments."""
    return _REFERENCE.sub(lambda match: defaults.get(match[1], match[0]), text)
