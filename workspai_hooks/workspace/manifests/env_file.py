"""Env files (`.env`, `*.env`): `NAME=value` lines, and the `${X}` that compose fills from them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Facts, Settings, Variable
from workspai_hooks.workspace.manifests.helm import Charts

_LINE = regex(r"^\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*=\s*(.*?)\s*$")
_REFERENCE = regex(r"\$(?:\$|\{([A-Za-z_]\w*)(?:(:?[-?+])([^{}]*))?\}|([A-Za-z_]\w*))")
_EXAMPLE = regex(
    r"((?:[\w.-]*\.)?env(?:\.(?:local|prod|production|docker|development|dev))?)[._-]"
    r"(?:example|sample|template|tmpl|dist|defaults?)|(?:example|sample|template|dist)\.env"
)
_MAX_TEXT = 10_000
_ROUNDS = 5


def wanted(path: str) -> bool:
    name = path.rpartition("/")[2]
    return (
        name in (".env", "env") or name.startswith(".env.") or name.endswith(".env") or bool(meant_by(path))
    )


def meant_by(path: str) -> str:
    """The env file that an example shows, `.env` for `.env.example` and `env-sample`; empty for any other."""
    folder, _, name = path.rpartition("/")
    found = _EXAMPLE.fullmatch(name.lower())
    if found is None:
        return ""
    stem = found[1] or ""
    return f"{folder}/{'.env' if stem in ('', 'env') else name[: len(stem)]}".lstrip("/")


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """The variables of an env file, under its path."""
    variables = []
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        if (found := _LINE.match(line)) and not line.lstrip().startswith("#"):
            variables.append(Variable(found[1], _unquoted(found[2]), Location(path, number)))
    return Facts(settings=(Settings(path, tuple(variables)),))


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] in "\"'" and value[0] in value[1:]:
        return value[1 : value.index(value[0], 1)]
    return re.sub(r"\s+#.*$", "", value)


def filled(text: str, variables: Mapping[str, str]) -> str:
    """`${X}`, `${X:-default}`, `${X-default}`, `$X` filled in; the unknown become empty.

    Values may refer to other variables; how often they are followed and how long a text grows is bounded.
    """
    for _ in range(_ROUNDS):
        if "$" not in text or len(text) > _MAX_TEXT:
            break
        text = _REFERENCE.sub(lambda match: _value(match, variables), text)
    return text[:_MAX_TEXT]


def _value(match: re.Match[str], variables: Mapping[str, str]) -> str:
    if match[0] == "$$":
        return ""
    name, operator, operand = match[1] or match[4], match[2] or "", match[3] or ""
    value = variables.get(name, "")
    if operator.endswith("-"):
        return value or operand
    if operator.endswith("+"):
        return operand if value else ""
    return value
