"""`.workspai.yaml` at the repository's top, all of it optional: read, checked, turned into Settings.

Unknown keys and wrong types are errors with file, line and a suggestion. `schema()` is the published JSON
Schema (docs/workspai.schema.json); it and the reader follow the same table, `KEYS`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.checked_yaml import LINE, TEXT, TEXTS, Schema, object_of, read_checked
from workspai_hooks.disclosure import address
from workspai_hooks.errors import UsageError
from workspai_hooks.findings import Severity
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.said import Budget, Said
from workspai_hooks.resilience.sources import workspai
from workspai_hooks.workspace.elsewhere.listed import Listed
from workspai_hooks.workspace.service import EdgeOverride, ServiceOverride

NAME = ".workspai.yaml"
WORTH_KEEPING = 16 * 1024
"""Bytes from which on a file takes longer to check than the index takes to remember it."""

T = TypeVar("T")

KEYS: Mapping[str, Schema] = {
    "default_branch": TEXT | {"description": "the branch that a topic is compared with"},
    "bases": TEXTS
    | {
        "description": "what a push and CI compare with: default (the merge base with the default branch), "
        "tag:PATTERN (the last release), or a revision; default is the default"
    },
    "fail_on": {
        "enum": [severity.value for severity in Severity],
        "description": "findings of this severity and worse fail a commit or push; error is the default",
    },
    "services": {
        "type": "array",
        "description": "services that are not found, or whose name, folders or owners are wrong",
        "items": object_of(("name",), name=TEXT, roots=TEXTS, aliases=TEXTS, owners=TEXTS),
    },
    "edges": {
        "type": "array",
        "description": "who calls whom where no evidence in the repository says it",
        "items": object_of(("from", "to"), **{"from": TEXT, "to": TEXT, "protocol": TEXT}),
    },
    "contracts": {
        "type": "array",
        "description": "closed: all consumers of these packages are in this repository, or in `facts`",
        "items": object_of(("package",), package=TEXT, closed={"type": "boolean"}),
    },
    "unstable": object_of(
        (), packages=TEXTS, stability={"type": "array", "items": {"enum": ["draft", "alpha", "beta"]}}
    )
    | {
        "description": "what may still break, so that a break of it is a note: protobuf packages by pattern "
        "(*.v*alpha*), operations by their x-stability-level (draft, alpha, beta)"
    },
    "resilience": workspai.KEYS,
    "severities": {
        "type": "object",
        "description": "how bad a rule of policies (RT…) or environments (ED…) is here, by its id or name",
        "additionalProperties": {"enum": [*(severity.value for severity in Severity), "off"]},
    },
    "stubs": object_of(
        (),
        exclude=TEXTS | {"description": "stubs, by pattern, that get no sidecar and are not compared"},
        pinned=TEXTS | {"description": "stubs, by pattern, of an older contract on purpose: a note at most"},
        templates={
            "type": "array",
            "description": "templates of your own in place of ours",
            "items": object_of(("kind", "path"), kind=TEXT, path=TEXT),
        },
    )
    | {"description": "sidecars beside generated stubs"},
    "facts": {
        "type": "array",
        "description": "what other repositories exported: a file or folder here, or a URL, pinned",
        "items": object_of((), path=TEXT, url=TEXT, sha256=TEXT, name=TEXT),
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
    bases: tuple[str, ...] = ()
    fail_on: Severity = Severity.ERROR
    services: tuple[ServiceOverride, ...] = ()
    edges: tuple[EdgeOverride, ...] = ()
    closed: frozenset[str] = frozenset()
    facts: tuple[Listed, ...] = ()
    unstable_packages: tuple[str, ...] = ()
    unstable_levels: frozenset[str] = frozenset()
    policies: tuple[Said, ...] = ()
    budgets: tuple[Budget, ...] = ()
    severities: tuple[tuple[str, str], ...] = ()
    """Id of a rule, and a severity or `off`."""
    excluded_stubs: tuple[str, ...] = ()
    pinned_stubs: tuple[str, ...] = ()
    templates: tuple[tuple[str, str], ...] = ()
    """Kind of sidecar, path of the template."""

    def is_unstable_package(self, package: str) -> bool:
        """Whether a break of this protobuf package is expected."""
        return any(fnmatchcase(package, pattern) for pattern in self.unstable_packages)


def schema() -> Schema:
    """The JSON Schema of the file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": NAME,
        **object_of((), **KEYS),
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
    values: Mapping[str, Any] = read_checked(data, object_of((), **keys), NAME) or {}
    return values


def _settings(values: Mapping[str, Any]) -> Settings:
    return Settings(
        default_branch=values.get("default_branch"),
        bases=tuple(dict.fromkeys(values.get("bases", ()))),
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
        unstable_packages=tuple(values.get("unstable", {}).get("packages", ())),
        unstable_levels=frozenset(values.get("unstable", {}).get("stability", ())),
        policies=workspai.from_configuration(values.get("resilience", {}), NAME),
        budgets=workspai.budgets_of(values.get("resilience", {}), NAME),
        severities=_severities(values.get("severities", {})),
        excluded_stubs=tuple(values.get("stubs", {}).get("exclude", ())),
        pinned_stubs=tuple(values.get("stubs", {}).get("pinned", ())),
        templates=tuple((one["kind"], one["path"]) for one in values.get("stubs", {}).get("templates", ())),
    )


def _severities(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    from workspai_hooks import rules  # only where somebody says so

    found = {}
    for name, severity in values.items():
        if name == LINE:
            continue
        rule = rules.find(name)
        if rule is None or rule.contract != "policy":
            raise UsageError(
                f"{NAME}:{values[LINE]}: severities: {name} is no rule of policies or environments (RT01 …, "
                "ED01 …); a break of a contract is approved, not made less bad"
            )
        found[rule.id] = str(severity)
    return tuple(sorted(found.items()))


def _listed(row: Mapping[str, str], home: str = "") -> Listed:
    """An entry of `facts`. `home` is the folder of the user's own configuration, which may point anywhere."""
    one = Listed(row.get("path", ""), row.get("url", ""), row.get("sha256", ""), row.get("name", ""), home)
    fault = _fault(one)
    if fault:
        raise UsageError(f"{NAME}: facts {one.path or address(one.url)}: {fault}")
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


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2))
