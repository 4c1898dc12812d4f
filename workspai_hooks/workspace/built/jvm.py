"""Maven and Gradle: a module takes in the modules of the repository that it depends on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from posixpath import dirname

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.built.values import Linked, System, most_alike, nearest
from workspai_hooks.workspace.manifests.paths import inside

_MAX_BYTES = 512 * 1024
_COMMENT = regex(r"<!--.*?-->", re.DOTALL)
_ASIDE = regex(
    r"<(parent|build|dependencies|dependencyManagement|pluginManagement|profiles|reporting)>.*?</\1>",
    re.DOTALL,
)
_MANAGED = regex(r"<(dependencyManagement|build|reporting)>.*?</\1>", re.DOTALL)
_DEPENDENCY = regex(r"<dependency>(.*?)</dependency>", re.DOTALL)
_ARTIFACT = regex(r"<artifactId>\s*([\w.-]+)\s*</artifactId>")
_GRADLE_LINE = regex(r"(?m)^[ \t]*(\w+)\b[^\n]*?\bproject\(\s*(?:path\s*[:=]\s*)?[\"'](:[\w.:-]+)[\"']")
_GRADLE_TYPED = regex(r"(?m)^[ \t]*(\w+)\b[^\n]*?\bprojects\.((?:\w+\.)*\w+)")
_MOVED = regex(
    r"project\(\s*[\"'](:[\w.:-]+)[\"']\s*\)\.projectDir\s*=\s*(?:new\s+)?(?:file|File)\(\s*(?:\w+,\s*)?[\"']([^\"'\n]+)[\"']"
)
_SOURCES = (".java", ".kt", ".kts", ".scala", ".groovy", ".html", ".ftl", ".jsp")


def _wanted(path: str) -> bool:
    return re.search(r"(?:^|/)(?:pom\.xml|(?:build|settings)\.gradle(?:\.kts)?)$", path) is not None


def _read(data: bytes) -> list[str]:
    """`= artifact` for its own name, `artifact` or `:path` for what it depends on, `:path=folder` for a
    project that settings place elsewhere."""
    text = data[:_MAX_BYTES].decode("utf-8", "replace")
    if "<project" in text:
        return _maven(_COMMENT.sub("", text))
    text = re.sub(r"(?m)//[^\n]*$|/\*.*?\*/", "", text)
    moved = [f"{name}={folder}" for name, folder in _MOVED.findall(text)]
    taken = {name for how, name in _GRADLE_LINE.findall(text) if not _for_tests(how)}
    taken |= {
        ":" + _dashed(name).replace(".", ":")
        for how, name in _GRADLE_TYPED.findall(text)
        if not _for_tests(how)
    }
    return [*moved, *sorted(taken)]


def _for_tests(configuration: str) -> bool:
    return configuration.lower().startswith(("test", "androidtest", "integrationtest", "itest"))


def _dashed(name: str) -> str:
    """`cartApi` in a type-safe accessor is the project `cart-api`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"-{found[1].lower()}", name)


def _maven(text: str) -> list[str]:
    own = _ARTIFACT.search(_ASIDE.sub("", text))
    taken = {
        artifact[1]
        for block in _DEPENDENCY.findall(_MANAGED.sub("", text))
        if (artifact := _ARTIFACT.search(block)) and not re.search(r"<scope>\s*test\s*<", block)
    }
    return [*([f"= {own[1]}"] if own else []), *sorted(taken)]


def _link(texts: Mapping[str, list[str]], paths: frozenset[str]) -> Linked:
    named: dict[str, set[str]] = {}
    settings: dict[str, dict[str, str]] = {}
    for path, said in texts.items():
        if "settings.gradle" in path:
            rows = (one.partition("=") for one in said if "=" in one)
            settings[dirname(path)] = {name: folder for name, _, folder in rows}
        for one in said:
            if one.startswith("= "):
                named.setdefault(one[2:], set()).add(dirname(path))
    builds = {path: said for path, said in texts.items() if "settings.gradle" not in path}
    folders = frozenset(map(dirname, builds))
    starts: dict[str, str] = {}
    needs: dict[str, set[str]] = {}
    for path, said in sorted(builds.items()):
        folder = dirname(path)
        starts.setdefault(_part(folder), path)
        for one in said:
            found = _gradle(path, one, settings) if one.startswith(":") else _artifact(folder, one, named)
            if found is not None and found in folders and found != folder:
                needs.setdefault(_part(folder), set()).add(_part(found))
    return Linked(
        partial(_parts_of, folders=folders), starts, {part: frozenset(taken) for part, taken in needs.items()}
    )


def _artifact(folder: str, name: str, named: Mapping[str, set[str]]) -> str | None:
    folders = named.get(name)
    return most_alike(folder, frozenset(folders)) if folders and not name.startswith("= ") else None


def _gradle(path: str, name: str, settings: Mapping[str, Mapping[str, str]]) -> str | None:
    root = nearest(path, frozenset(settings))
    if root is None or "=" in name:
        return None
    written = settings[root].get(name) or name.strip(":").replace(":", "/")
    return inside(root, re.sub(r"^\$\{?rootDir\}?/", "", written))


def _part(folder: str) -> str:
    return f"jvm:{folder}"


def _parts_of(path: str, folders: frozenset[str]) -> tuple[str, ...]:
    folder = nearest(path, folders) if path.endswith(_SOURCES) else None
    return () if folder is None else (_part(folder),)


JVM = System("jvm", _wanted, _read, _link)
