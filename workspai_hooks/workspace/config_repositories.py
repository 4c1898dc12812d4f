"""Files that a configuration server gives out: whose they are, wherever in the repository they lie.

Spring Cloud Config's names: `<application>.yml`, `<application>-<profile>.yml`,
`<application>/application.yml`, and an `application.yml` beside them for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workspai_hooks.workspace.files import is_test
from workspai_hooks.workspace.manifests.paths import ancestors, folder_of
from workspai_hooks.workspace.services import Services

_ENDINGS = ("yml", "yaml", "properties")


def given_out(paths: Iterable[str], services: Services) -> dict[str, tuple[str, ...]]:
    """Path -> the services that a configuration file is for, of files that lie outside of these services."""
    applications = _applications(services)
    if not applications:
        return {}
    everybody = tuple(sorted(set(applications.values())))
    named: dict[str, tuple[str, ...]] = {}
    shared: list[str] = []
    for path in paths:
        if not path.endswith(_ENDINGS) or is_test(path):
            continue
        stem = path.lower().rpartition("/")[2].rpartition(".")[0]
        if stem.startswith("application"):
            shared.append(path)
        if service := _meant(path, stem, applications):
            home = services.service_of(path)
            if home is None or home.name != service:
                named[path] = (service,)
    repositories = {place for path in named for place in ancestors(path)[:2]}
    repositories = {place for place in repositories if any(folder_of(path) == place for path in shared)}
    for path in shared:
        if (
            path not in named
            and folder_of(path) in repositories
            and _is_repository(folder_of(path), services)
        ):
            named[path] = everybody
    return named


def _applications(services: Services) -> dict[str, str]:
    """The names that applications register -> their services, where only one has it."""
    names = {one.name.lower(): services.named(one.name) for one in services.facts.registered}
    return {name: service.name for name, service in names.items() if service}


def _meant(path: str, stem: str, applications: Mapping[str, str]) -> str | None:
    """The service that a file is called after."""
    if stem.startswith("application"):
        folders = path.lower().split("/")[:-1]
        holds_configuration = any("config" in folder for folder in folders[:-1])
        return applications.get(folders[-1]) if folders and holds_configuration else None
    while stem and stem not in applications:
        stem = stem.rpartition("-")[0]
    return applications.get(stem)


def _is_repository(folder: str, services: Services) -> bool:
    """Not the folder where an application keeps its own configuration."""
    return not folder.endswith(("src/main/resources", "src/main/resources/config")) or (
        services.service_of(f"{folder}/x") is None
    )
