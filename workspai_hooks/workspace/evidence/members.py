"""Text constants by the class, enum or object that holds them, `Topics.orders`; Go's by their name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.patterns import regex, starting
from workspai_hooks.workspace.evidence.expressions import File
from workspai_hooks.workspace.evidence.sightings import Setting, Sightings

MOST = 2000
MARKS = (b"class ", b"enum ", b"object ", b"interface ", b"const ", b"module ", b"public ", b"struct ")
_KINDS = ("class", "enum", "object", "interface", "module", "record", "struct", r"export\s+const", "const")
_HOLDER = regex(starting(_KINDS, behind=r"[^\s;]") + r"\s+([A-Z]\w{1,80})\b(?!\s*(?:[\w.]+\s*)?=\s*[\"'`])")
_GIVEN = regex(r"[=:(]\s{0,8}(?:@|\$)?(?:\"([^\"\\\n]{1,200})\"|'([^'\\\n]{1,200})'|`([^`\\\n$]{1,200})`)")
_BEFORE = regex(r"\b([A-Za-z_]\w{1,80})\s{0,8}(?::\s{0,4}(?:str|String|string)\s{0,4})?$")
_MOST_BEFORE = 110
_COMPUTED = regex(
    r"^[ \t]*(?:var[ \t]+)?([A-Z]\w{1,80})[ \t]*=[ \t]*([A-Za-z_][\w.]{1,80}\([^()\n]{0,120}\)[^\n]{0,60})$",
    re.MULTILINE,
)
_FIELD = regex(r"^[ \t]*([A-Z]\w{1,80})\s+string\s+`([^`\n]{1,200})`", re.MULTILINE)
_TAG = regex(r"\b(env|envconfig|default|envDefault|env-default)\s*:\s*\"([^\",]{1,120})")


def wanted(path: str) -> bool:
    return path.endswith(
        (
            ".java",
            ".kt",
            ".scala",
            ".groovy",
            ".cs",
            ".ts",
            ".js",
            ".mjs",
            ".py",
            ".go",
            ".rb",
            ".php",
            ".rs",
            ".ex",
        )
    )


def read(data: bytes) -> Sightings:
    """Members with a text, as `Holder.member`; where nothing holds one and it is exported, by its name."""
    text = data.decode("latin-1")
    holders = [(match.start(), match[1]) for match in _HOLDER.finditer(text)]
    found = set()
    place, line, counted = 0, 1, 0
    for start, member, value in _members(text):
        while place < len(holders) and holders[place][0] <= start:
            place += 1
        if not place and not member[0].isupper():
            continue
        line, counted = line + text.count("\n", counted, start), start
        found.add(Setting(f"{holders[place - 1][1]}.{member}" if place else member, value, line))
        if len(found) >= MOST:
            break
    found |= _computed(text) if not holders else set()
    for match in _FIELD.finditer(text):
        tags = dict(_TAG.findall(match[2]))
        name, default = (
            tags.get("env") or tags.get("envconfig"),
            tags.get("default") or tags.get("envDefault") or tags.get("env-default"),
        )
        if name:
            said = f"${{{name}:{default}}}" if default else f"${{{name}}}"
            found.add(Setting(match[1], said, text.count("\n", 0, match.start(1)) + 1))
    return Sightings(constants=tuple(sorted(found)))


def _members(text: str) -> Iterator[tuple[int, str, str]]:
    """Names that get a text: offset, name, text. Texts are rarer than names, so they are looked for first."""
    at = 0
    while given := _GIVEN.search(text, at):
        named = _BEFORE.search(text, max(at, given.start() - _MOST_BEFORE), given.start())
        if named:
            yield named.start(), named[1], given[1] or given[2] or given[3]
        at = given.end() if named else given.start() + 1


def _computed(text: str) -> set[Setting]:
    """Exported names that get what the environment or a function of the file says."""
    file = File(text)
    return {
        Setting(match[1], value, text.count("\n", 0, match.start()) + 1)
        for match, _ in zip(_COMPUTED.finditer(text), range(50), strict=False)
        for value in file.values(match[2])
    }
