"""Where a service's own code reads a variable by its name, and what it does where there is none.

Stricter than what edges are made of (workspace/reading.py): a property that a framework would let a variable
override is read from its file where there is no variable, so that nobody misses the variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.evidence.text import in_comment
from workspai_hooks.workspace.files import CODE, is_code, is_test
from workspai_hooks.workspace.reading import SourceTree


class Need(StrEnum):
    """What becomes of a service without the variable: it fails, gets nothing, takes another value, or does
    without on purpose."""

    REQUIRED = "required"
    PLAIN = "plain"
    DEFAULT = "default"
    OPTIONAL = "optional"


class Reading(msgspec.Struct, frozen=True, order=True):
    """A line that reads a variable. `near` is the text around it, in which a default may stand."""

    location: Location
    need: Need
    near: str


_SHELL = (".sh", ".bash")
_CONFIGURATION = (".properties", ".yml", ".yaml", ".conf", ".xml")
_ENDINGS = (*CODE, *_SHELL, *_CONFIGURATION, ".cshtml", ".razor")
_MOST = 6
_AROUND = 160

# Right behind the name stands a default: a second argument, `||`, `??`, `or`, `:-`, a placeholder's colon.
_HAS_DEFAULT = regex(
    r"[\"'`]?[\])]{0,2}!?\s{0,3}(?:,\s{0,3}(?!\s|\)|None\b|nil\b|null\b|undefined\b|cast\b|&)[^\s)]"
    r"|\|\||\?\?|\?:|\bor\b|:-|:=|:[^}\s\"'`,=)]|\.unwrap_or|\.orElse|\.getOrElse|==|!=|===|!==|\?\s)"
)
_REQUIRED_BEFORE = regex(
    r"(?:\benviron\s{0,2}\[\s{0,2}|\bENV\.fetch\s{0,2}\(\s{0,2}|(?i:\b\w{0,40}(?:must|require)\w{0,40}\s{0,2}[(!]\s{0,2}(?:[&\w.]{1,60},\s{0,2})?))[\"'`]?$"
)
_UNWRAPPED = regex(r"[\"'`]\s{0,2}\)\s{0,3}(?:\.unwrap\(\)|\.expect\(|\?)")
_ASKS_FIRST = regex(
    r"(?:\b(?:if|unless|elif|while|assert|case|when)\b[^\n]{0,120}|\bLookupEnv\b[^\n]{0,40}|\bcontainsKey\s{0,2}\([^\n]{0,10}"
    r"|\[\s{0,2}(?:-[nz]|!)[^\n]{0,40}|\bhasattr\b[^\n]{0,40}|\btypeof\b[^\n]{0,40}|!!?\s{0,2}process\.env\.)$"
)
_ASKS_AFTER = regex(r"[\"'`]?\s{0,2}(?:\bin\b|\bnot\s+in\b|\]?\s{0,2}&&|\]?\s{0,2}\?[^?.:])")
_ASKED_BELOW = regex(r"\bIsNullOr(?:Empty|WhiteSpace)\b|\bStringUtils\.(?:is|has)")
_REFUSES = regex(r"\b(?:raise|throw|panic|[eE]xit|[fF]atal\w{0,10}|abort|die)\b")
# Viper's and the like: what is not set is false or zero.
_ZERO_BEFORE = regex(r"\b[gG]et(?:Bool|Boolean|Int|Integer|Float|Duration)\w{0,8}\(\s{0,2}[\"'`]$")
_PLACEHOLDER_BEFORE = regex(r"[$#]\{\s{0,2}(?:env[:.])?$")


def readings(tree: SourceTree, names: Iterable[str]) -> Mapping[str, tuple[Reading, ...]]:
    """Variable -> the lines that read it, up to six; those that nothing reads are left out."""
    wanted = sorted(set(names))
    if not wanted or not tree.is_here:
        return {}
    return tree.once(
        ("environment reads", wanted), dict[str, tuple[Reading, ...]], lambda: _readings(tree, wanted)
    )


def _readings(tree: SourceTree, wanted: list[str]) -> dict[str, tuple[Reading, ...]]:
    found: dict[str, list[Reading]] = {}
    one_of = re.compile(
        rb"(?<![\w-])(?:" + b"|".join(re.escape(name.encode()) for name in wanted) + rb")(?!\w)"
    )
    kept = {name for path, data in tree.files.items() if _SETTINGS.search(path) for name in _keys(data)}
    for path, data in tree.files.items():
        if not path.endswith(_ENDINGS) or is_test(path) or _deploys(path) or _PROFILE.search(path):
            continue
        data = data.partition(b"\n---")[0] if path.endswith((".yml", ".yaml")) else data
        for match in one_of.finditer(data):
            rows = found.setdefault(match[0].decode(), [])
            if len(rows) < _MOST and not in_comment(data, match.start()):
                rows += _reading(path, data, match.start(), match.end())
    return {
        name: tuple(replace(row, need=Need.DEFAULT) if name in kept else row for row in rows)
        for name, rows in found.items()
        if rows
    }


_SETTINGS = regex(r"(?:^|/)(?:appsettings[\w.-]*|config(?:/[\w.-]{1,60})?|settings|default)\.json$")
_KEY = regex(rb"\"([A-Za-z_][\w:.-]{0,120})\"\s{0,8}:")


def _keys(data: bytes) -> Iterator[str]:
    """The keys of a file of settings: one that a variable would override has a value without it."""
    return (match[1].decode("ascii", "replace") for match in _KEY.finditer(data))


# A profile's file, and the further documents of one, count in some environments only.
_PROFILE = regex(r"(?:^|/)(?:application|bootstrap)-[\w-]{1,60}\.(?:properties|ya?ml)$")
_DEPLOYS = regex(
    r"(?i)(?:^|[/._-])(?:charts?|helm|k8s|kubernetes|(?:docker-)?compose|manifests?|deploy(?:ments?)?)(?:[/._-]|$)"
)


def _deploys(path: str) -> bool:
    """Configuration that says how a service is run, and is not read by it."""
    return not is_code(path) and _DEPLOYS.search(path) is not None


def _reading(path: str, data: bytes, start: int, end: int) -> Iterator[Reading]:
    first = data.rfind(b"\n", 0, start) + 1
    last = data.find(b"\n", end)
    last = len(data) if last < 0 else last
    before = data[max(first, start - _AROUND) : start].decode("utf-8", "replace")
    after = data[end : min(last, end + _AROUND)].decode("utf-8", "replace")
    shell = path.endswith(_SHELL)
    configured = path.endswith(_CONFIGURATION)
    if configured and not _PLACEHOLDER_BEFORE.search(before):
        return
    if shell and not before.endswith(("$", "${", "${#", "${!")):
        return
    if not configured and not shell and not _quotes(before, after) and not _is_member(before):
        return
    place = Location(path, data.count(b"\n", 0, start) + 1)
    near = data[max(0, start - 2 * _AROUND) : end + 2 * _AROUND].decode("utf-8", "replace")
    need = _need(before, after, configured, shell)
    below = data[end : end + 2 * _AROUND].decode("utf-8", "replace")
    if need is Need.PLAIN and _ASKED_BELOW.search(below):
        need = Need.OPTIONAL
    if need is Need.OPTIONAL and _REFUSES.search(below):
        need = Need.REQUIRED
    yield Reading(place, need, near)


_ORDER = (Need.REQUIRED, Need.OPTIONAL, Need.PLAIN, Need.DEFAULT)


def telling(rows: Iterable[Reading]) -> Reading:
    """The line that tells what becomes of the service: it fails where one line does, and does without where
    one asks first."""
    return min(rows, key=lambda one: (_ORDER.index(one.need), one.location))


def _quotes(before: str, after: str) -> bool:
    """The name is a text of its own, or starts a tag such as `env:"NAME,required"`."""
    return before.endswith(('"', "'", "`")) and after[:1] in ('"', "'", "`", ",")


def _is_member(before: str) -> bool:
    """`process.env.NAME`, `import.meta.env.NAME`, `env.NAME`, `{ NAME } = process.env` is not followed."""
    return before.endswith((".env.", "env.", ".Env."))


def _need(before: str, after: str, configured: bool, shell: bool) -> Need:
    if configured:
        return Need.DEFAULT if after.startswith(":") else Need.REQUIRED
    if shell:
        return Need.DEFAULT if after.startswith((":-", "-", ":=", ":+", "+")) else _asked(before, after)
    if _HAS_DEFAULT.match(after) or _ZERO_BEFORE.search(before):
        return Need.DEFAULT
    if _asked(before, after) is Need.OPTIONAL:
        return Need.OPTIONAL
    if _REQUIRED_BEFORE.search(before) or _UNWRAPPED.match(after):
        return Need.REQUIRED
    return Need.PLAIN


def _asked(before: str, after: str) -> Need:
    return Need.OPTIONAL if _ASKS_FIRST.search(before) or _ASKS_AFTER.match(after) else Need.PLAIN
