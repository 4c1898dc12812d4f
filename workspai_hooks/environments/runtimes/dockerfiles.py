"""Run times that the stages of a Dockerfile start from."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from workspai_hooks.environments.runtimes.images import runtime_of
from workspai_hooks.environments.runtimes.values import Runtime
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.dockerfile import instructions_of, wanted

_MAX_BYTES = 256 * 1024
_MOST_TAKEN = 40
_BRACKETS = regex(r"[\[\],]")
_ARGUMENT = regex(r"\$\{?(\w+)(?::-[^{}]{0,80})?\}?")

__all__ = ["read", "wanted"]


def read(path: str, data: bytes) -> Iterator[Runtime]:
    """The run times of its stages; the last stage's is marked. A build argument counts by its default."""
    defaults: dict[str, tuple[str, int]] = {}
    stages: dict[str, tuple[str, int]] = {}
    rows: list[tuple[str, int, list[str]]] = []
    for line, instruction, rest in instructions_of(data[:_MAX_BYTES].decode("utf-8", "replace")):
        if instruction == "ARG" and not rows:
            name, _, value = rest.partition("=")
            defaults[name.strip()] = (value.strip().strip("\"'"), line)
        elif instruction == "FROM":
            words = [word for word in rest.split() if not word.startswith("--")]
            if not words:
                continue
            base, at = stages.get(words[0].lower(), (words[0], line))
            for match in _ARGUMENT.finditer(base):
                told = defaults.get(match[1])
                base = base.replace(match[0], told[0]) if told and told[0] else base
                at = told[1] if told and told[0] else at
            if len(words) > 2 and words[1].lower() == "as":
                stages[words[2].lower()] = (base, at)
            rows.append((base, at, []))
        elif instruction in ("COPY", "ADD", "RUN") and rows:
            rows[-1][2].extend(_taken(instruction, rest))
    for number, (base, line, taken) in enumerate(rows):
        found = runtime_of(base, Location(path, line), last=number == len(rows) - 1)
        if found is not None:
            yield replace(found, taken=tuple(dict.fromkeys(taken))[:_MOST_TAKEN])


def _taken(instruction: str, rest: str) -> list[str]:
    """What an instruction brings into the stage; a folder that a `RUN` mounts counts."""
    if instruction == "RUN":
        return ["."] if "type=bind" in rest else []
    words = _BRACKETS.sub(" ", rest.replace("\0", "")).split()
    paths = [word.strip("\"'").rstrip("/") for word in words if not word.startswith("--")]
    return paths[:-1]
