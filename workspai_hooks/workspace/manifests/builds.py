"""Folders with a build, and whether it has an entry point: one function per build system, one table.

A library has no entry point, so that it is no service by itself. Regular expressions serve here: a build file
only proposes a folder and its names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Facts, Source
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.manifests.paths import folder_of, inside

_MAX_BYTES = 512 * 1024
_XML_COMMENT = regex(r"<!--.*?-->", re.DOTALL)
_XML_ASIDE = regex(
    r"<(parent|dependencies|dependencyManagement|pluginManagement|profiles)>.*?</\1>", re.DOTALL
)


def _go(path: str, text: str) -> Source | None:
    if not re.search(r"^package main\b", text, re.MULTILINE) or "func main(" not in text:
        return None
    return Source(folder_of(path), Location(path), (), entry=True)


def _go_module(path: str, text: str) -> Source | None:
    found = re.search(r"^module\s+\"?([\w./~-]+)", text, re.MULTILINE)
    if not found:
        return None
    last = [part for part in found[1].split("/") if not re.fullmatch(r"v\d+", part)][-1:]
    return Source(folder_of(path), Location(path), tuple(last))


def _npm(path: str, text: str) -> Source | None:
    try:
        package = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(package, dict) or "workspaces" in package:
        return None
    name = package.get("name")
    names = (name.rpartition("/")[2],) if isinstance(name, str) and name else ()
    return Source(folder_of(path), Location(path), names, _is_started(package))


_SERVES_PAGES = regex(
    r"(?:^|[\s;&/])(?:vite|next|nuxt|nuxi|vue-cli-service|astro|ng|parcel|react-scripts|gatsby|webpack-dev-server)"
    r"(?:\s{1,4}(?:dev|serve|start|preview|develop))?(?=\s{1,4}--|\s*$|\s*&)|\bwebpack\s{1,4}serve\b|\bsvelte-kit\b"
)
_TAKEN_IN = ("main", "module", "exports", "types", "bin")
"""What a package says that others take in."""


_PARSERS = frozenset(
    {"@oclif/core", "cac", "caporal", "clipanion", "commander", "meow", "oclif", "sade", "yargs"}
)
"""Who reads a command line is a program."""


def _is_started(package: dict[str, object]) -> bool:
    """`npm start`; a command; a page that a bundler serves, where the package is not one for others."""
    scripts, needs = package.get("scripts"), package.get("dependencies")
    if package.get("bin") or (
        isinstance(needs, dict)
        and _PARSERS & needs.keys()
        and not any(package.get(key) for key in ("module", "exports", "types"))
    ):
        return True
    if not isinstance(scripts, dict):
        return False
    served = (scripts.get(name) for name in ("dev", "serve", "preview"))
    return "start" in scripts or (
        not any(package.get(key) for key in _TAKEN_IN)
        and any(isinstance(one, str) and _SERVES_PAGES.search(one) for one in served)
    )


def _maven(path: str, text: str) -> Source | None:
    text = _XML_COMMENT.sub("", text)
    own = _XML_ASIDE.sub("", text)
    if "<modules>" in own or re.search(r"<packaging>\s*pom\s*<", own):
        return None
    artifact = re.search(r"<artifactId>\s*([\w.-]+)\s*</artifactId>", own)
    entry = re.search(
        r"spring-boot-maven-plugin|quarkus-maven-plugin|jib-maven-plugin|<mainClass>|<packaging>\s*war\s*<",
        own,
    )
    return Source(folder_of(path), Location(path), (artifact[1],) if artifact else (), entry is not None)


def _gradle(path: str, text: str) -> Source | None:
    applied = re.sub(r"^.*\bapply\s+false\b.*$", "", text, flags=re.MULTILINE)
    entry = re.search(
        r"""["'(`]application["')`]|^\s*application\s*$|org\.springframework\.boot["']|mainClass|\bjib\s*\{|io\.quarkus["']""",
        applied,
        re.MULTILINE,
    )
    return Source(folder_of(path), Location(path), (), entry is not None)


_JVM_SERVER = regex(
    r"@(?:SpringBootApplication|EnableAutoConfiguration|QuarkusMain)\b|\b(?:SpringApplication|Micronaut|Quarkus)\.(?:run|build)"
    r"|\brunApplication<|\bembeddedServer\(|\bEngineMain\b|\bJavalin\.create\(|\bVertx\.vertx\("
)


def _jvm_main(path: str, text: str) -> Source | None:
    if "static void main(" not in text and "fun main(" not in text:
        return None
    folder = re.split(r"(?:^|/)src/main/", path, maxsplit=1)[0]
    return Source(folder, Location(path), (), entry=_JVM_SERVER.search(text) is not None)


def _dotnet(path: str, text: str) -> Source | None:
    text = _XML_COMMENT.sub("", text)
    if "Microsoft.NET.Test.Sdk" in text or re.search(r"<IsTestProject>\s*true", text, re.IGNORECASE):
        return None
    entry = re.search(
        r"Sdk=\"Microsoft\.NET\.Sdk\.(?:Web|Worker)\"|<OutputType>\s*(?:Win)?Exe\s*<", text, re.IGNORECASE
    )
    if "<IsAspireHost>" in text or "Aspire.AppHost.Sdk" in text:
        entry = None
    assembly = re.findall(r"<(?:AssemblyName|ContainerImageName|ContainerRepository)>\s*([\w.-]+)\s*<", text)
    stem = path.rpartition("/")[2].rpartition(".")[0]
    return Source(folder_of(path), Location(path), (stem, *assembly), entry is not None)


def _python(path: str, text: str) -> Source | None:
    found = re.search(r"^\s*name\s*=\s*[\"']([\w.-]+)[\"']", text, re.MULTILINE)
    return Source(folder_of(path), Location(path), (found[1],) if found else ())


def _python_requirements(path: str, text: str) -> Source | None:
    return Source(folder_of(path), Location(path))


def _python_main(path: str, text: str) -> Source | None:
    name = path.rpartition("/")[2]
    started = re.search(r"^if __name__ == [\"']__main__[\"']:", text, re.MULTILINE)
    if not started and name not in ("manage.py", "wsgi.py", "asgi.py"):
        return None
    return Source(folder_of(path), Location(path), (), entry=True)


def _cargo(path: str, text: str) -> Source | None:
    if not re.search(r"^\[package\]", text, re.MULTILINE):
        return None
    found = re.search(r"^name\s*=\s*\"([\w-]+)\"", text, re.MULTILINE)
    return Source(
        folder_of(path),
        Location(path),
        (found[1],) if found else (),
        re.search(r"^\[\[bin\]\]", text, re.M) is not None,
    )


def _cargo_main(path: str, text: str) -> Source | None:
    return Source(folder_of(folder_of(path)), Location(path), (), entry=True)


def _nest_main(path: str, text: str) -> Source | None:
    """One of the applications of a workspace has no `package.json` of its own."""
    if "NestFactory." not in text:
        return None
    return Source(folder_of(folder_of(path)), Location(path), (), entry=True)


BUILDS: tuple[tuple[re.Pattern[str], Callable[[str, str], Source | None]], ...] = (
    (regex(r"(?:^|/)go\.mod$"), _go_module),
    (regex(r"(?:^|/)(?:main|server|app)\.go$|(?:^|/)cmd/(?:[^/]+/)?[^/]+\.go$"), _go),
    (regex(r"(?:^|/)package\.json$"), _npm),
    (regex(r"(?:^|/)src/main\.ts$"), _nest_main),
    (regex(r"(?:^|/)pom\.xml$"), _maven),
    (regex(r"(?:^|/)build\.gradle(?:\.kts)?$"), _gradle),
    (
        regex(
            r"(?:^|/)src/main/(?:java|kotlin)/.*(?:Application|Main|App|Server|Service|Gateway|Starter|Boot\w*)"
            r"\.(?:java|kt)$"
        ),
        _jvm_main,
    ),
    (regex(r"\.(?:cs|fs|vb)proj$"), _dotnet),
    (regex(r"(?:^|/)(?:pyproject\.toml|setup\.cfg|setup\.py)$"), _python),
    (regex(r"(?:^|/)requirements\.(?:txt|in)$|(?:^|/)Pipfile$"), _python_requirements),
    (regex(r"(?:^|/)(?:__main__|main|app|server|run|manage|wsgi|asgi|[\w]+_server)\.py$"), _python_main),
    (regex(r"(?:^|/)Cargo\.toml$"), _cargo),
    (regex(r"(?:^|/)src/main\.rs$"), _cargo_main),
)


def wanted(path: str) -> bool:
    return any(pattern.search(path) for pattern, _ in BUILDS)


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """The folder that a build file or an entry point proposes."""
    text = data[:_MAX_BYTES].decode("utf-8", "replace")
    found = (function(path, text) for pattern, function in BUILDS if pattern.search(path))
    return Facts(sources=tuple(source for source in found if source), left_out=_left_out(path, text))


def _left_out(path: str, text: str) -> tuple[str, ...]:
    """The folders that the workspaces of a `package.json` leave out by name: `"!packages/old"`."""
    if not path.endswith("package.json") or '"!' not in text:
        return ()
    try:
        package = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    said = package.get("workspaces") if isinstance(package, dict) else None
    listed = said.get("packages") if isinstance(said, dict) else said
    names = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    folders = (inside(folder_of(path), one[1:]) for one in names if one.startswith("!") and "*" not in one)
    return tuple(folder for folder in folders if folder)


_BUILD_FILE = regex(
    r"(?:^|/)(?:go\.mod|package\.json|pom\.xml|build\.gradle(?:\.kts)?|pyproject\.toml|setup\.(?:cfg|py)|"
    r"requirements\.txt|Cargo\.toml|Dockerfile)$|\.(?:cs|fs|vb)proj$"
)


def is_build_file(path: str) -> bool:
    """A file that makes its folder a unit of building: a manifest or a Dockerfile, not an entry point."""
    return _BUILD_FILE.search(path) is not None
