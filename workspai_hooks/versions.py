"""The version of every kind of fact in the index: a digest of the code that makes it.

Nobody has to remember to raise a number: a kind is a module, and its version changes with the source of this
module and of all modules of this package that it imports, however far. The digests are written into
fact_versions.py, so that nothing is read at run time; CI fails while they are stale.

    python -m workspai_hooks.versions
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from workspai_hooks.kept.parsers import PARSED

if TYPE_CHECKING:
    from workspai_hooks.workspace.use_sites.languages import Language

PACKAGE = "workspai_hooks"
TOP = Path(__file__).parent
DEADLINES_TABLE = f"{PACKAGE}.resilience.deadlines.languages"
HTTP_TABLE = f"{PACKAGE}.workspace.http.languages"
TARGET = TOP / "fact_versions.py"
TABLE = f"{PACKAGE}.workspace.use_sites.languages"
LEDGER = (
    *("uses", "ways", "unclear", "members", "serving", "callers", "unfollowed"),
    *("held groups", "held places", "nameless stubs"),
)
EVERYTHING = "report"
"""What all of the package makes: its version follows every file, whether it is imported by name or not."""
_WIDTH = 12
_PARSERS = ("tree_sitter", "yaml", "jinja2", "google.protobuf")
"""Whose answers may change with a release of theirs that pyproject.toml allows."""


def kinds() -> dict[str, str]:
    """Kind of fact -> the module that makes it."""
    from workspai_hooks.resilience.sources.table import FILES
    from workspai_hooks.workspace.built import SYSTEMS
    from workspai_hooks.workspace.evidence import EXTRACTORS
    from workspai_hooks.workspace.http.languages import HTTP_LANGUAGES
    from workspai_hooks.workspace.manifests.kinds import KINDS
    from workspai_hooks.workspace.use_sites.languages import LANGUAGES

    return {
        "policies": "workspai_hooks.inspection.policies",
        "rpcs": "workspai_hooks.resilience.operations",
        "rpcs of a package": "workspai_hooks.resilience.operations",
        "configs' names": "workspai_hooks.inspection.configs",
        **{f"policy {one.name}": one.read.__module__ for one in FILES},
        "deadlines": "workspai_hooks.resilience.deadlines.looking",
        "deployed marks": "workspai_hooks.resilience.deployed",
        "deployed policies": "workspai_hooks.resilience.gather",
        "given up": "workspai_hooks.changes.given_up",
        EVERYTHING: PACKAGE,
        "deployed scope": "workspai_hooks.resilience.gather",
        "marked": "workspai_hooks.changes.attributes",
        "nobody": "workspai_hooks.workspace.services",
        "image": "workspai_hooks.tools.buf",
        "described file": "workspai_hooks.contracts.protobuf.describe",
        "compiled file": "workspai_hooks.contracts.protobuf.pieces",
        "broken": "workspai_hooks.tools.buf",
        "mentions": "workspai_hooks.contracts.protobuf.mentioned",
        "schema": "workspai_hooks.contracts.protobuf.declared",
        "option values": "workspai_hooks.contracts.protobuf.optional",
        "openapi yaml": "workspai_hooks.contracts.openapi.library",
        "yaml lines": "workspai_hooks.contracts.openapi.yaml_blocks",
        "openapi outline": "workspai_hooks.contracts.openapi.outline",
        "openapi pieces": "workspai_hooks.contracts.openapi.narrow",
        "openapi narrowed": "workspai_hooks.contracts.openapi.narrow",
        "openapi operations": "workspai_hooks.contracts.openapi.named",
        "graph": "workspai_hooks.service_map",
        "rendered chart": "workspai_hooks.contracts.helm.rendering",
        "everything": "workspai_hooks.workspace.use_sites.gather",
        "crossing": "workspai_hooks.workspace.use_sites.crossing",
        "words": "workspai_hooks.workspace.use_sites.gather",
        "chosen": "workspai_hooks.workspace.use_sites.gather",
        "latest": "workspai_hooks.workspace.use_sites.gather",
        "found": "workspai_hooks.workspace.use_sites.gather",
        "header": "workspai_hooks.workspace.use_sites.headers",
        "holders": "workspai_hooks.stubs.holders",
        "stubs": "workspai_hooks.stubs.inventory",
        "generated": "workspai_hooks.stubs.inventory",
        "openapi faces": "workspai_hooks.stubs.openapi_contracts",
        "openapi clients": "workspai_hooks.stubs.openapi_clients",
        "wanted": "workspai_hooks.workspace.manifests.kinds",
        "manifest": "workspai_hooks.workspace.manifests.facts",
        "builders": "workspai_hooks.workspace.builders",
        "builders of a tree": "workspai_hooks.workspace.builders",
        "services": "workspai_hooks.workspace.services",
        **dict.fromkeys(("edges", "pointing"), "workspai_hooks.workspace.edges.find"),
        "parts of tables": "workspai_hooks.tables",
        **dict.fromkeys(LEDGER, "workspai_hooks.workspace.ledger"),
        "values": "workspai_hooks.workspace.manifests.helm",
        "settings": "workspai_hooks.configuration",
        "environments": "workspai_hooks.environments.collected",
        "environment reads": "workspai_hooks.environments.reads",
        "runtimes": "workspai_hooks.environments.runtimes.known",
        "clients of servers": "workspai_hooks.environments.clients",
        "elsewhere file": "workspai_hooks.workspace.elsewhere.merged",
        "elsewhere package": "workspai_hooks.workspace.elsewhere.merged",
        "elsewhere all": "workspai_hooks.workspace.elsewhere.merged",
        "reads": "workspai_hooks.workspace.edges.find",
        "thrift": "workspai_hooks.workspace.evidence.thrift",
        "thrift lines": "workspai_hooks.workspace.edges.thrift",
        "sightings": "workspai_hooks.workspace.evidence.sightings",
        "http glance": "workspai_hooks.workspace.http.gather",
        "http latest": "workspai_hooks.workspace.http.gather",
        "http facts": "workspai_hooks.workspace.http.gather",
        "outline": "workspai_hooks.workspace.use_sites.outline",
        "parts": "workspai_hooks.workspace.use_sites.gather",
        **{f"built {one.name}": one.read.__module__ for one in SYSTEMS},
        **{f"glance {one.name}": _module(one) for one in LANGUAGES},
        **{f"tree {one.name}": one.worker.lower.__module__ for one in LANGUAGES},
        **{f"tree {one.name}": one.lowered_by for one in HTTP_LANGUAGES},
        **{f"evidence {one.name}": one.read.__module__ for one in EXTRACTORS},
        **{f"manifest {one.name}": one.read.__module__ for one in KINDS},
    }


def _module(language: Language) -> str:
    return f"workspai_hooks.workspace.use_sites.{language.place.partition(':')[0]}.language"


def version_of(module: str) -> str:
    """A digest of a module's source and of all that it imports from this package; with `PARSED` at its end
    where one of these asks a parser of somebody else."""
    digest = hashlib.blake2b(digest_size=_WIDTH // 2)
    if module == PACKAGE:
        for path in sorted(path for path in TOP.rglob("*") if _counts(path)):
            digest.update(path.relative_to(TOP).as_posix().encode() + path.read_bytes())
        return digest.hexdigest() + PARSED
    reached = sorted(_reached(module))
    for each in reached:
        digest.update(_path(each).read_bytes())
    return digest.hexdigest() + PARSED * any(map(_asks_a_parser, reached))


def _counts(path: Path) -> bool:
    """Whether it is a file of the package, and none that is made of others or built."""
    inside = path.relative_to(TOP).parts
    made = "__pycache__" in inside or inside[0].startswith("_bundled") or inside[0].startswith("_fixtures")
    return path.is_file() and not made and path != TARGET


def _reached(module: str) -> set[str]:
    seen: set[str] = {f"{PACKAGE}.fact_versions"}  # what is written there can't be part of itself
    waiting = [module]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting.extend(_imports(one))
            if one == TABLE:
                waiting.extend(_languages())
            if one == HTTP_TABLE:
                waiting.extend(_http_languages())
            if one == DEADLINES_TABLE:
                waiting.extend(_deadline_languages())
    return seen - {f"{PACKAGE}.fact_versions"}


@cache
def _languages() -> tuple[str, ...]:
    """What the table of languages loads by name."""
    from workspai_hooks.workspace.use_sites.languages import LANGUAGES

    return tuple(sorted({_module(one) for one in LANGUAGES}))


@cache
def _http_languages() -> tuple[str, ...]:
    """The same of the languages in which requests are followed."""
    from workspai_hooks.workspace.http.languages import HTTP_LANGUAGES

    return tuple(sorted({module for one in HTTP_LANGUAGES for module in (one.lowered_by, one.known_by)}))


@cache
def _asks_a_parser(module: str) -> bool:
    tree = ast.parse(_path(module).read_bytes())
    named = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    named += [one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names]
    return any(name.startswith(_PARSERS) for name in named)


@cache
def _deadline_languages() -> tuple[str, ...]:
    """The same of the languages in which deadlines are looked for."""
    from workspai_hooks.resilience.deadlines.languages import GRAMMARS, LANGUAGES, RULES

    grammars = {f"{GRAMMARS}.{one.grammar.partition(':')[0]}" for one in LANGUAGES}
    return tuple(sorted({*grammars, *(f"{RULES}.{one.rules}" for one in LANGUAGES)}))


@cache
def _imports(module: str) -> tuple[str, ...]:
    return tuple(sorted(set(_named(ast.parse(_path(module).read_bytes())))))


def _named(tree: ast.Module) -> Iterator[str]:
    """The modules of this package that a module imports, at its top or in a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PACKAGE):
            yield node.module
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if _path(inner).exists():
                    yield inner


def _path(module: str) -> Path:
    place = TOP.joinpath(*module.split(".")[1:])
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def text() -> str:
    """fact_versions.py as it has to be."""
    rows = "".join(f'    "{kind}": "{version_of(module)}",\n' for kind, module in sorted(kinds().items()))
    return (
        '"""Generated by `python -m workspai_hooks.versions`: what each kind of fact was made by."""\n\n'
        f"VERSIONS: dict[str, str] = {{\n{rows}}}\n"
    )


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
