"""ED05: services that share a contract and run on different releases of one language."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.environments.contracts import sharing
from workspai_hooks.environments.found import finding
from workspai_hooks.environments.runtimes.values import NAMES, Runtime, differ, release
from workspai_hooks.environments.scene import Scene
from workspai_hooks.environments.versions import text_of
from workspai_hooks.findings import Finding, Severity
from workspai_hooks.workspace.service import Kind


def find(scene: Scene) -> Iterator[Finding]:
    """One finding for each service that is behind the newest of those that it shares a contract with."""
    images = _images(scene)
    if not _differ_at_all(images):
        return
    for contract, names in sharing(scene.snapshot, scene.services).items():
        for language in sorted({language for _, language in images}):
            rows = [(images[name, language], name) for name in sorted(names) if (name, language) in images]
            yield from _behind(contract, language, rows)


def _images(scene: Scene) -> dict[tuple[str, str], Runtime]:
    """Service and language -> what the service is deployed on, where all its images say the same."""
    found: dict[tuple[str, str], Runtime] = {}
    for service in scene.services.all:
        if service.kind is not Kind.APPLICATION:
            continue
        several: set[tuple[str, str]] = set()
        for dockerfile in scene.dockerfiles(service):
            for one in scene.runtimes.of_dockerfile(dockerfile.location.path):
                key = (service.name, one.language)
                if not (one.last or one.language == "go") or len(release(one.language, one.version)) == 0:
                    continue
                if key in found and differ(one.language, found[key].version, one.version):
                    several.add(key)
                found.setdefault(key, one)
        found = {key: one for key, one in found.items() if key not in several}
    return found


def _differ_at_all(images: dict[tuple[str, str], Runtime]) -> bool:
    first: dict[str, Runtime] = {}
    return any(
        differ(language, first.setdefault(language, one).version, one.version)
        for (_, language), one in sorted(images.items())
    )


def _behind(contract: str, language: str, rows: list[tuple[Runtime, str]]) -> Iterator[Finding]:
    if len(rows) < 2:
        return
    newest, its = max(rows, key=lambda row: (release(language, row[0].version), row[1]))
    for one, name in rows:
        if differ(language, one.version, newest.version):
            mine, theirs = (text_of(release(language, each.version)) for each in (one, newest))
            yield finding(
                "ED05",
                Severity.NOTE,
                f"{name}:runtime/{language}",
                f"{name} runs on {NAMES[language]} {mine} and {its} on {theirs}; they share {contract}",
                one.location,
                (newest.location,),
                f"{NAMES[language]} {mine} -> {its} {theirs}",
            )
