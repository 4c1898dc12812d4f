"""The environment of a declaration and of its image: ConfigMaps, env files and `${X}` filled in, what it
extends from another file, and the names that kustomize gives it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.blueprints import deployed
from workspai_hooks.workspace.manifests.compose import located
from workspai_hooks.workspace.manifests.env_file import filled, meant_by
from workspai_hooks.workspace.manifests.facts import (
    Declaration,
    Dockerfile,
    Endpoint,
    Facts,
    Renaming,
    Settings,
    Variable,
)
from workspai_hooks.workspace.manifests.paths import folder_of, holds

_RUN_ALONE = regex(r"(?:^|/)(?:docker-)?compose\.ya?ml$")
_MOST_BASES = 5
_EXPANSION = regex(r"\$\(([A-Za-z_][\w.-]*)\)")


def interpolated(facts: Facts) -> Facts:
    """Facts whose compose texts are filled in from the `.env` beside them and whose builds are paths; each
    declaration is whole, with what it extends, and under all of its names."""
    facts = _with_examples(facts)
    facts = replace(facts, declarations=(*facts.declarations, *deployed(facts.blueprints)))
    files = {settings.name: _texts(settings) for settings in facts.settings}
    known = {(one.location.path, one.name): one for one in facts.declarations if one.interpolate is not None}
    templates = {
        one.extends
        for one in facts.declarations
        if one.extends and one.extends[1] != one.name and not _RUN_ALONE.search(one.extends[0])
    }
    declarations = [
        _filled(_extended(one, known), files)
        for one in facts.declarations
        if (one.location.path, one.name) not in templates
    ]
    return replace(
        facts,
        declarations=tuple(_renamed(one, facts.renamings) for one in declarations),
        endpoints=(*facts.endpoints, *_renamed_endpoints(facts)),
    )


def _with_examples(facts: Facts) -> Facts:
    """An example stands for the env file that everybody makes of it and nobody commits."""
    names = {settings.name for settings in facts.settings}
    found = {
        name: replace(settings, name=name)
        for settings in facts.settings
        if (name := meant_by(settings.name)) and name not in names
    }
    return replace(facts, settings=(*facts.settings, *found.values()))


def _extended(one: Declaration, known: Mapping[tuple[str, str], Declaration]) -> Declaration:
    """With what it takes over from bases in other files, the nearest first."""
    for _ in range(_MOST_BASES):
        base = known.get(one.extends) if one.extends else None
        if base is None:
            break
        own = {variable.name for variable in one.variables}
        one = replace(
            one,
            images=one.images or base.images,
            build=one.build or base.build,
            ports=tuple(dict.fromkeys((*one.ports, *base.ports))),
            variables=(*one.variables, *(each for each in base.variables if each.name not in own)),
            references=(*base.references, *one.references),
            after=(*one.after, *base.after),
            mounts=tuple(dict.fromkeys((*one.mounts, *base.mounts))),
            binds=tuple(dict.fromkeys((*one.binds, *base.binds))),
            working_dir=one.working_dir or base.working_dir,
            commands=one.commands or base.commands,
            bears=tuple(sorted((dict(base.bears) | dict(one.bears)).items())),
            on_host=one.on_host or base.on_host,
            extends=base.extends,
        )
    return one


def _renamed(one: Declaration, renamings: Sequence[Renaming]) -> Declaration:
    names = _names(one.name, one.location.path, renamings) if one.labels is not None else []
    return replace(one, hosts=(*one.hosts, *names)) if names else one


def _renamed_endpoints(facts: Facts) -> list[Endpoint]:
    return [
        replace(one, name=name)
        for one in facts.endpoints
        for name in _names(one.name, one.location.path, facts.renamings)
    ]


def _names(name: str, path: str, renamings: Sequence[Renaming]) -> list[str]:
    """What kustomize calls a resource of a file, one overlay after the other."""
    return [
        f"{one.prefix}{name}{one.suffix}"
        for one in renamings
        if any(path == place or holds(place, path) for place in one.places)
    ]


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
