"""The environment of a declaration and of its image: ConfigMaps, env files and `${X}` filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from workspai_hooks.workspace.manifests.compose import located
from workspai_hooks.workspace.manifests.env_file import filled
from workspai_hooks.workspace.manifests.facts import Declaration, Dockerfile, Facts, Settings, Variable
from workspai_hooks.workspace.manifests.paths import folder_of

_EXPANSION = re.compile(r"\$\(([A-Za-z_][\w.-]*)\)")


def interpolated(facts: Facts) -> Facts:
    """Facts whose compose texts are filled in from the `.env` beside them and whose builds are paths."""
    files = {settings.name: _texts(settings) for settings in facts.settings}
    return replace(facts, declarations=tuple(_filled(one, files) for one in facts.declarations))


def _texts(settings: Settings) -> dict[str, str]:
    return {one.name: one.value or "" for one in settings.variables}


def _filled(one: Declaration, files: Mapping[str, Mapping[str, str]]) -> Declaration:
    if one.interpolate is None:
        return one
    known = files.get(one.interpolate, {})
    build = one.build
    if build:
        build = located(
            replace(
                build,
                context=filled(build.context, known),
                dockerfile=filled(build.dockerfile, known),
                hints=tuple(filled(hint, known) for hint in build.hints),
            )
        )
    return replace(
        one,
        images=tuple(filled(image, known) for image in one.images),
        build=build,
        hosts=tuple(filled(host, known) for host in one.hosts),
        variables=tuple(_passed(variable, known) for variable in one.variables),
    )


def _passed(variable: Variable, known: Mapping[str, str]) -> Variable:
    value = known.get(variable.name) if variable.value is None else variable.value
    return replace(variable, value=None if value is None else filled(value, known))


def variables_of(one: Declaration, facts: Facts) -> list[Variable]:
    """Every variable that a declaration is started with and whose value is known, sorted."""
    found: dict[str, Variable] = {}
    for reference in one.references:
        for settings in _meant(reference.map or reference.file, one, facts):
            for variable in settings.variables:
                if not reference.key:
                    found[reference.name + variable.name] = replace(
                        variable, name=reference.name + variable.name
                    )
                elif variable.name == reference.key:
                    found[reference.name] = Variable(reference.name, variable.value, variable.location)
    found.update({variable.name: variable for variable in one.variables})
    values = {name: variable.value or "" for name, variable in found.items()}
    return sorted(
        replace(variable, value=_expanded(variable.value, values))
        for variable in found.values()
        if variable.value
    )


def started_with(
    declarations: Sequence[Declaration], images: Iterable[Dockerfile], facts: Facts
) -> list[tuple[Variable, str]]:
    """Every variable that a service may be started with, and the file that the names in it are seen from:
    what its declarations say, and its images' own environment where one of them leaves that."""
    declared = [(one, variables_of(one, facts)) for one in declarations]
    said = [{variable.name for variable in variables} for _, variables in declared]
    always = set.intersection(*said) if said else set()
    found = [(variable, one.location.path) for one, variables in declared for variable in variables]
    for image in images:
        own = [variable for variable in image.variables if variable.name not in always and variable.value]
        found += [(variable, image.location.path) for variable in own]
    return found


def _meant(name: str, one: Declaration, facts: Facts) -> list[Settings]:
    """The ConfigMaps or the env file of a name; those nearest to the declaration's file come last and win."""
    meant = [settings for settings in facts.settings if settings.name == name]
    folder = folder_of(one.location.path)
    return sorted(
        meant,
        key=lambda each: any(folder_of(each_one.location.path) == folder for each_one in each.variables),
    )


def _expanded(value: str, values: Mapping[str, str]) -> str:
    """Kubernetes' `$(NAME)`, one level deep as it does."""
    return _EXPANSION.sub(lambda match: values.get(match[1], match[0]), value)
