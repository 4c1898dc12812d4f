"""Named texts of code: what a name in it stands for, as text with `${variable:default}` where it is given."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.sightings import Setting, Sightings

MOST = 3000
_NAME = r"([A-Za-z_$][\w$]{0,80})"
_NAMED = regex(r"(?<![\w$])[A-Za-z_$][\w$]{0,80}(?=\s{0,8}[:=])")
_QUOTED = r"[\"'`]([^\"'`\n]{0,200})[\"'`]"
ENVIRONMENT = (
    # os.getenv("X", …), System.getenv("X"), ENV.fetch("X"), env::var("X"), getEnv("X", …), $_ENV["X"]
    r"(?:[\w:.$]{0,40}(?:[eE]nv|ENV|[eE]nviron|EnvironmentVariable|env::var|getOrDefault|get_env!?|environ\.get|EnvOr\w{0,12})"
    r"(?:\(\))?(?:\.(?:get|fetch|getOrDefault))?[(\[]\s*[\"']([A-Za-z_]\w{0,80})[\"']\s*[)\]]?"
    r"|(?:process|import\.meta|Deno|Bun)\.env\.([A-Za-z_]\w{0,80}))"
)
_DEFAULT = (
    r"(?:\s*(?:,|\|\||\?\?|\?:|\bor\b|\.unwrap_or(?:_else)?\(\s*(?:\|_?\w*\|)?|==\s?=?\s?(?:null|undefined)\s?\?"
    r"|(?:!==?\s?(?:null|undefined)\s?)?\?\s?[\w.]{1,80}(?:\(\"\w{1,80}\"\))?\s?:)\s*(?:default\s*[=:]\s*)?"
    r"(?:String::from\()?[\"'`]([^\"'`\n]{0,200})[\"'`])?"
)
VALUE = regex(rf"(?:{ENVIRONMENT}{_DEFAULT}|{_QUOTED})")
_GIVEN = regex(
    rf"(?:\s*:\s*&?[\w<>'|? ]{{1,30}}?)?\s{{0,8}}(?:(?::=|=>|=|:)\s{{0,8}}(?:\(\s*)?|\(){VALUE.pattern}"
)
_INJECTED = regex(
    r"@(?:Value|ConfigProperty|Property)\(\s*(?:name\s*=\s*)?\"([^\"\n]{1,200})\"[^()\n]{0,120}\)\s*"
    r"(?:(?:private|protected|public|final|static|lateinit|val|var)\s+)*(?:[\w<>\[\]]{1,60}\s+)?" + _NAME
)
_SHARED = regex(r"[A-Z](?<![\w$][A-Z])[A-Z0-9_]{2,60}(?![\w$])")


def read(data: bytes) -> Sightings:
    """Names in capitals: constants, that other files of the service use."""
    text = data.decode("utf-8", "replace")
    found = set()
    for match in _SHARED.finditer(text):
        if (given := _GIVEN.match(text, match.end())) and (value := _said(*_parts(given))):
            found.add(Setting(match[0], value, text.count("\n", 0, match.start()) + 1))
        if len(found) >= MOST:
            break
    return Sightings(constants=tuple(sorted(found)))


def assigned(text: str) -> list[tuple[str, str, int]]:
    """Every name that gets a text here: name, text, offset."""
    found: list[tuple[str, str, int]] = []
    for match in _NAMED.finditer(text):
        if given := _GIVEN.match(text, match.end()):
            found.append((match[0], _said(*_parts(given)), match.start()))
            if len(found) >= MOST:
                break
    for match in _INJECTED.finditer(text):
        said = match[1] if "{" in match[1] else f"${{{match[1]}}}"
        found.append((match[2], said, match.start()))
    return found


def value_of(expression: str) -> str | None:
    """What a quoted text or a look-up of the environment stands for; None for anything else."""
    written = expression.strip()
    match = VALUE.fullmatch(written) or VALUE.fullmatch(written.removesuffix(")"))
    return _said(*_parts(match)) if match else None


def _parts(match: re.Match[str]) -> tuple[str | None, str | None, str | None]:
    """Of a match that ends in `VALUE`: variable, its default, quoted text."""
    return match[1] or match[2], match[3], match[4]


def _said(variable: str | None, default: str | None, quoted: str | None) -> str:
    if not variable:
        return quoted or ""
    return f"${{{variable}:{default}}}" if default is not None else f"${{{variable}}}"
