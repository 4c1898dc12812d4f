"""Variables with addresses that code asks its environment for, whoever gives them: `process.env.CART_URL`."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence import composed
from workspai_hooks.workspace.evidence.context import only_names
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

KIND = "named"
MARKS = (b"_URL", b"_URI", b"_HOST", b"_ADDR", b"_ENDPOINT", b"_BASE")
MOST = 300
_VARIABLE = regex(r"(?<![A-Za-z0-9_])[A-Z][A-Z0-9]{0,40}(?:_[A-Z0-9]{1,40}){1,8}(?![A-Za-z0-9_])")
_ADDRESS = regex(r"_(?:URL|URI|HOST|HOSTNAME|ADDR|ADDRESS|ENDPOINT|BASE|BASEURL)(?:_|$)")
_CODE = regex(
    r"(?:\b(?:process|import\.meta|Deno|Bun)\.env\.|\bwindow\.\w{1,30}\."
    r"|(?:[eE]nv|ENV|[eE]nviron|EnvironmentVariable|env::var|getOrDefault|get_env!?|environ\.get|EnvOr\w{0,12})"
    r"(?:\(\))?(?:\.(?:get|fetch|getOrDefault))?[(\[]\s{0,8}[\"']"
    r"|\b[cC]onfig(?:[sS]ervice)?(?:\.get(?:OrThrow)?(?:<\w{1,20}>)?)?\(\s{0,8}[\"']"
    r"|\b(?:env|envconfig):\")$"
)
_PLACE = regex(r"(?:\$\{|_pass\s{1,8}(?:\w{2,5}://)?\$)$")
_IMPORTED = regex(r"[^{};]{0,400}\}\s{0,8}from\s{0,8}[\"']\$env/")
_BOUND = regex(
    r"(?:([A-Za-z_$][\w$]{0,60})\s{0,8}(?::\s?[\w<>|? ]{1,30}?)?(?::=|=|:)[^=;,{}\n]{0,40}"
    r"|([A-Za-z_]\w{0,60})\s{1,20}\w{1,20}\s{1,20}`)$"
)
_ELSEWHERE = regex(
    r"[^\n]{0,20}?(?:,|\|\||\?\?|\bor|:-?)\s{0,8}[\"'`]?\w{2,6}://([\w-]+(?:\.[\w-]+)*\.[a-z]{2,})\b"
)
_BEFORE = 120


def wanted(path: str) -> bool:
    return composed.wanted(path)


def wanted_places(path: str) -> bool:
    """Settings of a JVM service, and what a shell fills for a proxy."""
    name = path.rpartition("/")[2]
    settings = path.endswith((".yml", ".yaml", ".properties")) and name.startswith(
        ("application", "bootstrap")
    )
    return settings or path.endswith((".conf", ".template", ".tmpl"))


def read_places(data: bytes) -> Sightings:
    """The variables that a configuration has places for."""
    return _read(data, _PLACE)


def read(data: bytes) -> Sightings:
    """The variables that code asks for."""
    return _read(data, _CODE)


def _read(data: bytes, asks: re.Pattern[str]) -> Sightings:
    """The variables, each with the name that the code gives to its value, after a tab, where it does.

    One with a default in somebody else's domain is his.
    """
    text = data.decode("latin-1")
    found: list[Clue] = []
    for match in _VARIABLE.finditer(text):
        if not _ADDRESS.search(match[0]) or len(found) >= MOST:
            continue
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        line = before[before.rfind("\n") + 1 :]
        asked = asks.search(line)
        if not (asked or ("{" in before and _IMPORTED.match(text, match.end()))):
            continue
        if in_comment(data, match.start()) or only_names(data, match.start()):
            continue
        if _ELSEWHERE.match(text, match.end()):
            continue
        bound = _BOUND.search(line[: asked.start()]) if asked and asks is _CODE else None
        name = (bound[1] or bound[2]) if bound else ""
        found.append(Clue(line_of(data, match.start()), KIND, f"{match[0]}\t{name}", Role.ASKS))
    return Sightings(tuple(dict.fromkeys(found)))
