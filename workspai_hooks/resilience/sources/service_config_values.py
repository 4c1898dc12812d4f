"""Service configs in the values of environment variables, ConfigMaps and settings: JSON in a text of a YAML
file (compose, Kubernetes, a program's own) or of a `.env` file. Which runtime reads one is not known."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.contracts.helm.documents import split
from workspai_hooks.contracts.helm.nodes import Node, YamlError
from workspai_hooks.contracts.helm.nodes import read as read_yaml
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.grpc.code import Held, of_text, read_of, template
from workspai_hooks.resilience.grpc.values import BOTH
from workspai_hooks.resilience.reading import Read, joined
from workspai_hooks.workspace.files import is_own

MARKS = (b"methodConfig",)
_WORD = '"methodConfig"'
_FILLED_IN = ("{{", "${", "$(", "<%")
"""What templates and shells put values into a text with."""
_SETS = regex(r"""(?:export\s+)?(\w+)=(['"]?)(\{.*\})\2\s*""")
_MOST_DEPTH = 40


def wanted(path: str) -> bool:
    """Whether a file may hold such values, by its name."""
    name = path.rpartition("/")[2]
    is_one = name.endswith((".yaml", ".yml", ".env")) or name.startswith(".env")
    return is_one and is_own(path)


def read(path: str, data: bytes) -> Read:
    """What one file says."""
    texts = _of_yaml(path, data) if path.endswith((".yaml", ".yml")) else _of_environment(data)
    held: list[Held] = []
    questions: list[Read] = []
    for text, line, column in texts:
        if any(mark in text for mark in _FILLED_IN):
            questions.append(template(path, line))
        else:
            held.append(of_text(path, text, (line, column), verbatim=False))
    return joined([read_of(path, held, BOTH), *questions])


def _of_yaml(path: str, data: bytes) -> Iterator[tuple[str, int, int]]:
    for document in split(data):
        if MARKS[0] not in document.text:
            continue
        try:
            trees = read_yaml(path, document.text, document.line).documents
        except YamlError as error:  # a template: what it is filled in with is looked at where it is rendered
            if any(mark.encode() in document.text for mark in _FILLED_IN):
                yield "{{", error.line, 1
            continue
        for tree in trees:
            yield from _texts(tree, 0)


def _texts(node: Node, depth: int) -> Iterator[tuple[str, int, int]]:
    if isinstance(node.value, str) and _WORD in node.value and node.value.lstrip().startswith("{"):
        yield node.value, node.place.line, node.place.column
    if depth < _MOST_DEPTH:
        for child in (*(one for _, one in (node.members or {}).values()), *(node.items or ())):
            yield from _texts(child, depth + 1)


def _of_environment(data: bytes) -> Iterator[tuple[str, int, int]]:
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        found = _SETS.fullmatch(line.strip()) if _WORD in line else None
        if found:
            yield found[3], number, 1
