"""`.workspai.yaml` at the repository's top, all of it optional: read, checked, turned into Settings.

Unknown keys and wrong types are errors with file, line and a suggestion. `schema()` is the published JSON
Schema (docs/workspai.schema.json); it and the reader follow the same table, `KEYS`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.deferred import deferred
from workspai_hooks.errors import UsageError
from workspai_hooks.findings import Severity
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.elsewhere.listed import Listed
from workspai_hooks.workspace.service import EdgeOverride, ServiceOverride

if TYPE_CHECKING:
    import yaml
else:
    yaml = deferred("yaml")

NAME = ".workspai.yaml"
MAX_BYTES = 1 << 20
MAX_DEPTH = 10
WORTH_KEEPING = 16 * 1024
"""Bytes from which on a file takes longer to check than the index takes to remember it."""

T = TypeVar("T")
Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}


def _object(required: tuple[str, ...], **properties: Schema) -> Schema:
    value: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return value | ({"required": list(required)} if required else {})


KEYS: Mapping[str, Schema] = {
    "default_branch": TEXT | {"description": "the branch that a topic is compared with"},
    "fail_on": {
        "enum": [severity.value for severity in Severity],
        "description": "findings of this severity and worse fail a commit or push; error is the default",
    },
    "services": {
        "type": "array",
        "description": "services that are not found, or whose name, folders or owners are wrong",
        "items": _object(("name",), name=TEXT, roots=TEXTS, aliases=TEXTS, owners=TEXTS),
    },
    "edges": {
        "type": "array",
        "description": "who calls whom where no evidence in the repository says it",
        "items": _object(("from", "to"), **{"from": TEXT, "to": TEXT, "protocol": TEXT}),
    },
    "contracts": {
        "type": "array",
        "description": "closed: all consumers of these packages are in this repository, or in `facts`",
        "items": _object(("package",), package=TEXT, closed={"type": "boolean"}),
    },
    "facts": {
        "type": "array",
        "description": "what other repositories exported: a file or folder here, or a URL, pinned",
        "items": _object((), path=TEXT, url=TEXT, sha256=TEXT, name=TEXT),
    },
}
USER_KEYS: Mapping[str, Schema] = {
    "facts": KEYS["facts"],
    "fetch": {"type": "boolean", "description": "fetch what a partial clone left out and a question needs"},
}
"""What the user's own configuration can say."""


class Settings(msgspec.Struct, frozen=True):
    """What a repository decided for itself. `closed` are packages whose consumers are all here."""

    default_branch: str | None = None
    fail_on: Severity = Severity.ERROR
    services: tuple[ServiceOverride, ...] = ()
    edges: tuple[EdgeOverride, ...] = ()
    closed: frozenset[str] = frozenset()
    facts: tuple[Listed, ...] = ()


def schema() -> Schema:
    """The JSON Schema of the file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": NAME,
        **_object((), **KEYS),
    }


def settings_of(snapshot: Snapshot) -> Settings:
    """The settings that stand in a snapshot; the defaults where it has no such file."""
    if NAME not in snapshot.paths():
        return Settings()
    data = snapshot.read(NAME)
    if len(data) < WORTH_KEEPING:
        return read(data)
    return snapshot.store.once("settings", snapshot.store.key(data), Settings, lambda: read(data))


def user_facts() -> tuple[Listed, ...]:
    """The facts files that the user's own configuration lists, for all repositories; none without one."""
    home = str(user_configuration().parent)
    return _of_user(lambda values: tuple(_listed(row, home) for row in values.get("facts", ())))


def may_fetch() -> bool:
    """Whether the user lets us fetch what a partial clone left out: `WORKSPAI_FETCH`, else their own
    configuration. A repository can't say it."""
    word = os.environ.get("WORKSPAI_FETCH", "").lower()
    if word in _YES or word in _NO:
        return word in _YES
    if word:
        raise UsageError(f"WORKSPAI_FETCH={word}: say 1 or 0")
    return _of_user(lambda values: bool(values.get("fetch", False)))


_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def _of_user(part: Callable[[Mapping[str, Any]], T]) -> T:
    """A part of the user's own configuration; of an empty one where there is none."""
    path = user_configuration()
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        data = b""
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    try:
        return part(_checked(data, USER_KEYS) if data else {})
    except UsageError as error:
        raise UsageError(str(error).replace(NAME, str(path), 1)) from error


def user_configuration() -> Path:
    """Where the user's own configuration stands: outside of any repository."""
    if os.name == "nt":
        home = os.environ.get("APPDATA") or str(Path.home() / "AppData" / "Roaming")
    else:
        home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "workspai" / "config.yaml"


def read(data: bytes) -> Settings:
    """Settings from the file's content; `UsageError` with line and suggestion where it is wrong."""
    return _settings(_checked(data, KEYS))


def _checked(data: bytes, keys: Mapping[str, Schema]) -> Mapping[str, Any]:
    if len(data) > MAX_BYTES:
        raise UsageError(f"{NAME}: larger than 1 MiB")
    try:
        text = data.decode("utf-8")
        _refuse_bombs(text)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except UnicodeDecodeError as error:
        raise UsageError(f"{NAME}: is not UTF-8 (byte {error.start})") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "is not YAML"
        if "nesting" in problem:  # PyYAML 6.0.4 and later refuse it before we count
            problem = "nested too deeply"
        raise UsageError(f"{NAME}{line}: {problem}") from error
    if node is None or _is_null(node):
        return {}
    values: Mapping[str, Any] = _value(node, _object((), **keys), "the file")
    return values


def _refuse_bombs(text: str) -> None:
    """Aliases and deep nesting can make a small file cost any time and memory; no setting needs them."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > MAX_DEPTH:
            fault = "aliases (*name) are not used here" if depth <= MAX_DEPTH else "nested too deeply"
            raise UsageError(f"{NAME}:{_line(event.start_mark)}: {fault}")


def _settings(values: Mapping[str, Any]) -> Settings:
    return Settings(
        default_branch=values.get("default_branch"),
        fail_on=Severity(values.get("fail_on", Severity.ERROR)),
        services=tuple(
            ServiceOverride(
                name=row["name"],
                roots=tuple(row.get("roots", ())),
                aliases=tuple(row.get("aliases", ())),
                owners=tuple(row.get("owners", ())),
            )
            for row in values.get("services", ())
        ),
        edges=tuple(
            EdgeOverride(row["from"], row["to"], row.get("protocol", "grpc"))
            for row in values.get("edges", ())
        ),
        closed=frozenset(row["package"] for row in values.get("contracts", ()) if row.get("closed")),
        facts=tuple(_listed(row) for row in values.get("facts", ())),
    )


def _listed(row: Mapping[str, str], home: str = "") -> Listed:
    """An entry of `facts`. `home` is the folder of the user's own configuration, which may point anywhere."""
    one = Listed(row.get("path", ""), row.get("url", ""), row.get("sha256", ""), row.get("name", ""), home)
    fault = _fault(one)
    if fault:
        raise UsageError(f"{NAME}: facts {one.path or one.url}: {fault}")
    return one


def _fault(one: Listed) -> str:
    if bool(one.path) == bool(one.url):
        return "an entry has a path or a url"
    if one.url:
        if one.sha256 and not _SHA256.fullmatch(one.sha256):
            return "sha256 must be 64 digits of 0-9 and a-f"
        return "" if _HTTPS.fullmatch(one.url) else "a url must be https://host/…, without credentials"
    if one.sha256:
        return "sha256 is for a url"
    parts = one.path.replace("\\", "/").split("/")
    if one.home or not (one.path.startswith(("/", "~")) or ":" in parts[0] or ".." in parts):
        return ""
    return f"is outside of the repository; only your own {user_configuration()} can list it"


_SHA256 = regex(r"[0-9a-f]{64}")
_HTTPS = regex(r"https://[^/@\s?#\\]+/[^\s\\]*")


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _value(node: yaml.Node, wanted: Schema, what: str) -> Any:
    """The node's value where it is as the schema wants it."""
    reader = _READERS[wanted.get("type", "enum")]
    return reader(node, wanted, what)


def _mapping(node: yaml.Node, wanted: Schema, what: str) -> dict[str, Any]:
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(node, f"{what} must be a mapping of keys to values")
    known: Mapping[str, Schema] = wanted["properties"]
    values: dict[str, Any] = {}
    for key, value in _pairs(node):
        if key.value not in known:
            raise _wrong(key, _unknown(key.value, known))
        if key.value in values:
            raise _wrong(key, f"{key.value} is given twice")
        values[key.value] = _value(value, known[key.value], key.value)
    missing = [name for name in wanted.get("required", ()) if name not in values]
    if missing:
        raise _wrong(node, f"{what}: {', '.join(missing)} is missing")
    return values


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _wrong(key, "a key must be a plain word")
        yield key, value


def _unknown(key: str, known: Mapping[str, Schema]) -> str:
    import difflib

    near = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(known)}"
    return f"unknown key {key}; {hint}"


def _sequence(node: yaml.Node, wanted: Schema, what: str) -> list[Any]:
    if not isinstance(node, yaml.SequenceNode):
        raise _wrong(node, f"{what} must be a list")
    return [_value(item, wanted["items"], f"an entry of {what}") for item in node.value]


def _text(node: yaml.Node, _: Schema, what: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or _is_null(node) or not node.value:
        raise _wrong(node, f"{what} must be text")
    return str(node.value)


def _enum(node: yaml.Node, wanted: Schema, what: str) -> str:
    value = _text(node, wanted, what)
    if value not in wanted["enum"]:
        raise _wrong(node, f"{what} is {value}; it must be one of {', '.join(wanted['enum'])}")
    return value


def _boolean(node: yaml.Node, _: Schema, what: str) -> bool:
    if not isinstance(node, yaml.ScalarNode) or node.tag != "tag:yaml.org,2002:bool":
        raise _wrong(node, f"{what} must be true or false")
    return str(node.value).lower() in ("true", "yes", "on")


_READERS: Mapping[str, Callable[[yaml.Node, Schema, str], Any]] = {
    "object": _mapping,
    "array": _sequence,
    "string": _text,
    "enum": _enum,
    "boolean": _boolean,
}


def _line(mark: object) -> int:
    return int(getattr(mark, "line", 0)) + 1


def _wrong(node: yaml.Node, message: str) -> UsageError:
    return UsageError(f"{NAME}:{_line(node.start_mark)}: {message}")


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2))
